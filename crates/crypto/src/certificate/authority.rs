//! A certificate authority of one's own, for development: trust it once, and every local host name has a certificate.

use std::{fmt, net::IpAddr};

use rcgen::{
    BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PublicKeyData, SanType,
};

use super::{
    Certificate, KeyPairAndCertificate,
    making::{not_made, params},
};
use crate::{CryptoError, error::shown, secret_text::SecretText};

/// An authority that issues certificates for development. Whoever has its key can pose as any host to whoever trusts
/// it, so it is made for one machine and kept there.
pub struct DevelopmentAuthority {
    issuer: Issuer<'static, KeyPair>,
    certificate_pem: String,
    key_pem: SecretText,
}

const AUTHORITY_NAME: &str = "Tollgate development authority";
const AUTHORITY_SECONDS: i64 = 3_650 * 86_400;
/// Clients refuse server certificates that are valid for more than 397 days (CA/Browser Forum).
const LEAF_SECONDS: i64 = 396 * 86_400;
/// Certificates begin this much earlier, for clients whose clock is late.
const CLOCK_SKEW_SECONDS: i64 = 3_600;
/// Most names in one certificate.
const HOSTS_MAX: usize = 100;

impl DevelopmentAuthority {
    /// A new authority with a key on P-256, valid for ten years from `now_seconds` since 1970.
    pub fn generate(now_seconds: i64) -> Result<Self, CryptoError> {
        let key = KeyPair::generate().map_err(|_| CryptoError::KeyGeneration)?;
        let mut params = params(AUTHORITY_NAME, now_seconds - CLOCK_SKEW_SECONDS, now_seconds + AUTHORITY_SECONDS)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate_pem = params.self_signed(&key).map_err(not_made)?.pem();
        let key_pem = SecretText::from(key.serialize_pem());
        Ok(Self { issuer: Issuer::new(params, key), certificate_pem, key_pem })
    }

    /// An authority from its certificate and its private key, both in PEM form.
    pub fn from_pem(certificate_pem: &str, key_pem: &str) -> Result<Self, CryptoError> {
        let certificate = Certificate::from_pem(certificate_pem)?;
        if !certificate.is_authority {
            return Err(CryptoError::Certificate("it is not that of an authority"));
        }
        let key = KeyPair::from_pem(key_pem).map_err(|_| CryptoError::Certificate("its private key cannot be read"))?;
        if key.subject_public_key_info() != certificate.spki {
            return Err(CryptoError::Certificate("the private key belongs to another certificate"));
        }
        let issuer = Issuer::from_ca_cert_der(&certificate.der().into(), key).map_err(not_made)?;
        Ok(Self { issuer, certificate_pem: certificate.pem, key_pem: SecretText::from(key_pem.to_owned()) })
    }

    /// The certificate that clients are told to trust, in PEM form.
    pub fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    /// The private key in PEM form, to be kept in a file that only its owner can read.
    pub const fn key_pem(&self) -> &SecretText {
        &self.key_pem
    }

    /// A server certificate for `hosts`, which are names, `*.` wildcards or IP addresses, with a key of its own.
    pub fn issue(&self, hosts: &[String], now_seconds: i64) -> Result<KeyPairAndCertificate, CryptoError> {
        let first = hosts.first().ok_or_else(|| CryptoError::CertificateMaking("name at least one host".into()))?;
        if hosts.len() > HOSTS_MAX {
            return Err(CryptoError::CertificateMaking(format!("name at most {HOSTS_MAX} hosts")));
        }
        let not_before = now_seconds - CLOCK_SKEW_SECONDS;
        let mut params: CertificateParams = params(first, not_before, not_before + LEAF_SECONDS)?;
        params.subject_alt_names = hosts.iter().map(|host| alternative_name(host)).collect::<Result<_, _>>()?;
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate().map_err(|_| CryptoError::KeyGeneration)?;
        let certificate = params.signed_by(&key, &self.issuer).map_err(not_made)?;
        let private_key_pem = SecretText::from(key.serialize_pem());
        Ok(KeyPairAndCertificate { private_key_pem, certificate_pem: certificate.pem() })
    }
}

impl fmt::Debug for DevelopmentAuthority {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("DevelopmentAuthority").finish_non_exhaustive()
    }
}

/// `host` as it stands in a certificate (RFC 5280 section 4.2.1.6).
fn alternative_name(host: &str) -> Result<SanType, CryptoError> {
    let refused = || CryptoError::Host(shown(host));
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    if let Ok(address) = bare.parse::<IpAddr>() {
        return Ok(SanType::IpAddress(address));
    }
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    let name = host.strip_prefix("*.").unwrap_or(host);
    if host.len() > 253 || !name.split('.').all(is_label) {
        return Err(refused());
    }
    host.to_ascii_lowercase().try_into().map(SanType::DnsName).map_err(|_| refused())
}
