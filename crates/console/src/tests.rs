//! Tests of the use cases, each against a database of its own.

mod certificates;
mod credentials;
mod organizations;
mod secrets;
mod services;
mod subscriptions;
mod usage;

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use tollgate_crypto::{MasterKey, SystemEntropy};
use tollgate_model::{
    Clock, Seconds, Timestamp,
    id::{ClientId, ServiceCode},
    limit::Limits,
    organization::Organization,
    service::{Authorization, Service, Upstream},
};
use tollgate_store::Db;
use tollgate_web::Authorities;

use crate::{
    Console, Error, Refusal,
    credentials::{CreatedCredential, NewCredential, NewKind},
    organizations::NewOrganization,
    projects::{NewProject, ProjectWithWorkspaces},
    services::ServiceDraft,
};

/// A clock that stands still until it is moved.
struct StoppedClock(AtomicI64);

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(self.0.load(Ordering::SeqCst))
    }
}

/// A console on a fresh database, with an organization and a project.
struct Fixture {
    console: Console,
    db: Db,
    clock: Arc<StoppedClock>,
    organization: Organization,
    project: ProjectWithWorkspaces,
}

impl Fixture {
    async fn new() -> Self {
        let db = Db::temporary().await.unwrap();
        // Past the making of any certificate that the tests bring along.
        let clock = Arc::new(StoppedClock(AtomicI64::new(1_800_000_000)));
        let digest_key = MasterKey::generate(&SystemEntropy).digest_key();
        let console = Console::local(
            db.clone(),
            digest_key,
            Arc::new(SystemEntropy),
            Arc::clone(&clock) as Arc<dyn Clock>,
            Authorities::default(),
        );
        let organization = console.create_organization(organization("Example")).await.unwrap();
        let project = console.create_project(project(&organization, "Weather")).await.unwrap();
        Self { console, db, clock, organization, project }
    }

    fn wait(&self, length: Seconds) {
        self.clock.0.fetch_add(length.0, Ordering::SeqCst);
    }

    fn credential(&self, kind: NewKind) -> NewCredential {
        NewCredential {
            project_id: self.project.project.id.clone(),
            workspace: None,
            name: "A credential".to_owned(),
            kind,
            client_id: None,
            certificates: Vec::new(),
            limits: Limits::default(),
            token_algorithm: None,
            services: Vec::new(),
        }
    }

    async fn server_to_server(&self) -> ClientId {
        self.create(self.credential(NewKind::OauthServerToServer)).await.credential.placed.client.id
    }

    /// A service account with one certificate.
    async fn service_account(&self) -> CreatedCredential {
        let certificate = self.console.generate_key_pair("test").await.unwrap().certificate_pem;
        let kind = NewKind::ServiceAccountJwt { jti_required: false };
        self.create(NewCredential { certificates: vec![certificate], ..self.credential(kind) }).await
    }

    async fn create(&self, new: NewCredential) -> CreatedCredential {
        self.console.create_credential(new).await.unwrap()
    }

    /// A service of this code that demands this, at a path of its own.
    async fn service(&self, code: &str, authorization: Authorization) -> Service {
        self.console.create_service(draft(code, authorization)).await.unwrap()
    }
}

fn organization(name: &str) -> NewOrganization {
    NewOrganization { name: name.to_owned(), id: None, limits: Limits::default() }
}

fn project(owner: &Organization, name: &str) -> NewProject {
    NewProject { organization_id: owner.id.clone(), name: name.to_owned(), title: None, description: String::new() }
}

fn draft(code: &str, authorization: Authorization) -> ServiceDraft {
    ServiceDraft {
        gateway_path: Some(format!("/{}", code.to_lowercase()).parse().unwrap()),
        upstreams: vec![upstream()],
        ..ServiceDraft::of(self::code(code), code.to_owned(), authorization)
    }
}

fn code(text: &str) -> ServiceCode {
    text.parse().unwrap()
}

fn upstream() -> Upstream {
    "http://127.0.0.1:3000".parse().unwrap()
}

/// The refusal that a use case ended with.
#[track_caller]
fn refused<T: std::fmt::Debug>(outcome: Result<T, Error>) -> Refusal {
    match outcome {
        Err(Error::Refused(refusal)) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn a_use_case_may_run_on_any_worker() {
    fn movable<T: Send>(future: T) -> T {
        future
    }
    let fixture = Fixture::new().await;
    movable(fixture.console.create_credential(fixture.credential(NewKind::OauthServerToServer))).await.unwrap();
    movable(fixture.console.services()).await.unwrap();
    movable(fixture.console.seed_example(&upstream())).await.unwrap();
}
