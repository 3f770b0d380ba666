//! Credentials. Developers say *credential*, the OAuth standards say *client*; the type is [`Client`].

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use tollgate_crypto::Algorithm;

mod redirects;

pub(crate) use redirects::check_web_address;
pub use redirects::{Redirects, SignInOptions};

use crate::{
    Invalid, Timestamp,
    id::{ClientId, CredentialId, OrganizationId, TechnicalAccountId, WorkspaceId},
    limit::Limits,
};

/// The types of credential (contract section 6 and 7, console section 2.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialType {
    /// A key alone.
    ApiKey,
    /// A web application with a server that keeps a secret.
    OauthWebApp,
    /// An application that runs in the browser.
    OauthSinglePageApp,
    /// An application installed on a device.
    OauthNativeApp,
    /// A server with a client secret.
    OauthServerToServer,
    /// A server that signs a JWT with a certified key.
    ServiceAccountJwt,
}

impl CredentialType {
    /// All types, in the order in which they are listed.
    pub const ALL: [Self; 6] = [
        Self::ApiKey,
        Self::OauthWebApp,
        Self::OauthSinglePageApp,
        Self::OauthNativeApp,
        Self::OauthServerToServer,
        Self::ServiceAccountJwt,
    ];

    /// The type as stored, configured and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ApiKey => "api_key",
            Self::OauthWebApp => "oauth_web_app",
            Self::OauthSinglePageApp => "oauth_single_page_app",
            Self::OauthNativeApp => "oauth_native_app",
            Self::OauthServerToServer => "oauth_server_to_server",
            Self::ServiceAccountJwt => "service_account_jwt",
        }
    }

    /// Whether credentials of this type hold client secrets.
    pub const fn has_client_secret(self) -> bool {
        matches!(self, Self::OauthWebApp | Self::OauthServerToServer | Self::ServiceAccountJwt)
    }

    /// Whether credentials of this type act as a technical account of their own.
    pub const fn has_technical_account(self) -> bool {
        matches!(self, Self::OauthServerToServer | Self::ServiceAccountJwt)
    }
}

impl FromStr for CredentialType {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::ALL.into_iter().find(|own| own.as_str() == text).ok_or_else(|| {
            let all = Self::ALL.map(Self::as_str).join(", ");
            Invalid::new("credential type", text, format!("use one of {all}"))
        })
    }
}

impl fmt::Display for CredentialType {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.as_str())
    }
}

/// The identity as which a service account acts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TechnicalAccount {
    /// The `sub` of its JWTs and the `user_id` of its tokens.
    pub id: TechnicalAccountId,
    /// Its e-mail address, which receives nothing.
    pub email: String,
}

/// Most origins that an API key may name (contract section 6).
pub const ALLOWED_ORIGINS_MAX: usize = 5;

/// A web origin that may use an API key from a browser: `scheme://host[:port]`, or the host alone, with `*.` allowed
/// in front of the host. Compared with the `Origin` header, lower case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AllowedOrigin {
    scheme: Option<Box<str>>,
    any_subdomain: bool,
    host: Box<str>,
    port: Option<u16>,
}

impl AllowedOrigin {
    /// Whether a request that says `Origin: origin` comes from here. Only the one form that browsers send is looked at
    /// (RFC 6454 section 6.1): lower case, no user, no path, no default port.
    pub fn matches(&self, origin: &str) -> bool {
        let Ok(url) = url::Url::parse(origin) else { return false };
        let Some(host) = url.host_str() else { return false };
        let host_matches = if self.any_subdomain {
            host.strip_suffix(&*self.host).is_some_and(|front| front.len() > 1 && front.ends_with('.'))
        } else {
            host == &*self.host
        };
        let scheme_matches = match &self.scheme {
            Some(scheme) => url.scheme() == &**scheme,
            None => matches!(url.scheme(), "https" | "http"),
        };
        let port_matches = match self.port {
            Some(port) => url.port_or_known_default() == Some(port),
            None => url.port().is_none(),
        };
        host_matches && scheme_matches && port_matches && url.origin().ascii_serialization() == origin
    }
}

impl FromStr for AllowedOrigin {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let refused =
            || Invalid::new("allowed origin", text, "give an origin such as https://www.example.com or *.example.com");
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme @ ("https" | "http"), rest)) => (Some(scheme.into()), rest),
            Some(_) => return Err(refused()),
            None => (None, text),
        };
        let (any_subdomain, rest) = rest.strip_prefix("*.").map_or((false, rest), |rest| (true, rest));
        let (host, port) = match rest.rsplit_once(':') {
            Some((host, port)) => (host, Some(port.parse().map_err(|_| refused())?)),
            None => (rest, None),
        };
        let label =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if host.len() > 253 || !host.split('.').all(label) || (any_subdomain && !host.contains('.')) {
            return Err(refused());
        }
        Ok(Self { scheme, any_subdomain, host: host.to_ascii_lowercase().into(), port })
    }
}

impl TryFrom<String> for AllowedOrigin {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl From<AllowedOrigin> for String {
    fn from(origin: AllowedOrigin) -> Self {
        origin.to_string()
    }
}

impl fmt::Display for AllowedOrigin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(scheme) = &self.scheme {
            write!(out, "{scheme}://")?;
        }
        out.write_str(if self.any_subdomain { "*." } else { "" })?;
        out.write_str(&self.host)?;
        self.port.map_or(Ok(()), |port| write!(out, ":{port}"))
    }
}

/// What only credentials of one type have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientKind {
    /// See [`CredentialType::ApiKey`].
    ApiKey {
        /// Origins that browsers may call from; empty means any caller.
        #[serde(default)]
        allowed_origins: Vec<AllowedOrigin>,
    },
    /// See [`CredentialType::OauthWebApp`].
    OauthWebApp(Redirects),
    /// See [`CredentialType::OauthSinglePageApp`].
    OauthSinglePageApp(Redirects),
    /// See [`CredentialType::OauthNativeApp`].
    OauthNativeApp(Redirects),
    /// See [`CredentialType::OauthServerToServer`].
    OauthServerToServer(TechnicalAccount),
    /// See [`CredentialType::ServiceAccountJwt`].
    ServiceAccountJwt {
        /// As whom its tokens act.
        technical_account: TechnicalAccount,
        /// Whether a JWT without `jti` is refused.
        #[serde(default)]
        jti_required: bool,
    },
}

impl ClientKind {
    /// The type alone.
    pub const fn credential_type(&self) -> CredentialType {
        match self {
            Self::ApiKey { .. } => CredentialType::ApiKey,
            Self::OauthWebApp(_) => CredentialType::OauthWebApp,
            Self::OauthSinglePageApp(_) => CredentialType::OauthSinglePageApp,
            Self::OauthNativeApp(_) => CredentialType::OauthNativeApp,
            Self::OauthServerToServer(_) => CredentialType::OauthServerToServer,
            Self::ServiceAccountJwt { .. } => CredentialType::ServiceAccountJwt,
        }
    }

    /// The technical account of a service account, `None` for the other types.
    pub const fn technical_account(&self) -> Option<&TechnicalAccount> {
        match self {
            Self::OauthServerToServer(account) | Self::ServiceAccountJwt { technical_account: account, .. } => {
                Some(account)
            }
            _ => None,
        }
    }

    /// The redirects of a credential that people sign in with, `None` for the other types.
    pub const fn redirects(&self) -> Option<&Redirects> {
        match self {
            Self::OauthWebApp(redirects) | Self::OauthSinglePageApp(redirects) | Self::OauthNativeApp(redirects) => {
                Some(redirects)
            }
            _ => None,
        }
    }
}

/// A credential: what an application names itself by, and proves itself with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Client {
    /// Its public name, and its API key.
    pub id: ClientId,
    /// Its number in console addresses.
    pub credential_id: CredentialId,
    /// Whose it is.
    pub organization_id: OrganizationId,
    /// Where it lives.
    pub workspace_id: WorkspaceId,
    /// The name people see.
    pub name: String,
    /// Its type, with what only that type has.
    pub kind: ClientKind,
    /// While `false` it gets no token and no call through.
    pub enabled: bool,
    /// What it may call.
    pub limits: Limits,
    /// How its access tokens are signed; `None` for as the instance does.
    pub token_algorithm: Option<Algorithm>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Client {
    /// The type alone.
    pub const fn credential_type(&self) -> CredentialType {
        self.kind.credential_type()
    }
}

/// A certificate that a credential may sign with, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCertificate {
    /// The credential it belongs to.
    pub client_id: ClientId,
    /// SHA-1 of the certificate as lower-case hexadecimal digits (contract, console section 2.5).
    pub fingerprint: String,
    /// The certificate in PEM form.
    pub pem: String,
    /// Who it was issued to.
    pub subject: String,
    /// From when it is accepted.
    pub not_before: Timestamp,
    /// Until when it is accepted.
    pub not_after: Timestamp,
    /// When it was added.
    pub created_at: Timestamp,
}

/// Most certificates that a credential may have at once.
pub const CERTIFICATES_MAX: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allowed_origin_matches_itself_and_only_the_subdomains_of_a_wildcard() {
        let exact: AllowedOrigin = "https://www.example.com".parse().unwrap();
        assert!(exact.matches("https://www.example.com"));
        for other in [
            "http://www.example.com",
            "https://www.example.com.evil.test",
            "https://example.com",
            "https://www.example.com:8443",
            "null",
            "",
        ] {
            assert!(!exact.matches(other), "{other}");
        }
        let any: AllowedOrigin = "*.example.com".parse().unwrap();
        assert!(any.matches("https://a.b.example.com"));
        for other in ["https://example.com", "https://notexample.com", "https://.example.com"] {
            assert!(!any.matches(other), "{other}");
        }
        let port: AllowedOrigin = "http://localhost:3000".parse().unwrap();
        assert!(port.matches("http://localhost:3000"));
        assert_eq!(port.to_string(), "http://localhost:3000");
        for bad in ["", "*", "*.com.", "ftp://x.com", "https://", "a b", "https://x.com/path"] {
            assert!(bad.parse::<AllowedOrigin>().is_err(), "{bad}");
        }
    }

    #[test]
    fn kinds_are_stored_as_json_that_names_the_type() {
        let kind = ClientKind::ApiKey { allowed_origins: vec!["*.example.com".parse().unwrap()] };
        let stored = serde_json::to_string(&kind).unwrap();
        assert_eq!(stored, r#"{"type":"api_key","allowed_origins":["*.example.com"]}"#);
        assert_eq!(serde_json::from_str::<ClientKind>(&stored).unwrap(), kind);
    }
}
