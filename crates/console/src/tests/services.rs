use tollgate_model::{client::CredentialType, service::Authorization};

use super::{Fixture, code, draft, refused, upstream};
use crate::{
    Contents, Noun, Refusal,
    catalogue::example,
    services::{ServiceDraft, UPSTREAMS_MAX},
};

#[test]
fn the_example_catalogue_gives_every_reachable_service_its_upstream() {
    let services = example(&upstream());
    assert_eq!(services.len(), 12);
    for service in services {
        assert_eq!(service.upstreams.len(), usize::from(service.gateway_path.is_some()), "{}", service.code);
    }
}

#[tokio::test]
async fn seeding_twice_adds_each_service_once_and_requires_only_scopes_that_open_an_api() {
    let fixture = Fixture::new().await;
    assert_eq!(fixture.console.seed_example(&upstream()).await.unwrap().len(), 12);
    assert_eq!(fixture.console.seed_example(&upstream()).await.unwrap(), []);
    for (name, required) in [("CampaignSDK", "campaign_sdk"), ("AdobeAnalyticsSDK", ""), ("StockSDK", "")] {
        let service = fixture.console.service(&code(name)).await.unwrap();
        assert_eq!(service.required_scopes.comma_separated(), required, "{name}");
    }
}

#[tokio::test]
async fn a_new_service_takes_every_type_that_can_bring_what_it_demands() {
    let fixture = Fixture::new().await;
    let by_key = fixture.service("KeySDK", Authorization::ApiKey).await;
    assert_eq!(by_key.credential_types, CredentialType::ALL);
    let by_token = fixture.service("TokenSDK", Authorization::ServiceToken).await;
    assert_eq!(by_token.credential_types, [CredentialType::OauthServerToServer, CredentialType::ServiceAccountJwt]);
    assert!(by_token.enabled);
    assert_eq!(fixture.console.service(&code("TokenSDK")).await.unwrap(), by_token);
}

#[tokio::test]
async fn required_scopes_follow_the_scopes_until_they_are_named() {
    let fixture = Fixture::new().await;
    let new = ServiceDraft { scopes: "openid,one".parse().unwrap(), ..draft("TokenSDK", Authorization::ServiceToken) };
    let made = fixture.console.create_service(new).await.unwrap();
    assert_eq!(made.required_scopes.comma_separated(), "one");

    let update = |change: fn(&mut ServiceDraft)| {
        let console = fixture.console.clone();
        async move { console.update_service(&code("TokenSDK"), change).await }
    };
    let followed = update(|service| service.scopes = "openid,one,two".parse().unwrap()).await.unwrap();
    assert_eq!(followed.required_scopes.comma_separated(), "one,two");
    let named = update(|service| service.required_scopes = Some("two".parse().unwrap())).await.unwrap();
    assert_eq!(named.required_scopes.comma_separated(), "two");
    let stays = update(|service| service.scopes = "two,three".parse().unwrap()).await.unwrap();
    assert_eq!(stays.required_scopes.comma_separated(), "two");
    let by_key = update(|service| {
        service.authorization = Authorization::ApiKey;
        service.required_scopes = None;
    });
    assert!(by_key.await.unwrap().required_scopes.is_empty());
}

#[tokio::test]
async fn a_service_that_cannot_work_is_refused_with_what_is_missing() {
    let fixture = Fixture::new().await;
    let good = || draft("TokenSDK", Authorization::ServiceToken);
    let create = |draft| {
        let console = fixture.console.clone();
        async move { refused(console.create_service(draft).await) }
    };
    let refusal = create(ServiceDraft { upstreams: Vec::new(), ..good() }).await;
    assert_eq!(refusal, Refusal::UpstreamMissing(code("TokenSDK")));
    let refusal = create(ServiceDraft { gateway_path: None, ..good() }).await;
    assert_eq!(refusal, Refusal::PathMissing(code("TokenSDK")));
    let refusal = create(ServiceDraft { required_scopes: Some("one".parse().unwrap()), ..good() }).await;
    assert_eq!(refusal, Refusal::ScopeNotGranted { service: code("TokenSDK"), scope: "one".into() });
    let scopes = "one".parse().unwrap();
    let by_key = draft("KeySDK", Authorization::ApiKey);
    let refusal = create(ServiceDraft { required_scopes: Some("one".parse().unwrap()), scopes, ..by_key }).await;
    assert_eq!(refusal, Refusal::ScopesWithoutToken(code("KeySDK")));
    for invalid in [
        ServiceDraft { host: Some("https://api.example.com".into()), ..good() },
        ServiceDraft { host: Some("api_example".into()), ..good() },
        ServiceDraft { upstreams: vec![upstream(); UPSTREAMS_MAX + 1], ..good() },
        ServiceDraft { credential_types: Some(Vec::new()), ..good() },
        ServiceDraft { name: " ".into(), ..good() },
    ] {
        let refusal = create(invalid).await;
        assert!(matches!(refusal, Refusal::Invalid(_)), "{refusal}");
    }
    assert_eq!(fixture.console.services().await.unwrap(), []);
}

#[tokio::test]
async fn a_code_and_a_path_on_a_host_belong_to_one_service() {
    let fixture = Fixture::new().await;
    fixture.service("OneSDK", Authorization::ApiKey).await;
    let again = fixture.console.create_service(draft("OneSDK", Authorization::ApiKey)).await;
    assert!(matches!(refused(again), Refusal::Taken { noun: Noun::Service, .. }));

    let same_path = |host: Option<&str>| ServiceDraft {
        gateway_path: Some("/onesdk".parse().unwrap()),
        host: host.map(str::to_owned),
        ..draft("TwoSDK", Authorization::ApiKey)
    };
    let taken = refused(fixture.console.create_service(same_path(None)).await);
    assert_eq!(taken, Refusal::PathTaken { path: "/onesdk".parse().unwrap(), host: None });
    let elsewhere = fixture.console.create_service(same_path(Some("API.example.com"))).await.unwrap();
    assert_eq!(elsewhere.host.as_deref(), Some("api.example.com"));
    let moved = fixture.console.update_service(&code("TwoSDK"), |service| service.host = None).await;
    assert!(matches!(refused(moved), Refusal::PathTaken { .. }));
    assert_eq!(fixture.console.service(&code("TwoSDK")).await.unwrap(), elsewhere);
}

#[tokio::test]
async fn a_service_is_switched_off_and_deleted_only_by_its_code() {
    let fixture = Fixture::new().await;
    fixture.service("OneSDK", Authorization::ApiKey).await;
    fixture.console.set_service_enabled(&code("OneSDK"), false).await.unwrap();
    assert!(!fixture.console.service(&code("OneSDK")).await.unwrap().enabled);
    let renamed = fixture.console.update_service(&code("OneSDK"), |service| service.name = "New".into()).await.unwrap();
    assert_eq!((renamed.name.as_str(), renamed.enabled), ("New", false));
    for refusal in [
        refused(fixture.console.set_service_enabled(&code("NoSDK"), true).await),
        refused(fixture.console.update_service(&code("NoSDK"), |_| ()).await),
        refused(fixture.console.delete_service(&code("NoSDK"), Contents::GoToo).await),
        refused(fixture.console.service(&code("NoSDK")).await),
    ] {
        assert!(matches!(refusal, Refusal::Unknown { noun: Noun::Service, .. }), "{refusal}");
    }
}

#[tokio::test]
async fn a_service_with_subscriptions_goes_only_with_them() {
    let fixture = Fixture::new().await;
    fixture.service("OneSDK", Authorization::ApiKey).await;
    let client_id = fixture.server_to_server().await;
    fixture.console.subscribe(&client_id, &[code("OneSDK")]).await.unwrap();
    let refusal = refused(fixture.console.delete_service(&code("OneSDK"), Contents::MustBeNone).await);
    assert!(refusal.to_string().contains("still holds 1 subscription:"), "{refusal}");
    fixture.console.delete_service(&code("OneSDK"), Contents::GoToo).await.unwrap();
    assert_eq!(fixture.console.subscriptions(&client_id).await.unwrap(), []);
}
