//! What a grant gives: the facts of a token before there is one.

use std::sync::Arc;

use tollgate_model::{
    Timestamp,
    grant::Grant,
    id::ClientId,
    scope::ScopeSet,
    token::{Actor, UserSignIn},
};
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
    /// The sign-in that stands behind the token of a person.
    pub sign_in: Option<UserSignIn>,
    /// The key that the token is bound to.
    pub key_thumbprint: Option<String>,
    /// The credential that acts for the person after an exchange.
    pub acting_client: Option<ClientId>,
    /// When the token ends at the latest, if that is sooner than tokens usually end.
    pub ends_by: Option<Timestamp>,
}

impl Granted {
    /// A token of the credential's own technical account.
    pub(crate) fn to_service(
        client: Arc<DirectoryClient>,
        subject: String,
        scope: ScopeSet,
        audience: Vec<String>,
    ) -> Self {
        Self {
            client,
            subject,
            actor: Actor::TechnicalAccount,
            scope,
            audience,
            sign_in: None,
            key_thumbprint: None,
            acting_client: None,
            ends_by: None,
        }
    }

    /// A token of the person who gave `grant`, for all that was allowed.
    pub(crate) fn of_grant(client: Arc<DirectoryClient>, grant: &Grant, audience: Vec<String>) -> Self {
        Self {
            client,
            subject: grant.user_id.to_string(),
            actor: Actor::User,
            scope: grant.scope.clone(),
            audience,
            sign_in: Some(UserSignIn {
                grant_id: grant.id.clone(),
                session_id: grant.sign_in.session_id.clone(),
                authenticated_at: grant.sign_in.authenticated_at,
            }),
            key_thumbprint: None,
            acting_client: None,
            ends_by: None,
        }
    }

    /// The same, bound to a key that was proved to be held.
    pub(crate) fn bound_to(self, key_thumbprint: Option<String>) -> Self {
        Self { key_thumbprint, ..self }
    }
}
