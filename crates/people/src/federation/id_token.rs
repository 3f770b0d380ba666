//! The identity token of a provider, and when it is believed (OpenID Connect Core section 3.1.3.7).

use serde::{Deserialize, Deserializer};
use thiserror::Error;
use tollgate_crypto::{Compact, JwsError, constant_time_eq};
use tollgate_model::{Seconds, Timestamp};

const TOKEN_BYTES_MAX: usize = 32 * 1024;
const SUBJECT_BYTES_MAX: usize = 255;
/// How far the provider's clock may be off.
const CLOCK_SKEW: Seconds = Seconds(60);

/// What is wrong with an identity token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TokenFault {
    /// There is none in the answer.
    #[error("there is no identity token")]
    Missing,
    /// It is no signed token, or its claims cannot be read.
    #[error("the identity token cannot be read")]
    Malformed,
    /// No key of the provider fits it.
    #[error("the identity token is signed with an unknown key")]
    UnknownKey,
    /// Its signature is wrong, or of a kind that is not accepted.
    #[error("the identity token's signature is wrong")]
    Signature,
    /// It comes from somebody else.
    #[error("the identity token has another issuer")]
    Issuer,
    /// It is meant for somebody else.
    #[error("the identity token is meant for another client")]
    Audience,
    /// It is too old, or from the future.
    #[error("the identity token is not valid at this time")]
    Time,
    /// It belongs to another sign-in.
    #[error("the identity token belongs to another sign-in")]
    Nonce,
    /// The claims that were fetched are about somebody else.
    #[error("the person's claims are about somebody else")]
    Subject,
}

/// What a provider says about a person.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct PersonClaims {
    pub(super) sub: String,
    pub(super) email: Option<String>,
    #[serde(default, deserialize_with = "truth")]
    pub(super) email_verified: bool,
    pub(super) name: Option<String>,
    pub(super) given_name: Option<String>,
    pub(super) family_name: Option<String>,
    pub(super) locale: Option<String>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: Audience,
    azp: Option<String>,
    exp: f64,
    iat: f64,
    nbf: Option<f64>,
    nonce: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    fn all(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

/// What a token has to agree with.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
    pub(super) now: Timestamp,
}

/// Takes a token apart, without believing anything yet.
pub(super) fn parse(token: &str) -> Result<Compact<'_>, TokenFault> {
    let compact = Compact::parse(token, TOKEN_BYTES_MAX).map_err(|error| match error {
        JwsError::Algorithm(_) => TokenFault::Signature,
        _ => TokenFault::Malformed,
    })?;
    // A token that says what it is must not be something else, such as an access token (RFC 8725 section 3.11).
    match compact.header.typ.as_deref() {
        None => Ok(compact),
        Some(typ) if typ.eq_ignore_ascii_case("jwt") => Ok(compact),
        Some(_) => Err(TokenFault::Malformed),
    }
}

/// Checks the claims of a token whose signature is right.
pub(super) fn check(payload: &[u8], expected: &Expected<'_>) -> Result<PersonClaims, TokenFault> {
    let claims: Claims = serde_json::from_slice(payload).map_err(|_| TokenFault::Malformed)?;
    let person: PersonClaims = serde_json::from_slice(payload).map_err(|_| TokenFault::Malformed)?;
    if claims.iss != expected.issuer {
        return Err(TokenFault::Issuer);
    }
    let audience = claims.aud.all();
    let is_meant = audience.iter().any(|one| one == expected.client_id);
    let acts = claims.azp.as_ref().map_or(audience.len() == 1, |azp| azp == expected.client_id);
    if !is_meant || !acts {
        return Err(TokenFault::Audience);
    }
    #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 fit into the 53 bits of a JSON number")]
    let (now, skew) = (expected.now.seconds() as f64, CLOCK_SKEW.0 as f64);
    let is_over = now >= claims.exp + skew;
    let is_early = claims.iat > now + skew || claims.nbf.is_some_and(|from| from > now + skew);
    if is_over || is_early {
        return Err(TokenFault::Time);
    }
    let nonce = claims.nonce.as_deref().unwrap_or_default();
    if !constant_time_eq(nonce.as_bytes(), expected.nonce.as_bytes()) {
        return Err(TokenFault::Nonce);
    }
    if person.sub.is_empty() || person.sub.len() > SUBJECT_BYTES_MAX {
        return Err(TokenFault::Malformed);
    }
    Ok(person)
}

/// `true`, also as the text that some providers write; anything else is not a yes.
fn truth<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(value == true || value == "true")
}

#[cfg(test)]
mod tests;
