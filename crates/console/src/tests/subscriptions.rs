use tollgate_model::service::{Authorization, Service};

use super::{Fixture, code, refused};
use crate::{Refusal, credentials::NewKind};

fn codes(services: &[Service]) -> Vec<&str> {
    services.iter().map(|own| own.code.as_str()).collect()
}

#[tokio::test]
async fn subscribing_again_changes_nothing_and_one_refusal_undoes_all() {
    let fixture = Fixture::new().await;
    for name in ["OneSDK", "TwoSDK"] {
        fixture.service(name, Authorization::ApiKey).await;
    }
    fixture.service("TokenSDK", Authorization::ServiceToken).await;
    let made = fixture.create(fixture.credential(NewKind::ApiKey(Vec::new()))).await;
    let client_id = &made.credential.placed.client.id;
    for _ in 0..2 {
        let all = fixture.console.subscribe(client_id, &[code("OneSDK")]).await.unwrap();
        assert_eq!(codes(&all), ["OneSDK"]);
    }
    let refusal = refused(fixture.console.subscribe(client_id, &[code("TwoSDK"), code("TokenSDK")]).await);
    assert!(
        refusal.to_string().contains("use a credential of type oauth_server_to_server, service_account_jwt"),
        "{refusal}"
    );
    assert_eq!(codes(&fixture.console.subscriptions(client_id).await.unwrap()), ["OneSDK"]);
}

#[tokio::test]
async fn replacing_leaves_exactly_what_is_named_or_everything_as_it_was() {
    let fixture = Fixture::new().await;
    for name in ["OneSDK", "TwoSDK", "ThreeSDK"] {
        fixture.service(name, Authorization::ApiKey).await;
    }
    let client_id = fixture.server_to_server().await;
    fixture.console.subscribe(&client_id, &[code("OneSDK"), code("TwoSDK")]).await.unwrap();
    let refusal = refused(fixture.console.replace_subscriptions(&client_id, &[code("NoSDK")]).await);
    assert!(matches!(refusal, Refusal::Unknown { .. }));
    assert_eq!(codes(&fixture.console.subscriptions(&client_id).await.unwrap()), ["OneSDK", "TwoSDK"]);
    let now = fixture.console.replace_subscriptions(&client_id, &[code("ThreeSDK"), code("TwoSDK")]).await.unwrap();
    assert_eq!(codes(&now), ["ThreeSDK", "TwoSDK"]);
    assert_eq!(fixture.console.replace_subscriptions(&client_id, &[]).await.unwrap(), []);
}

#[tokio::test]
async fn only_a_subscription_that_exists_can_be_ended() {
    let fixture = Fixture::new().await;
    fixture.service("OneSDK", Authorization::ApiKey).await;
    let client_id = fixture.server_to_server().await;
    fixture.console.subscribe(&client_id, &[code("OneSDK")]).await.unwrap();
    let subscribers = fixture.console.subscribers(&code("OneSDK")).await.unwrap();
    assert_eq!(subscribers.iter().map(|own| &own.id).collect::<Vec<_>>(), [&client_id]);
    fixture.console.unsubscribe(&client_id, &code("OneSDK")).await.unwrap();
    let refusal = refused(fixture.console.unsubscribe(&client_id, &code("OneSDK")).await);
    assert_eq!(refusal, Refusal::NotSubscribed { client_id, service: code("OneSDK") });
}
