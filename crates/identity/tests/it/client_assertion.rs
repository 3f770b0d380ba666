//! `private_key_jwt` (RFC 7523).

use serde_json::{Value, json};
use tollgate_model::Seconds;
use tollgate_store::certificates;

use crate::fixture::*;

const TYPE: (&str, &str) = ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");

fn assertion(world: &World, client_id: &str, changes: &Value) -> String {
    let mut claims = json!({
        "iss": client_id, "sub": client_id, "aud": format!("{ISSUER}/ims/token/v3"),
        "exp": (world.now() + Seconds(60)).seconds(),
    });
    change(&mut claims, changes);
    sign(key(0), &claims)
}

fn form<'a>(assertion: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut form = vec![TYPE, ("client_assertion", assertion), ("grant_type", "client_credentials")];
    form.extend(more);
    form
}

#[tokio::test]
async fn a_signed_assertion_stands_in_for_a_secret_at_every_endpoint() {
    let world = World::new().await;
    let assertion = assertion(&world, SERVICE, &json!({}));
    let token = world.post("/ims/token/v3", &form(&assertion, &[])).await.access_token();
    assert_eq!(read(&token).1["scope"], "openid,AdobeID,campaign_sdk");
    world.post("/ims/token/v3", &form(&assertion, &[("client_id", SERVICE)])).await.access_token();
    let jwt = world.service_jwt(&json!({}));
    world.post("/ims/exchange/jwt", &form(&assertion, &[("jwt_token", &jwt)])).await.access_token();
    let told = world.post("/ims/introspect", &form(&assertion, &[("token", &token)])).await;
    assert_eq!(told.json()["active"], true);
    assert_eq!(world.post("/ims/revoke", &form(&assertion, &[("token", &token)])).await.status, 200);
    assert_eq!(world.validity(&token).await, "revoked_token");
}

#[tokio::test]
async fn a_server_to_server_credential_with_a_certificate_may_sign_instead_of_sending_a_secret() {
    let world = World::new().await;
    let own = certificate(SERVER, key(0), START - Seconds::DAY, START + Seconds::DAY);
    world.change(async |tx| certificates::insert(tx, &own).await).await;
    world.post("/ims/token/v3", &form(&assertion(&world, SERVER, &json!({})), &[])).await.access_token();
}

#[tokio::test]
async fn the_audience_is_the_issuer_or_an_address_of_ours_and_nothing_beside_it() {
    let world = World::new().await;
    for good in [
        json!(ISSUER),
        json!("https://old.test"),
        json!("https://ims.test/ims/token"),
        json!("https://ims.test/ims/token/v4"),
        json!(["https://ims.test", "https://ims.test/ims/token/v3"]),
    ] {
        let assertion = assertion(&world, SERVICE, &json!({"aud": good}));
        world.post("/ims/token/v3", &form(&assertion, &[])).await.access_token();
    }
    for bad in [
        json!("https://evil.test"),
        json!([ISSUER, "https://evil.test"]),
        json!("https://ims.test/c/service"),
        json!(SERVICE),
        json!(7),
    ] {
        let assertion = assertion(&world, SERVICE, &json!({"aud": bad}));
        assert_eq!(world.post("/ims/token/v3", &form(&assertion, &[])).await.refusal().1, "invalid_client", "{bad}");
    }
}

#[tokio::test]
async fn a_bad_assertion_is_invalid_client_and_tells_nothing_of_certificates() {
    let world = World::new().await;
    let expired = certificate(SERVICE, key(1), START - Seconds(2 * 86_400), START - Seconds(60));
    world.change(async |tx| certificates::insert(tx, &expired).await).await;
    let claims = json!({"iss": SERVICE, "sub": SERVICE, "aud": ISSUER, "exp": START.seconds() + 60});
    let long = json!({"iss": SERVICE, "sub": SERVICE, "aud": ISSUER, "exp": START.seconds() + 90_000});
    let other = json!({"iss": SERVER, "sub": SERVER, "aud": ISSUER, "exp": START.seconds() + 60});
    for bad in [
        sign(key(2), &claims),
        sign(key(1), &claims),
        sign(key(0), &long),
        sign_under(&json!({"alg": "none"}), key(0), &claims),
        sign_under(&json!({"alg": "HS256"}), key(0), &claims),
        assertion(&world, SERVICE, &json!({"exp": null})),
        assertion(&world, SERVICE, &json!({"exp": START.seconds() - 31})),
        assertion(&world, SERVICE, &json!({"iss": SERVER})),
        assertion(&world, "unknown", &json!({})),
        "a.b.c".to_owned(),
    ] {
        let (status, error, text) = world.post("/ims/token/v3", &form(&bad, &[])).await.refusal();
        assert_eq!((status, error.as_str()), (400, "invalid_client"), "{text}");
        assert!(!text.contains(&expired.fingerprint), "{text}");
    }
    let of_other = sign(key(0), &other);
    let refused = world.post("/ims/token/v3", &form(&of_other, &[("client_id", SERVICE)])).await;
    assert_eq!(refused.refusal().1, "invalid_client");
    let both = assertion(&world, SERVICE, &json!({}));
    let refused = world.post("/ims/token/v3", &form(&both, &[("client_secret", SERVICE_SECRET)])).await;
    assert_eq!(refused.refusal().1, "invalid_request");
}

#[tokio::test]
async fn an_assertion_with_a_jti_is_accepted_once_and_apart_from_service_jwts() {
    let world = World::new().await;
    let once = assertion(&world, SERVICE, &json!({"jti": 7}));
    world.post("/ims/token/v3", &form(&once, &[])).await.access_token();
    for node in [world.clone(), world.second_node().await] {
        let (_, error, text) = node.post("/ims/token/v3", &form(&once, &[])).await.refusal();
        assert_eq!(error, "invalid_client");
        assert!(text.contains("jti"), "{text}");
    }
    world.exchange(&world.service_jwt(&json!({"jti": 7}))).await.access_token();
}
