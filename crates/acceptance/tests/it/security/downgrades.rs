//! What HTTP/2 can carry and HTTP/1.1 cannot: nothing of it becomes a second request or a header behind the gateway
//! (rows 23, 24 and 27).

use tollgate_acceptance::raw_http2::send;

use super::Scene;

const SMUGGLED: &str = "GET /weather/smuggled HTTP/1.1\r\nhost: x\r\n\r\n";

/// The fields of a good request, with one in the place of that of the same name, or behind them.
fn with<'a>(key: &'a str, name: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        (":method", "POST"),
        (":scheme", "http"),
        (":path", "/weather/x"),
        (":authority", "gateway.example"),
        ("x-api-key", key),
    ];
    match fields.iter_mut().find(|(own, _)| *own == name) {
        Some(field) => field.1 = value,
        None => fields.push((name, value)),
    }
    fields
}

/// Fields that say more than one thing when they are written as HTTP/1.1.
const FIELDS: [(&str, &str); 40] = [
    ("transfer-encoding", "chunked"),
    ("transfer-encoding", "identity"),
    ("content-length", "0"),
    ("content-length", "5"),
    ("content-length", "99999"),
    ("content-length", "x"),
    ("content-length", ""),
    ("content-length", "3, 4"),
    ("connection", "x-client-id"),
    ("connection", "close"),
    ("keep-alive", "timeout=5"),
    ("proxy-connection", "x-client-id"),
    ("upgrade", "websocket"),
    ("te", "gzip"),
    ("x", "y\r\ntransfer-encoding: chunked"),
    ("x", "y\r\n\r\nGET /weather/smuggled HTTP/1.1\r\nhost: x\r\n\r\n"),
    ("x", "y\nx-client-id: forged"),
    ("x", "y\rx-client-id: forged"),
    ("x", "y\0"),
    ("x: y\r\nx-client-id", "forged"),
    ("x-client-id: forged\r\nx", "y"),
    ("x y", "z"),
    ("X-Client-Id", "forged"),
    ("", "y"),
    ("x:", "y"),
    (":unknown", "y"),
    (":status", "200"),
    ("host", "other.example"),
    (":authority", "gateway.example\r\nx-client-id: forged"),
    (":authority", "gateway.example/weather/smuggled"),
    (":authority", "u@gateway.example"),
    (":scheme", "http://gateway.example/weather/smuggled?"),
    (":scheme", "gopher"),
    (":method", "GET /weather/smuggled HTTP/1.1\r\nx: "),
    (":method", "GET "),
    (":path", "/weather/x HTTP/1.1\r\nx-client-id: forged\r\nx: "),
    (":path", "/weather/x smuggled"),
    (":path", "/weather/../weather/smuggled"),
    (":path", "/weather//smuggled"),
    (":path", "weather/smuggled"),
];

#[tokio::test]
async fn nothing_that_http2_can_carry_becomes_another_header_or_request() {
    let scene = Scene::new().await;
    let key = scene.credential.id();
    let base = &scene.tollgate.gateway_url;
    send(base, &with(key, "x", "y"), Some(SMUGGLED.as_bytes())).await;
    let good = scene.tap.take();
    assert_eq!(good.len(), 1, "a good request comes through");
    assert!(good[0].body.contains(SMUGGLED), "as the body that it is: {good:?}");

    let mut requests: Vec<Vec<(&str, &str)>> = FIELDS.iter().map(|(name, value)| with(key, name, value)).collect();
    for name in [":method", ":scheme", ":path", ":authority"] {
        let good = with(key, "x", "y");
        requests.push(good.iter().copied().filter(|(own, _)| *own != name).collect());
        requests.push([&good[..], &good.iter().copied().filter(|(own, _)| *own == name).collect::<Vec<_>>()].concat());
    }
    let length = SMUGGLED.len().to_string();
    let (padded, plus) = (format!("0{length}"), format!("+{length}"));
    let numbers = [("content-length", &*length), ("content-length", &*padded), ("content-length", &*plus)];
    for (number, second) in numbers.iter().flat_map(|first| numbers.map(|second| (*first, second))) {
        requests.push([&with(key, number.0, number.1)[..], &[second]].concat());
    }
    requests.push([&with(key, "content-length", &length)[..], &[("transfer-encoding", "chunked")]].concat());
    for fields in requests {
        for body in [None, Some(SMUGGLED.as_bytes()), Some(&b"0\r\n\r\nGET /weather/smuggled HTTP/1.1\r\n\r\n"[..])] {
            send(base, &fields, body).await;
            let tapped = scene.tap.take();
            assert!(tapped.len() <= 1, "{fields:?}: {tapped:?}");
            for tapped in tapped {
                assert_eq!(tapped.request_line, "POST /weather/x HTTP/1.1", "{fields:?}");
                assert_eq!(tapped.values("x-client-id"), [key], "{fields:?}");
                assert!(tapped.values("connection").is_empty(), "{fields:?}: {tapped:?}");
                assert!(tapped.values("upgrade").is_empty(), "{fields:?}: {tapped:?}");
            }
        }
    }
    assert_eq!(scene.tollgate.call("/weather/x", key, None).await.status, 200);
}
