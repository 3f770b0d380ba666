//! The sample service behind the demo's gateway: answers every request with what arrived, as JSON.
//!
//! The body is echoed while it arrives, so that a large one needs no memory; a WebSocket gets its messages back.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use http_body_util::{Either, Empty};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Body, Frame, Incoming},
    header::{
        ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
        ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, CONNECTION, CONTENT_TYPE, HeaderMap,
        HeaderValue, ORIGIN, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, UPGRADE,
    },
    upgrade::OnUpgrade,
};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde_json::{Map, Value};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{handshake::derive_accept_key, protocol::Role},
};

pub(super) type SampleBody = Either<Echo, Empty<Bytes>>;

const ANYONE: HeaderValue = HeaderValue::from_static("*");

/// Answers one request.
pub(super) async fn answer(mut request: Request<Incoming>) -> Result<Response<SampleBody>, Infallible> {
    if let Some(key) = websocket_key(request.headers()) {
        tokio::spawn(return_messages(hyper::upgrade::on(&mut request)));
        return Ok(switching_protocols(&key));
    }
    if is_preflight(&request) {
        return Ok(allowing(request.headers()));
    }
    let (head, body) = request.into_parts();
    let arrived = Arrived {
        method: head.method.as_str(),
        path: head.uri.path(),
        query: head.uri.query().unwrap_or_default(),
        headers: readable(&head.headers),
    };
    let mut response = Response::new(Either::Left(Echo::new(&arrived, body)));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if head.headers.contains_key(ORIGIN) {
        response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, ANYONE);
    }
    Ok(response)
}

/// Whether a browser asks if a page of another origin may call (the Fetch standard, CORS preflight). The gateway leaves
/// the answer to the service.
fn is_preflight(request: &Request<Incoming>) -> bool {
    request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// Lets any page call, with the method and the headers that it wants: no cookie has a meaning here.
fn allowing(asked: &HeaderMap) -> Response<SampleBody> {
    let mut response = Response::new(Either::Right(Empty::new()));
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, ANYONE);
    let wanted = [
        (ACCESS_CONTROL_REQUEST_METHOD, ACCESS_CONTROL_ALLOW_METHODS),
        (ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_ALLOW_HEADERS),
    ];
    for (question, answer) in wanted {
        if let Some(value) = asked.get(question) {
            headers.insert(answer, value.clone());
        }
    }
    response
}

/// The head of a request, in the order in which it is read.
#[derive(Serialize)]
struct Arrived<'a> {
    method: &'a str,
    path: &'a str,
    query: &'a str,
    headers: Map<String, Value>,
}

/// Repeated headers are joined as RFC 9110 section 5.3 says.
fn readable(headers: &HeaderMap) -> Map<String, Value> {
    let mut readable: Map<String, Value> = Map::new();
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        let joined = match readable.get(name.as_str()) {
            Some(Value::String(before)) => format!("{before}, {value}"),
            _ => value.into_owned(),
        };
        readable.insert(name.to_string(), joined.into());
    }
    readable
}

/// The head of a request as JSON, then its body as the member `body`, written while it arrives.
pub(super) struct Echo {
    head: Option<Bytes>,
    body: Incoming,
    text: JsonText,
    ended: bool,
}

impl Echo {
    fn new(arrived: &Arrived<'_>, body: Incoming) -> Self {
        let head = serde_json::to_string_pretty(arrived).expect("text and maps of text are JSON");
        let open = head.trim_end_matches('}').trim_end();
        Self { head: Some(format!("{open},\n  \"body\": \"").into()), body, text: JsonText::default(), ended: false }
    }
}

impl Body for Echo {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        if let Some(head) = self.head.take() {
            return Poll::Ready(Some(Ok(Frame::data(head))));
        }
        loop {
            if self.ended {
                return Poll::Ready(None);
            }
            let part = match ready!(Pin::new(&mut self.body).poll_frame(context)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(arrived) => self.text.part(&arrived),
                    Err(_trailers) => continue,
                },
                Some(Err(cause)) => return Poll::Ready(Some(Err(cause))),
                None => {
                    self.ended = true;
                    format!("{}\",\n  \"body_bytes\": {}\n}}\n", self.text.rest(), self.text.length)
                }
            };
            if !part.is_empty() {
                return Poll::Ready(Some(Ok(Frame::data(part.into()))));
            }
        }
    }
}

/// Bytes on their way into a JSON string; what is not UTF-8 is replaced, also across the borders of parts.
#[derive(Default)]
struct JsonText {
    /// The beginning of a character whose end has not arrived: at most three bytes.
    unfinished: Vec<u8>,
    length: u64,
}

impl JsonText {
    fn part(&mut self, arrived: &[u8]) -> String {
        self.length += arrived.len() as u64;
        let mut bytes = std::mem::take(&mut self.unfinished);
        bytes.extend_from_slice(arrived);
        let mut text = String::with_capacity(bytes.len());
        let mut chunks = bytes.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            text.push_str(chunk.valid());
            let invalid = chunk.invalid();
            let may_go_on = std::str::from_utf8(invalid).is_err_and(|cause| cause.error_len().is_none());
            if may_go_on && chunks.peek().is_none() {
                self.unfinished = invalid.to_vec();
            } else if !invalid.is_empty() {
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
        escaped(&text)
    }

    fn rest(&mut self) -> String {
        String::from_utf8_lossy(&std::mem::take(&mut self.unfinished)).into_owned()
    }
}

fn escaped(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

fn websocket_key(headers: &HeaderMap) -> Option<HeaderValue> {
    let wanted = headers.get(UPGRADE)?.to_str().ok()?.eq_ignore_ascii_case("websocket");
    headers.get(SEC_WEBSOCKET_KEY).filter(|_| wanted).cloned()
}

fn switching_protocols(key: &HeaderValue) -> Response<SampleBody> {
    let mut response = Response::new(Either::Right(Empty::new()));
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    if let Ok(accept) = HeaderValue::from_str(&derive_accept_key(key.as_bytes())) {
        headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    }
    response
}

async fn return_messages(upgrade: OnUpgrade) {
    let Ok(upgraded) = upgrade.await else { return };
    let mut socket = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, None).await;
    while let Some(Ok(message)) = socket.next().await {
        if (message.is_text() || message.is_binary()) && socket.send(message).await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(parts: &[&[u8]]) -> String {
        let mut text = JsonText::default();
        let mut out: String = parts.iter().map(|part| text.part(part)).collect();
        out.push_str(&text.rest());
        serde_json::from_str(&format!("\"{out}\"")).unwrap()
    }

    #[test]
    fn a_body_comes_back_as_it_was_however_it_is_cut() {
        let body = "grüße \"quoted\"\n\\ 🎈 \u{1}";
        for cut in 0..=body.len() {
            let (front, back) = body.as_bytes().split_at(cut);
            assert_eq!(through(&[front, back]), body);
        }
    }

    #[test]
    fn bytes_that_are_not_text_are_replaced_and_leave_the_json_valid() {
        assert_eq!(through(&[b"a\xff", b"\xf0\x9f", b"b"]), "a\u{fffd}\u{fffd}b");
        assert_eq!(through(&[b"a\xf0\x9f"]), "a\u{fffd}");
    }
}
