//! Signing out.

use super::page;
use crate::Account;

/// `/sign-out`: posts `decision` (`sign_out` or `stay`) there.
#[derive(Debug, Clone)]
pub struct SignOut {
    /// Who is signed in.
    pub account: Account,
    /// The application that asks for it, if it is known.
    pub application: Option<String>,
}
page!(SignOut, "sign_out.html");

/// `/signed-out`.
#[derive(Debug, Clone)]
pub struct SignedOut {
    /// Names of applications that are being told.
    pub told: Vec<String>,
    /// Where to go on to, when an application asked to come back.
    pub go_on: Option<GoOn>,
}
page!(SignedOut, "signed_out.html");

/// A link back to an application.
#[derive(Debug, Clone)]
pub struct GoOn {
    /// The application's name.
    pub application: String,
    /// The checked address.
    pub uri: String,
}
