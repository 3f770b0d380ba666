//! X.509 certificates (RFC 5280): reading those that credentials sign with, and making our own.
//!
//! A certificate is read whether it is valid now or not: what its validity means is for the caller to decide, who has
//! the clock. No chain is followed, since a credential's certificates are trusted because they were uploaded.

mod authority;
mod making;

pub use authority::DevelopmentAuthority;
pub use making::{KeyPairAndCertificate, generate_key_pair, self_signed};

use x509_parser::{certificate::X509Certificate, prelude::FromDer};

use crate::{CryptoError, VerifyingKey, digest, pem};

/// One certificate, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    pem: String,
    fingerprint: String,
    subject: String,
    not_before: i64,
    not_after: i64,
    spki: Vec<u8>,
    is_authority: bool,
}

const SUBJECT_CHARS_MAX: usize = 256;

impl Certificate {
    /// Reads the one certificate in `text`. A private key in the text, or a second certificate, is refused.
    pub fn from_pem(text: &str) -> Result<Self, CryptoError> {
        Self::from_der(&pem::decode_certificate(text)?)
    }

    fn from_der(der: &[u8]) -> Result<Self, CryptoError> {
        let Ok(([], certificate)) = X509Certificate::from_der(der) else {
            return Err(CryptoError::Certificate("the block is not an X.509 certificate"));
        };
        let validity = certificate.validity();
        let subject = certificate.subject().to_string();
        Ok(Self {
            der: der.to_vec(),
            pem: pem::encode("CERTIFICATE", der),
            fingerprint: digest::sha1_hex(der),
            subject: subject.chars().filter(|c| !c.is_control()).take(SUBJECT_CHARS_MAX).collect(),
            not_before: validity.not_before.timestamp(),
            not_after: validity.not_after.timestamp(),
            spki: certificate.public_key().raw.to_vec(),
            is_authority: certificate.is_ca(),
        })
    }

    /// The certificate as text again, alone and with lines of 64 characters.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// The certificate as bytes.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// SHA-1 of its bytes as 40 lower-case hexadecimal digits, the name by which credentials refer to it.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Whom it was issued to, such as `CN=weather`, on one line of at most 256 characters.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// From when it is valid, in seconds since 1970.
    pub const fn not_before(&self) -> i64 {
        self.not_before
    }

    /// Until when it is valid, in seconds since 1970; that second included.
    pub const fn not_after(&self) -> i64 {
        self.not_after
    }

    /// The key it certifies; refused when it is not RSA of 2048 to 8192 bits or on P-256.
    pub fn verifying_key(&self) -> Result<VerifyingKey, CryptoError> {
        VerifyingKey::from_spki_der(&self.spki)
    }
}

#[cfg(test)]
mod tests;
