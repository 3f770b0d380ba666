//! What a client cannot make an upstream believe, and what stays on one connection.

use tollgate_gateway::GatewaySettings;
use tollgate_web::TrustedProxies;

use crate::{scene::Scene, upstream::Upstream};

#[tokio::test]
async fn no_forged_identity_reaches_the_upstream_in_any_spelling() {
    let scene = Scene::new().await;
    let upstream = Upstream::echo().await;
    let service = scene.service("/weather", &[upstream.address], |_| {}).await;
    let client = scene.api_key(&[&service]).await;
    let mut request = format!("GET /weather HTTP/1.1\r\nhost: api.test\r\nX-API-KEY: {}\r\n", client.id);
    for name in [
        "X-Client-Id",
        "x_client_id",
        "X.Client.Id",
        "x-user-id",
        "X_USER_ID",
        "x-oauth-scope",
        "X.OAuth-Scope",
        "x-organization-id",
        "X_Organization_Id",
        "x-user-email",
        "x-tollgate-identity",
        "X_Tollgate_Identity",
        "x_api_key",
        "X.Api.Key",
        "x-forwarded-user",
        "X_Forwarded_For",
        "x-real-ip",
    ] {
        request.extend([name, ": forged\r\n"]);
    }
    request.push_str("connection: x-client-id, x-api-key, x-forwarded-for, host, close\r\n\r\n");
    let answer = scene.raw(&request).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(!answer.contains("forged"), "{answer}");
    for expected in [
        format!("\"x-client-id\":[\"{}\"]", client.id),
        format!("\"x-api-key\":[\"{}\"]", client.id),
        "\"x-forwarded-for\":[\"127.0.0.1\"]".into(),
        "\"x-forwarded-proto\":[\"http\"]".into(),
        "\"x-real-ip\":[\"127.0.0.1\"]".into(),
    ] {
        assert!(answer.contains(&expected), "{expected} in {answer}");
    }
}

#[tokio::test]
async fn headers_of_one_connection_stay_there() {
    let scene = Scene::new().await;
    let upstream = Upstream::echo().await;
    let service = scene.service("/weather", &[upstream.address], |_| {}).await;
    let client = scene.api_key(&[&service]).await;
    let answer = scene
        .raw(&format!(
            "GET /weather HTTP/1.1\r\nhost: api.test\r\nx-api-key: {}\r\nconnection: close, X-Once\r\nx-once: hop\r\nkeep-alive: hop\r\n\
             proxy-connection: hop\r\nproxy-authorization: hop\r\nte: hop\r\nupgrade: hop\r\nhttp2-settings: hop\r\nforwarded: for=hop\r\naccept: kept\r\n\r\n",
            client.id
        ))
        .await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(!answer.contains("hop"), "{answer}");
    assert!(answer.contains("\"accept\":[\"kept\"]") && answer.contains("\"via\":[\"1.1 tollgate\"]"), "{answer}");
}

#[tokio::test]
async fn a_proxy_of_ours_may_say_who_the_client_is() {
    let scene = Scene::with(GatewaySettings { proxies: TrustedProxies(1), ..GatewaySettings::default() }).await;
    let upstream = Upstream::echo().await;
    let service = scene.service("/weather", &[upstream.address], |_| {}).await;
    let client = scene.api_key(&[&service]).await;
    let said = [
        ("x-api-key", client.id.as_str()),
        ("x-forwarded-for", "6.6.6.6, 1.2.3.4"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-user", "root"),
    ];
    let answer = scene.get("/weather", &said).await;
    assert_eq!(answer.received("x-real-ip").as_deref(), Some("1.2.3.4"));
    assert_eq!(answer.received("x-forwarded-for").as_deref(), Some("1.2.3.4, 127.0.0.1"));
    assert_eq!(answer.received("x-forwarded-proto").as_deref(), Some("https"));
    assert_eq!(answer.received("x-forwarded-user"), None);
}

#[tokio::test]
async fn a_preflight_is_answered_by_the_service_and_brings_no_credentials_there() {
    let scene = Scene::new().await;
    let upstream = Upstream::echo().await;
    let service = scene.service("/stock", &[upstream.address], |_| {}).await;
    let client = scene.api_key(&[&service]).await;
    let options = async |headers: &[(&str, &str)]| {
        let mut request = http::Request::builder().method("OPTIONS").uri("/stock/x");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        scene.send(request.body(http_body_util::Full::default()).unwrap()).await
    };
    let preflight = [
        ("origin", "https://a.test"),
        ("access-control-request-method", "GET"),
        ("cookie", "c"),
        ("x-api-key", client.id.as_str()),
        ("x-client-id", "forged"),
    ];
    let answer = options(&preflight).await;
    assert_eq!(answer.status, 200);
    for name in ["cookie", "x-api-key", "x-client-id", "authorization"] {
        assert_eq!(answer.received(name), None, "{name}");
    }
    // Nothing else passes without a key because it is called OPTIONS.
    assert_eq!(options(&[("origin", "https://a.test")]).await.code(), "403000");
    assert_eq!(options(&[]).await.code(), "403000");
}
