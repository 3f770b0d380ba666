//! `/ims/revoke` and `/ims/invalidate_token`.

use tollgate_store::{revocations, secrets};

use crate::fixture::*;

fn ask<'a>(client_id: &'a str, secret: &'a str, token: &'a str) -> [(&'a str, &'a str); 3] {
    [("client_id", client_id), ("client_secret", secret), ("token", token)]
}

#[tokio::test]
async fn a_revoked_token_is_refused_at_the_very_next_request_and_the_others_live() {
    let world = World::new().await;
    for path in ["/ims/revoke", "/ims/revoke/"] {
        let (token, other) = (world.server_token().await, world.server_token().await);
        let answer = world.post(path, &ask(SERVER, SECRET, &token)).await;
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, ""));
        assert_eq!(world.validity(&token).await, "revoked_token");
        assert_eq!(world.validity(&other).await, "valid");
        assert_eq!(world.post(path, &ask(SERVER, SECRET, &token)).await.status, 200, "again changes nothing");
    }
}

#[tokio::test]
async fn a_revocation_survives_a_restart_and_reaches_other_nodes() {
    let world = World::new().await;
    let other_node = world.second_node().await;
    let token = world.server_token().await;
    world.post("/ims/revoke", &ask(SERVER, SECRET, &token)).await;
    assert_eq!(world.second_node().await.validity(&token).await, "revoked_token");
    other_node.house.directory.refresh().await.unwrap();
    assert_eq!(other_node.validity(&token).await, "revoked_token");
}

#[tokio::test]
async fn revoke_takes_basic_and_refuses_who_does_not_prove_itself() {
    let world = World::new().await;
    let token = world.server_token().await;
    for (client_id, secret) in [(SERVER, "wrong"), (SERVER, ""), ("unknown", SECRET)] {
        let refused = world.post("/ims/revoke", &ask(client_id, secret, &token)).await;
        assert_eq!((refused.refusal().0, refused.refusal().1.as_str()), (400, "invalid_client"), "{client_id}");
    }
    let wrong = basic(SERVER, "wrong");
    assert_eq!(world.post_with("/ims/revoke", &[("authorization", &wrong)], &[("token", &token)]).await.status, 401);
    assert_eq!(world.validity(&token).await, "valid");
    let right = basic(SERVER, SECRET);
    assert_eq!(world.post_with("/ims/revoke", &[("authorization", &right)], &[("token", &token)]).await.status, 200);
    assert_eq!(world.validity(&token).await, "revoked_token");
}

#[tokio::test]
async fn a_token_of_another_client_stays_and_nothing_is_told() {
    let world = World::new().await;
    let token = world.server_token().await;
    for (client_id, secret) in [(WEB_APP, WEB_SECRET), (STRANGER, STRANGER_SECRET), (PUBLIC, "")] {
        for path in ["/ims/revoke", "/ims/invalidate_token/v2"] {
            let answer = world.post(path, &ask(client_id, secret, &token)).await;
            assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, ""), "{client_id} {path}");
        }
    }
    for nonsense in ["nonsense", "a.b.c"] {
        assert_eq!(world.post("/ims/revoke", &ask(SERVER, SECRET, nonsense)).await.status, 200);
    }
    assert_eq!(world.validity(&token).await, "valid");
    assert!(revocations::list_after(&world.house.db, 0).await.unwrap().is_empty(), "nothing was written");
    assert_eq!(world.post("/ims/revoke", &ask(SERVER, SECRET, "")).await.refusal().1, "invalid_request");
}

#[tokio::test]
async fn invalidate_token_answers_every_version_with_an_empty_200() {
    let world = World::new().await;
    for path in ["/ims/invalidate_token", "/ims/invalidate_token/v1", "/ims/invalidate_token/v2"] {
        for slash in ["", "/"] {
            for token_type in ["access_token", "service_token"] {
                let token = world.server_token().await;
                let mut form = ask(SERVER, SECRET, &token).to_vec();
                form.extend([("token_type", token_type), ("cascading", "all")]);
                let answer = world.post(&format!("{path}{slash}"), &form).await;
                assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, ""), "{path}{slash}");
                assert_eq!(world.validity(&token).await, "revoked_token");
            }
        }
    }
}

#[tokio::test]
async fn whoever_holds_a_token_may_invalidate_it_by_naming_its_client_but_a_service_token_needs_the_secret() {
    let world = World::new().await;
    let token = world.server_token().await;
    let form = [("client_id", SERVER), ("token", token.as_str()), ("token_type", "service_token")];
    assert_eq!(world.post("/ims/invalidate_token/v2", &form).await.refusal().1, "invalid_client");
    let form = [("client_id", SERVER), ("client_secret", "wrong"), ("token", token.as_str())];
    assert_eq!(world.post("/ims/invalidate_token/v2", &form).await.refusal().1, "invalid_client");
    let form = [("client_id", "unknown"), ("token", token.as_str())];
    assert_eq!(world.post("/ims/invalidate_token/v2", &form).await.refusal().1, "invalid_client");
    assert_eq!(world.post("/ims/invalidate_token/v2", &[("token", &token)]).await.refusal().1, "invalid_client");
    assert_eq!(world.validity(&token).await, "valid");
    let form = [("client_id", SERVER), ("token", token.as_str()), ("token_type", "access_token")];
    assert_eq!(world.post("/ims/invalidate_token/v2", &form).await.status, 200);
    assert_eq!(world.validity(&token).await, "revoked_token");
}

#[tokio::test]
async fn a_secret_key_ends_itself_without_further_proof() {
    let world = World::new().await;
    let (key, stored) = secret_key(&world.house);
    world.change(async |tx| secrets::insert_if_fewer(tx, &stored, 2).await).await;
    let (unknown, _) = secret_key(&world.house);
    for token in [unknown.reveal(), key.reveal(), key.reveal(), "tgk_typo"] {
        let answer = world.post("/ims/revoke", &[("token", token)]).await;
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, ""));
    }
    assert!(world.house.directory.current().secret_key(&stored.digest, world.now()).is_none());
    assert!(secrets::list(&world.house.db, &stored.client_id).await.unwrap().is_empty());
}
