//! Every answer of the gateway itself: code, message, detail, and what a client is told to do.

use tollgate_model::{
    client::ClientKind,
    limit::Limits,
    scope::ScopeSet,
    service::{Authorization, KeyDemand},
};
use tollgate_store::{clients, organizations, services, subscriptions};

use crate::{scene::Scene, upstream::Upstream};

fn scopes(text: &str) -> ScopeSet {
    text.parse().unwrap()
}

#[tokio::test]
async fn a_call_without_a_good_key_gets_the_codes_of_the_contract() {
    let scene = Scene::new().await;
    let upstream = Upstream::echo().await;
    let service = scene.service("/weather", &[upstream.address], |_| {}).await;
    let other = scene.service("/other", &[upstream.address], |_| {}).await;
    let (subscribed, stranger) = (scene.api_key(&[&service]).await, scene.api_key(&[&other]).await);

    let missing = scene.get("/weather", &[]).await;
    assert_eq!((missing.status, missing.code().as_str()), (403, "403000"));
    assert_eq!(missing.json()["message"], "Api Key is required");
    assert_eq!(missing.headers["content-type"], "application/json");
    assert!(missing.headers.contains_key("x-request-id"));

    let unknown = scene.get("/weather", &[("x-api-key", "nobody")]).await;
    assert_eq!((unknown.status, unknown.code().as_str()), (403, "403003"));
    assert_eq!(unknown.json()["message"], "Api Key is invalid");

    let not_subscribed = scene.get("/weather", &[("x-api-key", stranger.id.as_str())]).await;
    assert_eq!((not_subscribed.status, not_subscribed.code().as_str()), (403, "403003"));
    assert!(not_subscribed.detail().contains("is not subscribed to service weather"), "{}", not_subscribed.detail());

    assert_eq!(scene.get("/weather", &[("x-api-key", subscribed.id.as_str())]).await.status, 200);
    assert_eq!(scene.get(&format!("/weather?api_key={}", subscribed.id), &[]).await.status, 200);
    let twice = scene.get("/weather?api_key=other", &[("x-api-key", subscribed.id.as_str())]).await;
    assert_eq!((twice.status, twice.code().as_str()), (400, "400041"));
    assert_eq!(upstream.requests(), 2);
}

#[tokio::test]
async fn a_key_that_may_not_be_used_any_more_is_invalid_at_the_next_request() {
    let scene = Scene::new().await;
    let upstream = Upstream::echo().await;
    let service = scene.service("/weather", &[upstream.address], |_| {}).await;
    let client = scene.api_key(&[&service]).await;
    let call = async || scene.get("/weather", &[("x-api-key", client.id.as_str())]).await;
    assert_eq!(call().await.status, 200);

    let db = &scene.house.db;
    db.transact(async |tx| subscriptions::delete(tx, &client.id, &service.code).await).await.unwrap();
    scene.refresh().await;
    assert!(call().await.detail().contains("not subscribed"));
    let now = scene.now();
    db.transact(async |tx| subscriptions::insert(tx, &client.id, &service.code, now).await).await.unwrap();
    scene.refresh().await;
    assert_eq!(call().await.status, 200);

    db.transact(async |tx| clients::set_enabled(tx, &client.id, false).await).await.unwrap();
    scene.refresh().await;
    assert!(call().await.detail().contains("disabled"));
    db.transact(async |tx| clients::set_enabled(tx, &client.id, true).await).await.unwrap();
    db.transact(async |tx| organizations::set_enabled(tx, &scene.organization.id, false).await).await.unwrap();
    scene.refresh().await;
    assert!(call().await.detail().contains("disabled"));
    db.transact(async |tx| organizations::set_enabled(tx, &scene.organization.id, true).await).await.unwrap();
    db.transact(async |tx| services::set_enabled(tx, &service.code, false).await).await.unwrap();
    scene.refresh().await;
    let off = call().await;
    assert_eq!((off.status, off.code().as_str()), (503, "503080"));
    db.transact(async |tx| clients::delete(tx, &client.id).await).await.unwrap();
    db.transact(async |tx| services::set_enabled(tx, &service.code, true).await).await.unwrap();
    scene.refresh().await;
    assert_eq!(call().await.code(), "403003");
}

#[tokio::test]
async fn a_token_service_says_what_is_wrong_with_the_token_and_where_to_get_one() {
    let scene = Scene::new().await;
    let upstream = Upstream::echo().await;
    let service = scene
        .service("/campaign", &[upstream.address], |service| {
            service.authorization = Authorization::ServiceToken;
            service.required_scopes = scopes("campaign_sdk");
            service.metascopes = scopes("ent_campaign_sdk");
        })
        .await;
    let (client, other) = (scene.service_account(&[&service]).await, scene.service_account(&[&service]).await);
    let call = async |token: &str| {
        scene
            .get("/campaign", &[("x-api-key", client.id.as_str()), ("authorization", &format!("Bearer {token}"))])
            .await
    };

    let missing = scene.get("/campaign", &[("x-api-key", client.id.as_str())]).await;
    assert_eq!((missing.status, missing.code().as_str()), (403, "403010"));
    assert_eq!(missing.json()["message"], "Oauth token is missing.");
    let metadata = "Bearer resource_metadata=\"https://api.test/.well-known/oauth-protected-resource/campaign\"";
    assert_eq!(missing.headers["www-authenticate"], metadata);

    assert_eq!(call(&scene.token(&client, "openid,campaign_sdk")).await.status, 200);
    assert_eq!(call(&scene.token(&client, "ent_campaign_sdk")).await.status, 200);

    let expired = call(&scene.token_with(&client, "campaign_sdk", |claims| {
        let begin = claims["iat"].as_i64().unwrap() - 100_000;
        claims["iat"] = begin.into();
        claims["created_at"] = (begin * 1_000).to_string().into();
        claims["exp"] = (begin + 86_400).into();
    }))
    .await;
    assert_eq!((expired.status, expired.code().as_str()), (401, "401013"));
    assert_eq!(expired.json()["message"], "Oauth token is not valid");
    assert!(expired.detail().contains("expired"), "{}", expired.detail());
    assert!(expired.headers["www-authenticate"].to_str().unwrap().starts_with("Bearer error=\"invalid_token\""));

    let elsewhere =
        call(&scene.token_with(&client, "campaign_sdk", |claims| claims["aud"] = "https://else.test".into())).await;
    assert_eq!(elsewhere.code(), "401013");
    assert!(elsewhere.detail().contains("another audience"), "{}", elsewhere.detail());
    assert_eq!(call("not.a.token").await.code(), "401013");
    assert_eq!(call(&"x".repeat(5_000)).await.code(), "401013");

    let foreign = call(&scene.token(&other, "campaign_sdk")).await;
    assert_eq!((foreign.status, foreign.code().as_str()), (401, "401014"));
    assert_eq!(foreign.json()["message"], "Token not allowed in the current context");

    let narrow = call(&scene.token(&client, "openid")).await;
    assert_eq!((narrow.status, narrow.code().as_str()), (403, "403011"));
    assert_eq!(narrow.json()["message"], "Scope mismatch");
    assert!(
        narrow.headers["www-authenticate"]
            .to_str()
            .unwrap()
            .contains("error=\"insufficient_scope\", scope=\"campaign_sdk\"")
    );
    assert_eq!(upstream.requests(), 2);
}

#[tokio::test]
async fn the_token_of_a_person_opens_what_takes_users_and_not_what_takes_services() {
    let scene = Scene::new().await;
    let upstream = Upstream::echo().await;
    let takes = async |path: &str, authorization| {
        scene.service(path, &[upstream.address], |service| service.authorization = authorization).await
    };
    let (user, machine) =
        (takes("/user", Authorization::UserToken).await, takes("/machine", Authorization::ServiceToken).await);
    let redirects = tollgate_model::client::Redirects::to("https://example.com/callback").unwrap();
    let person = scene.client(ClientKind::OauthWebApp(redirects), &[&user, &machine], |_| {}).await;
    let account = scene.service_account(&[&user, &machine]).await;
    for (client, path, status, code) in [
        (&person, "/user", 200, ""),
        (&person, "/machine", 401, "401014"),
        (&account, "/user", 200, ""),
        (&account, "/machine", 200, ""),
    ] {
        let bearer = format!("Bearer {}", scene.token(client, "openid"));
        let answer = scene.get(path, &[("x-api-key", client.id.as_str()), ("authorization", &bearer)]).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{path}");
    }
}

#[tokio::test]
async fn metadata_of_a_token_service_names_the_authorization_server() {
    let scene = Scene::new().await;
    scene
        .service("/campaign/v1", &[], |service| {
            service.authorization = Authorization::ServiceToken;
            service.required_scopes = scopes("campaign_sdk");
        })
        .await;
    let answer = scene.get("/.well-known/oauth-protected-resource/campaign/v1", &[]).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["content-type"], "application/json");
    let expected = serde_json::json!({
        "resource": "https://api.test/campaign/v1", "authorization_servers": ["https://ims.test"], "scopes_supported": ["campaign_sdk"],
        "bearer_methods_supported": ["header"],
        "dpop_signing_alg_values_supported": ["ES256", "PS256", "RS256"], "resource_name": "/campaign/v1",
    });
    assert_eq!(answer.json(), expected);
    assert_eq!(scene.get("/.well-known/oauth-protected-resource/else", &[]).await.code(), "404000");
    assert_eq!(scene.get("/.well-known/oauth-protected-resource", &[]).await.code(), "404000");
}

#[tokio::test]
async fn our_own_blindness_is_503_and_never_a_refusal() {
    let scene = Scene::new().await;
    let upstream = Upstream::echo().await;
    let service = scene.service("/weather", &[upstream.address], |_| {}).await;
    let guarded = scene
        .service("/campaign", &[upstream.address], |service| service.authorization = Authorization::ServiceToken)
        .await;
    let client = scene.service_account(&[&service, &guarded]).await;
    let token = format!("Bearer {}", scene.token(&client, "openid"));
    scene.advance(59);
    assert_eq!(scene.get("/weather", &[("x-api-key", client.id.as_str())]).await.status, 200);
    scene.advance(2);
    for (path, key, code, message) in [
        ("/weather", client.id.as_str(), "503000", "Could not validate Api Key"),
        ("/weather", "nobody", "503000", "Could not validate Api Key"),
        ("/campaign", client.id.as_str(), "503010", "Could not validate the oauth token"),
    ] {
        let answer = scene.get(path, &[("x-api-key", key), ("authorization", &token)]).await;
        assert_eq!((answer.status, answer.code().as_str()), (503, code));
        assert_eq!(answer.json()["message"], message);
        assert!(answer.headers.contains_key("retry-after") && answer.headers.contains_key("x-request-id"));
    }
    scene.refresh().await;
    assert_eq!(scene.get("/weather", &[("x-api-key", client.id.as_str())]).await.status, 200);
}

#[tokio::test]
async fn an_address_without_a_service_is_404_and_some_methods_go_nowhere() {
    let scene = Scene::new().await;
    let upstream = Upstream::echo().await;
    let service = scene.service("/weather", &[upstream.address], |service| service.limits = Limits::default()).await;
    let client = scene.api_key(&[&service]).await;
    for path in ["/", "/weatherman", "/Weather"] {
        let answer = scene.get(path, &[("x-api-key", client.id.as_str())]).await;
        assert_eq!((answer.status, answer.code().as_str()), (404, "404000"), "{path}");
    }
    let trace = http::Request::builder().method("TRACE").uri("/weather").header("x-api-key", client.id.as_str());
    let answer = scene.send(trace.body(http_body_util::Full::default()).unwrap()).await;
    assert_eq!((answer.status, answer.code().as_str()), (405, "405000"));
}

#[tokio::test]
async fn a_service_that_demands_a_secret_key_takes_no_client_id() {
    let scene = Scene::new().await;
    let upstream = Upstream::echo().await;
    let service = scene.service("/vault", &[upstream.address], |service| service.key = KeyDemand::SecretKey).await;
    let client = scene.api_key(&[&service]).await;
    let now = scene.now();
    let secret = scene.secret_key(&client, Some(now + tollgate_model::Seconds(30))).await;
    let call = async |key: &str| scene.get("/vault", &[("x-api-key", key)]).await;

    let public = call(client.id.as_str()).await;
    assert_eq!((public.status, public.code().as_str()), (403, "403003"));
    assert!(public.detail().contains("takes a secret key"));
    let mut typo = secret.clone();
    typo.replace_range(10..11, if &secret[10..11] == "a" { "b" } else { "a" });
    assert!(call(&typo).await.detail().contains("mistyped"));

    let proved = call(&secret).await;
    assert_eq!(proved.status, 200);
    // The secret stays here: the service is told who it is, not how it was proved.
    assert_eq!(proved.received("x-api-key").as_deref(), Some(client.id.as_str()));
    assert!(!String::from_utf8_lossy(&proved.body).contains(&secret));

    scene.advance(31);
    assert!(call(&secret).await.detail().contains("expired"));
}
