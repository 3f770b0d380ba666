//! What an administrator changes holds in a running server.

use std::time::{Duration, Instant};

use tollgate_acceptance::{AT_ONCE, Answer, Echo, Tollgate};

async fn soon(tollgate: &Tollgate, path: &str, key: &str, token: Option<&str>, expected: u16) -> Answer {
    let deadline = Instant::now() + AT_ONCE;
    loop {
        let answer = tollgate.call(path, key, token).await;
        if answer.status == expected || Instant::now() > deadline {
            assert_eq!(answer.status, expected, "{answer:?}");
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_new_service_is_live_at_once_and_so_is_its_end() {
    let (tollgate, echo) = (Tollgate::start().await, Echo::start().await);
    tollgate.create_service("Weather", "api_key", &echo.url(), &[]);
    let credential = tollgate.create_credential("api_key", &[]).await;
    tollgate.administer(&["subscription", "create", "--credential", credential.id(), "--service", "Weather"]);
    soon(&tollgate, "/weather/x", credential.id(), None, 200).await;
    tollgate.administer(&["subscription", "delete", "--credential", credential.id(), "--service", "Weather"]);
    let refused = soon(&tollgate, "/weather/x", credential.id(), None, 403).await;
    assert_eq!(refused.body["error_code"], "403003");
    tollgate.administer(&["service", "delete", "Weather"]);
    soon(&tollgate, "/weather/x", credential.id(), None, 404).await;
}

#[tokio::test]
async fn a_disabled_or_deleted_credential_gets_neither_token_nor_call() {
    let (tollgate, echo) = (Tollgate::start().await, Echo::start().await);
    tollgate.create_service("Campaign", "service_token", &echo.url(), &["--scopes", "campaign_sdk"]);
    let credential = tollgate.create_credential("oauth_server_to_server", &["Campaign"]).await;
    let token = credential.token(&tollgate).await;
    soon(&tollgate, "/campaign/x", credential.id(), Some(&token), 200).await;

    tollgate.administer(&["credential", "disable", credential.id()]);
    soon(&tollgate, "/campaign/x", credential.id(), Some(&token), 403).await;
    assert_eq!(tollgate.post("/ims/token/v3", &credential.client_credentials()).await.status, 400);

    tollgate.administer(&["credential", "enable", credential.id()]);
    soon(&tollgate, "/campaign/x", credential.id(), Some(&token), 200).await;

    tollgate.administer(&["credential", "delete", credential.id()]);
    soon(&tollgate, "/campaign/x", credential.id(), Some(&token), 403).await;
    let answer = tollgate.post("/ims/token/v3", &credential.client_credentials()).await;
    assert_eq!((answer.status, &answer.body["error"]), (400, &"invalid_client".into()), "{answer:?}");
}

#[tokio::test]
async fn the_credentials_of_a_disabled_organization_are_dead() {
    let (tollgate, echo) = (Tollgate::start().await, Echo::start().await);
    tollgate.create_service("Weather", "api_key", &echo.url(), &[]);
    let credential = tollgate.create_credential("api_key", &["Weather"]).await;
    soon(&tollgate, "/weather/x", credential.id(), None, 200).await;
    let organizations = tollgate.administer(&["organization", "list"]);
    let id = organizations[0]["id"].as_str().expect("an organization has an id").to_owned();
    tollgate.administer(&["organization", "disable", &id]);
    soon(&tollgate, "/weather/x", credential.id(), None, 403).await;
}

#[tokio::test]
async fn a_second_secret_works_beside_the_first_and_a_deleted_one_no_more() {
    let tollgate = Tollgate::start().await;
    let credential = tollgate.create_credential("oauth_server_to_server", &[]).await;
    let second = tollgate.administer(&["secret", "create", "--credential", credential.id()]);
    let second_secret = second["client_secret"].as_str().expect("a new secret is shown once");
    let form = |secret: &str| {
        vec![
            ("grant_type".to_owned(), "client_credentials".to_owned()),
            ("client_id".to_owned(), credential.id().to_owned()),
            ("client_secret".to_owned(), secret.to_owned()),
        ]
    };
    let url = format!("{}/ims/token/v3", tollgate.base_url);
    let ask = async |secret: &str| tollgate.send(tollgate.http.post(&url).form(&form(secret))).await;
    tokio::time::sleep(AT_ONCE).await;
    assert_eq!(ask(credential.secret()).await.status, 200);
    assert_eq!(ask(second_secret).await.status, 200);

    let third = tollgate.run(&["secret", "create", "--credential", credential.id(), "--json"]);
    assert_eq!(third.code, Some(2), "a third secret is refused: {third:?}");

    let secrets = tollgate.administer(&["secret", "list", "--credential", credential.id()]);
    let first_id = secrets
        .as_array()
        .and_then(|secrets| secrets.iter().find(|secret| secret["id"] != second["id"]))
        .and_then(|secret| secret["id"].as_str())
        .expect("the first secret is listed");
    tollgate.administer(&["secret", "delete", "--credential", credential.id(), first_id]);
    tokio::time::sleep(AT_ONCE).await;
    let refused = ask(credential.secret()).await;
    assert_eq!(refused.status, 400);
    assert_eq!(refused.text, r#"{"error":"invalid_client","error_description":"invalid client_secret parameter"}"#);
    assert_eq!(ask(second_secret).await.status, 200);
}
