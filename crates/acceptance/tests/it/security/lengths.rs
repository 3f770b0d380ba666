//! Everything that is too long, too deep or too many is refused quickly and hurts nobody (row 22).

use std::time::{Duration, Instant};

use serde_json::json;
use tollgate_acceptance::{jwt, raw::converse};

use super::Scene;

/// Longest wait for a refusal, on a machine that is busy with other tests.
const REFUSAL_SECONDS_MAX: u64 = 3;

const FORM: &str = "content-type: application/x-www-form-urlencoded\r\n";

fn post(path: &str, fields: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{fields}content-length: {length}\r\n\r\n{body}")
        .into()
}

fn get(path: &str, fields: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{fields}\r\n").into()
}

/// Sends each request, which must be refused cleanly and soon, and then an honest one, which must be answered.
async fn refuse_all(scene: &Scene, base: &str, requests: Vec<(&str, Vec<u8>)>) {
    for (what, request) in requests {
        let began = Instant::now();
        let answer = converse(base, &request).await;
        let took = began.elapsed();
        assert!((400..=431).contains(&answer.status()), "{what}: {:?}", answer.answers);
        assert_eq!(answer.answers.len(), 1, "{what}");
        assert!(took < Duration::from_secs(REFUSAL_SECONDS_MAX), "{what} took {took:?}");
        assert!(answer.answers[0].body.len() < 4_096, "{what}: a refusal does not echo: {:?}", answer.answers);
    }
    assert_eq!(scene.tollgate.get("/health/ready").await.status, 200);
    assert_eq!(scene.tollgate.call("/weather/x", scene.credential.id(), None).await.status, 200);
}

#[tokio::test]
async fn a_head_that_is_too_long_is_refused_before_it_is_read_to_its_end() {
    let scene = Scene::new().await;
    let long = |count: usize| "a".repeat(count);
    let many = (0..2_000).map(|number| format!("x-{number}: y\r\n")).collect::<Vec<_>>().concat();
    let cookies = format!("cookie: {}\r\n", "a=b; ".repeat(40_000));
    let key = format!("x-api-key: {}\r\n", scene.credential.id());
    let (identity, gateway) = (scene.tollgate.base_url.clone(), scene.tollgate.gateway_url.clone());
    for base in [identity, gateway] {
        let requests = vec![
            ("a long header", get("/weather/x", &format!("x-long: {}\r\n", long(200_000)))),
            ("a long header name", get("/weather/x", &format!("{}: x\r\n", long(200_000)))),
            ("a long key", get("/weather/x", &format!("x-api-key: {}\r\n", long(50_000)))),
            ("many headers", get("/weather/x", &format!("{many}{key}"))),
            ("many cookies", get("/weather/x", &cookies)),
            ("a long path", get(&format!("/weather/{}", long(100_000)), &key)),
            ("a path of many segments", get(&format!("/weather{}", "/a".repeat(6_000)), &key)),
            ("a long query", get(&format!("/weather/x?{}", long(100_000)), &key)),
            ("a long method", format!("{} /weather/x HTTP/1.1\r\nhost: x\r\n\r\n", long(100_000)).into()),
            ("a long host", format!("GET /weather/x HTTP/1.1\r\nhost: {}\r\nx: y\r\n\r\n", long(100_000)).into()),
            ("bytes that are no HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n".to_vec()),
        ];
        refuse_all(&scene, &base, requests).await;
    }
}

#[tokio::test]
async fn parameters_that_are_too_long_or_too_many_are_refused() {
    let scene = Scene::new().await;
    let (id, secret) = (scene.credential.id(), scene.credential.secret());
    let own = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
    let many = (0..5_000).map(|number| format!("p{number}=x&")).collect::<Vec<_>>().concat();
    let same = "scope=openid&".repeat(4_000);
    let scopes = |count: usize| (0..count).map(|number| format!("s{number}+")).collect::<Vec<_>>().concat();
    let long = |count: usize| "a".repeat(count);
    let parts = "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\ny\r\n".repeat(900) + "--b--\r\n";
    let multipart = "content-type: multipart/form-data; boundary=b\r\n";
    let endless = format!("content-type: multipart/form-data; boundary={}\r\n", long(1_000));
    let basic = |text: &str| format!("{FORM}authorization: Basic {text}\r\n");
    let requests = vec![
        ("many parameters", post("/ims/token/v3", FORM, &format!("{own}&{many}"))),
        ("one parameter many times", post("/ims/token/v3", FORM, &format!("{own}&{same}"))),
        ("a long name", post("/ims/token/v3", FORM, &format!("{own}&{}=x", long(20_000)))),
        ("a hundred and one scopes", post("/ims/token/v3", FORM, &format!("{own}&scope={}", scopes(101)))),
        ("ten thousand scopes", post("/ims/token/v3", FORM, &format!("{own}&scope={}", scopes(9_000)))),
        ("a long scope", post("/ims/token/v3", FORM, &format!("{own}&scope={}", long(10_000)))),
        ("a long secret", post("/ims/token/v3", FORM, &format!("grant_type=client_credentials&client_id={id}&client_secret={}", long(30_000)))),
        ("a long client id", post("/ims/token/v3", FORM, &format!("grant_type=client_credentials&client_id={}&client_secret=x", long(15_000)))),
        ("a long grant type", post("/ims/token/v3", FORM, &format!("{own}&grant_type={}", long(15_000)))),
        ("many resources", post("/ims/token/v3", FORM, &format!("{own}{}", "&resource=https://a.example".repeat(50)))),
        ("a long assertion", post("/ims/exchange/jwt", FORM, &format!("client_id={id}&client_secret={secret}&jwt_token={}", long(16_000)))),
        ("many parts", post("/ims/token/v3", multipart, &parts)),
        ("a part without end", post("/ims/token/v3", multipart, &format!("--b\r\n{}", long(50_000)))),
        ("a long boundary", post("/ims/token/v3", &endless, "x")),
        ("a long Basic", post("/ims/token/v3", &basic(&long(40_000)), "grant_type=client_credentials")),
        ("a Basic that is no Base64", post("/ims/token/v3", &basic("%%%"), "grant_type=client_credentials")),
        ("a long Bearer", post("/ims/validate_token/v1", &format!("{FORM}authorization: Bearer {}\r\n", long(40_000)), "type=access_token")),
        ("a body that is too long", post("/ims/token/v3", FORM, &long(100_000))),
        ("a body announced as endless", post("/ims/token/v3", FORM, "").into_iter().collect::<Vec<u8>>()),
        ("a length beyond numbers", format!("POST /ims/token/v3 HTTP/1.1\r\nhost: x\r\n{FORM}content-length: 18446744073709551616\r\n\r\n").into()),
        ("an announced gigabyte", format!("POST /ims/token/v3 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{FORM}content-length: 1073741824\r\n\r\nx").into()),
        ("a chunk beyond numbers", format!("POST /ims/token/v3 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{FORM}transfer-encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nx").into()),
    ];
    refuse_all(&scene, &scene.tollgate.base_url, requests).await;
}

#[tokio::test]
async fn a_token_that_is_too_deep_or_too_long_is_no_token() {
    let scene = Scene::new().await;
    let account = scene.service_account().await;
    let good = scene.credential.token(&scene.tollgate).await;
    let (header, claims) = jwt::open(&good);
    let deep = "[".repeat(3_000) + &"]".repeat(3_000);
    let very_deep = r#"{"a":"#.repeat(700) + "1" + &"}".repeat(700);
    let many = (0..300).map(|number| format!(r#""m{number}":1,"#)).collect::<Vec<_>>().concat();
    let mut jwts = Vec::new();
    for part in [deep.clone(), format!(r#"{{"alg":{deep}}}"#), very_deep, format!("{{{many}\"alg\":\"RS256\"}}")] {
        jwts.push(jwt::signed(&part, &claims.to_string(), account.key()));
        jwts.push(jwt::signed(r#"{"alg":"RS256"}"#, &part, account.key()));
    }
    jwts.push(jwt::signed(&header.to_string(), &"x".repeat(9_000), account.key()));
    jwts.push(format!("{good}{}", "A".repeat(10_000)));
    jwts.push(".".repeat(10_000));
    let mut wide = account.claims(&scene.tollgate);
    for number in 0..101 {
        wide.insert(format!("{}/s/ent_{number}", scene.tollgate.base_url), json!(true));
    }
    jwts.push(account.signed(&wide));
    for token in jwts {
        let began = Instant::now();
        let exchanged = account.exchange(&scene.tollgate, &token).await;
        assert_eq!(exchanged.status, 400, "{exchanged:?}");
        assert_eq!(scene.introspect(&token, &scene.credential).await.body, json!({"active": false}));
        let validated = scene.validate(&token, &scene.credential).await;
        assert_eq!(validated.body["valid"], false, "{validated:?}");
        let called = scene.tollgate.call("/campaign/x", scene.credential.id(), Some(&token)).await;
        assert_eq!(called.status, 401, "{called:?}");
        assert!(began.elapsed() < Duration::from_secs(REFUSAL_SECONDS_MAX), "{:?}", began.elapsed());
    }
    assert!(scene.tap.take().is_empty());
}

#[tokio::test]
async fn junk_json_beside_parameters_in_the_query_is_not_read() {
    let scene = Scene::new().await;
    let (id, secret) = (scene.credential.id(), scene.credential.secret());
    let query = format!("/ims/token/v3?grant_type=client_credentials&client_id={id}&client_secret={secret}");
    let deep = "[".repeat(60_000);
    let answer = converse(&scene.tollgate.base_url, &post(&query, "content-type: application/json\r\n", &deep)).await;
    assert_eq!(answer.status(), 200, "{:?}", answer.answers);
}
