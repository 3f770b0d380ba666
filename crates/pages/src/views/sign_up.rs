//! Making an account: by oneself, or by invitation.

use super::{page, recovery::PasswordAdvice};

/// `/sign-up`: posts `name`, `email`, `country` (ISO 3166-1 alpha-2 or empty) and `new_password` there.
#[derive(Debug, Clone)]
pub struct SignUp {
    /// The name as typed before.
    pub name: String,
    /// The address as typed before.
    pub email: String,
    /// The country as chosen before; empty for none.
    pub country: String,
    /// The rules of passwords, and how good the refused one was.
    pub advice: PasswordAdvice,
}
page!(SignUp, "sign_up.html");

/// `/invitation`: the person sets name and password. Posts `token`, `name` and `new_password` there.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// The secret of the mail's link, carried on in a hidden field.
    pub token: String,
    /// The invited address.
    pub email: String,
    /// The name as the administrator or the person wrote it.
    pub name: String,
    /// The rules of passwords, and how good the refused one was.
    pub advice: PasswordAdvice,
}
page!(Invitation, "invitation.html");
