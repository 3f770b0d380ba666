//! Devices that cannot show a sign-in page (RFC 8628): they show a short code, and the person confirms it elsewhere.

use std::{fmt, str::FromStr};

use tollgate_crypto::{Entropy, entropy};
use tollgate_model::{Invalid, Seconds, scope::ScopeSet};

use crate::{OauthError, Params, json::ObjectWriter, token};

/// How long the person has.
pub const DEVICE_LIFETIME: Seconds = Seconds(900);
/// How long a device waits between two questions.
pub const POLL_INTERVAL: Seconds = Seconds(5);
/// Letters without vowels, so that no word arises, and without those that are read as another (RFC 8628 section 6.1).
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
const CODE_CHARS: usize = 8;

/// What a device asks for; who it is is read by [`crate::client_authentication`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceRequest {
    /// The scopes asked for.
    pub scope: Option<ScopeSet>,
    /// For whom tokens shall be meant (RFC 8707).
    pub resources: Vec<String>,
}

impl DeviceRequest {
    /// Reads the parameters.
    pub fn parse(params: &Params) -> Result<Self, OauthError> {
        Ok(Self { scope: token::scope(params)?, resources: token::resources(params)? })
    }
}

/// The code that a person types: eight letters, shown in two halves.
///
/// ```
/// use tollgate_oauth::device::UserCode;
///
/// let code: UserCode = " bcdf ghjk".parse()?;
/// assert_eq!(code.to_string(), "BCDF-GHJK");
/// # Ok::<(), tollgate_model::Invalid>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UserCode(Box<str>);

impl UserCode {
    /// A new code.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut code = String::with_capacity(CODE_CHARS);
        while code.len() < CODE_CHARS {
            // Bytes from 240 on are thrown away: the rest divides by twenty, so each letter is as likely as the next.
            for byte in entropy::bytes::<16>(entropy).into_iter().filter(|byte| *byte < 240) {
                if code.len() < CODE_CHARS {
                    code.push(LETTERS[usize::from(byte) % LETTERS.len()].into());
                }
            }
        }
        Self(code.into())
    }

    /// The eight letters, as stored and digested.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for UserCode {
    type Err = Invalid;

    /// Takes capitals and small letters, and any spaces and dashes between them.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let refused = || Invalid::new("code", text, "give the eight letters that the device shows");
        if text.len() > 4 * CODE_CHARS {
            return Err(refused());
        }
        let plain: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).map(|c| c.to_ascii_uppercase()).collect();
        let known = plain.len() == CODE_CHARS && plain.bytes().all(|letter| LETTERS.contains(&letter));
        if known { Ok(Self(plain.into())) } else { Err(refused()) }
    }
}

impl fmt::Display for UserCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (left, right) = self.0.split_at(CODE_CHARS / 2);
        write!(out, "{left}-{right}")
    }
}

/// What a device is told.
#[derive(Clone, Copy)]
pub struct DeviceAnswer<'a> {
    /// What it redeems.
    pub device_code: &'a str,
    /// What it shows.
    pub user_code: &'a UserCode,
    /// Where the person types it.
    pub verification_uri: &'a str,
    /// For how long.
    pub lifetime: Seconds,
    /// How long it waits between two questions.
    pub interval: Seconds,
}

impl DeviceAnswer<'_> {
    /// The JSON body.
    pub fn to_json(&self) -> Vec<u8> {
        let complete = format!("{}?user_code={}", self.verification_uri, self.user_code);
        ObjectWriter::with_capacity(256 + self.device_code.len())
            .text("device_code", self.device_code)
            .text("user_code", &self.user_code.to_string())
            .text("verification_uri", self.verification_uri)
            .text("verification_uri_complete", &complete)
            .integer("expires_in", self.lifetime.0)
            .integer("interval", self.interval.0)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tollgate_crypto::SystemEntropy;

    use super::*;

    #[test]
    fn codes_are_typed_as_they_come_to_hand() {
        for text in ["BCDF-GHJK", "bcdfghjk", " b c d f - g h j k "] {
            assert_eq!(text.parse::<UserCode>().unwrap().as_str(), "BCDFGHJK");
        }
        for bad in ["", "BCDF-GHJ", "BCDF-GHJKL", "ACDF-GHJK", "BCDF_GHJK", "ßCDFGHJK", &" ".repeat(99)] {
            assert!(bad.parse::<UserCode>().is_err(), "{bad}");
        }
        let code = UserCode::generate(&SystemEntropy);
        assert_eq!(code.to_string().parse::<UserCode>().unwrap(), code);
        assert_ne!(UserCode::generate(&SystemEntropy), code);
    }

    #[test]
    fn a_device_is_told_what_to_show_and_how_often_to_ask() {
        let answer = DeviceAnswer {
            device_code: "a.b.c",
            user_code: &"BCDFGHJK".parse().unwrap(),
            verification_uri: "https://ims.test/device",
            lifetime: DEVICE_LIFETIME,
            interval: POLL_INTERVAL,
        };
        assert_eq!(
            String::from_utf8(answer.to_json()).unwrap(),
            r#"{"device_code":"a.b.c","user_code":"BCDF-GHJK","verification_uri":"https://ims.test/device","verification_uri_complete":"https://ims.test/device?user_code=BCDF-GHJK","expires_in":900,"interval":5}"#
        );
    }

    proptest! {
        #[test]
        fn strangers_codes_never_panic(text in "\\PC{0,40}") {
            if let Ok(code) = text.parse::<UserCode>() {
                prop_assert_eq!(code.as_str().len(), CODE_CHARS);
            }
        }
    }
}
