//! A house with one organization, for the tests of this room.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use tollgate_crypto::{MasterKey, SystemEntropy};
use tollgate_model::{
    Clock, Seconds, Timestamp,
    id::{OrganizationId, OrganizationNumber, SessionId, UserId},
    limit::Limits,
    organization::{Branding, Organization, SignInRules},
    session::{Method, Methods, Session},
    user::{AccountType, Role, User},
};
use tollgate_store::{Db, LiveDirectory, StoreError, organizations, users};
use tollgate_web::{Egress, House, Instance, egress::Allowance};

use crate::{
    People, Settings, SignedIn, Visitor,
    settings::{MailDelivery, MailSettings},
};

/// The issuer of the tests: the one plain address at which browsers know passkeys.
pub(crate) const ISSUER: &str = "http://localhost:8080";

pub(crate) struct StoppedClock(AtomicI64);

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::Relaxed))
    }
}

pub(crate) struct Scene {
    pub(crate) people: People,
    pub(crate) clock: Arc<StoppedClock>,
    pub(crate) organization: Organization,
}

impl Scene {
    pub(crate) async fn new() -> Self {
        Self::at(ISSUER).await
    }

    pub(crate) async fn at(issuer: &str) -> Self {
        let clock = Arc::new(StoppedClock(AtomicI64::new(Timestamp::from_seconds(1_800_000_000).micros())));
        let db = Db::temporary().await.unwrap();
        let organization = organization("Example");
        db.transact::<_, StoreError>(async |tx| organizations::insert(tx, &organization).await).await.unwrap();
        let master_key = Arc::new(MasterKey::generate(&SystemEntropy));
        let directory = LiveDirectory::open(db.clone(), Arc::clone(&master_key), clock.clone()).await.unwrap();
        let instance = Instance::new(issuer, "http://localhost:8081");
        let house = House::new(db, directory, instance, (clock.clone(), Arc::new(SystemEntropy)), master_key);
        let mail = MailSettings { from: "Tollgate <no-reply@example.com>".to_owned(), delivery: MailDelivery::None };
        let egress = Egress::new(&Allowance { loopback: true, ..Allowance::default() }).unwrap();
        Self { people: People::new(house, Settings::new(mail, egress)), clock, organization }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, seconds: i64) {
        let now = self.clock.now() + Seconds(seconds);
        self.clock.0.store(now.micros(), Ordering::Relaxed);
    }

    /// Another organization.
    pub(crate) async fn other_organization(&self) -> Organization {
        let other = organization("Other");
        let db = &self.people.house().db;
        db.transact::<_, StoreError>(async |tx| organizations::insert(tx, &other).await).await.unwrap();
        self.people.house().directory.refresh().await.unwrap();
        other
    }

    /// A person of the organization without a password.
    pub(crate) async fn person(&self, email: &str, account_type: AccountType) -> User {
        self.person_of(&self.organization, email, account_type, None).await
    }

    pub(crate) async fn person_of(
        &self,
        organization: &Organization,
        email: &str,
        account_type: AccountType,
        password_hash: Option<String>,
    ) -> User {
        let user = User {
            id: UserId::generate(&SystemEntropy, "AdobeID"),
            organization_id: organization.id.clone(),
            email: email.parse().unwrap(),
            name: "Ada Example".to_owned(),
            role: Role::Member,
            password_hash,
            account_type,
            email_verified: true,
            given_name: None,
            family_name: None,
            language: None,
            country_code: None,
            password_expired: false,
            enabled: true,
            created_at: self.now(),
        };
        let db = &self.people.house().db;
        assert!(db.transact::<_, StoreError>(async |tx| users::insert(tx, &user).await).await.unwrap());
        user
    }

    /// The person in a browser, just signed in. The session is in no table.
    pub(crate) fn signed_in(&self, user: &User) -> SignedIn {
        let now = self.now();
        let session = Session {
            id: SessionId::generate(&SystemEntropy, now),
            digest: self.people.house().digest_key.digest("session", b"scene"),
            user_id: user.id.clone(),
            methods: Methods::one(Method::Password),
            authenticated_at: now,
            created_at: now,
            last_seen_at: now,
            expires_at: now + Seconds::DAY,
            address: String::new(),
            user_agent: String::new(),
        };
        SignedIn { session, user: user.clone() }
    }
}

fn organization(name: &str) -> Organization {
    Organization {
        id: OrganizationId::generate(&SystemEntropy, "AdobeOrg"),
        console_id: OrganizationNumber::generate(&SystemEntropy),
        name: name.to_owned(),
        enabled: true,
        limits: Limits::default(),
        branding: Branding::default(),
        sign_in_rules: SignInRules::default(),
        created_at: Timestamp::from_seconds(1_700_000_000),
    }
}

pub(crate) fn visitor() -> Visitor {
    Visitor::new("192.0.2.7".parse().unwrap(), Some("Browser"))
}
