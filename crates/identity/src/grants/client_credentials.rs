//! The grant `client_credentials`: a token of the credential's own technical account (RFC 6749 section 4.4).

use std::sync::Arc;

use tollgate_model::{
    client::{Client, ClientKind},
    id::OrganizationId,
    scope::ScopeSet,
};
use tollgate_oauth::{ErrorCode, OauthError};
use tollgate_store::DirectoryClient;
use tollgate_web::Instance;

use crate::{
    client_auth::{Authenticated, Proof},
    granted::Granted,
};

/// What is asked for.
#[derive(Debug)]
pub(crate) struct Asked {
    /// The scopes; `None` for all that the credential may have.
    pub scope: Option<ScopeSet>,
    /// The organization that the client believes it belongs to.
    pub organization_id: Option<OrganizationId>,
    /// For whom the token shall be meant.
    pub resources: Vec<String>,
}

/// Grants the scopes asked for, all of which the credential must be allowed.
pub(crate) fn redeem(asked: Asked, authenticated: Authenticated, instance: &Instance) -> Result<Granted, OauthError> {
    let Authenticated { client, proof } = authenticated;
    let subject = technical_account(&client.client, proof)?.to_owned();
    check_organization(asked.organization_id.as_ref(), &client)?;
    let scope = match asked.scope {
        None => client.allowed_scopes().clone(),
        Some(scope) => {
            super::check_scope(&scope, client.allowed_scopes())?;
            scope
        }
    };
    let audience = super::audience(instance, asked.resources)?;
    Ok(Granted::to_service(client, subject, scope, audience))
}

/// As whom the credential acts. A service account that proves itself with its certificate may use this grant too: that
/// is the same proof as its JWT. Its secret alone is half of that.
fn technical_account(client: &Client, proof: Proof) -> Result<&str, OauthError> {
    match (&client.kind, proof) {
        (ClientKind::OauthServerToServer(account), _)
        | (ClientKind::ServiceAccountJwt { technical_account: account, .. }, Proof::Assertion) => {
            Ok(account.id.as_str())
        }
        (ClientKind::ServiceAccountJwt { .. }, _) => Err(OauthError::new(
            ErrorCode::UnauthorizedClient,
            "a credential of type service_account_jwt gets its tokens by signing a JWT; send it to /ims/exchange/jwt",
        )),
        (kind, _) => Err(OauthError::new(
            ErrorCode::UnauthorizedClient,
            format!(
                "a credential of type {} cannot use grant_type client_credentials; create one of type \
                 oauth_server_to_server",
                kind.credential_type()
            ),
        )),
    }
}

fn check_organization(named: Option<&OrganizationId>, client: &Arc<DirectoryClient>) -> Result<(), OauthError> {
    match named {
        Some(named) if *named != client.client.organization_id => Err(OauthError::invalid_request(format!(
            "org_id must be {}, the organization of this credential; it may be left away",
            client.client.organization_id
        ))),
        _ => Ok(()),
    }
}
