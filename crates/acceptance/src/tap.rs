//! An upstream that keeps the very bytes that it was sent.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::raw::{find, unchunked};

/// One request as it arrived, read by the letter of RFC 9112.
#[derive(Debug, Clone)]
pub struct Tapped {
    /// The first line.
    pub request_line: String,
    /// The header lines, names in the spelling of the sender.
    pub headers: Vec<(String, String)>,
    /// The body and its trailers, as they came.
    pub body: String,
}

impl Tapped {
    /// What was asked for.
    pub fn target(&self) -> &str {
        self.request_line.split(' ').nth(1).unwrap_or_default()
    }

    /// All values of a header, whose name is compared as lax servers do: in any case, with `_` and `.` for `-`.
    pub fn values(&self, name: &str) -> Vec<&str> {
        let lax = |name: &str| name.to_ascii_lowercase().replace(['_', '.'], "-");
        self.headers.iter().filter(|(own, _)| lax(own) == name).map(|(_, value)| value.as_str()).collect()
    }
}

/// An upstream on a loopback port that stops with its value. It answers every request with 200 and the request line.
pub struct Tap {
    address: String,
    seen: Arc<Mutex<Seen>>,
    server: tokio::task::JoinHandle<()>,
}

#[derive(Default)]
struct Seen {
    requests: Vec<Tapped>,
    /// What was no request by the letter.
    oddities: Vec<String>,
}

impl Tap {
    /// Starts one.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
        let address = listener.local_addr().expect("a bound listener has an address").to_string();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let shared = Arc::clone(&seen);
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&shared)));
            }
        });
        Self { address, seen, server }
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests that arrived since the last time this was asked. What arrived and was no request fails the test.
    pub fn take(&self) -> Vec<Tapped> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(seen.oddities.is_empty(), "the upstream was sent what is no request: {:?}", seen.oddities);
        std::mem::take(&mut seen.requests)
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(mut stream: TcpStream, seen: Arc<Mutex<Seen>>) {
    let (mut received, mut part) = (Vec::new(), vec![0; 16 * 1024]);
    loop {
        while let Some(outcome) = next(&received) {
            let answer = {
                let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
                match outcome {
                    Ok((request, bytes)) => {
                        received.drain(..bytes);
                        let text = request.request_line.clone();
                        seen.requests.push(request);
                        format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{text}", text.len())
                    }
                    Err(oddity) => {
                        seen.oddities.push(oddity);
                        return;
                    }
                }
            };
            if stream.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
        }
        match stream.read(&mut part).await {
            Ok(0) | Err(_) => return,
            Ok(count) => received.extend_from_slice(&part[..count]),
        }
    }
}

/// The first whole request in what was received, and its length.
fn next(received: &[u8]) -> Option<Result<(Tapped, usize), String>> {
    let head_end = find(received, b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&received[..head_end]).into_owned();
    let mut lines = head.split("\r\n");
    let request_line = lines.next().unwrap_or_default().to_owned();
    let mut headers = Vec::new();
    for line in lines {
        let Some((name, value)) = line.split_once(':') else { return Some(Err(head)) };
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let is_token = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic());
    let is_plain = !head.replace("\r\n", "").contains(['\r', '\n', '\0']);
    let has_plain_names = headers.iter().all(|(name, _)| is_token(name));
    let framings: Vec<_> = headers
        .iter()
        .filter(|(name, _)| ["content-length", "transfer-encoding"].contains(&name.to_ascii_lowercase().as_str()))
        .collect();
    if request_line.split(' ').count() != 3 || !is_plain || !has_plain_names || framings.len() > 1 {
        return Some(Err(head));
    }
    let rest = &received[head_end + 4..];
    let (body, bytes) = match framings.first().map(|(name, value)| (name.to_ascii_lowercase(), value.as_str())) {
        None => (Vec::new(), 0),
        Some((name, value)) if name == "content-length" => match value.parse::<usize>() {
            Ok(length) => (rest.get(..length)?.to_vec(), length),
            Err(_) => return Some(Err(head)),
        },
        Some((_, "chunked")) => {
            let (_, bytes) = unchunked(rest)?;
            (rest[..bytes].to_vec(), bytes)
        }
        Some(_) => return Some(Err(head)),
    };
    let body = String::from_utf8_lossy(&body).into_owned();
    Some(Ok((Tapped { request_line, headers, body }, head_end + 4 + bytes)))
}
