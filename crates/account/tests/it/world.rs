//! A house with an organization, an application of it, and two people.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use tempfile::TempDir;
use tollgate_account::Account;
use tollgate_crypto::{MasterKey, SecretText, SystemEntropy};
use tollgate_model::{
    Clock, Seconds, Timestamp,
    client::{Client, ClientKind, Redirects, SignInOptions},
    id::OrganizationId,
    limit::Limits,
    organization::{Branding, Organization, Project, SignInRules, Workspace},
    user::{AccountType, Role, User},
};
use tollgate_oauth::{Params, authorize::AuthorizeRequest};
use tollgate_people::{
    People, Settings,
    accounts::{FirstCredential, NewAccount},
    pending::NewPending,
    settings::{MailDelivery, MailSettings},
};
use tollgate_store::{Db, LiveDirectory, StoreError, clients, organizations, projects};
use tollgate_web::{
    Front, FrontSettings, House, Instance,
    egress::{Allowance, Egress},
};

pub(crate) const START: Timestamp = Timestamp::from_seconds(1_800_000_000);
pub(crate) const ISSUER: &str = "https://ims.test";
pub(crate) const ORGANIZATION: &str = "0123456789ABCDEF01234567@AdobeOrg";
pub(crate) const WEB_APP: &str = "web-app";
pub(crate) const CALLBACK: &str = "https://app.test/callback";
pub(crate) const SIGNED_OUT: &str = "https://app.test/signed-out";
pub(crate) const ADA: &str = "ada@example.com";
pub(crate) const GRACE: &str = "grace@example.com";
pub(crate) const PASSWORD: &str = "grey violins over the harbour";
pub(crate) const NEW_PASSWORD: &str = "seven lanterns by a quiet river";

/// A clock that stands still until it is moved.
struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// The world of a test.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) people: People,
    pub(crate) front: Front,
    clock: Arc<TestClock>,
    _mails: Arc<TempDir>,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(SignInRules { self_sign_up: true, second_factor_required: false }).await
    }

    /// A world whose organization has these rules.
    pub(crate) async fn with(rules: SignInRules) -> Self {
        let clock = Arc::new(TestClock(AtomicI64::new(START.micros())));
        let db = Db::temporary().await.unwrap();
        let master_key = Arc::new(MasterKey::generate(&SystemEntropy));
        let directory = LiveDirectory::open(db.clone(), Arc::clone(&master_key), clock.clone()).await.unwrap();
        let instance = Instance::new(ISSUER, "https://gateway.test");
        let house = House::new(db, directory, instance, (clock.clone(), Arc::new(SystemEntropy)), master_key);
        populate(&house, rules).await;
        let mails = tempfile::tempdir().unwrap();
        let delivery = MailDelivery::Folder(mails.path().to_owned());
        let mail = MailSettings { from: "Tollgate <no-reply@ims.test>".into(), delivery };
        let mut settings = Settings::new(mail, Egress::new(&Allowance::default()).unwrap());
        settings.sign_up_organization = Some(ORGANIZATION.parse().unwrap());
        let people = People::new(house.clone(), settings);
        let router = Account::new(people.clone(), true).router();
        let front = Front::new(router, clock.clone(), Arc::new(SystemEntropy), FrontSettings::default());
        let world = Self { people, front, clock, _mails: Arc::new(mails) };
        world.account(ADA, "Ada Lovelace", FirstCredential::Password(PASSWORD.to_owned().into())).await;
        world.account(GRACE, "Grace Hopper", FirstCredential::Password(PASSWORD.to_owned().into())).await;
        world
    }

    /// Makes an account; answers the secret that its owner gets, if any.
    pub(crate) async fn account(&self, email: &str, name: &str, first: FirstCredential) -> Option<SecretText> {
        let new = NewAccount {
            organization_id: ORGANIZATION.parse().unwrap(),
            email: email.parse().unwrap(),
            name: name.to_owned(),
            role: Role::Member,
            account_type: AccountType::Enterprise,
            language: None,
        };
        self.people.create_account(new, first, self.now()).await.unwrap().secret
    }

    pub(crate) async fn user(&self, email: &str) -> User {
        self.people.account(&tollgate_people::accounts::AccountName::Email(email.parse().unwrap())).await.unwrap()
    }

    pub(crate) fn house(&self) -> &House {
        self.people.house()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Lets time pass. The directory is confirmed afterwards, as its worker would have done.
    pub(crate) async fn pass(&self, time: Seconds) {
        self.clock.0.fetch_add(time.0 * 1_000_000, Ordering::SeqCst);
        self.house().directory.refresh().await.unwrap();
    }

    /// A request of the application that waits for the person, as the authorization endpoint keeps it.
    pub(crate) async fn pending(&self, query: &str) -> String {
        self.keep(asked(query)).await
    }

    /// Like [`World::pending`], of an application that named the person by an earlier `id_token`.
    pub(crate) async fn pending_about(&self, query: &str, user: &User) -> String {
        self.keep(AuthorizeRequest { hinted_subject: Some(user.id.to_string()), ..asked(query) }).await
    }

    async fn keep(&self, request: AuthorizeRequest) -> String {
        let new = NewPending {
            client_id: WEB_APP.parse().unwrap(),
            pushed: false,
            request: serde_json::to_string(&request).unwrap(),
            lifetime: Seconds(1_800),
        };
        self.people.begin_pending(new, self.now()).await.unwrap().id
    }

    /// The text of the next mail to this address, once it is carried out.
    pub(crate) async fn mail_to(&self, email: &str) -> String {
        let worker = tokio::spawn(self.people.clone().run(std::future::pending()));
        for _ in 0..200 {
            let mails = self.people.mails(50).await.unwrap().unwrap();
            if let Some(mail) = mails.into_iter().find(|mail| mail.to.contains(email)) {
                worker.abort();
                return mail.text;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("no mail to {email}");
    }
}

fn asked(query: &str) -> AuthorizeRequest {
    let query = format!("client_id={WEB_APP}&redirect_uri=https%3A%2F%2Fapp.test%2Fcallback&{query}");
    AuthorizeRequest::parse(&Params::parse(Some(&query), None, None).unwrap()).unwrap()
}

/// The eight digits of a code in a mail.
pub(crate) fn code_in(mail: &str) -> String {
    let digits = |line: &str| line.chars().filter(char::is_ascii_digit).collect::<String>();
    let is_code = |line: &&str| {
        let line = line.trim();
        digits(line).len() == 8 && line.chars().all(|c| c.is_ascii_digit() || c == ' ')
    };
    digits(mail.lines().find(is_code).unwrap_or_else(|| panic!("no code in {mail}")))
}

async fn populate(house: &House, rules: SignInRules) {
    let id: OrganizationId = ORGANIZATION.parse().unwrap();
    let organization = Organization {
        id: id.clone(),
        console_id: "1".parse().unwrap(),
        name: "Example Works".into(),
        enabled: true,
        limits: Limits::default(),
        branding: Branding { logo_uri: None, color: Some("#123456".into()) },
        sign_in_rules: rules,
        created_at: START,
    };
    let project = Project {
        id: "11".parse().unwrap(),
        organization_id: id.clone(),
        name: "First".into(),
        title: "First".into(),
        description: String::new(),
        created_at: START,
    };
    let workspace = Workspace {
        id: "12".parse().unwrap(),
        project_id: project.id.clone(),
        name: "Production".into(),
        created_at: START,
    };
    let options = SignInOptions { post_logout_redirect_uris: vec![SIGNED_OUT.into()], ..SignInOptions::default() };
    let redirects = Redirects { options, ..Redirects::to(CALLBACK).unwrap() };
    let client = Client {
        id: WEB_APP.parse().unwrap(),
        credential_id: "13".parse().unwrap(),
        organization_id: id,
        workspace_id: workspace.id.clone(),
        name: "Photo <b>Desk</b>".into(),
        kind: ClientKind::OauthWebApp(redirects),
        enabled: true,
        limits: Limits::default(),
        token_algorithm: None,
        created_at: START,
    };
    let fill = async |tx: &mut tollgate_store::Transaction| -> Result<(), StoreError> {
        assert!(organizations::insert(tx, &organization).await?);
        assert!(projects::insert(tx, &project, std::slice::from_ref(&workspace)).await?);
        assert!(clients::insert(tx, &client).await?);
        Ok(())
    };
    house.db.transact(fill).await.unwrap();
    house.directory.refresh().await.unwrap();
}
