//! What a caller says about our own name is never repeated (row 15).

use tollgate_acceptance::raw::converse;

use super::Scene;

const EVIL: &str = "evil.example";

/// Ways to claim that the server is somebody else.
fn claims(path: &str, own: &str) -> Vec<String> {
    let fields = "connection: close\r\n\r\n";
    vec![
        format!("GET {path} HTTP/1.1\r\nhost: {EVIL}\r\n{fields}"),
        format!("GET {path} HTTP/1.1\r\nhost: {EVIL}:443\r\n{fields}"),
        format!("GET http://{EVIL}{path} HTTP/1.1\r\nhost: {EVIL}\r\n{fields}"),
        format!("GET http://{EVIL}{path} HTTP/1.1\r\nhost: {own}\r\n{fields}"),
        format!("GET {path} HTTP/1.1\r\nhost: {own}@{EVIL}\r\n{fields}"),
        format!("GET {path} HTTP/1.1\r\nhost: {own}\r\nhost: {EVIL}\r\n{fields}"),
        format!("GET {path} HTTP/1.0\r\nhost: {EVIL}\r\n{fields}"),
        format!(
            "GET {path} HTTP/1.1\r\nhost: {own}\r\nx-forwarded-host: {EVIL}\r\nx-forwarded-proto: gopher\r\n\
             x-host: {EVIL}\r\nx-original-url: http://{EVIL}/\r\nx-rewrite-url: /{EVIL}\r\nforwarded: host={EVIL}\r\n\
             x-forwarded-server: {EVIL}\r\nx-forwarded-prefix: /{EVIL}\r\norigin: https://{EVIL}\r\n\
             referer: https://{EVIL}/\r\n{fields}"
        ),
    ]
}

#[tokio::test]
async fn a_host_that_the_caller_names_stands_in_no_answer() {
    let scene = Scene::new().await;
    let (identity, gateway) = (&scene.tollgate.base_url, &scene.tollgate.gateway_url);
    for (base, path) in [
        (identity, "/ims/.well-known/openid-configuration"),
        (identity, "/.well-known/openid-configuration"),
        (identity, "/.well-known/oauth-authorization-server"),
        (identity, "/.well-known/oauth-protected-resource/campaign"),
        (identity, "/ims/keys"),
        (identity, "/ims/keys/"),
        (identity, "/"),
        (identity, "/ims/nowhere"),
        (identity, "/ims/token/v3"),
        (identity, "/campaign/x"),
        (gateway, "/.well-known/oauth-protected-resource/campaign"),
        (gateway, "/campaign/x"),
        (gateway, "/weather/x"),
        (gateway, "/nowhere"),
    ] {
        let own = base.trim_start_matches("http://");
        let plain = format!("GET {path} HTTP/1.1\r\nhost: {own}\r\nconnection: close\r\n\r\n");
        let plain = converse(base, plain.as_bytes()).await;
        assert_ne!(plain.status(), 0, "{path}");
        for request in claims(path, own) {
            let answer = converse(base, request.as_bytes()).await;
            assert_eq!(answer.answers.len(), 1, "{request}");
            assert!(!answer.text().contains(EVIL), "{request}{}", answer.text());
            assert!(!answer.text().contains("gopher"), "{request}{}", answer.text());
            if answer.status() == plain.status() {
                assert_eq!(answer.answers[0].body, plain.answers[0].body, "{request}");
            } else {
                assert_eq!(answer.status(), 400, "{request}{}", answer.text());
            }
        }
    }
}

#[tokio::test]
async fn a_token_got_under_another_host_name_says_the_same_of_its_issuer() {
    let scene = Scene::new().await;
    let request = scene.tollgate.http.post(format!("{}/ims/token/v3", scene.tollgate.base_url));
    let request = request.header("host", EVIL).header("x-forwarded-host", EVIL).header("x-forwarded-proto", "https");
    let answer = scene.tollgate.send(request.form(&scene.credential.client_credentials())).await;
    let (header, claims) = tollgate_acceptance::jwt::open(answer.body["access_token"].as_str().unwrap());
    assert_eq!(claims["iss"], scene.tollgate.base_url);
    assert!(!header.to_string().contains(EVIL) && !claims.to_string().contains(EVIL), "{header} {claims}");
    let answer = scene.tollgate.call("/campaign/x", scene.credential.id(), None).await;
    let challenge = answer.header("www-authenticate");
    assert!(challenge.contains(&scene.tollgate.gateway_url), "{challenge}");
}
