//! Public keys as JSON (RFC 7517), as the key set publishes them.

use serde::{Deserialize, Serialize};

use crate::Algorithm;

/// A public signing key, as it stands in a key set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicJwk {
    /// The algorithm the key is used with.
    pub alg: Algorithm,
    /// The key itself.
    #[serde(flatten)]
    pub key: JwkKey,
    /// What the key is for: `sig`.
    #[serde(rename = "use")]
    pub usage: String,
    /// The name by which tokens refer to it.
    pub kid: String,
}

/// The members of a public key that depend on its family, in base64url (RFC 7518 section 6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kty")]
pub enum JwkKey {
    /// A point on a curve.
    #[serde(rename = "EC")]
    Ec {
        /// The curve: `P-256`.
        crv: String,
        /// First coordinate.
        x: String,
        /// Second coordinate.
        y: String,
    },
    /// An RSA key.
    #[serde(rename = "RSA")]
    Rsa {
        /// Exponent.
        e: String,
        /// Modulus.
        n: String,
    },
}
