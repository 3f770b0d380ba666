//! What operators do: providers, and the mail domains whose people they sign in.

use tollgate_crypto::SecretText;
use tollgate_model::{
    Invalid, Timestamp,
    id::{OrganizationId, ProviderId},
    organization::check_display_name,
};
use tollgate_store::{
    domains::{self, Domain},
    identity_providers::{self, IdentityProvider},
};
use tollgate_web::Fault;

use super::{FederationRefused, Upstreams};
use crate::People;

const CLIENT_ID_CHARS_MAX: usize = 255;
const DOMAIN_BYTES_MAX: usize = 253;
const LABEL_BYTES_MAX: usize = 63;

/// A provider to be.
#[derive(Debug, Clone)]
pub struct NewProvider {
    /// Whose people it signs in.
    pub organization_id: OrganizationId,
    /// What people see on the button.
    pub name: String,
    /// Its issuer, letter by letter.
    pub issuer: String,
    /// What it knows us as.
    pub client_id: String,
    /// The secret that goes with it; without one we are a public client.
    pub secret: Option<SecretText>,
}

impl People {
    /// Adds a provider, after a look at what it says about itself.
    pub async fn add_identity_provider(
        &self,
        new: NewProvider,
        now: Timestamp,
    ) -> Result<IdentityProvider, FederationRefused> {
        check_display_name("identity provider name", &new.name)?;
        let plain = |c: char| c.is_ascii_graphic();
        if new.client_id.is_empty() || new.client_id.len() > CLIENT_ID_CHARS_MAX || !new.client_id.chars().all(plain) {
            return Err(
                Invalid::new("client id", &new.client_id, "give the client id that the provider gave you").into()
            );
        }
        self.upstreams().forget(&new.issuer);
        self.upstreams().metadata(&self.settings().egress, &new.issuer, now).await?;
        let house = self.house();
        let id = ProviderId::generate(&*house.entropy);
        let seal =
            |secret: SecretText| house.master_key.seal(&*house.entropy, &seal_purpose(&id), secret.reveal().as_bytes());
        let provider = IdentityProvider {
            sealed_secret: new.secret.map(seal),
            id: id.clone(),
            organization_id: new.organization_id,
            name: new.name,
            issuer: new.issuer,
            client_id: new.client_id,
            enabled: true,
            created_at: now,
        };
        let added = house.db.transact(async |tx| identity_providers::insert(tx, &provider).await).await?;
        if added { Ok(provider) } else { Err(FederationRefused::Taken) }
    }

    /// The providers of an organization.
    pub async fn identity_providers(&self, organization: &OrganizationId) -> Result<Vec<IdentityProvider>, Fault> {
        Ok(identity_providers::list(&self.house().db, organization).await?)
    }

    /// Lets a provider sign people in, or not; `false` when there is none of this id.
    pub async fn set_identity_provider_enabled(&self, id: &ProviderId, enabled: bool) -> Result<bool, Fault> {
        Ok(self.house().db.transact(async |tx| identity_providers::set_enabled(tx, id, enabled).await).await?)
    }

    /// Removes a provider with its links to accounts; `false` when there is none of this id.
    pub async fn delete_identity_provider(&self, id: &ProviderId) -> Result<bool, Fault> {
        Ok(self.house().db.transact(async |tx| identity_providers::delete(tx, id).await).await?)
    }

    /// Adds a mail domain, which counts once it is verified.
    pub async fn add_domain(
        &self,
        name: &str,
        organization: &OrganizationId,
        provider: Option<&ProviderId>,
        now: Timestamp,
    ) -> Result<Domain, FederationRefused> {
        let db = &self.house().db;
        let name = domain_name(name)?;
        if let Some(id) = provider {
            let found = identity_providers::find(db, id).await?;
            if found.is_none_or(|found| found.organization_id != *organization) {
                return Err(FederationRefused::UnknownProvider);
            }
        }
        let domain = Domain {
            name,
            organization_id: organization.clone(),
            provider_id: provider.cloned(),
            verified_at: None,
            created_at: now,
        };
        let added = db.transact(async |tx| domains::insert(tx, &domain).await).await?;
        if added { Ok(domain) } else { Err(FederationRefused::Taken) }
    }

    /// Notes that the operator has made sure of whose domain it is; `false` when there is none of this name.
    pub async fn verify_domain(&self, name: &str, now: Timestamp) -> Result<bool, Fault> {
        let name = name.to_lowercase();
        Ok(self.house().db.transact(async |tx| domains::verify(tx, &name, now).await).await?)
    }

    /// Removes a domain of an organization; `false` when there is none of this name.
    pub async fn delete_domain(&self, organization: &OrganizationId, name: &str) -> Result<bool, Fault> {
        let name = name.to_lowercase();
        Ok(self.house().db.transact(async |tx| domains::delete(tx, organization, &name).await).await?)
    }

    /// The domains of an organization.
    pub async fn domains(&self, organization: &OrganizationId) -> Result<Vec<Domain>, Fault> {
        Ok(domains::list(&self.house().db, organization).await?)
    }

    pub(super) fn provider_secret(&self, provider: &IdentityProvider) -> Result<Option<SecretText>, Fault> {
        let Some(sealed) = &provider.sealed_secret else { return Ok(None) };
        let opened = self.house().master_key.open(&seal_purpose(&provider.id), sealed)?;
        let text = std::str::from_utf8(opened.reveal());
        let text = text.map_err(|cause| Fault::caused("the secret of an identity provider is no text", cause))?;
        Ok(Some(SecretText::from(text.to_owned())))
    }

    pub(super) fn upstreams(&self) -> &Upstreams {
        &self.0.upstreams
    }
}

fn seal_purpose(id: &ProviderId) -> String {
    format!("identity provider {id}")
}

/// A domain in lower case: at least two labels, in ASCII (`xn--` for others).
fn domain_name(text: &str) -> Result<String, Invalid> {
    let name = text.to_ascii_lowercase();
    let is_label = |label: &str| {
        (1..=LABEL_BYTES_MAX).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if name.len() <= DOMAIN_BYTES_MAX && name.contains('.') && name.split('.').all(is_label) {
        return Ok(name);
    }
    Err(Invalid::new("domain", text, "give a mail domain such as example.com"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_has_at_least_two_plain_labels() {
        assert_eq!(domain_name("Example.COM").unwrap(), "example.com");
        for bad in ["", "com", ".com", "example.", "a@example.com", "-a.com", "ex ample.com", "exämple.com", "*.com"] {
            assert!(domain_name(bad).is_err(), "{bad}");
        }
    }
}
