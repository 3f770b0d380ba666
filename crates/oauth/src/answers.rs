//! What the endpoints answer, as JSON: tokens, validation, introspection.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::value::RawValue;
use tollgate_model::{Seconds, id::TokenId, scope::ScopeSet, token::AccessToken, user::User};

use crate::{
    claims::{AccessTokenClaims, Confirmation, write_access_token},
    json::ObjectWriter,
    person::{write_beside_first_tokens, write_beside_later_tokens},
    reference_token::ReferenceToken,
    token::{ACCESS_TOKEN_TYPE, TokenVersion},
};

/// What an answer calls its token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerType {
    /// Whoever has it may use it (RFC 6750).
    Bearer,
    /// It needs a proof of a key beside it (RFC 9449 section 5).
    Dpop,
    /// A bearer token in the word of a promise exchange (contract section 1.5).
    AccessToken,
}

impl AnswerType {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bearer => "bearer",
            Self::Dpop => "DPoP",
            Self::AccessToken => "access_token",
        }
    }
}

/// The answer to a granted token request. Clients read `expires_in` in the unit of the address that they called
/// (contract section 0.3, line 3).
pub struct TokenAnswer<'a> {
    version: TokenVersion,
    access_token: &'a str,
    token_type: AnswerType,
    expires_in: i64,
    scope: Option<String>,
    refresh_token: Option<(&'a str, i64)>,
    id_token: Option<&'a str>,
    has_issued_type: bool,
    person: Option<(&'a User, &'a ScopeSet)>,
    promise: Option<(&'a str, &'a TokenId, i64)>,
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
        Self {
            version,
            access_token,
            token_type: AnswerType::Bearer,
            expires_in: version.duration(lifetime),
            scope: granted.map(ScopeSet::space_separated),
            refresh_token: None,
            id_token: None,
            has_issued_type: false,
            person: None,
            promise: None,
        }
    }

    /// The answer of the exchange endpoint, always in milliseconds.
    pub fn of_exchange(access_token: &'a str, lifetime: Seconds) -> Self {
        Self::of_token(TokenVersion::V1, access_token, lifetime, None)
    }

    /// Calls the token something else than a bearer token.
    pub fn with_type(self, token_type: AnswerType) -> Self {
        Self { token_type, ..self }
    }

    /// Adds a refresh token, and for how long it lasts without use.
    pub fn with_refresh_token(self, refresh_token: &'a str, lifetime: Seconds) -> Self {
        Self { refresh_token: Some((refresh_token, self.version.duration(lifetime))), ..self }
    }

    /// Adds an `id_token`.
    pub fn with_id_token(self, id_token: &'a str) -> Self {
        Self { id_token: Some(id_token), ..self }
    }

    /// Mixes in the fields of the person whom the token stands for, as the version and the scopes have them.
    pub fn with_person(self, user: &'a User, scope: &'a ScopeSet) -> Self {
        Self { person: Some((user, scope)), ..self }
    }

    /// Says of which type the token is, as an exchange does (RFC 8693 section 2.2.1).
    pub fn with_issued_type(self) -> Self {
        Self { has_issued_type: true, ..self }
    }

    /// Adds the promise that takes the place of the one that was redeemed.
    pub fn with_promise(self, promise_token: &'a str, id: &'a TokenId, lifetime: Seconds) -> Self {
        Self { promise: Some((promise_token, id, self.version.duration(lifetime))), ..self }
    }

    /// The JSON body.
    pub fn to_json(&self) -> Vec<u8> {
        let tokens = self.access_token.len() + self.refresh_token.map_or(0, |(token, _)| token.len());
        let mut json = ObjectWriter::with_capacity(256 + tokens + self.id_token.map_or(0, str::len));
        json.text("token_type", self.token_type.as_str())
            .text("access_token", self.access_token)
            .integer("expires_in", self.expires_in);
        if let Some((refresh_token, expires_in)) = self.refresh_token {
            json.text("refresh_token", refresh_token).integer("refresh_token_expires_in", expires_in);
        }
        json.optional_text("id_token", self.id_token).optional_text("scope", self.scope.as_deref());
        if self.has_issued_type {
            json.text("issued_token_type", ACCESS_TOKEN_TYPE);
        }
        if let Some((promise_token, id, expires_in)) = self.promise {
            json.text("promise_token", promise_token)
                .text("promise_token_id", id.as_str())
                .integer("promise_token_expires_in", expires_in);
        }
        match (self.person, self.version) {
            (Some((user, scope)), TokenVersion::V1) => write_beside_first_tokens(&mut json, user, scope),
            (Some((user, _)), TokenVersion::V2) => write_beside_later_tokens(&mut json, user),
            (None, _) => {}
        }
        json.finish()
    }
}

/// The answer to a granted promise (contract section 1.5).
pub fn promise_answer(version: TokenVersion, promise_token: &str, lifetime: Seconds, scope: &ScopeSet) -> Vec<u8> {
    ObjectWriter::with_capacity(128 + promise_token.len())
        .text("promise_token", promise_token)
        .text("token_type", "promise_token")
        .text("scope", &scope.comma_separated())
        .integer("expires_in", version.duration(lifetime))
        .finish()
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
        #[serde(skip_serializing_if = "Option::is_none")]
        cnf: Option<Confirmation>,
    }
    let token_type = if token.key_thumbprint.is_some() { AnswerType::Dpop } else { AnswerType::Bearer };
    let body = Body {
        active: true,
        token_type: token_type.as_str(),
        client_id: token.client_id.as_str(),
        sub: &token.subject,
        scope: token.scope.space_separated(),
        aud: &token.audience,
        iss: issuer,
        exp: token.expires_at.seconds(),
        iat: token.issued_at.seconds(),
        jti: token.id.as_str(),
        org_id: token.organization_id.as_str(),
        cnf: token.key_thumbprint.clone().map(|jkt| Confirmation { jkt }),
    };
    serde_json::to_vec(&body).expect("texts and integers are always JSON")
}

/// The body of `validate_token` for a code, refresh token or promise that can still be used.
pub fn valid_reference(reference: &ReferenceToken, scope: &ScopeSet, region: &str) -> Vec<u8> {
    #[derive(Serialize)]
    struct Body<'a> {
        valid: bool,
        expires_at: i64,
        token: Token<'a>,
    }
    #[derive(Serialize)]
    struct Token<'a> {
        scope: String,
        #[serde(flatten)]
        payload: BTreeMap<&'a str, &'a RawValue>,
    }
    let payload = reference.write(region);
    let payload = serde_json::from_slice(&payload).expect("claims are written as JSON");
    let token = Token { scope: scope.comma_separated(), payload };
    serde_json::to_vec(&Body { valid: true, expires_at: reference.expires_at.millis(), token })
        .expect("claims and an integer are always JSON")
}

/// The body of `introspect` for a code, refresh token or promise that can still be used.
pub fn active_reference(reference: &ReferenceToken, scope: &ScopeSet, issuer: &str) -> Vec<u8> {
    ObjectWriter::with_capacity(384)
        .value("active", &true)
        .text("token_type", reference.token_type.as_str())
        .text("client_id", reference.client_id.as_str())
        .text("sub", &reference.user_id)
        .text("scope", &scope.space_separated())
        .text("iss", issuer)
        .integer("exp", reference.expires_at.seconds())
        .integer("iat", reference.issued_at.seconds())
        .text("jti", reference.id.as_str())
        .finish()
}

/// The body of `introspect` for every other token: nothing but that it is not active, whatever the reason.
pub fn inactive_token() -> Vec<u8> {
    br#"{"active":false}"#.to_vec()
}

#[cfg(test)]
mod tests;
