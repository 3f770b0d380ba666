//! Signed tokens in compact form (RFC 7515), with every known way to be fooled by one closed.
//!
//! A token says which algorithm it was signed with, and is not believed: [`Compact::verify`] takes the list that the
//! caller allows, and the key refuses algorithms of another family. Keys named *inside* a token (`jku`, `x5u`, `jwk`,
//! `x5c`) are never looked at, save by [`embedded_key`] for proofs of possession; a `kid` is a name to be looked up, nothing else.

mod embedded_key;
mod header;

pub use embedded_key::embedded_key;
pub use header::Header;

use crate::{Algorithm, CryptoError, SigningKey, VerifyingKey, base64url, error::shown};

/// Signs `payload` under a header that is already JSON in base64url, giving `header.payload.signature`.
///
/// The header is the same for all tokens of a key, so callers encode it once; its `alg` must be the key's.
///
/// ```
/// use tollgate_crypto::{Algorithm, Compact, SigningKey, base64url, jws};
///
/// let key = SigningKey::generate(Algorithm::Es256)?;
/// let header = base64url::encode(br#"{"alg":"ES256","kid":"ims-1","typ":"JWT"}"#);
/// let token = jws::sign(&header, br#"{"sub":"me"}"#, &key)?;
///
/// let parsed = Compact::parse(&token, 2_048).unwrap();
/// assert_eq!(parsed.header.kid.as_deref(), Some("ims-1"));
/// assert_eq!(parsed.verify(&key.public(), &[Algorithm::Es256]), Ok(()));
/// assert_eq!(parsed.payload, br#"{"sub":"me"}"#);
/// # Ok::<(), tollgate_crypto::CryptoError>(())
/// ```
pub fn sign(header: &str, payload: &[u8], key: &SigningKey) -> Result<String, CryptoError> {
    let payload_chars = base64url::encoded_chars(payload.len());
    let signature_chars = base64url::encoded_chars(key.signature_bytes());
    let mut token = String::with_capacity(header.len() + payload_chars + signature_chars + 2);
    token.push_str(header);
    token.push('.');
    base64url::encode_into(payload, &mut token);
    let signature = key.sign(token.as_bytes())?;
    token.push('.');
    base64url::encode_into(&signature, &mut token);
    Ok(token)
}

/// Why a token was refused. No variant repeats more of the token than its algorithm or a member's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JwsError {
    /// Longer than the caller takes.
    #[error("the token is longer than {bytes_max} bytes")]
    TooLong {
        /// What the caller takes.
        bytes_max: usize,
    },
    /// Not three parts.
    #[error("a token is three parts with a dot between them")]
    Parts,
    /// A part that is not base64url in its one accepted form.
    #[error("the token's {0} is not base64url without padding")]
    Encoding(&'static str),
    /// A header that is not a JSON object with the right types, or names a member twice.
    #[error("the token's header is not a JSON object with each member once and of the right type")]
    Header,
    /// A header that asks for something which is not done (RFC 7515 section 4.1.11, RFC 7516, RFC 7797).
    #[error("the token's header uses `{0}`, which is not supported")]
    Unsupported(&'static str),
    /// An algorithm that the caller does not allow.
    #[error("the token is signed with `{0}`, which is not allowed here")]
    Algorithm(String),
    /// A key of another family than the algorithm's.
    #[error("the token's algorithm does not fit the key")]
    KeyFamily,
    /// A signature by somebody else, or of something else.
    #[error("the token's signature is wrong")]
    Signature,
}

/// A token taken apart. Nothing in it is to be believed before [`verify`](Self::verify) said so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compact<'a> {
    /// What the token says about itself.
    pub header: Header,
    /// What it says, usually JSON.
    pub payload: Vec<u8>,
    /// The text that is signed: header and payload as they came.
    pub signing_input: &'a str,
    /// The signature in the form of its algorithm.
    pub signature: Vec<u8>,
}

impl<'a> Compact<'a> {
    /// Takes apart a token of at most `bytes_max` bytes.
    pub fn parse(token: &'a str, bytes_max: usize) -> Result<Self, JwsError> {
        if token.len() > bytes_max {
            return Err(JwsError::TooLong { bytes_max });
        }
        let (signing_input, signature) = token.rsplit_once('.').ok_or(JwsError::Parts)?;
        let (header, payload) = signing_input.split_once('.').ok_or(JwsError::Parts)?;
        if payload.contains('.') {
            return Err(JwsError::Parts);
        }
        let header = base64url::decode(header).map_err(|_| JwsError::Encoding("header"))?;
        Ok(Self {
            header: Header::parse(&header)?,
            payload: base64url::decode(payload).map_err(|_| JwsError::Encoding("payload"))?,
            signing_input,
            signature: base64url::decode(signature).map_err(|_| JwsError::Encoding("signature"))?,
        })
    }

    /// Whether `key` signed this token under one of the `allowed` algorithms.
    pub fn verify(&self, key: &VerifyingKey, allowed: &[Algorithm]) -> Result<(), JwsError> {
        let not_allowed = || JwsError::Algorithm(shown(&self.header.alg));
        let algorithm = self.header.algorithm().filter(|named| allowed.contains(named)).ok_or_else(not_allowed)?;
        if !key.supports(algorithm) {
            return Err(JwsError::KeyFamily);
        }
        if !key.verify(algorithm, self.signing_input.as_bytes(), &self.signature) {
            return Err(JwsError::Signature);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
