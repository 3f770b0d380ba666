//! What the gateway says when it does not forward: one code, one text, and what is really wrong.
//!
//! Codes, statuses and messages of the contract (console section 5.4) are kept byte for byte, because public clients
//! compare them. Where the contract has none, the codes are our own; they are marked so in [`Code`] and no public client
//! knows them.

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use serde::Serialize;

use crate::{body::GatewayBody, host::HostRefusal, path::PathRefusal, presented::Ambiguity, upstream::Failure};

/// A refusal or fault of the gateway, by its name on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// Our own: the path has more than one reading.
    AmbiguousPath,
    /// Our own: a header, the host or a credential is given twice in different ways, or is malformed.
    AmbiguousRequest,
    /// Our own: the caller's body broke off.
    BrokenBody,
    /// Contract: the token is expired, revoked, not ours, or for others.
    TokenInvalid,
    /// Contract: the token belongs to another credential than the key, or to a person where a service account is
    /// demanded.
    TokenOutOfContext,
    /// Contract: no key.
    KeyMissing,
    /// Contract: the key is not known, not enabled, not subscribed, or may not be used from here.
    KeyInvalid,
    /// Contract: no token.
    TokenMissing,
    /// Contract: the token lacks a scope.
    ScopeMismatch,
    /// Our own: no service answers there.
    NoService,
    /// Our own: a method that is not forwarded.
    MethodNotAllowed,
    /// Our own: the caller stopped in the middle of its body.
    BodyTimedOut,
    /// Our own: the body is larger than the service allows.
    BodyTooLarge,
    /// Contract: the quota of the service is used up.
    ServiceQuota,
    /// Contract: the quota of the credential or its organization is used up.
    CredentialQuota,
    /// Contract: too fast.
    TooManyRequests,
    /// Our own: the service cannot be reached, or its answer is not HTTP.
    UpstreamBroken,
    /// Contract: a fault of ours where the key is checked.
    KeyFault,
    /// Contract: a fault of ours where the token is checked.
    TokenFault,
    /// Our own: the service has all the requests it can take, failed too often lately, or is switched off.
    ServiceUnavailable,
    /// Our own: the service did not answer in time.
    UpstreamTimedOut,
}

impl Code {
    /// Every code, in the order of the statuses.
    pub const ALL: [Self; 21] = [
        Self::AmbiguousPath,
        Self::AmbiguousRequest,
        Self::BrokenBody,
        Self::TokenInvalid,
        Self::TokenOutOfContext,
        Self::KeyMissing,
        Self::KeyInvalid,
        Self::TokenMissing,
        Self::ScopeMismatch,
        Self::NoService,
        Self::MethodNotAllowed,
        Self::BodyTimedOut,
        Self::BodyTooLarge,
        Self::ServiceQuota,
        Self::CredentialQuota,
        Self::TooManyRequests,
        Self::UpstreamBroken,
        Self::KeyFault,
        Self::TokenFault,
        Self::ServiceUnavailable,
        Self::UpstreamTimedOut,
    ];

    const fn parts(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::AmbiguousPath => (StatusCode::BAD_REQUEST, "400040", "Path is not allowed"),
            Self::AmbiguousRequest => (StatusCode::BAD_REQUEST, "400041", "Request is malformed"),
            Self::BrokenBody => (StatusCode::BAD_REQUEST, "400042", "Request body is incomplete"),
            Self::TokenInvalid => (StatusCode::UNAUTHORIZED, "401013", "Oauth token is not valid"),
            Self::TokenOutOfContext => (StatusCode::UNAUTHORIZED, "401014", "Token not allowed in the current context"),
            Self::KeyMissing => (StatusCode::FORBIDDEN, "403000", "Api Key is required"),
            Self::KeyInvalid => (StatusCode::FORBIDDEN, "403003", "Api Key is invalid"),
            Self::TokenMissing => (StatusCode::FORBIDDEN, "403010", "Oauth token is missing."),
            Self::ScopeMismatch => (StatusCode::FORBIDDEN, "403011", "Scope mismatch"),
            Self::NoService => (StatusCode::NOT_FOUND, "404000", "Service not found"),
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "405000", "Method is not allowed"),
            Self::BodyTimedOut => (StatusCode::REQUEST_TIMEOUT, "408000", "Request body timed out"),
            Self::BodyTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "413000", "Request body is too large"),
            Self::ServiceQuota => (StatusCode::TOO_MANY_REQUESTS, "429001", "Service usage limit reached"),
            Self::CredentialQuota => (StatusCode::TOO_MANY_REQUESTS, "429002", "Developer key usage limit reached"),
            Self::TooManyRequests => (StatusCode::TOO_MANY_REQUESTS, "429050", "Too many requests"),
            Self::UpstreamBroken => (StatusCode::BAD_GATEWAY, "502000", "Service could not be reached"),
            Self::KeyFault => (StatusCode::SERVICE_UNAVAILABLE, "503000", "Could not validate Api Key"),
            Self::TokenFault => (StatusCode::SERVICE_UNAVAILABLE, "503010", "Could not validate the oauth token"),
            Self::ServiceUnavailable => (StatusCode::SERVICE_UNAVAILABLE, "503080", "Service is not available"),
            Self::UpstreamTimedOut => (StatusCode::GATEWAY_TIMEOUT, "504000", "Service did not answer in time"),
        }
    }

    /// The status that the code comes with.
    pub const fn status(self) -> StatusCode {
        self.parts().0
    }

    /// The code as it stands in the answer.
    pub const fn as_str(self) -> &'static str {
        self.parts().1
    }

    /// The message as it stands in the answer.
    pub const fn message(self) -> &'static str {
        self.parts().2
    }
}

/// How long a caller shall wait after a fault of ours.
const FAULT_RETRY_AFTER_SECONDS: u32 = 5;

/// A call that is not forwarded, with all that the answer says.
#[derive(Debug)]
pub(crate) struct Refused(Box<Answer>);

#[derive(Debug)]
struct Answer {
    code: Code,
    detail: Cow<'static, str>,
    headers: HeaderMap,
}

impl Refused {
    pub(crate) fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Answer { code, detail: detail.into(), headers: HeaderMap::new() }))
    }

    /// A fault of ours; what it was stands in the log and not in the answer.
    pub(crate) fn fault(code: Code) -> Self {
        Self::new(code, "a fault on our side; the same call may be made again").retry_after(FAULT_RETRY_AFTER_SECONDS)
    }

    pub(crate) fn retry_after(mut self, seconds: u32) -> Self {
        self.headers().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        self
    }

    /// Tells a client of a token service what to do about it (RFC 6750 section 3, RFC 9728 section 5.1).
    pub(crate) fn challenge(mut self, challenge: Option<HeaderValue>) -> Self {
        if let Some(challenge) = challenge {
            self.headers().insert(header::WWW_AUTHENTICATE, challenge);
        }
        self
    }

    pub(crate) fn code(&self) -> Code {
        self.0.code
    }

    pub(crate) fn headers(&mut self) -> &mut HeaderMap {
        &mut self.0.headers
    }

    pub(crate) fn into_response(self) -> Response<GatewayBody> {
        let Answer { code, detail, headers } = *self.0;
        let body = Body { error_code: code.as_str(), message: code.message(), detail: &detail };
        let body = serde_json::to_vec(&body).expect("three strings are JSON");
        let mut response = Response::new(GatewayBody::own(Bytes::from(body)));
        *response.status_mut() = code.status();
        *response.headers_mut() = headers;
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

/// The members in the order of the contract; `detail` is ours.
#[derive(Serialize)]
struct Body<'a> {
    error_code: &'a str,
    message: &'a str,
    detail: &'a str,
}

impl From<HostRefusal> for Refused {
    fn from(refusal: HostRefusal) -> Self {
        Self::new(Code::AmbiguousRequest, refusal.to_string())
    }
}

impl From<PathRefusal> for Refused {
    fn from(refusal: PathRefusal) -> Self {
        Self::new(Code::AmbiguousPath, refusal.to_string())
    }
}

impl From<Ambiguity> for Refused {
    fn from(ambiguity: Ambiguity) -> Self {
        Self::new(Code::AmbiguousRequest, ambiguity.to_string())
    }
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Unreachable => Self::new(Code::UpstreamBroken, "no connection to the service could be made"),
            Failure::Broken => {
                Self::new(Code::UpstreamBroken, "the service closed the connection without a proper answer")
            }
            Failure::ConnectTimedOut => {
                Self::new(Code::UpstreamTimedOut, "no connection to the service could be made in time")
            }
            Failure::TimedOut => Self::new(Code::UpstreamTimedOut, "the service did not begin its answer in time"),
            Failure::Busy => {
                Self::new(Code::ServiceUnavailable, "the service has as many calls as it can take; call again")
                    .retry_after(1)
            }
            Failure::Resting { seconds } => Self::new(
                Code::ServiceUnavailable,
                "the service failed several times in a row and is left alone for a moment",
            )
            .retry_after(seconds),
            Failure::UploadTooLarge => {
                Self::new(Code::BodyTooLarge, "the request body is larger than this service allows")
            }
            Failure::UploadStalled => {
                Self::new(Code::BodyTimedOut, "the rest of the request body did not arrive in time")
            }
            Failure::UploadBroken => {
                Self::new(Code::BrokenBody, "the request body broke off or is not framed correctly")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    #[test]
    fn the_codes_of_the_contract_are_kept_byte_for_byte() {
        let rows = [
            (Code::TokenInvalid, 401, "401013", "Oauth token is not valid"),
            (Code::TokenOutOfContext, 401, "401014", "Token not allowed in the current context"),
            (Code::KeyMissing, 403, "403000", "Api Key is required"),
            (Code::KeyInvalid, 403, "403003", "Api Key is invalid"),
            (Code::TokenMissing, 403, "403010", "Oauth token is missing."),
            (Code::ScopeMismatch, 403, "403011", "Scope mismatch"),
            (Code::ServiceQuota, 429, "429001", "Service usage limit reached"),
            (Code::CredentialQuota, 429, "429002", "Developer key usage limit reached"),
            (Code::TooManyRequests, 429, "429050", "Too many requests"),
            (Code::KeyFault, 503, "503000", "Could not validate Api Key"),
            (Code::TokenFault, 503, "503010", "Could not validate the oauth token"),
        ];
        for (code, status, text, message) in rows {
            assert_eq!((code.status().as_u16(), code.as_str(), code.message()), (status, text, message));
        }
    }

    #[test]
    fn every_code_begins_with_its_status_and_stands_once() {
        let mut seen = std::collections::HashSet::new();
        for code in Code::ALL {
            assert!(code.as_str().starts_with(code.status().as_str()) && code.as_str().len() == 6);
            assert!(seen.insert(code.as_str()));
        }
    }

    #[test]
    fn the_guide_lists_every_code_as_it_is() {
        let guide = include_str!("../../../docs/gateway.md");
        let rows: Vec<&str> = guide.lines().filter(|line| line.starts_with("| 4") || line.starts_with("| 5")).collect();
        assert_eq!(rows.len(), Code::ALL.len());
        for (row, code) in rows.iter().zip(Code::ALL) {
            let row_begins = format!("| {} | {} | {} |", code.status().as_u16(), code.as_str(), code.message());
            assert!(row.starts_with(&row_begins), "{row} is not {row_begins}");
        }
    }

    #[tokio::test]
    async fn an_answer_has_the_members_of_the_contract_first_and_then_the_detail() {
        let response = Refused::new(Code::KeyInvalid, "not \"subscribed\"").into_response();
        assert_eq!(response.headers()["content-type"], "application/json");
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(body, r#"{"error_code":"403003","message":"Api Key is invalid","detail":"not \"subscribed\""}"#);
    }

    #[test]
    fn a_fault_of_ours_says_when_to_try_again_and_is_never_a_refusal() {
        for code in [Code::KeyFault, Code::TokenFault] {
            let response = Refused::fault(code).into_response();
            assert_eq!(response.status(), 503);
            assert_eq!(response.headers()["retry-after"], "5");
        }
    }
}
