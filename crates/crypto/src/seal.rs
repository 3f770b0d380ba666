//! The master key of an instance, and what is sealed with it before it is stored.

use std::fmt;

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf::{self, HKDF_SHA256},
};
use zeroize::{Zeroize, Zeroizing};

use crate::{
    CryptoError, DigestKey, Entropy, base64url, entropy,
    secret_text::{SecretBytes, SecretText},
};

/// The one secret that an instance is given from outside; every other key is derived from it or sealed by it.
pub struct MasterKey {
    bytes: Zeroizing<[u8; 32]>,
    sealing: LessSafeKey,
}

/// Begins every sealed value, so that a later way of sealing can be told from this one.
const VERSION_PREFIX: &str = "v1.";

impl MasterKey {
    /// A new master key.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self::new(Zeroizing::new(entropy::bytes(entropy)))
    }

    /// Reads a master key of 32 bytes in base64url; white space around it, as in a file, is ignored.
    pub fn from_text(text: &str) -> Result<Self, CryptoError> {
        let bytes = base64url::decode_array(text.trim()).map_err(|_| CryptoError::MasterKey)?;
        Ok(Self::new(Zeroizing::new(bytes)))
    }

    fn new(bytes: Zeroizing<[u8; 32]>) -> Self {
        let key =
            UnboundKey::new(&AES_256_GCM, derive(&bytes, "seal").as_ref()).expect("the derived key is 32 bytes long");
        Self { bytes, sealing: LessSafeKey::new(key) }
    }

    /// The key as text, to be written to a file that only the instance can read.
    pub fn to_text(&self) -> SecretText {
        SecretText::from(base64url::encode(self.bytes.as_ref()))
    }

    /// The key under which secrets are digested.
    pub fn digest_key(&self) -> DigestKey {
        DigestKey::new(&derive(&self.bytes, "digest"))
    }

    /// Seals `plain` with AES-256-GCM under a random nonce. It opens for the same `purpose` only, so that one sealed
    /// value cannot be put in the place of another.
    ///
    /// ```
    /// # use tollgate_crypto::{MasterKey, SystemEntropy};
    /// let master_key = MasterKey::generate(&SystemEntropy);
    /// let sealed = master_key.seal(&SystemEntropy, "signing key ims-1", b"private");
    /// assert!(sealed.starts_with("v1."));
    /// assert_eq!(master_key.open("signing key ims-1", &sealed).unwrap().reveal(), b"private");
    /// assert!(master_key.open("signing key ims-2", &sealed).is_err());
    /// ```
    pub fn seal(&self, entropy: &dyn Entropy, purpose: &str, plain: &[u8]) -> String {
        let nonce: [u8; NONCE_LEN] = entropy::bytes(entropy);
        let mut body = Vec::with_capacity(NONCE_LEN + plain.len() + AES_256_GCM.tag_len());
        body.extend_from_slice(plain);
        self.sealing
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(purpose.as_bytes()), &mut body)
            .expect("what is sealed is far shorter than the 64 GiB that AES-GCM allows");
        let mut sealed = String::with_capacity(VERSION_PREFIX.len() + base64url::encoded_chars(NONCE_LEN + body.len()));
        sealed.push_str(VERSION_PREFIX);
        body.splice(..0, nonce);
        base64url::encode_into(&body, &mut sealed);
        sealed
    }

    /// Opens what [`seal`](Self::seal) sealed for the same `purpose`.
    pub fn open(&self, purpose: &str, sealed: &str) -> Result<SecretBytes, CryptoError> {
        let body = sealed.strip_prefix(VERSION_PREFIX).ok_or(CryptoError::Sealed)?;
        let mut bytes = base64url::decode(body).map_err(|_| CryptoError::Sealed)?;
        let (nonce, body) = bytes.split_at_mut_checked(NONCE_LEN).ok_or(CryptoError::Sealed)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| CryptoError::Sealed)?;
        let opened = self.sealing.open_in_place(nonce, Aad::from(purpose.as_bytes()), body);
        let plain = opened.map(|plain| plain.to_vec()).map_err(|_| CryptoError::Sealed)?;
        bytes.zeroize();
        Ok(SecretBytes::from(plain))
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("MasterKey(…)")
    }
}

/// HKDF-SHA256 (RFC 5869) of the master key under `label`.
fn derive(master: &[u8; 32], label: &str) -> Zeroizing<[u8; 32]> {
    let mut derived = Zeroizing::new([0; 32]);
    let extracted = hkdf::Salt::new(HKDF_SHA256, b"tollgate").extract(master);
    extracted
        .expand(&[label.as_bytes()], HKDF_SHA256)
        .and_then(|expanded| expanded.fill(derived.as_mut()))
        .expect("32 bytes are what HKDF-SHA256 gives in one block");
    derived
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::SystemEntropy;

    #[test]
    fn a_master_key_reads_back_from_its_text_and_opens_what_it_sealed() {
        let key = MasterKey::generate(&SystemEntropy);
        let sealed = key.seal(&SystemEntropy, "signing key", b"private");
        let again = MasterKey::from_text(&format!("{}\n", key.to_text().reveal())).unwrap();
        assert_eq!(again.open("signing key", &sealed).unwrap().reveal(), b"private");
        assert_eq!(again.digest_key().digest("a", b"b"), key.digest_key().digest("a", b"b"));
        assert_ne!(key.seal(&SystemEntropy, "signing key", b"private"), sealed, "each seal has a nonce of its own");
    }

    #[test]
    fn a_master_key_of_another_length_is_refused_and_none_is_shown_in_debug_output() {
        for bad in ["", "AAAA", &"A".repeat(42), &"A".repeat(44), "changeme", &format!("{}=", "A".repeat(43))] {
            assert_eq!(MasterKey::from_text(bad).unwrap_err(), CryptoError::MasterKey, "{bad}");
        }
        let key = MasterKey::generate(&SystemEntropy);
        assert!(!format!("{key:?}").contains(&key.to_text().reveal()[..6]));
    }

    #[test]
    fn a_sealed_value_opens_for_its_purpose_and_its_master_key_only() {
        let key = MasterKey::generate(&SystemEntropy);
        let sealed = key.seal(&SystemEntropy, "signing key a", b"private");
        assert_eq!(key.open("signing key b", &sealed).unwrap_err(), CryptoError::Sealed);
        assert_eq!(key.open("", &sealed).unwrap_err(), CryptoError::Sealed);
        let other = MasterKey::generate(&SystemEntropy);
        assert_eq!(other.open("signing key a", &sealed).unwrap_err(), CryptoError::Sealed);
    }

    proptest! {
        #[test]
        fn a_sealed_value_with_one_changed_missing_or_added_character_does_not_open(
            plain in proptest::collection::vec(any::<u8>(), 0..80),
            place in any::<proptest::sample::Index>(),
            replacement in "[A-Za-z0-9_.=-]",
        ) {
            let key = MasterKey::new(Zeroizing::new([3; 32]));
            let sealed = key.seal(&SystemEntropy, "test", &plain);
            let opened = key.open("test", &sealed).unwrap();
            prop_assert_eq!(opened.reveal(), plain);
            let at = place.index(sealed.len());
            let changed = format!("{}{replacement}{}", &sealed[..at], &sealed[at + 1..]);
            prop_assume!(changed != sealed);
            prop_assert!(key.open("test", &changed).is_err());
            prop_assert!(key.open("test", &sealed[..at]).is_err());
            let longer = format!("{sealed}{replacement}");
            prop_assert!(key.open("test", &longer).is_err());
        }
    }
}
