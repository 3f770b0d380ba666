//! A request as endpoints want it: its parameters, wherever they were, and who signs for it.

use std::time::Duration;

use axum::{
    body::{Body, to_bytes},
    extract::{FromRequest, Request},
    response::Response,
};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
    header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE},
};
use tollgate_oauth::{
    OauthError, Params, bearer::Authorization, client_authentication::ClientAuthentication, multipart,
};

use crate::answer;

/// Longest request body.
pub const BODY_BYTES_MAX: usize = 64 * 1024;
/// Longest wait for a request body.
pub const BODY_SECONDS_MAX: u64 = 10;

const X_IMS_CLIENT_ID: HeaderName = HeaderName::from_static("x-ims-clientid");
/// RFC 9449 section 4.1.
const DPOP: HeaderName = HeaderName::from_static("dpop");

/// The parameters of a request from query and body (contract section 0.3, line 1), and the headers that say who asks.
///
/// As an extractor it takes `GET` with a query, and `POST` with a form, with multipart parts, with an empty body, or
/// with a JSON body that is not looked at because the parameters are in the query.
#[derive(Debug)]
pub struct Received {
    /// The merged parameters.
    pub params: Params,
    authorization: Option<HeaderValue>,
    client_header: Option<HeaderValue>,
    proof: Option<HeaderValue>,
    method: Method,
    path: Box<str>,
}

impl Received {
    /// The method that was called.
    pub const fn method(&self) -> &Method {
        &self.method
    }

    /// The path that was called, as it was written.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The header `DPoP`: a proof that whoever calls holds a key (RFC 9449 section 4).
    pub fn proof(&self) -> Option<&str> {
        self.proof.as_ref().and_then(|value| value.to_str().ok())
    }

    /// The `Authorization` header.
    pub fn authorization(&self) -> Option<&str> {
        self.authorization.as_ref().and_then(|value| value.to_str().ok())
    }

    /// Whether the client tried HTTP Basic, so that a failure is answered with a challenge.
    pub fn basic_used(&self) -> bool {
        Authorization::is_basic(self.authorization())
    }

    /// The token of a `Bearer` header, `None` when there is none.
    pub fn bearer(&self) -> Result<Option<&str>, OauthError> {
        Authorization::bearer(self.authorization())
    }

    /// The header `X-IMS-ClientId`.
    pub fn client_header(&self) -> Option<&str> {
        self.client_header.as_ref().and_then(|value| value.to_str().ok()).filter(|value| !value.is_empty())
    }

    /// Who asks, and what is offered as proof.
    pub fn client(&self) -> Result<ClientAuthentication, OauthError> {
        ClientAuthentication::parse(self.authorization(), &self.params)
    }
}

impl<S: Send + Sync> FromRequest<S> for Received {
    type Rejection = Response;

    async fn from_request(request: Request, _: &S) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let authorization = single(&mut parts.headers, &AUTHORIZATION).map_err(|refused| refuse(&refused))?;
        let client_header = single(&mut parts.headers, &X_IMS_CLIENT_ID).map_err(|refused| refuse(&refused))?;
        let proof = single(&mut parts.headers, &DPOP).map_err(|refused| refuse(&refused))?;
        let bytes = match parts.method {
            Method::GET | Method::HEAD => axum::body::Bytes::new(),
            _ => read_body(&parts.headers, body).await?,
        };
        let params = merge(parts.uri.query(), &parts.headers, &bytes).map_err(|refused| refuse(&refused))?;
        let path = parts.uri.path().into();
        Ok(Self { params, authorization, client_header, proof, method: parts.method, path })
    }
}

/// The one value of a header; two are refused, since readers disagree on which counts.
fn single(headers: &mut HeaderMap, name: &HeaderName) -> Result<Option<HeaderValue>, OauthError> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) if value.to_str().is_ok() => {
            let mut value = headers.remove(name);
            // It may be a secret: its debug output says so from here on.
            if let Some(value) = &mut value {
                value.set_sensitive(true);
            }
            Ok(value)
        }
        _ => Err(OauthError::invalid_request(format!("header {name} must come once and be printable ASCII"))),
    }
}

async fn read_body(headers: &HeaderMap, body: Body) -> Result<axum::body::Bytes, Response> {
    let announced = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > BODY_BYTES_MAX as u64) {
        return Err(too_long());
    }
    match tokio::time::timeout(Duration::from_secs(BODY_SECONDS_MAX), to_bytes(body, BODY_BYTES_MAX)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        // The length was announced honestly or not at all: what else fails is the connection, where no answer arrives.
        Ok(Err(_)) => Err(too_long()),
        Err(_) => {
            let text = format!("the body did not arrive within {BODY_SECONDS_MAX} seconds");
            Err(answer::json(StatusCode::REQUEST_TIMEOUT, OauthError::invalid_request(text).to_json()))
        }
    }
}

fn merge(query: Option<&str>, headers: &HeaderMap, body: &[u8]) -> Result<Params, OauthError> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Params::parse(query, None, None);
    }
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    if media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        Params::parse(query, Some(body), None)
    } else if media_type.eq_ignore_ascii_case("multipart/form-data") {
        let boundary = multipart::boundary(content_type).ok_or_else(|| {
            OauthError::invalid_request("the Content-Type multipart/form-data names no usable boundary")
        })?;
        Params::parse(query, None, Some(multipart::parse(body, &boundary)?))
    } else if media_type.eq_ignore_ascii_case("application/json") {
        Params::parse(query, None, None)
    } else {
        Err(OauthError::invalid_request(
            "the Content-Type of the body is not understood; send application/x-www-form-urlencoded or multipart/form-data",
        ))
    }
}

fn refuse(refused: &OauthError) -> Response {
    answer::json(StatusCode::BAD_REQUEST, refused.to_json())
}

fn too_long() -> Response {
    let text = format!("the body is longer than {BODY_BYTES_MAX} bytes");
    answer::json(StatusCode::PAYLOAD_TOO_LARGE, OauthError::invalid_request(text).to_json())
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    async fn receive(
        method: &str,
        uri: &str,
        content_type: Option<&str>,
        body: impl Into<Body>,
    ) -> Result<Received, Response> {
        let mut request = http::Request::builder().method(method).uri(uri);
        if let Some(content_type) = content_type {
            request = request.header(CONTENT_TYPE, content_type);
        }
        Received::from_request(request.body(body.into()).unwrap(), &()).await
    }

    async fn refusal(received: Result<Received, Response>) -> (StatusCode, String) {
        let response = received.expect_err("a refusal");
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn parameters_come_from_everywhere() {
        let form = Some("application/x-www-form-urlencoded; charset=UTF-8");
        let parts = "------boundary\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\na.b.c\r\n------boundary--";
        let json = r#"{"headers":{"cache-control":"no-cache"}}"#;
        for received in [
            receive("GET", "/x?token=a.b.c&client_id=abc", None, "").await,
            receive("POST", "/x?client_id=abc", form, "&token=a.b.c").await,
            receive("POST", "/x?client_id=abc", Some("multipart/form-data; boundary=----boundary"), parts).await,
            receive("POST", "/x?token=a.b.c&client_id=abc", Some("application/json"), json).await,
            receive("POST", "/x?token=a.b.c&client_id=abc", None, "").await,
            receive("POST", "/x?token=a.b.c&client_id=abc", Some("text/plain"), "\r\n").await,
            receive("POST", "/x?token=a.b.c&client_id=abc", Some("multipart/form-data"), "").await,
        ] {
            let received = received.unwrap();
            assert_eq!((received.params.get("token"), received.params.get("client_id")), (Some("a.b.c"), Some("abc")));
        }
    }

    #[tokio::test]
    async fn a_body_that_is_not_understood_is_refused_with_what_would_be() {
        for content_type in [None, Some("text/plain"), Some("multipart/form-data"), Some("application/x-www-form")] {
            let (status, body) = refusal(receive("POST", "/x", content_type, "token=a").await).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{content_type:?}");
            assert!(body.contains("multipart/form-data"), "{body}");
        }
    }

    #[tokio::test]
    async fn a_body_over_64_kib_is_413_whether_announced_or_not() {
        let form = Some("application/x-www-form-urlencoded");
        let (status, body) = refusal(receive("POST", "/x", form, vec![b'&'; BODY_BYTES_MAX + 1]).await).await;
        assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
        assert!(body.contains("65536 bytes"), "{body}");
        assert!(receive("POST", "/x", form, vec![b'&'; BODY_BYTES_MAX]).await.is_ok());
        let announced =
            http::Request::builder().method("POST").uri("/x").header(CONTENT_LENGTH, "65537").body(Body::empty());
        let response = Received::from_request(announced.unwrap(), &()).await.expect_err("a refusal");
        assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_arrive_is_408() {
        let never = Body::from_stream(futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>());
        let (status, _) = refusal(receive("POST", "/x", None, never).await).await;
        assert_eq!(status, StatusCode::REQUEST_TIMEOUT);
    }

    #[tokio::test]
    async fn headers_that_say_who_asks_come_once() {
        let request = |headers: &[(&str, &str)]| {
            let mut request = http::Request::builder().uri("/x");
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            Received::from_request(request.body(Body::empty()).unwrap(), &())
        };
        let received = request(&[("authorization", "Bearer a.b.c"), ("X-IMS-ClientId", "abc")]).await.unwrap();
        assert_eq!(received.bearer(), Ok(Some("a.b.c")));
        assert_eq!(received.client_header(), Some("abc"));
        assert!(!received.basic_used());
        assert!(request(&[("authorization", "Basic YTpi")]).await.unwrap().basic_used());
        assert!(request(&[("authorization", "Basic YTpi"), ("authorization", "Bearer a")]).await.is_err());
        assert!(request(&[("authorization", "Bearer é")]).await.is_err());
    }

    #[tokio::test]
    async fn what_proves_a_caller_never_shows_in_debug_output() {
        let request = http::Request::builder().uri("/x?client_secret=geheim").header(AUTHORIZATION, "Bearer geheim");
        let received = Received::from_request(request.body(Body::empty()).unwrap(), &()).await.unwrap();
        assert!(!format!("{received:?}").contains("geheim"), "{received:?}");
    }
}
