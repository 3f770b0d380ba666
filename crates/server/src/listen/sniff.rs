//! Which version of HTTP a plain connection speaks, told by its first bytes, which stay unread.

use std::{io, time::Duration};

use tokio::net::TcpStream;

/// What every HTTP/2 connection begins with (RFC 9113 section 3.4).
const HTTP2_PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Pause before looking again at a preface that came in pieces, which no known client sends.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// The versions of HTTP that are spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    /// HTTP/1.0 and HTTP/1.1.
    Http1,
    /// HTTP/2, from its first byte.
    Http2,
}

/// Waits for the first bytes; the caller bounds the wait.
pub(super) async fn protocol(stream: &TcpStream) -> io::Result<Protocol> {
    let mut seen = [0; HTTP2_PREFACE.len()];
    loop {
        match stream.peek(&mut seen).await? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            length if seen[..length] != HTTP2_PREFACE[..length] => return Ok(Protocol::Http1),
            length if length == HTTP2_PREFACE.len() => return Ok(Protocol::Http2),
            _ => tokio::time::sleep(LOOK_AGAIN).await,
        }
    }
}
