//! WebSocket: the connection goes on as a stream of bytes, and only when both sides said so.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{sleep, timeout},
};

use crate::{scene::Scene, upstream::Upstream};

const SWITCHED: &str = "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

/// Reads one head.
async fn head(stream: &mut TcpStream) -> String {
    let mut read = Vec::new();
    while !read.ends_with(b"\r\n\r\n") {
        read.push(timeout(Duration::from_secs(5), stream.read_u8()).await.expect("a head arrives").unwrap());
    }
    String::from_utf8(read).unwrap()
}

/// Switches when asked to, says hello in the new protocol at once, and then sends back what it gets.
async fn switching() -> Upstream {
    Upstream::raw(|mut stream| async move {
        let asked = head(&mut stream).await.to_ascii_lowercase();
        if !asked.contains("upgrade: websocket") || !asked.contains("connection: upgrade") {
            let _ = stream.write_all(b"HTTP/1.1 426 Upgrade Required\r\ncontent-length: 0\r\n\r\n").await;
            return;
        }
        let _ = stream.write_all(format!("{SWITCHED}hello").as_bytes()).await;
        let mut buffer = [0; 1_024];
        while let Ok(count @ 1..) = stream.read(&mut buffer).await {
            let _ = stream.write_all(&buffer[..count]).await;
        }
    })
    .await
}

async fn open(scene: &Scene, key: &str, headers: &str) -> TcpStream {
    let mut stream = TcpStream::connect(scene.address).await.unwrap();
    stream
        .write_all(format!("GET /ws HTTP/1.1\r\nhost: api.test\r\nx-api-key: {key}\r\n{headers}\r\n").as_bytes())
        .await
        .unwrap();
    stream
}

const ASKS: &str = "connection: keep-alive, Upgrade\r\nupgrade: websocket\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n";

async fn expect(stream: &mut TcpStream, text: &str) {
    let mut read = vec![0; text.len()];
    timeout(Duration::from_secs(5), stream.read_exact(&mut read)).await.expect("it arrives").unwrap();
    assert_eq!(String::from_utf8(read).unwrap(), text);
}

#[tokio::test]
async fn a_websocket_carries_bytes_both_ways_until_one_side_ends() {
    let scene = Scene::new().await;
    let upstream = switching().await;
    let service = scene.service("/ws", &[upstream.address], |_| {}).await;
    let client = scene.api_key(&[&service]).await;
    let mut stream = open(&scene, client.id.as_str(), ASKS).await;
    let answer = head(&mut stream).await.to_ascii_lowercase();
    assert!(
        answer.starts_with("http/1.1 101")
            && answer.contains("upgrade: websocket")
            && answer.contains("sec-websocket-accept"),
        "{answer}"
    );
    assert!(answer.contains("x-request-id"));
    expect(&mut stream, "hello").await;
    for words in ["one", "two", &"x".repeat(100_000)] {
        let (mut reader, mut writer) = stream.split();
        let mut read = vec![0; words.len()];
        let (written, _) = tokio::join!(
            writer.write_all(words.as_bytes()),
            timeout(Duration::from_secs(5), reader.read_exact(&mut read))
        );
        written.unwrap();
        assert!(read == words.as_bytes());
    }
    stream.shutdown().await.unwrap();
    assert_eq!(timeout(Duration::from_secs(5), stream.read(&mut [0; 8])).await.expect("it ends").unwrap(), 0);
}

#[tokio::test]
async fn a_websocket_needs_a_key_like_any_call_and_other_protocols_are_not_switched_to() {
    let scene = Scene::new().await;
    let upstream = switching().await;
    let service = scene.service("/ws", &[upstream.address], |_| {}).await;
    let client = scene.api_key(&[&service]).await;
    let mut stream = open(&scene, "nobody", ASKS).await;
    assert!(head(&mut stream).await.starts_with("HTTP/1.1 403"));
    assert_eq!(upstream.connections(), 0);
    for headers in
        ["connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: x\r\n", "upgrade: websocket\r\n"]
    {
        let mut stream = open(&scene, client.id.as_str(), headers).await;
        assert!(head(&mut stream).await.starts_with("HTTP/1.1 426"), "{headers}");
    }
}

#[tokio::test]
async fn an_upstream_that_switches_unasked_is_not_followed() {
    let scene = Scene::new().await;
    let upstream = Upstream::raw(|mut stream| async move {
        head(&mut stream).await;
        let _ = stream.write_all(format!("{SWITCHED}HTTP/1.1 200 OK\r\n\r\n").as_bytes()).await;
        sleep(Duration::from_millis(200)).await;
    })
    .await;
    let service = scene.service("/ws", &[upstream.address], |_| {}).await;
    let client = scene.api_key(&[&service]).await;
    let mut stream = open(&scene, client.id.as_str(), "").await;
    assert!(head(&mut stream).await.starts_with("HTTP/1.1 502"));
}

#[tokio::test]
async fn a_silent_tunnel_is_closed_and_all_are_when_the_gateway_stops() {
    let scene = Scene::new().await;
    let upstream = switching().await;
    let quick = scene.service("/ws", &[upstream.address], |service| service.forwarding.idle_timeout_millis = 300).await;
    let client = scene.api_key(&[&quick]).await;
    let mut stream = open(&scene, client.id.as_str(), ASKS).await;
    head(&mut stream).await;
    expect(&mut stream, "hello").await;
    for _ in 0..4 {
        sleep(Duration::from_millis(150)).await;
        stream.write_all(b"x").await.unwrap();
        expect(&mut stream, "x").await;
    }
    assert_eq!(timeout(Duration::from_secs(5), stream.read(&mut [0; 8])).await.expect("it is closed").unwrap_or(0), 0);

    let mut stream = open(&scene, client.id.as_str(), ASKS).await;
    head(&mut stream).await;
    expect(&mut stream, "hello").await;
    scene.gateway.shutdown().await.unwrap();
    assert_eq!(
        timeout(Duration::from_millis(250), stream.read(&mut [0; 8])).await.expect("it is closed at once").unwrap_or(0),
        0
    );
}
