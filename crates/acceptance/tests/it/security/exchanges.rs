//! A token that is exchanged opens no more than the one that was shown, and nothing in another organization (row 9).

use tollgate_acceptance::{Answer, Credential, Echo, Tokens, Tollgate, jwt, userinfo};

use super::{Town, until};

const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

async fn exchange(tollgate: &Tollgate, by: &Credential, token: &str, more: &[(&str, &str)]) -> Answer {
    let form = [
        ("grant_type", EXCHANGE),
        ("client_id", by.id()),
        ("client_secret", by.secret()),
        ("subject_token", token),
        ("subject_token_type", ACCESS_TOKEN),
        ("requested_token_type", ACCESS_TOKEN),
    ];
    tollgate.post("/ims/token/v4", &[&form[..], more].concat()).await
}

fn scopes(answer: &Answer) -> Vec<String> {
    let (_, claims) = jwt::open(answer.body["access_token"].as_str().unwrap_or_else(|| panic!("no token: {answer:?}")));
    claims["scope"].as_str().unwrap().split(',').map(str::to_owned).collect()
}

#[tokio::test]
async fn an_exchanged_token_has_scopes_of_both_and_ends_with_the_one_that_was_shown() {
    let (town, echo) = (Town::new().await, Echo::start().await);
    let tollgate = &town.tollgate;
    tollgate.create_service("Photos", "user_token", &echo.url(), &["--scopes", "photos,albums"]);
    let service = tollgate.create_credential("oauth_server_to_server", &["Photos"]).await;
    let app = tollgate
        .create_application(
            "oauth_web_app",
            "https://app.example/callback",
            &["--first-party", "true", "--service", "Photos"],
        )
        .await;
    let mut browser = town.home().await;
    let page = app.asks(tollgate, &mut browser, &town.person, &[("scope", "openid email photos offline_access")]).await;
    let tokens = Tokens::of(&app.redeem(tollgate, &page.parameter("code").unwrap(), &[]).await);

    let exchanged = exchange(tollgate, &service, &tokens.access, &[]).await;
    let got = scopes(&exchanged);
    assert!(got.contains(&"photos".to_owned()), "{got:?}");
    assert!(!got.contains(&"albums".to_owned()) && !got.contains(&"offline_access".to_owned()), "{got:?}");
    for asked in ["albums", "photos,albums", "offline_access", "email", "photos,email"] {
        let answer = exchange(tollgate, &service, &tokens.access, &[("scope", asked)]).await;
        if answer.status == 200 {
            assert!(scopes(&answer).iter().all(|scope| got.contains(scope)), "{asked}: {answer:?}");
        } else {
            assert_eq!(answer.body["error"], "invalid_scope", "{asked}: {answer:?}");
        }
    }
    for wrong in [&tokens.refresh, &tokens.id, &service.token(tollgate).await] {
        let refused = exchange(tollgate, &service, wrong, &[]).await;
        assert_eq!((refused.status, refused.body["error"].as_str()), (400, Some("invalid_grant")), "{refused:?}");
    }
    let (_, shown) = jwt::open(&tokens.access);
    let text = exchanged.body["access_token"].as_str().unwrap();
    let (_, given) = jwt::open(text);
    let end = |claims: &serde_json::Value| {
        let number = |name: &str| claims[name].as_str().unwrap().parse::<i64>().unwrap();
        number("created_at") + number("expires_in")
    };
    assert!(end(&given) <= end(&shown), "{given} {shown}");
    tollgate.administer(&["session", "end", "--user", &town.person.email, "--all"]);
    let status = until(|status| *status == 401, async || userinfo(tollgate, text).await.status).await;
    assert_eq!(status, 401, "it ends with the sign-in that it came from");
}

#[tokio::test]
async fn an_exchange_in_another_organization_is_refused_and_so_are_its_questions() {
    let town = Town::new().await;
    let tollgate = &town.tollgate;
    let tokens = town.tokens().await;
    tollgate.administer(&["organization", "create", "--name", "Elsewhere"]);
    tollgate.administer(&["project", "create", "--name", "There", "--organization", "Elsewhere"]);
    let create = ["credential", "create", "--organization", "Elsewhere", "--project", "There", "--name", "stranger"];
    let stranger =
        Credential::new(tollgate.administer(&[&create[..], &["--type", "oauth_server_to_server"]].concat()), None);
    tollgate.wait_until_known(stranger.id()).await;
    let refused = exchange(tollgate, &stranger, &tokens.access, &[]).await;
    assert_eq!((refused.status, refused.body["error"].as_str()), (400, Some("invalid_grant")), "{refused:?}");
    for token in [&tokens.access, &tokens.refresh] {
        let told = super::introspect(tollgate, token, &stranger).await;
        assert_eq!(told.text, r#"{"active":false}"#, "{told:?}");
        let form = [("token", token.as_str()), ("client_id", stranger.id()), ("client_secret", stranger.secret())];
        assert_eq!(tollgate.post("/ims/revoke", &form).await.status, 200);
    }
    assert_eq!(userinfo(tollgate, &tokens.access).await.status, 200);
    assert_eq!(town.refresh(&tokens.refresh).await.status, 200);
}
