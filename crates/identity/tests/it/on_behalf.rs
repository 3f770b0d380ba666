//! Tokens for the tokens of people: on-behalf-of (RFC 8693), cluster exchange, promises.

use serde_json::json;
use tollgate_model::token::{Revocation, Revoked};
use tollgate_store::subscriptions;

use crate::fixture::*;

const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// An access token of [`ADA`] at [`PUBLIC`].
async fn persons_token(world: &World, scope: &str) -> String {
    let code = world.public_code(scope).await;
    let form =
        [("grant_type", "authorization_code"), ("client_id", PUBLIC), ("code", &code), ("code_verifier", VERIFIER)];
    world.post("/ims/token/v3", &form).await.access_token()
}

fn exchange<'a>(client: (&'a str, &'a str), token: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("grant_type", EXCHANGE),
        ("client_id", client.0),
        ("client_secret", client.1),
        ("subject_token", token),
        ("subject_token_type", ACCESS_TOKEN),
        ("requested_token_type", ACCESS_TOKEN),
    ]
}

#[tokio::test]
async fn a_service_acts_for_the_person_within_what_both_may() {
    let world = World::new().await;
    let token = persons_token(&world, "openid email campaign_sdk offline_access").await;
    let answer = world.post("/ims/token/v4", &exchange((SERVER, SECRET), &token)).await;
    let exchanged = answer.access_token();
    assert_eq!(answer.json()["issued_token_type"], ACCESS_TOKEN);
    assert!(answer.json().get("refresh_token").is_none());
    let (_, claims) = read(&exchanged);
    for (name, value) in [("sub", ADA), ("client_id", SERVER), ("scope", "openid,campaign_sdk")] {
        assert_eq!(claims[name], value, "{name}");
    }
    assert_eq!(claims["act"]["sub"], SERVER);
    assert_eq!(claims["rtid"], read(&token).1["rtid"]);
    assert_eq!(world.validity(&exchanged).await, "valid");
}

#[tokio::test]
async fn scope_never_grows_and_neither_does_the_lifetime() {
    let world = World::new().await;
    let token = persons_token(&world, "openid").await;
    for (asked, granted) in [
        ("openid", Ok("openid")),
        ("openid,campaign_sdk", Err("invalid_scope")),
        ("campaign_sdk", Err("invalid_scope")),
        ("openid,offline_access", Ok("openid")),
        ("offline_access", Err("invalid_scope")),
    ] {
        let mut form = exchange((SERVER, SECRET), &token);
        form.push(("scope", asked));
        let answer = world.post("/ims/token/v4", &form).await;
        match granted {
            Ok(scope) => assert_eq!(read(&answer.access_token()).1["scope"], scope, "{asked}"),
            Err(error) => assert_eq!(answer.refusal().1, error, "{asked}"),
        }
    }
    world.pass(80_000).await;
    let late = world.post("/ims/token/v4", &exchange((SERVER, SECRET), &token)).await;
    assert_eq!(late.json()["expires_in"], 6_399);
    let again = late.access_token();
    world.pass(6_400).await;
    assert_eq!(world.validity(&again).await, "expired_token");
    assert_eq!(world.post("/ims/token/v4", &exchange((SERVER, SECRET), &token)).await.refusal().1, "invalid_grant");
}

#[tokio::test]
async fn what_ends_the_sign_in_ends_what_was_exchanged() {
    let world = World::new().await;
    let token = persons_token(&world, "openid").await;
    let exchanged = world.post("/ims/token/v4", &exchange((SERVER, SECRET), &token)).await.access_token();
    let twice = world.post("/ims/token/v4", &exchange((WEB_APP, WEB_SECRET), &exchanged)).await.access_token();
    let grant = read(&token).1["rtid"].as_str().unwrap().parse().unwrap();
    let now = world.now();
    let revocation =
        Revocation { revoked: Revoked::Grant(grant), revoked_at: now, expires_at: now + tollgate_model::Seconds::DAY };
    world.house.directory.revoke(&revocation).await.unwrap();
    for token in [token, exchanged, twice] {
        assert_eq!(world.validity(&token).await, "revoked_token");
    }
}

#[tokio::test]
async fn strangers_public_clients_and_other_tokens_exchange_nothing() {
    let world = World::new().await;
    let token = persons_token(&world, "openid").await;
    let service = world.server_token().await;
    let code = world.code("openid").await;
    for (client, token, error) in [
        ((STRANGER, STRANGER_SECRET), token.as_str(), "invalid_grant"),
        ((PUBLIC, ""), &token, "invalid_client"),
        ((SERVER, SECRET), &service, "invalid_grant"),
        ((SERVER, SECRET), &code, "invalid_grant"),
        ((SERVER, SECRET), "nonsense", "invalid_grant"),
    ] {
        assert_eq!(world.post("/ims/token/v4", &exchange(client, token)).await.refusal().1, error, "{client:?}");
    }
    let mut elsewhere = exchange((SERVER, SECRET), &token);
    elsewhere.push(("resource", "https://elsewhere.test/"));
    assert_eq!(world.post("/ims/token/v4", &elsewhere).await.refusal().1, "invalid_target");
    let (client, campaign) = (SERVER.parse().unwrap(), "Campaign".parse().unwrap());
    world.change(async |tx| subscriptions::delete(tx, &client, &campaign).await).await;
    let token = persons_token(&world, "campaign_sdk").await;
    assert_eq!(world.post("/ims/token/v4", &exchange((SERVER, SECRET), &token)).await.refusal().1, "invalid_scope");
}

#[tokio::test]
async fn a_bound_token_is_exchanged_by_its_holder_alone() {
    let world = World::new().await;
    let holder = Holder::new();
    let code = world.public_code("openid").await;
    let form =
        [("grant_type", "authorization_code"), ("client_id", PUBLIC), ("code", &code), ("code_verifier", VERIFIER)];
    let proof = holder.proof(&world, "/ims/token/v3", &json!({}));
    let token = world.post_with("/ims/token/v3", &[("dpop", &proof)], &form).await.access_token();
    let form = exchange((SERVER, SECRET), &token);
    assert_eq!(world.post("/ims/token/v4", &form).await.refusal().1, "invalid_dpop_proof");
    let proof = holder.proof(&world, "/ims/token/v4", &json!({}));
    assert_eq!(world.post_with("/ims/token/v4", &[("dpop", &proof)], &form).await.status, 200);
}

#[tokio::test]
async fn a_cluster_exchange_gives_the_profile_that_is_named_or_says_that_there_is_none() {
    let world = World::new().await;
    let token = persons_token(&world, "openid").await;
    for (name, value, error) in [
        ("user_id", ADA, None),
        ("owning_org_id", ORGANIZATION, None),
        ("user_id", BEN, Some("invalid_grant")),
        ("owning_org_id", OTHER_ORGANIZATION, Some("invalid_grant")),
    ] {
        let form = [
            ("grant_type", "cluster_at_exchange"),
            ("client_secret", SECRET),
            ("user_token", token.as_str()),
            (name, value),
        ];
        let answer = world.post(&format!("/ims/token/v3?client_id={SERVER}"), &form).await;
        match error {
            None => assert_eq!(read(&answer.access_token()).1["sub"], ADA, "{name}"),
            Some(error) => assert_eq!(answer.refusal().1, error, "{name}"),
        }
    }
}

fn promise(token: &str) -> [(&str, &str); 5] {
    [
        ("grant_type", "promise"),
        ("client_id", SERVER),
        ("client_secret", SECRET),
        ("promise_definition_id", "reports"),
        ("authenticating_token", token),
    ]
}

async fn keep(world: &World, promise_token: &str) -> Answer {
    let form = [
        ("grant_type", "promise_exchange"),
        ("client_id", SERVER),
        ("client_secret", SECRET),
        ("promise_token", promise_token),
    ];
    world.post("/ims/token/v4", &form).await
}

#[tokio::test]
async fn a_promise_is_kept_again_and_again_under_a_new_text() {
    let world = World::new().await;
    let token = persons_token(&world, "openid campaign_sdk").await;
    let answer = world.post("/ims/token/v4", &promise(&token)).await;
    let body = answer.json();
    assert_eq!((&body["token_type"], &body["expires_in"]), (&"promise_token".into(), &14_399.into()), "{body}");
    let mut text = body["promise_token"].as_str().unwrap().to_owned();
    let mut id = None;
    for _ in 0..3 {
        let answer = keep(&world, &text).await;
        let body = answer.json();
        assert_eq!((&body["token_type"], &body["expires_in"]), (&"access_token".into(), &299.into()), "{body}");
        let (_, claims) = read(&answer.access_token());
        assert_eq!((&claims["sub"], &claims["client_id"]), (&ADA.into(), &SERVER.into()));
        assert_eq!(claims["scope"], "openid,campaign_sdk");
        assert_eq!(*id.get_or_insert(body["promise_token_id"].clone()), body["promise_token_id"]);
        let next = body["promise_token"].as_str().unwrap().to_owned();
        assert_ne!(next, text);
        text = next;
        world.pass(60).await;
    }
}

#[tokio::test]
async fn a_promise_whose_old_text_is_used_again_ends() {
    let world = World::new().await;
    let token = persons_token(&world, "openid").await;
    let first =
        world.post("/ims/token/v4", &promise(&token)).await.json()["promise_token"].as_str().unwrap().to_owned();
    let second = keep(&world, &first).await.json()["promise_token"].as_str().unwrap().to_owned();
    let (status, error, _) = keep(&world, &first).await.refusal();
    assert_eq!((status, error.as_str()), (401, "invalid_promise_token"));
    assert_eq!(keep(&world, &second).await.refusal().1, "invalid_promise_token");
}

#[tokio::test]
async fn a_promise_ends_with_its_time_its_authorization_or_when_it_is_invalidated() {
    let world = World::new().await;
    let make = async |scope: &str| {
        let token = persons_token(&world, scope).await;
        let body = world.post("/ims/token/v4", &promise(&token)).await.json();
        (token, body["promise_token"].as_str().unwrap().to_owned(), body["expires_in"].clone())
    };
    let (_, text, _) = make("openid").await;
    let form = [("client_id", SERVER), ("client_secret", SECRET), ("token", &text), ("token_type", "promise_token")];
    assert_eq!(world.post("/ims/invalidate_token/v2", &form).await.status, 200);
    assert_eq!(keep(&world, &text).await.refusal().1, "invalid_promise_token");
    let (_, text, _) = make("openid").await;
    assert!(world.people.end_all_sessions(&ADA.parse().unwrap(), world.now()).await.unwrap() > 0);
    assert_eq!(keep(&world, &text).await.refusal().1, "invalid_promise_token");
    world.pass(1).await;
    let (_, text, _) = make("openid").await;
    let (_, long, lifetime) = make("openid offline_access").await;
    assert_eq!(lifetime, 2_591_999);
    world.pass(4 * 3_600).await;
    assert_eq!(keep(&world, &text).await.refusal().1, "invalid_promise_token");
    assert_eq!(keep(&world, &long).await.status, 200);
}

#[tokio::test]
async fn a_bad_authenticating_token_is_401_with_its_own_code() {
    let world = World::new().await;
    let service = world.server_token().await;
    for token in ["nonsense", &service] {
        let (status, error, _) = world.post("/ims/token/v4", &promise(token)).await.refusal();
        assert_eq!((status, error.as_str()), (401, "invalid_authenticating_token"));
    }
    assert_eq!(keep(&world, "nonsense").await.refusal().0, 401);
}
