//! Examples of every noun, for tests.

pub(crate) mod people;

use tollgate_crypto::{Algorithm, Digest, MasterKey, SigningKey, SystemEntropy, certificate};
use tollgate_model::{
    Seconds, Timestamp,
    client::{Client, ClientCertificate, ClientKind, TechnicalAccount},
    id::{
        ClientId, CredentialId, KeyId, OrganizationId, OrganizationNumber, ProjectId, SecretId, ServiceCode,
        TechnicalAccountId, TokenId, WorkspaceId,
    },
    limit::Limits,
    organization::{Branding, FIRST_WORKSPACE, Organization, Project, SignInRules, Workspace},
    secret::{PlainSecret, SecretKind, StoredSecret},
    service::{Authorization, Forwarding, KeyDemand, Service},
    token::{Revocation, Revoked},
};

use crate::{
    Db, clients, organizations, projects, services,
    signing_keys::{SigningKeyRow, seal_purpose},
};

/// The present of the tests.
pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

/// Runs one call in a transaction of its own and commits it.
macro_rules! committed {
    ($db:expr, |$tx:ident| $call:expr) => {
        $db.transact(async |$tx| $call.await).await.unwrap()
    };
}
pub(crate) use committed;

/// A database with one organization, one project, one credential and one service.
pub(crate) struct Example {
    pub(crate) db: Db,
    pub(crate) organization: Organization,
    pub(crate) project: Project,
    pub(crate) workspace: Workspace,
    pub(crate) client: Client,
    pub(crate) service: Service,
}

impl Example {
    pub(crate) async fn new() -> Self {
        let db = Db::temporary().await.unwrap();
        let organization = organization("Example");
        let (project, workspace) = project(&organization, "Weather");
        let client = client(&organization, &workspace);
        let service = service("WeatherSDK");
        assert!(committed!(db, |tx| organizations::insert(tx, &organization)));
        assert!(committed!(db, |tx| projects::insert(tx, &project, std::slice::from_ref(&workspace))));
        assert!(committed!(db, |tx| clients::insert(tx, &client)));
        assert!(committed!(db, |tx| services::insert(tx, &service)));
        Self { db, organization, project, workspace, client, service }
    }
}

pub(crate) fn organization(name: &str) -> Organization {
    Organization {
        id: OrganizationId::generate(&SystemEntropy, "AdobeOrg"),
        console_id: OrganizationNumber::generate(&SystemEntropy),
        name: name.to_owned(),
        enabled: true,
        limits: Limits { calls_per_day_max: Some(7), ..Limits::default() },
        branding: Branding { logo_uri: None, color: Some("#123456".to_owned()) },
        sign_in_rules: SignInRules { self_sign_up: true, second_factor_required: false },
        created_at: NOW,
    }
}

pub(crate) fn project(organization: &Organization, name: &str) -> (Project, Workspace) {
    let project = Project {
        id: ProjectId::generate(&SystemEntropy),
        organization_id: organization.id.clone(),
        name: name.to_owned(),
        title: format!("{name} for all"),
        description: String::new(),
        created_at: NOW,
    };
    let workspace = Workspace {
        id: WorkspaceId::generate(&SystemEntropy),
        project_id: project.id.clone(),
        name: FIRST_WORKSPACE.to_owned(),
        created_at: NOW,
    };
    (project, workspace)
}

pub(crate) fn client(organization: &Organization, workspace: &Workspace) -> Client {
    Client {
        id: ClientId::generate(&SystemEntropy),
        credential_id: CredentialId::generate(&SystemEntropy),
        organization_id: organization.id.clone(),
        workspace_id: workspace.id.clone(),
        name: "Forecast".to_owned(),
        kind: ClientKind::OauthServerToServer(TechnicalAccount {
            id: TechnicalAccountId::generate(&SystemEntropy, "techacct.adobe.com"),
            email: "nobody@techacct.adobe.com".to_owned(),
        }),
        enabled: true,
        limits: Limits::default(),
        token_algorithm: Some(Algorithm::Rs256),
        created_at: NOW,
    }
}

pub(crate) fn service(code: &str) -> Service {
    Service {
        code: code.parse::<ServiceCode>().unwrap(),
        name: code.to_owned(),
        description: "Tells the weather.".to_owned(),
        authorization: Authorization::ServiceToken,
        key: KeyDemand::ClientId,
        credential_types: Vec::new(),
        scopes: format!("openid,{code}.read,{code}.write").parse().unwrap(),
        required_scopes: format!("{code}.read").parse().unwrap(),
        metascopes: format!("ent_{code}").parse().unwrap(),
        host: None,
        gateway_path: Some(format!("/{}", code.to_lowercase()).parse().unwrap()),
        upstreams: vec!["http://127.0.0.1:3000".parse().unwrap()],
        forwarding: Forwarding::default(),
        limits: Limits::default(),
        credential_limits: Limits::default(),
        enabled: true,
        created_at: NOW,
    }
}

pub(crate) fn digest(text: &str) -> Digest {
    MasterKey::generate(&SystemEntropy).digest_key().digest("test", text.as_bytes())
}

pub(crate) fn secret(client: &ClientId, kind: SecretKind) -> StoredSecret {
    let plain = PlainSecret::generate(&SystemEntropy, kind);
    StoredSecret {
        id: SecretId::generate(&SystemEntropy, NOW),
        client_id: client.clone(),
        kind,
        digest: digest(plain.reveal()),
        visible_prefix: plain.visible_prefix(),
        created_at: NOW,
        expires_at: None,
        last_used_at: None,
    }
}

/// A certificate as a row; what it certifies is left out.
pub(crate) fn certificate(client: &ClientId, fingerprint: &str) -> ClientCertificate {
    ClientCertificate {
        client_id: client.clone(),
        fingerprint: fingerprint.to_owned(),
        pem: format!("-----BEGIN CERTIFICATE-----\n{fingerprint}\n-----END CERTIFICATE-----\n"),
        subject: "CN=weather".to_owned(),
        not_before: NOW,
        not_after: NOW + Seconds::DAY,
        created_at: NOW,
    }
}

/// A real certificate for a new key.
pub(crate) fn real_certificate(client: &ClientId) -> (SigningKey, ClientCertificate) {
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let pem = self_signed(&key);
    let fingerprint = certificate::Certificate::from_pem(&pem).unwrap().fingerprint().to_owned();
    (key, ClientCertificate { pem, ..certificate(client, &fingerprint) })
}

/// A new signing key, sealed with `master_key`, that signs from [`NOW`] on.
pub(crate) fn signing_key(master_key: &MasterKey, id: &str) -> SigningKeyRow {
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let key_id: KeyId = id.parse().unwrap();
    SigningKeyRow {
        sealed_private: master_key.seal(&SystemEntropy, &seal_purpose(&key_id), key.to_pkcs8().reveal()),
        public_jwk: key.public_jwk(id),
        certificate_pem: self_signed(&key),
        key_id,
        algorithm: Algorithm::Es256,
        created_at: NOW,
        active_from: NOW,
        retired_at: None,
        expires_at: None,
    }
}

pub(crate) fn revocation(revoked: Revoked) -> Revocation {
    Revocation { revoked, revoked_at: NOW, expires_at: NOW + Seconds::DAY }
}

pub(crate) fn revoked_token() -> Revocation {
    revocation(Revoked::Token(TokenId::generate(&SystemEntropy, NOW)))
}

fn self_signed(key: &SigningKey) -> String {
    certificate::self_signed(key, "weather", NOW.seconds(), (NOW + Seconds::DAY).seconds()).unwrap()
}
