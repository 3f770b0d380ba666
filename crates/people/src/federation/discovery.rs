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
/// How long a provider is left alone that did not answer as it should.
const FAILURE_REST: Seconds = Seconds(5);
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
pub(crate) struct Upstreams(Mutex<HashMap<String, Arc<Upstream>>>);

/// What is known of one provider. Locked while it is asked, so that many sign-ins at once ask once.
#[derive(Default)]
struct Upstream(tokio::sync::Mutex<Known>);

#[derive(Default)]
struct Known {
    metadata: Option<(Arc<Metadata>, Timestamp)>,
    keys: Arc<UpstreamKeys>,
    keys_rest_until: Option<Timestamp>,
    failure: Option<(String, Timestamp)>,
}

impl Upstreams {
    /// The metadata of the provider with this issuer.
    pub(super) async fn metadata(
        &self,
        egress: &Egress,
        issuer: &str,
        now: Timestamp,
    ) -> Result<Arc<Metadata>, FederationRefused> {
        let upstream = self.of(issuer);
        let mut known = upstream.0.lock().await;
        if let Some((metadata, until)) = &known.metadata
            && now < *until
        {
            return Ok(Arc::clone(metadata));
        }
        known.check_rest(now)?;
        let found = discover(egress, issuer).await;
        let metadata = Arc::new(found.map_err(|refused| known.rest(refused, now))?);
        known.metadata = Some((Arc::clone(&metadata), now + METADATA_LIFETIME));
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
        let upstream = self.of(&metadata.issuer);
        let mut known = upstream.0.lock().await;
        if wanted(&known.keys) || known.keys_rest_until.is_some_and(|until| now < until) {
            return Ok(Arc::clone(&known.keys));
        }
        known.check_rest(now)?;
        let fetched = fetch_keys(egress, &metadata.jwks_uri).await;
        known.keys = Arc::new(fetched.map_err(|refused| known.rest(refused, now))?);
        known.keys_rest_until = Some(now + KEYS_REST);
        Ok(Arc::clone(&known.keys))
    }

    /// Forgets a provider, whose metadata is then fetched anew.
    pub(super) fn forget(&self, issuer: &str) {
        self.lock().remove(issuer);
    }

    fn of(&self, issuer: &str) -> Arc<Upstream> {
        let mut all = self.lock();
        if all.len() >= PROVIDERS_MAX && !all.contains_key(issuer) {
            all.clear();
        }
        Arc::clone(all.entry(issuer.to_owned()).or_default())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<Upstream>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// A provider that just failed fails again without being asked, so that it cannot hold everybody up.
    fn check_rest(&self, now: Timestamp) -> Result<(), FederationRefused> {
        match &self.failure {
            Some((words, until)) if now < *until => Err(FederationRefused::Unreachable(words.clone())),
            _ => Ok(()),
        }
    }

    fn rest(&mut self, refused: FederationRefused, now: Timestamp) -> FederationRefused {
        if let FederationRefused::Unreachable(words) = &refused {
            self.failure = Some((words.clone(), now + FAILURE_REST));
        }
        refused
    }
}

async fn fetch_keys(egress: &Egress, address: &str) -> Result<UpstreamKeys, FederationRefused> {
    let reply = egress.get(address, &[], KEYS_BYTES_MAX).await.map_err(|error| unreachable(&error))?;
    UpstreamKeys::parse(&succeeded(&reply)?.body).ok_or_else(|| unreadable("its keys"))
}

/// Fetches and checks the metadata of a provider.
async fn discover(egress: &Egress, issuer: &str) -> Result<Metadata, FederationRefused> {
    let address = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
    let reply = egress.get(&address, &[], METADATA_BYTES_MAX).await.map_err(|error| unreachable(&error))?;
    let metadata: Metadata = read(&reply, "its metadata")?;
    // Discovery section 4.3: otherwise one provider could speak for another.
    if metadata.issuer != issuer {
        return Err(FederationRefused::Unreachable("its metadata names another issuer".to_owned()));
    }
    let endpoints = [&metadata.authorization_endpoint, &metadata.token_endpoint, &metadata.jwks_uri];
    for endpoint in endpoints.into_iter().chain(&metadata.userinfo_endpoint) {
        egress.check(endpoint).map_err(|error| unreachable(&error))?;
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

pub(super) fn unreachable(error: &EgressError) -> FederationRefused {
    FederationRefused::Unreachable(error.to_string())
}

fn unreadable(what: &str) -> FederationRefused {
    FederationRefused::Unreachable(format!("{what} cannot be read"))
}
