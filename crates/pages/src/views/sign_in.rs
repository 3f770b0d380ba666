//! Signing in: e-mail address, password, second factor, choice of the account, and a new password when the old one expired.

use tollgate_model::id::ProviderId;

use super::{page, recovery::PasswordAdvice};
use crate::Account;

/// `/sign-in`: the e-mail address, a passkey, or another provider.
///
/// Posts `email` to `/sign-in`. The script posts JSON to `/sign-in/passkey/options` and `/sign-in/passkey`.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// What the person typed before, or the application's `login_hint`.
    pub email: String,
    /// Providers to sign in with instead; links to `/sign-in/federated/{id}`.
    pub providers: Vec<ProviderChoice>,
    /// Whether passkeys can be used at this address at all.
    pub passkeys: bool,
    /// Whether to offer an account to those who have none.
    pub sign_up: bool,
}
page!(SignIn, "sign_in.html");

/// An upstream identity provider on the sign-in page.
#[derive(Debug, Clone)]
pub struct ProviderChoice {
    /// Its id, as in `/sign-in/federated/{provider_id}`.
    pub id: ProviderId,
    /// The name people know it by.
    pub name: String,
}

/// `/sign-in/password`: posts `password` (and `email`, for password managers) to `/sign-in/password`.
#[derive(Debug, Clone)]
pub struct SignInPassword {
    /// Whose password is asked for.
    pub email: String,
}
page!(SignInPassword, "sign_in_password.html");

/// `/sign-in/second-factor`: posts `code` and `factor` (`authenticator` or `recovery_code`) there.
///
/// The link to the other factor is `/sign-in/second-factor?factor=recovery_code` (or `authenticator`).
#[derive(Debug, Clone)]
pub struct SecondFactor {
    /// Who is signing in.
    pub email: String,
    /// What is asked for.
    pub factor: Factor,
    /// Whether the person has a code to type at all.
    pub codes: bool,
    /// Whether a passkey will do as well; the script posts JSON with `second_factor` to `/sign-in/passkey/options` and
    /// `/sign-in/passkey`.
    pub passkey: bool,
}
page!(SecondFactor, "second_factor.html");

/// A second factor that is typed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Factor {
    /// Six digits of an authenticator application.
    #[default]
    Authenticator,
    /// One of the recovery codes.
    RecoveryCode,
}

impl Factor {
    /// The value of `factor` in forms and addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Authenticator => "authenticator",
            Self::RecoveryCode => "recovery_code",
        }
    }

    /// The factor that `text` names.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Authenticator, Self::RecoveryCode].into_iter().find(|factor| factor.as_str() == text)
    }

    pub(crate) fn is_authenticator(self) -> bool {
        self == Self::Authenticator
    }
}

/// `/sign-in` while somebody is signed in and the application wants a choice (`prompt=select_account`).
///
/// Posts `choice` (`continue` or `another`) to `/sign-in`.
#[derive(Debug, Clone)]
pub struct ChooseAccount {
    /// Who is signed in.
    pub account: Account,
}
page!(ChooseAccount, "choose_account.html");

/// `/sign-in/new-password`: the password was right but must be changed now. Posts `new_password` there.
#[derive(Debug, Clone)]
pub struct ExpiredPassword {
    /// Whose password it is.
    pub email: String,
    /// The rules, and how good the refused one was.
    pub advice: PasswordAdvice,
}
page!(ExpiredPassword, "expired_password.html");
