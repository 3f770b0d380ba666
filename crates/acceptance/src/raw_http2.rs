//! HTTP/2 as bytes (RFC 9113), for what no client library lets out of the house.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const FRAME_HEAD_BYTES: usize = 9;
/// Longest wait for the end of an answer.
const ANSWER_SECONDS_MAX: u64 = 3;

/// Sends one request on stream 1 and waits until the server has answered, refused or closed. `fields` are sent as they
/// are and in this order, pseudo-header fields among them.
pub async fn send(base_url: &str, fields: &[(&str, &str)], body: Option<&[u8]>) {
    let mut bytes = PREFACE.to_vec();
    frame(&mut bytes, SETTINGS, 0, 0, &[]);
    let mut block = Vec::new();
    for (name, value) in fields {
        // A literal without indexing, not compressed (RFC 7541 section 6.2.2).
        block.push(0);
        text(&mut block, name.as_bytes());
        text(&mut block, value.as_bytes());
    }
    frame(&mut bytes, HEADERS, END_HEADERS | if body.is_none() { END_STREAM } else { 0 }, 1, &block);
    if let Some(body) = body {
        frame(&mut bytes, DATA, END_STREAM, 1, body);
    }
    let mut stream = TcpStream::connect(base_url.trim_start_matches("http://")).await.expect("the server listens");
    let _refused = stream.write_all(&bytes).await;
    let mut received = Vec::new();
    let mut part = [0; 4096];
    while !is_answered(&received) {
        match timeout(Duration::from_secs(ANSWER_SECONDS_MAX), stream.read(&mut part)).await {
            Ok(Ok(count)) if count > 0 => received.extend_from_slice(&part[..count]),
            _ => return,
        }
    }
}

fn frame(bytes: &mut Vec<u8>, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
    let length = u32::try_from(payload.len()).expect("frames of tests are short").to_be_bytes();
    bytes.extend_from_slice(&length[1..]);
    bytes.extend_from_slice(&[kind, flags]);
    bytes.extend_from_slice(&stream.to_be_bytes());
    bytes.extend_from_slice(payload);
}

/// A text with its length as an integer with a prefix of seven bits (RFC 7541 section 5).
fn text(block: &mut Vec<u8>, text: &[u8]) {
    const PREFIX_MAX: usize = 127;
    if text.len() < PREFIX_MAX {
        block.push(u8::try_from(text.len()).expect("less than 127"));
    } else {
        block.push(127);
        let mut rest = text.len() - PREFIX_MAX;
        while rest >= 128 {
            block.push(u8::try_from(rest % 128 + 128).expect("less than 256"));
            rest /= 128;
        }
        block.push(u8::try_from(rest).expect("less than 128"));
    }
    block.extend_from_slice(text);
}

/// Whether stream 1 or the connection has ended.
fn is_answered(mut received: &[u8]) -> bool {
    while received.len() >= FRAME_HEAD_BYTES {
        let length = usize::from(received[0]) << 16 | usize::from(received[1]) << 8 | usize::from(received[2]);
        let (kind, flags) = (received[3], received[4]);
        if matches!(kind, RST_STREAM | GOAWAY) || (matches!(kind, DATA | HEADERS) && flags & END_STREAM != 0) {
            return true;
        }
        let Some(rest) = received.get(FRAME_HEAD_BYTES + length..) else { return false };
        received = rest;
    }
    false
}
