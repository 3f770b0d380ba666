//! Who lives in the world of a test.

use tollgate_crypto::SystemEntropy;
use tollgate_model::{
    Seconds,
    client::{Client, ClientKind, CredentialType, Redirects, TechnicalAccount},
    id::{ClientId, OrganizationId, SecretId},
    limit::Limits,
    organization::{Branding, Organization, Project, SignInRules, Workspace},
    secret::{PlainSecret, SecretKind, StoredSecret, client_secret_digest},
    service::{Authorization, Forwarding, KeyDemand, Service},
    user::{AccountType, Role, User},
};
use tollgate_store::{
    StoreError, Transaction, certificates, clients, organizations, projects, secrets, services, subscriptions, users,
};
use tollgate_web::House;

use crate::fixture::*;

pub(crate) fn stored_secret(house: &House, client_id: &str, secret: &str) -> StoredSecret {
    StoredSecret {
        id: SecretId::generate(&SystemEntropy, START),
        client_id: client_id.parse().unwrap(),
        kind: SecretKind::ClientSecret,
        digest: client_secret_digest(&house.digest_key, secret),
        visible_prefix: secret[..8].to_owned(),
        created_at: START,
        expires_at: None,
        last_used_at: None,
    }
}

/// A secret key of [`API_KEY`], and what is stored of it.
pub(crate) fn secret_key(house: &House) -> (PlainSecret, StoredSecret) {
    let key = PlainSecret::generate(&SystemEntropy, SecretKind::SecretKey);
    let stored = StoredSecret {
        kind: SecretKind::SecretKey,
        digest: key.digest(&house.digest_key),
        visible_prefix: key.visible_prefix(),
        ..stored_secret(house, API_KEY, SECRET)
    };
    (key, stored)
}

pub(crate) fn service(code: &str, scope: &str, metascope: &str) -> Service {
    Service {
        code: code.parse().unwrap(),
        name: code.to_owned(),
        description: String::new(),
        authorization: Authorization::ServiceToken,
        key: KeyDemand::ClientId,
        credential_types: CredentialType::ALL.to_vec(),
        scopes: scope.parse().unwrap(),
        required_scopes: scope.parse().unwrap(),
        metascopes: metascope.parse().unwrap(),
        host: None,
        gateway_path: Some(format!("/{}", code.to_ascii_lowercase()).parse().unwrap()),
        upstreams: vec!["http://127.0.0.1:9".parse().unwrap()],
        forwarding: Forwarding::default(),
        limits: Limits::default(),
        credential_limits: Limits::default(),
        enabled: true,
        created_at: START,
    }
}

pub(crate) fn person(id: &str, email: &str) -> User {
    User {
        id: id.parse().unwrap(),
        organization_id: ORGANIZATION.parse().unwrap(),
        email: email.parse().unwrap(),
        name: "Ada Example".into(),
        role: Role::Member,
        password_hash: None,
        account_type: AccountType::Enterprise,
        email_verified: true,
        given_name: Some("Ada".into()),
        family_name: Some("Example".into()),
        language: None,
        country_code: Some("CH".into()),
        password_expired: false,
        enabled: true,
        created_at: START,
    }
}

/// One organization with a credential of each type, and another with one.
pub(crate) async fn populate(house: &House) {
    let account = |id: &str| TechnicalAccount { id: id.parse().unwrap(), email: "x@techacct.adobe.com".into() };
    let redirects = || Redirects::to(CALLBACK).unwrap();
    let server = ClientKind::OauthServerToServer(account("BBBBBBBBBBBBBBBBBBBBBBBB@techacct.adobe.com"));
    let stranger = ClientKind::OauthServerToServer(account("CCCCCCCCCCCCCCCCCCCCCCCC@techacct.adobe.com"));
    let service_account =
        ClientKind::ServiceAccountJwt { technical_account: account(TECHNICAL_ACCOUNT), jti_required: false };
    let own = [
        (SERVER, server),
        (SERVICE, service_account),
        (WEB_APP, ClientKind::OauthWebApp(redirects())),
        (PUBLIC, ClientKind::OauthSinglePageApp(redirects())),
        (NATIVE, ClientKind::OauthNativeApp(Redirects::to("http://localhost:8888/").unwrap())),
        (API_KEY, ClientKind::ApiKey { allowed_origins: vec![] }),
    ];
    let fill = async |tx: &mut Transaction| -> Result<(), StoreError> {
        services::insert(tx, &service("Campaign", "campaign_sdk", "ent_campaign_sdk")).await?;
        services::insert(tx, &service("Target", "target_sdk", "ent_marketing_sdk")).await?;
        organization(tx, ORGANIZATION, "1", &own).await?;
        organization(tx, OTHER_ORGANIZATION, "2", &[(STRANGER, stranger)]).await?;
        for (id, email) in [(ADA, "ada@example.com"), (BEN, "ben@example.com")] {
            assert!(users::insert(tx, &person(id, email)).await?);
        }
        for client_id in [SERVER, SERVICE, WEB_APP, PUBLIC] {
            subscriptions::insert(tx, &client_id.parse().unwrap(), &"Campaign".parse().unwrap(), START).await?;
        }
        for (client_id, secret) in [
            (SERVER, SECRET),
            (SERVER, SECOND_SECRET),
            (SERVICE, SERVICE_SECRET),
            (WEB_APP, WEB_SECRET),
            (STRANGER, STRANGER_SECRET),
        ] {
            assert!(secrets::insert_if_fewer(tx, &stored_secret(house, client_id, secret), 2).await?);
        }
        let certificate = certificate(SERVICE, key(0), START - Seconds::DAY, START + Seconds(365 * 86_400));
        assert!(certificates::insert(tx, &certificate).await?);
        Ok(())
    };
    house.db.transact(fill).await.unwrap();
    house.directory.refresh().await.unwrap();
}

async fn organization(
    tx: &mut Transaction,
    id: &str,
    number: &str,
    own: &[(&str, ClientKind)],
) -> Result<(), StoreError> {
    let id: OrganizationId = id.parse().unwrap();
    let organization = Organization {
        id: id.clone(),
        console_id: number.parse().unwrap(),
        name: "Example".into(),
        enabled: true,
        limits: Limits::default(),
        branding: Branding::default(),
        sign_in_rules: SignInRules::default(),
        created_at: START,
    };
    assert!(organizations::insert(tx, &organization).await?);
    let project = Project {
        id: number.parse().unwrap(),
        organization_id: id.clone(),
        name: "Project".into(),
        title: "Project".into(),
        description: String::new(),
        created_at: START,
    };
    let workspace = Workspace {
        id: number.parse().unwrap(),
        project_id: project.id.clone(),
        name: "Production".into(),
        created_at: START,
    };
    assert!(projects::insert(tx, &project, std::slice::from_ref(&workspace)).await?);
    for (position, (client_id, kind)) in own.iter().enumerate() {
        let client = Client {
            id: client_id.parse().unwrap(),
            credential_id: format!("{number}{position}").parse().unwrap(),
            organization_id: id.clone(),
            workspace_id: workspace.id.clone(),
            name: (*client_id).to_owned(),
            kind: kind.clone(),
            enabled: true,
            limits: Limits::default(),
            token_algorithm: None,
            created_at: START,
        };
        assert!(clients::insert(tx, &client).await?);
    }
    Ok(())
}

/// The credential as it is stored.
pub(crate) async fn stored_client(world: &World, client_id: &str) -> Client {
    let id: ClientId = client_id.parse().unwrap();
    clients::find(&world.house.db, &id).await.unwrap().expect("the credential exists")
}
