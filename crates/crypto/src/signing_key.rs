//! Private signing keys, parsed once and then only used.

use std::fmt;

use aws_lc_rs::{
    encoding::AsDer,
    rand::SystemRandom,
    rsa::KeySize,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512,
        RSA_PSS_SHA256, RsaEncoding, RsaKeyPair,
    },
};

use crate::{Algorithm, CryptoError, VerifyingKey, jwk::PublicJwk, secret_text::SecretBytes};

/// A private key that signs under one algorithm.
pub struct SigningKey {
    algorithm: Algorithm,
    pair: Pair,
    public: VerifyingKey,
}

enum Pair {
    P256(EcdsaKeyPair),
    Rsa(RsaKeyPair, &'static dyn RsaEncoding),
}

impl SigningKey {
    /// A new key: P-256 for ES256, RSA of 2048 bits for the others. An RSA key takes a good part of a second to make.
    pub fn generate(algorithm: Algorithm) -> Result<Self, CryptoError> {
        let pair = match rsa_encoding(algorithm) {
            None => EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map(Pair::P256),
            Some(encoding) => RsaKeyPair::generate(KeySize::Rsa2048).map(|pair| Pair::Rsa(pair, encoding)),
        };
        Self::new(algorithm, pair.map_err(|_| CryptoError::KeyGeneration)?)
    }

    /// Reads an unencrypted PKCS#8 private key (RFC 5958) in DER form.
    pub fn from_pkcs8(algorithm: Algorithm, der: &[u8]) -> Result<Self, CryptoError> {
        let pair = match rsa_encoding(algorithm) {
            None => EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der).map(Pair::P256),
            Some(encoding) => RsaKeyPair::from_pkcs8(der).map(|pair| Pair::Rsa(pair, encoding)),
        };
        Self::new(algorithm, pair.map_err(|_| CryptoError::PrivateKey(algorithm))?)
    }

    fn new(algorithm: Algorithm, pair: Pair) -> Result<Self, CryptoError> {
        let spki = match &pair {
            Pair::P256(pair) => pair.public_key().as_der(),
            Pair::Rsa(pair, _) => pair.public_key().as_der(),
        };
        let spki = spki.map_err(|_| CryptoError::PrivateKey(algorithm))?;
        let public = VerifyingKey::from_spki_der(spki.as_ref())?;
        Ok(Self { algorithm, pair, public })
    }

    /// The key as PKCS#8 in DER form, to be sealed before it is stored.
    pub fn to_pkcs8(&self) -> SecretBytes {
        let der = match &self.pair {
            Pair::P256(pair) => pair.to_pkcs8v1().map(|document| document.as_ref().to_vec()),
            Pair::Rsa(pair, _) => pair.as_der().map(|document| document.as_ref().to_vec()),
        };
        SecretBytes::from(der.expect("a parsed key has an encoding"))
    }

    /// The algorithm it signs under.
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The signature of `message` in the form that JOSE uses (RFC 7518 section 3): for ES256 the two numbers side by
    /// side, 64 bytes.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::P256(pair) => {
                let signature = pair.sign(&random, message).map_err(|_| CryptoError::Signing)?;
                Ok(signature.as_ref().to_vec())
            }
            Pair::Rsa(pair, encoding) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(*encoding, &random, message, &mut signature).map_err(|_| CryptoError::Signing)?;
                Ok(signature)
            }
        }
    }

    /// Length of its signatures.
    pub(crate) fn signature_bytes(&self) -> usize {
        match &self.pair {
            Pair::P256(_) => 64,
            Pair::Rsa(pair, _) => pair.public_modulus_len(),
        }
    }

    /// The key that verifies its signatures.
    pub fn public(&self) -> VerifyingKey {
        self.public.clone()
    }

    /// The public key as it stands in a key set, under the name `kid`.
    pub fn public_jwk(&self, kid: &str) -> PublicJwk {
        self.public.public_jwk(self.algorithm, kid)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "SigningKey({}, …)", self.algorithm)
    }
}

/// How RSA signs under `algorithm`; `None` when it is not RSA that signs.
fn rsa_encoding(algorithm: Algorithm) -> Option<&'static dyn RsaEncoding> {
    match algorithm {
        Algorithm::Es256 => None,
        Algorithm::Rs256 => Some(&RSA_PKCS1_SHA256),
        Algorithm::Rs384 => Some(&RSA_PKCS1_SHA384),
        Algorithm::Rs512 => Some(&RSA_PKCS1_SHA512),
        Algorithm::Ps256 => Some(&RSA_PSS_SHA256),
    }
}
