//! What happens when our own means fail: never a lie, never a refusal, never a pass (rows 6 and 26, pain 8).

use std::time::{Duration, Instant};

use serde_json::json;
use tollgate_acceptance::{Answer, Tollgate};

use super::{ALL_DOORS, Scene};

fn assert_is_fault(answer: &Answer) {
    assert_eq!(answer.status, 503, "{answer:?}");
    let wait: u32 = answer.header("retry-after").parse().unwrap_or_else(|_| panic!("no Retry-After: {answer:?}"));
    assert!((1..=60).contains(&wait), "{answer:?}");
    let text = answer.text.to_lowercase();
    for word in ["sqlite", "postgres", "database", "locked", "connection", "panic", "src/"] {
        assert!(!text.contains(word), "the cause is for the log: {answer:?}");
    }
}

#[tokio::test]
async fn a_revocation_that_the_store_does_not_take_is_503_and_the_token_lives_until_it_is_taken() {
    let scene = Scene::new().await;
    let witness = scene.tollgate.create_credential("oauth_server_to_server", &[]).await;
    let account = scene.service_account().await;
    let token = scene.credential.token(&scene.tollgate).await;
    let mut claims = account.claims(&scene.tollgate);
    claims.insert("jti".to_owned(), json!(1));
    let service_jwt = account.signed(&claims);

    let outage = scene.tollgate.stop_writes().await;
    let (revoked, exchanged, opened) =
        tokio::join!(scene.revoke(&token), account.exchange(&scene.tollgate, &service_jwt), async {
            // While writes wait, everything that only reads goes on, and the token is what it was.
            let began = Instant::now();
            let opened = scene.opened(&token, &scene.credential, &witness).await;
            let issued = scene.tollgate.post("/ims/token/v3", &scene.credential.client_credentials()).await;
            assert_eq!(issued.status, 200, "a token needs no write: {issued:?}");
            assert!(began.elapsed() < Duration::from_secs(2), "reads do not wait for writes: {:?}", began.elapsed());
            opened
        });
    for answer in [&revoked, &exchanged] {
        assert_is_fault(answer);
    }
    assert_eq!(opened, ALL_DOORS);
    assert_eq!(scene.opened(&token, &scene.credential, &witness).await, ALL_DOORS, "what was not taken has no effect");
    outage.end().await;

    let second = account.exchange(&scene.tollgate, &service_jwt).await;
    assert_eq!(second.status, 200, "a fault of ours uses up no jti: {second:?}");
    let revoked = scene.revoke(&token).await;
    assert_eq!(revoked.status, 200, "{revoked:?}");
    assert!(scene.opened(&token, &scene.credential, &witness).await.is_empty());
}

#[tokio::test]
async fn an_upstream_that_fails_is_no_refusal_of_the_caller() {
    let scene = Scene::new().await;
    scene.tollgate.create_service("Gone", "api_key", "http://127.0.0.1:9", &[]);
    let credential = scene.tollgate.create_credential("api_key", &["Gone"]).await;
    let answer = scene.tollgate.call("/gone/x", credential.id(), None).await;
    assert!((502..=504).contains(&answer.status), "{answer:?}");
    assert!(answer.body["error_code"].as_str().is_some_and(|code| code.starts_with("50")), "{answer:?}");
}

#[tokio::test]
async fn a_server_with_the_master_key_of_another_installation_does_not_start() {
    let (mut tollgate, other) = (Tollgate::set_up(), Tollgate::set_up());
    tollgate.serve().await;
    tollgate.kill();
    let key = std::fs::read(other.file("tollgate.master.key")).unwrap();
    std::fs::write(tollgate.file("tollgate.master.key"), key).unwrap();
    let ran = tollgate.run(&["serve"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.err.contains("key"), "{ran:?}");
    assert_eq!(ran.err.lines().filter(|line| line.contains("panicked")).count(), 0, "{ran:?}");
}
