//! `/ims/introspect`.

use serde_json::json;

use crate::fixture::*;

fn ask<'a>(client_id: &'a str, secret: &'a str, token: &'a str) -> [(&'a str, &'a str); 3] {
    [("client_id", client_id), ("client_secret", secret), ("token", token)]
}

#[tokio::test]
async fn a_credential_of_the_organization_is_told_what_the_token_says() {
    let world = World::new().await;
    let token = world.server_token().await;
    for (client_id, secret) in [(SERVER, SECRET), (WEB_APP, WEB_SECRET), (SERVICE, SERVICE_SECRET)] {
        for path in ["/ims/introspect", "/ims/introspect/"] {
            let body = world.post(path, &ask(client_id, secret, &token)).await.json();
            assert_eq!(body["active"], true, "{client_id}");
            assert_eq!(body["client_id"], SERVER);
            assert_eq!(body["scope"], "openid AdobeID campaign_sdk");
            assert_eq!(body["sub"], "BBBBBBBBBBBBBBBBBBBBBBBB@techacct.adobe.com");
            assert_eq!((&body["aud"], &body["iss"]), (&json!([GATEWAY]), &json!(ISSUER)));
            assert_eq!((&body["iat"], &body["exp"]), (&json!(1_760_000_000), &json!(1_760_086_400)));
            assert_eq!(body["org_id"], ORGANIZATION);
        }
    }
    let basic = basic(SERVER, SECRET);
    let answer = world.post_with("/ims/introspect", &[("authorization", &basic)], &[("token", &token)]).await;
    assert_eq!(answer.json()["active"], true);
}

#[tokio::test]
async fn a_stranger_is_told_nothing_about_tokens_of_another_organization() {
    let world = World::new().await;
    let token = world.server_token().await;
    let answer = world.post("/ims/introspect", &ask(STRANGER, STRANGER_SECRET, &token)).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, r#"{"active":false}"#));
    let own = world.post("/ims/token/v3", &credentials(STRANGER, STRANGER_SECRET)).await.access_token();
    assert_eq!(world.post("/ims/introspect", &ask(STRANGER, STRANGER_SECRET, &own)).await.json()["active"], true);
}

#[tokio::test]
async fn expired_revoked_and_unreadable_tokens_are_not_active() {
    let world = World::new().await;
    let token = world.server_token().await;
    assert_eq!(world.post("/ims/introspect", &ask(SERVER, SECRET, "nonsense")).await.body, r#"{"active":false}"#);
    let revoked = world.server_token().await;
    world.post("/ims/revoke", &ask(SERVER, SECRET, &revoked)).await;
    assert_eq!(world.post("/ims/introspect", &ask(SERVER, SECRET, &revoked)).await.body, r#"{"active":false}"#);
    world.pass(86_400).await;
    assert_eq!(world.post("/ims/introspect", &ask(SERVER, SECRET, &token)).await.body, r#"{"active":false}"#);
}

#[tokio::test]
async fn who_does_not_prove_itself_is_refused() {
    let world = World::new().await;
    let token = world.server_token().await;
    for (client_id, secret) in
        [(SERVER, "wrong"), (SERVER, ""), ("unknown", SECRET), (PUBLIC, ""), (PUBLIC, SECRET), (API_KEY, "")]
    {
        let (status, error, _) = world.post("/ims/introspect", &ask(client_id, secret, &token)).await.refusal();
        assert_eq!((status, error.as_str()), (400, "invalid_client"), "{client_id}");
    }
    let basic = basic(SERVER, "wrong");
    let refused = world.post_with("/ims/introspect", &[("authorization", &basic)], &[("token", &token)]).await;
    assert_eq!(refused.status, 401);
    assert_eq!(world.post("/ims/introspect", &ask(SERVER, SECRET, "")).await.refusal().1, "invalid_request");
    assert_eq!(world.get("/ims/introspect").await.status, 405);
}
