//! The signature algorithms of JWS that are signed with or accepted.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{CryptoError, error::shown};

/// A signature algorithm under its JOSE name (RFC 7518 section 3.1). `none` and the HMAC algorithms are not among them
/// and so cannot be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512,
    /// RSASSA-PSS with SHA-256.
    Ps256,
}

impl Algorithm {
    /// All algorithms.
    pub const ALL: [Self; 5] = [Self::Es256, Self::Rs256, Self::Rs384, Self::Rs512, Self::Ps256];

    /// The JOSE name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
        }
    }

    /// Whether its keys are RSA keys rather than points on P-256.
    pub const fn is_rsa(self) -> bool {
        !matches!(self, Self::Es256)
    }
}

impl FromStr for Algorithm {
    type Err = CryptoError;

    /// Names are case-sensitive (RFC 7515 section 4.1.1).
    fn from_str(text: &str) -> Result<Self, CryptoError> {
        let found = Self::ALL.into_iter().find(|own| own.as_str() == text);
        found.ok_or_else(|| CryptoError::UnknownAlgorithm(shown(text)))
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_jose_everywhere_and_nothing_unsigned_is_a_name() {
        for algorithm in Algorithm::ALL {
            assert_eq!(algorithm.as_str().parse(), Ok(algorithm));
            assert_eq!(serde_json::to_string(&algorithm).unwrap(), format!("\"{algorithm}\""));
        }
        for bad in ["none", "None", "", "HS256", "es256", "ES384", "EdDSA", "RS256 "] {
            assert!(bad.parse::<Algorithm>().is_err(), "{bad}");
            assert!(serde_json::from_str::<Algorithm>(&format!("\"{bad}\"")).is_err(), "{bad}");
        }
    }
}
