//! Authenticator applications and credentials of applications, as the tests of this room need them.

use tollgate_crypto::{SecretText, SystemEntropy};
use tollgate_model::{
    Timestamp,
    client::{Client, ClientKind, Redirects},
    grant::{CodeBinding, Grant, SignInFacts},
    id::{ClientId, CredentialId, GrantId, ProjectId, WorkspaceId},
    limit::Limits,
    organization::{FIRST_WORKSPACE, Project, Workspace},
    session::Session,
    user::User,
};
use tollgate_store::{clients, grants, projects};
use totp_rs::Totp;

use crate::scene::{Scene, visitor};

/// What an application with this `otpauth` address shows.
pub(crate) fn one_time_code(uri: &SecretText, now: Timestamp) -> String {
    let totp = Totp::from_url(uri.reveal()).unwrap();
    totp.generate(u64::try_from(now.seconds()).unwrap()).to_string()
}

/// A person with a password and an authenticator application; also its address.
pub(crate) async fn ada_with_authenticator(scene: &Scene) -> (User, SecretText) {
    let ada = scene.ada().await;
    let signed_in = scene.signed_in(&ada);
    let enrolment = scene.people.enrol_authenticator(&signed_in, scene.now()).await.unwrap();
    let code = one_time_code(&enrolment.uri, scene.now());
    scene.people.confirm_authenticator(&signed_in, &code, &visitor(), scene.now()).await.unwrap();
    (ada, enrolment.uri)
}

impl Scene {
    /// A web application of the organization that is told of sign-outs.
    pub(crate) async fn application(&self) -> ClientId {
        let project = Project {
            id: ProjectId::generate(&SystemEntropy),
            organization_id: self.organization.id.clone(),
            name: "Photos".to_owned(),
            title: "Photos".to_owned(),
            description: String::new(),
            created_at: self.now(),
        };
        let workspace = Workspace {
            id: WorkspaceId::generate(&SystemEntropy),
            project_id: project.id.clone(),
            name: FIRST_WORKSPACE.to_owned(),
            created_at: self.now(),
        };
        let mut redirects = Redirects::to("https://photos.example.org/callback").unwrap();
        redirects.options.backchannel_logout_uri = Some("https://photos.example.org/logout".to_owned());
        let client = Client {
            id: ClientId::generate(&SystemEntropy),
            credential_id: CredentialId::generate(&SystemEntropy),
            organization_id: self.organization.id.clone(),
            workspace_id: workspace.id.clone(),
            name: "Photos".to_owned(),
            kind: ClientKind::OauthWebApp(redirects),
            enabled: true,
            limits: Limits::default(),
            token_algorithm: None,
            created_at: self.now(),
        };
        self.change(async |tx| {
            assert!(projects::insert(tx, &project, std::slice::from_ref(&workspace)).await?);
            assert!(clients::insert(tx, &client).await?);
            Ok(())
        })
        .await;
        client.id
    }

    /// A grant that the person of this session gave to the application.
    pub(crate) async fn grant(&self, session: &Session, client: &ClientId) -> GrantId {
        let now = self.now();
        let grant = Grant {
            id: GrantId::generate(&SystemEntropy, now),
            client_id: client.clone(),
            user_id: session.user_id.clone(),
            sign_in: SignInFacts {
                session_id: Some(session.id.clone()),
                authenticated_at: session.authenticated_at,
                methods: session.methods.clone(),
            },
            scope: "openid".parse().unwrap(),
            resources: Vec::new(),
            binding: CodeBinding::default(),
            key_thumbprint: None,
            code_digest: None,
            code_expires_at: now,
            created_at: now,
            expires_at: now + tollgate_model::grant::REFRESH_LIFETIME,
        };
        self.change(async |tx| grants::insert(tx, &grant).await).await;
        grant.id
    }

    /// Whether the grant was revoked.
    pub(crate) async fn is_revoked(&self, grant: &GrantId) -> bool {
        let state = grants::refresh_state(&self.people.house().db, grant).await.unwrap().expect("the grant");
        state.revoked_at.is_some()
    }

    /// Whether a token that was issued just now for this grant and session is still good here.
    pub(crate) fn is_token_ended(&self, grant: &GrantId, session: &Session, client: &ClientId) -> bool {
        let token = tollgate_model::token::AccessToken {
            id: tollgate_model::id::TokenId::generate(&SystemEntropy, self.now()),
            client_id: client.clone(),
            subject: session.user_id.to_string(),
            actor: tollgate_model::token::Actor::User,
            organization_id: self.organization.id.clone(),
            scope: tollgate_model::scope::ScopeSet::empty(),
            audience: Vec::new(),
            issued_at: self.now(),
            expires_at: self.now() + tollgate_model::token::ACCESS_TOKEN_LIFETIME,
            sign_in: Some(tollgate_model::token::UserSignIn {
                grant_id: grant.clone(),
                session_id: Some(session.id.clone()),
                authenticated_at: session.authenticated_at,
            }),
            key_thumbprint: None,
            acting_client: None,
        };
        self.people.house().directory.revocations().is_revoked(&token)
    }
}
