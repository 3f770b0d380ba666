//! Who calls, as a signed token of one minute that only an upstream needs to understand.
//!
//! An upstream that trusts plain headers must be reachable through the gateway alone. One that takes `x-tollgate-identity`
//! instead checks a signature with the keys that identity publishes, and believes nobody else.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use http::HeaderValue;
use serde::Serialize;
use tollgate_crypto::{Algorithm, base64url, jws};
use tollgate_model::{
    Seconds, Timestamp,
    id::ServiceCode,
    token::{AccessToken, Actor},
};
use tollgate_store::directory::{Directory, DirectoryClient};
use tollgate_web::Fault;

/// How long a signed identity is valid.
const LIFETIME: Seconds = Seconds(60);
/// It is made anew while an upstream whose clock is a little ahead still takes it.
const RENEWED_BEFORE_END: Seconds = Seconds(20);
/// RFC 8725 section 3.11: no other check of a token of ours takes it for its own.
const TYPE: &str = "tollgate-identity+jwt";

/// The last identity that was signed for a credential, or for a token of it. Signing costs as much as the rest of a call,
/// so it is done about every forty seconds.
#[derive(Default)]
pub(crate) struct SignedIdentity(ArcSwapOption<Signed>);

struct Signed {
    service_code: ServiceCode,
    value: HeaderValue,
    renewed_at: Timestamp,
}

#[derive(Serialize)]
struct Header<'a> {
    alg: &'a str,
    kid: &'a str,
    typ: &'a str,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    /// The code of the service, which must compare it: a token for one service opens no other.
    aud: &'a str,
    sub: &'a str,
    client_id: &'a str,
    organization_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<Actor>,
    iat: i64,
    exp: i64,
}

/// What is signed.
pub(crate) struct Identity<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) service_code: &'a ServiceCode,
    pub(crate) caller: &'a DirectoryClient,
    /// `None` when the service demands a key alone.
    pub(crate) token: Option<&'a AccessToken>,
}

impl SignedIdentity {
    /// The value of `x-tollgate-identity` at `now`.
    pub(crate) fn header(
        &self,
        identity: &Identity<'_>,
        directory: &Directory,
        now: Timestamp,
    ) -> Result<HeaderValue, Fault> {
        let kept = self.0.load();
        if let Some(kept) = kept.as_ref()
            && kept.service_code == *identity.service_code
            && now < kept.renewed_at
        {
            return Ok(kept.value.clone());
        }
        let value = identity.sign(directory, now)?;
        let service_code = identity.service_code.clone();
        let renewed_at = now + LIFETIME - RENEWED_BEFORE_END;
        self.0.store(Some(Arc::new(Signed { service_code, value: value.clone(), renewed_at })));
        Ok(value)
    }
}

impl Identity<'_> {
    fn sign(&self, directory: &Directory, now: Timestamp) -> Result<HeaderValue, Fault> {
        let active = directory.keys.active(Algorithm::Es256, now);
        let (key, signing) = active
            .and_then(|key| Some((key, key.signing.as_ref()?)))
            .ok_or_else(|| Fault::new("there is no active ES256 key to sign identities with"))?;
        let header = Header { alg: Algorithm::Es256.as_str(), kid: key.id.as_str(), typ: TYPE };
        let client_id = self.caller.client.id.as_str();
        let claims = Claims {
            iss: self.issuer,
            aud: self.service_code.as_str(),
            sub: self.token.map_or(client_id, |token| &token.subject),
            client_id,
            organization_id: self.caller.organization.id.as_str(),
            scope: self.token.map(|token| token.scope.space_separated()),
            actor: self.token.map(|token| token.actor),
            iat: now.seconds(),
            exp: (now + LIFETIME).seconds(),
        };
        let json = |failed: serde_json::Error| Fault::caused("an identity could not be written", failed);
        let header = base64url::encode(&serde_json::to_vec(&header).map_err(json)?);
        let signed = jws::sign(&header, &serde_json::to_vec(&claims).map_err(json)?, signing)?;
        HeaderValue::try_from(signed).map_err(|failed| Fault::caused("an identity is not a header value", failed))
    }
}
