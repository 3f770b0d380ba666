//! The only place that turns refusals into status codes (contract sections 1.4 and 5, RFC 6749 section 5.2, RFC 6750
//! section 3.1).

use axum::response::{IntoResponse, Response};
use http::{
    HeaderValue, StatusCode,
    header::{RETRY_AFTER, WWW_AUTHENTICATE},
};
use tollgate_crypto::CryptoError;
use tollgate_model::Seconds;
use tollgate_oauth::{ErrorCode, OauthError, bearer::BearerChallenge};
use tollgate_store::StoreError;

use crate::{Fault, answer};

const BASIC_CHALLENGE: HeaderValue = HeaderValue::from_static("Basic realm=\"tollgate\", charset=\"UTF-8\"");

/// Why an endpoint stopped before its answer: the caller's doing, or ours.
#[derive(Debug)]
pub enum Stop {
    /// The caller is refused.
    Refusal(OauthError),
    /// Something of ours failed.
    Fault(Fault),
}

impl Stop {
    /// The response: a fault is always 503, a refusal is worded by one of the functions of this module.
    pub fn into_response_with(self, refusal: impl FnOnce(&OauthError) -> Response) -> Response {
        match self {
            Self::Refusal(error) => refusal(&error),
            Self::Fault(fault) => fault.into_response(),
        }
    }
}

impl From<OauthError> for Stop {
    fn from(refusal: OauthError) -> Self {
        Self::Refusal(refusal)
    }
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<StoreError> for Stop {
    fn from(cause: StoreError) -> Self {
        Self::Fault(cause.into())
    }
}

impl From<CryptoError> for Stop {
    fn from(cause: CryptoError) -> Self {
        Self::Fault(cause.into())
    }
}

/// A refusal at an endpoint where clients authenticate: 400, but 401 with a challenge when HTTP Basic was used and
/// failed.
pub fn oauth_error_response(error: &OauthError, basic_used: bool) -> Response {
    if error.code() == ErrorCode::InvalidClient && basic_used {
        let mut response = answer::json(StatusCode::UNAUTHORIZED, error.to_json());
        response.headers_mut().insert(WWW_AUTHENTICATE, BASIC_CHALLENGE);
        return response;
    }
    answer::json(general_status(error.code()), error.to_json())
}

/// A refusal at the exchange endpoint: as [`oauth_error_response`], and 401 also when a known client's credentials were
/// refused (contract section 5).
pub fn exchange_error_response(error: &OauthError, basic_used: bool) -> Response {
    let mut response = oauth_error_response(error, basic_used);
    if error.code() == ErrorCode::InvalidClient && error.credentials_refused() {
        *response.status_mut() = StatusCode::UNAUTHORIZED;
    }
    response
}

/// A refusal at an address that takes access tokens: 401 or 403 with a `Bearer` challenge (RFC 6750 section 3.1).
pub fn bearer_error_response(error: &OauthError) -> Response {
    let status = match error.code() {
        ErrorCode::InvalidToken => StatusCode::UNAUTHORIZED,
        other => general_status(other),
    };
    let mut response = answer::json(status, error.to_json());
    let challenge = BearerChallenge { error: Some(error), ..BearerChallenge::default() }.to_header();
    if let Ok(challenge) = HeaderValue::try_from(challenge) {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}

/// 429 with the time to wait.
pub fn too_many_requests(retry_after: Seconds) -> Response {
    let text = format!("too many requests from this address; try again in {retry_after} seconds");
    let error = OauthError::new(ErrorCode::TooManyRequests, text);
    let mut response = answer::json(StatusCode::TOO_MANY_REQUESTS, error.to_json());
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(retry_after.0));
    response
}

/// 404 in JSON.
pub fn not_found() -> Response {
    let text = "there is nothing at this address; see /ims/.well-known/openid-configuration for what there is";
    answer::json(StatusCode::NOT_FOUND, OauthError::new(ErrorCode::NotFound, text).to_json())
}

/// 405 in JSON; the router adds the header `Allow`.
pub fn method_not_allowed() -> Response {
    let text = "this address does not take this method; the header Allow names those that it takes";
    answer::json(StatusCode::METHOD_NOT_ALLOWED, OauthError::new(ErrorCode::MethodNotAllowed, text).to_json())
}

const fn general_status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::InsufficientScope => StatusCode::FORBIDDEN,
        ErrorCode::NotFound => StatusCode::NOT_FOUND,
        ErrorCode::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        ErrorCode::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::TemporarilyUnavailable | ErrorCode::ServerError => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::InvalidAuthenticatingToken | ErrorCode::InvalidPromiseToken => StatusCode::UNAUTHORIZED,
        ErrorCode::InvalidRequest
        | ErrorCode::InvalidClient
        | ErrorCode::InvalidGrant
        | ErrorCode::InvalidScope
        | ErrorCode::InvalidToken
        | ErrorCode::BadRequest
        | ErrorCode::InvalidTarget
        | ErrorCode::UnauthorizedClient
        | ErrorCode::UnsupportedGrantType
        | ErrorCode::UnsupportedTokenType
        | ErrorCode::AccessDenied
        | ErrorCode::LoginRequired
        | ErrorCode::ConsentRequired
        | ErrorCode::InteractionRequired
        | ErrorCode::AccountSelectionRequired
        | ErrorCode::UnmetAuthenticationRequirements
        | ErrorCode::UnsupportedResponseType
        | ErrorCode::RequestNotSupported
        | ErrorCode::RequestUriNotSupported
        | ErrorCode::InvalidRequestUri
        | ErrorCode::AuthorizationPending
        | ErrorCode::SlowDown
        | ErrorCode::ExpiredToken
        | ErrorCode::InvalidDpopProof
        | ErrorCode::UseDpopNonce => StatusCode::BAD_REQUEST,
    }
}

#[cfg(test)]
mod tests {
    use tollgate_oauth::bearer;

    use super::*;

    #[test]
    fn a_wrong_secret_is_400_as_a_parameter_and_401_with_a_challenge_by_basic() {
        let posted = oauth_error_response(&OauthError::wrong_secret(), false);
        assert_eq!(posted.status(), StatusCode::BAD_REQUEST);
        assert!(!posted.headers().contains_key(WWW_AUTHENTICATE));
        let basic = oauth_error_response(&OauthError::wrong_secret(), true);
        assert_eq!(basic.status(), StatusCode::UNAUTHORIZED);
        assert!(basic.headers()[WWW_AUTHENTICATE].to_str().unwrap().starts_with("Basic "));
        let other = oauth_error_response(&OauthError::missing_parameter("scope"), true);
        assert_eq!(other.status(), StatusCode::BAD_REQUEST);
    }

    #[test]
    fn at_the_exchange_a_wrong_pair_is_401_and_an_unknown_client_400() {
        assert_eq!(exchange_error_response(&OauthError::wrong_secret(), false).status(), StatusCode::UNAUTHORIZED);
        assert_eq!(exchange_error_response(&OauthError::unknown_client(), false).status(), StatusCode::BAD_REQUEST);
        assert_eq!(exchange_error_response(&OauthError::unknown_client(), true).status(), StatusCode::UNAUTHORIZED);
    }

    #[test]
    fn a_bad_bearer_token_is_401_with_its_reason_in_the_challenge() {
        let response = bearer_error_response(&bearer::invalid_token());
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert!(response.headers()[WWW_AUTHENTICATE].to_str().unwrap().contains("invalid_token"));
    }

    #[test]
    fn a_fault_is_never_401_or_403() {
        let stop = Stop::from(CryptoError::Signing);
        let response = stop.into_response_with(|error| oauth_error_response(error, true));
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()[RETRY_AFTER], "5");
    }
}
