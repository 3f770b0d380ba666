//! What is known of a credential from one request to the next: revocation, remembered tokens, origins, signed identity.

use serde_json::Value;
use tollgate_crypto::{Algorithm, Compact};
use tollgate_model::{
    Seconds,
    client::ClientKind,
    service::{Authorization, IdentityForwarding, KeyDemand},
    token::{Revocation, Revoked},
};
use tollgate_store::{clients, secrets};

use crate::{
    scene::{KEY_ID, Scene},
    upstream::Upstream,
};

#[tokio::test]
async fn a_revoked_token_is_refused_at_the_very_next_request_although_it_was_remembered() {
    let scene = Scene::new().await;
    let upstream = Upstream::echo().await;
    let service = scene
        .service("/campaign", &[upstream.address], |service| service.authorization = Authorization::ServiceToken)
        .await;
    let client = scene.service_account(&[&service]).await;
    let [one, two] = [scene.token(&client, "openid"), scene.token(&client, "openid")];
    let call = async |token: &str| {
        scene
            .get("/campaign", &[("x-api-key", client.id.as_str()), ("authorization", &format!("Bearer {token}"))])
            .await
    };
    for token in [&one, &two, &one, &two] {
        assert_eq!(call(token).await.status, 200);
    }
    let id = serde_json::from_slice::<Value>(&Compact::parse(&one, 2_048).unwrap().payload).unwrap()["id"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let revocation = |revoked| Revocation { revoked, revoked_at: scene.now(), expires_at: scene.now() + Seconds::DAY };
    scene.house.directory.revoke(&revocation(Revoked::Token(id))).await.unwrap();
    let refused = call(&one).await;
    assert_eq!((refused.code().as_str(), refused.detail().contains("revoked")), ("401013", true));
    assert_eq!(call(&two).await.status, 200);
    scene.house.directory.revoke(&revocation(Revoked::Client(client.id.clone()))).await.unwrap();
    assert_eq!(call(&two).await.code(), "401013");
}

#[tokio::test]
async fn a_remembered_token_ends_with_its_time_its_credential_and_its_scope_for_another_service() {
    let scene = Scene::new().await;
    let upstream = Upstream::echo().await;
    let demand = |scope: &'static str| {
        move |service: &mut tollgate_model::service::Service| {
            service.authorization = Authorization::ServiceToken;
            service.required_scopes = scope.parse().unwrap();
        }
    };
    let (wide, narrow) = (
        scene.service("/a", &[upstream.address], demand("one")).await,
        scene.service("/b", &[upstream.address], demand("one,two")).await,
    );
    let client = scene.service_account(&[&wide, &narrow]).await;
    let bearer = format!("Bearer {}", scene.token(&client, "one"));
    let call =
        async |path: &str| scene.get(path, &[("x-api-key", client.id.as_str()), ("authorization", &bearer)]).await;
    assert_eq!(call("/a").await.status, 200);
    assert_eq!(call("/b").await.code(), "403011");
    assert_eq!(call("/a").await.status, 200);
    scene.house.db.transact(async |tx| clients::set_enabled(tx, &client.id, false).await).await.unwrap();
    scene.refresh().await;
    assert_eq!(call("/a").await.code(), "403003");
    scene.house.db.transact(async |tx| clients::set_enabled(tx, &client.id, true).await).await.unwrap();
    scene.advance(Seconds::DAY.0 + 1);
    scene.refresh().await;
    assert!(call("/a").await.detail().contains("expired"));
}

#[tokio::test]
async fn a_public_key_is_bound_to_its_origins_and_a_secret_key_is_not() {
    let scene = Scene::new().await;
    let upstream = Upstream::echo().await;
    let service = scene.service("/stock", &[upstream.address], |_| {}).await;
    let origins = vec!["https://www.example.com".parse().unwrap(), "*.example.org".parse().unwrap()];
    let client = scene.client(ClientKind::ApiKey { allowed_origins: origins }, &[&service], |_| {}).await;
    let call = async |headers: &[(&str, &str)]| {
        scene.get("/stock", &[&[("x-api-key", client.id.as_str())], headers].concat()).await
    };
    assert_eq!(call(&[("origin", "https://www.example.com")]).await.status, 200);
    assert_eq!(call(&[("origin", "https://a.example.org")]).await.status, 200);
    for headers in [
        &[][..],
        &[("origin", "null")],
        &[("origin", "https://www.example.com.evil.test")],
        &[("origin", "https://www.example.com"), ("origin", "https://evil.test")],
    ] {
        assert_eq!(call(headers).await.code(), "403003", "{headers:?}");
    }
    let secret = scene.secret_key(&client, None).await;
    assert_eq!(scene.get("/stock", &[("x-api-key", &secret)]).await.status, 200);
}

#[tokio::test]
async fn when_a_secret_key_was_last_accepted_is_written() {
    let scene = Scene::new().await;
    let upstream = Upstream::echo().await;
    let service = scene.service("/vault", &[upstream.address], |service| service.key = KeyDemand::SecretKey).await;
    let client = scene.api_key(&[&service]).await;
    let secret = scene.secret_key(&client, None).await;
    assert_eq!(scene.get("/vault", &[("x-api-key", &secret)]).await.status, 200);
    scene.gateway.shutdown().await.unwrap();
    let stored = secrets::list(&scene.house.db, &client.id).await.unwrap();
    let minute = scene.now().seconds() - scene.now().seconds() % 60;
    assert_eq!(stored[0].last_used_at.map(tollgate_model::Timestamp::seconds), Some(minute));
}

#[tokio::test]
async fn credentials_in_the_query_go_no_further_and_the_token_goes_where_tokens_belong() {
    let scene = Scene::new().await;
    let upstream = Upstream::echo().await;
    let service =
        scene.service("/user", &[upstream.address], |service| service.authorization = Authorization::UserToken).await;
    let client = scene.service_account(&[&service]).await;
    let token = scene.token(&client, "openid,AdobeID");
    let target = format!("/user/x?a=%20b&api_key={}&user_token={token}&c", client.id);
    let answer = scene.get(&target, &[]).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["target"], "/user/x?a=%20b&c");
    assert_eq!(answer.received("authorization"), Some(format!("Bearer {token}")));
    assert_eq!(answer.received("x-api-key").as_deref(), Some(client.id.as_str()));
    assert_eq!(answer.received("x-client-id").as_deref(), Some(client.id.as_str()));
    assert_eq!(
        answer.received("x-user-id").as_deref(),
        client.kind.technical_account().map(|account| account.id.as_str())
    );
    assert_eq!(answer.received("x-oauth-scope").as_deref(), Some("openid,AdobeID"));
    assert_eq!(answer.received("x-organization-id").as_deref(), Some(scene.organization.id.as_str()));
    let two = scene
        .get(
            &format!("/user?user_token={token}"),
            &[("x-api-key", client.id.as_str()), ("authorization", "Bearer other")],
        )
        .await;
    assert_eq!(two.code(), "400041");
}

#[tokio::test]
async fn a_token_does_not_reach_a_service_that_demands_none() {
    let scene = Scene::new().await;
    let upstream = Upstream::echo().await;
    let service = scene.service("/stock", &[upstream.address], |_| {}).await;
    let client = scene.service_account(&[&service]).await;
    let bearer = format!("Bearer {}", scene.token(&client, "openid"));
    let answer = scene.get("/stock", &[("x-api-key", client.id.as_str()), ("authorization", &bearer)]).await;
    assert_eq!((answer.status, answer.received("authorization")), (200, None));
}

#[tokio::test]
async fn who_calls_can_be_told_in_a_signed_token_for_one_service_and_one_minute() {
    let scene = Scene::new().await;
    let upstream = Upstream::echo().await;
    let service = scene
        .service("/signed", &[upstream.address], |service| {
            service.authorization = Authorization::ServiceToken;
            service.forwarding.identity = IdentityForwarding::SignedToken;
        })
        .await;
    let client = scene.service_account(&[&service]).await;
    let bearer = format!("Bearer {}", scene.token(&client, "openid,AdobeID"));
    let call = async || {
        scene
            .get(
                "/signed",
                &[("x-api-key", client.id.as_str()), ("authorization", &bearer), ("x-tollgate-identity", "forged")],
            )
            .await
    };
    let answer = call().await;
    let identity = answer.received("x-tollgate-identity").unwrap();
    assert_eq!((answer.received("x-client-id"), answer.received("x-user-id")), (None, None));
    let compact = Compact::parse(&identity, 2_048).unwrap();
    assert_eq!(compact.verify(&scene.key.public(), &[Algorithm::Es256]), Ok(()));
    assert_eq!(
        (compact.header.kid.as_deref(), compact.header.typ.as_deref()),
        (Some(KEY_ID), Some("tollgate-identity+jwt"))
    );
    let claims: Value = serde_json::from_slice(&compact.payload).unwrap();
    assert_eq!(claims["aud"], "signed");
    assert_eq!(claims["client_id"], client.id.as_str());
    assert_eq!(claims["scope"], "openid AdobeID");
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 60);
    // It is kept for a while, and no longer than it should be.
    assert_eq!(call().await.received("x-tollgate-identity"), Some(identity.clone()));
    scene.advance(41);
    assert_ne!(call().await.received("x-tollgate-identity"), Some(identity.clone()));
    // It is no access token.
    let again = scene
        .get("/signed", &[("x-api-key", client.id.as_str()), ("authorization", &format!("Bearer {identity}"))])
        .await;
    assert_eq!(again.code(), "401013");
}
