//! The way to a provider: an authorization request with state, nonce and PKCE (OpenID Connect Core section 3.1.2.1).

use tollgate_crypto::{SecretText, base64url, entropy};
use tollgate_model::{Timestamp, id::ProviderId, pkce, user::EmailAddress};
use tollgate_store::{domains, identity_providers};
use tollgate_web::Fault;
use url::Url;

use super::{Away, FederatedRedirect, FederatedStart, FederationRefused, SIGN_IN_LIFETIME};
use crate::{People, ceremony::Purpose};

const SCOPE: &str = "openid email profile";
const LOGIN_HINT_CHARS_MAX: usize = 254;

impl People {
    /// The provider at which the owner of this address signs in, if its domain is verified and the provider enabled.
    pub async fn provider_for(&self, email: &EmailAddress) -> Result<Option<ProviderId>, Fault> {
        let db = &self.house().db;
        let Some((_, domain)) = email.as_str().rsplit_once('@') else { return Ok(None) };
        let Some(domain) = domains::find(db, domain).await?.filter(|domain| domain.verified_at.is_some()) else {
            return Ok(None);
        };
        let Some(id) = domain.provider_id else { return Ok(None) };
        let provider = identity_providers::find(db, &id).await?;
        Ok(provider.filter(|found| found.enabled && found.organization_id == domain.organization_id).map(|_| id))
    }

    /// Begins a sign-in at a provider.
    pub async fn start_federated_sign_in(
        &self,
        provider: &ProviderId,
        start: FederatedStart,
        now: Timestamp,
    ) -> Result<FederatedRedirect, FederationRefused> {
        let house = self.house();
        let provider = identity_providers::find(&house.db, provider).await?;
        let provider = provider.filter(|found| found.enabled).ok_or(FederationRefused::UnknownProvider)?;
        let metadata = self.upstreams().metadata(&self.settings().egress, &provider.issuer, now).await?;
        let secret = || base64url::encode(&entropy::bytes::<32>(&*house.entropy));
        let (nonce, verifier, browser_secret) = (secret(), secret(), SecretText::from(secret()));
        let away = Away {
            provider_id: provider.id,
            issuer: provider.issuer,
            nonce,
            verifier,
            browser: self.browser_digest(browser_secret.reveal()).to_string(),
            request: start.request,
            since: now,
        };
        let state = self.begin_ceremony(Purpose::FederatedSignIn, None, &away, SIGN_IN_LIFETIME, now).await?;
        let mut location = Url::parse(&metadata.authorization_endpoint)
            .map_err(|_| FederationRefused::Unreachable("its authorization endpoint is no URL".to_owned()))?;
        let mut query = location.query_pairs_mut();
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &provider.client_id)
            .append_pair("redirect_uri", &self.federated_callback_uri())
            .append_pair("scope", SCOPE)
            .append_pair("state", &state)
            .append_pair("nonce", &away.nonce)
            .append_pair("code_challenge", &pkce::s256(&away.verifier))
            .append_pair("code_challenge_method", "S256");
        if let Some(hint) = start.login_hint.filter(|hint| hint.chars().count() <= LOGIN_HINT_CHARS_MAX) {
            query.append_pair("login_hint", &hint);
        }
        drop(query);
        Ok(FederatedRedirect { location: location.into(), browser_secret, lifetime: SIGN_IN_LIFETIME })
    }
}
