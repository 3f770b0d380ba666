//! A house with one organization that has a credential of each type, another organization, and a clock that tests move.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use axum::body::Body;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tokio::sync::OnceCell;
use tollgate_crypto::{MasterKey, SystemEntropy};
use tollgate_identity::{Identity, keys};
use tollgate_model::{Clock, Timestamp};
use tollgate_people::{
    People, Settings,
    settings::{MailDelivery, MailSettings},
};
use tollgate_store::{
    Db, LiveDirectory, Statement, StoreError, Transaction,
    signing_keys::{self, SigningKeyRow},
};
use tollgate_web::{
    Front, FrontSettings, House, Instance, PeerAddress,
    egress::{Allowance, Egress},
};

pub(crate) use crate::{browser::*, population::*, signing::*};

pub(crate) const START: Timestamp = Timestamp::from_seconds(1_760_000_000);
pub(crate) const ISSUER: &str = "https://ims.test";
pub(crate) const GATEWAY: &str = "https://gateway.test";
pub(crate) const ORGANIZATION: &str = "0123456789ABCDEF01234567@AdobeOrg";
pub(crate) const OTHER_ORGANIZATION: &str = "FFFFFFFFFFFFFFFFFFFFFFFF@AdobeOrg";
pub(crate) const TECHNICAL_ACCOUNT: &str = "AAAABBBBCCCCDDDDEEEEFFFF@techacct.adobe.com";
/// A server-to-server credential, with two secrets.
pub(crate) const SERVER: &str = "server";
pub(crate) const SECRET: &str = "p8e-first_secret-of-the-server-0001";
pub(crate) const SECOND_SECRET: &str = "p8e-second-secret_of-the-server-002";
/// A service account, with [`SERVICE_SECRET`] and the certificate of [`key`] 0.
pub(crate) const SERVICE: &str = "service";
pub(crate) const SERVICE_SECRET: &str = "p8e-secret-of-the-service-account-3";
pub(crate) const WEB_APP: &str = "web-app";
pub(crate) const WEB_SECRET: &str = "p8e-web-app-secret";
pub(crate) const PUBLIC: &str = "single-page-app";
pub(crate) const NATIVE: &str = "native-app";
/// Where people are sent back to from [`WEB_APP`] and [`PUBLIC`].
pub(crate) const CALLBACK: &str = "https://app.test/callback";
/// A person of [`ORGANIZATION`].
pub(crate) const ADA: &str = "AAAAAAAAAAAAAAAAAAAAAAAA@AdobeID";
/// Another person of [`ORGANIZATION`].
pub(crate) const BEN: &str = "BBBBBBBBBBBBBBBBBBBBBBBB@AdobeID";
pub(crate) const API_KEY: &str = "api-key";
/// A server-to-server credential of another organization.
pub(crate) const STRANGER: &str = "stranger";
pub(crate) const STRANGER_SECRET: &str = "p8e-strangers-secret";

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub(crate) struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// The world of a test.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) house: House,
    pub(crate) identity: Identity,
    pub(crate) people: People,
    clock: Arc<TestClock>,
    front: Front,
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.body))
    }

    /// The status, `error`, and `error_description`.
    pub(crate) fn refusal(&self) -> (u16, String, String) {
        let body = self.json();
        let text = |name: &str| body[name].as_str().unwrap_or_else(|| panic!("no {name}: {body}")).to_owned();
        (self.status.as_u16(), text("error"), text("error_description"))
    }

    pub(crate) fn access_token(&self) -> String {
        assert_eq!(self.status, StatusCode::OK, "{}", self.body);
        self.json()["access_token"].as_str().expect("a token").to_owned()
    }
}

/// A house on an empty database.
async fn house(instance: Instance, clock: Arc<TestClock>, master_key: Arc<MasterKey>) -> House {
    let db = Db::temporary().await.unwrap();
    let directory = LiveDirectory::open(db.clone(), Arc::clone(&master_key), clock.clone()).await.unwrap();
    House::new(db, directory, instance, (clock, Arc::new(SystemEntropy)), master_key)
}

/// The first signing keys of an instance, made once for all worlds because RSA keys take long.
async fn made_keys() -> &'static (Arc<MasterKey>, Vec<SigningKeyRow>) {
    static KEYS: OnceCell<(Arc<MasterKey>, Vec<SigningKeyRow>)> = OnceCell::const_new();
    let make = || async {
        let master_key = Arc::new(MasterKey::generate(&SystemEntropy));
        let clock = Arc::new(TestClock(AtomicI64::new(START.micros())));
        let house = house(Instance::new(ISSUER, GATEWAY), clock, Arc::clone(&master_key)).await;
        assert_eq!(keys::ensure(&house).await.unwrap().len(), 2);
        (master_key, signing_keys::list(&house.db).await.unwrap())
    };
    KEYS.get_or_init(make).await
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(|_| ()).await
    }

    /// A world with other settings.
    pub(crate) async fn with(change: impl FnOnce(&mut Instance)) -> Self {
        let mut instance = Instance::new(ISSUER, GATEWAY);
        instance.base_urls.push("https://old.test".into());
        change(&mut instance);
        let clock = Arc::new(TestClock(AtomicI64::new(START.micros())));
        let (master_key, rows) = made_keys().await;
        let has_usual_names = instance.region == Instance::new(ISSUER, GATEWAY).region;
        let house = house(instance, clock.clone(), Arc::clone(master_key)).await;
        populate(&house).await;
        if has_usual_names {
            let copy = async |tx: &mut Transaction| -> Result<(), StoreError> {
                for row in rows {
                    assert!(signing_keys::insert(tx, row).await?);
                }
                Ok(())
            };
            house.db.transact(copy).await.unwrap();
            house.directory.refresh().await.unwrap();
        }
        keys::ensure(&house).await.unwrap();
        Self::of(house, clock)
    }

    fn of(house: House, clock: Arc<TestClock>) -> Self {
        let mail = MailSettings { from: "Tollgate <no-reply@ims.test>".into(), delivery: MailDelivery::None };
        let egress = Egress::new(&Allowance { loopback: true, ..Allowance::default() }).unwrap();
        let people = People::new(house.clone(), Settings::new(mail, egress));
        let identity = Identity::new(house.clone(), people.clone());
        let settings = FrontSettings::default();
        let front = Front::new(identity.router(), clock.clone(), Arc::clone(&house.entropy), settings);
        Self { house, identity, people, clock, front }
    }

    /// A second process on the same database.
    pub(crate) async fn second_node(&self) -> Self {
        let House { db, master_key, clock, entropy, instance, .. } = self.house.clone();
        let directory = LiveDirectory::open(db.clone(), Arc::clone(&master_key), Arc::clone(&clock)).await.unwrap();
        let house = House::new(db, directory, (*instance).clone(), (clock, entropy), master_key);
        Self::of(house, Arc::clone(&self.clock))
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Moves the clock, and lets the directory notice that the database still answers.
    pub(crate) async fn pass(&self, seconds: i64) {
        self.pass_unnoticed(seconds);
        self.house.directory.refresh().await.unwrap();
    }

    pub(crate) fn pass_unnoticed(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }

    /// Changes the database and takes the change in.
    pub(crate) async fn change<T>(&self, work: impl AsyncFnOnce(&mut Transaction) -> Result<T, StoreError>) -> T {
        let changed = self.house.db.transact(work).await.unwrap();
        self.house.directory.refresh().await.unwrap();
        changed
    }

    /// Breaks the store: the table is gone.
    pub(crate) async fn lose_table(&self, sql: &'static str) {
        let statement = Statement { name: "tests::LOSE_TABLE", sql };
        self.house.db.transact::<_, StoreError>(async |tx| tx.run(&statement, &[]).await).await.unwrap();
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let peer = PeerAddress { socket: "127.0.0.1:4711".parse().unwrap(), is_tls: false };
        let (parts, body) = self.front.answer(request, peer).await.into_parts();
        let body = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub(crate) async fn get(&self, address: &str) -> Answer {
        self.send(Request::get(address).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, address: &str, form: &[(&str, &str)]) -> Answer {
        self.post_with(address, &[], form).await
    }

    pub(crate) async fn post_with(&self, address: &str, headers: &[(&str, &str)], form: &[(&str, &str)]) -> Answer {
        let mut request = Request::post(address).header("content-type", "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(encoded(form))).unwrap()).await
    }

    /// A token of [`SERVER`].
    pub(crate) async fn server_token(&self) -> String {
        let answer = self.post("/ims/token/v3", &credentials(SERVER, SECRET)).await;
        answer.access_token()
    }

    /// A token of [`SERVICE`].
    pub(crate) async fn service_token(&self) -> String {
        self.exchange(&self.service_jwt(&json!({}))).await.access_token()
    }

    pub(crate) async fn exchange(&self, jwt: &str) -> Answer {
        self.post("/ims/exchange/jwt", &exchange_form(jwt)).await
    }

    /// A JWT of [`SERVICE`] signed with [`key`] 0, the claims of `changes` put in; `null` takes one out.
    pub(crate) fn service_jwt(&self, changes: &Value) -> String {
        sign(key(0), &claims(self.now(), changes))
    }

    /// What `validate_token` says of a token: `valid`, or the reason.
    pub(crate) async fn validity(&self, token: &str) -> String {
        let body = self.post("/ims/validate_token/v1", &[("token", token)]).await.json();
        if body["valid"] == true { "valid".to_owned() } else { body["reason"].as_str().expect("a reason").to_owned() }
    }
}

pub(crate) fn credentials<'a>(client_id: &'a str, secret: &'a str) -> [(&'a str, &'a str); 3] {
    [("grant_type", "client_credentials"), ("client_id", client_id), ("client_secret", secret)]
}

pub(crate) fn exchange_form(jwt: &str) -> [(&str, &str); 3] {
    [("client_id", SERVICE), ("client_secret", SERVICE_SECRET), ("jwt_token", jwt)]
}

pub(crate) fn encoded(form: &[(&str, &str)]) -> String {
    let escape = |text: &str| {
        text.bytes()
            .map(|byte| match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
                other => format!("%{other:02X}"),
            })
            .collect::<String>()
    };
    form.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect::<Vec<_>>().join("&")
}

pub(crate) fn basic(client_id: &str, secret: &str) -> String {
    use std::fmt::Write as _;
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let pair = format!("{client_id}:{secret}");
    let mut header = String::from("Basic ");
    for group in pair.as_bytes().chunks(3) {
        let bits = group.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for position in 0..4 {
            let digit = DIGITS[usize::try_from(bits >> (18 - 6 * position) & 63).unwrap()];
            let shown = if position <= group.len() { char::from(digit) } else { '=' };
            write!(header, "{shown}").unwrap();
        }
    }
    header
}
