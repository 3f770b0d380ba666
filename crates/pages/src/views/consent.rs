//! Asking a person whether an application may act for them.

use super::page;
use crate::{Account, Application, AskedScope};

/// `/consent`: posts `decision` (`allow` or `cancel`) there; "use another account" is a link to `/sign-in?choice=another`.
#[derive(Debug, Clone)]
pub struct Consent {
    /// Who asks.
    pub application: Application,
    /// Who is asked.
    pub account: Account,
    /// What is asked for. When some of it was agreed to before, the page sets the rest apart.
    pub scopes: Vec<AskedScope>,
    /// The host (or custom scheme) that the person is sent to afterwards.
    pub destination: String,
}
page!(Consent, "consent.html");

impl Consent {
    /// Whether the person agreed to something before and is asked for more.
    pub(crate) fn grown(&self) -> bool {
        self.scopes.iter().any(|asked| asked.agreed) && self.scopes.iter().any(|asked| !asked.agreed)
    }
}
