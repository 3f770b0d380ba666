//! Refusals as OAuth words them: a registered code, and a text that says what was wrong and what to do.

use std::{borrow::Cow, fmt};

use serde::Serialize;

/// Longest `error_description`, in bytes.
pub const DESCRIPTION_BYTES_MAX: usize = 600;

/// The registered words of `error` (RFC 6749 section 5.2, RFC 6750 section 3.1, RFC 7009 section 2.2.1, RFC 8707
/// section 2, RFC 8628 section 3.5, RFC 9449 sections 5 and 8, OpenID Connect Core section 3.1.2.6, contract sections 1.4
/// and 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// A parameter is missing, repeated with another value, or not readable.
    InvalidRequest,
    /// The client is unknown or could not prove itself.
    InvalidClient,
    /// The grant is not valid any more.
    InvalidGrant,
    /// A scope or metascope is unknown or not allowed.
    InvalidScope,
    /// A token or assertion is missing, undecodable or expired.
    InvalidToken,
    /// An assertion is readable, but one of its claims is badly formed (contract section 5).
    BadRequest,
    /// The named resource is unknown.
    InvalidTarget,
    /// The token lacks a scope.
    InsufficientScope,
    /// The client may not use this grant.
    UnauthorizedClient,
    /// The grant type is not offered.
    UnsupportedGrantType,
    /// Tokens of this type cannot be revoked.
    UnsupportedTokenType,
    /// The grant was refused.
    AccessDenied,
    /// There is nothing at this address.
    NotFound,
    /// The address does not take this method.
    MethodNotAllowed,
    /// Too many requests.
    TooManyRequests,
    /// A fault of ours that another attempt may not meet.
    TemporarilyUnavailable,
    /// Nobody is signed in, and the request forbids to ask (OpenID Connect Core section 3.1.2.6).
    LoginRequired,
    /// The person did not agree yet, and the request forbids to ask.
    ConsentRequired,
    /// The person has to do something, and the request forbids to ask.
    InteractionRequired,
    /// The person has to choose an account, and the request forbids to ask.
    AccountSelectionRequired,
    /// Nobody can sign in as surely as the request wants it.
    UnmetAuthenticationRequirements,
    /// The response type is not offered to this client.
    UnsupportedResponseType,
    /// Parameters inside of a signed object are not read.
    RequestNotSupported,
    /// Parameters are not fetched from elsewhere.
    RequestUriNotSupported,
    /// There is no such pushed request, or not any more (RFC 9101 section 6.3).
    InvalidRequestUri,
    /// A fault of ours, told by way of the browser.
    ServerError,
    /// The person did not answer on the other device yet (RFC 8628 section 3.5).
    AuthorizationPending,
    /// The device asks too often.
    SlowDown,
    /// The device's code has ended.
    ExpiredToken,
    /// The proof of a key is missing or wrong (RFC 9449 section 5).
    InvalidDpopProof,
    /// The proof of a key must carry a nonce of ours (RFC 9449 section 8).
    UseDpopNonce,
    /// The token that a promise is asked with is not valid (contract section 1.4).
    InvalidAuthenticatingToken,
    /// The promise is not valid (contract section 1.4).
    InvalidPromiseToken,
}

impl ErrorCode {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidToken => "invalid_token",
            Self::BadRequest => "bad_request",
            Self::InvalidTarget => "invalid_target",
            Self::InsufficientScope => "insufficient_scope",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedTokenType => "unsupported_token_type",
            Self::AccessDenied => "access_denied",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::TooManyRequests => "too_many_requests",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::LoginRequired => "login_required",
            Self::ConsentRequired => "consent_required",
            Self::InteractionRequired => "interaction_required",
            Self::AccountSelectionRequired => "account_selection_required",
            Self::UnmetAuthenticationRequirements => "unmet_authentication_requirements",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::RequestNotSupported => "request_not_supported",
            Self::RequestUriNotSupported => "request_uri_not_supported",
            Self::InvalidRequestUri => "invalid_request_uri",
            Self::ServerError => "server_error",
            Self::AuthorizationPending => "authorization_pending",
            Self::SlowDown => "slow_down",
            Self::ExpiredToken => "expired_token",
            Self::InvalidDpopProof => "invalid_dpop_proof",
            Self::UseDpopNonce => "use_dpop_nonce",
            Self::InvalidAuthenticatingToken => "invalid_authenticating_token",
            Self::InvalidPromiseToken => "invalid_promise_token",
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.as_str())
    }
}

/// A refusal: `{"error": …, "error_description": …}`.
///
/// The text is public. It names what was wrong and what to do, and never carries a secret or a token. It holds only
/// the characters that RFC 6749 section 5.2 allows, so it also fits a `WWW-Authenticate` header.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {description}")]
pub struct OauthError {
    code: ErrorCode,
    description: Cow<'static, str>,
    credentials_refused: bool,
}

impl OauthError {
    /// A refusal with a text; characters that are not allowed in it are replaced, and it is cut at
    /// [`DESCRIPTION_BYTES_MAX`].
    pub fn new(code: ErrorCode, description: impl Into<Cow<'static, str>>) -> Self {
        Self { code, description: presentable(description.into()), credentials_refused: false }
    }

    /// `invalid_request` with a text.
    pub fn invalid_request(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::InvalidRequest, description)
    }

    /// `invalid_request` for a parameter that is absent.
    pub fn missing_parameter(name: &str) -> Self {
        Self::invalid_request(format!("missing parameter {name}"))
    }

    /// The client id names no client (contract section 1.4).
    pub fn unknown_client() -> Self {
        Self::new(ErrorCode::InvalidClient, "invalid client_id parameter")
    }

    /// The client secret is not one of the client's; clients match this text to try their second secret (contract
    /// section 1.4).
    pub fn wrong_secret() -> Self {
        Self::new(ErrorCode::InvalidClient, "invalid client_secret parameter").with_credentials_refused()
    }

    /// A client that holds no secret sent one (contract section 1.4).
    pub fn unexpected_secret() -> Self {
        Self::new(
            ErrorCode::InvalidClient,
            "unexpected client_secret parameter; this is a public client, send client_id alone",
        )
    }

    /// The client did not authenticate at all.
    pub fn missing_client_authentication() -> Self {
        Self::new(
            ErrorCode::InvalidClient,
            "missing client authentication: send client_id and client_secret as parameters or by HTTP Basic, or a client_assertion",
        )
    }

    /// Marks that the client is known and what it proved itself with was refused, or does not suffice: the exchange
    /// endpoint answers 401 then and 400 otherwise (contract section 5).
    pub fn with_credentials_refused(self) -> Self {
        Self { credentials_refused: true, ..self }
    }

    /// The registered code.
    pub const fn code(&self) -> ErrorCode {
        self.code
    }

    /// The public text.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// See [`OauthError::with_credentials_refused`].
    pub const fn credentials_refused(&self) -> bool {
        self.credentials_refused
    }

    /// The JSON body.
    pub fn to_json(&self) -> Vec<u8> {
        #[derive(Serialize)]
        struct Body<'a> {
            error: &'static str,
            error_description: &'a str,
        }
        let body = Body { error: self.code.as_str(), error_description: &self.description };
        serde_json::to_vec(&body).expect("two strings are always JSON")
    }
}

/// A value given by a stranger, short enough and plain enough to be repeated in a refusal.
pub(crate) fn shown(value: &str) -> String {
    const CHARS_MAX: usize = 60;
    let mut shown: String = value.chars().take(CHARS_MAX).collect();
    if value.chars().count() > CHARS_MAX {
        shown.push_str("...");
    }
    shown
}

fn presentable(text: Cow<'static, str>) -> Cow<'static, str> {
    let allowed = |c: char| matches!(c, ' '..='!' | '#'..='[' | ']'..='~');
    if text.len() <= DESCRIPTION_BYTES_MAX && text.chars().all(allowed) {
        return text;
    }
    let replaced = |c: char| match c {
        '"' | '“' | '”' => '\'',
        '\\' => '/',
        c if allowed(c) => c,
        _ => '?',
    };
    text.chars().map(replaced).take(DESCRIPTION_BYTES_MAX).collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_text_for_a_wrong_secret_is_the_one_that_clients_match() {
        let body = String::from_utf8(OauthError::wrong_secret().to_json()).unwrap();
        assert_eq!(body, r#"{"error":"invalid_client","error_description":"invalid client_secret parameter"}"#);
        assert!(OauthError::wrong_secret().credentials_refused());
        assert!(!OauthError::unknown_client().credentials_refused());
    }

    proptest! {
        #[test]
        fn a_description_is_bounded_and_holds_only_the_characters_of_rfc_6749(text in "\\PC{0,900}|.{0,50}") {
            let error = OauthError::invalid_request(text);
            prop_assert!(error.description().len() <= DESCRIPTION_BYTES_MAX);
            prop_assert!(error.description().bytes().all(|byte| matches!(byte, 0x20..=0x21 | 0x23..=0x5B | 0x5D..=0x7E)));
        }
    }
}
