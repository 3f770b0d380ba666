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
