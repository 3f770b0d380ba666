//! The one error of this room, other than the refusals of [`crate::jws`].

use crate::Algorithm;

/// Why something could not be read, made, sealed or opened. No variant repeats a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CryptoError {
    /// Text that is not base64url in its one accepted form.
    #[error("the text is not base64url without padding (RFC 4648 section 5)")]
    Base64Url,
    /// Text that is not a digest.
    #[error("a digest is 43 characters of base64url")]
    Digest,
    /// Text that is not a master key.
    #[error("a master key is 43 characters of base64url, which stand for 32 random bytes")]
    MasterKey,
    /// A sealed value that does not open.
    #[error("the sealed value was altered, or sealed by another master key or for another purpose")]
    Sealed,
    /// A signature algorithm that is not one of ours.
    #[error("`{0}` is not a supported signature algorithm; use ES256, RS256, RS384, RS512 or PS256")]
    UnknownAlgorithm(String),
    /// A private key that cannot be used.
    #[error("the private key is not an unencrypted PKCS#8 key for {0}")]
    PrivateKey(Algorithm),
    /// A public key that cannot be used.
    #[error("the public key cannot be used: {0}")]
    PublicKey(&'static str),
    /// The library refused to sign.
    #[error("signing failed")]
    Signing,
    /// The library refused to make a key.
    #[error("no key could be generated")]
    KeyGeneration,
    /// A password that is empty or too long.
    #[error("a password is 1 to {bytes_max} bytes long")]
    PasswordLength {
        /// Longest password that is hashed.
        bytes_max: usize,
    },
    /// A stored password hash that is not one of ours.
    #[error("the stored password hash is not an argon2id hash in PHC form with affordable parameters")]
    PasswordHash,
    /// Text that is not one certificate in PEM form.
    #[error("the certificate cannot be read: {0}")]
    Certificate(&'static str),
    /// A certificate that could not be made.
    #[error("no certificate could be made: {0}")]
    CertificateMaking(String),
    /// A name that cannot stand in a server's certificate.
    #[error("`{0}` is not a host name or IP address")]
    Host(String),
}

/// Longest part of a refused value that is repeated in a message.
const SHOWN_CHARS_MAX: usize = 64;

/// A stranger's text made fit for a message: one line and short.
pub(crate) fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(SHOWN_CHARS_MAX).collect()
}
