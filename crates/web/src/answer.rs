//! How answers look: JSON that nobody keeps.

use axum::{body::Body, response::Response};
use http::{
    HeaderValue, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE},
};

const JSON: HeaderValue = HeaderValue::from_static("application/json;charset=UTF-8");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// A JSON answer that must not be kept (RFC 6749 section 5.1), with the content type that clients of IMS test for.
pub fn json(status: StatusCode, body: Vec<u8>) -> Response {
    let mut response = empty(status);
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    *response.body_mut() = Body::from(body);
    response
}

/// A JSON answer that anybody may keep for `max_age_seconds`, such as keys and metadata.
pub fn public_json(body: Vec<u8>, max_age_seconds: u32) -> Response {
    let mut response = json(StatusCode::OK, body);
    let age =
        HeaderValue::try_from(format!("public, max-age={max_age_seconds}")).expect("digits are header characters");
    response.headers_mut().insert(CACHE_CONTROL, age);
    response
}

/// An answer without body that must not be kept.
pub fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response.headers_mut().insert(CACHE_CONTROL, NO_STORE);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ims_answers_are_json_with_a_charset_and_are_not_kept() {
        let response = json(StatusCode::OK, b"{}".to_vec());
        assert_eq!(response.headers()[CONTENT_TYPE], "application/json;charset=UTF-8");
        assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
        assert_eq!(public_json(vec![], 60).headers()[CACHE_CONTROL], "public, max-age=60");
        assert!(!empty(StatusCode::OK).headers().contains_key(CONTENT_TYPE));
    }
}
