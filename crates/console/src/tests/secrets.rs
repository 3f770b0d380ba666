use tollgate_model::{Seconds, client::CredentialType, secret::SecretKind};

use super::{Fixture, refused};
use crate::{Noun, Refusal, credentials::NewKind};

#[tokio::test]
async fn a_second_secret_is_added_and_a_third_refused_until_one_is_deleted() {
    let fixture = Fixture::new().await;
    let console = &fixture.console;
    let client_id = fixture.server_to_server().await;
    let second = console.create_secret(&client_id, SecretKind::ClientSecret, None).await.unwrap();
    let third = refused(console.create_secret(&client_id, SecretKind::ClientSecret, None).await);
    assert_eq!(third, Refusal::SecretsFull { client_id: client_id.clone(), kind: SecretKind::ClientSecret });
    console.delete_secret(&client_id, &second.stored.id).await.unwrap();
    console.create_secret(&client_id, SecretKind::ClientSecret, None).await.unwrap();
    assert_eq!(console.secrets(&client_id).await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_secrets_added_at_once_where_one_has_room_one_is_refused() {
    let fixture = Fixture::new().await;
    for _ in 0..20 {
        let client_id = fixture.server_to_server().await;
        let add = || {
            let (console, client_id) = (fixture.console.clone(), client_id.clone());
            tokio::spawn(async move { console.create_secret(&client_id, SecretKind::ClientSecret, None).await })
        };
        let (one, two) = tokio::join!(add(), add());
        let refusals: Vec<_> = [one, two].into_iter().filter_map(|joined| joined.unwrap().err()).collect();
        assert_eq!(refusals.len(), 1);
        assert!(refusals[0].to_string().contains("has 2 live secrets"), "{}", refusals[0]);
        assert_eq!(fixture.console.secrets(&client_id).await.unwrap().len(), 2);
    }
}

#[tokio::test]
async fn secret_keys_are_for_every_type_and_client_secrets_are_not() {
    let fixture = Fixture::new().await;
    let made = fixture.create(fixture.credential(NewKind::ApiKey(Vec::new()))).await;
    let client_id = &made.credential.placed.client.id;
    let refusal = refused(fixture.console.create_secret(client_id, SecretKind::ClientSecret, None).await);
    assert_eq!(refusal, Refusal::NoClientSecret(CredentialType::ApiKey));
    for _ in 0..2 {
        let key = fixture.console.create_secret(client_id, SecretKind::SecretKey, None).await.unwrap();
        assert!(key.plain.reveal().starts_with("tgk_"));
    }
    let third = refused(fixture.console.create_secret(client_id, SecretKind::SecretKey, None).await);
    assert!(matches!(third, Refusal::SecretsFull { .. }), "{third}");
}

#[tokio::test]
async fn an_expired_secret_makes_room_and_an_expiry_in_the_past_is_refused() {
    let fixture = Fixture::new().await;
    let client_id = fixture.server_to_server().await;
    let add = |end| fixture.console.create_secret(&client_id, SecretKind::SecretKey, end);
    let now = fixture.console.now();
    assert_eq!(refused(add(Some(now)).await), Refusal::ExpiryPassed(now));
    add(Some(now + Seconds(60))).await.unwrap();
    add(None).await.unwrap();
    assert!(matches!(refused(add(None).await), Refusal::SecretsFull { .. }));
    fixture.wait(Seconds(60));
    add(None).await.unwrap();
}

#[tokio::test]
async fn a_secret_is_deleted_only_by_its_own_credential() {
    let fixture = Fixture::new().await;
    let (own, other) = (fixture.server_to_server().await, fixture.server_to_server().await);
    let id = &fixture.console.secrets(&own).await.unwrap()[0].id;
    let refusal = refused(fixture.console.delete_secret(&other, id).await);
    assert!(matches!(refusal, Refusal::Unknown { noun: Noun::Secret, .. }), "{refusal}");
    fixture.console.delete_secret(&own, id).await.unwrap();
    assert_eq!(fixture.console.secrets(&own).await.unwrap(), []);
}
