//! Tokens that were verified before.
//!
//! Remembered is only what never changes for one and the same token: form, signature, issuer, audience and the facts
//! that it states. Time, revocation, and the state of key, credential and organization are looked at on every call.

use std::sync::Arc;

use http::HeaderValue;
use quick_cache::sync::Cache;
use tollgate_crypto::digest::sha256;
use tollgate_model::{
    Timestamp,
    token::{AccessToken, TOKEN_BYTES_MAX},
};
use tollgate_store::directory::Directory;
use tollgate_web::{
    House, TokenRefusal, VerifiedToken,
    access_token::{check_standing, read_access_token},
};

use crate::identity::SignedIdentity;

/// A verified token with what is forwarded of it, ready made.
pub(crate) struct Remembered {
    verified: VerifiedToken,
    pub(crate) user_id: HeaderValue,
    pub(crate) scope: HeaderValue,
    /// Who calls, signed, for calls with this token.
    pub(crate) identity: SignedIdentity,
}

impl Remembered {
    fn new(verified: VerifiedToken) -> Result<Self, TokenRefusal> {
        let header = |text: &str| HeaderValue::from_str(text).map_err(|_| TokenRefusal::Malformed);
        Ok(Self {
            user_id: header(&verified.token().subject)?,
            scope: header(&verified.token().scope.comma_separated())?,
            identity: SignedIdentity::default(),
            verified,
        })
    }

    pub(crate) const fn token(&self) -> &AccessToken {
        self.verified.token()
    }
}

/// Verified tokens by the SHA-256 of their text, the least used forgotten first.
pub(crate) struct Tokens(Cache<[u8; 32], Arc<Remembered>>);

impl Tokens {
    pub(crate) fn new(remembered_max: usize) -> Self {
        Self(Cache::new(remembered_max))
    }

    /// Checks a token in every respect.
    pub(crate) fn verify(
        &self,
        house: &House,
        directory: &Directory,
        text: &str,
        now: Timestamp,
    ) -> Result<Arc<Remembered>, TokenRefusal> {
        // Before digesting it: a long text is no token, however often it is sent.
        if text.len() > TOKEN_BYTES_MAX {
            return Err(TokenRefusal::Malformed);
        }
        let digest = sha256(text.as_bytes());
        let Some(remembered) = self.0.get(&digest) else {
            let new = Arc::new(Remembered::new(read_access_token(directory, &house.instance, text)?)?);
            check_standing(directory, house.directory.revocations(), &new.verified, now)?;
            self.0.insert(digest, Arc::clone(&new));
            return Ok(new);
        };
        let standing = check_standing(directory, house.directory.revocations(), &remembered.verified, now);
        if let Err(TokenRefusal::Expired) = standing {
            self.0.remove(&digest);
        }
        standing.map(|()| remembered)
    }
}
