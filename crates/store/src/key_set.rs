//! The signing keys in memory: parsed once, found by name, chosen by time.

use std::sync::{Arc, OnceLock};

use tollgate_crypto::{Algorithm, MasterKey, PublicJwk, SigningKey, VerifyingKey};
use tollgate_model::{Timestamp, id::KeyId};

use crate::{
    StoreError,
    signing_keys::{SigningKeyRow, seal_purpose},
};

/// A signing key, ready for use.
#[derive(Debug)]
pub struct DirectoryKey {
    /// The `kid` of the tokens that it signs.
    pub id: KeyId,
    /// What it signs with.
    pub algorithm: Algorithm,
    /// The private key; `None` when the key was retired before it was loaded.
    pub signing: Option<Arc<SigningKey>>,
    /// The public key.
    pub verifying: VerifyingKey,
    /// The public key as published.
    pub jwk: PublicJwk,
    /// A certificate for the public key, as published for `x5u`.
    pub certificate_pem: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when it signs.
    pub active_from: Timestamp,
    /// From when it signs no more.
    pub retired_at: Option<Timestamp>,
    /// From when it is published no more.
    pub expires_at: Option<Timestamp>,
    token_header: OnceLock<String>,
}

impl DirectoryKey {
    /// Unseals and parses a stored key.
    pub(crate) fn open(row: SigningKeyRow, master_key: &MasterKey, now: Timestamp) -> Result<Self, StoreError> {
        let corrupt = |column: &str, expected| StoreError::Corrupt {
            statement: "directory",
            table: "signing_keys",
            row: row.key_id.to_string(),
            column: column.to_owned(),
            expected,
        };
        let verifying = VerifyingKey::from_jwk(&row.public_jwk)
            .map_err(|_| corrupt("public_jwk", "key that signatures are verified with"))?;
        let is_retired = row.retired_at.is_some_and(|end| end <= now);
        let signing = if is_retired {
            None
        } else {
            let opened = master_key.open(&seal_purpose(&row.key_id), &row.sealed_private);
            let pkcs8 = opened.map_err(|_| corrupt("sealed_private", "text sealed with this instance's master key"))?;
            let key = SigningKey::from_pkcs8(row.algorithm, pkcs8.reveal());
            let key = key.map_err(|_| corrupt("sealed_private", "private key of the row's algorithm"))?;
            if key.public_jwk(row.key_id.as_str()) != row.public_jwk {
                return Err(corrupt("public_jwk", "public part of the row's private key"));
            }
            Some(Arc::new(key))
        };
        Ok(Self {
            id: row.key_id,
            algorithm: row.algorithm,
            signing,
            verifying,
            jwk: row.public_jwk,
            certificate_pem: row.certificate_pem,
            created_at: row.created_at,
            active_from: row.active_from,
            retired_at: row.retired_at,
            expires_at: row.expires_at,
            token_header: OnceLock::new(),
        })
    }

    /// Whether the key was opened from this very row.
    pub(crate) fn is_of(&self, row: &SigningKeyRow) -> bool {
        self.id == row.key_id
            && self.algorithm == row.algorithm
            && self.jwk == row.public_jwk
            && self.certificate_pem == row.certificate_pem
            && (self.created_at, self.active_from) == (row.created_at, row.active_from)
            && (self.retired_at, self.expires_at) == (row.retired_at, row.expires_at)
    }

    /// The JOSE header of the access tokens that this key signs, base64url. It is the same for all of them, so `write`
    /// is asked once.
    pub fn token_header(&self, write: impl FnOnce(&Self) -> String) -> &str {
        self.token_header.get_or_init(|| write(self))
    }

    /// Whether it signs at `now`.
    pub fn is_active(&self, now: Timestamp) -> bool {
        self.signing.is_some() && self.active_from <= now && self.retired_at.is_none_or(|end| now < end)
    }

    /// Whether it is published at `now`, and tokens that it signed are accepted.
    pub fn is_published(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

/// Every signing key that is in use, waiting, or needed for tokens that still live.
#[derive(Debug, Default)]
pub struct KeySet {
    keys: Vec<Arc<DirectoryKey>>,
}

impl KeySet {
    /// These keys; they are few, so that looking them through is as quick as any index.
    pub(crate) fn of(mut keys: Vec<Arc<DirectoryKey>>) -> Self {
        keys.sort_by(|one, other| other.active_from.cmp(&one.active_from).then_with(|| one.id.cmp(&other.id)));
        Self { keys }
    }

    /// The key that signs under `algorithm` at `now`: of those that are active and not retired, the newest.
    pub fn active(&self, algorithm: Algorithm, now: Timestamp) -> Option<&Arc<DirectoryKey>> {
        self.keys.iter().find(|key| key.algorithm == algorithm && key.is_active(now))
    }

    /// The key of this name; it may be retired, or not active yet.
    pub fn find(&self, kid: &str) -> Option<&Arc<DirectoryKey>> {
        self.keys.iter().find(|key| key.id.as_str() == kid)
    }

    /// The keys that verifiers must know at `now`, newest first.
    pub fn published(&self, now: Timestamp) -> impl Iterator<Item = &Arc<DirectoryKey>> {
        self.keys.iter().filter(move |key| key.is_published(now))
    }

    /// Every key, newest first.
    pub fn iter(&self) -> std::slice::Iter<'_, Arc<DirectoryKey>> {
        self.keys.iter()
    }
}

impl<'a> IntoIterator for &'a KeySet {
    type Item = &'a Arc<DirectoryKey>;
    type IntoIter = std::slice::Iter<'a, Arc<DirectoryKey>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
