//! The example that a new demo folder is filled with: one organization, one project, two people, and one credential of
//! each type with its subscriptions.

use tollgate_console::{
    Console,
    certificates::KeyPair,
    credentials::{CreatedCredential, CredentialChange, NewCredential, NewKind},
    organizations::NewOrganization,
    projects::NewProject,
};
use tollgate_model::{
    client::{CredentialType, Redirects},
    id::{ProjectId, TechnicalAccountId},
    limit::Limits,
    organization::Organization,
    service::{Service, Upstream},
};
use tollgate_web::House;

use super::{
    document::{ApiKey, Credentials, Example, ExampleOrganization, PublicApp, ServerToServer, ServiceAccount, WebApp},
    people,
};
use crate::error::CommandError;

/// Names of the service account's files in the folder.
pub(super) const PRIVATE_KEY_FILE: &str = "service-account.key";
pub(super) const CERTIFICATE_FILE: &str = "service-account.crt";

/// Where the web app may send people after they signed out, beside the example application.
pub(super) const WEB_SIGNED_OUT: [&str; 2] = ["http://localhost:3000/", WEB_REDIRECT];

const WEB_REDIRECT: &str = "http://localhost:3000/callback";
/// Where native applications listen, at any port.
const NATIVE_LOOPBACK: [&str; 4] =
    ["http://localhost", "http://localhost/", "http://localhost/callback", r"http://127\.0\.0\.1/callback"];
const SINGLE_PAGE_REDIRECT: &str = "http://localhost:3000/";

/// Fills an empty, migrated database, and returns what was made with the key pair of the service account.
pub(super) async fn make(house: &House, sample_upstream: Upstream) -> Result<(Example, KeyPair), CommandError> {
    let console = &Console::of(house);
    // Both are slow, each on a thread of its own.
    let (passwords, key_pair) =
        tokio::join!(people::passwords(), console.generate_key_pair("Tollgate demo service account"));
    let (passwords, key_pair) = (passwords?, key_pair?);
    console.seed_example(&sample_upstream).await?;
    let organization = NewOrganization { name: "Example Organization".to_owned(), id: None, limits: Limits::default() };
    let organization = console.create_organization(organization).await?;
    let users = people::add(house, &organization.id, passwords).await?;
    let project = NewProject {
        organization_id: organization.id.clone(),
        name: "Example".to_owned(),
        title: None,
        description: "One credential of each type".to_owned(),
    };
    let project = console.create_project(project).await?.project;
    let maker = CredentialMaker { console, project: &project.id, services: &console.services().await? };
    let credentials = maker.make_all(&key_pair, &organization).await?;
    let organization =
        ExampleOrganization { id: organization.id, name: organization.name, console_id: organization.console_id };
    Ok((Example { organization, users, credentials, sample_upstream }, key_pair))
}

struct CredentialMaker<'a> {
    console: &'a Console,
    project: &'a ProjectId,
    services: &'a [Service],
}

impl CredentialMaker<'_> {
    async fn make_all(&self, key_pair: &KeyPair, organization: &Organization) -> Result<Credentials, CommandError> {
        let to = |uri| Redirects::to(uri).map_err(CommandError::from);
        let api_key = self.make("API key", NewKind::ApiKey(Vec::new()), None).await?;
        let server = self.make("Server to server", NewKind::OauthServerToServer, None).await?;
        let account_kind = NewKind::ServiceAccountJwt { jti_required: false };
        let account = self.make("Service account", account_kind, Some(&key_pair.certificate_pem)).await?;
        let web_app = self.make("Web app", NewKind::OauthWebApp(to(WEB_REDIRECT)?), None).await?;
        let mut single_page_app = to(SINGLE_PAGE_REDIRECT)?;
        single_page_app.options.post_logout_redirect_uris = vec![SINGLE_PAGE_REDIRECT.to_owned()];
        let single_page_app = NewKind::OauthSinglePageApp(single_page_app);
        let single_page_app = self.make("Single-page app", single_page_app, None).await?;
        let native_app = self.make("Native app", NewKind::OauthNativeApp(None), None).await?;
        self.add_loopback_redirects(&native_app).await?;
        Ok(Credentials {
            api_key: ApiKey { client_id: api_key.credential.placed.client.id },
            server_to_server: ServerToServer {
                client_secret: secret(&server),
                scopes: server.credential.scopes(),
                technical_account_id: technical_account(&server)?,
                client_id: server.credential.placed.client.id,
            },
            service_account: ServiceAccount {
                client_secret: secret(&account),
                organization_id: organization.id.clone(),
                technical_account_id: technical_account(&account)?,
                metascopes: account.credential.metascopes(),
                private_key_file: PRIVATE_KEY_FILE.to_owned(),
                certificate_file: CERTIFICATE_FILE.to_owned(),
                client_id: account.credential.placed.client.id,
            },
            web_app: WebApp {
                client_secret: secret(&web_app),
                redirect_uri: redirect_uri(&web_app),
                client_id: web_app.credential.placed.client.id,
            },
            single_page_app: public_app(single_page_app),
            native_app: public_app(native_app),
        })
    }

    /// A native application has a scheme of its own; one that listens on loopback, at any port, is let in too.
    async fn add_loopback_redirects(&self, made: &CreatedCredential) -> Result<(), CommandError> {
        let client = &made.credential.placed.client;
        let Some(redirects) = client.kind.redirects() else { return Ok(()) };
        let redirects = Redirects { patterns: NATIVE_LOOPBACK.map(str::to_owned).to_vec(), ..redirects.clone() };
        let change = CredentialChange { redirects: Some(redirects), ..CredentialChange::default() };
        self.console.update_credential(&client.id, change).await?;
        Ok(())
    }

    /// Makes a credential that is subscribed to every service that takes its type.
    async fn make(
        &self,
        name: &str,
        kind: NewKind,
        certificate: Option<&str>,
    ) -> Result<CreatedCredential, CommandError> {
        let own_type = credential_type(&kind);
        let takes_it = |service: &&Service| service.credential_types.contains(&own_type);
        let new = NewCredential {
            project_id: self.project.clone(),
            workspace: None,
            name: name.to_owned(),
            kind,
            client_id: None,
            certificates: certificate.map(str::to_owned).into_iter().collect(),
            limits: Limits::default(),
            token_algorithm: None,
            services: self.services.iter().filter(takes_it).map(|service| service.code.clone()).collect(),
        };
        Ok(self.console.create_credential(new).await?)
    }
}

const fn credential_type(kind: &NewKind) -> CredentialType {
    match kind {
        NewKind::ApiKey(_) => CredentialType::ApiKey,
        NewKind::OauthWebApp(_) => CredentialType::OauthWebApp,
        NewKind::OauthSinglePageApp(_) => CredentialType::OauthSinglePageApp,
        NewKind::OauthNativeApp(_) => CredentialType::OauthNativeApp,
        NewKind::OauthServerToServer => CredentialType::OauthServerToServer,
        NewKind::ServiceAccountJwt { .. } => CredentialType::ServiceAccountJwt,
    }
}

fn public_app(made: CreatedCredential) -> PublicApp {
    PublicApp { redirect_uri: redirect_uri(&made), client_id: made.credential.placed.client.id }
}

fn secret(made: &CreatedCredential) -> String {
    made.client_secret.as_ref().map(|secret| secret.plain.reveal().to_owned()).unwrap_or_default()
}

fn redirect_uri(made: &CreatedCredential) -> String {
    let redirects = made.credential.placed.client.kind.redirects();
    redirects.map(|redirects| redirects.default_uri.clone()).unwrap_or_default()
}

fn technical_account(made: &CreatedCredential) -> Result<TechnicalAccountId, CommandError> {
    let account = made.credential.placed.client.kind.technical_account();
    account
        .map(|account| account.id.clone())
        .ok_or_else(|| CommandError::Fault("a service account was made without a technical account".to_owned()))
}
