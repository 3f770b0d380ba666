//! A revoked token is dead at the next request, everywhere, and stays dead.

use std::time::{Duration, Instant};

use tollgate_acceptance::{Credential, Echo, Tollgate};

async fn house() -> (Tollgate, Echo, Credential) {
    let (tollgate, echo) = (Tollgate::start().await, Echo::start().await);
    tollgate.create_service("Campaign", "service_token", &echo.url(), &["--scopes", "campaign_sdk"]);
    let credential = tollgate.create_credential("oauth_server_to_server", &["Campaign"]).await;
    (tollgate, echo, credential)
}

async fn revoke(tollgate: &Tollgate, credential: &Credential, token: &str) {
    let request = tollgate.http.post(format!("{}/ims/revoke", tollgate.base_url));
    let request = request.basic_auth(credential.id(), Some(credential.secret())).form(&[("token", token)]);
    let answer = tollgate.send(request).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, ""), "{answer:?}");
}

#[tokio::test]
async fn a_revoked_token_is_refused_at_the_very_next_request_and_after_a_restart() {
    let (mut tollgate, echo, credential) = house().await;
    for _ in 0..25 {
        let token = credential.token(&tollgate).await;
        assert_eq!(tollgate.call("/campaign/x", credential.id(), Some(&token)).await.status, 200);
        revoke(&tollgate, &credential, &token).await;
        let refused = tollgate.call("/campaign/x", credential.id(), Some(&token)).await;
        assert_eq!((refused.status, refused.body["error_code"].as_str()), (401, Some("401013")), "{refused:?}");
        assert!(refused.body["detail"].as_str().is_some_and(|detail| detail.contains("revoked")), "{refused:?}");
    }
    let token = credential.token(&tollgate).await;
    revoke(&tollgate, &credential, &token).await;
    tollgate.kill();
    tollgate.serve().await;
    assert_eq!(tollgate.call("/campaign/x", credential.id(), Some(&token)).await.status, 401);
    let form = [("type", "access_token"), ("client_id", credential.id()), ("token", &token)];
    let validated = tollgate.post("/ims/validate_token/v1", &form).await;
    assert_eq!((validated.status, &validated.body["valid"]), (200, &false.into()), "{validated:?}");
    assert_eq!(echo.calls(), 25);
}

#[tokio::test]
async fn another_node_refuses_a_revoked_token_as_soon_as_it_is_woken() {
    let (tollgate, _echo, credential) = house().await;
    let node = tollgate.second_node().await;
    let token = credential.token(&tollgate).await;
    assert_eq!(node.call("/campaign/x", credential.id(), Some(&token)).await.status, 200);
    revoke(&tollgate, &credential, &token).await;
    let deadline = Instant::now() + Duration::from_secs(1);
    while node.call("/campaign/x", credential.id(), Some(&token)).await.status == 200 {
        assert!(Instant::now() < deadline, "the other node still accepts the token after a second");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn nobody_revokes_the_token_of_somebody_else() {
    let (tollgate, _echo, credential) = house().await;
    let other = tollgate.create_credential("oauth_server_to_server", &[]).await;
    let token = credential.token(&tollgate).await;
    let request = tollgate.http.post(format!("{}/ims/revoke", tollgate.base_url));
    tollgate.send(request.basic_auth(other.id(), Some(other.secret())).form(&[("token", &token)])).await;
    assert_eq!(tollgate.call("/campaign/x", credential.id(), Some(&token)).await.status, 200);
}
