//! Nobody but the gateway says who calls (row 24).

use tollgate_acceptance::{Echo, Tapped, Tollgate, raw::converse};

use super::Scene;

/// What upstreams read as the word of the gateway.
const OURS: [&str; 14] = [
    "x-client-id",
    "x-organization-id",
    "x-user-id",
    "x-oauth-scope",
    "x-user-email",
    "x-user-display-name",
    "x-user-region",
    "x-tollgate-identity",
    "x-tollgate-anything",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
    "forwarded",
];

const FORGED: &str = "forged-by-the-caller";

/// The spellings of a name that some server takes for it.
fn spellings(name: &str) -> Vec<String> {
    let title = name.split('-').map(|word| word[..1].to_uppercase() + &word[1..]).collect::<Vec<_>>().join("-");
    let mixed = name.replacen('-', "_", 1);
    vec![
        name.to_owned(),
        name.to_uppercase(),
        title.clone(),
        name.replace('-', "_"),
        title.replace('-', "_").to_uppercase(),
        name.replace('-', "."),
        title.replace('-', "."),
        mixed.clone(),
        mixed.replace('-', "."),
    ]
}

fn assert_unforged(tapped: &Tapped, with_token: bool) {
    for (name, value) in &tapped.headers {
        assert!(!value.contains(FORGED), "{name}: {value} reached the service: {tapped:?}");
    }
    for name in OURS {
        let values = tapped.values(name);
        let ours = match name {
            "x-client-id" | "x-organization-id" | "x-forwarded-for" | "x-forwarded-host" | "x-forwarded-proto"
            | "x-real-ip" => 1,
            "x-user-id" | "x-oauth-scope" if with_token => 1,
            _ => 0,
        };
        assert_eq!(values.len(), ours, "{name}: {tapped:?}");
    }
}

#[tokio::test]
async fn identity_headers_of_the_caller_are_dropped_in_every_spelling() {
    let scene = Scene::new().await;
    let token = scene.credential.token(&scene.tollgate).await;
    let key = scene.credential.id();
    let lines: Vec<String> =
        OURS.iter().flat_map(|name| spellings(name)).map(|name| format!("{name}: {FORGED}\r\n")).collect();
    let forged = lines.concat();
    let chunked = format!("transfer-encoding: chunked\r\ntrailer: x-user-id\r\n\r\n1\r\nx\r\n0\r\n{forged}\r\n");
    for (path, credentials) in [
        ("/weather/x", format!("x-api-key: {key}\r\n")),
        ("/campaign/x", format!("x-api-key: {key}\r\nauthorization: Bearer {token}\r\n")),
    ] {
        let head = format!("POST {path} HTTP/1.1\r\nhost: x\r\nte: trailers\r\n{credentials}");
        // All at once would be more lines than one request may have.
        for part in lines.chunks(40) {
            let request = format!("{head}{}content-length: 0\r\n\r\n", part.concat());
            assert_eq!(converse(&scene.tollgate.gateway_url, request.as_bytes()).await.status(), 200);
            let tapped = scene.tap.take();
            assert_unforged(&tapped[0], path == "/campaign/x");
        }
        let answer = converse(&scene.tollgate.gateway_url, format!("{head}{chunked}").as_bytes()).await;
        let tapped = scene.tap.take();
        assert_eq!(answer.status() == 200, tapped.len() == 1, "{}", answer.text());
        for tapped in tapped {
            assert_unforged(&tapped, path == "/campaign/x");
            assert!(!tapped.body.contains(FORGED), "a trailer reached the service: {tapped:?}");
        }
    }
}

#[tokio::test]
async fn a_connection_header_takes_away_nothing_that_the_service_relies_on() {
    let scene = Scene::new().await;
    let token = scene.credential.token(&scene.tollgate).await;
    let key = scene.credential.id();
    let named = OURS.join(", ");
    for connection in [
        named.clone(),
        named.to_uppercase(),
        "x_client_id, X.User.Id, authorization, host, x-api-key, x-request-id, content-length, content-type, cookie, via".to_owned(),
        "keep-alive, transfer-encoding, te, upgrade, connection".to_owned(),
        "close, X-Client-Id".to_owned(),
        ",,,;=, x-user-id".to_owned(),
    ] {
        let request = format!(
            "POST /campaign/x HTTP/1.1\r\nhost: gateway.example\r\nx-api-key: {key}\r\nauthorization: Bearer {token}\r\n\
             content-type: text/plain\r\ncookie: a=b\r\nconnection: {connection}\r\ncontent-length: 2\r\n\r\nhi"
        );
        let answer = converse(&scene.tollgate.gateway_url, request.as_bytes()).await;
        assert_eq!(answer.status(), 200, "{connection}: {}", answer.text());
        let tapped = scene.tap.take();
        assert_unforged(&tapped[0], true);
        assert_eq!(tapped[0].body, "hi", "{connection}");
        assert_eq!(tapped[0].values("x-client-id"), [key], "{connection}");
        assert_eq!(tapped[0].values("authorization"), [format!("Bearer {token}")], "{connection}");
        assert_eq!(tapped[0].values("content-type"), ["text/plain"], "{connection}");
        assert_eq!(tapped[0].values("cookie"), ["a=b"], "{connection}");
        assert_eq!(tapped[0].values("x-request-id").len(), 1, "{connection}");
        assert_eq!(tapped[0].values("host").len(), 1, "{connection}");
    }
}

#[tokio::test]
async fn one_key_and_one_token_are_looked_at_and_all_others_are_ambiguous() {
    let scene = Scene::new().await;
    let other = scene.tollgate.create_credential("api_key", &["Weather"]).await;
    let token = scene.credential.token(&scene.tollgate).await;
    let (key, other) = (scene.credential.id(), other.id());
    for (path, fields) in [
        ("/weather/x", format!("x-api-key: {key}\r\nx-api-key: {other}\r\n")),
        ("/weather/x", format!("x-api-key: {key}, {other}\r\n")),
        ("/weather/x", format!("x_api_key: {key}\r\n")),
        ("/weather/x", format!("x.api.key: {key}\r\n")),
        ("/weather/x", String::new()),
        (&*format!("/weather/x?api_key={key}&api_key={other}"), String::new()),
        (&*format!("/weather/x?api%5fkey={key}"), String::new()),
        (&*format!("/weather/x?api_key={other}"), format!("x-api-key: {key}\r\n")),
        (
            "/campaign/x",
            format!("x-api-key: {key}\r\nauthorization: Bearer {token}\r\nauthorization: Bearer {token}x\r\n"),
        ),
        ("/campaign/x", format!("x-api-key: {key}\r\nauthorization: Basic {token}\r\n")),
        ("/campaign/x", format!("x-api-key: {key}\r\nauthorization: {token}\r\n")),
        ("/campaign/x", format!("x-api-key: {key}\r\nproxy-authorization: Bearer {token}\r\n")),
        ("/campaign/x", format!("x-api-key: {key}\r\ncookie: access_token={token}\r\n")),
        (&*format!("/campaign/x?user_token={token}"), format!("x-api-key: {key}\r\nauthorization: Bearer x.y.z\r\n")),
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{fields}\r\n");
        let answer = converse(&scene.tollgate.gateway_url, request.as_bytes()).await;
        assert!(matches!(answer.status(), 400 | 401 | 403), "{request}{}", answer.text());
    }
    assert!(scene.tap.take().is_empty());
}

#[tokio::test]
async fn identity_headers_of_the_caller_are_dropped_over_http2_too() {
    let (scene, echo) = (Scene::new().await, Echo::start().await);
    scene.tollgate.create_service("Harvest", "api_key", &echo.url(), &[]);
    let credential = scene.tollgate.create_credential("api_key", &["Harvest"]).await;
    let http2 = reqwest::Client::builder().no_proxy().http2_prior_knowledge().build().unwrap();
    let mut request =
        http2.get(format!("{}/harvest/x", scene.tollgate.gateway_url)).header("x-api-key", credential.id());
    for name in OURS.iter().flat_map(|name| spellings(name)) {
        request = request.header(name.to_ascii_lowercase(), FORGED);
    }
    let answer = scene.tollgate.send(request).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(!answer.text.contains(FORGED), "{answer:?}");
    assert_eq!(answer.body["headers"]["x-client-id"], credential.id());
}

#[tokio::test]
async fn an_address_that_the_caller_claims_is_not_the_one_it_is_counted_by() {
    let mut tollgate = Tollgate::set_up();
    tollgate.serve_with(&[("TOLLGATE_NETWORK__ADDRESS_RATE", "1/1+200")]).await;
    let mut statuses = Vec::new();
    for number in 0..=255 {
        let claimed = format!("203.0.113.{number}");
        let request = tollgate.http.get(format!("{}/ims/keys", tollgate.base_url)).header("x-forwarded-for", &claimed);
        let request = request.header("x-real-ip", &claimed).header("forwarded", format!("for={claimed}"));
        statuses.push(tollgate.send(request).await.status);
    }
    assert!(statuses.contains(&429), "a caller with ever new addresses is never slowed down");
}
