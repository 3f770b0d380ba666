//! Bytes that two servers could cut into different requests (row 27).

use tollgate_acceptance::{Tapped, raw::converse};

use super::Scene;

/// A request that would be forwarded if it were read as one.
fn smuggled(key: &str) -> String {
    format!("GET /weather/smuggled HTTP/1.1\r\nhost: x\r\nx-api-key: {key}\r\n\r\n")
}

/// Heads whose framing is in doubt: lines that follow the first three of a POST.
const FRAMINGS: [&str; 46] = [
    "content-length: 4\r\ntransfer-encoding: chunked\r\n",
    "transfer-encoding: chunked\r\ncontent-length: 4\r\n",
    "content-length: 0\r\ntransfer-encoding: chunked\r\n",
    "content-length: 4\r\nTransfer-Encoding: CHUNKED\r\n",
    "content-length: 4\r\ncontent-length: 5\r\n",
    "content-length: 5\r\ncontent-length: 0\r\n",
    "content-length: 4, 5\r\n",
    "content-length: 5, 5\r\n",
    "content-length: +5\r\n",
    "content-length: -5\r\n",
    "content-length: 0x5\r\n",
    "content-length: 5 5\r\n",
    "content-length: 5;\r\n",
    "content-length: \"5\"\r\n",
    "content-length: 5.0\r\n",
    "content-length:\r\n",
    "content-length: 99999999999999999999\r\n",
    "content-length : 5\r\n",
    "content-length\t: 5\r\n",
    "content-length\r\n",
    " content-length: 5\r\n",
    "content-length: 5\r\n ,5\r\n",
    "content_length: 5\r\ntransfer-encoding: xchunked\r\n",
    "transfer-encoding: xchunked\r\n",
    "transfer-encoding: chunkedx\r\n",
    "transfer-encoding: chunked, identity\r\n",
    "transfer-encoding: identity\r\n",
    "transfer-encoding: gzip\r\n",
    "transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n",
    "transfer-encoding: \"chunked\"\r\n",
    "transfer-encoding: 'chunked'\r\n",
    "transfer-encoding: chunked;x=y\r\n",
    "transfer-encoding:\r\n chunked\r\n",
    "transfer-encoding: chunk\x0bed\r\n",
    "transfer-encoding : chunked\r\n",
    "transfer-encoding\t: chunked\r\n",
    " transfer-encoding: chunked\r\n",
    "transfer-encoding: \u{b}chunked\r\n",
    "transfer-encoding:\r\n",
    "x: y\rtransfer-encoding: chunked\r\n",
    "x: y\0\r\n",
    ": x\r\n",
    "x y: z\r\n",
    "x: y\r\n folded\r\n",
    "x: y\r\n\ttransfer-encoding: chunked\r\n",
    "(x): y\r\n",
];

/// Bodies that are not in chunks, although the head says so.
const CHUNKS: [&str; 21] = [
    "5\r\nhello\r\n0\r\n",
    "5\r\nhelloX\r\n0\r\n\r\n",
    "5\r\nhello0\r\n\r\n",
    "+5\r\nhello\r\n0\r\n\r\n",
    "-5\r\nhello\r\n0\r\n\r\n",
    "0x5\r\nhello\r\n0\r\n\r\n",
    "5g\r\nhello\r\n0\r\n\r\n",
    "\r\nhello\r\n0\r\n\r\n",
    " \r\nhello\r\n0\r\n\r\n",
    "5,5\r\nhello\r\n0\r\n\r\n",
    "5\nhello\r\n0\r\n\r\n",
    "5\rhello\r\n0\r\n\r\n",
    "5;x=y\nz\r\nhello\r\n0\r\n\r\n",
    "10000000000000005\r\nhello\r\n0\r\n\r\n",
    "FFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n",
    "6\r\nhello\r\n0\r\n\r\n",
    "4\r\nhello\r\n0\r\n\r\n",
    "5\r\nhello\r\n0\r\nx: y\n\r\n",
    "5\r\nhello\r\n0\r\n: y\r\n\r\n",
    "5\r\nhello\r\n00000000000000000000\r\n\r",
    "5\r\nhello\r\n0\n\r",
];

/// Sends bytes that hold one request and something that must not become a second.
async fn holds_no_second_request(scene: &Scene, bytes: &str) {
    for base in [&scene.tollgate.gateway_url, &scene.tollgate.base_url] {
        let conversation = converse(base, bytes.as_bytes()).await;
        let tapped = scene.tap.take();
        assert!(tapped.iter().all(|request| !request.target().contains("smuggled")), "{bytes:?}: {tapped:?}");
        assert!(conversation.answers.len() <= 1, "{bytes:?}: {:?}", conversation.answers);
        assert!(tapped.len() <= 1, "{bytes:?}: {tapped:?}");
        assert!(conversation.is_closed || tapped.is_empty(), "{bytes:?}: the connection lives on after {tapped:?}");
    }
}

#[tokio::test]
async fn a_head_with_doubtful_framing_carries_no_second_request() {
    let scene = Scene::new().await;
    let key = scene.credential.id();
    assert_eq!(
        converse(&scene.tollgate.gateway_url, smuggled(key).as_bytes()).await.status(),
        200,
        "by itself it passes"
    );
    scene.tap.take();
    for framing in FRAMINGS {
        for body in ["0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n", ""] {
            let head = format!("POST /weather/x HTTP/1.1\r\nhost: x\r\nx-api-key: {key}\r\n{framing}\r\n");
            holds_no_second_request(&scene, &format!("{head}{body}{}", smuggled(key))).await;
        }
    }
}

#[tokio::test]
async fn a_body_in_broken_chunks_carries_no_second_request() {
    let scene = Scene::new().await;
    let key = scene.credential.id();
    // Together, since a body that never ends is waited for.
    let mut conversations = tokio::task::JoinSet::new();
    for chunks in CHUNKS {
        let head =
            format!("POST /weather/x HTTP/1.1\r\nhost: x\r\nx-api-key: {key}\r\ntransfer-encoding: chunked\r\n\r\n");
        let bytes = format!("{head}{chunks}{}", smuggled(key));
        let base = scene.tollgate.gateway_url.clone();
        conversations.spawn(async move { (chunks, converse(&base, bytes.as_bytes()).await) });
    }
    for (chunks, conversation) in conversations.join_all().await {
        assert!(conversation.answers.len() <= 1, "{chunks:?}: {:?}", conversation.answers);
    }
    let tapped = scene.tap.take();
    assert!(tapped.iter().all(|request| request.target() == "/weather/x"), "{tapped:?}");
}

#[tokio::test]
async fn an_old_or_unknown_version_has_no_chunks_and_no_second_request() {
    let scene = Scene::new().await;
    let key = scene.credential.id();
    for version in ["HTTP/1.0", "HTTP/0.9", "HTTP/1.2", "HTTP/2.0", "http/1.1", "HTTP/1.1 x", "HTTP/11", ""] {
        for framing in ["transfer-encoding: chunked\r\n", "content-length: 4\r\ntransfer-encoding: chunked\r\n"] {
            let head = format!("POST /weather/x {version}\r\nhost: x\r\nx-api-key: {key}\r\n{framing}\r\n");
            holds_no_second_request(&scene, &format!("{head}0\r\n\r\n{}", smuggled(key))).await;
        }
    }
    let old = format!("GET /weather/x HTTP/1.0\r\nhost: x\r\nx-api-key: {key}\r\n\r\n{}", smuggled(key));
    holds_no_second_request(&scene, &old).await;
}

#[tokio::test]
async fn bytes_behind_a_request_to_switch_protocols_are_not_sent_on_before_the_switch() {
    let scene = Scene::new().await;
    let key = scene.credential.id();
    let stranger = "GET /weather/smuggled HTTP/1.1\r\nhost: x\r\n\r\n";
    for upgrade in [
        "connection: upgrade\r\nupgrade: websocket\r\n",
        "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n",
        "connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n",
        "connection: upgrade\r\nupgrade: tls/1.0\r\n",
        "connection: upgrade\r\nupgrade: anything\r\n",
    ] {
        for (method, body) in
            [("GET", ""), ("GET", "content-length: 5\r\n\r\nhello"), ("POST", "content-length: 5\r\n\r\nhello")]
        {
            let end = if body.is_empty() { "\r\n" } else { "" };
            let bytes = format!(
                "{method} /weather/x HTTP/1.1\r\nhost: x\r\nx-api-key: {key}\r\n{upgrade}{body}{end}{stranger}"
            );
            let conversation = converse(&scene.tollgate.gateway_url, bytes.as_bytes()).await;
            let tapped = scene.tap.take();
            assert_eq!(tapped.iter().map(Tapped::target).collect::<Vec<_>>(), ["/weather/x"], "{bytes:?}");
            assert!(!tapped[0].body.contains("smuggled"), "{tapped:?}");
            // What follows is a request of its own, without a key; or the connection is closed.
            let statuses: Vec<u16> = conversation.answers.iter().map(|answer| answer.status).collect();
            assert!(statuses == [200] || statuses == [200, 403], "{bytes:?}: {statuses:?}");
        }
    }
}

#[tokio::test]
async fn a_bare_line_feed_is_never_sent_on_and_whatever_follows_it_is_judged_by_itself() {
    let scene = Scene::new().await;
    let key = scene.credential.id();
    for bytes in [
        format!("GET /weather/x HTTP/1.1\nhost: x\nx-api-key: {key}\n\n"),
        format!("GET /weather/x HTTP/1.1\r\nhost: x\r\nx-api-key: {key}\r\nx: y\nx-client-id: forged\r\n\r\n"),
        format!(
            "GET /weather/x HTTP/1.1\r\nhost: x\r\nx-api-key: {key}\r\nx: y\n\nGET /weather/smuggled HTTP/1.1\r\nhost: x\r\n\r\n"
        ),
        format!(
            "GET /weather/x HTTP/1.1\r\nhost: x\r\nx-api-key: {key}\r\nx: y\r\rGET /weather/smuggled HTTP/1.1\r\nhost: x\r\n\r\n"
        ),
        format!("GET /weather/x HTTP/1.1\r\nhost: x\r\nx-api-key: {key}\r\nx: y\rx-client-id: forged\r\n\r\n"),
        format!("\n\r\n\nGET /weather/x HTTP/1.1\r\nhost: x\r\nx-api-key: {key}\r\n\r\n"),
        format!("GET /weather/x HTTP/1.1\r\r\nhost: x\r\nx-api-key: {key}\r\n\r\n"),
        format!("GET  /weather/x HTTP/1.1\r\nhost: x\r\nx-api-key: {key}\r\n\r\n"),
        format!("GET /weather/x\u{c}HTTP/1.1\r\nhost: x\r\nx-api-key: {key}\r\n\r\n"),
        format!("GET /weather/x smuggled HTTP/1.1\r\nhost: x\r\nx-api-key: {key}\r\n\r\n"),
    ] {
        converse(&scene.tollgate.gateway_url, bytes.as_bytes()).await;
        // The tap itself refuses a head with a bare line end in it.
        for tapped in scene.tap.take() {
            assert_eq!(tapped.target(), "/weather/x", "{bytes:?}");
            assert_eq!(tapped.values("x-client-id"), [key], "{bytes:?}");
        }
    }
}
