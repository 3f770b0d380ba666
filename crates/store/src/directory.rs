//! All that a decision about a request reads, in memory: organizations, credentials, services, signing keys.
//!
//! A [`Directory`] never changes. [`LiveDirectory`] holds the current one, follows the database, and puts a new one in
//! its place; readers take the current one without a lock and keep it for the length of their request.

mod build;
mod live;

use std::{collections::HashMap, sync::Arc};

use tollgate_crypto::{Digest, VerifyingKey};
use tollgate_model::{
    Timestamp,
    client::{Client, ClientCertificate},
    id::{ClientId, OrganizationId, ServiceCode},
    organization::Organization,
    redirect_uri::RedirectRules,
    scope::ScopeSet,
    secret::StoredSecret,
    service::Service,
};

pub use self::live::{LiveDirectory, STALE_SECONDS_MAX};
use crate::key_set::KeySet;

/// One state of what requests are decided by.
#[derive(Debug)]
pub struct Directory {
    /// The number of the change that made this state.
    pub generation: i64,
    /// Every organization.
    pub organizations: HashMap<OrganizationId, Arc<Organization>>,
    /// Every credential.
    pub clients: HashMap<ClientId, Arc<DirectoryClient>>,
    /// Every secret key, expired ones included; ask [`Directory::secret_key`].
    pub secret_keys: HashMap<Digest, SecretKeyHolder>,
    /// Every service, by code.
    pub services: Vec<Arc<Service>>,
    /// The same services, to be found by code.
    pub services_by_code: HashMap<ServiceCode, Arc<Service>>,
    /// The signing keys.
    pub keys: KeySet,
}

impl Directory {
    /// The credential of this client id.
    pub fn client(&self, id: &str) -> Option<&Arc<DirectoryClient>> {
        self.clients.get(id)
    }

    /// The organization of this id.
    pub fn organization(&self, id: &str) -> Option<&Arc<Organization>> {
        self.organizations.get(id)
    }

    /// The service of this code.
    pub fn service(&self, code: &str) -> Option<&Arc<Service>> {
        self.services_by_code.get(code)
    }

    /// Who holds the secret key of this digest; `None` when nobody does at `now`.
    pub fn secret_key(&self, digest: &Digest, now: Timestamp) -> Option<&SecretKeyHolder> {
        self.secret_keys.get(digest).filter(|holder| holder.secret.is_live(now))
    }
}

/// A secret key and the credential that it belongs to.
#[derive(Debug, Clone)]
pub struct SecretKeyHolder {
    /// The credential.
    pub client: Arc<DirectoryClient>,
    /// What is kept of the key.
    pub secret: StoredSecret,
}

/// A certificate that a credential may sign with, its key parsed.
#[derive(Debug, Clone)]
pub struct TrustedCertificate {
    /// The certificate.
    pub certificate: ClientCertificate,
    /// Its key.
    pub key: VerifyingKey,
}

/// A credential with all that proves it and all that it may do.
#[derive(Debug)]
pub struct DirectoryClient {
    /// The credential.
    pub client: Client,
    /// Whose it is.
    pub organization: Arc<Organization>,
    /// Its client secrets, oldest first, expired ones included.
    pub secrets: Vec<StoredSecret>,
    /// Its certificates, oldest first, expired ones included.
    pub certificates: Vec<TrustedCertificate>,
    /// The services that it is subscribed to, in the order of subscription.
    pub subscriptions: Vec<Arc<Service>>,
    allowed_scopes: ScopeSet,
    allowed_metascopes: ScopeSet,
    redirects: Option<RedirectRules>,
}

impl DirectoryClient {
    /// The scopes that its tokens may have: those that tell who it is, and those of the services that it is
    /// subscribed to.
    pub const fn allowed_scopes(&self) -> &ScopeSet {
        &self.allowed_scopes
    }

    /// The metascopes that its assertions may name: those of the services that it is subscribed to.
    pub const fn allowed_metascopes(&self) -> &ScopeSet {
        &self.allowed_metascopes
    }

    /// Where people may be sent after they signed in; `None` for a credential that nobody signs in with.
    pub const fn redirects(&self) -> Option<&RedirectRules> {
        self.redirects.as_ref()
    }

    /// Whether it is subscribed to the service.
    pub fn is_subscribed(&self, service: &ServiceCode) -> bool {
        self.subscriptions.iter().any(|own| own.code == *service)
    }

    /// Whether it gets tokens and calls through: it is enabled, and its organization is.
    pub fn is_enabled(&self) -> bool {
        self.client.enabled && self.organization.enabled
    }
}

#[cfg(test)]
mod tests;
