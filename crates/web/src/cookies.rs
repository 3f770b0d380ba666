//! Cookies: the only place that knows how they are named and with which attributes they are set.
//!
//! Over TLS every name has the prefix `__Host-`, so that no other host of the same domain can plant one (RFC 6265bis
//! section 4.1.3.2). On loopback without TLS browsers refuse that prefix; there the plain name stands.

use http::{HeaderMap, HeaderValue, header::COOKIE};
use tollgate_model::Seconds;

use crate::Instance;

/// Holds the secret of a signed-in browser's session.
pub const SESSION_COOKIE: &str = "tollgate_session";
/// Holds a random value that forms are bound to before anybody is signed in.
pub const FORM_COOKIE: &str = "tollgate_form";

/// Longest value that is read; every value written here is much shorter.
pub const COOKIE_BYTES_MAX: usize = 2_048;

const TLS_PREFIX: &str = "__Host-";

/// How this instance names its cookies.
///
/// ```
/// use http::HeaderMap;
/// use tollgate_web::{Instance, cookies::{Cookies, SESSION_COOKIE}};
///
/// let cookies = Cookies::of(&Instance::new("https://ims.test", "https://api.test"));
/// let mut headers = HeaderMap::new();
/// headers.insert("cookie", "a=b; __Host-tollgate_session=abc".parse().unwrap());
/// assert_eq!(cookies.read(&headers, SESSION_COOKIE), Some("abc"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cookies {
    over_tls: bool,
}

impl Cookies {
    /// The cookies of an instance: its issuer tells whether browsers reach it over TLS.
    pub fn of(instance: &Instance) -> Self {
        Self { over_tls: instance.issuer.starts_with("https://") }
    }

    /// The value of a cookie. `None` when there is none, when it is none of ours by its characters, and when the name
    /// comes twice with different values: then one of them was planted, and nobody can tell which.
    pub fn read<'a>(self, headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
        let mut found = None;
        let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
        for pair in lines.flat_map(|line| line.split(';')) {
            let Some((own, value)) = pair.trim().split_once('=') else { continue };
            if !self.is_named(own, name) {
                continue;
            }
            if found.is_some_and(|other| other != value) {
                return None;
            }
            found = Some(value);
        }
        found.filter(|value| is_cookie_value(value))
    }

    /// The header `Set-Cookie` that makes a browser keep `value`, for `kept` or else until it is closed. The value must
    /// be of letters, digits, `-`, `_`, `.` and `~`, which holds for all secrets and ids of ours.
    pub fn write(self, name: &str, value: &str, kept: Option<Seconds>) -> HeaderValue {
        debug_assert!(is_cookie_value(value), "cookies hold ids and secrets of ours alone");
        let age = kept.map(|kept| format!("; Max-Age={}", kept.0.max(0))).unwrap_or_default();
        self.header(name, value, &age)
    }

    /// The header `Set-Cookie` that makes a browser forget a cookie.
    pub fn delete(self, name: &str) -> HeaderValue {
        self.header(name, "", "; Max-Age=0")
    }

    fn header(self, name: &str, value: &str, age: &str) -> HeaderValue {
        let (prefix, secure) = if self.over_tls { (TLS_PREFIX, "; Secure") } else { ("", "") };
        let text = format!("{prefix}{name}={value}{age}; Path=/; HttpOnly; SameSite=Lax{secure}");
        let mut header = HeaderValue::try_from(text).expect("names and values of ours are header characters");
        header.set_sensitive(true);
        header
    }

    fn is_named(self, own: &str, name: &str) -> bool {
        if self.over_tls { own.strip_prefix(TLS_PREFIX) == Some(name) } else { own == name }
    }
}

/// Whether a cookie may hold this: letters, digits, `-`, `_`, `.` and `~`, not too many.
pub fn is_cookie_value(value: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    !value.is_empty() && value.len() <= COOKIE_BYTES_MAX && value.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cookies(issuer: &str) -> Cookies {
        Cookies::of(&Instance::new(issuer, "https://api.test"))
    }

    fn sent(lines: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(COOKIE, line.parse().unwrap());
        }
        headers
    }

    #[test]
    fn over_tls_a_cookie_belongs_to_this_host_alone_and_no_script_reads_it() {
        let written = cookies("https://ims.test").write(SESSION_COOKIE, "abc", Some(Seconds(60)));
        assert_eq!(
            written.to_str().unwrap(),
            "__Host-tollgate_session=abc; Max-Age=60; Path=/; HttpOnly; SameSite=Lax; Secure"
        );
        assert!(written.is_sensitive());
        let deleted = cookies("http://localhost:8080").delete(SESSION_COOKIE);
        assert_eq!(deleted.to_str().unwrap(), "tollgate_session=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax");
    }

    #[test]
    fn over_tls_a_cookie_without_the_host_prefix_is_not_looked_at() {
        let headers = sent(&["tollgate_session=planted"]);
        assert_eq!(cookies("https://ims.test").read(&headers, SESSION_COOKIE), None);
        assert_eq!(cookies("http://localhost").read(&headers, SESSION_COOKIE), Some("planted"));
    }

    #[test]
    fn a_name_that_comes_twice_with_two_values_counts_as_absent() {
        let plain = cookies("http://localhost");
        assert_eq!(plain.read(&sent(&["tollgate_form=a; tollgate_form=b"]), FORM_COOKIE), None);
        assert_eq!(plain.read(&sent(&["tollgate_form=a", "tollgate_form=b"]), FORM_COOKIE), None);
        assert_eq!(plain.read(&sent(&["x=y; tollgate_form=a;tollgate_form=a"]), FORM_COOKIE), Some("a"));
    }

    #[test]
    fn values_that_cannot_be_ours_are_not_read() {
        let long = format!("tollgate_form={}", "a".repeat(COOKIE_BYTES_MAX + 1));
        for line in ["tollgate_form=", "tollgate_form=a b", "tollgate_form=\"a\"", "tollgate_form", &long] {
            assert_eq!(cookies("http://localhost").read(&sent(&[line]), FORM_COOKIE), None, "{line}");
        }
    }
}
