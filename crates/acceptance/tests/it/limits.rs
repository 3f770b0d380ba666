//! Rates and quotas.

use tollgate_acceptance::{Echo, Tollgate};

#[tokio::test]
async fn calls_faster_than_the_rate_are_refused_with_the_time_to_wait() {
    let (tollgate, echo) = (Tollgate::start().await, Echo::start().await);
    tollgate.create_service("Weather", "api_key", &echo.url(), &["--credential-rate", "1/30+3"]);
    let credential = tollgate.create_credential("api_key", &["Weather"]).await;
    let mut statuses = Vec::new();
    for _ in 0..10 {
        statuses.push(tollgate.call("/weather/x", credential.id(), None).await);
    }
    let accepted = statuses.iter().filter(|answer| answer.status == 200).count();
    assert!((3..=4).contains(&accepted), "{accepted} were accepted");
    let refused = statuses.last().unwrap();
    assert_eq!((refused.status, refused.body["error_code"].as_str()), (429, Some("429050")), "{refused:?}");
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert!(!refused.header("ratelimit").is_empty(), "{refused:?}");
    assert_eq!(echo.calls(), accepted as u64);
}

#[tokio::test]
async fn a_rate_is_of_each_credential_and_not_of_all_together() {
    let (tollgate, echo) = (Tollgate::start().await, Echo::start().await);
    tollgate.create_service("Weather", "api_key", &echo.url(), &["--credential-rate", "1/60+1"]);
    let (first, second) = (
        tollgate.create_credential("api_key", &["Weather"]).await,
        tollgate.create_credential("api_key", &["Weather"]).await,
    );
    for credential in [&first, &second] {
        assert_eq!(tollgate.call("/weather/x", credential.id(), None).await.status, 200);
    }
}

#[tokio::test]
async fn refused_calls_do_not_use_up_the_quota() {
    let (tollgate, echo) = (Tollgate::start().await, Echo::start().await);
    tollgate.create_service(
        "Campaign",
        "service_token",
        &echo.url(),
        &["--scopes", "campaign_sdk", "--credential-calls-per-day-max", "2"],
    );
    let credential = tollgate.create_credential("oauth_server_to_server", &["Campaign"]).await;
    let token = credential.token(&tollgate).await;
    for _ in 0..5 {
        assert_eq!(tollgate.call("/campaign/x", credential.id(), None).await.status, 403);
    }
    for expected in [200, 200, 429] {
        assert_eq!(tollgate.call("/campaign/x", credential.id(), Some(&token)).await.status, expected);
    }
}
