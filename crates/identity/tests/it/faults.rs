//! Our own faults are 503 with `Retry-After`, never a refusal and never a token.

use serde_json::json;

use crate::fixture::*;

fn assert_fault(answer: &Answer) {
    let (status, error, text) = answer.refusal();
    assert_eq!((status, error.as_str()), (503, "temporarily_unavailable"), "{text}");
    assert_eq!(answer.headers["retry-after"], "5");
    assert!(!text.contains("table"), "the cause is not told: {text}");
}

#[tokio::test]
async fn a_revocation_that_cannot_be_stored_is_503_and_the_token_lives() {
    let world = World::new().await;
    let token = world.server_token().await;
    world.lose_table("drop table revocations").await;
    let form = [("client_id", SERVER), ("client_secret", SECRET), ("token", token.as_str())];
    for path in ["/ims/revoke", "/ims/invalidate_token/v2"] {
        assert_fault(&world.post(path, &form).await);
    }
    assert_eq!(world.validity(&token).await, "valid");
}

#[tokio::test]
async fn a_jti_that_cannot_be_stored_is_503_and_gives_no_token() {
    let world = World::new().await;
    world.lose_table("drop table assertions").await;
    assert_fault(&world.exchange(&world.service_jwt(&json!({"jti": 1}))).await);
    let claims = json!({"iss": SERVICE, "sub": SERVICE, "aud": ISSUER, "exp": START.seconds() + 60, "jti": 1});
    let assertion = sign(key(0), &claims);
    let form = [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", assertion.as_str()),
    ];
    assert_fault(&world.post("/ims/token/v3", &form).await);
    world.exchange(&world.service_jwt(&json!({}))).await.access_token();
}

#[tokio::test]
async fn a_directory_that_was_not_confirmed_for_a_minute_lets_nobody_through() {
    let world = World::new().await;
    let token = world.server_token().await;
    world.pass_unnoticed(61);
    let form = [
        ("client_id", SERVER),
        ("client_secret", SECRET),
        ("token", token.as_str()),
        ("grant_type", "client_credentials"),
    ];
    for path in
        ["/ims/token/v3", "/ims/introspect", "/ims/revoke", "/ims/invalidate_token/v2", "/ims/validate_token/v1"]
    {
        assert_fault(&world.post(path, &form).await);
    }
    assert_fault(&world.exchange(&world.service_jwt(&json!({}))).await);
    assert_fault(&world.get("/ims/keys").await);
}

#[tokio::test]
async fn without_a_key_no_token_is_issued() {
    let world = World::new().await;
    world.lose_table("delete from signing_keys").await;
    world.lose_table("update generations set number = number + 1").await;
    world.pass(0).await;
    assert_fault(&world.post("/ims/token/v3", &credentials(SERVER, SECRET)).await);
    assert_eq!(world.get("/health/ready").await.status, 503);
}
