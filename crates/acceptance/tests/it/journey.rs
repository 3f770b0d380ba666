//! The main job: an integration is created, subscribed, gets its token, and calls an API.

use tollgate_acceptance::{Echo, Tollgate};

#[tokio::test]
async fn a_key_alone_reaches_a_service_that_asks_for_a_key_and_for_no_other() {
    let (tollgate, echo) = (Tollgate::start().await, Echo::start().await);
    tollgate.create_service("Weather", "api_key", &echo.url(), &[]);
    tollgate.create_service("Harvest", "api_key", &echo.url(), &[]);
    let credential = tollgate.create_credential("api_key", &["Weather"]).await;

    let answer = tollgate.call("/weather/today?api_key=another", credential.id(), None).await;
    assert_eq!(answer.status, 400, "two keys are ambiguous: {answer:?}");
    let answer = tollgate.call("/weather/today?at=noon&x=%20", credential.id(), None).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.body["path"], "/weather/today");
    assert_eq!(answer.body["query"], "at=noon&x=%20");
    assert_eq!(answer.body["headers"]["x-client-id"], credential.id());
    assert_eq!(answer.body["headers"]["x-request-id"], answer.header("x-request-id"));

    let other = tollgate.call("/harvest/today", credential.id(), None).await;
    assert_eq!((other.status, other.body["error_code"].as_str()), (403, Some("403003")), "{other:?}");
    assert!(other.body["detail"].as_str().is_some_and(|detail| detail.contains("subscri")), "{other:?}");
    assert_eq!(echo.calls(), 1);
}

#[tokio::test]
async fn a_server_gets_a_token_with_its_secret_and_the_token_opens_the_service() {
    let (tollgate, echo) = (Tollgate::start().await, Echo::start().await);
    tollgate.create_service("Campaign", "service_token", &echo.url(), &["--scopes", "openid,AdobeID,campaign_sdk"]);
    let credential = tollgate.create_credential("oauth_server_to_server", &["Campaign"]).await;
    let token = credential.token(&tollgate).await;
    assert!(token.len() < 2048, "{} bytes", token.len());

    let answer = tollgate.call("/campaign/v1/profiles", credential.id(), Some(&token)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.body["headers"]["x-user-id"], credential.created["technical_account_id"]);
    assert!(answer.body["headers"]["x-oauth-scope"].as_str().is_some_and(|scope| scope.contains("campaign_sdk")));

    let without = tollgate.call("/campaign/v1/profiles", credential.id(), None).await;
    assert_eq!((without.status, without.body["error_code"].as_str()), (403, Some("403010")), "{without:?}");
    assert!(without.header("www-authenticate").starts_with("Bearer"), "{without:?}");
    assert_eq!(echo.calls(), 1);
}

#[tokio::test]
async fn a_token_with_too_little_scope_does_not_open_the_service() {
    let (tollgate, echo) = (Tollgate::start().await, Echo::start().await);
    tollgate.create_service("Campaign", "service_token", &echo.url(), &["--scopes", "openid,AdobeID,campaign_sdk"]);
    let credential = tollgate.create_credential("oauth_server_to_server", &["Campaign"]).await;
    let form = [&credential.client_credentials()[..], &[("scope", "openid AdobeID")]].concat();
    let token =
        tollgate.post("/ims/token/v3", &form).await.body["access_token"].as_str().unwrap_or_default().to_owned();

    let answer = tollgate.call("/campaign/v1", credential.id(), Some(&token)).await;
    assert_eq!((answer.status, answer.body["error_code"].as_str()), (403, Some("403011")), "{answer:?}");
    assert!(answer.body["detail"].as_str().is_some_and(|detail| detail.contains("campaign_sdk")), "{answer:?}");
    assert_eq!(echo.calls(), 0);
}

#[tokio::test]
async fn a_service_account_exchanges_a_jwt_and_the_token_opens_the_service() {
    let (tollgate, echo) = (Tollgate::start().await, Echo::start().await);
    tollgate.create_service(
        "Target",
        "service_token",
        &echo.url(),
        &["--scopes", "target_sdk", "--metascopes", "ent_marketing_sdk"],
    );
    let credential = tollgate.create_credential("service_account_jwt", &["Target"]).await;
    let exchanged = credential.exchange(&tollgate, &credential.signed(&credential.claims(&tollgate))).await;
    assert_eq!(exchanged.status, 200, "{exchanged:?}");
    assert!(exchanged.body["expires_in"].as_i64().is_some_and(|millis| millis > 86_000_000), "{exchanged:?}");
    let token = exchanged.body["access_token"].as_str().unwrap();

    let answer = tollgate.call("/target/v1/activities", credential.id(), Some(token)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.body["headers"]["x-user-id"], credential.created["technical_account_id"]);
}

#[tokio::test]
async fn the_token_of_one_credential_with_the_key_of_another_opens_nothing() {
    let (tollgate, echo) = (Tollgate::start().await, Echo::start().await);
    tollgate.create_service("Campaign", "service_token", &echo.url(), &["--scopes", "campaign_sdk"]);
    let first = tollgate.create_credential("oauth_server_to_server", &["Campaign"]).await;
    let second = tollgate.create_credential("oauth_server_to_server", &["Campaign"]).await;
    let token = first.token(&tollgate).await;

    let answer = tollgate.call("/campaign/v1", second.id(), Some(&token)).await;
    assert_eq!((answer.status, answer.body["error_code"].as_str()), (401, Some("401014")), "{answer:?}");
    assert_eq!(echo.calls(), 0);
}

#[tokio::test]
async fn one_credential_serves_many_services() {
    let (tollgate, echo) = (Tollgate::start().await, Echo::start().await);
    for code in ["One", "Two", "Three"] {
        tollgate.create_service(code, "service_token", &echo.url(), &["--scopes", "shared_sdk"]);
    }
    let credential = tollgate.create_credential("oauth_server_to_server", &["One", "Two", "Three"]).await;
    let token = credential.token(&tollgate).await;
    for path in ["/one/x", "/two/x", "/three/x"] {
        assert_eq!(tollgate.call(path, credential.id(), Some(&token)).await.status, 200, "{path}");
    }
    assert_eq!(echo.calls(), 3);
}

#[tokio::test]
async fn usage_is_counted_by_credential_and_service() {
    let (mut tollgate, echo) = (Tollgate::start().await, Echo::start().await);
    tollgate.create_service("Weather", "api_key", &echo.url(), &[]);
    let credential = tollgate.create_credential("api_key", &["Weather"]).await;
    for _ in 0..7 {
        tollgate.call("/weather/today", credential.id(), None).await;
    }
    let (_, code) = tollgate.stop();
    assert_eq!(code, Some(0), "{}", tollgate.log());
    let usage = tollgate.run(&["usage", "--json"]);
    assert_eq!(usage.code, Some(0), "{usage:?}");
    assert!(usage.out.contains("\"Weather\"") && usage.out.contains('7'), "{usage:?}");
}
