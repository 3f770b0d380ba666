//! The key set, certificates, and rotation.

use serde_json::json;
use tollgate_crypto::{Algorithm, Certificate, Compact, VerifyingKey};
use tollgate_identity::keys;
use tollgate_model::{Seconds, token::TOKEN_BYTES_MAX};

use crate::fixture::*;

async fn published(world: &World) -> Vec<String> {
    let keys = world.get("/ims/keys").await.json();
    let mut kids: Vec<_> =
        keys["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect();
    kids.sort();
    kids
}

async fn signing_kid(world: &World) -> String {
    read(&world.server_token().await).0["kid"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_key_set_verifies_tokens_and_holds_no_private_part() {
    let world = World::new().await;
    let answer = world.get("/ims/keys/").await;
    assert_eq!(answer.headers["cache-control"], "public, max-age=300");
    let set = answer.json();
    assert_eq!(published(&world).await, ["ims_na1-key-at-1", "ims_na1-key-at-2"]);
    for key in set["keys"].as_array().unwrap() {
        assert_eq!(key["use"], "sig");
        assert!(key.get("d").is_none() && key.get("p").is_none());
    }
    let token = world.server_token().await;
    let jwk = set["keys"].as_array().unwrap().iter().find(|key| key["kid"] == read(&token).0["kid"]).unwrap();
    let key = VerifyingKey::from_jwk(&serde_json::from_value(jwk.clone()).unwrap()).unwrap();
    assert_eq!(Compact::parse(&token, TOKEN_BYTES_MAX).unwrap().verify(&key, &[Algorithm::Es256]), Ok(()));
}

#[tokio::test]
async fn the_certificate_that_a_token_names_is_there_and_certifies_its_key() {
    let world = World::new().await;
    let token = world.server_token().await;
    let file = read(&token).0["x5u"].as_str().unwrap().to_owned();
    let answer = world.get(&format!("/keys/prod/{file}")).await;
    assert_eq!(answer.headers["content-type"], "application/x-pem-file");
    let key = Certificate::from_pem(&answer.body).unwrap().verifying_key().unwrap();
    assert_eq!(Compact::parse(&token, TOKEN_BYTES_MAX).unwrap().verify(&key, &[Algorithm::Es256]), Ok(()));
    for unknown in ["ims_na1-key-at-9.cer", "ims_na1-key-at-1", "..%2f..%2fetc%2fpasswd"] {
        assert_eq!(world.get(&format!("/keys/prod/{unknown}")).await.status, 404, "{unknown}");
    }
}

#[tokio::test]
async fn the_first_keys_are_made_once_even_by_two_nodes_at_once() {
    let world = World::new().await;
    let node = world.second_node().await;
    assert!(keys::ensure(&node.house).await.unwrap().is_empty());
    world.lose_table("delete from signing_keys").await;
    let (one, other) = tokio::join!(keys::ensure(&world.house), keys::ensure(&node.house));
    assert_eq!(one.unwrap().len() + other.unwrap().len(), 2);
    world.pass(0).await;
    assert_eq!(published(&world).await.len(), 2);
    assert_eq!(world.validity(&world.server_token().await).await, "valid");
}

#[tokio::test]
async fn a_new_key_is_published_before_it_signs_and_the_old_one_until_its_last_token_is_dead() {
    let world = World::with(|instance| instance.access_token_lifetime = Seconds(3_600)).await;
    let old_token = world.server_token().await;
    let made = keys::rotate(&world.house, &[Algorithm::Es256], Seconds(600)).await.unwrap();
    assert_eq!(made, ["ims_na1-key-at-3".parse().unwrap()]);
    assert_eq!(published(&world).await, ["ims_na1-key-at-1", "ims_na1-key-at-2", "ims_na1-key-at-3"]);
    assert_eq!(signing_kid(&world).await, "ims_na1-key-at-1");
    world.pass(599).await;
    let last_old_token = world.server_token().await;
    assert_eq!(read(&last_old_token).0["kid"], "ims_na1-key-at-1");
    world.pass(1).await;
    assert_eq!(signing_kid(&world).await, "ims_na1-key-at-3");
    assert_eq!(world.validity(&old_token).await, "valid");
    world.pass(3_598).await;
    assert_eq!(world.validity(&last_old_token).await, "valid");
    assert_eq!(published(&world).await.len(), 3);
    world.pass(600).await;
    assert_eq!(published(&world).await, ["ims_na1-key-at-2", "ims_na1-key-at-3"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_nodes_that_find_a_rotation_due_at_once_make_one_key_for_each_algorithm() {
    let world = World::with(|instance| instance.key_rotation_age = Seconds(1_000)).await;
    let node = world.second_node().await;
    world.pass(1_000).await;
    tokio::join!(run_once(&world), run_once(&node));
    world.pass(0).await;
    assert_eq!(published(&world).await.len(), 4);
}

#[tokio::test]
async fn two_nodes_that_are_told_to_rotate_at_once_never_use_a_name_twice() {
    let world = World::new().await;
    let node = world.second_node().await;
    world.pass(1).await;
    let algorithms = [Algorithm::Es256];
    let (one, other) = tokio::join!(
        keys::rotate(&world.house, &algorithms, Seconds(60)),
        keys::rotate(&node.house, &algorithms, Seconds(60))
    );
    let made = [one.unwrap(), other.unwrap()].concat();
    world.pass(60).await;
    assert_eq!(published(&world).await.len(), 2 + made.len(), "{made:?}");
    let signing = signing_kid(&world).await;
    assert!(made.iter().any(|id| id.as_str() == signing), "{signing}");
}

#[tokio::test]
async fn keys_are_rotated_by_the_worker_when_they_are_old_enough() {
    let world = World::with(|instance| {
        instance.key_rotation_age = Seconds(1_000);
        instance.key_publication_lead = Seconds(100);
    })
    .await;
    world.pass(999).await;
    run_once(&world).await;
    assert_eq!(published(&world).await.len(), 2);
    world.pass(1).await;
    run_once(&world).await;
    assert_eq!(
        published(&world).await,
        ["ims_na1-key-at-1", "ims_na1-key-at-2", "ims_na1-key-at-3", "ims_na1-key-at-4"]
    );
    assert_eq!(signing_kid(&world).await, "ims_na1-key-at-1");
    world.pass(100).await;
    assert_eq!(signing_kid(&world).await, "ims_na1-key-at-3");
    world.pass(2 * 86_400).await;
    run_once(&world).await;
    let kids = published(&world).await;
    assert!(!kids.contains(&"ims_na1-key-at-1".to_owned()), "{kids:?}");
}

#[tokio::test]
async fn lost_keys_are_made_again_by_the_worker_and_sign_at_once() {
    let world = World::new().await;
    world.lose_table("delete from signing_keys").await;
    world.lose_table("update generations set number = number + 1").await;
    world.pass(0).await;
    run_once(&world).await;
    assert_eq!(world.validity(&world.server_token().await).await, "valid");
}

#[tokio::test]
async fn a_rotation_without_lead_overtakes_one_that_is_still_waiting() {
    let world = World::new().await;
    keys::rotate(&world.house, &[Algorithm::Es256], Seconds(600)).await.unwrap();
    world.pass(60).await;
    keys::rotate(&world.house, &[Algorithm::Es256], Seconds(0)).await.unwrap();
    assert_eq!(signing_kid(&world).await, "ims_na1-key-at-4");
    world.pass(600).await;
    assert_eq!(signing_kid(&world).await, "ims_na1-key-at-4");
}

/// Runs the worker for its first round.
async fn run_once(world: &World) {
    world.identity.clone().run(tokio::time::sleep(std::time::Duration::from_millis(900))).await;
}

#[tokio::test]
async fn a_key_of_another_region_is_named_after_it() {
    let world = World::with(|instance| instance.region = "ims-eu1".into()).await;
    let (header, claims) = read(&world.server_token().await);
    assert_eq!(header["kid"], "ims_eu1-key-at-1");
    assert_eq!(claims["as"], json!("ims-eu1"));
}
