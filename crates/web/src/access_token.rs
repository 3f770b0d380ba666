//! Whether an access token is good: the one check that identity (validate, introspect) and the gateway share.
//!
//! It has two halves. [`read_access_token`] asks what never changes for a given token: its form, key, signature, issuer
//! and audience; the result may be remembered. [`check_standing`] asks what changes from one request to the next: time,
//! revocation, and whether key, credential and organization are still there and enabled; it is asked each time.

use tollgate_crypto::Compact;
use tollgate_model::{
    Seconds, Timestamp,
    id::KeyId,
    token::{AccessToken, Actor, TOKEN_BYTES_MAX},
};
use tollgate_oauth::{
    answers::InvalidReason,
    claims::{AccessTokenClaims, ClaimsError, HEADER_TYPE},
};
use tollgate_store::{Directory, RevocationSet};

use crate::{House, Instance};

/// How far a token's start may lie in the future, for nodes whose clocks differ. Its end is exact.
pub const CLOCK_SKEW: Seconds = Seconds(30);

/// Why a token opens nothing, in words for its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum TokenRefusal {
    /// It is not a token in compact form with readable claims.
    #[error("the token is not readable; send it whole, as it was issued")]
    Malformed,
    /// It is a token of another type.
    #[error("the token is not an access token")]
    WrongType,
    /// No published key of ours has its `kid`.
    #[error("the token was not signed by a key of this instance, or its key has ended; get a new token")]
    UnknownKey,
    /// The signature does not match, or claims another algorithm than the key's.
    #[error("the signature of the token does not match; send the token whole, as it was issued")]
    BadSignature,
    /// Another instance issued it.
    #[error("the token was issued by another instance; get one from this one")]
    WrongIssuer,
    /// It is meant for somebody else.
    #[error("the token is meant for another audience; get one without parameter resource")]
    WrongAudience,
    /// It starts in the future.
    #[error("the token is not valid yet; check the clocks")]
    NotYetValid,
    /// It has ended.
    #[error("the token has expired; get a new one")]
    Expired,
    /// It was ended before its time.
    #[error("the token was revoked; get a new one")]
    Revoked,
    /// Its credential was deleted, or acts as another account now.
    #[error("the credential of the token does not exist any more")]
    CredentialGone,
    /// Its credential or organization is disabled.
    #[error("the credential of the token, or its organization, is disabled")]
    CredentialDisabled,
}

impl TokenRefusal {
    /// The word that `validate_token` answers.
    pub const fn reason(self) -> InvalidReason {
        match self {
            Self::BadSignature | Self::UnknownKey => InvalidReason::BadSignature,
            Self::Expired => InvalidReason::ExpiredToken,
            Self::Revoked | Self::CredentialGone | Self::CredentialDisabled => InvalidReason::RevokedToken,
            Self::WrongType => InvalidReason::WrongType,
            Self::Malformed | Self::WrongIssuer | Self::WrongAudience | Self::NotYetValid => {
                InvalidReason::InvalidToken
            }
        }
    }
}

/// A token whose signature, issuer and audience are good.
#[derive(Debug, Clone, PartialEq)]
pub struct VerifiedToken {
    /// What it says.
    pub claims: AccessTokenClaims,
    /// The key that signed it.
    pub key_id: KeyId,
}

impl VerifiedToken {
    /// The facts that decisions read.
    pub const fn token(&self) -> &AccessToken {
        &self.claims.token
    }
}

/// Checks a token in every respect. `directory` is [`House::directory_at`] `now`.
pub fn verify_access_token(
    house: &House,
    directory: &Directory,
    text: &str,
    now: Timestamp,
) -> Result<VerifiedToken, TokenRefusal> {
    let verified = read_access_token(directory, &house.instance, text)?;
    check_standing(directory, house.directory.revocations(), &verified, now)?;
    Ok(verified)
}

/// Checks what never changes for a given token: form, type, key, signature, issuer and audience.
pub fn read_access_token(
    directory: &Directory,
    instance: &Instance,
    text: &str,
) -> Result<VerifiedToken, TokenRefusal> {
    let compact = Compact::parse(text, TOKEN_BYTES_MAX).map_err(|_| TokenRefusal::Malformed)?;
    if !compact.header.typ.as_deref().is_some_and(is_access_token_type) {
        return Err(TokenRefusal::WrongType);
    }
    let key = compact.header.kid.as_deref().and_then(|kid| directory.keys.find(kid)).ok_or(TokenRefusal::UnknownKey)?;
    compact.verify(&key.verifying, &[key.algorithm]).map_err(|_| TokenRefusal::BadSignature)?;
    let claims = AccessTokenClaims::parse(&compact.payload).map_err(|refused| match refused {
        ClaimsError::Malformed => TokenRefusal::Malformed,
        ClaimsError::WrongType => TokenRefusal::WrongType,
    })?;
    if claims.issuer != instance.issuer {
        return Err(TokenRefusal::WrongIssuer);
    }
    if !claims.token.audience.iter().any(|audience| instance.audience.contains(audience)) {
        return Err(TokenRefusal::WrongAudience);
    }
    Ok(VerifiedToken { claims, key_id: key.id.clone() })
}

/// Checks what changes from one request to the next: time, revocation, and whether key, credential and organization are
/// still there and enabled.
pub fn check_standing(
    directory: &Directory,
    revocations: &RevocationSet,
    verified: &VerifiedToken,
    now: Timestamp,
) -> Result<(), TokenRefusal> {
    let token = verified.token();
    if now >= token.expires_at {
        return Err(TokenRefusal::Expired);
    }
    let start = verified.claims.not_before.map_or(token.issued_at, |not_before| not_before.max(token.issued_at));
    if start > now + CLOCK_SKEW {
        return Err(TokenRefusal::NotYetValid);
    }
    let key = directory.keys.find(verified.key_id.as_str()).ok_or(TokenRefusal::UnknownKey)?;
    if !key.is_published(now) {
        return Err(TokenRefusal::UnknownKey);
    }
    let entry = directory.clients.get(&token.client_id).ok_or(TokenRefusal::CredentialGone)?;
    let acts_as_itself = match token.actor {
        Actor::User => true,
        Actor::TechnicalAccount => {
            entry.client.kind.technical_account().is_some_and(|account| account.id.as_str() == token.subject)
        }
    };
    if entry.organization.id != token.organization_id || !acts_as_itself {
        return Err(TokenRefusal::CredentialGone);
    }
    if !entry.is_enabled() {
        return Err(TokenRefusal::CredentialDisabled);
    }
    if revocations.is_revoked(token) {
        return Err(TokenRefusal::Revoked);
    }
    Ok(())
}

/// RFC 9068 section 2.1, either spelling of RFC 7515 section 4.1.9.
fn is_access_token_type(word: &str) -> bool {
    let word = match word.get(..12) {
        Some(prefix) if prefix.eq_ignore_ascii_case("application/") => &word[12..],
        _ => word,
    };
    word.eq_ignore_ascii_case(HEADER_TYPE)
}

#[cfg(test)]
mod tests;
