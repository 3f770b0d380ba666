//! Certificates that certify their own key.

use std::time::Duration;

use rcgen::{
    CertificateParams, DistinguishedName, DnType, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256,
};
use rustls_pki_types::PrivatePkcs8KeyDer;

use crate::{Algorithm, CryptoError, SigningKey, pem, secret_text::SecretText};

/// A private key, shown once, and the certificate that goes with it.
#[derive(Debug, Clone)]
pub struct KeyPairAndCertificate {
    /// The private key as unencrypted PKCS#8 in PEM form.
    pub private_key_pem: SecretText,
    /// The certificate in PEM form.
    pub certificate_pem: String,
}

/// Longest common name of a certificate (RFC 5280 appendix A, `ub-common-name`).
const COMMON_NAME_CHARS_MAX: usize = 64;

/// A new RSA key of 2048 bits with a self-signed certificate for `common_name`, valid for `days` days from
/// `not_before_seconds` since 1970. A longer name is cut to 64 characters.
pub fn generate_key_pair(
    common_name: &str,
    not_before_seconds: i64,
    days: u32,
) -> Result<KeyPairAndCertificate, CryptoError> {
    let key = SigningKey::generate(Algorithm::Rs256)?;
    let not_after = not_before_seconds.saturating_add(i64::from(days) * 86_400);
    let certificate_pem = self_signed(&key, common_name, not_before_seconds, not_after)?;
    let private_key_pem = SecretText::from(pem::encode("PRIVATE KEY", key.to_pkcs8().reveal()));
    Ok(KeyPairAndCertificate { private_key_pem, certificate_pem })
}

/// A self-signed certificate for the public half of `key` in PEM form, as `x5u` points to; times in seconds since 1970.
pub fn self_signed(
    key: &SigningKey,
    common_name: &str,
    not_before: i64,
    not_after: i64,
) -> Result<String, CryptoError> {
    let algorithm = if key.algorithm().is_rsa() { &PKCS_RSA_SHA256 } else { &PKCS_ECDSA_P256_SHA256 };
    let der = key.to_pkcs8();
    let pair =
        KeyPair::from_pkcs8_der_and_sign_algo(&PrivatePkcs8KeyDer::from(der.reveal()), algorithm).map_err(not_made)?;
    let mut params = params(common_name, not_before, not_after)?;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    Ok(params.self_signed(&pair).map_err(not_made)?.pem())
}

/// What all our certificates have in common.
pub(super) fn params(common_name: &str, not_before: i64, not_after: i64) -> Result<CertificateParams, CryptoError> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    let name: String = common_name.chars().filter(|c| !c.is_control()).take(COMMON_NAME_CHARS_MAX).collect();
    params.distinguished_name.push(DnType::CommonName, name);
    if not_before > not_after {
        return Err(CryptoError::CertificateMaking("it would end before it begins".into()));
    }
    let out_of_range = || CryptoError::CertificateMaking("its validity is outside of the years 1970 to 9999".into());
    let instant = |seconds: i64| {
        const LAST_SECOND: u64 = 253_402_300_799;
        let seconds = u64::try_from(seconds).ok().filter(|seconds| *seconds <= LAST_SECOND).ok_or_else(out_of_range)?;
        Ok(rcgen::date_time_ymd(1970, 1, 1) + Duration::from_secs(seconds))
    };
    params.not_before = instant(not_before)?;
    params.not_after = instant(not_after)?;
    Ok(params)
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to `map_err`")]
pub(super) fn not_made(error: rcgen::Error) -> CryptoError {
    CryptoError::CertificateMaking(error.to_string())
}
