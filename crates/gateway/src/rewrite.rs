//! The headers that go on: what a client must not send is dropped, what concerns one connection stays there, and who
//! calls is added.
//!
//! Headers are changed in place. Names are compared as servers behind CGI-like interfaces read them, where `_`, `.` and
//! `-` are one, so that no spelling of ours gets through.

use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Version, header};

use crate::{passage::Passage, presented::X_API_KEY};

/// The request's name in logs and answers.
pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const X_CLIENT_ID: HeaderName = HeaderName::from_static("x-client-id");
const X_ORGANIZATION_ID: HeaderName = HeaderName::from_static("x-organization-id");
const X_USER_ID: HeaderName = HeaderName::from_static("x-user-id");
const X_OAUTH_SCOPE: HeaderName = HeaderName::from_static("x-oauth-scope");
const X_TOLLGATE_IDENTITY: HeaderName = HeaderName::from_static("x-tollgate-identity");
const X_REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");
pub(crate) const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
pub(crate) const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
pub(crate) const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

const VIA_TOLLGATE: HeaderValue = HeaderValue::from_static("1.1 tollgate");
const WEBSOCKET: HeaderValue = HeaderValue::from_static("websocket");
const UPGRADE: HeaderValue = HeaderValue::from_static("upgrade");
const TE: HeaderValue = HeaderValue::from_static("te");
const TRAILERS: HeaderValue = HeaderValue::from_static("trailers");

/// As many headers as a request is given on its way, so that their map grows once.
const HEADERS_ADDED_MAX: usize = 14;

/// Longest header name whose other spellings are looked for; ours are shorter.
const NAME_BYTES_MAX: usize = 64;

/// What a name, with `-` for `_` and `.`, means to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// Says who calls or how the call came; only we may say it.
    Ours,
    /// Concerns one connection (RFC 9110 section 7.6.1).
    HopByHop,
    /// Read by the gateway or by the framing of HTTP; there may be one spelling of it.
    Guarded,
    /// Anything else.
    Other,
}

fn meaning(name: &str) -> Meaning {
    match name {
        "x-client-id"
        | "x-organization-id"
        | "x-user-id"
        | "x-oauth-scope"
        | "x-user-display-name"
        | "x-user-email"
        | "x-user-country-code"
        | "x-user-region"
        | "x-real-ip"
        | "forwarded" => Meaning::Ours,
        "connection"
        | "keep-alive"
        | "proxy-connection"
        | "proxy-authorization"
        | "proxy-authenticate"
        | "te"
        | "transfer-encoding"
        | "upgrade"
        | "http2-settings"
        | "expect" => Meaning::HopByHop,
        "x-api-key" | "x-request-id" | "authorization" | "host" | "content-length" | "content-type"
        | "content-encoding" | "cookie" | "origin" | "via" | "trailer" => Meaning::Guarded,
        _ if name.starts_with("x-forwarded-") || name.starts_with("x-tollgate-") => Meaning::Ours,
        _ => Meaning::Other,
    }
}

/// Whether a header of this name, in lower case, is dropped when a client sends it.
pub fn is_dropped(name: &str) -> bool {
    match meaning(name) {
        Meaning::Ours | Meaning::HopByHop => true,
        Meaning::Guarded => false,
        Meaning::Other => is_other_spelling(name),
    }
}

/// Whether `name` is one of our names with `_` or `.` in the place of `-`.
fn is_other_spelling(name: &str) -> bool {
    if name.len() > NAME_BYTES_MAX || !name.bytes().any(|byte| matches!(byte, b'_' | b'.')) {
        return false;
    }
    let mut spelled = [0; NAME_BYTES_MAX];
    for (place, byte) in spelled.iter_mut().zip(name.bytes()) {
        *place = if matches!(byte, b'_' | b'.') { b'-' } else { byte };
    }
    std::str::from_utf8(&spelled[..name.len()]).is_ok_and(|spelled| meaning(spelled) != Meaning::Other)
}

/// Drops what a client must not send on. Headers that `Connection` names go too, but it can name neither ours, which are
/// added later, nor those that security or framing depend on.
pub fn drop_unforwardable(headers: &mut HeaderMap) {
    let mut dropped: Vec<HeaderName> = headers.keys().filter(|name| is_dropped(name.as_str())).cloned().collect();
    if dropped.contains(&header::CONNECTION) {
        dropped.extend(named_by_connection(headers));
    }
    for name in dropped {
        headers.remove(name);
    }
}

/// The headers that `Connection` binds to one connection, as far as it may.
fn named_by_connection(headers: &HeaderMap) -> impl Iterator<Item = HeaderName> {
    let values = headers.get_all(header::CONNECTION).iter();
    let words = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b',')).map(<[u8]>::trim_ascii);
    // Most often it names no header at all.
    let names = words.filter(|word| !word.eq_ignore_ascii_case(b"keep-alive") && !word.eq_ignore_ascii_case(b"close"));
    names.filter_map(|name| HeaderName::from_bytes(name).ok()).filter(|name| meaning(name.as_str()) != Meaning::Guarded)
}

/// Drops from the trailers of a request what may not stand there: servers that merge them with the headers would believe
/// it.
pub fn drop_from_trailers(trailers: &mut HeaderMap) {
    let is_kept = |name: &HeaderName| meaning(name.as_str()) == Meaning::Other && !is_other_spelling(name.as_str());
    let dropped: Vec<HeaderName> = trailers.keys().filter(|name| !is_kept(name)).cloned().collect();
    for name in dropped {
        trailers.remove(name);
    }
}

/// Whether the client asks to go on with WebSocket (RFC 6455 section 4.1). Other protocols are not switched to: the
/// header goes and the request is answered as it is, which RFC 9110 section 7.8 allows.
pub(crate) fn asks_for_websocket<B>(request: &Request<B>) -> bool {
    let mut upgrades = request.headers().get_all(header::UPGRADE).iter();
    let names_websocket = upgrades.next().is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
        && upgrades.next().is_none();
    names_websocket
        && request.version() == Version::HTTP_11
        && request.method() == Method::GET
        && lists(request.headers(), &header::CONNECTION, b"upgrade")
}

/// Whether this is a browser's question whether a page may call (the Fetch standard, CORS preflight). It carries no
/// credentials by design.
pub(crate) fn is_preflight<B>(request: &Request<B>) -> bool {
    request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ORIGIN)
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

fn lists(headers: &HeaderMap, name: &HeaderName, word: &[u8]) -> bool {
    let words = headers.get_all(name).iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    words.map(<[u8]>::trim_ascii).any(|own| own.eq_ignore_ascii_case(word))
}

/// Who calls, as the upstream is told.
pub(crate) enum CallerHeaders {
    /// In plain headers.
    Plain { client_id: HeaderValue, organization_id: HeaderValue, token: Option<TokenHeaders> },
    /// In one signed token.
    Signed { client_id: HeaderValue, identity: HeaderValue },
    /// Nobody: a preflight.
    Nobody,
}

/// What a token says, as the upstream is told.
pub(crate) struct TokenHeaders {
    pub(crate) user_id: HeaderValue,
    pub(crate) scope: HeaderValue,
}

/// What becomes of `Authorization`. The gateway has checked a token where the service demands one; otherwise the header
/// was meant for nobody behind it, and a token for another service must not reach this one.
pub(crate) enum Bearer {
    Keep,
    Drop,
    /// The token came in the query; the upstream finds it where tokens belong.
    Set(HeaderValue),
}

/// Makes the headers of a request those that are forwarded.
pub(crate) fn request_headers(headers: &mut HeaderMap, passage: Passage, caller: CallerHeaders, bearer: Bearer) {
    let takes_trailers = headers.contains_key(header::TE) && lists(headers, &header::TE, b"trailers");
    drop_unforwardable(headers);
    headers.reserve(HEADERS_ADDED_MAX);
    if passage.switches {
        headers.insert(header::CONNECTION, UPGRADE);
        headers.insert(header::UPGRADE, WEBSOCKET);
    } else if takes_trailers {
        headers.insert(header::CONNECTION, TE);
        headers.insert(header::TE, TRAILERS);
    }
    headers.append(header::VIA, VIA_TOLLGATE);
    headers.insert(X_REQUEST_ID, passage.request_id);
    headers.insert(X_REAL_IP, passage.client);
    headers.insert(X_FORWARDED_FOR, passage.way);
    headers.insert(X_FORWARDED_PROTO, passage.scheme);
    if let Some(host) = passage.host {
        headers.insert(X_FORWARDED_HOST, host);
    }
    match bearer {
        Bearer::Keep => {}
        Bearer::Drop => {
            headers.remove(header::AUTHORIZATION);
        }
        Bearer::Set(value) => {
            headers.insert(header::AUTHORIZATION, value);
        }
    }
    match caller {
        CallerHeaders::Plain { client_id, organization_id, token } => {
            headers.insert(X_API_KEY, client_id.clone());
            headers.insert(X_CLIENT_ID, client_id);
            headers.insert(X_ORGANIZATION_ID, organization_id);
            if let Some(TokenHeaders { user_id, scope }) = token {
                headers.insert(X_USER_ID, user_id);
                headers.insert(X_OAUTH_SCOPE, scope);
            }
        }
        CallerHeaders::Signed { client_id, identity } => {
            headers.insert(X_API_KEY, client_id);
            headers.insert(X_TOLLGATE_IDENTITY, identity);
        }
        CallerHeaders::Nobody => {
            for credential in [X_API_KEY, header::COOKIE] {
                headers.remove(credential);
            }
        }
    }
}

/// Makes the headers of an upstream's answer those that the caller gets.
pub(crate) fn response_headers<B>(response: &mut Response<B>) {
    let switches = response.status() == StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    let is_hop = |name: &&HeaderName| {
        matches!(**name, header::CONNECTION | header::TRANSFER_ENCODING | header::UPGRADE)
            || matches!(name.as_str(), "keep-alive" | "proxy-connection")
    };
    let mut dropped: Vec<HeaderName> = headers.keys().filter(is_hop).cloned().collect();
    if dropped.contains(&header::CONNECTION) {
        dropped.extend(named_by_connection(headers));
    }
    // A length beside another framing would be believed by the next reader (RFC 9112 section 6.3).
    if dropped.contains(&header::TRANSFER_ENCODING) {
        dropped.push(header::CONTENT_LENGTH);
    }
    for name in dropped {
        if !(switches && name == header::UPGRADE) {
            headers.remove(name);
        }
    }
    if switches {
        headers.insert(header::CONNECTION, UPGRADE);
    }
}

#[cfg(test)]
mod tests;
