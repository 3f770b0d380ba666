//! What a grant gives: the facts of a token before there is one.

use std::sync::Arc;

use tollgate_model::{scope::ScopeSet, token::Actor};
use tollgate_store::DirectoryClient;

/// A grant, decided. Grants know nothing of tokens, and [`crate::issue`] knows nothing of grants.
#[derive(Debug)]
pub(crate) struct Granted {
    /// The credential that the token is issued to.
    pub client: Arc<DirectoryClient>,
    /// As whom the token acts.
    pub subject: String,
    /// What that is.
    pub actor: Actor,
    /// What the token may be used for.
    pub scope: ScopeSet,
    /// For whom it is meant.
    pub audience: Vec<String>,
}
