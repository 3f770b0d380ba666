use tollgate_crypto::Algorithm;
use tollgate_model::{
    client::{ALLOWED_ORIGINS_MAX, ClientKind, CredentialType, Redirects},
    secret::{LIVE_SECRETS_MAX, client_secret_digest},
    service::Authorization,
};

use super::{Fixture, code, refused};
use crate::{
    Noun, Refusal,
    credentials::{CredentialChange, NewCredential, NewKind},
};

fn redirects() -> Redirects {
    Redirects::to("https://www.example.com/callback").unwrap()
}

#[tokio::test]
async fn every_type_is_made_with_what_belongs_to_it_and_found_by_both_ids() {
    let fixture = Fixture::new().await;
    let certificate = fixture.console.generate_key_pair("test").await.unwrap().certificate_pem;
    for (kind, secret) in [
        (NewKind::ApiKey(vec!["*.example.com".parse().unwrap()]), false),
        (NewKind::OauthWebApp(redirects()), true),
        (NewKind::OauthSinglePageApp(redirects()), false),
        (NewKind::OauthNativeApp(Some(redirects())), false),
        (NewKind::OauthServerToServer, true),
        (NewKind::ServiceAccountJwt { jti_required: true }, true),
    ] {
        let signs = matches!(kind, NewKind::ServiceAccountJwt { .. });
        let certificates = if signs { vec![certificate.clone()] } else { Vec::new() };
        let made = fixture.create(NewCredential { certificates, ..fixture.credential(kind) }).await;
        let client = &made.credential.placed.client;
        assert_eq!(made.client_secret.is_some(), secret, "{}", client.credential_type());
        assert_eq!(made.certificates.len(), usize::from(signs));
        assert_eq!(client.kind.technical_account().is_some(), client.credential_type().has_technical_account());
        assert_eq!(client.organization_id, fixture.organization.id);
        assert_eq!(fixture.console.credential(client.id.as_str()).await.unwrap(), made.credential);
        assert_eq!(fixture.console.credential(client.credential_id.as_str()).await.unwrap(), made.credential);
    }
    assert_eq!(fixture.console.credentials(None, None).await.unwrap().len(), CredentialType::ALL.len());
}

#[tokio::test]
async fn the_secret_that_is_shown_is_the_one_that_is_stored() {
    let fixture = Fixture::new().await;
    let made = fixture.create(fixture.credential(NewKind::OauthServerToServer)).await;
    let secret = made.client_secret.unwrap();
    let stored = fixture.console.secrets(&made.credential.placed.client.id).await.unwrap();
    assert_eq!(stored, [secret.stored]);
    assert_eq!(stored[0].digest, client_secret_digest(&fixture.console.digest_key, secret.plain.reveal()));
    assert!(secret.plain.reveal().starts_with(&stored[0].visible_prefix));
}

#[tokio::test]
async fn a_native_app_without_redirects_gets_a_scheme_of_its_own() {
    let fixture = Fixture::new().await;
    let made = fixture.create(fixture.credential(NewKind::OauthNativeApp(None))).await;
    let client = &made.credential.placed.client;
    let uri = &client.kind.redirects().unwrap().default_uri;
    assert!(uri.starts_with("adobe+") && uri.ends_with(&format!("://adobeid/{}", client.id)), "{uri}");
    assert_eq!(uri.len(), "adobe+".len() + 40 + "://adobeid/".len() + 32);
}

#[tokio::test]
async fn initial_subscriptions_open_their_scopes_and_metascopes() {
    let fixture = Fixture::new().await;
    fixture.console.seed_example(&super::upstream()).await.unwrap();
    let certificate = fixture.console.generate_key_pair("test").await.unwrap().certificate_pem;
    for (kind, metascopes) in [
        (NewKind::OauthServerToServer, ""),
        (NewKind::ServiceAccountJwt { jti_required: false }, "ent_campaign_sdk,ent_marketing_sdk"),
    ] {
        let services = vec![code("CampaignSDK"), code("AdobeTargetSDK"), code("CampaignSDK")];
        let certificates = vec![certificate.clone()];
        let made = fixture.create(NewCredential { certificates, services, ..fixture.credential(kind) }).await;
        assert_eq!(made.credential.scopes().comma_separated(), "openid,AdobeID,campaign_sdk,target_sdk");
        assert_eq!(made.credential.metascopes().comma_separated(), metascopes);
        let client_id = &made.credential.placed.client.id;
        assert_eq!(fixture.console.subscriptions(client_id).await.unwrap().len(), 2);
    }
    let by_key = fixture.create(fixture.credential(NewKind::ApiKey(Vec::new()))).await.credential;
    assert!(by_key.scopes().is_empty(), "a key alone gets no token");
}

#[tokio::test]
async fn a_credential_of_which_the_last_step_is_refused_leaves_nothing_behind() {
    let fixture = Fixture::new().await;
    fixture.service("GoodSDK", Authorization::ApiKey).await;
    fixture.service("TokenSDK", Authorization::ServiceToken).await;
    let by_key = |services| NewCredential {
        client_id: Some("half-made".parse().unwrap()),
        services,
        ..fixture.credential(NewKind::ApiKey(Vec::new()))
    };
    let refusal = refused(fixture.console.create_credential(by_key(vec![code("GoodSDK"), code("TokenSDK")])).await);
    assert_eq!(
        refusal,
        Refusal::TypeNotTaken {
            service: code("TokenSDK"),
            credential_type: CredentialType::ApiKey,
            allowed: vec![CredentialType::OauthServerToServer, CredentialType::ServiceAccountJwt],
        }
    );
    let refusal = refused(fixture.console.create_credential(by_key(vec![code("GoodSDK"), code("NoSDK")])).await);
    assert_eq!(refusal, Refusal::Unknown { noun: Noun::Service, name: "NoSDK".into() });
    assert_eq!(fixture.console.credentials(None, None).await.unwrap(), []);
    assert_eq!(fixture.console.subscribers(&code("GoodSDK")).await.unwrap(), []);
    fixture.create(by_key(vec![code("GoodSDK")])).await;
}

#[tokio::test]
async fn a_service_account_with_one_bad_certificate_leaves_nothing_behind() {
    let fixture = Fixture::new().await;
    let good = fixture.console.generate_key_pair("test").await.unwrap().certificate_pem;
    let new = |certificates| NewCredential {
        certificates,
        ..fixture.credential(NewKind::ServiceAccountJwt { jti_required: false })
    };
    let twice = refused(fixture.console.create_credential(new(vec![good.clone(), good.clone()])).await);
    assert!(matches!(twice, Refusal::CertificateKnown { .. }), "{twice}");
    let missing = refused(fixture.console.create_credential(new(Vec::new())).await);
    assert_eq!(missing, Refusal::CertificateMissing);
    assert_eq!(fixture.console.credentials(None, None).await.unwrap(), []);
    let by_key = NewCredential { certificates: vec![good], ..fixture.credential(NewKind::ApiKey(Vec::new())) };
    let refusal = refused(fixture.console.create_credential(by_key).await);
    assert_eq!(refusal, Refusal::NoCertificates(CredentialType::ApiKey));
    assert_eq!(fixture.console.credentials(None, None).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_id_is_taken_once_also_by_two_at_once() {
    let fixture = Fixture::new().await;
    let new = || NewCredential {
        client_id: Some("aio-cli-console-auth".parse().unwrap()),
        ..fixture.credential(NewKind::OauthServerToServer)
    };
    let make = || {
        let (console, new) = (fixture.console.clone(), new());
        tokio::spawn(async move { console.create_credential(new).await })
    };
    let (one, two) = tokio::join!(make(), make());
    let outcomes = [one.unwrap(), two.unwrap()];
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    for outcome in outcomes {
        if outcome.is_err() {
            assert!(matches!(refused(outcome), Refusal::Taken { noun: Noun::Credential, .. }));
        }
    }
    let client_id = "aio-cli-console-auth".parse().unwrap();
    assert!(fixture.console.secrets(&client_id).await.unwrap().len() < LIVE_SECRETS_MAX);
}

#[tokio::test]
async fn values_that_break_their_rule_are_refused() {
    let fixture = Fixture::new().await;
    let good = || fixture.credential(NewKind::OauthServerToServer);
    let origins = vec!["example.com".parse().unwrap(); ALLOWED_ORIGINS_MAX + 1];
    for invalid in [
        NewCredential { name: String::new(), ..good() },
        NewCredential { token_algorithm: Some(Algorithm::Ps256), ..good() },
        fixture.credential(NewKind::ApiKey(origins)),
    ] {
        let refusal = refused(fixture.console.create_credential(invalid).await);
        assert!(matches!(refusal, Refusal::Invalid(_)), "{refusal}");
    }
    for (unknown, noun) in [
        (NewCredential { workspace: Some("Stage".into()), ..good() }, Noun::Workspace),
        (NewCredential { project_id: "1".parse().unwrap(), ..good() }, Noun::Project),
    ] {
        let refusal = refused(fixture.console.create_credential(unknown).await);
        assert!(matches!(refusal, Refusal::Unknown { noun: own, .. } if own == noun), "{refusal}");
    }
    assert_eq!(fixture.console.credentials(None, None).await.unwrap(), []);
}

#[tokio::test]
async fn a_change_touches_what_it_names_and_only_where_it_belongs() {
    let fixture = Fixture::new().await;
    let made = fixture.create(fixture.credential(NewKind::ApiKey(Vec::new()))).await.credential.placed.client;
    let change = CredentialChange {
        name: Some("New name".to_owned()),
        allowed_origins: Some(vec!["https://www.example.com".parse().unwrap()]),
        token_algorithm: Some(Some(Algorithm::Rs256)),
        ..CredentialChange::default()
    };
    let changed = fixture.console.update_credential(&made.id, change).await.unwrap();
    assert_eq!((changed.name.as_str(), changed.token_algorithm), ("New name", Some(Algorithm::Rs256)));
    assert!(matches!(&changed.kind, ClientKind::ApiKey { allowed_origins } if allowed_origins.len() == 1));
    assert_eq!(fixture.console.client(made.id.as_str()).await.unwrap(), changed);
    let misplaced = CredentialChange { redirects: Some(redirects()), ..CredentialChange::default() };
    assert!(matches!(refused(fixture.console.update_credential(&made.id, misplaced).await), Refusal::Invalid(_)));
}

#[tokio::test]
async fn a_deleted_credential_is_gone_with_its_secrets_and_subscriptions() {
    let fixture = Fixture::new().await;
    fixture.service("OneSDK", Authorization::ApiKey).await;
    let client_id = fixture.server_to_server().await;
    fixture.console.subscribe(&client_id, &[code("OneSDK")]).await.unwrap();
    fixture.console.set_credential_enabled(&client_id, false).await.unwrap();
    assert!(!fixture.console.client(client_id.as_str()).await.unwrap().enabled);
    fixture.console.delete_credential(&client_id).await.unwrap();
    assert_eq!(fixture.console.subscribers(&code("OneSDK")).await.unwrap(), []);
    assert_eq!(tollgate_store::secrets::list(&fixture.db, &client_id).await.unwrap(), []);
    assert!(matches!(refused(fixture.console.delete_credential(&client_id).await), Refusal::Unknown { .. }));
}
