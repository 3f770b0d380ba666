//! Public keys, parsed once and then only used.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use aws_lc_rs::{
    encoding::AsDer,
    rsa::PublicKeyComponents,
    signature::{
        ECDSA_P256_SHA256_FIXED, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
        RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, VerificationAlgorithm,
    },
};
use x509_parser::{oid_registry::OID_EC_P256, prelude::FromDer, public_key::PublicKey, x509::SubjectPublicKeyInfo};

use crate::{
    Algorithm, CryptoError, base64url,
    digest::sha256,
    jwk::{JwkKey, PublicJwk},
};

const RSA_BITS_MIN: usize = 2048;
const RSA_BITS_MAX: usize = 8192;
const P256_COORDINATE_BYTES: usize = 32;

/// A subject public key info (RFC 5280) of a point on P-256, up to the point itself.
const P256_SPKI_PREFIX: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// A public key that verifies signatures: RSA of 2048 to 8192 bits, or a point on P-256. Clones share it.
#[derive(Clone)]
pub struct VerifyingKey(Arc<Parsed>);

struct Parsed {
    spki: Box<[u8]>,
    components: JwkKey,
    is_rsa: bool,
    /// One parsed form for each [`Algorithm`] in the order of [`Algorithm::ALL`], since the library binds a parsed key to
    /// an algorithm. Filled at the first use: a directory holds many keys, and most are used with one algorithm or none.
    by_algorithm: [OnceLock<Option<ParsedPublicKey>>; Algorithm::ALL.len()],
}

impl VerifyingKey {
    /// Reads a subject public key info in DER form (RFC 5280 section 4.1.2.7), as certificates carry it.
    pub fn from_spki_der(der: &[u8]) -> Result<Self, CryptoError> {
        let malformed = CryptoError::PublicKey("it is not a well-formed public key");
        let Ok(([], spki)) = SubjectPublicKeyInfo::from_der(der) else { return Err(malformed) };
        let (components, first) = match spki.parsed() {
            Ok(PublicKey::RSA(rsa)) => {
                let (n, e) = (without_leading_zeros(rsa.modulus), without_leading_zeros(rsa.exponent));
                match bits(n) {
                    0..RSA_BITS_MIN => {
                        return Err(CryptoError::PublicKey("RSA keys have at least 2048 bits; make a new one"));
                    }
                    RSA_BITS_MIN..=RSA_BITS_MAX => {}
                    _ => return Err(CryptoError::PublicKey("RSA keys have at most 8192 bits; make a new one")),
                }
                (JwkKey::Rsa { e: base64url::encode(e), n: base64url::encode(n) }, Algorithm::Rs256)
            }
            Ok(PublicKey::EC(point)) => {
                let curve = spki.algorithm.parameters.as_ref().and_then(|parameters| parameters.as_oid().ok());
                if curve != Some(OID_EC_P256) {
                    return Err(CryptoError::PublicKey("elliptic curve keys are on P-256; make a new one"));
                }
                let Some((x, y)) = coordinates(point.data()) else { return Err(malformed) };
                (JwkKey::Ec { crv: "P-256".into(), x: base64url::encode(x), y: base64url::encode(y) }, Algorithm::Es256)
            }
            _ => {
                return Err(CryptoError::PublicKey(
                    "use an RSA key of at least 2048 bits or an elliptic curve key on P-256",
                ));
            }
        };
        let parsed = Parsed { spki: der.into(), components, is_rsa: first.is_rsa(), by_algorithm: Default::default() };
        // The library has the last word on what a key is, and says it now rather than at the first signature.
        if parsed.for_algorithm(first).is_none() {
            return Err(malformed);
        }
        Ok(Self(Arc::new(parsed)))
    }

    /// Reads a key from a key set.
    pub fn from_jwk(jwk: &PublicJwk) -> Result<Self, CryptoError> {
        let malformed = || CryptoError::PublicKey("it is not a well-formed JSON web key");
        match &jwk.key {
            JwkKey::Rsa { e, n } => {
                let components = PublicKeyComponents { n: base64url::decode(n)?, e: base64url::decode(e)? };
                let spki = components.as_der().map_err(|_| malformed())?;
                Self::from_spki_der(spki.as_ref())
            }
            JwkKey::Ec { crv, x, y } if crv == "P-256" => {
                let x: [u8; P256_COORDINATE_BYTES] = base64url::decode_array(x)?;
                let y: [u8; P256_COORDINATE_BYTES] = base64url::decode_array(y)?;
                Self::from_spki_der(&[&P256_SPKI_PREFIX[..], &[4], &x, &y].concat())
            }
            JwkKey::Ec { .. } => Err(malformed()),
        }
    }

    /// Whether `signature` is that of `message` by this key under `algorithm`. An algorithm of another family of keys
    /// never verifies, so no key can be taken for something else.
    pub fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        self.0.for_algorithm(algorithm).is_some_and(|key| key.verify_sig(message, signature).is_ok())
    }

    /// Whether signatures under `algorithm` can be verified with this key at all.
    pub fn supports(&self, algorithm: Algorithm) -> bool {
        self.0.is_rsa == algorithm.is_rsa()
    }

    /// The key as it stands in a key set, under the name `kid`.
    pub fn public_jwk(&self, algorithm: Algorithm, kid: &str) -> PublicJwk {
        PublicJwk { alg: algorithm, key: self.0.components.clone(), usage: "sig".into(), kid: kid.into() }
    }

    /// The SHA-256 of the key's members in their one order, in base64url (RFC 7638).
    pub fn thumbprint(&self) -> String {
        let members = match &self.0.components {
            JwkKey::Ec { crv, x, y } => format!(r#"{{"crv":"{crv}","kty":"EC","x":"{x}","y":"{y}"}}"#),
            JwkKey::Rsa { e, n } => format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#),
        };
        base64url::encode(&sha256(members.as_bytes()))
    }

    /// The key as a subject public key info in DER form.
    pub fn spki_der(&self) -> &[u8] {
        &self.0.spki
    }
}

impl PartialEq for VerifyingKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.spki == other.0.spki
    }
}

impl Eq for VerifyingKey {}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("VerifyingKey").field(&self.0.components).finish()
    }
}

impl Parsed {
    fn for_algorithm(&self, algorithm: Algorithm) -> Option<&ParsedPublicKey> {
        if self.is_rsa != algorithm.is_rsa() {
            return None;
        }
        let slot = &self.by_algorithm[algorithm as usize];
        slot.get_or_init(|| ParsedPublicKey::new(verification(algorithm), &self.spki).ok()).as_ref()
    }
}

fn verification(algorithm: Algorithm) -> &'static dyn VerificationAlgorithm {
    match algorithm {
        Algorithm::Es256 => &ECDSA_P256_SHA256_FIXED,
        Algorithm::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
        Algorithm::Rs384 => &RSA_PKCS1_2048_8192_SHA384,
        Algorithm::Rs512 => &RSA_PKCS1_2048_8192_SHA512,
        Algorithm::Ps256 => &RSA_PSS_2048_8192_SHA256,
    }
}

fn without_leading_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    &number[zeros..]
}

fn bits(number: &[u8]) -> usize {
    number.first().map_or(0, |first| number.len() * 8 - first.leading_zeros() as usize)
}

/// The coordinates of an uncompressed point on P-256 (SEC 1 section 2.3.3).
fn coordinates(point: &[u8]) -> Option<(&[u8], &[u8])> {
    match point {
        [4, rest @ ..] if rest.len() == 2 * P256_COORDINATE_BYTES => Some(rest.split_at(P256_COORDINATE_BYTES)),
        _ => None,
    }
}
