//! A grant becomes an access token: a signed JWT that needs no row in any table.

use serde::Serialize;
use tollgate_crypto::{Algorithm, CryptoError, base64url, jws};
use tollgate_model::{
    Seconds, Timestamp,
    id::TokenId,
    scope::ScopeSet,
    token::{AccessToken, TOKEN_BYTES_MAX},
};
use tollgate_oauth::{
    ErrorCode, OauthError,
    claims::{HEADER_TYPE, write_access_token},
    id_token::IdTokenClaims,
};
use tollgate_store::{Directory, DirectoryKey};
use tollgate_web::{Fault, Instance, Stop, X5u};

use crate::{Identity, granted::Granted};

/// Why a grant did not become a token.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotIssued {
    /// There is no key to sign with.
    #[error("no signing key for {0} is active; make one with `tollgate keys rotate`")]
    NoKey(Algorithm),
    /// The scopes make the token longer than clients can store and send; the caller can ask for fewer.
    #[error(
        "the token would be {bytes} bytes long, more than the {TOKEN_BYTES_MAX} that clients can store and send; name fewer scopes in the request"
    )]
    TooLong {
        /// How long.
        bytes: usize,
    },
    /// The library refused.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
}

impl From<NotIssued> for Stop {
    fn from(cause: NotIssued) -> Self {
        match cause {
            NotIssued::TooLong { .. } => OauthError::new(ErrorCode::InvalidScope, cause.to_string()).into(),
            ours => Self::Fault(Fault::caused("no token could be issued", ours)),
        }
    }
}

/// A token, and for how long its holder may count on it.
#[derive(Debug)]
pub(crate) struct Issued {
    /// The token in compact form.
    pub access_token: String,
    /// What it may be used for.
    pub scope: ScopeSet,
    /// What is left of its lifetime when the answer arrives: one second less than it has.
    pub remaining: Seconds,
    /// Whether it is bound to a key.
    pub is_bound: bool,
}

/// What `id_token`s are signed with: the one algorithm that every client of OpenID Connect knows.
pub(crate) const ID_TOKEN_ALGORITHM: Algorithm = Algorithm::Rs256;
/// Lifetime of an `id_token`, which is read once, when it arrives.
pub(crate) const ID_TOKEN_LIFETIME: Seconds = Seconds(3_600);

impl Identity {
    /// Signs a token for what was granted.
    pub(crate) fn issue(&self, directory: &Directory, granted: Granted, now: Timestamp) -> Result<Issued, NotIssued> {
        let house = self.house();
        let instance = &*house.instance;
        let client = &granted.client.client;
        let algorithm = client.token_algorithm.unwrap_or(instance.token_algorithm);
        let active = directory.keys.active(algorithm, now);
        let (key, signing) = active
            .and_then(|key| key.signing.as_deref().map(|signing| (key, signing)))
            .ok_or(NotIssued::NoKey(algorithm))?;
        let usual_end = now + instance.access_token_lifetime;
        let expires_at = granted.ends_by.map_or(usual_end, |end| end.min(usual_end));
        let token = AccessToken {
            id: TokenId::generate(&*house.entropy, now),
            client_id: client.id.clone(),
            subject: granted.subject,
            actor: granted.actor,
            organization_id: client.organization_id.clone(),
            scope: granted.scope,
            audience: granted.audience,
            issued_at: now,
            expires_at,
            sign_in: granted.sign_in,
            key_thumbprint: granted.key_thumbprint,
            acting_client: granted.acting_client,
        };
        let payload = write_access_token(&token, &instance.issuer, &instance.region);
        let header = key.token_header(|key| header(key, instance));
        let access_token = jws::sign(header, &payload, signing)?;
        if access_token.len() > TOKEN_BYTES_MAX {
            return Err(NotIssued::TooLong { bytes: access_token.len() });
        }
        let lifetime = (expires_at.micros() - now.micros()) / 1_000_000;
        let remaining = Seconds((lifetime - 1).max(0));
        Ok(Issued { access_token, scope: token.scope, remaining, is_bound: token.key_thumbprint.is_some() })
    }
}

/// Signs an `id_token`.
pub(crate) fn sign_id_token(
    directory: &Directory,
    claims: &IdTokenClaims<'_>,
    now: Timestamp,
) -> Result<String, NotIssued> {
    #[derive(Serialize)]
    struct Header<'a> {
        alg: &'a str,
        typ: &'a str,
        kid: &'a str,
    }
    let active = directory.keys.active(ID_TOKEN_ALGORITHM, now);
    let (key, signing) = active
        .and_then(|key| key.signing.as_deref().map(|signing| (key, signing)))
        .ok_or(NotIssued::NoKey(ID_TOKEN_ALGORITHM))?;
    let header = Header { alg: key.algorithm.as_str(), typ: "JWT", kid: key.id.as_str() };
    let header = base64url::encode(&serde_json::to_vec(&header).expect("texts are always JSON"));
    Ok(jws::sign(&header, &claims.write(), signing)?)
}

/// The JOSE header of all access tokens that a key signs, in base64url (contract section 2.1).
fn header(key: &DirectoryKey, instance: &Instance) -> String {
    #[derive(Serialize)]
    struct Header<'a> {
        alg: &'a str,
        typ: &'a str,
        kid: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        x5u: Option<String>,
        /// The kind of token, in IMS's own word.
        itt: &'a str,
    }
    let x5u = match instance.x5u {
        X5u::FileName => Some(certificate_file(key)),
        X5u::Url => Some(format!("{}{CERTIFICATE_PATH}/{}", instance.issuer, certificate_file(key))),
        X5u::Omit => None,
    };
    let header = Header { alg: key.algorithm.as_str(), typ: HEADER_TYPE, kid: key.id.as_str(), x5u, itt: "at" };
    base64url::encode(&serde_json::to_vec(&header).expect("texts are always JSON"))
}

/// Where certificates of signing keys are published.
pub(crate) const CERTIFICATE_PATH: &str = "/keys/prod";

/// The file name of a key's certificate.
pub(crate) fn certificate_file(key: &DirectoryKey) -> String {
    format!("{}.cer", key.id)
}
