//! A house with one organization and what a test adds to it, and a gateway that answers for it on a port.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use hyper::service::service_fn;
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use serde_json::json;
use tokio::net::TcpListener;
use tollgate_crypto::{Algorithm, Entropy, MasterKey, SigningKey, SystemEntropy, base64url, jws};
use tollgate_gateway::{Gateway, GatewaySettings};
use tollgate_model::{
    Clock, Seconds, SystemClock, Timestamp,
    client::{Client, ClientKind, TechnicalAccount},
    id::{
        ClientId, CredentialId, KeyId, OrganizationId, OrganizationNumber, ProjectId, SecretId, TechnicalAccountId,
        TokenId, WorkspaceId,
    },
    limit::Limits,
    organization::{Branding, Organization, Project, SignInRules, Workspace},
    scope::ScopeSet,
    secret::{PlainSecret, SecretKind, StoredSecret},
    service::{Authorization, Forwarding, KeyDemand, Service},
};
use tollgate_store::{
    Db, LiveDirectory, clients, organizations, projects, secrets, services,
    signing_keys::{self, SigningKeyRow},
    subscriptions,
};
use tollgate_web::{House, Instance, PeerAddress};

pub(crate) const KEY_ID: &str = "ims_na1-key-at-1";
pub(crate) const GATEWAY_URL: &str = "https://api.test";
pub(crate) const ISSUER: &str = "https://ims.test";

/// A clock that a test moves.
pub(crate) struct HandClock(AtomicI64);

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// What a test starts from.
pub(crate) struct Scene {
    pub(crate) house: House,
    pub(crate) clock: Arc<HandClock>,
    pub(crate) organization: Organization,
    pub(crate) key: SigningKey,
    pub(crate) gateway: Gateway,
    pub(crate) address: SocketAddr,
    workspace_id: WorkspaceId,
}

impl Scene {
    pub(crate) async fn new() -> Self {
        Self::with(GatewaySettings::default()).await
    }

    pub(crate) async fn with(settings: GatewaySettings) -> Self {
        let now = SystemClock.now();
        let clock = Arc::new(HandClock(AtomicI64::new(now.micros())));
        let master_key = Arc::new(MasterKey::generate(&SystemEntropy));
        let db = Db::temporary().await.unwrap();
        let key = SigningKey::generate(Algorithm::Es256).unwrap();
        let (organization, workspace_id) = fill(&db, &key, &master_key, now).await;
        let directory = LiveDirectory::open(db.clone(), Arc::clone(&master_key), clock.clone()).await.unwrap();
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let house = House::new(db, directory, Instance::new(ISSUER, GATEWAY_URL), (clock.clone(), entropy), master_key);
        let gateway = Gateway::new(house.clone(), settings);
        let address = serve(gateway.clone()).await;
        Self { house, clock, organization, key, gateway, address, workspace_id }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn advance(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }

    /// Another gateway on the same house, as after a restart.
    pub(crate) async fn restart(&mut self) {
        self.gateway.shutdown().await.unwrap();
        self.gateway = Gateway::new(self.house.clone(), GatewaySettings::default());
        self.gateway.load().await.unwrap();
        self.address = serve(self.gateway.clone()).await;
    }

    /// Adds a service at `path` whose upstreams are `upstreams`, changed by `change`.
    pub(crate) async fn service(
        &self,
        path: &str,
        upstreams: &[SocketAddr],
        change: impl FnOnce(&mut Service),
    ) -> Service {
        let urls: Vec<String> = upstreams.iter().map(|address| format!("http://{address}")).collect();
        self.service_at(path, &urls, change).await
    }

    pub(crate) async fn service_at(
        &self,
        path: &str,
        upstreams: &[String],
        change: impl FnOnce(&mut Service),
    ) -> Service {
        let mut service = Service {
            code: path[1..].replace('/', "-").parse().unwrap(),
            name: path.to_owned(),
            description: String::new(),
            authorization: Authorization::ApiKey,
            key: KeyDemand::ClientId,
            credential_types: Vec::new(),
            scopes: ScopeSet::empty(),
            required_scopes: ScopeSet::empty(),
            metascopes: ScopeSet::empty(),
            host: None,
            gateway_path: Some(path.parse().unwrap()),
            upstreams: upstreams.iter().map(|url| url.parse().unwrap()).collect(),
            forwarding: Forwarding::default(),
            limits: Limits::default(),
            credential_limits: Limits::default(),
            enabled: true,
            created_at: self.now(),
        };
        change(&mut service);
        self.house.db.transact(async |tx| services::insert(tx, &service).await).await.unwrap();
        self.refresh().await;
        service
    }

    /// Adds a credential, changed by `change`, that is subscribed to `services`.
    pub(crate) async fn client(
        &self,
        kind: ClientKind,
        services: &[&Service],
        change: impl FnOnce(&mut Client),
    ) -> Client {
        let mut client = Client {
            id: ClientId::generate(&SystemEntropy),
            credential_id: CredentialId::generate(&SystemEntropy),
            organization_id: self.organization.id.clone(),
            workspace_id: self.workspace_id.clone(),
            name: "Example".into(),
            kind,
            enabled: true,
            limits: Limits::default(),
            token_algorithm: None,
            created_at: self.now(),
        };
        change(&mut client);
        let now = self.now();
        self.house
            .db
            .transact(async |tx| {
                clients::insert(tx, &client).await?;
                for service in services {
                    subscriptions::insert(tx, &client.id, &service.code, now).await?;
                }
                Ok::<_, tollgate_store::StoreError>(())
            })
            .await
            .unwrap();
        self.refresh().await;
        client
    }

    /// An API key that is subscribed to `services`.
    pub(crate) async fn api_key(&self, services: &[&Service]) -> Client {
        self.client(ClientKind::ApiKey { allowed_origins: Vec::new() }, services, |_| {}).await
    }

    /// A service account that is subscribed to `services`.
    pub(crate) async fn service_account(&self, services: &[&Service]) -> Client {
        let id = TechnicalAccountId::generate(&SystemEntropy, "techacct.adobe.com");
        let account = TechnicalAccount { id, email: "nobody@techacct.adobe.com".into() };
        self.client(ClientKind::OauthServerToServer(account), services, |_| {}).await
    }

    /// A secret key of a credential.
    pub(crate) async fn secret_key(&self, client: &Client, expires_at: Option<Timestamp>) -> String {
        let secret = PlainSecret::generate(&SystemEntropy, SecretKind::SecretKey);
        let stored = StoredSecret {
            id: SecretId::generate(&SystemEntropy, self.now()),
            client_id: client.id.clone(),
            kind: SecretKind::SecretKey,
            digest: secret.digest(&self.house.digest_key),
            visible_prefix: secret.visible_prefix(),
            created_at: self.now(),
            expires_at,
            last_used_at: None,
        };
        self.house.db.transact(async |tx| secrets::insert_if_fewer(tx, &stored, 2).await).await.unwrap();
        self.refresh().await;
        secret.reveal().to_owned()
    }

    /// Changes the database and lets the gateway see it.
    pub(crate) async fn refresh(&self) {
        self.house.directory.refresh().await.unwrap();
    }

    /// A token of a service account with these scopes.
    pub(crate) fn token(&self, client: &Client, scope: &str) -> String {
        self.token_with(client, scope, |_| {})
    }

    /// The same, with its claims changed.
    pub(crate) fn token_with(
        &self,
        client: &Client,
        scope: &str,
        change: impl FnOnce(&mut serde_json::Value),
    ) -> String {
        let subject =
            client.kind.technical_account().map_or("0123456789ABCDEF01234567@AdobeID", |account| account.id.as_str());
        let millis = self.now().seconds() * 1_000;
        let id = TokenId::generate(&SystemEntropy, self.now());
        let mut claims = json!({
            "id": id, "jti": id, "type": "access_token", "client_id": client.id, "user_id": subject, "sub": subject,
            "as": "ims-na1", "org_id": self.organization.id, "scope": scope, "created_at": millis.to_string(),
            "expires_in": "86400000", "iss": ISSUER, "aud": GATEWAY_URL,
            "iat": millis / 1_000, "exp": millis / 1_000 + Seconds::DAY.0,
        });
        if client.kind.technical_account().is_none() {
            claims["aa_id"] = subject.into();
        }
        change(&mut claims);
        let header = json!({"alg": "ES256", "kid": KEY_ID, "typ": "at+jwt"});
        jws::sign(&base64url::encode(header.to_string().as_bytes()), claims.to_string().as_bytes(), &self.key).unwrap()
    }
}

/// Opens a port for a gateway, with HTTP/1.1 and HTTP/2.
async fn serve(gateway: Gateway) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, socket)) = listener.accept().await {
            let (gateway, peer) = (gateway.clone(), PeerAddress { socket, is_tls: false });
            stream.set_nodelay(true).unwrap();
            tokio::spawn(async move {
                let service = service_fn(move |request| {
                    let gateway = gateway.clone();
                    async move { gateway.call(request, peer).await }
                });
                let _ = auto::Builder::new(TokioExecutor::new())
                    .serve_connection_with_upgrades(TokioIo::new(stream), service)
                    .await;
            });
        }
    });
    address
}

async fn fill(db: &Db, key: &SigningKey, master_key: &MasterKey, now: Timestamp) -> (Organization, WorkspaceId) {
    let organization = Organization {
        id: OrganizationId::generate(&SystemEntropy, "AdobeOrg"),
        console_id: OrganizationNumber::generate(&SystemEntropy),
        name: "Example".into(),
        enabled: true,
        limits: Limits::default(),
        branding: Branding::default(),
        sign_in_rules: SignInRules::default(),
        created_at: now,
    };
    let project = Project {
        id: ProjectId::generate(&SystemEntropy),
        organization_id: organization.id.clone(),
        name: "Weather".into(),
        title: "Weather".into(),
        description: String::new(),
        created_at: now,
    };
    let workspace = Workspace {
        id: WorkspaceId::generate(&SystemEntropy),
        project_id: project.id.clone(),
        name: "Production".into(),
        created_at: now,
    };
    let key_id: KeyId = KEY_ID.parse().unwrap();
    let row = SigningKeyRow {
        sealed_private: master_key.seal(&SystemEntropy, &signing_keys::seal_purpose(&key_id), key.to_pkcs8().reveal()),
        key_id,
        algorithm: Algorithm::Es256,
        public_jwk: key.public_jwk(KEY_ID),
        certificate_pem: String::new(),
        created_at: now,
        active_from: now,
        retired_at: None,
        expires_at: None,
    };
    db.transact(async |tx| {
        organizations::insert(tx, &organization).await?;
        projects::insert(tx, &project, std::slice::from_ref(&workspace)).await?;
        signing_keys::insert(tx, &row).await
    })
    .await
    .unwrap();
    (organization, workspace.id)
}
