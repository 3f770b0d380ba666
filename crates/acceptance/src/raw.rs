//! HTTP as bytes, for what no well-behaved client would send.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// Silence after an answer that ends the listening.
const QUIET_MILLIS: u64 = 150;
/// Longest wait for a first answer.
const ANSWER_SECONDS_MAX: u64 = 3;
/// More than any answer of ours.
const BYTES_MAX: usize = 4 * 1024 * 1024;

/// One answer on a raw connection.
#[derive(Debug, Clone)]
pub struct RawAnswer {
    /// The status.
    pub status: u16,
    /// Status line and headers.
    pub head: String,
    /// The body, with its chunks joined.
    pub body: String,
}

/// What came back on one connection.
#[derive(Debug, Clone, Default)]
pub struct Conversation {
    /// The answers, in order.
    pub answers: Vec<RawAnswer>,
    /// Whether the server closed the connection.
    pub is_closed: bool,
}

impl Conversation {
    /// The status of the first answer, 0 when there was none.
    pub fn status(&self) -> u16 {
        self.answers.first().map_or(0, |answer| answer.status)
    }

    /// The head and body of the first answer.
    pub fn text(&self) -> String {
        self.answers.first().map(|answer| format!("{}\r\n\r\n{}", answer.head, answer.body)).unwrap_or_default()
    }
}

/// Sends bytes to `base_url` and listens until the server closes, or falls silent after an answer.
pub async fn converse(base_url: &str, bytes: &[u8]) -> Conversation {
    let address = base_url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.expect("the server listens");
    let (mut reader, mut writer) = stream.split();
    // A server that has heard enough closes, and the rest cannot be written.
    let sent = async {
        let _refused = writer.write_all(bytes).await;
    };
    let mut received = Vec::new();
    let heard = async {
        let mut part = vec![0; 16 * 1024];
        loop {
            let wait = if answers(&received).is_empty() {
                Duration::from_secs(ANSWER_SECONDS_MAX)
            } else {
                Duration::from_millis(QUIET_MILLIS)
            };
            match timeout(wait, reader.read(&mut part)).await {
                Ok(Ok(0) | Err(_)) => return true,
                Ok(Ok(count)) => received.extend_from_slice(&part[..count]),
                Err(_) => return false,
            }
            if received.len() > BYTES_MAX {
                return false;
            }
        }
    };
    let ((), is_closed) = tokio::join!(sent, heard);
    Conversation { answers: answers(&received), is_closed }
}

/// The complete answers in what was received; one that lasts until the connection closes counts as complete.
fn answers(received: &[u8]) -> Vec<RawAnswer> {
    let mut answers = Vec::new();
    let mut rest = received;
    while let Some(end) = find(rest, b"\r\n\r\n") {
        let head = String::from_utf8_lossy(&rest[..end]).into_owned();
        let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or(0);
        let body = &rest[end + 4..];
        let Some((body, bytes)) = body_of(&head, status, body) else { break };
        answers.push(RawAnswer { status, head, body: String::from_utf8_lossy(&body).into_owned() });
        rest = &rest[end + 4 + bytes..];
    }
    answers
}

/// The body, and how many bytes it took.
fn body_of(head: &str, status: u16, rest: &[u8]) -> Option<(Vec<u8>, usize)> {
    let head = head.to_ascii_lowercase();
    let value = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    if status == 204 || status == 304 || status < 200 {
        return Some((Vec::new(), 0));
    }
    if value("transfer-encoding:").is_some_and(|coding| coding.ends_with("chunked")) {
        return unchunked(rest);
    }
    match value("content-length:").and_then(|length| length.parse::<usize>().ok()) {
        Some(length) => rest.get(..length).map(|body| (body.to_vec(), length)),
        None => Some((rest.to_vec(), rest.len())),
    }
}

/// The joined chunks of a body, and how many bytes they took; `None` while the last one is missing.
pub(crate) fn unchunked(bytes: &[u8]) -> Option<(Vec<u8>, usize)> {
    let (mut body, mut at) = (Vec::new(), 0);
    loop {
        let line_end = at + find(&bytes[at..], b"\r\n")?;
        let size = std::str::from_utf8(&bytes[at..line_end]).ok()?;
        let size = usize::from_str_radix(size, 16).ok()?;
        let start = line_end + 2;
        if size == 0 {
            let trailers_end = start + find(&bytes[start..], b"\r\n")?;
            // Trailers go on until an empty line.
            let end = if trailers_end == start { start + 2 } else { start + find(&bytes[start..], b"\r\n\r\n")? + 4 };
            return Some((body, end));
        }
        body.extend_from_slice(bytes.get(start..start + size)?);
        at = start + size + 2;
        bytes.get(..at)?;
    }
}

/// Where `needle` begins.
pub(crate) fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes.windows(needle.len()).position(|window| window == needle)
}
