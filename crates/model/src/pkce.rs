//! Proof that a code is redeemed by whoever asked for it (PKCE, RFC 7636).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use tollgate_crypto::{base64url, constant_time_eq, digest::sha256};

use crate::Invalid;

/// Shortest verifier, in characters.
pub const VERIFIER_CHARS_MIN: usize = 43;
/// Longest verifier, in characters.
pub const VERIFIER_CHARS_MAX: usize = 128;

/// How a challenge comes from its verifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChallengeMethod {
    /// The SHA-256 of the verifier in base64url.
    S256,
    /// The verifier itself, which whoever sees the request can redeem; for legacy credentials alone.
    Plain,
}

impl ChallengeMethod {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::S256 => "S256",
            Self::Plain => "plain",
        }
    }
}

/// The challenge that an authorization request carries. As text, and stored, it is `S256:…` or `plain:…`.
///
/// ```
/// use tollgate_model::pkce::CodeChallenge;
///
/// // The example of RFC 7636 appendix B.
/// let challenge = CodeChallenge::parse("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", Some("S256"))?;
/// assert!(challenge.is_met_by("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
/// assert!(!challenge.is_met_by("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"));
/// # Ok::<(), tollgate_model::Invalid>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CodeChallenge {
    method: ChallengeMethod,
    value: Box<str>,
}

impl CodeChallenge {
    /// Reads `code_challenge` and `code_challenge_method`; without a method it is `plain` (RFC 7636 section 4.3).
    pub fn parse(value: &str, method: Option<&str>) -> Result<Self, Invalid> {
        let method = match method {
            Some("S256") => ChallengeMethod::S256,
            Some("plain") | None => ChallengeMethod::Plain,
            Some(other) => return Err(Invalid::new("code_challenge_method", other, "use S256")),
        };
        let well_formed = match method {
            ChallengeMethod::S256 => base64url::decode(value).is_ok_and(|digest| digest.len() == 32),
            ChallengeMethod::Plain => is_verifier(value),
        };
        if well_formed {
            Ok(Self { method, value: value.into() })
        } else {
            Err(Invalid::new("code_challenge", value, "give the SHA-256 of the code_verifier in base64url, without ="))
        }
    }

    /// How it comes from its verifier.
    pub const fn method(&self) -> ChallengeMethod {
        self.method
    }

    /// Whether this is the challenge of `verifier`.
    pub fn is_met_by(&self, verifier: &str) -> bool {
        if !is_verifier(verifier) {
            return false;
        }
        match self.method {
            ChallengeMethod::S256 => constant_time_eq(s256(verifier).as_bytes(), self.value.as_bytes()),
            ChallengeMethod::Plain => constant_time_eq(verifier.as_bytes(), self.value.as_bytes()),
        }
    }
}

/// The `S256` challenge of a verifier.
pub fn s256(verifier: &str) -> String {
    base64url::encode(&sha256(verifier.as_bytes()))
}

/// Whether a text is as long as a verifier may be, and of unreserved characters alone (RFC 7636 section 4.1).
fn is_verifier(text: &str) -> bool {
    (VERIFIER_CHARS_MIN..=VERIFIER_CHARS_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

impl fmt::Display for CodeChallenge {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.method.as_str(), self.value)
    }
}

impl FromStr for CodeChallenge {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let (method, value) = text
            .split_once(':')
            .ok_or_else(|| Invalid::new("code challenge", text, "begin it with S256: or plain:"))?;
        Self::parse(value, Some(method))
    }
}

impl TryFrom<String> for CodeChallenge {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl From<CodeChallenge> for String {
    fn from(challenge: CodeChallenge) -> Self {
        challenge.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    #[test]
    fn a_challenge_is_met_by_its_verifier_alone() {
        let challenge = CodeChallenge::parse(&s256(VERIFIER), Some("S256")).unwrap();
        assert!(challenge.is_met_by(VERIFIER));
        for other in ["", &VERIFIER[1..], &s256(VERIFIER), &VERIFIER.to_uppercase(), &format!("{VERIFIER}=")] {
            assert!(!challenge.is_met_by(other), "{other}");
        }
        let plain = CodeChallenge::parse(VERIFIER, None).unwrap();
        assert_eq!(plain.method(), ChallengeMethod::Plain);
        assert!(plain.is_met_by(VERIFIER) && !plain.is_met_by(&s256(VERIFIER)));
    }

    #[test]
    fn another_method_or_a_challenge_of_another_shape_is_refused() {
        let digest = s256(VERIFIER);
        for (value, method) in [
            (&*digest, Some("s256")),
            (&digest, Some("S512")),
            (&digest, Some("")),
            (VERIFIER.trim_end_matches('k'), Some("S256")),
            ("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM", Some("S256")),
            ("short", Some("plain")),
            ("short", None),
            (&"a".repeat(129), None),
            (&" ".repeat(43), None),
        ] {
            assert!(CodeChallenge::parse(value, method).is_err(), "{value} {method:?}");
        }
    }

    #[test]
    fn a_challenge_is_stored_with_its_method() {
        let challenge = CodeChallenge::parse(&s256(VERIFIER), Some("S256")).unwrap();
        assert_eq!(challenge.to_string(), format!("S256:{}", s256(VERIFIER)));
        assert_eq!(challenge.to_string().parse::<CodeChallenge>().unwrap(), challenge);
        assert!("S256".parse::<CodeChallenge>().is_err() && "plain:x".parse::<CodeChallenge>().is_err());
    }

    proptest! {
        #[test]
        fn any_verifier_meets_its_own_challenge_and_no_other(one in "[A-Za-z0-9._~-]{43,128}", other in "[ -~]{0,140}") {
            let challenge = CodeChallenge::parse(&s256(&one), Some("S256")).unwrap();
            prop_assert!(challenge.is_met_by(&one));
            prop_assert_eq!(challenge.is_met_by(&other), one == other);
        }
    }
}
