//! Pushed authorization requests (RFC 9126): the application sends its request itself, and the browser brings a name of it.

use tollgate_model::Seconds;

use crate::json::ObjectWriter;

/// What the name of a pushed request begins with (RFC 9126 section 2.2).
pub const REQUEST_URI_PREFIX: &str = "urn:ietf:params:oauth:request_uri:";
/// How long a pushed request waits for the browser.
pub const PUSHED_LIFETIME: Seconds = Seconds(90);
/// Longest id inside of the name, in bytes.
const ID_BYTES_MAX: usize = 128;

/// The name of the pushed request with this id.
pub fn request_uri(id: &str) -> String {
    format!("{REQUEST_URI_PREFIX}{id}")
}

/// The id inside of a name that may be ours.
pub fn parse_request_uri(text: &str) -> Option<&str> {
    let id = text.strip_prefix(REQUEST_URI_PREFIX)?;
    let slug = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    (slug && (1..=ID_BYTES_MAX).contains(&id.len())).then_some(id)
}

/// The body of the answer, whose status is 201.
pub fn pushed_answer(request_uri: &str, lifetime: Seconds) -> Vec<u8> {
    ObjectWriter::with_capacity(160).text("request_uri", request_uri).integer("expires_in", lifetime.0).finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_our_own_making_are_read() {
        assert_eq!(parse_request_uri(&request_uri("a-B_1")), Some("a-B_1"));
        let long = request_uri(&"x".repeat(ID_BYTES_MAX + 1));
        for bad in [
            "",
            REQUEST_URI_PREFIX,
            "https://a.test/",
            "URN:ietf:params:oauth:request_uri:a",
            &request_uri("a/b"),
            &long,
        ] {
            assert_eq!(parse_request_uri(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_answer_is_the_name_and_its_lifetime_in_seconds() {
        let body = String::from_utf8(pushed_answer(&request_uri("x"), PUSHED_LIFETIME)).unwrap();
        assert_eq!(body, r#"{"request_uri":"urn:ietf:params:oauth:request_uri:x","expires_in":90}"#);
    }
}
