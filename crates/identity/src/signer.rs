//! Which certificate of a credential signed an assertion.

use tollgate_crypto::{Algorithm, Compact};
use tollgate_model::{Seconds, Timestamp, client::ClientCertificate};
use tollgate_oauth::assertion::CLOCK_SKEW;
use tollgate_store::TrustedCertificate;

/// Why no certificate answers for an assertion. The text is for the credential's owner, after the secret was right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoSigner {
    /// The header names an algorithm that is not accepted.
    #[error("The JWT header names algorithm {named}; accepted are {accepted}.")]
    Algorithm {
        /// What the header names.
        named: String,
        /// What would be accepted.
        accepted: String,
    },
    /// The credential has no certificate.
    #[error("The credential has no certificate; add the one that belongs to the private key.")]
    NoCertificate,
    /// The certificate is not accepted any more.
    #[error("The certificate with fingerprint {fingerprint} expired on {on}; add a new one to the credential.")]
    Expired {
        /// Which.
        fingerprint: String,
        /// When.
        on: Timestamp,
    },
    /// The certificate is not accepted yet.
    #[error("The certificate with fingerprint {fingerprint} is not valid before {from}.")]
    NotYetValid {
        /// Which.
        fingerprint: String,
        /// From when.
        from: Timestamp,
    },
    /// None of the certificates belongs to the key that signed.
    #[error("Tried the certificates with fingerprint {tried}; the JWT header names {header}.")]
    NoMatch {
        /// Their fingerprints.
        tried: String,
        /// Algorithm and key of the header.
        header: String,
    },
}

/// Finds the certificate that `jws` was signed with, among those valid at `now`. An expired certificate is tried last,
/// only to be named in the refusal.
pub(crate) fn find<'a>(
    jws: &Compact<'_>,
    certificates: &'a [TrustedCertificate],
    accepted: &[Algorithm],
    now: Timestamp,
) -> Result<&'a ClientCertificate, NoSigner> {
    if !jws.header.algorithm().is_some_and(|named| accepted.contains(&named)) {
        let accepted = accepted.iter().map(|own| own.as_str()).collect::<Vec<_>>().join(", ");
        return Err(NoSigner::Algorithm { named: shown(&jws.header.alg), accepted });
    }
    if certificates.is_empty() {
        return Err(NoSigner::NoCertificate);
    }
    let signed_by = |trusted: &&TrustedCertificate| jws.verify(&trusted.key, accepted).is_ok();
    let (valid, invalid): (Vec<_>, Vec<_>) =
        certificates.iter().partition(|trusted| is_valid(&trusted.certificate, now));
    if let Some(trusted) = valid.into_iter().find(signed_by) {
        return Ok(&trusted.certificate);
    }
    if let Some(trusted) = invalid.into_iter().find(signed_by) {
        let ClientCertificate { fingerprint, not_before, not_after, .. } = &trusted.certificate;
        let fingerprint = fingerprint.clone();
        return Err(if *not_before > now {
            NoSigner::NotYetValid { fingerprint, from: *not_before }
        } else {
            NoSigner::Expired { fingerprint, on: *not_after }
        });
    }
    let tried = certificates.iter().map(|trusted| trusted.certificate.fingerprint.as_str());
    Err(NoSigner::NoMatch { tried: tried.collect::<Vec<_>>().join(", "), header: header(jws) })
}

/// The last second of a certificate is part of its validity (RFC 5280 section 4.1.2.5), and its first second may lie
/// ahead by what clocks differ.
fn is_valid(certificate: &ClientCertificate, now: Timestamp) -> bool {
    certificate.not_before <= now + CLOCK_SKEW && now < certificate.not_after + Seconds(1)
}

fn header(jws: &Compact<'_>) -> String {
    let key = jws.header.kid.as_deref().map_or("no key".to_owned(), |kid| format!("key {}", shown(kid)));
    format!("algorithm {} and {key}", shown(&jws.header.alg))
}

fn shown(text: &str) -> String {
    text.chars().take(60).collect()
}
