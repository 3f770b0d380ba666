//! The way back from a provider, as a list of steps: the sign-in that was begun, in this browser; the provider that was
//! asked, and no other; its code for an identity token; the token's person.

use tollgate_crypto::{Digest, SecretText};
use tollgate_model::{
    Timestamp,
    session::{Method, Methods, Session},
};
use tollgate_store::identity_providers::{self, IdentityProvider};

use super::{
    Away, FederatedCallback, FederatedSignIn, FederationRefused,
    discovery::Metadata,
    exchange,
    id_token::{self, Expected, PersonClaims},
};
use crate::{People, Visitor, ceremony::Purpose};

/// Longest error code of a provider that is repeated.
const ERROR_CHARS_MAX: usize = 64;
const CODE_BYTES_MAX: usize = 4096;
const STATE_BYTES_MAX: usize = 64;

impl People {
    /// Signs in whom the provider vouches for. The sign-in that was begun is used up by this, whatever comes of it.
    pub async fn finish_federated_sign_in(
        &self,
        callback: FederatedCallback,
        browser_secret: Option<&str>,
        visitor: &Visitor,
        current: Option<&Session>,
        now: Timestamp,
    ) -> Result<FederatedSignIn, FederationRefused> {
        let attempt = self.attempt(None, visitor, now).await?;
        let away = self.sign_in_begun(&callback, browser_secret, now).await?;
        let provider = self.provider_asked(&away).await?;
        let egress = &self.settings().egress;
        let metadata = self.upstreams().metadata(egress, &provider.issuer, now).await?;
        let code = answered_code(callback, &metadata)?;
        let person = self.vouched_person(&provider, &metadata, &away, &code, now).await?;
        attempt.give_back().await?;
        let user = self.user_of(&provider, &person, visitor, now).await?;
        let step = self.complete(user, Methods::one(Method::Federated), visitor, current, now).await?;
        Ok(FederatedSignIn { step, request: away.request })
    }

    async fn sign_in_begun(
        &self,
        callback: &FederatedCallback,
        browser_secret: Option<&str>,
        now: Timestamp,
    ) -> Result<Away, FederationRefused> {
        let state = callback.state.as_deref().filter(|state| state.len() <= STATE_BYTES_MAX);
        let state = state.ok_or(FederationRefused::CeremonyOver)?;
        let away: Option<Away> = self.take_ceremony(Purpose::FederatedSignIn, state, now).await?;
        let away = away.ok_or(FederationRefused::CeremonyOver)?;
        // Otherwise somebody could make another person's browser sign in to an account that is not theirs.
        let own = browser_secret.map(|secret| self.browser_digest(secret));
        if own.is_none() || own != away.browser.parse::<Digest>().ok() {
            return Err(FederationRefused::OtherBrowser);
        }
        Ok(away)
    }

    async fn provider_asked(&self, away: &Away) -> Result<IdentityProvider, FederationRefused> {
        let provider = identity_providers::find(&self.house().db, &away.provider_id).await?;
        let same = provider.filter(|found| found.enabled && found.issuer == away.issuer);
        same.ok_or(FederationRefused::UnknownProvider)
    }

    async fn vouched_person(
        &self,
        provider: &IdentityProvider,
        metadata: &Metadata,
        away: &Away,
        code: &SecretText,
        now: Timestamp,
    ) -> Result<PersonClaims, FederationRefused> {
        let egress = &self.settings().egress;
        let secret = self.provider_secret(provider)?;
        let redirect_uri = self.federated_callback_uri();
        let exchange =
            exchange::Exchange { provider, secret, code, redirect_uri: &redirect_uri, verifier: &away.verifier };
        let answer = exchange.run(egress, metadata).await?;
        let id_token = answer.id_token.ok_or(id_token::TokenFault::Missing)?;
        let token = id_token::parse(&id_token)?;
        let keys = self.upstreams().keys(egress, metadata, |keys| keys.of(&token).is_some(), now).await?;
        keys.verify(&token)?;
        let expected = Expected { issuer: &provider.issuer, client_id: &provider.client_id, nonce: &away.nonce, now };
        let person = id_token::check(&token.payload, &expected)?;
        if person.email.is_some() {
            return Ok(person);
        }
        exchange::with_userinfo(egress, metadata, answer.access_token.as_deref(), person).await
    }
}

/// The provider's code, or its refusal; from the provider that was asked (RFC 9207 section 2.4).
fn answered_code(callback: FederatedCallback, metadata: &Metadata) -> Result<SecretText, FederationRefused> {
    let names_itself = match &callback.iss {
        Some(iss) => *iss == metadata.issuer,
        None => !metadata.authorization_response_iss_parameter_supported,
    };
    if !names_itself {
        return Err(id_token::TokenFault::Issuer.into());
    }
    if let Some(error) = callback.error {
        let plain = error.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_');
        return Err(FederationRefused::Upstream(plain.take(ERROR_CHARS_MAX).collect()));
    }
    let code = callback.code.filter(|code| !code.is_empty() && code.len() <= CODE_BYTES_MAX);
    code.map(SecretText::from).ok_or_else(|| FederationRefused::Upstream("no code".to_owned()))
}
