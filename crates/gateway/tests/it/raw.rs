//! Requests as bytes: what is not plainly one HTTP request does not reach a service.

use tollgate_model::service::Authorization;

use crate::{scene::Scene, upstream::Upstream};

struct Place {
    scene: Scene,
    upstream: Upstream,
    key: String,
}

async fn place() -> Place {
    let scene = Scene::new().await;
    let upstream = Upstream::echo().await;
    let open = scene.service("/a", &[upstream.address], |_| {}).await;
    let guarded = scene
        .service("/a/admin", &[upstream.address], |service| service.authorization = Authorization::ServiceToken)
        .await;
    let key = scene.api_key(&[&open, &guarded]).await.id.to_string();
    Place { scene, upstream, key }
}

#[tokio::test]
async fn a_path_that_two_servers_could_read_differently_is_400_and_goes_nowhere() {
    let Place { scene, upstream, key } = place().await;
    for path in [
        "/a/../a/admin",
        "/a/./admin",
        "/a//admin",
        "//a/admin",
        "/a/%2e%2e/admin",
        "/a/%2E/admin",
        "/a/.%2e/admin",
        "/a/..;/admin",
        "/a;x/admin",
        "/a/%61dmin",
        "/a%2fadmin",
        "/a/%2Fadmin",
        "/a%5cadmin",
        "/a\\admin",
        "/a/x%00",
        "/a/%",
        "/a/%zz",
        "/a/%c0%ae%c0%ae/admin",
        "/a/%252e%252e/admin",
        "/a/admin/..%2f",
        "/a/x/..",
        "/a/%0d%0ax",
        "/a/\"x\"",
        "/a/{x}",
        "/a/|",
        "http://api.test/a/../admin",
        "http://api.test//a",
    ] {
        let answer = scene
            .raw(&format!("GET {path} HTTP/1.1\r\nhost: api.test\r\nx-api-key: {key}\r\nconnection: close\r\n\r\n"))
            .await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{path}: {answer}");
    }
    assert_eq!(upstream.requests(), 0);
}

#[tokio::test]
async fn what_is_matched_is_what_is_forwarded_also_in_absolute_form() {
    let Place { scene, upstream, key } = place().await;
    for (target, forwarded) in [
        ("/a/b?c", "/a/b?c"),
        ("http://api.test/a/b?c", "/a/b?c"),
        ("https://api.test/a", "/a"),
        ("/a/ADMIN", "/a/ADMIN"),
        ("/a/b?x=/a/../admin", "/a/b?x=/a/../admin"),
    ] {
        let answer = scene
            .raw(&format!("GET {target} HTTP/1.1\r\nhost: api.test\r\nx-api-key: {key}\r\nconnection: close\r\n\r\n"))
            .await;
        assert!(answer.contains(&format!("\"target\":\"{forwarded}\"")), "{target}: {answer}");
    }
    // What stands behind `#` is neither matched nor forwarded.
    let answer = scene
        .raw(&format!("GET /a/b#/admin HTTP/1.1\r\nhost: api.test\r\nx-api-key: {key}\r\nconnection: close\r\n\r\n"))
        .await;
    assert!(answer.starts_with("HTTP/1.1 400") || answer.contains("\"target\":\"/a/b\""), "{answer}");
    assert_eq!(upstream.connections(), 1);
}

#[tokio::test]
async fn targets_that_are_no_path_and_hosts_that_are_not_one_are_400() {
    let Place { scene, upstream, key } = place().await;
    let fields = format!("x-api-key: {key}\r\nconnection: close\r\n\r\n");
    for head in [
        "OPTIONS * HTTP/1.1\r\nhost: api.test\r\n",
        "GET a HTTP/1.1\r\nhost: api.test\r\n",
        "GET ftp://api.test/a HTTP/1.1\r\nhost: api.test\r\n",
        "GET file:///a HTTP/1.1\r\nhost: api.test\r\n",
        "GET http://other.test/a HTTP/1.1\r\nhost: api.test\r\n",
        "GET http://u@api.test/a HTTP/1.1\r\nhost: api.test\r\n",
        "CONNECT api.test:443 HTTP/1.1\r\nhost: api.test:443\r\n",
        "GET /a HTTP/1.1\r\n",
        "GET /a HTTP/1.1\r\nhost: api.test\r\nhost: api.test\r\n",
        "GET /a HTTP/1.1\r\nhost: api.test, other.test\r\n",
        "GET /a HTTP/1.1\r\nhost: u@api.test\r\n",
        "GET /a HTTP/1.1\r\nhost:\r\n",
        "GET /a HTTP/1.1\r\nhost: api.test/a/admin\r\n",
    ] {
        let answer = scene.raw(&format!("{head}{fields}")).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{head}: {answer}");
    }
    assert_eq!(upstream.requests(), 0);
}

#[tokio::test]
async fn a_message_with_two_framings_cannot_smuggle_another() {
    let Place { scene, upstream, key } = place().await;
    let smuggled = "GET /a/smuggled HTTP/1.1\r\nhost: api.test\r\n\r\n";
    let fields = format!("host: api.test\r\nx-api-key: {key}\r\n");
    for framing in [
        "content-length: 5\r\ntransfer-encoding: chunked\r\n",
        "transfer-encoding: chunked\r\ncontent-length: 5\r\n",
        "transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n",
        "transfer-encoding: identity\r\n",
        "transfer-encoding: xchunked\r\n",
        "transfer-encoding: chunked, identity\r\n",
        "transfer-encoding : chunked\r\n",
        "content-length: 5\r\ncontent-length: 6\r\n",
        "content-length: +5\r\n",
        "content-length: 5 5\r\n",
        "content-length:\r\n",
        "content-length: -1\r\n",
        " content-length: 5\r\n",
        ": x\r\n",
        "x y: z\r\n",
        "x: a\r\n b\r\n",
        "x: a\0b\r\n",
    ] {
        let answer = scene.raw(&format!("POST /a HTTP/1.1\r\n{fields}{framing}\r\n0\r\n\r\n{smuggled}")).await;
        // Either refused, or read in one way with the connection closed behind it (RFC 9112 section 6.1).
        let answers = answer.matches("HTTP/1.1 ").count();
        assert!(answers == 1, "{framing:?}: {answer}");
        assert!(
            answer.starts_with("HTTP/1.1 400")
                || answer.contains("\"content-length\":null")
                || !answer.contains("smuggled"),
            "{framing:?}: {answer}"
        );
    }
    let old =
        scene.raw(&format!("POST /a HTTP/1.0\r\n{fields}transfer-encoding: chunked\r\n\r\n0\r\n\r\n{smuggled}")).await;
    assert!(old.starts_with("HTTP/1.0 400") || old.starts_with("HTTP/1.1 400"), "{old}");
    assert!(upstream.requests() <= 2, "only those with both framings, read as chunked, came through");
}

#[tokio::test]
async fn what_comes_through_with_both_framings_has_one_behind_the_gateway() {
    let Place { scene, key, .. } = place().await;
    let answer = scene
        .raw(&format!("POST /a HTTP/1.1\r\nhost: api.test\r\nx-api-key: {key}\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"))
        .await;
    if answer.starts_with("HTTP/1.1 200") {
        assert!(answer.contains("\"body\":\"hello\"") && !answer.contains("\"content-length\":[\"3\"]"), "{answer}");
    } else {
        assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    }
}
