//! People who sign in.

use serde::{Deserialize, Serialize};

use crate::{
    Invalid, Timestamp,
    id::{OrganizationId, UserId},
};

/// What a person may do in an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// May change everything.
    Administrator,
    /// May create projects and credentials.
    Developer,
    /// May sign in and use applications.
    Member,
}

impl Role {
    /// The role as stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Developer => "developer",
            Self::Member => "member",
        }
    }
}

impl std::str::FromStr for Role {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        [Self::Administrator, Self::Developer, Self::Member]
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| Invalid::new("role", text, "use administrator, developer or member"))
    }
}

/// Who owns an account and checks its password (contract section 10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccountType {
    /// Made by the person (Adobe ID).
    #[serde(rename = "type1")]
    Individual,
    /// Made by the organization; we check the password (Enterprise ID).
    #[serde(rename = "type2")]
    Enterprise,
    /// Made by the organization; its identity provider signs the person in (Federated ID).
    #[serde(rename = "type3")]
    Federated,
}

impl AccountType {
    /// The word of IMS, also as stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Individual => "type1",
            Self::Enterprise => "type2",
            Self::Federated => "type3",
        }
    }

    /// The word of userinfo: individual or enterprise.
    pub const fn userinfo_word(self) -> &'static str {
        match self {
            Self::Individual => "ind",
            Self::Enterprise | Self::Federated => "ent",
        }
    }
}

impl std::str::FromStr for AccountType {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        [Self::Individual, Self::Enterprise, Self::Federated]
            .into_iter()
            .find(|own| own.as_str() == text)
            .ok_or_else(|| Invalid::new("account type", text, "use type1, type2 or type3"))
    }
}

/// A person of an organization.
#[derive(Debug, Clone, PartialEq)]
pub struct User {
    /// The id that tokens carry.
    pub id: UserId,
    /// Where the person belongs.
    pub organization_id: OrganizationId,
    /// Sign-in name, lower case.
    pub email: EmailAddress,
    /// Full name.
    pub name: String,
    /// What the person may do.
    pub role: Role,
    /// The argon2id hash of the password in PHC form; `None` while none is set.
    pub password_hash: Option<String>,
    /// Who owns the account and checks the password.
    pub account_type: AccountType,
    /// Whether the person showed that mail to the address reaches them.
    pub email_verified: bool,
    /// First name, if it is known by itself.
    pub given_name: Option<String>,
    /// Last name, if it is known by itself.
    pub family_name: Option<String>,
    /// The language of pages and mails, such as `de`.
    pub language: Option<String>,
    /// Two letters (ISO 3166-1), such as `CH`.
    pub country_code: Option<String>,
    /// Whether the password was made for the person and must be changed at the first sign-in.
    pub password_expired: bool,
    /// While `false` the person cannot sign in.
    pub enabled: bool,
    /// When the account was made.
    pub created_at: Timestamp,
}

/// An e-mail address in lower case: a local part, `@`, and a domain; at most 254 bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress(Box<str>);

impl EmailAddress {
    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for EmailAddress {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let refused = || Invalid::new("e-mail address", text, "give an address such as name@example.com");
        let (local, domain) = text.rsplit_once('@').ok_or_else(refused)?;
        let plain =
            |part: &str| !part.is_empty() && !part.chars().any(|c| c.is_whitespace() || c.is_control() || c == '@');
        if text.len() > 254 || !plain(local) || !plain(domain) || domain.starts_with('.') || domain.ends_with('.') {
            return Err(refused());
        }
        Ok(Self(text.to_lowercase().into()))
    }
}

impl std::fmt::Display for EmailAddress {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e_mail_addresses_are_folded_to_lower_case_and_refused_without_a_domain() {
        assert_eq!("Ada@Example.COM".parse::<EmailAddress>().unwrap().as_str(), "ada@example.com");
        for bad in ["", "ada", "@example.com", "ada@", "a b@example.com", "a@b@c", "ada@.com"] {
            assert!(bad.parse::<EmailAddress>().is_err(), "{bad}");
        }
    }
}
