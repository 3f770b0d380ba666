//! The sections of the configuration, as `config.default.toml` documents them.

use std::path::PathBuf;

use serde::Deserialize;
use tollgate_crypto::Algorithm;
use tollgate_model::{id::OrganizationId, limit::Rate};

use super::values::{self, HttpUrl, ListenAddress, LogFilter, LogFormat, X5uForm};

/// See `[identity]` of the default file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentitySection {
    /// Where it answers.
    pub listen: ListenAddress,
    /// How clients reach it; made from `listen` when empty.
    #[serde(deserialize_with = "values::optional")]
    pub public_url: Option<HttpUrl>,
    /// Further addresses of the same system.
    pub also_known_as: Vec<HttpUrl>,
}

/// See `[gateway]` of the default file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatewaySection {
    /// Where it answers.
    pub listen: ListenAddress,
    /// How callers reach it; made from `listen` when empty.
    #[serde(deserialize_with = "values::optional")]
    pub public_url: Option<HttpUrl>,
    /// Authorities of upstreams beside the public ones, PEM.
    #[serde(deserialize_with = "values::optional")]
    pub upstream_authorities_file: Option<PathBuf>,
    /// Connections to one upstream that are kept between requests.
    pub idle_connections_max: u32,
    /// Verified tokens that are remembered.
    pub remembered_tokens_max: u32,
}

/// See `[database]` of the default file.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseSection {
    /// `sqlite:FILE` or `postgres://...`; may hold a password.
    pub url: String,
    /// A private file with that URL.
    #[serde(deserialize_with = "values::optional")]
    pub url_file: Option<PathBuf>,
}

impl std::fmt::Debug for DatabaseSection {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("DatabaseSection").field("url_file", &self.url_file).finish_non_exhaustive()
    }
}

/// See `[keys]` of the default file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeysSection {
    /// The file with the master key.
    pub master_key_file: PathBuf,
    /// Age at which signing keys are replaced, 1 to 3650 days.
    pub rotate_after_days: u32,
}

/// See `[tokens]` of the default file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokensSection {
    /// How access tokens are signed.
    pub algorithm: Algorithm,
    /// How long they last, 60 seconds to one day.
    pub lifetime_seconds: u32,
    /// For whom they are meant; the gateway's public URL when empty.
    pub audience: Vec<String>,
    /// Accepted on the JWTs of service accounts.
    pub service_jwt_algorithms: Vec<Algorithm>,
    /// What `x5u` holds.
    pub x5u: X5uForm,
    /// Behind the `@` of organization ids.
    pub organization_authority: String,
    /// Behind the `@` of user ids.
    pub user_authority: String,
    /// Behind the `@` of technical account ids.
    pub technical_account_authority: String,
    /// The `as` claim.
    pub region: String,
}

/// See `[sign_in]` of the default file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignInSection {
    /// Days without use after which a browser is signed out.
    pub idle_days: u32,
    /// Days after which a browser is signed out, whatever happens.
    pub lifetime_days: u32,
    /// In which organization people make their own accounts; nowhere when empty.
    #[serde(deserialize_with = "values::optional")]
    pub sign_up_organization: Option<OrganizationId>,
}

/// See `[mail]` of the default file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailSection {
    /// Whom mails are from.
    pub from: String,
    /// A folder that mails are written to in place of being sent.
    #[serde(deserialize_with = "values::optional")]
    pub folder: Option<PathBuf>,
    /// The server that mails are sent by.
    #[serde(deserialize_with = "values::optional")]
    pub smtp_url: Option<String>,
    /// Who we are to that server.
    #[serde(deserialize_with = "values::optional")]
    pub smtp_user: Option<String>,
    /// A private file with the password.
    #[serde(deserialize_with = "values::optional")]
    pub smtp_password_file: Option<PathBuf>,
}

/// See `[calls]` of the default file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallsSection {
    /// Whether addresses that strangers cannot reach may be called.
    pub private_addresses: bool,
    /// Authorities beside the public ones, PEM.
    #[serde(deserialize_with = "values::optional")]
    pub authorities_file: Option<PathBuf>,
}

/// See `[tls]` of the default file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsSection {
    /// Certificate chain, PEM.
    #[serde(deserialize_with = "values::optional")]
    pub certificate_file: Option<PathBuf>,
    /// Private key, PEM.
    #[serde(deserialize_with = "values::optional")]
    pub private_key_file: Option<PathBuf>,
}

/// See `[network]` of the default file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkSection {
    /// Whether a proxy in front ends TLS.
    pub behind_proxy: bool,
    /// How many proxies are believed.
    pub proxies: u8,
    /// How fast one address may ask the identity system.
    #[serde(deserialize_with = "values::optional")]
    pub address_rate: Option<Rate>,
    /// How long browsers shall insist on HTTPS.
    pub strict_transport_seconds: u32,
    /// Open connections on both ports together.
    pub connections_max: u32,
    /// Longest wait for a head.
    pub header_read_timeout_seconds: u32,
    /// Longest wait for a TLS handshake.
    pub handshake_timeout_seconds: u32,
    /// Longest head.
    pub header_bytes_max: u32,
    /// Longest wait for running requests at the end.
    pub shutdown_timeout_millis: u32,
}

/// See `[log]` of the default file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogSection {
    /// For people or for machines.
    pub format: LogFormat,
    /// What is logged.
    pub filter: LogFilter,
}
