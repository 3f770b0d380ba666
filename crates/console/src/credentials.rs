//! Credentials: made whole in one transaction, found by either of their ids, changed, switched on and off, deleted.

use tollgate_crypto::{Algorithm, entropy};
use tollgate_model::{
    Invalid,
    client::{AllowedOrigin, Client, ClientCertificate, ClientKind, Redirects, TechnicalAccount},
    id::{self, ClientId, CredentialId, OrganizationId, ProjectId, ServiceCode, TechnicalAccountId},
    limit::Limits,
    organization::{Project, Workspace, check_display_name},
    scope::ScopeSet,
    secret::SecretKind,
    service::Service,
};
use tollgate_store::{
    Db, Query, StoreError, Transaction,
    clients::{self, ClientFilter},
    projects,
};

mod checks;

use self::checks::{changed_kind, check_algorithm, check_origins, check_redirects};
use crate::{
    Console, Error, Noun, PAGE_ROWS_MAX, Refusal, certificates, limits::LimitsChange, projects::ProjectWithWorkspaces,
    secrets::NewSecret,
};

/// A credential to be made.
#[derive(Debug, Clone)]
pub struct NewCredential {
    /// The project it will live in.
    pub project_id: ProjectId,
    /// The workspace of that project; the first one when absent.
    pub workspace: Option<String>,
    /// The name people see.
    pub name: String,
    /// Its type, with what only that type has.
    pub kind: NewKind,
    /// Its client id when it has one already, as when it moves here from elsewhere; otherwise one is made up.
    pub client_id: Option<ClientId>,
    /// Certificates to sign with, in PEM form. A service account needs at least one.
    pub certificates: Vec<String>,
    /// What it may call.
    pub limits: Limits,
    /// How its access tokens are signed; `None` for as the instance does.
    pub token_algorithm: Option<Algorithm>,
    /// The services it is subscribed to from the start.
    pub services: Vec<ServiceCode>,
}

/// What is known of a credential's kind before it is made.
#[derive(Debug, Clone)]
pub enum NewKind {
    /// A key alone, for browsers of these origins; of any origin when there is none.
    ApiKey(Vec<AllowedOrigin>),
    /// A web application with a server that keeps a secret.
    OauthWebApp(Redirects),
    /// An application that runs in the browser.
    OauthSinglePageApp(Redirects),
    /// An application installed on a device; without redirects it gets a private scheme of its own.
    OauthNativeApp(Option<Redirects>),
    /// A server with a client secret.
    OauthServerToServer,
    /// A server that signs a JWT with a certified key.
    ServiceAccountJwt {
        /// Whether a JWT without `jti` is refused.
        jti_required: bool,
    },
}

/// A credential with where it lives.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedCredential {
    /// The credential.
    pub client: Client,
    /// The project it lives in.
    pub project: Project,
    /// The workspace it lives in.
    pub workspace: Workspace,
}

/// A credential with all that belongs to it and may be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Credential {
    /// The credential, and where it lives.
    pub placed: PlacedCredential,
    /// The services it is subscribed to.
    pub services: Vec<Service>,
}

impl Credential {
    /// The scopes that it may ask for: those that tell who somebody is, and those of its services. None for an API key,
    /// which gets no token.
    pub fn scopes(&self) -> ScopeSet {
        if matches!(self.placed.client.kind, ClientKind::ApiKey { .. }) {
            return ScopeSet::empty();
        }
        let mut scopes: ScopeSet = "openid,AdobeID".parse().expect("both are plain words");
        for service in &self.services {
            scopes.extend(service.scopes.iter().cloned());
        }
        scopes
    }

    /// The metascopes that its service JWTs may name; none for a credential that signs none.
    pub fn metascopes(&self) -> ScopeSet {
        match self.placed.client.kind {
            ClientKind::ServiceAccountJwt { .. } => {
                self.services.iter().flat_map(|service| service.metascopes.iter().cloned()).collect()
            }
            _ => ScopeSet::empty(),
        }
    }
}

/// A credential at its making.
#[derive(Debug)]
pub struct CreatedCredential {
    /// The credential.
    pub credential: Credential,
    /// Its first client secret, when its type has any; shown this once.
    pub client_secret: Option<NewSecret>,
    /// Its certificates.
    pub certificates: Vec<ClientCertificate>,
}

/// What is to change of a credential; what is `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct CredentialChange {
    /// The name people see.
    pub name: Option<String>,
    /// What it may call.
    pub limits: LimitsChange,
    /// Origins that browsers may call from; for API keys.
    pub allowed_origins: Option<Vec<AllowedOrigin>>,
    /// Where people are sent after they signed in; for applications that people sign in with.
    pub redirects: Option<Redirects>,
    /// How its access tokens are signed; `Some(None)` for as the instance does.
    pub token_algorithm: Option<Option<Algorithm>>,
}

impl Console {
    /// Makes a credential with its first secret, certificates and subscriptions: all of it, or nothing.
    pub async fn create_credential(&self, new: NewCredential) -> Result<CreatedCredential, Error> {
        check_display_name("credential name", &new.name)?;
        check_algorithm(new.token_algorithm)?;
        let now = self.now();
        let checked: Vec<_> =
            new.certificates.iter().map(|pem| certificates::check(pem, now)).collect::<Result<_, _>>()?;
        if checked.is_empty() && matches!(new.kind, NewKind::ServiceAccountJwt { .. }) {
            return Err(Refusal::CertificateMissing.into());
        }
        let client_id = new.client_id.clone().unwrap_or_else(|| ClientId::generate(self.entropy()));
        let kind = self.kind_of(&new.kind, &client_id)?;
        self.change(async |tx| {
            let (project, workspace) = self.place_in(tx, &new.project_id, new.workspace.as_deref()).await?;
            let client = Client {
                id: client_id,
                credential_id: CredentialId::generate(self.entropy()),
                organization_id: project.organization_id.clone(),
                workspace_id: workspace.id.clone(),
                name: new.name,
                kind,
                enabled: true,
                limits: new.limits,
                token_algorithm: new.token_algorithm,
                created_at: now,
            };
            if !clients::insert(tx, &client).await? {
                return Err(Refusal::taken(Noun::Credential, client.id.as_str()).into());
            }
            let mut certificates = Vec::with_capacity(checked.len());
            for certificate in checked {
                certificates.push(self.insert_certificate(tx, &client, certificate).await?);
            }
            let services = self.insert_subscriptions(tx, &client, &new.services).await?;
            let client_secret = if client.credential_type().has_client_secret() {
                Some(self.insert_secret(tx, &client, SecretKind::ClientSecret, None).await?)
            } else {
                None
            };
            let placed = PlacedCredential { client, project, workspace };
            Ok(CreatedCredential { credential: Credential { placed, services }, client_secret, certificates })
        })
        .await
    }

    /// The credentials of one organization, of one project, or all, by name.
    pub async fn credentials(
        &self,
        organization: Option<&OrganizationId>,
        only: Option<&ProjectId>,
    ) -> Result<Vec<PlacedCredential>, Error> {
        let mut all = Vec::new();
        for ProjectWithWorkspaces { project, workspaces } in self.projects(organization).await? {
            if only.is_some_and(|only| *only != project.id) {
                continue;
            }
            for client in every_client(&self.db, &project).await? {
                // One of a workspace that was made between the two reads is left out.
                if let Some(workspace) = workspaces.iter().find(|own| own.id == client.workspace_id).cloned() {
                    all.push(PlacedCredential { client, project: project.clone(), workspace });
                }
            }
        }
        all.sort_by(|a, b| (&a.client.name, &a.client.id).cmp(&(&b.client.name, &b.client.id)));
        Ok(all)
    }

    /// The credential that goes by `name`, which is its client id or its number in console addresses.
    pub async fn credential(&self, name: &str) -> Result<Credential, Error> {
        let client = self.client(name).await?;
        let workspace = projects::find_workspace(&self.db, &client.workspace_id).await?;
        let project = match &workspace {
            Some(workspace) => projects::find(&self.db, &workspace.project_id).await?,
            None => None,
        };
        let services = self.subscriptions(&client.id).await?;
        match (project, workspace) {
            (Some(project), Some(workspace)) => {
                Ok(Credential { placed: PlacedCredential { client, project, workspace }, services })
            }
            _ => Err(Refusal::unknown(Noun::Credential, name).into()),
        }
    }

    /// The credential that goes by `name`, alone.
    pub async fn client(&self, name: &str) -> Result<Client, Error> {
        let mut found = None;
        if let Ok(client_id) = name.parse::<ClientId>() {
            found = clients::find(&self.db, &client_id).await?;
        }
        if let (None, Ok(credential_id)) = (&found, name.parse::<CredentialId>()) {
            found = clients::find_by_credential_id(&self.db, &credential_id).await?;
        }
        found
            .filter(|client| self.admits(&client.organization_id))
            .ok_or_else(|| Refusal::unknown(Noun::Credential, name).into())
    }

    /// Changes a credential.
    pub async fn update_credential(&self, client_id: &ClientId, change: CredentialChange) -> Result<Client, Error> {
        change.name.as_deref().map_or(Ok(()), |name| check_display_name("credential name", name))?;
        check_algorithm(change.token_algorithm.flatten())?;
        change.allowed_origins.as_deref().map_or(Ok(()), check_origins)?;
        self.change(async |tx| {
            let old = self.client_in(&mut *tx, client_id).await?;
            let client = Client {
                kind: changed_kind(&old, change.allowed_origins, change.redirects)?,
                name: change.name.unwrap_or(old.name),
                limits: change.limits.applied_to(&old.limits),
                token_algorithm: change.token_algorithm.unwrap_or(old.token_algorithm),
                ..old
            };
            let found = clients::update(tx, &client).await?;
            if found { Ok(client) } else { Err(Refusal::unknown(Noun::Credential, client_id.as_str()).into()) }
        })
        .await
    }

    /// Lets a credential work, or stops it and every token it has.
    pub async fn set_credential_enabled(&self, client_id: &ClientId, enabled: bool) -> Result<(), Error> {
        self.change(async |tx| {
            self.client_in(&mut *tx, client_id).await?;
            clients::set_enabled(tx, client_id, enabled).await?;
            Ok(())
        })
        .await
    }

    /// Deletes a credential with its secrets, certificates and subscriptions; its tokens end with it.
    pub async fn delete_credential(&self, client_id: &ClientId) -> Result<(), Error> {
        self.change(async |tx| {
            self.client_in(&mut *tx, client_id).await?;
            clients::delete(tx, client_id).await?;
            Ok(())
        })
        .await
    }

    /// The credential with this client id, as far as this console may see it.
    pub(crate) async fn client_in(&self, query: impl Query, client_id: &ClientId) -> Result<Client, Error> {
        let found = clients::find(query, client_id).await?;
        found
            .filter(|client| self.admits(&client.organization_id))
            .ok_or_else(|| Refusal::unknown(Noun::Credential, client_id.as_str()).into())
    }

    async fn place_in(
        &self,
        tx: &mut Transaction,
        project_id: &ProjectId,
        workspace: Option<&str>,
    ) -> Result<(Project, Workspace), Error> {
        let found = projects::find(&mut *tx, project_id).await?;
        let project = found
            .filter(|own| self.admits(&own.organization_id))
            .ok_or_else(|| Refusal::unknown(Noun::Project, project_id.as_str()))?;
        let mut workspaces = projects::workspaces_of(&mut *tx, project_id).await?.into_iter();
        let found = match workspace {
            Some(name) => workspaces.find(|own| own.name == name || own.id.as_str() == name),
            None => workspaces.next(),
        };
        let workspace = found.ok_or_else(|| match workspace {
            Some(name) => Refusal::unknown(Noun::Workspace, name),
            None => Refusal::NoneYet(Noun::Workspace),
        })?;
        Ok((project, workspace))
    }

    fn kind_of(&self, new: &NewKind, client_id: &ClientId) -> Result<ClientKind, Refusal> {
        let kind = match new {
            NewKind::ApiKey(allowed_origins) => {
                check_origins(allowed_origins)?;
                ClientKind::ApiKey { allowed_origins: allowed_origins.clone() }
            }
            NewKind::OauthWebApp(redirects) => ClientKind::OauthWebApp(redirects.clone()),
            NewKind::OauthSinglePageApp(redirects) => ClientKind::OauthSinglePageApp(redirects.clone()),
            NewKind::OauthNativeApp(Some(redirects)) => ClientKind::OauthNativeApp(redirects.clone()),
            NewKind::OauthNativeApp(None) => ClientKind::OauthNativeApp(self.private_redirect(client_id)?),
            NewKind::OauthServerToServer => ClientKind::OauthServerToServer(self.technical_account()),
            NewKind::ServiceAccountJwt { jti_required } => ClientKind::ServiceAccountJwt {
                technical_account: self.technical_account(),
                jti_required: *jti_required,
            },
        };
        check_redirects(&kind)?;
        Ok(kind)
    }

    fn technical_account(&self) -> TechnicalAccount {
        let authority = &self.authorities.technical_account;
        TechnicalAccount {
            id: TechnicalAccountId::generate(self.entropy(), authority),
            email: id::technical_account_email(self.entropy(), authority),
        }
    }

    /// A redirect to a scheme that no other application has (contract, IMS section 3: native redirect).
    fn private_redirect(&self, client_id: &ClientId) -> Result<Redirects, Invalid> {
        let front = u128::from_be_bytes(entropy::bytes(self.entropy()));
        let back = u32::from_be_bytes(entropy::bytes(self.entropy()));
        Redirects::to(&format!("adobe+{front:032x}{back:08x}://adobeid/{client_id}"))
    }
}

/// Every credential of a project, read page by page so that no single read is long.
async fn every_client(db: &Db, project: &Project) -> Result<Vec<Client>, StoreError> {
    let mut all: Vec<Client> = Vec::new();
    loop {
        let after = all.last().map(|last| &last.id);
        let page = ClientFilter { organization: &project.organization_id, project: Some(&project.id), after };
        let page = clients::list(db, page, PAGE_ROWS_MAX).await?;
        let is_last = page.len() < PAGE_ROWS_MAX as usize;
        all.extend(page);
        if is_last {
            return Ok(all);
        }
    }
}
