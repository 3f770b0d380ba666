//! What the demo holds: kept in its folder as `credentials.json`, and written as a whole for `--json`.

use serde::{Deserialize, Serialize};
use tollgate_model::{
    id::{ClientId, OrganizationId, OrganizationNumber, ServiceCode, TechnicalAccountId},
    scope::ScopeSet,
    service::{Authorization, GatewayPath, Upstream},
};

/// The example that a demo folder was filled with, secrets in clear. It is kept in a private file, because a demo has to
/// show commands that work at its next start too, and the database holds digests only.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Example {
    pub(super) organization: ExampleOrganization,
    pub(super) users: Vec<ExampleUser>,
    pub(super) credentials: Credentials,
    /// Where the sample upstream answers; the services of the catalogue point there.
    pub(super) sample_upstream: Upstream,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct ExampleOrganization {
    pub(super) id: OrganizationId,
    pub(super) name: String,
    pub(super) console_id: OrganizationNumber,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct ExampleUser {
    pub(super) email: String,
    pub(super) password: String,
}

/// One credential of each type.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Credentials {
    pub(super) api_key: ApiKey,
    pub(super) server_to_server: ServerToServer,
    pub(super) service_account: ServiceAccount,
    pub(super) web_app: WebApp,
    pub(super) single_page_app: PublicApp,
    pub(super) native_app: PublicApp,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct ApiKey {
    pub(super) client_id: ClientId,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct ServerToServer {
    pub(super) client_id: ClientId,
    pub(super) client_secret: String,
    pub(super) scopes: ScopeSet,
    pub(super) technical_account_id: TechnicalAccountId,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct ServiceAccount {
    pub(super) client_id: ClientId,
    pub(super) client_secret: String,
    pub(super) organization_id: OrganizationId,
    pub(super) technical_account_id: TechnicalAccountId,
    pub(super) metascopes: ScopeSet,
    /// A file of the folder; with its whole path in the document.
    pub(super) private_key_file: String,
    /// A file of the folder; with its whole path in the document.
    pub(super) certificate_file: String,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct WebApp {
    pub(super) client_id: ClientId,
    pub(super) client_secret: String,
    pub(super) redirect_uri: String,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct PublicApp {
    pub(super) client_id: ClientId,
    pub(super) redirect_uri: String,
}

/// Everything that the screen says, for programs.
#[derive(Serialize)]
pub(super) struct Document {
    pub(super) base_url: String,
    pub(super) gateway_url: String,
    /// The example web application.
    pub(super) app_url: String,
    pub(super) folder: String,
    /// The development authority to trust, when TLS is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ca_file: Option<String>,
    pub(super) organization: ExampleOrganization,
    pub(super) users: Vec<ExampleUser>,
    pub(super) services: Vec<ListedService>,
    pub(super) credentials: Credentials,
    #[serde(rename = "try")]
    pub(super) attempts: Vec<Attempt>,
}

#[derive(Serialize)]
pub(super) struct ListedService {
    pub(super) code: ServiceCode,
    pub(super) gateway_path: Option<GatewayPath>,
    pub(super) authorization: Authorization,
}

/// Something to try: one shell command, perhaps of several lines, that needs `curl`, `openssl` and `sed` at most.
#[derive(Serialize)]
pub(super) struct Attempt {
    pub(super) title: &'static str,
    pub(super) command: String,
}
