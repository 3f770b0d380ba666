//! The one reading of whom a request names: `Host`, `:authority` and an absolute request target must agree.

use http::{HeaderMap, Uri, Version, header};
use thiserror::Error;

/// Why the host of a request is refused; the text is for the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum HostRefusal {
    /// RFC 9112 section 3.2: an HTTP/1.1 request has a `Host`.
    #[error("the request has no Host header")]
    Missing,
    /// RFC 9112 section 3.2: and no more than one.
    #[error("the request has more than one Host header")]
    Repeated,
    /// Not a host name or address with an optional port.
    #[error("the Host header is not a host name with an optional port")]
    Malformed,
    /// The request target, or `:authority`, names another host than `Host`.
    #[error("the request target and the Host header name different hosts")]
    Contradicted,
    /// `ftp://...` and the like.
    #[error("the request target has a scheme other than http or https")]
    Scheme,
    /// `host:port` as after CONNECT, or neither path nor URL.
    #[error("the request target must be a path or an http URL")]
    Target,
}

/// The host that a request names, without port and final dot, in the spelling of the request; `None` when an HTTP/1.0
/// request names none.
pub fn named_host<'a>(version: Version, uri: &'a Uri, headers: &'a HeaderMap) -> Result<Option<&'a str>, HostRefusal> {
    let mut values = headers.get_all(header::HOST).iter();
    let host = match (values.next(), values.next()) {
        (Some(value), None) => Some(std::str::from_utf8(value.as_bytes()).map_err(|_| HostRefusal::Malformed)?),
        (None, _) => None,
        (Some(_), Some(_)) => return Err(HostRefusal::Repeated),
    };
    let authority = match (uri.scheme_str(), uri.authority()) {
        (None, None) => None,
        (Some("http" | "https"), Some(authority)) => Some(authority.as_str()),
        (Some(_), Some(_)) => return Err(HostRefusal::Scheme),
        // HTTP/2 without `:scheme` cannot come this far; in HTTP/1 it is `host:port` or a path without its slash.
        _ => return Err(HostRefusal::Target),
    };
    match (authority, host) {
        (Some(authority), Some(host)) if !authority.eq_ignore_ascii_case(host) => Err(HostRefusal::Contradicted),
        (Some(text), _) | (None, Some(text)) => without_port(text).map(Some).ok_or(HostRefusal::Malformed),
        (None, None) if version == Version::HTTP_10 => Ok(None),
        (None, None) => Err(HostRefusal::Missing),
    }
}

/// The host of `host[:port]`; nothing that is not plainly that.
fn without_port(text: &str) -> Option<&str> {
    let (host, port) = if text.starts_with('[') {
        let end = text.find(']')? + 1;
        text[1..end - 1].parse::<std::net::Ipv6Addr>().ok()?;
        text.split_at(end)
    } else {
        let end = text.bytes().position(|byte| !is_host_byte(byte)).unwrap_or(text.len());
        text.split_at(end)
    };
    let digits = port.strip_prefix(':').unwrap_or_default();
    let is_port = digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.parse::<u16>().is_ok();
    let name = host.strip_suffix('.').unwrap_or(host);
    (!name.is_empty() && (port.is_empty() || is_port)).then_some(name)
}

const fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn named(uri: &str, hosts: &[&str]) -> Result<Option<String>, HostRefusal> {
        let uri: Uri = uri.parse().unwrap();
        let mut headers = HeaderMap::new();
        for host in hosts {
            headers.append(header::HOST, HeaderValue::from_str(host).unwrap());
        }
        named_host(Version::HTTP_11, &uri, &headers).map(|host| host.map(str::to_owned))
    }

    #[test]
    fn a_request_names_one_host_and_its_target_may_not_name_another() {
        let example = Ok(Some("Example.com".to_owned()));
        assert_eq!(named("/x", &["Example.com:8090"]), example);
        assert_eq!(named("/x", &["Example.com."]), example);
        assert_eq!(named("http://Example.com/x", &["example.com"]), example);
        assert_eq!(named("/x", &["[::1]:8090"]), Ok(Some("[::1]".to_owned())));
        assert_eq!(named("/x", &[]), Err(HostRefusal::Missing));
        assert_eq!(named("/x", &["a", "a"]), Err(HostRefusal::Repeated));
        assert_eq!(named("http://a/x", &["b"]), Err(HostRefusal::Contradicted));
        assert_eq!(named("http://a:80/x", &["a"]), Err(HostRefusal::Contradicted));
        assert_eq!(named("ftp://a/x", &["a"]), Err(HostRefusal::Scheme));
        assert_eq!(named("a:443", &["a:443"]), Err(HostRefusal::Target));
        for bad in ["", "a b", "u@a", "a/b", "a:b", "a:", "a:99999", "a:+80", "[::1", "[x]", ".", "a,b", "a\\b"] {
            assert_eq!(named("/x", &[bad]), Err(HostRefusal::Malformed), "{bad}");
        }
    }

    #[test]
    fn only_http_1_0_may_leave_the_host_out() {
        assert_eq!(named_host(Version::HTTP_10, &"/x".parse().unwrap(), &HeaderMap::new()), Ok(None));
    }

    proptest! {
        #[test]
        fn strangers_hosts_never_panic(host in "[ -~]{0,40}") {
            if let Ok(Some(accepted)) = named("/x", &[&host]) {
                prop_assert!(host.starts_with(&accepted));
            }
        }
    }
}
