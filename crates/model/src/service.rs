//! Services: the APIs that credentials subscribe to, and how the gateway reaches them.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{Invalid, Timestamp, client::CredentialType, id::ServiceCode, limit::Limits, scope::ScopeSet};

/// What the gateway demands before a call reaches a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Authorization {
    /// A key alone.
    ApiKey,
    /// A key and the token of a person or of a service account.
    UserToken,
    /// A key and the token of a service account.
    ServiceToken,
}

impl Authorization {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::ApiKey, Self::UserToken, Self::ServiceToken];

    /// The demand as stored, configured and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ApiKey => "api_key",
            Self::UserToken => "user_token",
            Self::ServiceToken => "service_token",
        }
    }
}

impl FromStr for Authorization {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::ALL
            .into_iter()
            .find(|own| own.as_str() == text)
            .ok_or_else(|| Invalid::new("authorization", text, "use api_key, user_token or service_token"))
    }
}

impl fmt::Display for Authorization {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.as_str())
    }
}

/// Which kind of key a service takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyDemand {
    /// The client id, which is public.
    #[default]
    ClientId,
    /// A secret key of the credential.
    SecretKey,
}

/// A path prefix under which the gateway answers for a service, such as `/weather`: starts with `/`, no empty, `.` or
/// `..` segment, no trailing slash, only unreserved characters (RFC 3986 section 2.3).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct GatewayPath(Box<str>);

impl GatewayPath {
    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// First segments that Tollgate answers itself, on the same host.
pub const RESERVED_SEGMENTS: [&str; 19] = [
    "ims",
    "console",
    "events",
    "health",
    "keys",
    "v2",
    "metrics",
    "dev",
    ".well-known",
    "account",
    "assets",
    "consent",
    "device",
    "forgot",
    "invitation",
    "sign-in",
    "sign-out",
    "sign-up",
    "signed-out",
];

impl FromStr for GatewayPath {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let refused = |remedy: String| Invalid::new("gateway path", text, remedy);
        let segment = |part: &str| {
            !part.is_empty()
                && !matches!(part, "." | "..")
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~'))
        };
        let segments = text.strip_prefix('/').ok_or_else(|| refused("begin with `/`".into()))?;
        if text.len() > 128 || !segments.split('/').all(segment) {
            return Err(refused(
                "write it like /weather or /weather/v1: letters, digits and - . _ ~ between single slashes".into(),
            ));
        }
        let first = segments.split('/').next().unwrap_or_default();
        if RESERVED_SEGMENTS.contains(&first) {
            return Err(refused(format!("/{first} is answered by Tollgate itself; choose another first segment")));
        }
        Ok(Self(text.into()))
    }
}

impl TryFrom<String> for GatewayPath {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl From<GatewayPath> for String {
    fn from(path: GatewayPath) -> Self {
        path.0.into()
    }
}

impl fmt::Display for GatewayPath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(&self.0)
    }
}

/// Where a service really runs: `http` or `https`, a host, a port, and perhaps a path that is put in front.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Upstream(url::Url);

impl Upstream {
    /// Whether the connection is encrypted.
    pub fn is_tls(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// The host to connect to; an IPv6 address is without brackets.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']')
    }

    /// The port to connect to.
    pub fn port(&self) -> u16 {
        self.0.port_or_known_default().unwrap_or(80)
    }

    /// Host and port as they stand in a `Host` header.
    pub fn authority(&self) -> String {
        let host = self.0.host_str().unwrap_or_default();
        self.0.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// The path to put in front, without a trailing slash; often empty.
    pub fn path_prefix(&self) -> &str {
        self.0.path().trim_end_matches('/')
    }
}

impl FromStr for Upstream {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let refused = |remedy: &str| Invalid::new("upstream", text, remedy);
        let url = url::Url::parse(text).map_err(|_| refused("give a URL such as http://127.0.0.1:3000"))?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
            return Err(refused("use http or https and a host, such as http://127.0.0.1:3000"));
        }
        if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
            return Err(refused("leave out query, fragment and user name"));
        }
        Ok(Self(url))
    }
}

impl TryFrom<String> for Upstream {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl From<Upstream> for String {
    fn from(upstream: Upstream) -> Self {
        upstream.to_string()
    }
}

impl fmt::Display for Upstream {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.0.as_str().trim_end_matches('/'))
    }
}

/// How a service learns who calls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityForwarding {
    /// In plain headers: `x-client-id`, `x-user-id`, `x-oauth-scope`, `x-organization-id`.
    #[default]
    Headers,
    /// In a signed token of one minute, `x-tollgate-identity`, and no plain headers.
    SignedToken,
}

/// How calls are passed on to a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Forwarding {
    /// Whether the gateway path is taken off before forwarding.
    pub strip_path: bool,
    /// How the service learns who calls.
    pub identity: IdentityForwarding,
    /// Longest wait for a connection.
    pub connect_timeout_millis: u32,
    /// Longest wait for the head of an answer.
    pub response_timeout_millis: u32,
    /// Longest silence between two parts of a body.
    pub idle_timeout_millis: u32,
    /// Attempts after the first: of a request of which nothing was sent, or an idempotent one without a body whose kept
    /// connection broke.
    pub retries_max: u8,
    /// Longest request body.
    pub body_bytes_max: u64,
    /// Requests to one upstream at a time.
    pub concurrent_requests_max: u32,
    /// Failures in a row after which an upstream is left alone.
    pub breaker_failures_max: u32,
    /// How long it is then left alone.
    pub breaker_open_seconds: u32,
}

impl Default for Forwarding {
    fn default() -> Self {
        Self {
            strip_path: false,
            identity: IdentityForwarding::Headers,
            connect_timeout_millis: 2_000,
            response_timeout_millis: 30_000,
            idle_timeout_millis: 60_000,
            retries_max: 1,
            body_bytes_max: 10 * 1024 * 1024,
            concurrent_requests_max: 1_024,
            breaker_failures_max: 5,
            breaker_open_seconds: 5,
        }
    }
}

/// An API of the catalogue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Service {
    /// Its code, such as `StockSDK`.
    pub code: ServiceCode,
    /// The name people see.
    pub name: String,
    /// One sentence.
    pub description: String,
    /// What a caller must bring.
    pub authorization: Authorization,
    /// Which kind of key a caller must bring.
    #[serde(default)]
    pub key: KeyDemand,
    /// The types of credential that may subscribe.
    pub credential_types: Vec<CredentialType>,
    /// Scopes that a subscription lets a credential ask for.
    pub scopes: ScopeSet,
    /// Scopes that a token must have to call it, unless it has one of the metascopes.
    pub required_scopes: ScopeSet,
    /// Metascopes that a subscription lets a service JWT name.
    pub metascopes: ScopeSet,
    /// Host name under which the gateway answers for it; `None` for any.
    pub host: Option<String>,
    /// Path under which the gateway answers for it; `None` when it is built in and has no gateway path.
    pub gateway_path: Option<GatewayPath>,
    /// Where it runs; calls go to each in turn.
    pub upstreams: Vec<Upstream>,
    /// How calls are passed on.
    #[serde(default)]
    pub forwarding: Forwarding,
    /// What all callers together may call.
    #[serde(default)]
    pub limits: Limits,
    /// What each subscribed credential may call.
    #[serde(default)]
    pub credential_limits: Limits,
    /// While `false` no call gets through.
    pub enabled: bool,
    /// When it was added.
    pub created_at: Timestamp,
}

impl Service {
    /// Whether a token with `scope` may call this service: all required scopes, or any of its metascopes.
    pub fn accepts_scope(&self, scope: &ScopeSet) -> bool {
        scope.contains_all(&self.required_scopes) || scope.contains_any(&self.metascopes)
    }
}

/// Identity scopes: they tell who somebody is and open no API, so they are never among the default
/// [`Service::required_scopes`].
pub fn is_identity_scope(scope: &str) -> bool {
    matches!(
        scope,
        "openid" | "AdobeID" | "profile" | "email" | "address" | "offline_access" | "read_organizations" | "session"
    ) || scope.starts_with("additional_info")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gateway_paths_are_canonical_and_leave_our_own_paths_alone() {
        for good in ["/weather", "/weather/v1", "/a.b_c~d-e"] {
            assert!(good.parse::<GatewayPath>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "/",
            "weather",
            "/weather/",
            "//weather",
            "/a/../b",
            "/a/./b",
            "/a%2fb",
            "/a b",
            "/ims",
            "/ims/x",
            "/console",
            "/a;b",
        ] {
            assert!(bad.parse::<GatewayPath>().is_err(), "{bad}");
        }
    }

    #[test]
    fn upstreams_are_http_urls_without_query_or_user() {
        let upstream: Upstream = "http://127.0.0.1:3000".parse().unwrap();
        assert_eq!((upstream.host(), upstream.port(), upstream.path_prefix()), ("127.0.0.1", 3000, ""));
        assert_eq!(upstream.authority(), "127.0.0.1:3000");
        let prefixed: Upstream = "https://api.example.com/v1/".parse().unwrap();
        assert_eq!((prefixed.port(), prefixed.path_prefix(), prefixed.is_tls()), (443, "/v1", true));
        for bad in ["", "127.0.0.1:3000", "ftp://x", "http://", "http://u@x", "http://x?y"] {
            assert!(bad.parse::<Upstream>().is_err(), "{bad}");
        }
    }

    #[test]
    fn identity_scopes_open_no_api() {
        assert!(is_identity_scope("additional_info.roles"));
        assert!(!is_identity_scope("campaign_sdk"));
    }
}
