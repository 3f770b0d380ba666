//! The example catalogue: the public services by name, as `services.json` beside this file lists them.

use serde::Deserialize;
use tollgate_model::{
    client::CredentialType,
    id::ServiceCode,
    scope::ScopeSet,
    service::{Authorization, GatewayPath, Upstream},
};

use crate::{Console, Error, services::ServiceDraft};

#[derive(Deserialize)]
struct Catalogue {
    services: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    code: ServiceCode,
    name: String,
    description: String,
    authorization: Authorization,
    credential_types: Vec<CredentialType>,
    scopes: ScopeSet,
    metascopes: ScopeSet,
    gateway_path: Option<GatewayPath>,
}

/// The services of the example catalogue, those with a gateway path running at `upstream`.
pub fn example(upstream: &Upstream) -> Vec<ServiceDraft> {
    let catalogue: Catalogue =
        serde_json::from_str(include_str!("services.json")).expect("the embedded catalogue is read by a test");
    catalogue
        .services
        .into_iter()
        .map(|entry| ServiceDraft {
            description: entry.description,
            credential_types: Some(entry.credential_types),
            scopes: entry.scopes,
            metascopes: entry.metascopes,
            upstreams: entry.gateway_path.iter().map(|_| upstream.clone()).collect(),
            gateway_path: entry.gateway_path,
            ..ServiceDraft::of(entry.code, entry.name, entry.authorization)
        })
        .collect()
}

impl Console {
    /// Adds the services of the example catalogue that are not there yet, and returns their codes.
    pub async fn seed_example(&self, upstream: &Upstream) -> Result<Vec<ServiceCode>, Error> {
        let made = self.create_missing_services(example(upstream)).await?;
        Ok(made.into_iter().map(|service| service.code).collect())
    }
}
