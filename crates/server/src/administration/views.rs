//! What `--json` prints. The names are part of what users rely on: add to them, and never change one.

use serde::Serialize;
use tollgate_console::{
    credentials::{Credential, PlacedCredential},
    projects::ProjectWithWorkspaces,
};
use tollgate_crypto::Algorithm;
use tollgate_model::{
    Timestamp,
    client::{AllowedOrigin, Client, ClientCertificate, ClientKind, CredentialType},
    id::{
        ClientId, CredentialId, OrganizationId, OrganizationNumber, ProjectId, SecretId, ServiceCode,
        TechnicalAccountId, WorkspaceId,
    },
    limit::Limits,
    organization::Organization,
    scope::ScopeSet,
    secret::{SecretKind, StoredSecret},
    service::{Authorization, Forwarding, GatewayPath, KeyDemand, Service, Upstream},
};

/// An instant as every one is printed: RFC 3339 in UTC.
struct Instant(Timestamp);

impl Serialize for Instant {
    fn serialize<S: serde::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(&self.0)
    }
}

#[derive(Serialize)]
pub(super) struct OrganizationView<'a> {
    id: &'a OrganizationId,
    name: &'a str,
    console_id: &'a OrganizationNumber,
    enabled: bool,
    limits: &'a Limits,
    created_at: Instant,
}

impl<'a> From<&'a Organization> for OrganizationView<'a> {
    fn from(organization: &'a Organization) -> Self {
        Self {
            id: &organization.id,
            name: &organization.name,
            console_id: &organization.console_id,
            enabled: organization.enabled,
            limits: &organization.limits,
            created_at: Instant(organization.created_at),
        }
    }
}

#[derive(Serialize)]
struct WorkspaceView<'a> {
    id: &'a WorkspaceId,
    name: &'a str,
}

#[derive(Serialize)]
pub(super) struct ProjectView<'a> {
    id: &'a ProjectId,
    organization_id: &'a OrganizationId,
    name: &'a str,
    title: &'a str,
    description: &'a str,
    workspaces: Vec<WorkspaceView<'a>>,
    created_at: Instant,
}

impl<'a> From<&'a ProjectWithWorkspaces> for ProjectView<'a> {
    fn from(ProjectWithWorkspaces { project, workspaces }: &'a ProjectWithWorkspaces) -> Self {
        Self {
            id: &project.id,
            organization_id: &project.organization_id,
            name: &project.name,
            title: &project.title,
            description: &project.description,
            workspaces: workspaces.iter().map(|own| WorkspaceView { id: &own.id, name: &own.name }).collect(),
            created_at: Instant(project.created_at),
        }
    }
}

#[derive(Serialize)]
pub(super) struct ServiceView<'a> {
    code: &'a ServiceCode,
    name: &'a str,
    description: &'a str,
    authorization: Authorization,
    key: KeyDemand,
    credential_types: &'a [CredentialType],
    scopes: &'a ScopeSet,
    required_scopes: &'a ScopeSet,
    metascopes: &'a ScopeSet,
    host: Option<&'a str>,
    gateway_path: Option<&'a GatewayPath>,
    upstreams: &'a [Upstream],
    forwarding: &'a Forwarding,
    limits: &'a Limits,
    credential_limits: &'a Limits,
    enabled: bool,
    created_at: Instant,
}

impl<'a> From<&'a Service> for ServiceView<'a> {
    fn from(service: &'a Service) -> Self {
        Self {
            code: &service.code,
            name: &service.name,
            description: &service.description,
            authorization: service.authorization,
            key: service.key,
            credential_types: &service.credential_types,
            scopes: &service.scopes,
            required_scopes: &service.required_scopes,
            metascopes: &service.metascopes,
            host: service.host.as_deref(),
            gateway_path: service.gateway_path.as_ref(),
            upstreams: &service.upstreams,
            forwarding: &service.forwarding,
            limits: &service.limits,
            credential_limits: &service.credential_limits,
            enabled: service.enabled,
            created_at: Instant(service.created_at),
        }
    }
}

/// A credential; what its type does not have is left out.
#[derive(Serialize)]
pub(super) struct CredentialView<'a> {
    client_id: &'a ClientId,
    credential_id: &'a CredentialId,
    #[serde(rename = "type")]
    credential_type: CredentialType,
    name: &'a str,
    organization_id: &'a OrganizationId,
    project_id: &'a ProjectId,
    project: &'a str,
    workspace_id: &'a WorkspaceId,
    workspace: &'a str,
    enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    technical_account_id: Option<&'a TechnicalAccountId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    technical_account_email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jti_required: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    redirect_uri: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed_origins: Option<&'a [AllowedOrigin]>,
    token_algorithm: Option<Algorithm>,
    limits: &'a Limits,
    created_at: Instant,
}

impl<'a> From<&'a PlacedCredential> for CredentialView<'a> {
    fn from(PlacedCredential { client, project, workspace }: &'a PlacedCredential) -> Self {
        let account = client.kind.technical_account();
        Self {
            client_id: &client.id,
            credential_id: &client.credential_id,
            credential_type: client.credential_type(),
            name: &client.name,
            organization_id: &client.organization_id,
            project_id: &project.id,
            project: &project.name,
            workspace_id: &workspace.id,
            workspace: &workspace.name,
            enabled: client.enabled,
            technical_account_id: account.map(|own| &own.id),
            technical_account_email: account.map(|own| own.email.as_str()),
            jti_required: match client.kind {
                ClientKind::ServiceAccountJwt { jti_required, .. } => Some(jti_required),
                _ => None,
            },
            redirect_uri: client.kind.redirects().map(|own| own.default_uri.as_str()),
            allowed_origins: match &client.kind {
                ClientKind::ApiKey { allowed_origins } => Some(allowed_origins),
                _ => None,
            },
            token_algorithm: client.token_algorithm,
            limits: &client.limits,
            created_at: Instant(client.created_at),
        }
    }
}

/// A credential with its services and what these let it ask for.
#[derive(Serialize)]
pub(super) struct FullCredentialView<'a> {
    #[serde(flatten)]
    credential: CredentialView<'a>,
    services: Vec<&'a ServiceCode>,
    scopes: ScopeSet,
    metascopes: ScopeSet,
}

impl<'a> From<&'a Credential> for FullCredentialView<'a> {
    fn from(credential: &'a Credential) -> Self {
        Self {
            credential: CredentialView::from(&credential.placed),
            services: credential.services.iter().map(|own| &own.code).collect(),
            scopes: credential.scopes(),
            metascopes: credential.metascopes(),
        }
    }
}

/// A credential at its making, with what is shown this once.
#[derive(Serialize)]
pub(super) struct NewCredentialView<'a> {
    #[serde(flatten)]
    pub(super) credential: FullCredentialView<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) client_secret: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) private_key_file: Option<&'a str>,
    pub(super) certificates: Vec<CertificateView<'a>>,
}

#[derive(Serialize)]
pub(super) struct SecretView<'a> {
    id: &'a SecretId,
    client_id: &'a ClientId,
    kind: &'static str,
    visible_prefix: &'a str,
    created_at: Instant,
    expires_at: Option<Instant>,
    last_used_at: Option<Instant>,
    /// Shown at its making only.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<&'a str>,
    /// Shown at its making only.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_key: Option<&'a str>,
}

impl<'a> SecretView<'a> {
    /// The view of a secret; `plain` is its text at its making.
    pub(super) fn new(secret: &'a StoredSecret, plain: Option<&'a str>) -> Self {
        Self {
            id: &secret.id,
            client_id: &secret.client_id,
            kind: secret.kind.as_str(),
            visible_prefix: &secret.visible_prefix,
            created_at: Instant(secret.created_at),
            expires_at: secret.expires_at.map(Instant),
            last_used_at: secret.last_used_at.map(Instant),
            client_secret: plain.filter(|_| secret.kind == SecretKind::ClientSecret),
            secret_key: plain.filter(|_| secret.kind == SecretKind::SecretKey),
        }
    }
}

#[derive(Serialize)]
pub(super) struct CertificateView<'a> {
    client_id: &'a ClientId,
    fingerprint: &'a str,
    subject: &'a str,
    not_before: Instant,
    not_after: Instant,
    created_at: Instant,
    pem: &'a str,
}

impl<'a> From<&'a ClientCertificate> for CertificateView<'a> {
    fn from(certificate: &'a ClientCertificate) -> Self {
        Self {
            client_id: &certificate.client_id,
            fingerprint: &certificate.fingerprint,
            subject: &certificate.subject,
            not_before: Instant(certificate.not_before),
            not_after: Instant(certificate.not_after),
            created_at: Instant(certificate.created_at),
            pem: &certificate.pem,
        }
    }
}

/// A certificate at its making, with where its private key was written.
#[derive(Serialize)]
pub(super) struct NewCertificateView<'a> {
    #[serde(flatten)]
    pub(super) certificate: CertificateView<'a>,
    pub(super) private_key_file: &'a str,
}

#[derive(Serialize)]
pub(super) struct SubscriptionView<'a> {
    client_id: &'a ClientId,
    credential: &'a str,
    service: &'a ServiceCode,
    service_name: &'a str,
    authorization: Authorization,
    gateway_path: Option<&'a GatewayPath>,
}

impl<'a> SubscriptionView<'a> {
    pub(super) fn new(client: &'a Client, service: &'a Service) -> Self {
        Self {
            client_id: &client.id,
            credential: &client.name,
            service: &service.code,
            service_name: &service.name,
            authorization: service.authorization,
            gateway_path: service.gateway_path.as_ref(),
        }
    }
}

/// What a deletion prints.
#[derive(Serialize)]
pub(super) struct Deleted<'a> {
    pub(super) deleted: &'a str,
}
