//! The secrets of credentials: how they look, and what is kept of them.

use std::fmt;

use tollgate_crypto::{Digest, DigestKey, Entropy, SecretText};

use crate::{
    Invalid, Timestamp,
    id::{ClientId, SecretId},
};

/// Most secrets of one kind that a credential may have at once (contract section 7.1).
pub const LIVE_SECRETS_MAX: usize = 2;
/// Longest text that is looked at as a secret.
pub const SECRET_BYTES_MAX: usize = 256;

/// What a secret is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SecretKind {
    /// Proves a credential to the token endpoint: `p8e-` and 32 URL-safe characters.
    ClientSecret,
    /// Proves a caller to the gateway in place of the public client id: `tgk_`, 40 URL-safe characters, a checksum.
    SecretKey,
}

impl SecretKind {
    /// The kind as stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClientSecret => "client_secret",
            Self::SecretKey => "secret_key",
        }
    }

    const fn prefix(self) -> &'static str {
        match self {
            Self::ClientSecret => "p8e-",
            Self::SecretKey => "tgk_",
        }
    }
}

impl std::str::FromStr for SecretKind {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text {
            "client_secret" => Ok(Self::ClientSecret),
            "secret_key" => Ok(Self::SecretKey),
            other => Err(Invalid::new("secret kind", other, "use client_secret or secret_key")),
        }
    }
}

/// A secret in clear, which exists from its making or its arrival until it is digested.
pub struct PlainSecret {
    kind: SecretKind,
    text: SecretText,
}

const CHECKSUM_CHARS: usize = 6;

impl PlainSecret {
    /// A new secret with at least 190 bits of randomness.
    pub fn generate(entropy: &dyn Entropy, kind: SecretKind) -> Self {
        let text = match kind {
            SecretKind::ClientSecret => {
                let random = tollgate_crypto::base64url::encode(&tollgate_crypto::entropy::bytes::<24>(entropy));
                format!("{}{random}", kind.prefix())
            }
            SecretKind::SecretKey => {
                let random = tollgate_crypto::base64url::encode(&tollgate_crypto::entropy::bytes::<30>(entropy));
                format!("{}{random}{}", kind.prefix(), checksum(&random))
            }
        };
        Self { kind, text: SecretText::from(text) }
    }

    /// Takes a secret key off the wire; a mistyped one is told by its checksum, without a look-up.
    pub fn parse_secret_key(text: &str) -> Result<Self, Invalid> {
        let refused =
            || Invalid::new("secret key", "(not shown)", "give the whole key as it was shown, beginning with `tgk_`");
        let body = text.strip_prefix(SecretKind::SecretKey.prefix()).ok_or_else(refused)?;
        if body.len() != 40 + CHECKSUM_CHARS || !body.is_ascii() {
            return Err(refused());
        }
        let (random, given) = body.split_at(40);
        if checksum(random) != given {
            return Err(refused());
        }
        Ok(Self { kind: SecretKind::SecretKey, text: SecretText::from(text.to_owned()) })
    }

    /// Whether text looks like a secret key rather than a client id.
    pub fn looks_like_secret_key(text: &str) -> bool {
        text.starts_with(SecretKind::SecretKey.prefix())
    }

    /// What the secret is for.
    pub const fn kind(&self) -> SecretKind {
        self.kind
    }

    /// The secret in clear, to be shown once.
    pub fn reveal(&self) -> &str {
        self.text.reveal()
    }

    /// The digest under which it is stored.
    pub fn digest(&self, key: &DigestKey) -> Digest {
        key.digest(self.kind.as_str(), self.text.reveal().as_bytes())
    }

    /// The first characters, enough to tell two secrets apart and too few to guess either.
    pub fn visible_prefix(&self) -> String {
        self.text.reveal().chars().take(8).collect()
    }
}

impl fmt::Debug for PlainSecret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "PlainSecret({}…)", self.kind.prefix())
    }
}

/// The digest that a client secret given by a caller would be stored under.
pub fn client_secret_digest(key: &DigestKey, given: &str) -> Digest {
    key.digest(SecretKind::ClientSecret.as_str(), given.as_bytes())
}

fn checksum(random: &str) -> String {
    let digest = tollgate_crypto::digest::sha256(random.as_bytes());
    tollgate_crypto::base64url::encode(&digest)[..CHECKSUM_CHARS].to_owned()
}

/// What is kept of a secret.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredSecret {
    /// Its id.
    pub id: SecretId,
    /// The credential it belongs to.
    pub client_id: ClientId,
    /// What it is for.
    pub kind: SecretKind,
    /// The keyed digest of its text.
    pub digest: Digest,
    /// Its first characters.
    pub visible_prefix: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends; `None` for never.
    pub expires_at: Option<Timestamp>,
    /// When it was last accepted, to the minute; `None` for never.
    pub last_used_at: Option<Timestamp>,
}

impl StoredSecret {
    /// Whether it is accepted at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tollgate_crypto::SystemEntropy;

    use super::*;

    #[test]
    fn client_secrets_are_url_safe_and_36_characters_long() {
        let secret = PlainSecret::generate(&SystemEntropy, SecretKind::ClientSecret);
        let text = secret.reveal();
        assert_eq!(text.len(), 36);
        assert!(text.starts_with("p8e-"));
        assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')));
    }

    #[test]
    fn a_secret_never_shows_in_debug_output() {
        let secret = PlainSecret::generate(&SystemEntropy, SecretKind::SecretKey);
        assert!(!format!("{secret:?}").contains(&secret.reveal()[8..]));
    }

    proptest! {
        #[test]
        fn a_secret_key_with_one_mistyped_character_is_refused(position in 4_usize..50, replacement in "[A-Za-z0-9_-]") {
            let key = PlainSecret::generate(&SystemEntropy, SecretKind::SecretKey);
            prop_assert!(PlainSecret::parse_secret_key(key.reveal()).is_ok());
            let mut typo = key.reveal().to_owned();
            typo.replace_range(position..=position, &replacement);
            prop_assume!(typo != key.reveal());
            prop_assert!(PlainSecret::parse_secret_key(&typo).is_err());
        }
    }
}
