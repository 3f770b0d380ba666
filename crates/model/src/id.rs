//! Identifiers, each a type of its own, in the formats of the IMS contract section 3.
//!
//! Every id parses from text with a rule, prints as that text, and has a `generate` that takes its randomness from
//! the caller. Parsing is liberal where public clients are (any slug is a client id), generation is strict.

use std::{borrow::Borrow, fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use tollgate_crypto::Entropy;

use crate::{Invalid, Timestamp};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $what:literal, $rule:expr, $remedy:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Box<str>);

        impl $name {
            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = Invalid;

            fn from_str(text: &str) -> Result<Self, Invalid> {
                let rule: fn(&str) -> bool = $rule;
                if rule(text) { Ok(Self(text.into())) } else { Err(Invalid::new($what, text, $remedy)) }
            }
        }

        impl TryFrom<String> for $name {
            type Error = Invalid;

            fn try_from(text: String) -> Result<Self, Invalid> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0.into()
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(out)
            }
        }
    };
}

id! {
    /// An organization, `<24 upper-case hexadecimal digits>@<authority>`; the authority is `AdobeOrg` unless set otherwise.
    OrganizationId, "organization id", is_authority_id, "give 24 upper-case hexadecimal digits, `@`, and an authority such as `AdobeOrg`"
}
id! {
    /// A person, `<24 upper-case hexadecimal digits>@AdobeID` (or the organization's own authority).
    UserId, "user id", is_authority_id, "give 24 upper-case hexadecimal digits, `@`, and an authority such as `AdobeID`"
}
id! {
    /// The identity of a service account, `<24 upper-case hexadecimal digits>@techacct.adobe.com`.
    TechnicalAccountId, "technical account id", is_authority_id, "give 24 upper-case hexadecimal digits, `@`, and an authority such as `techacct.adobe.com`"
}
id! {
    /// The public name of a credential, which is also what travels as its API key.
    ClientId, "client id", |text| has_length(text, 1, 64) && text.bytes().all(is_slug), "use 1 to 64 letters, digits, `_`, `.` or `-`"
}
id! {
    /// An organization's number in console addresses; not its [`OrganizationId`].
    OrganizationNumber, "organization number", is_decimal, "use 1 to 19 decimal digits"
}
id! {
    /// A project's number.
    ProjectId, "project id", is_decimal, "use 1 to 19 decimal digits"
}
id! {
    /// A workspace's number.
    WorkspaceId, "workspace id", is_decimal, "use 1 to 19 decimal digits"
}
id! {
    /// A credential's number in console addresses; not its [`ClientId`].
    CredentialId, "credential id", is_decimal, "use 1 to 19 decimal digits"
}
id! {
    /// A service of the catalogue, such as `StockSDK`; spaces and brackets occur.
    ServiceCode, "service code", is_service_code, "use 1 to 64 letters, digits, spaces or `_ - . ( )`, without a space at either end"
}
id! {
    /// One secret of a credential: 32 hexadecimal digits that begin with the time of its making.
    SecretId, "secret id", |text| text.len() == 32 && text.bytes().all(is_lower_hex), "give 32 lower-case hexadecimal digits"
}
id! {
    /// One token, `<milliseconds>_<uuid>_<data centre>`; also the token's `jti`.
    TokenId, "token id", |text| has_length(text, 1, 80) && text.bytes().all(is_slug), "use 1 to 80 letters, digits, `_`, `.` or `-`"
}
id! {
    /// One session of a browser, of the same shape as a token id; the claim `sid`.
    SessionId, "session id", |text| has_length(text, 1, 80) && text.bytes().all(is_slug), "use 1 to 80 letters, digits, `_`, `.` or `-`"
}
id! {
    /// One act of authorization, of the same shape as a token id; the claim `rtid`.
    GrantId, "grant id", |text| has_length(text, 1, 80) && text.bytes().all(is_slug), "use 1 to 80 letters, digits, `_`, `.` or `-`"
}
id! {
    /// An upstream identity provider, 32 hexadecimal digits.
    ProviderId, "identity provider id", |text| has_length(text, 32, 32) && text.bytes().all(|byte| byte.is_ascii_hexdigit()), "use 32 hexadecimal digits"
}
id! {
    /// A signing key, as named by a token's `kid`, such as `ims_na1-key-at-1`.
    KeyId, "key id", |text| has_length(text, 1, 64) && text.bytes().all(is_slug), "use 1 to 64 letters, digits, `_`, `.` or `-`"
}
id! {
    /// One request, as given in `X-Request-Id`.
    RequestId, "request id", |text| has_length(text, 1, 64) && text.bytes().all(is_slug), "use 1 to 64 letters, digits, `_`, `.` or `-`"
}

const UPPER_HEX: &[u8; 16] = b"0123456789ABCDEF";
const LOWER_HEX: &[u8; 16] = b"0123456789abcdef";

impl OrganizationId {
    /// A new id under `authority`.
    pub fn generate(entropy: &dyn Entropy, authority: &str) -> Self {
        Self(authority_id(entropy, authority))
    }

    /// The part before the `@`, which console objects carry as `ident`.
    pub fn ident(&self) -> &str {
        self.0.split('@').next().unwrap_or_default()
    }
}

impl UserId {
    /// A new id under `authority`.
    pub fn generate(entropy: &dyn Entropy, authority: &str) -> Self {
        Self(authority_id(entropy, authority))
    }
}

impl TechnicalAccountId {
    /// A new id under `authority`.
    pub fn generate(entropy: &dyn Entropy, authority: &str) -> Self {
        Self(authority_id(entropy, authority))
    }
}

impl ClientId {
    /// A new id of 32 lower-case hexadecimal digits.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(hex(&tollgate_crypto::entropy::bytes::<16>(entropy), LOWER_HEX).into())
    }
}

impl OrganizationNumber {
    /// A new number of nine digits.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(decimal(entropy, 9))
    }
}

impl ProjectId {
    /// A new number of 19 digits.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(decimal(entropy, 19))
    }
}

impl WorkspaceId {
    /// A new number of 19 digits.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(decimal(entropy, 19))
    }
}

impl CredentialId {
    /// A new number of ten digits.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(decimal(entropy, 10))
    }
}

impl SecretId {
    /// A new id that sorts by time (a version 7 UUID without dashes, RFC 9562 section 5.7).
    pub fn generate(entropy: &dyn Entropy, now: Timestamp) -> Self {
        let uuid = uuid::Builder::from_unix_timestamp_millis(
            u64::try_from(now.millis()).unwrap_or_default(),
            &tollgate_crypto::entropy::bytes::<10>(entropy),
        );
        Self(uuid.as_uuid().simple().to_string().into())
    }
}

impl SessionId {
    /// A new id, shaped as a token's.
    pub fn generate(entropy: &dyn Entropy, now: Timestamp) -> Self {
        Self(TokenId::generate(entropy, now).0)
    }
}

impl GrantId {
    /// A new id, shaped as a token's.
    pub fn generate(entropy: &dyn Entropy, now: Timestamp) -> Self {
        Self(TokenId::generate(entropy, now).0)
    }
}

impl ProviderId {
    /// A new id of 32 lower-case hexadecimal digits.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(hex(&tollgate_crypto::entropy::bytes::<16>(entropy), LOWER_HEX).into())
    }
}

impl TokenId {
    /// A new id; `ue1` stands where the contract's ids name the data centre.
    pub fn generate(entropy: &dyn Entropy, now: Timestamp) -> Self {
        let uuid = uuid::Builder::from_random_bytes(tollgate_crypto::entropy::bytes::<16>(entropy)).into_uuid();
        Self(format!("{}_{}_ue1", now.millis(), uuid.hyphenated()).into())
    }
}

impl RequestId {
    /// A new id of 32 letters and digits.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(hex(&tollgate_crypto::entropy::bytes::<16>(entropy), LOWER_HEX).into())
    }
}

/// A technical account's e-mail address, `<uuid>@<authority>`.
pub fn technical_account_email(entropy: &dyn Entropy, authority: &str) -> String {
    let uuid = uuid::Builder::from_random_bytes(tollgate_crypto::entropy::bytes::<16>(entropy)).into_uuid();
    format!("{}@{authority}", uuid.hyphenated())
}

fn authority_id(entropy: &dyn Entropy, authority: &str) -> Box<str> {
    format!("{}@{authority}", hex(&tollgate_crypto::entropy::bytes::<12>(entropy), UPPER_HEX)).into()
}

fn hex(bytes: &[u8], digits: &[u8; 16]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        text.extend([byte >> 4, byte & 15].map(|nibble| char::from(digits[usize::from(nibble)])));
    }
    text
}

fn decimal(entropy: &dyn Entropy, digits: u32) -> Box<str> {
    let lowest = 10_u64.pow(digits - 1);
    let span = if digits == 19 { u64::try_from(i64::MAX).unwrap_or(u64::MAX) - lowest } else { 9 * lowest };
    let drawn = u64::from_be_bytes(tollgate_crypto::entropy::bytes::<8>(entropy));
    (lowest + drawn % span).to_string().into()
}

fn has_length(text: &str, least: usize, most: usize) -> bool {
    (least..=most).contains(&text.len())
}

fn is_slug(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-')
}

fn is_lower_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

fn is_decimal(text: &str) -> bool {
    has_length(text, 1, 19) && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_authority_id(text: &str) -> bool {
    text.split_once('@').is_some_and(|(ident, authority)| {
        ident.len() == 24
            && ident.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F'))
            && has_length(authority, 1, 64)
            && authority.bytes().all(is_slug)
    })
}

fn is_service_code(text: &str) -> bool {
    has_length(text, 1, 64)
        && text.trim() == text
        && text.bytes().all(|byte| is_slug(byte) || matches!(byte, b' ' | b'(' | b')'))
}

#[cfg(test)]
mod tests {
    use tollgate_crypto::SystemEntropy;

    use super::*;

    #[test]
    fn generated_ids_parse_as_themselves() {
        let entropy = SystemEntropy;
        let now = Timestamp::from_seconds(1_700_000_000);
        for _ in 0..200 {
            let organization = OrganizationId::generate(&entropy, "AdobeOrg");
            assert_eq!(organization.as_str().parse::<OrganizationId>(), Ok(organization.clone()));
            assert_eq!(organization.ident().len(), 24);
            let client = ClientId::generate(&entropy);
            assert_eq!(client.as_str().parse::<ClientId>(), Ok(client));
            let project = ProjectId::generate(&entropy);
            assert_eq!(project.as_str().len(), 19);
            assert!(project.as_str().parse::<i64>().is_ok(), "{project} fits a bigint");
            let secret = SecretId::generate(&entropy, now);
            assert_eq!(secret.as_str().parse::<SecretId>(), Ok(secret));
            let token = TokenId::generate(&entropy, now);
            assert!(token.as_str().starts_with("1700000000000_"), "{token}");
            assert_eq!(token.as_str().parse::<TokenId>(), Ok(token));
        }
    }

    #[test]
    fn secret_ids_sort_by_the_time_of_their_making() {
        let earlier = SecretId::generate(&SystemEntropy, Timestamp::from_seconds(1_700_000_000));
        let later = SecretId::generate(&SystemEntropy, Timestamp::from_seconds(1_700_000_001));
        assert!(earlier < later);
    }

    #[test]
    fn a_refused_id_says_what_it_should_look_like() {
        let refused = "abc@AdobeOrg".parse::<OrganizationId>().unwrap_err();
        assert!(refused.to_string().contains("24 upper-case hexadecimal digits"), "{refused}");
        assert!("".parse::<ClientId>().is_err());
        assert!("a/b".parse::<ClientId>().is_err());
        assert!("CC SDK".parse::<ServiceCode>().is_ok());
        assert!(" CC".parse::<ServiceCode>().is_err());
    }
}
