use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::{Duration, Instant},
};

use tollgate_crypto::{Algorithm, MasterKey, SystemEntropy};
use tollgate_model::{
    Clock, Seconds,
    id::TokenId,
    scope::ScopeSet,
    secret::SecretKind,
    token::{AccessToken, Actor, Revoked},
};

use super::*;
use crate::{
    Db, Statement, StoreError, certificates, clients,
    fixture::{self, Example, NOW, committed},
    organizations, params, secrets, services,
    signing_keys::{self, SigningKeyRow},
    subscriptions,
};

struct SetClock(AtomicI64);

impl SetClock {
    fn new() -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(NOW.micros())))
    }

    fn advance(&self, by: Seconds) {
        self.0.fetch_add(by.0 * 1_000_000, Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

struct Watched {
    example: Example,
    master_key: Arc<MasterKey>,
    clock: Arc<SetClock>,
    live: LiveDirectory,
}

async fn watched() -> Watched {
    let example = Example::new().await;
    let (master_key, clock) = (Arc::new(MasterKey::generate(&SystemEntropy)), SetClock::new());
    let live = LiveDirectory::open(example.db.clone(), master_key.clone(), clock.clone()).await.unwrap();
    Watched { example, master_key, clock, live }
}

fn token_of(client: &Client) -> AccessToken {
    AccessToken {
        id: TokenId::generate(&SystemEntropy, NOW),
        client_id: client.id.clone(),
        subject: client.kind.technical_account().unwrap().id.to_string(),
        actor: Actor::TechnicalAccount,
        organization_id: client.organization_id.clone(),
        scope: ScopeSet::empty(),
        audience: Vec::new(),
        issued_at: NOW,
        expires_at: NOW + Seconds::DAY,
        sign_in: None,
        key_thumbprint: None,
        acting_client: None,
    }
}

async fn visible_within_a_second(what: &str, mut is_visible: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_visible() {
        assert!(began.elapsed() < Duration::from_secs(1), "{what} is not visible after {:?}", began.elapsed());
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Changes rows behind the store's back, as a broken disk or an impatient administrator does.
async fn tamper(db: &Db, sql: &'static str) {
    let statement = Statement { name: "test", sql };
    committed!(db, |tx| async {
        crate::generations::bump(tx, crate::generations::Generation::Directory).await?;
        tx.run(&statement, &params![]).await
    });
}

#[tokio::test]
async fn a_credential_comes_with_its_organization_secrets_certificates_and_services() {
    let Watched { example, live, .. } = watched().await;
    let Example { db, organization, client, service, .. } = example;
    let secret = fixture::secret(&client.id, SecretKind::ClientSecret);
    let expiring = fixture::secret(&client.id, SecretKind::SecretKey);
    let expiring = StoredSecret { expires_at: Some(NOW + Seconds(60)), ..expiring };
    let (key, certificate) = fixture::real_certificate(&client.id);
    assert!(committed!(db, |tx| secrets::insert_if_fewer(tx, &secret, 2)));
    assert!(committed!(db, |tx| secrets::insert_if_fewer(tx, &expiring, 2)));
    assert!(committed!(db, |tx| certificates::insert(tx, &certificate)));
    assert!(committed!(db, |tx| subscriptions::insert(tx, &client.id, &service.code, NOW)));
    assert!(
        live.current().client(client.id.as_str()).unwrap().secrets.is_empty(),
        "nothing is seen before the refresh"
    );

    live.refresh().await.unwrap();
    let directory = live.current();
    let found = directory.client(client.id.as_str()).unwrap();
    assert_eq!(found.client, client);
    assert_eq!(*found.organization, organization);
    assert_eq!(found.secrets, [secret]);
    assert_eq!(found.certificates[0].certificate, certificate);
    let signature = key.sign(b"message").unwrap();
    assert!(found.certificates[0].key.verify(Algorithm::Es256, b"message", &signature));
    assert_eq!(found.allowed_scopes().comma_separated(), "openid,AdobeID,WeatherSDK.read,WeatherSDK.write");
    assert_eq!(found.allowed_metascopes().comma_separated(), "ent_WeatherSDK");
    assert!(found.is_subscribed(&service.code) && found.is_enabled());
    assert_eq!(**directory.service("WeatherSDK").unwrap(), service);
    assert_eq!(directory.organization(organization.id.as_str()).unwrap().id, organization.id);

    let holder = directory.secret_key(&expiring.digest, NOW).unwrap();
    assert_eq!((&holder.client.client.id, &holder.secret.id), (&client.id, &expiring.id));
    assert!(directory.secret_key(&expiring.digest, NOW + Seconds(60)).is_none(), "an expired key opens nothing");
    assert!(directory.secret_key(&fixture::digest("other"), NOW).is_none());
}

#[tokio::test]
async fn a_credential_is_enabled_while_it_and_its_organization_are() {
    let Watched { example: Example { db, organization, client, .. }, live, .. } = watched().await;
    let is_enabled = async || {
        live.refresh().await.unwrap();
        live.current().client(client.id.as_str()).unwrap().is_enabled()
    };
    assert!(is_enabled().await);
    assert!(committed!(db, |tx| organizations::set_enabled(tx, &organization.id, false)));
    assert!(!is_enabled().await);
    assert!(committed!(db, |tx| organizations::set_enabled(tx, &organization.id, true)));
    assert!(committed!(db, |tx| clients::set_enabled(tx, &client.id, false)));
    assert!(!is_enabled().await);
    assert!(committed!(db, |tx| clients::delete(tx, &client.id)));
    live.refresh().await.unwrap();
    assert!(live.current().client(client.id.as_str()).is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_another_process_writes_is_visible_within_a_second() {
    let Watched { example, live, .. } = watched().await;
    let following = tokio::spawn(live.clone().run());
    let elsewhere = Db::open(&example.db.address()).await.unwrap();
    // Long enough for the follower to have settled down to wait.
    tokio::time::sleep(Duration::from_millis(200)).await;

    let service = fixture::service("NewSDK");
    assert!(committed!(elsewhere, |tx| services::insert(tx, &service)));
    visible_within_a_second("a service", || live.current().service("NewSDK").is_some()).await;

    let token = token_of(&example.client);
    let revocation = fixture::revocation(Revoked::Token(token.id.clone()));
    committed!(elsewhere, |tx| crate::revocations::insert(tx, &revocation));
    visible_within_a_second("a revocation", || live.revocations().is_revoked(&token)).await;
    following.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_this_process_writes_is_visible_within_a_second_without_asking() {
    let Watched { example: Example { db, client, .. }, live, .. } = watched().await;
    let following = tokio::spawn(live.clone().run());
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(committed!(db, |tx| clients::set_enabled(tx, &client.id, false)));
    visible_within_a_second("a change", || !live.current().client(client.id.as_str()).unwrap().is_enabled()).await;
    following.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_revocation_is_in_force_and_on_the_disk_when_the_call_returns() {
    let Watched { example: Example { db, client, .. }, master_key, clock, live } = watched().await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..64 {
        let (live, token) = (live.clone(), token_of(&client));
        tasks.spawn(async move {
            assert!(!live.revocations().is_revoked(&token));
            live.revoke(&fixture::revocation(Revoked::Token(token.id.clone()))).await.unwrap();
            assert!(live.revocations().is_revoked(&token));
            token
        });
    }
    let tokens = tasks.join_all().await;
    let restarted = LiveDirectory::open(Db::open(&db.address()).await.unwrap(), master_key, clock).await.unwrap();
    assert!(tokens.iter().all(|token| restarted.revocations().is_revoked(token)));
    assert_eq!(restarted.revocations().len(), 64);

    let untouched = token_of(&client);
    assert!(!live.revocations().is_revoked(&untouched));
    live.revoke(&fixture::revocation(Revoked::Client(client.id.clone()))).await.unwrap();
    assert!(live.revocations().is_revoked(&untouched));
}

#[tokio::test]
async fn a_revocation_that_cannot_be_stored_is_a_fault_and_ends_nothing() {
    let Watched { example: Example { db, client, .. }, live, .. } = watched().await;
    let drop_table = Statement { name: "test", sql: "drop table revocations" };
    committed!(db, |tx| tx.run(&drop_table, &params![]));
    let token = token_of(&client);
    assert!(live.revoke(&fixture::revocation(Revoked::Token(token.id.clone()))).await.is_err());
    assert!(!live.revocations().is_revoked(&token));
}

#[tokio::test]
async fn expired_revocations_are_dropped_from_memory() {
    let Watched { clock, live, .. } = watched().await;
    live.revoke(&fixture::revoked_token()).await.unwrap();
    clock.advance(Seconds(86_399));
    live.refresh().await.unwrap();
    assert_eq!(live.revocations().len(), 1);
    clock.advance(Seconds(61));
    live.refresh().await.unwrap();
    assert!(live.revocations().is_empty());
}

#[tokio::test]
async fn more_revocations_than_a_page_are_all_loaded() {
    let Watched { example: Example { db, .. }, live, .. } = watched().await;
    let many = crate::revocations::REVOCATIONS_MAX + 5;
    committed!(db, |tx| async {
        for _ in 0..many {
            crate::revocations::insert(tx, &fixture::revoked_token()).await?;
        }
        Ok::<(), StoreError>(())
    });
    live.refresh().await.unwrap();
    assert_eq!(live.revocations().len(), many);
}

#[tokio::test]
async fn one_row_that_does_not_parse_fails_the_refresh_loudly_and_the_old_directory_stays() {
    let Watched { example: Example { db, client, .. }, clock, live, .. } = watched().await;
    let (_, certificate) = fixture::real_certificate(&client.id);
    assert!(committed!(db, |tx| certificates::insert(tx, &certificate)));
    live.refresh().await.unwrap();
    let before = live.current().generation;

    tamper(&db, "update certificates set pem = 'nonsense'").await;
    let fault = live.refresh().await.unwrap_err().to_string();
    assert!(
        fault.contains("`certificates`") && fault.contains(&certificate.fingerprint) && fault.contains("`pem`"),
        "{fault}"
    );
    assert_eq!(live.current().generation, before);
    assert!(live.current().client(client.id.as_str()).is_some());
    clock.advance(Seconds(STALE_SECONDS_MAX + 1));
    assert!(!live.is_fresh(clock.now()), "a refresh that fails confirms nothing");

    assert!(committed!(db, |tx| certificates::delete(tx, &client.id, &certificate.fingerprint)));
    live.refresh().await.unwrap();
    assert!(live.current().generation > before && live.is_fresh(clock.now()));

    tamper(&db, "update services set document = '{}'").await;
    assert!(matches!(live.refresh().await, Err(StoreError::Corrupt { table: "services", .. })));
}

#[tokio::test]
async fn what_was_confirmed_long_ago_is_stale() {
    let Watched { clock, live, .. } = watched().await;
    assert!(live.is_fresh(clock.now()));
    clock.advance(Seconds(STALE_SECONDS_MAX));
    assert!(live.is_fresh(clock.now()));
    clock.advance(Seconds(1));
    assert!(!live.is_fresh(clock.now()));
    live.refresh().await.unwrap();
    assert!(live.is_fresh(clock.now()));
}

#[tokio::test]
async fn a_refresh_without_a_change_keeps_the_very_same_directory_and_one_with_a_change_keeps_parsed_keys() {
    let Watched { example: Example { db, client, .. }, master_key, live, .. } = watched().await;
    assert!(committed!(db, |tx| signing_keys::insert(tx, &fixture::signing_key(&master_key, "key-1"))));
    live.refresh().await.unwrap();
    let before = live.current().clone();
    live.refresh().await.unwrap();
    assert!(Arc::ptr_eq(&before, &live.current()));
    assert!(committed!(db, |tx| clients::set_enabled(tx, &client.id, false)));
    live.refresh().await.unwrap();
    assert!(Arc::ptr_eq(before.keys.find("key-1").unwrap(), live.current().keys.find("key-1").unwrap()));
}

#[tokio::test]
async fn the_newest_active_key_signs_until_it_is_retired_and_leaves_the_set_when_it_expires() {
    let Watched { example: Example { db, .. }, master_key, clock, live } = watched().await;
    let first = fixture::signing_key(&master_key, "key-1");
    let second = SigningKeyRow { active_from: NOW + Seconds(60), ..fixture::signing_key(&master_key, "key-2") };
    for key in [&first, &second] {
        assert!(committed!(db, |tx| signing_keys::insert(tx, key)));
    }
    live.refresh().await.unwrap();
    let active = |now| live.current().keys.active(Algorithm::Es256, now).map(|key| key.id.to_string());
    assert_eq!(active(NOW - Seconds(1)), None);
    assert_eq!(active(NOW), Some("key-1".to_owned()));
    assert_eq!(active(NOW + Seconds(60)), Some("key-2".to_owned()));
    assert!(live.current().keys.active(Algorithm::Rs256, NOW).is_none());
    assert_eq!(live.current().keys.published(NOW).count(), 2, "a key is published before it signs");

    let (retired_at, expires_at) = (NOW + Seconds(30), NOW + Seconds(90));
    assert!(committed!(db, |tx| signing_keys::retire(tx, &first.key_id, retired_at, expires_at)));
    live.refresh().await.unwrap();
    assert_eq!(active(NOW + Seconds(29)), Some("key-1".to_owned()));
    assert_eq!(active(NOW + Seconds(30)), None);
    let key = live.current().keys.find("key-1").unwrap().clone();
    let signature = key.signing.as_ref().unwrap().sign(b"message").unwrap();
    assert!(key.verifying.verify(Algorithm::Es256, b"message", &signature));
    assert_eq!(key.token_header(|key| format!("header of {}", key.id)), "header of key-1");
    assert_eq!(key.token_header(|_| unreachable!("it is written once")), "header of key-1");

    clock.advance(Seconds(90));
    live.refresh().await.unwrap();
    assert!(live.current().keys.find("key-1").is_none());
}

#[tokio::test]
async fn a_sealed_key_opens_with_its_own_master_key_and_in_its_own_row_only() {
    let Watched { example: Example { db, .. }, master_key, clock, .. } = watched().await;
    let (first, second) = (fixture::signing_key(&master_key, "key-1"), fixture::signing_key(&master_key, "key-2"));
    assert!(committed!(db, |tx| signing_keys::insert(tx, &first)));
    let other = Arc::new(MasterKey::generate(&SystemEntropy));
    let refused = LiveDirectory::open(db.clone(), other, clock.clone()).await.unwrap_err().to_string();
    assert!(refused.contains("`signing_keys`") && refused.contains("key-1"), "{refused}");

    assert!(committed!(db, |tx| signing_keys::insert(tx, &second)));
    tamper(
        &db,
        "update signing_keys set sealed_private = (select sealed_private from signing_keys where id = 'key-1')",
    )
    .await;
    assert!(LiveDirectory::open(db, master_key, clock).await.is_err());
}
