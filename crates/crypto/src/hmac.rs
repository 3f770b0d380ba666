//! Keyed digests: what is stored of a secret of high entropy, and how it is found again.

use std::{
    fmt,
    hash::{Hash, Hasher},
    str::FromStr,
    sync::Arc,
};

use aws_lc_rs::{constant_time, hmac};

use crate::{CryptoError, base64url};

/// The key of an instance's digests, derived from its [`crate::MasterKey`]. Clones share it.
#[derive(Clone)]
pub struct DigestKey(Arc<hmac::Key>);

impl DigestKey {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        Self(Arc::new(hmac::Key::new(hmac::HMAC_SHA256, key)))
    }

    /// HMAC-SHA256 of `value` for `purpose`. The same value has unrelated digests for two purposes, so a digest that
    /// leaks from one table finds nothing in another.
    ///
    /// ```
    /// # use tollgate_crypto::{MasterKey, SystemEntropy};
    /// let key = MasterKey::generate(&SystemEntropy).digest_key();
    /// assert_eq!(key.digest("secret_key", b"x"), key.digest("secret_key", b"x"));
    /// assert_ne!(key.digest("secret_key", b"x"), key.digest("client_secret", b"x"));
    /// ```
    pub fn digest(&self, purpose: &str, value: &[u8]) -> Digest {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(purpose.as_bytes());
        // Purposes are words without a zero byte, so the border between the two cannot move.
        context.update(&[0]);
        context.update(value);
        Digest(context.sign().as_ref().try_into().expect("HMAC-SHA256 is 32 bytes long"))
    }
}

impl fmt::Debug for DigestKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("DigestKey(…)")
    }
}

/// The keyed digest of a secret. Prints as, and parses from, base64url; compared in constant time.
#[derive(Clone)]
pub struct Digest([u8; 32]);

impl PartialEq for Digest {
    fn eq(&self, other: &Self) -> bool {
        constant_time_eq(&self.0, &other.0)
    }
}

impl Eq for Digest {}

impl Hash for Digest {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(&base64url::encode(&self.0))
    }
}

impl FromStr for Digest {
    type Err = CryptoError;

    fn from_str(text: &str) -> Result<Self, CryptoError> {
        base64url::decode_array(text).map(Self).map_err(|_| CryptoError::Digest)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Digest(…)")
    }
}

/// Whether two byte strings are equal, in a time that tells at most their lengths.
pub fn constant_time_eq(left: &[u8], right: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(left, right).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_hmac_sha256_of_purpose_zero_byte_and_value() {
        let key = DigestKey::new(&[7; 32]);
        let whole = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &[7; 32]), b"secret_key\0tgk_abc");
        assert_eq!(key.digest("secret_key", b"tgk_abc").0, whole.as_ref());
    }

    #[test]
    fn two_purposes_two_keys_or_two_values_never_share_a_digest() {
        let key = DigestKey::new(&[7; 32]);
        let digest = key.digest("client_secret", b"value");
        for other in [
            key.digest("secret_key", b"value"),
            key.digest("client_secret", b"valu"),
            key.digest("client_secretv", b"alue"),
            DigestKey::new(&[8; 32]).digest("client_secret", b"value"),
        ] {
            assert_ne!(digest, other);
        }
    }

    #[test]
    fn a_digest_parses_as_it_prints_and_shows_nothing_in_debug_output() {
        let digest = DigestKey::new(&[7; 32]).digest("secret_key", b"value");
        assert_eq!(digest.to_string().parse(), Ok(digest.clone()));
        assert!(!format!("{digest:?}").contains(&digest.to_string()[..8]));
        for bad in ["", "AAAA", &"A".repeat(44), &format!("{}=", "A".repeat(43)), &"B".repeat(43)] {
            assert!(bad.parse::<Digest>().is_err(), "{bad}");
        }
    }

    #[test]
    fn byte_strings_of_different_lengths_are_not_equal() {
        assert!(constant_time_eq(b"abc", b"abc"));
        assert!(!constant_time_eq(b"abc", b"abd"));
        assert!(!constant_time_eq(b"abc", b"ab"));
        assert!(constant_time_eq(b"", b""));
    }
}
