//! `/ims/authorize`: whom an answer goes to, what may be asked, and what comes back.

use axum::body::Body;
use http::Request;
use tollgate_model::session::Method;
use tollgate_store::{clients, organizations};

use crate::fixture::*;

#[tokio::test]
async fn with_a_session_and_consent_a_code_comes_at_once_under_every_version() {
    let world = World::new().await;
    world.agree(WEB_APP, "openid").await;
    let browser = world.sign_in().await;
    for path in ["/ims/authorize", "/ims/authorize/v1", "/ims/authorize/v2", "/ims/authorize/v3", "/ims/authorize/v2/"]
    {
        let fields = encoded(&[("client_id", WEB_APP), ("state", "s")]);
        let answer = world.open(&format!("{path}?{fields}"), Some(&browser)).await;
        assert_eq!(answer.status, 302, "{path}: {}", answer.body);
        assert_eq!(answer.headers["cache-control"], "no-store");
        let landing = Landing::of(&answer);
        assert_eq!((landing.address.as_str(), landing.in_fragment), (CALLBACK, false));
        assert_eq!((landing.field("state"), landing.field("iss")), ("s", ISSUER));
        let (header, claims) = read_reference(landing.field("code"));
        assert_eq!((&header["itt"], &claims["type"]), (&"ac".into(), &"authorization_code".into()));
        assert_eq!((&claims["as"], &claims["expires_in"]), (&"ims-na1".into(), &"300000".into()));
        assert_eq!(world.redeem(landing.field("code")).await.status, 200);
    }
    let posted = Request::post("/ims/authorize/v2")
        .header("cookie", &browser.cookie)
        .header("content-type", "application/x-www-form-urlencoded");
    let posted = world.send(posted.body(Body::from(encoded(&[("client_id", WEB_APP)]))).unwrap()).await;
    assert_eq!((posted.status.as_u16(), Landing::of(&posted).address.as_str()), (303, CALLBACK));
}

/// Header and payload of a code or refresh token.
fn read_reference(text: &str) -> (serde_json::Value, serde_json::Value) {
    read(text)
}

#[tokio::test]
async fn a_browser_without_session_is_sent_to_the_sign_in_page_with_the_redirect_uri() {
    let world = World::new().await;
    let answer = world.authorize(&[("client_id", WEB_APP), ("redirect_uri", CALLBACK)], None).await;
    let landing = Landing::of(&answer);
    assert_eq!((answer.status.as_u16(), landing.address.as_str()), (302, "https://ims.test/sign-in"));
    assert_eq!(landing.field("redirect_uri"), CALLBACK);
    assert!(!landing.fields.contains_key("error"));
    let sign_up = world.authorize(&[("client_id", WEB_APP), ("prompt", "create")], None).await;
    assert_eq!(Landing::of(&sign_up).address, "https://ims.test/sign-up");
}

#[tokio::test]
async fn a_wrong_client_or_redirect_uri_is_a_page_and_never_a_redirect() {
    let world = World::new().await;
    let browser = world.sign_in().await;
    for fields in [
        &[][..],
        &[("client_id", "unknown")],
        &[("client_id", "not/an id")],
        &[("client_id", SERVER)],
        &[("client_id", API_KEY)],
        &[("client_id", WEB_APP), ("redirect_uri", "https://evil.test/")],
        &[("client_id", WEB_APP), ("redirect_uri", "https://app.test/callback/")],
        &[("client_id", WEB_APP), ("redirect_uri", "https://app.test/callback?x=1")],
        &[("client_id", WEB_APP), ("redirect_uri", "https://app.test/callback#x")],
        &[("client_id", WEB_APP), ("redirect_uri", "https://APP.test/callback")],
        &[("client_id", WEB_APP), ("redirect_uri", "https://app.test:443/callback")],
        &[("client_id", WEB_APP), ("redirect_uri", "http://app.test/callback")],
        &[("client_id", WEB_APP), ("redirect_uri", "https://app.test/callback/../evil")],
        &[("client_id", WEB_APP), ("redirect_uri", "https://app.test/%63allback")],
        &[("client_id", WEB_APP), ("redirect_uri", "https://app.test@evil.test/callback")],
        &[("client_id", WEB_APP), ("redirect_uri", "javascript:alert(1)")],
        &[("client_id", NATIVE), ("redirect_uri", "http://evil.test:8888/")],
        &[("client_id", NATIVE), ("redirect_uri", "http://localhost.evil.test:8888/")],
        &[("client_id", NATIVE), ("redirect_uri", "http://localhost:8888/other")],
    ] {
        let answer = world.authorize(fields, Some(&browser)).await;
        assert_eq!(answer.status, 400, "{fields:?}: {}", answer.body);
        assert!(!answer.headers.contains_key("location"), "{fields:?}");
        assert_eq!(answer.headers["content-type"], "text/html;charset=UTF-8", "{fields:?}");
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    }
    let twice =
        "/ims/authorize?client_id=web-app&redirect_uri=https://app.test/callback&redirect_uri=https://evil.test/";
    let answer = world.open(twice, Some(&browser)).await;
    assert_eq!((answer.status.as_u16(), answer.headers.contains_key("location")), (400, false));
    for port in ["8888", "8889", "65535"] {
        let redirect_uri = format!("http://localhost:{port}/");
        let challenge = challenge();
        let fields = [
            ("client_id", NATIVE),
            ("redirect_uri", redirect_uri.as_str()),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        assert_eq!(world.authorize(&fields, Some(&browser)).await.status, 302, "any port on this machine");
    }
}

#[tokio::test]
async fn a_disabled_client_or_organization_signs_nobody_in() {
    for organization_too in [false, true] {
        let world = World::new().await;
        let browser = world.sign_in().await;
        world
            .change(async |tx| {
                if organization_too {
                    organizations::set_enabled(tx, &ORGANIZATION.parse().unwrap(), false).await
                } else {
                    clients::set_enabled(tx, &WEB_APP.parse().unwrap(), false).await
                }
            })
            .await;
        let answer = world.authorize(&[("client_id", WEB_APP)], Some(&browser)).await;
        assert_eq!((answer.status.as_u16(), answer.headers.contains_key("location")), (400, false));
    }
}

#[tokio::test]
async fn the_state_comes_back_byte_for_byte() {
    let world = World::new().await;
    world.agree(WEB_APP, "openid").await;
    let browser = world.sign_in().await;
    let long = "x".repeat(4_096);
    for state in ["a+b/c=", r#"{"id":1,"next":"/a?b=c&d"}"#, "undefined", "null", "ä€😀 %2F", "<script>", &long] {
        let landing = Landing::of(&world.authorize(&[("client_id", WEB_APP), ("state", state)], Some(&browser)).await);
        assert_eq!(landing.field("state"), state);
        let refused = world.authorize(&[("client_id", WEB_APP), ("state", state), ("scope", "nonsense")], None).await;
        assert_eq!(Landing::of(&refused).field("state"), state, "also with an error");
    }
    let absent = Landing::of(&world.authorize(&[("client_id", WEB_APP)], Some(&browser)).await);
    assert!(!absent.fields.contains_key("state"));
    let too_long = "x".repeat(4_097);
    assert_eq!(world.authorize(&[("client_id", WEB_APP), ("state", &too_long)], Some(&browser)).await.status, 400);
}

#[tokio::test]
async fn what_is_wrong_with_the_request_is_told_to_the_application() {
    let world = World::new().await;
    let challenge = challenge();
    for (fields, error, words) in [
        (
            &[("client_id", WEB_APP), ("scope", "openid target_sdk nonsense")][..],
            "invalid_scope",
            "target_sdk,nonsense",
        ),
        (&[("client_id", WEB_APP), ("response_type", "token")], "unsupported_response_type", "code"),
        (&[("client_id", WEB_APP), ("response_type", "device")], "unsupported_response_type", "device"),
        (&[("client_id", WEB_APP), ("resource", "https://elsewhere.test/")], "invalid_target", "resource"),
        (&[("client_id", WEB_APP), ("request", "a.b.c")], "request_not_supported", "request"),
        (&[("client_id", WEB_APP), ("request_uri", "https://evil.test/")], "request_uri_not_supported", "request_uri"),
        (&[("client_id", WEB_APP), ("prompt", "none login")], "invalid_request", "prompt"),
        (&[("client_id", WEB_APP), ("id_token_hint", "a.b.c")], "invalid_request", "id_token_hint"),
        (&[("client_id", PUBLIC)], "invalid_request", "code_challenge"),
        (
            &[("client_id", PUBLIC), ("code_challenge", &challenge), ("code_challenge_method", "plain")],
            "invalid_request",
            "S256",
        ),
        (&[("client_id", PUBLIC), ("code_challenge", &challenge)], "invalid_request", "S256"),
        (&[("client_id", WEB_APP), ("code_challenge_method", "S256")], "invalid_request", "code_challenge"),
    ] {
        let landing = Landing::of(&world.authorize(fields, None).await);
        assert_eq!(landing.address, CALLBACK, "{fields:?}");
        assert_eq!((landing.error(), landing.field("iss")), (error, ISSUER), "{fields:?}");
        assert!(landing.field("error_description").contains(words), "{fields:?}: {landing:?}");
    }
}

#[tokio::test]
async fn an_answer_comes_back_in_the_query_the_fragment_or_a_form() {
    let world = World::new().await;
    world.agree(WEB_APP, "openid").await;
    let browser = world.sign_in().await;
    let fragment = [("client_id", WEB_APP), ("response_mode", "fragment"), ("state", "s")];
    let landing = Landing::of(&world.authorize(&fragment, Some(&browser)).await);
    assert!(landing.in_fragment && landing.fields.contains_key("code"));
    let form = [("client_id", WEB_APP), ("response_mode", "form_post"), ("state", "\"><script>")];
    let page = world.authorize(&form, Some(&browser)).await;
    assert_eq!(page.status, 200);
    assert!(!page.body.contains("\"><script>") && page.body.contains("name=\"code\""), "{}", page.body);
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.ends_with("form-action 'self' https://app.test"), "{policy}");
}

#[tokio::test]
async fn tokens_by_way_of_the_browser_are_for_legacy_clients_alone() {
    let world = World::new().await;
    world.change_redirects(WEB_APP, |redirects| redirects.options.legacy = true).await;
    world.agree(WEB_APP, "openid email").await;
    let browser = world.sign_in().await;
    for (response_type, has) in [
        ("token", ["access_token"].as_slice()),
        ("id_token", &["id_token"]),
        ("id_token token", &["access_token", "id_token"]),
        ("code id_token", &["code", "id_token"]),
    ] {
        let fields =
            [("client_id", WEB_APP), ("response_type", response_type), ("scope", "openid email"), ("nonce", "n")];
        let landing = Landing::of(&world.authorize(&fields, Some(&browser)).await);
        assert!(landing.in_fragment, "{response_type}");
        for name in ["code", "access_token", "id_token"] {
            assert_eq!(landing.fields.contains_key(name), has.contains(&name), "{response_type}: {landing:?}");
        }
        if has.contains(&"access_token") {
            assert_eq!((landing.field("token_type"), landing.field("expires_in")), ("bearer", "86399"));
            assert_eq!(world.validity(landing.field("access_token")).await, "valid");
        }
        if has.contains(&"id_token") {
            let (header, claims) = read(landing.field("id_token"));
            assert_eq!((&header["alg"], &claims["nonce"]), (&"RS256".into(), &"n".into()));
            assert_eq!(claims.get("at_hash").is_some(), has.contains(&"access_token"));
            assert_eq!(claims.get("c_hash").is_some(), has.contains(&"code"));
        }
    }
    let without_nonce = [("client_id", WEB_APP), ("response_type", "id_token"), ("scope", "openid")];
    assert_eq!(Landing::of(&world.authorize(&without_nonce, Some(&browser)).await).error(), "invalid_request");
}

#[tokio::test]
async fn consent_is_asked_once_and_again_when_the_scopes_grow() {
    let world = World::new().await;
    let browser = world.sign_in().await;
    let fields = [("client_id", WEB_APP), ("scope", "openid email")];
    let landing = Landing::of(&world.authorize(&fields, Some(&browser)).await);
    assert_eq!(landing.address, "https://ims.test/consent");
    let id = landing.field("request").to_owned();
    let again = Landing::of(&world.go_on(&id, &browser).await);
    assert_eq!((again.address.as_str(), again.field("request")), ("https://ims.test/consent", id.as_str()));
    world.agree(WEB_APP, "openid email").await;
    assert!(Landing::of(&world.go_on(&id, &browser).await).fields.contains_key("code"));
    let used = world.go_on(&id, &browser).await;
    assert_eq!((used.status.as_u16(), used.headers.contains_key("location")), (400, false), "answered once");
    assert!(Landing::of(&world.authorize(&fields, Some(&browser)).await).fields.contains_key("code"));
    let more = [("client_id", WEB_APP), ("scope", "openid email campaign_sdk")];
    assert_eq!(Landing::of(&world.authorize(&more, Some(&browser)).await).address, "https://ims.test/consent");
}

#[tokio::test]
async fn nobody_is_asked_about_an_application_of_their_own_organization_that_it_runs_itself() {
    let world = World::new().await;
    world.change_redirects(WEB_APP, |redirects| redirects.options.first_party = true).await;
    let browser = world.sign_in().await;
    let fields = [("client_id", WEB_APP), ("scope", "openid email offline_access")];
    assert!(Landing::of(&world.authorize(&fields, Some(&browser)).await).fields.contains_key("code"));
    let asked = [("client_id", WEB_APP), ("prompt", "consent")];
    assert_eq!(Landing::of(&world.authorize(&asked, Some(&browser)).await).address, "https://ims.test/consent");
}

#[tokio::test]
async fn a_waiting_request_ends_after_half_an_hour_and_belongs_to_its_steps() {
    let world = World::new().await;
    let landing = Landing::of(&world.authorize(&[("client_id", WEB_APP)], None).await);
    let id = landing.field("request").to_owned();
    world.pass(1_800).await;
    let browser = world.sign_in_as(ADA, Method::Passkey, None).await;
    assert_eq!(world.go_on(&id, &browser).await.status, 400);
    for nonsense in ["", "x", "../../etc/passwd", "' or 1=1"] {
        let address = format!("/ims/authorize/continue?{}", encoded(&[("request", nonsense)]));
        assert_eq!(world.open(&address, Some(&browser)).await.status, 400, "{nonsense}");
    }
}
