//! Why a use case did not happen: a refusal is an answer for the person who asked, a fault is an incident of ours.

use std::fmt;

use tollgate_crypto::CryptoError;
use tollgate_model::{
    Invalid, Timestamp,
    client::{CERTIFICATES_MAX, CredentialType},
    id::{ClientId, ServiceCode},
    secret::{LIVE_SECRETS_MAX, SecretKind},
    service::GatewayPath,
};
use tollgate_store::StoreError;

/// What a use case ends with when it does not do what was asked. Either way nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request cannot be met; the text is for the person who made it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The house itself failed; the text is for its operator.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// A failure of ours that no other request would have avoided.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The database did not do its part.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A key or certificate could not be made.
    #[error("making a key pair: {0}")]
    Crypto(#[from] CryptoError),
    /// A task that was moved off the async workers did not finish.
    #[error("making a key pair was interrupted")]
    Interrupted,
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Fault(Fault::Store(error))
    }
}

impl From<Invalid> for Error {
    fn from(invalid: Invalid) -> Self {
        Self::Refused(Refusal::Invalid(invalid))
    }
}

/// The things that the console keeps, in the words of the command line and of the web.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Noun {
    /// A company or team.
    Organization,
    /// One application of an organization.
    Project,
    /// One environment of a project.
    Workspace,
    /// An API of the catalogue.
    Service,
    /// What an application names itself by.
    Credential,
    /// A client secret or secret key.
    Secret,
    /// A certificate that a credential signs with.
    Certificate,
    /// That a credential may call a service.
    Subscription,
    /// A person.
    User,
}

impl Noun {
    /// The word for one of them.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Organization => "organization",
            Self::Project => "project",
            Self::Workspace => "workspace",
            Self::Service => "service",
            Self::Credential => "credential",
            Self::Secret => "secret",
            Self::Certificate => "certificate",
            Self::Subscription => "subscription",
            Self::User => "user",
        }
    }
}

impl fmt::Display for Noun {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.as_str())
    }
}

/// Why a request cannot be met: what, which value, and what to do, on one line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A value breaks its own rule.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// Nothing goes by this name.
    #[error("{noun} `{name}` does not exist: give one that is in the list of {noun}s")]
    Unknown {
        /// What was looked for.
        noun: Noun,
        /// The name as given, shortened.
        name: String,
    },
    /// Several go by this name.
    #[error("{noun} `{name}` exists more than once: give its id")]
    Ambiguous {
        /// What was looked for.
        noun: Noun,
        /// The name as given, shortened.
        name: String,
    },
    /// It is shared by all organizations, and whoever asked belongs to one.
    #[error("{0}s are made and changed by the operator of this Tollgate alone: ask them to do it")]
    OperatorOnly(Noun),
    /// None was named and there is none that could be meant.
    #[error("there is no {0} yet: create one first")]
    NoneYet(Noun),
    /// None was named and several could be meant.
    #[error("there are several {0}s: say which one is meant")]
    Unstated(Noun),
    /// The name belongs to another already.
    #[error("{noun} `{name}` exists already: choose another name, or change the one that exists")]
    Taken {
        /// What was to be made.
        noun: Noun,
        /// The name as given.
        name: String,
    },
    /// Another service answers there already.
    #[error(
        "gateway path `{path}`{} belongs to another service already: choose another path",
        on_host(host.as_deref())
    )]
    PathTaken {
        /// The path as given.
        path: GatewayPath,
        /// The host as given.
        host: Option<String>,
    },
    /// It still holds something, and the caller did not say that this may go too.
    #[error(
        "{noun} `{name}` still holds {contents}: delete what it holds first, \
         or ask for everything in it to be deleted too"
    )]
    NotEmpty {
        /// What was to be deleted.
        noun: Noun,
        /// Its name.
        name: String,
        /// What it holds, such as `2 projects`.
        contents: String,
    },
    /// The service does not take credentials of this type.
    #[error(
        "service `{service}` does not take credentials of type {credential_type}: use a credential of type {}",
        one_of(allowed)
    )]
    TypeNotTaken {
        /// The service's code.
        service: ServiceCode,
        /// The type of the credential that asked.
        credential_type: CredentialType,
        /// The types that it takes.
        allowed: Vec<CredentialType>,
    },
    /// There is no such subscription.
    #[error("credential `{client_id}` is not subscribed to service `{service}`: see its list of subscriptions")]
    NotSubscribed {
        /// The credential.
        client_id: ClientId,
        /// The service's code.
        service: ServiceCode,
    },
    /// The credential has as many live secrets as it may have.
    #[error(
        "credential `{client_id}` has {LIVE_SECRETS_MAX} live secrets of kind {} already: \
         delete one first",
        kind.as_str()
    )]
    SecretsFull {
        /// The credential.
        client_id: ClientId,
        /// What kind was to be added.
        kind: SecretKind,
    },
    /// Credentials of this type prove themselves without a client secret.
    #[error(
        "credentials of type {0} have no client secret: \
         add a secret of kind secret_key, or use a credential of another type"
    )]
    NoClientSecret(CredentialType),
    /// The instant at which a secret should end has passed.
    #[error("expiry {0} has passed: give a time to come")]
    ExpiryPassed(Timestamp),
    /// Credentials of this type cannot keep a key to themselves, so they sign nothing.
    #[error(
        "credentials of type {0} take no certificate: use a credential of type service_account_jwt, \
         oauth_server_to_server or oauth_web_app"
    )]
    NoCertificates(CredentialType),
    /// A service account needs at least one key to sign with.
    #[error("a credential of type service_account_jwt needs a certificate: give one, or have a key pair generated")]
    CertificateMissing,
    /// The text is not one certificate in PEM form.
    #[error("{0}: give one X.509 certificate in PEM form, beginning with -----BEGIN CERTIFICATE-----")]
    CertificateUnreadable(String),
    /// The text holds a private key, which must stay with its owner.
    #[error(
        "the certificate file holds a private key, which must not be handed over: \
         give the certificate alone, and consider that key known to others"
    )]
    PrivateKeyGiven,
    /// The certificate's key is of a kind that is not accepted.
    #[error("certificate `{0}` has a key that is not accepted: use RSA with 2048 to 8192 bits, or P-256")]
    CertificateKey(String),
    /// The certificate has ended.
    #[error("certificate `{fingerprint}` expired on {not_after}: make a new one")]
    CertificateExpired {
        /// SHA-1 of the certificate.
        fingerprint: String,
        /// When it ended.
        not_after: Timestamp,
    },
    /// The credential has this certificate already.
    #[error("certificate `{fingerprint}` belongs to credential `{client_id}` already: nothing needs to be added")]
    CertificateKnown {
        /// The credential.
        client_id: ClientId,
        /// SHA-1 of the certificate.
        fingerprint: String,
    },
    /// The credential has as many certificates as it may have.
    #[error("credential `{0}` has {CERTIFICATES_MAX} certificates already: delete one first")]
    CertificatesFull(ClientId),
    /// A service that the gateway answers for needs somewhere to pass calls on to.
    #[error("service `{0}` has a gateway path but no upstream: say where it runs, such as http://127.0.0.1:3000")]
    UpstreamMissing(ServiceCode),
    /// A service that the gateway passes calls on to needs a path to be reached by.
    #[error(
        "service `{0}` has an upstream or host but no gateway path: \
         say under which path the gateway answers for it, such as /weather"
    )]
    PathMissing(ServiceCode),
    /// No credential could ever have this scope.
    #[error(
        "service `{service}` requires scope `{scope}`, which it does not grant: add it to the scopes of the service"
    )]
    ScopeNotGranted {
        /// The service's code.
        service: ServiceCode,
        /// The scope that is required.
        scope: String,
    },
    /// A report would be longer than anybody reads.
    #[error(
        "the report would have more than {0} lines: ask for a shorter time, longer spans, or one credential or service"
    )]
    ReportTooLong(usize),
    /// A service that asks for no token cannot ask for scopes.
    #[error(
        "service `{0}` takes a key alone and cannot require scopes: \
         leave them out, or demand user_token or service_token"
    )]
    ScopesWithoutToken(ServiceCode),
}

impl Refusal {
    pub(crate) fn unknown(noun: Noun, name: &str) -> Self {
        Self::Unknown { noun, name: shown(name) }
    }

    pub(crate) fn ambiguous(noun: Noun, name: &str) -> Self {
        Self::Ambiguous { noun, name: shown(name) }
    }

    pub(crate) fn taken(noun: Noun, name: &str) -> Self {
        Self::Taken { noun, name: shown(name) }
    }
}

/// A name as it may be repeated in a message: short, and on one line.
fn shown(name: &str) -> String {
    Invalid::new("name", name, "").value
}

fn on_host(host: Option<&str>) -> String {
    host.map(|host| format!(" on host `{host}`")).unwrap_or_default()
}

fn one_of(types: &[CredentialType]) -> String {
    types.iter().map(|own| own.as_str()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_what_which_value_and_what_to_do_on_one_line() {
        let refusal = Refusal::TypeNotTaken {
            service: "CampaignSDK".parse().unwrap(),
            credential_type: CredentialType::ApiKey,
            allowed: vec![CredentialType::OauthServerToServer, CredentialType::ServiceAccountJwt],
        };
        assert_eq!(
            refusal.to_string(),
            "service `CampaignSDK` does not take credentials of type api_key: \
             use a credential of type oauth_server_to_server, service_account_jwt"
        );
        let taken = Refusal::PathTaken { path: "/weather".parse().unwrap(), host: Some("api.example.com".into()) };
        assert!(taken.to_string().starts_with("gateway path `/weather` on host `api.example.com` belongs"), "{taken}");
        assert!(!Refusal::unknown(Noun::Project, &"two\nlines".repeat(40)).to_string().contains('\n'));
    }
}
