//! What pages in browsers may read, and the tokens that pages of an application get by the browser's session.

use http::Request;
use tollgate_model::session::Method;

use crate::fixture::*;

const ORIGIN: &str = "https://app.test";
const EVIL: &str = "https://evil.test";

fn allowed(answer: &Answer) -> Option<&str> {
    answer.headers.get("access-control-allow-origin").map(|origin| origin.to_str().unwrap())
}

async fn preflight(world: &World, path: &str, origin: &str) -> Answer {
    let request = Request::options(path).header("origin", origin).header("access-control-request-method", "POST");
    world.send(request.body(axum::body::Body::empty()).unwrap()).await
}

#[tokio::test]
async fn what_is_public_is_public_for_pages_too_without_credentials() {
    let world = World::new().await;
    for path in ["/ims/keys", "/ims/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
        let answer = world.get(path).await;
        assert_eq!(allowed(&answer), Some("*"), "{path}");
        assert!(!answer.headers.contains_key("access-control-allow-credentials"));
        assert_eq!(preflight(&world, path, EVIL).await.status, 204);
    }
}

#[tokio::test]
async fn a_preflight_allows_origins_that_some_client_registered() {
    let world = World::new().await;
    for path in
        ["/ims/token/v3", "/ims/par", "/ims/revoke", "/ims/userinfo/v2", "/ims/profile/v1", "/ims/organizations/v5"]
    {
        let answer = preflight(&world, path, ORIGIN).await;
        assert_eq!((answer.status.as_u16(), allowed(&answer)), (204, Some(ORIGIN)), "{path}");
        assert!(answer.headers["access-control-allow-headers"].to_str().unwrap().contains("DPoP"));
        for origin in [EVIL, "null", "https://app.test.evil.test", "https://APP.test", "http://app.test"] {
            let answer = preflight(&world, path, origin).await;
            assert_eq!(allowed(&answer), None, "{path} {origin}");
            assert!(!answer.headers.contains_key("access-control-allow-headers"));
            assert_eq!(answer.headers["vary"], "origin");
        }
    }
}

#[tokio::test]
async fn an_answer_is_read_by_pages_of_the_client_that_is_named_and_no_others() {
    let world = World::new().await;
    for (client, origin, expected) in [
        (PUBLIC, ORIGIN, Some(ORIGIN)),
        (PUBLIC, EVIL, None),
        (NATIVE, ORIGIN, None),
        (SERVER, ORIGIN, None),
        ("nobody", ORIGIN, None),
    ] {
        let form = [("grant_type", "authorization_code"), ("code", "x"), ("client_id", client)];
        let answer = world.post_with("/ims/token/v3", &[("origin", origin)], &form).await;
        assert_eq!(allowed(&answer), expected, "{client} {origin}");
        assert_eq!(answer.headers["vary"], "origin");
        assert!(!answer.headers.contains_key("access-control-allow-credentials"));
    }
}

#[tokio::test]
async fn userinfo_is_read_by_pages_of_the_tokens_client() {
    let world = World::new().await;
    let code = world.code("openid").await;
    let token = world.redeem(&code).await.access_token();
    let ask = async |token: &str, origin: &str| {
        let bearer = format!("Bearer {token}");
        world.post_with("/ims/userinfo", &[("authorization", &bearer), ("origin", origin)], &[]).await
    };
    assert_eq!(allowed(&ask(&token, ORIGIN).await), Some(ORIGIN));
    assert_eq!(allowed(&ask(&token, EVIL).await), None);
    assert_eq!(allowed(&ask(&token, "http://localhost:8888").await), None, "an origin of another client");
}

#[tokio::test]
async fn an_unverified_token_allows_no_origin() {
    let world = World::new().await;
    let claims = serde_json::json!({"client_id": PUBLIC, "allowed-origins": [EVIL], "origin": EVIL, "azp": EVIL});
    let forged = sign(key(1), &claims);
    let headers = [("authorization", &*format!("Bearer {forged}")), ("origin", EVIL)];
    let answer = world.post_with("/ims/userinfo", &headers, &[]).await;
    assert_eq!((answer.status.as_u16(), allowed(&answer)), (401, None));
}

async fn check(world: &World, browser: Option<&Browser>, origin: &str, form: &[(&str, &str)]) -> Answer {
    let mut headers = vec![("origin", origin)];
    headers.extend(browser.map(|browser| ("cookie", &*browser.cookie)));
    world.post_with("/ims/check/v6/token?jslVersion=1", &headers, form).await
}

#[tokio::test]
async fn a_page_of_an_application_that_the_person_agreed_to_gets_a_token_and_no_refresh_token() {
    let world = World::new().await;
    let browser = world.sign_in().await;
    let form = [("client_id", PUBLIC), ("scope", "openid,AdobeID,offline_access"), ("guest_allowed", "true")];
    let refused = check(&world, Some(&browser), ORIGIN, &form).await;
    assert_eq!(refused.refusal().1, "consent_required");
    world.agree(PUBLIC, "openid,AdobeID").await;
    let answer = check(&world, Some(&browser), ORIGIN, &form).await;
    assert_eq!(allowed(&answer), Some(ORIGIN));
    assert_eq!(answer.headers["access-control-allow-credentials"], "true");
    assert_eq!(world.validity(&answer.access_token()).await, "valid");
    let body = answer.json();
    assert!(body.get("refresh_token").is_none());
    assert_eq!((body["userId"].as_str(), body["expires_in"].as_i64()), (Some(ADA), Some(86_399_000)));
    let status = [("origin", ORIGIN), ("cookie", &*browser.cookie)];
    let status = world.post_with("/ims/check/v1/status", &status, &[("client_id", PUBLIC)]).await;
    assert_eq!(status.body, r#"{"signed_in":true}"#);
    world.people.end_session(&ADA.parse().unwrap(), &browser.session.id, world.now()).await.unwrap();
    assert_eq!(world.validity(&answer.access_token()).await, "revoked_token");
}

#[tokio::test]
async fn nobody_else_is_given_a_token_by_a_session() {
    let world = World::new().await;
    let browser = world.sign_in().await;
    world.agree(PUBLIC, "openid").await;
    let form = [("client_id", PUBLIC), ("scope", "openid")];
    for origin in [EVIL, "null", "https://app.test.evil.test"] {
        let answer = check(&world, Some(&browser), origin, &form).await;
        assert_eq!((answer.refusal().1.as_str(), allowed(&answer)), ("access_denied", None), "{origin}");
    }
    let headers = [("cookie", &*browser.cookie)];
    assert_eq!(world.post_with("/ims/check/v6/token", &headers, &form).await.refusal().1, "access_denied");
    assert_eq!(world.get("/ims/check/v6/token").await.status, 405);
    assert_eq!(check(&world, None, ORIGIN, &form).await.refusal().1, "login_required");
    let other = [("client_id", PUBLIC), ("scope", "openid"), ("user_id", BEN)];
    assert_eq!(check(&world, Some(&browser), ORIGIN, &other).await.refusal().1, "login_required");
    let more = [("client_id", PUBLIC), ("scope", "openid,target_sdk")];
    assert_eq!(check(&world, Some(&browser), ORIGIN, &more).await.refusal().1, "invalid_scope");
    let ben = world.sign_in_as(BEN, Method::Passkey, None).await;
    assert_eq!(check(&world, Some(&ben), ORIGIN, &form).await.refusal().1, "consent_required");
    world.change_redirects(PUBLIC, |redirects| redirects.options.first_party = true).await;
    assert_eq!(check(&world, Some(&ben), ORIGIN, &form).await.status, 200);
    world.change_redirects(PUBLIC, |redirects| redirects.options.bound_tokens_required = true).await;
    assert_eq!(check(&world, Some(&ben), ORIGIN, &form).await.refusal().1, "unauthorized_client");
}
