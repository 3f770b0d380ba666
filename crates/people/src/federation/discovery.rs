//! What a provider says about itself (OpenID Connect Discovery 1.0), fetched when it is needed and kept for an hour.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::{Deserialize, de::DeserializeOwned};
use tollgate_model::{Seconds, Timestamp};
use tollgate_web::egress::{Egress, EgressError, Reply};

use super::{FederationRefused, keys::UpstreamKeys};

const METADATA_LIFETIME: Seconds = Seconds(3600);
/// How long fetched keys are taken for the whole set, when a token names another.
const KEYS_REST: Seconds = Seconds(60);
const METADATA_BYTES_MAX: usize = 64 * 1024;
const KEYS_BYTES_MAX: usize = 256 * 1024;
/// Providers that are remembered; when there are more, all are forgotten and fetched again.
const PROVIDERS_MAX: usize = 1000;

/// The metadata of a provider, as far as a relying party needs it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Metadata {
    pub(super) issuer: String,
    pub(super) authorization_endpoint: String,
    pub(super) token_endpoint: String,
    pub(super) jwks_uri: String,
    pub(super) userinfo_endpoint: Option<String>,
    #[serde(default)]
    pub(super) token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    pub(super) authorization_response_iss_parameter_supported: bool,
}

/// What is known of providers, by issuer.
#[derive(Default)]
pub(crate) struct Upstreams(Mutex<HashMap<String, Known>>);

#[derive(Clone)]
struct Known {
    metadata: Arc<Metadata>,
    metadata_until: Timestamp,
    keys: Arc<UpstreamKeys>,
    keys_rest_until: Timestamp,
}

impl Upstreams {
    /// The metadata of the provider with this issuer.
    pub(super) async fn metadata(
        &self,
        egress: &Egress,
        issuer: &str,
        now: Timestamp,
    ) -> Result<Arc<Metadata>, FederationRefused> {
        let known = self.lock().get(issuer).filter(|known| now < known.metadata_until).cloned();
        if let Some(known) = known {
            return Ok(known.metadata);
        }
        let metadata = Arc::new(discover(egress, issuer).await?);
        let mut all = self.lock();
        if all.len() >= PROVIDERS_MAX {
            all.clear();
        }
        let entry = all.entry(issuer.to_owned()).or_insert_with(|| Known {
            metadata: Arc::clone(&metadata),
            metadata_until: now,
            keys: Arc::default(),
            keys_rest_until: now,
        });
        entry.metadata = Arc::clone(&metadata);
        entry.metadata_until = now + METADATA_LIFETIME;
        Ok(metadata)
    }

    /// The provider's keys: those that are known if one of them is `wanted`, otherwise fetched again, at most once in a
    /// minute, so that made-up key names do not make us knock without end.
    pub(super) async fn keys(
        &self,
        egress: &Egress,
        metadata: &Metadata,
        wanted: impl Fn(&UpstreamKeys) -> bool,
        now: Timestamp,
    ) -> Result<Arc<UpstreamKeys>, FederationRefused> {
        {
            let mut all = self.lock();
            if let Some(known) = all.get_mut(&metadata.issuer) {
                if wanted(&known.keys) || now < known.keys_rest_until {
                    return Ok(Arc::clone(&known.keys));
                }
                known.keys_rest_until = now + KEYS_REST;
            }
        }
        let reply = egress.get(&metadata.jwks_uri, &[], KEYS_BYTES_MAX).await.map_err(unreachable)?;
        let keys = Arc::new(UpstreamKeys::parse(&succeeded(&reply)?.body).ok_or_else(|| unreadable("its keys"))?);
        if let Some(known) = self.lock().get_mut(&metadata.issuer) {
            known.keys = Arc::clone(&keys);
        }
        Ok(keys)
    }

    /// Forgets a provider, whose metadata is then fetched anew.
    pub(super) fn forget(&self, issuer: &str) {
        self.lock().remove(issuer);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Fetches and checks the metadata of a provider.
async fn discover(egress: &Egress, issuer: &str) -> Result<Metadata, FederationRefused> {
    let address = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
    let reply = egress.get(&address, &[], METADATA_BYTES_MAX).await.map_err(unreachable)?;
    let metadata: Metadata = read(&reply, "its metadata")?;
    // Discovery section 4.3: otherwise one provider could speak for another.
    if metadata.issuer != issuer {
        return Err(FederationRefused::Unreachable("its metadata names another issuer".to_owned()));
    }
    let endpoints = [&metadata.authorization_endpoint, &metadata.token_endpoint, &metadata.jwks_uri];
    for endpoint in endpoints.into_iter().chain(&metadata.userinfo_endpoint) {
        egress.check(endpoint).map_err(unreachable)?;
    }
    Ok(metadata)
}

/// Reads the JSON of a good answer.
pub(super) fn read<T: DeserializeOwned>(reply: &Reply, what: &str) -> Result<T, FederationRefused> {
    serde_json::from_slice(&succeeded(reply)?.body).map_err(|_| unreadable(what))
}

fn succeeded(reply: &Reply) -> Result<&Reply, FederationRefused> {
    if reply.status.is_success() {
        return Ok(reply);
    }
    Err(FederationRefused::Unreachable(format!("it answered with status {}", reply.status.as_u16())))
}

pub(super) fn unreachable(error: EgressError) -> FederationRefused {
    FederationRefused::Unreachable(error.to_string())
}

fn unreadable(what: &str) -> FederationRefused {
    FederationRefused::Unreachable(format!("{what} cannot be read"))
}
