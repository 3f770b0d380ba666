//! Federation: people who sign in at an upstream identity provider, to which Tollgate is a relying party of OpenID
//! Connect.
//!
//! Read it in this order: [`administration`] (providers, and the mail domains whose people they sign in), `departure` (the
//! way there), `arrival` (the way back) with `exchange`, `id_token` and `linking`; `discovery` and `keys` hold what is
//! known of a provider.

pub mod administration;

mod arrival;
mod departure;
mod discovery;
mod exchange;
mod id_token;
mod keys;
mod linking;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use tollgate_crypto::{CryptoError, Digest, SecretText};
use tollgate_model::{Invalid, Seconds, Timestamp, id::ProviderId};
use tollgate_store::StoreError;
use tollgate_web::Fault;

pub(crate) use self::discovery::Upstreams;
pub use self::id_token::TokenFault;
use crate::{People, Refused, SignInStep};

/// How long a person has at the provider.
const SIGN_IN_LIFETIME: Seconds = Seconds(10 * 60);
/// What the browser's cookie is digested for.
const BROWSER_PURPOSE: &str = "federated browser";
/// Where providers send people back to, behind the issuer.
const CALLBACK_PATH: &str = "/sign-in/federated/callback";

/// What a sign-in at a provider begins with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FederatedStart {
    /// The address that the person gave, for the provider to begin with.
    pub login_hint: Option<String>,
    /// The pending request that the sign-in is for; it comes back at the end.
    pub request: Option<String>,
}

/// Where the browser goes, and what it takes along.
#[derive(Debug, Clone)]
pub struct FederatedRedirect {
    /// The provider's authorization endpoint with its parameters.
    pub location: String,
    /// For a cookie of this browser alone: who comes back without it did not begin here.
    pub browser_secret: SecretText,
    /// How long that cookie is needed.
    pub lifetime: Seconds,
}

/// What a browser brings back from a provider (RFC 6749 section 4.1.2, RFC 9207).
#[derive(Debug, Clone, Default)]
pub struct FederatedCallback {
    /// Names the sign-in that was begun.
    pub state: Option<String>,
    /// The provider's code.
    pub code: Option<String>,
    /// The provider's error code.
    pub error: Option<String>,
    /// Who answers.
    pub iss: Option<String>,
}

/// The end of a sign-in at a provider.
#[derive(Debug)]
pub struct FederatedSignIn {
    /// A session, or what is still to come.
    pub step: SignInStep,
    /// The pending request that it was for.
    pub request: Option<String>,
}

/// Why a sign-in at a provider came to nothing.
#[derive(Debug, Error)]
pub enum FederationRefused {
    /// There is no such provider, or it is disabled.
    #[error("there is no such identity provider")]
    UnknownProvider,
    /// It took too long, or the answer was sent before.
    #[error("the sign-in took too long; begin again")]
    CeremonyOver,
    /// The sign-in was begun in another browser.
    #[error("the sign-in was begun in another browser; begin again")]
    OtherBrowser,
    /// The provider refused, in the words of its error code.
    #[error("the identity provider answered `{0}`")]
    Upstream(String),
    /// The provider's answer cannot be believed.
    #[error("the identity provider's answer cannot be believed: {0}")]
    Token(#[from] TokenFault),
    /// The provider does not vouch for an e-mail address.
    #[error("the identity provider does not vouch for an e-mail address")]
    NoEmail,
    /// The provider may not sign in this account, or may not make one for this address.
    #[error("the identity provider may not sign in the owner of this e-mail address")]
    NotAllowed,
    /// The account is disabled.
    #[error("the account is disabled")]
    AccountDisabled,
    /// The provider does not answer as it should.
    #[error("the identity provider does not answer as it should: {0}")]
    Unreachable(String),
    /// A value for a provider or domain that breaks its own rule.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// There is one of this name already.
    #[error("there is one of this name already")]
    Taken,
    /// Too many attempts.
    #[error("too many attempts; try again in {0} s")]
    Throttled(Seconds),
    /// Something of ours failed.
    #[error("{0}")]
    Fault(Fault),
}

impl From<Fault> for FederationRefused {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<StoreError> for FederationRefused {
    fn from(cause: StoreError) -> Self {
        Self::Fault(cause.into())
    }
}

impl From<CryptoError> for FederationRefused {
    fn from(cause: CryptoError) -> Self {
        Self::Fault(cause.into())
    }
}

impl From<Refused> for FederationRefused {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Throttled(wait) => Self::Throttled(wait),
            Refused::Fault(fault) => Self::Fault(fault),
            Refused::AccountDisabled => Self::AccountDisabled,
            _ => Self::NotAllowed,
        }
    }
}

/// What is remembered while the person is at the provider.
#[derive(Serialize, Deserialize)]
struct Away {
    provider_id: ProviderId,
    /// The issuer as it was when the person left: an answer is taken from no other (mix-up, RFC 9700 section 2.1).
    issuer: String,
    nonce: String,
    verifier: String,
    browser: String,
    request: Option<String>,
    since: Timestamp,
}

impl People {
    /// The address that is registered with providers as redirect URI.
    pub fn federated_callback_uri(&self) -> String {
        format!("{}{CALLBACK_PATH}", self.house().instance.issuer)
    }

    fn browser_digest(&self, secret: &str) -> Digest {
        self.house().digest_key.digest(BROWSER_PURPOSE, secret.as_bytes())
    }
}
