//! Organizations, and the projects and workspaces that hold their credentials.

use serde::{Deserialize, Serialize};

use crate::{
    Invalid, Timestamp,
    client::check_web_address,
    id::{OrganizationId, OrganizationNumber, ProjectId, WorkspaceId},
    limit::Limits,
};

/// A company or team: the owner of projects and credentials, and the border that no answer crosses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Organization {
    /// The id that tokens and service JWTs carry.
    pub id: OrganizationId,
    /// The number that console addresses carry.
    pub console_id: OrganizationNumber,
    /// The name people know it by.
    pub name: String,
    /// While `false`, none of its credentials gets a token or a call through.
    pub enabled: bool,
    /// What all its credentials together may call.
    pub limits: Limits,
    /// How its pages look.
    pub branding: Branding,
    /// How its people sign in.
    pub sign_in_rules: SignInRules,
    /// When it was made.
    pub created_at: Timestamp,
}

/// How the pages of an organization look.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Branding {
    /// Where its logo is, an `https` address.
    pub logo_uri: Option<String>,
    /// Its colour as `#rrggbb`.
    pub color: Option<String>,
}

impl Branding {
    /// Says what is wrong with the logo or the colour.
    pub fn check(&self) -> Result<(), Invalid> {
        if let Some(color) = &self.color {
            let digits = color.strip_prefix('#').unwrap_or_default();
            if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return Err(Invalid::new("colour", color, "give six hexadecimal digits such as #0b6b57"));
            }
        }
        self.logo_uri.as_deref().map_or(Ok(()), |uri| check_web_address("logo URI", uri))
    }
}

/// How the people of an organization sign in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SignInRules {
    /// Whether anybody may make an account in it.
    pub self_sign_up: bool,
    /// Whether a password alone is not enough.
    pub second_factor_required: bool,
}

/// One application of an organization.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Project {
    /// Its number.
    pub id: ProjectId,
    /// Whose it is.
    pub organization_id: OrganizationId,
    /// Short name of letters and digits, unique within the organization.
    pub name: String,
    /// The name people see.
    pub title: String,
    /// What it is for; may be empty.
    pub description: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// One environment of a project, such as `Production`; credentials live here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Workspace {
    /// Its number.
    pub id: WorkspaceId,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// Short name of letters and digits, unique within the project.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// The workspace that every project starts with (contract, console section 2.3).
pub const FIRST_WORKSPACE: &str = "Production";

/// Checks the name of a project or workspace: 1 to 45 letters and digits (contract, console section 2.8).
pub fn check_short_name(what: &'static str, name: &str) -> Result<(), Invalid> {
    if (1..=45).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Ok(());
    }
    Err(Invalid::new(what, name, "use 1 to 45 letters and digits without spaces"))
}

/// Checks a name that people read: 1 to 80 characters, none of them a control character, no space at either end.
pub fn check_display_name(what: &'static str, name: &str) -> Result<(), Invalid> {
    let length = name.chars().count();
    if (1..=80).contains(&length) && name.trim() == name && !name.chars().any(char::is_control) {
        return Ok(());
    }
    Err(Invalid::new(what, name, "use 1 to 80 characters without a space at either end"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_are_letters_and_digits_and_display_names_are_one_line() {
        assert!(check_short_name("project name", "Weather1").is_ok());
        assert!(check_short_name("project name", "My project").is_err());
        assert!(check_short_name("project name", "").is_err());
        assert!(check_display_name("name", "Wetter für alle").is_ok());
        assert!(check_display_name("name", "two\nlines").is_err());
        assert!(check_display_name("name", " padded").is_err());
    }
}
