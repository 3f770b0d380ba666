//! The account's own page, and its password.

use tollgate_model::Timestamp;

use super::{page, recovery::PasswordAdvice};
use crate::Language;

/// `/account`: posts `name`, `language` (a tag, or empty for the browser's) and `country` there.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Full name.
    pub name: String,
    /// Sign-in name; cannot be changed here.
    pub email: String,
    /// Whether the address was proved.
    pub email_verified: bool,
    /// Who keeps the account.
    pub account_kind: AccountKind,
    /// The chosen language; `None` for the browser's.
    pub language: Option<Language>,
    /// ISO 3166-1 alpha-2; empty for none.
    pub country: String,
    /// Whether the person may change the name; `false` when an upstream provider keeps it.
    pub name_editable: bool,
}
page!(Profile, "account/profile.html", "/account");

/// Who keeps an account, in the words of the IMS's account types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountKind {
    /// Adobe ID (`type1`): the person made it.
    Personal,
    /// Enterprise ID (`type2`): an administrator made it.
    Enterprise,
    /// Federated ID (`type3`): an upstream provider keeps it.
    Federated,
}

impl AccountKind {
    pub(crate) const fn text_keys(self) -> [&'static str; 2] {
        match self {
            Self::Personal => ["account-kind-personal", "account-kind-personal-hint"],
            Self::Enterprise => ["account-kind-enterprise", "account-kind-enterprise-hint"],
            Self::Federated => ["account-kind-federated", "account-kind-federated-hint"],
        }
    }
}

/// `/account/password`: posts `password` (unless there is none yet) and `new_password` there.
#[derive(Debug, Clone)]
pub struct ChangePassword {
    /// Sign-in name, for password managers.
    pub email: String,
    /// Whether there is a password at all.
    pub state: PasswordState,
    /// The rules, and how good the refused one was.
    pub advice: PasswordAdvice,
}
page!(ChangePassword, "account/password.html", "/account/password");

/// Where an account stands with its password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordState {
    /// None yet; one can be set.
    None,
    /// There is one; the present one is asked for.
    Set {
        /// When it was last changed, if that is known.
        changed_at: Option<Timestamp>,
    },
    /// An upstream provider keeps it; nothing can be done here.
    Elsewhere,
}

impl PasswordState {
    pub(crate) const fn is_kept_here(self) -> bool {
        !matches!(self, Self::Elsewhere)
    }

    pub(crate) const fn is_set(self) -> bool {
        matches!(self, Self::Set { .. })
    }
}
