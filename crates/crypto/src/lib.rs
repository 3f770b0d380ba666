//! The one room that may name a cryptographic library: digests, sealing, passwords, signing keys, JWS, X.509.
//!
//! Everything here takes bytes or text and gives values whose secrets do not print. The room knows no identifiers, no
//! clock and no database; instants come in as seconds since 1970, randomness through [`Entropy`].
//! Read it in this order: [`entropy`], [`digest`] and [`base64url`]; [`SecretText`]; [`DigestKey`] and [`MasterKey`]
//! (what an instance keeps secrets with); [`password`]; [`Algorithm`], [`SigningKey`], [`VerifyingKey`], [`PublicJwk`];
//! [`jws`]; [`certificate`] and [`DevelopmentAuthority`].

pub mod base64url;
pub mod certificate;
pub mod digest;
pub mod entropy;
pub mod jws;
pub mod password;

mod algorithm;
mod error;
mod hmac;
mod jwk;
mod pem;
mod seal;
mod secret_text;
mod signing_key;
mod verifying_key;

pub use algorithm::Algorithm;
pub use certificate::{Certificate, DevelopmentAuthority, KeyPairAndCertificate};
pub use entropy::{Entropy, SystemEntropy};
pub use error::CryptoError;
pub use hmac::{Digest, DigestKey, constant_time_eq};
pub use jwk::{JwkKey, PublicJwk};
pub use jws::{Compact, Header, JwsError};
pub use seal::MasterKey;
pub use secret_text::{SecretBytes, SecretText};
pub use signing_key::SigningKey;
pub use verifying_key::VerifyingKey;
