//! What the endpoints answer, as JSON: tokens, validation, introspection.

use serde::Serialize;
use serde_json::value::RawValue;
use tollgate_model::{Seconds, scope::ScopeSet, token::AccessToken};

use crate::{
    claims::{AccessTokenClaims, write_access_token},
    json::ObjectWriter,
    token::TokenVersion,
};

/// The answer to a granted token request. Clients read `expires_in` in the unit of the address that they called
/// (contract section 0.3, line 3).
#[derive(Debug)]
pub struct TokenAnswer<'a> {
    access_token: &'a str,
    expires_in: i64,
    scope: Option<String>,
}

impl<'a> TokenAnswer<'a> {
    /// The answer of the token endpoint: milliseconds on version 1 and without version, seconds later. `granted` is
    /// given when it differs from what was asked for (RFC 6749 section 5.1).
    pub fn of_token(
        version: TokenVersion,
        access_token: &'a str,
        lifetime: Seconds,
        granted: Option<&ScopeSet>,
    ) -> Self {
        let expires_in = match version {
            TokenVersion::V1 => lifetime.millis(),
            TokenVersion::V2 => lifetime.0,
        };
        Self { access_token, expires_in, scope: granted.map(ScopeSet::space_separated) }
    }

    /// The answer of the exchange endpoint, always in milliseconds.
    pub fn of_exchange(access_token: &'a str, lifetime: Seconds) -> Self {
        Self::of_token(TokenVersion::V1, access_token, lifetime, None)
    }

    /// The JSON body.
    pub fn to_json(&self) -> Vec<u8> {
        let mut json = ObjectWriter::with_capacity(128 + self.access_token.len());
        json.text("token_type", "bearer")
            .text("access_token", self.access_token)
            .integer("expires_in", self.expires_in);
        if let Some(scope) = &self.scope {
            json.text("scope", scope);
        }
        json.finish()
    }
}

/// Why `validate_token` calls a token invalid (contract section 1.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvalidReason {
    /// The signature does not match, or no key of ours made it.
    BadSignature,
    /// It has ended.
    ExpiredToken,
    /// It was ended before its time, or its credential or organization was disabled or deleted.
    RevokedToken,
    /// It cannot be read, or is not meant for this instance.
    InvalidToken,
    /// It belongs to another client.
    WrongClient,
    /// It is a token of another type.
    WrongType,
}

impl InvalidReason {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BadSignature => "bad_signature",
            Self::ExpiredToken => "expired_token",
            Self::RevokedToken => "revoked_token",
            Self::InvalidToken => "invalid_token",
            Self::WrongClient => "wrong_client",
            Self::WrongType => "wrong_type",
        }
    }
}

/// The body of `validate_token` for a valid token: when it ends in milliseconds since 1970, and its claims as they are
/// in the token.
pub fn valid_token(claims: &AccessTokenClaims) -> Vec<u8> {
    #[derive(Serialize)]
    struct Body<'a> {
        valid: bool,
        expires_at: i64,
        token: &'a RawValue,
    }
    let payload = write_access_token(&claims.token, &claims.issuer, &claims.region);
    let token = serde_json::from_slice::<&RawValue>(&payload).expect("claims are written as JSON");
    serde_json::to_vec(&Body { valid: true, expires_at: claims.token.expires_at.millis(), token })
        .expect("claims and an integer are always JSON")
}

/// The body of `validate_token` for an invalid token; the status is 200 all the same (contract section 0.3, line 7).
pub fn invalid_token(reason: InvalidReason) -> Vec<u8> {
    format!("{{\"valid\":false,\"reason\":\"{}\"}}", reason.as_str()).into_bytes()
}

/// The body of `introspect` for a token that is valid and meant for the caller's eyes (RFC 7662 section 2.2); scopes are
/// separated by spaces here.
pub fn active_token(token: &AccessToken, issuer: &str) -> Vec<u8> {
    #[derive(Serialize)]
    struct Body<'a> {
        active: bool,
        token_type: &'static str,
        client_id: &'a str,
        sub: &'a str,
        scope: String,
        aud: &'a [String],
        iss: &'a str,
        exp: i64,
        iat: i64,
        jti: &'a str,
        org_id: &'a str,
    }
    let body = Body {
        active: true,
        token_type: "bearer",
        client_id: token.client_id.as_str(),
        sub: &token.subject,
        scope: token.scope.space_separated(),
        aud: &token.audience,
        iss: issuer,
        exp: token.expires_at.seconds(),
        iat: token.issued_at.seconds(),
        jti: token.id.as_str(),
        org_id: token.organization_id.as_str(),
    };
    serde_json::to_vec(&body).expect("texts and integers are always JSON")
}

/// The body of `introspect` for every other token: nothing but that it is not active, whatever the reason.
pub fn inactive_token() -> Vec<u8> {
    br#"{"active":false}"#.to_vec()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use tollgate_model::{Timestamp, token::Actor};

    use super::*;

    fn token() -> AccessToken {
        AccessToken {
            id: "1_a_ue1".parse().unwrap(),
            client_id: "abc".parse().unwrap(),
            subject: "AAAABBBBCCCCDDDDEEEEFFFF@techacct.adobe.com".into(),
            actor: Actor::TechnicalAccount,
            organization_id: "0123456789ABCDEF01234567@AdobeOrg".parse().unwrap(),
            scope: "openid,AdobeID".parse().unwrap(),
            audience: vec!["https://gateway.test".into()],
            issued_at: Timestamp::from_seconds(1_760_000_000),
            expires_at: Timestamp::from_seconds(1_760_086_400),
            sign_in: None,
            key_thumbprint: None,
            acting_client: None,
        }
    }

    #[test]
    fn expires_in_is_milliseconds_on_version_one_and_the_exchange_and_seconds_later() {
        let json = |answer: TokenAnswer<'_>| String::from_utf8(answer.to_json()).unwrap();
        let v1 = TokenAnswer::of_token(TokenVersion::V1, "a.b.c", Seconds::DAY, None);
        assert_eq!(json(v1), r#"{"token_type":"bearer","access_token":"a.b.c","expires_in":86400000}"#);
        assert_eq!(
            json(TokenAnswer::of_exchange("x", Seconds(1))),
            r#"{"token_type":"bearer","access_token":"x","expires_in":1000}"#
        );
        let scope = "openid,AdobeID".parse().unwrap();
        let v3 = TokenAnswer::of_token(TokenVersion::V2, "a.b.c", Seconds(86_399), Some(&scope));
        assert_eq!(
            json(v3),
            r#"{"token_type":"bearer","access_token":"a.b.c","expires_in":86399,"scope":"openid AdobeID"}"#
        );
    }

    #[test]
    fn a_valid_token_is_answered_with_its_claims_and_its_end_in_milliseconds() {
        let claims = AccessTokenClaims {
            token: token(),
            issuer: "https://ims.test".into(),
            region: "ims-na1".into(),
            not_before: None,
        };
        let body: Value = serde_json::from_slice(&valid_token(&claims)).unwrap();
        assert_eq!(body["valid"], true);
        assert_eq!(body["expires_at"], 1_760_086_400_000_i64);
        assert_eq!(body["token"]["scope"], "openid,AdobeID");
        assert_eq!(body["token"]["expires_in"], "86400000");
        assert_eq!(body["token"]["type"], "access_token");
    }

    #[test]
    fn an_invalid_token_is_answered_with_a_boolean_and_a_reason() {
        assert_eq!(invalid_token(InvalidReason::BadSignature), br#"{"valid":false,"reason":"bad_signature"}"#);
    }

    #[test]
    fn introspection_separates_scopes_by_spaces_and_tells_nothing_of_inactive_tokens() {
        let body: Value = serde_json::from_slice(&active_token(&token(), "https://ims.test")).unwrap();
        assert_eq!(body["scope"], "openid AdobeID");
        assert_eq!(body["active"], true);
        assert_eq!(body["exp"], 1_760_086_400);
        assert_eq!(inactive_token(), br#"{"active":false}"#);
    }
}
