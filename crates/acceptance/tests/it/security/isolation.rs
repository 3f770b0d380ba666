//! No answer crosses the border of an organization, and nothing grows on its way (rows 9 and 14).

use serde_json::json;
use tollgate_acceptance::{Answer, Credential, Tollgate, jwt};

use super::{ALL_DOORS, Scene};

/// A credential of an organization of its own, known to the running server.
async fn known_stranger(tollgate: &Tollgate, services: &[&str]) -> Credential {
    let stranger = stranger(tollgate, services);
    tollgate.wait_until_known(stranger.id()).await;
    stranger
}

/// A credential of an organization of its own.
fn stranger(tollgate: &Tollgate, services: &[&str]) -> Credential {
    tollgate.administer(&["organization", "create", "--name", "Elsewhere"]);
    tollgate.administer(&["project", "create", "--name", "There", "--organization", "Elsewhere"]);
    let create = ["credential", "create", "--organization", "Elsewhere", "--project", "There", "--name", "stranger"];
    let mut arguments = [&create[..], &["--type", "oauth_server_to_server"]].concat();
    for service in services {
        arguments.extend(["--service", service]);
    }
    Credential::new(tollgate.administer(&arguments), None)
}

#[tokio::test]
async fn introspection_tells_another_organization_nothing_of_a_token() {
    let scene = Scene::new().await;
    let witness = scene.tollgate.create_credential("oauth_server_to_server", &[]).await;
    let stranger = known_stranger(&scene.tollgate, &["Campaign"]).await;
    let token = scene.credential.token(&scene.tollgate).await;
    assert_eq!(scene.opened(&token, &scene.credential, &witness).await, ALL_DOORS);
    let told = scene.introspect(&token, &stranger).await;
    assert_eq!((told.status, told.text.as_str()), (200, r#"{"active":false}"#), "{told:?}");
    let nonsense = scene.introspect("a.b.c", &stranger).await;
    assert_eq!(nonsense.text, told.text, "a stranger's token and no token look the same");
    for asking in
        [[("token", token.as_str()), ("client_id", stranger.id()), ("client_secret", scene.credential.secret())]]
    {
        let refused = scene.tollgate.post("/ims/introspect", &asking).await;
        assert_eq!(refused.status, 400, "{refused:?}");
    }
    let unnamed = scene.tollgate.post("/ims/introspect", &[("token", &token)]).await;
    assert!(matches!(unnamed.status, 400 | 401), "{unnamed:?}");
}

#[tokio::test]
async fn the_token_and_key_of_two_organizations_do_not_go_together() {
    let scene = Scene::new().await;
    let stranger = known_stranger(&scene.tollgate, &["Campaign"]).await;
    let (own, foreign) = (scene.credential.token(&scene.tollgate).await, stranger.token(&scene.tollgate).await);
    for (key, token) in [(&stranger, &own), (&scene.credential, &foreign)] {
        let refused = scene.tollgate.call("/campaign/x", key.id(), Some(token)).await;
        assert_eq!((refused.status, refused.body["error_code"].as_str()), (401, Some("401014")), "{refused:?}");
    }
    let form = [("token", own.as_str()), ("client_id", stranger.id()), ("client_secret", stranger.secret())];
    assert_eq!(scene.tollgate.post("/ims/revoke", &form).await.status, 200);
    scene.tap.take();
    assert_eq!(scene.tollgate.call("/campaign/x", scene.credential.id(), Some(&own)).await.status, 200);
    let tapped = scene.tap.take();
    let organization = scene.credential.created["organization_id"].as_str().unwrap();
    assert_eq!(tapped[0].values("x-organization-id"), [organization]);
}

#[tokio::test]
async fn an_organization_is_never_taken_from_what_a_caller_says() {
    let scene = Scene::new().await;
    let stranger = known_stranger(&scene.tollgate, &["Campaign"]).await;
    let foreign = stranger.created["organization_id"].as_str().unwrap();
    let form = [&scene.credential.client_credentials()[..], &[("org_id", foreign)]].concat();
    let refused = scene.tollgate.post("/ims/token/v3", &form).await;
    assert_eq!((refused.status, &refused.body["error"]), (400, &json!("invalid_request")), "{refused:?}");

    let token = scene.credential.token(&scene.tollgate).await;
    let request = scene.tollgate.http.post(format!("{}/ims/introspect", scene.tollgate.base_url));
    let request = request
        .form(&[("token", token.as_str()), ("org_id", scene.credential.created["organization_id"].as_str().unwrap())]);
    let request = request.basic_auth(stranger.id(), Some(stranger.secret()));
    let request =
        ["x-organization-id", "x-org-id", "x-zitadel-orgid", "x-ims-org"].into_iter().fold(request, |request, name| {
            request.header(name, scene.credential.created["organization_id"].as_str().unwrap())
        });
    assert_eq!(scene.tollgate.send(request).await.body, json!({"active": false}));
}

#[test]
fn a_command_for_one_organization_finds_nothing_of_another() {
    let tollgate = Tollgate::set_up();
    let stranger = stranger(&tollgate, &[]);
    let listed = |organization: &str| tollgate.administer(&["credential", "list", "--organization", organization]);
    assert_eq!(listed("Weather Works").as_array().map(Vec::len), Some(0));
    assert_eq!(listed("Elsewhere")[0]["client_id"], stranger.id());
    let create = ["credential", "create", "--organization", "Weather Works", "--project", "There", "--name", "abc"];
    let refused = tollgate.run(&[&create[..], &["--type", "api_key"]].concat());
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert_eq!(listed("Elsewhere").as_array().map(Vec::len), Some(1));
}

fn scopes(answer: &Answer) -> Vec<String> {
    let token = answer.body["access_token"].as_str().unwrap_or_else(|| panic!("{answer:?}"));
    let mut scopes: Vec<String> = jwt::open(token).1["scope"].as_str().unwrap().split(',').map(str::to_owned).collect();
    scopes.sort();
    scopes
}

#[tokio::test]
async fn a_token_has_the_scopes_asked_for_or_allowed_and_none_more() {
    let scene = Scene::new().await;
    let scopes_of_service = ["--scopes", "harvest_sdk,harvest_write", "--metascopes", "ent_harvest_sdk"];
    scene.tollgate.create_service("Harvest", "service_token", &scene.tap.url(), &scopes_of_service);
    let ask = async |scope: &str| {
        let form = [&scene.credential.client_credentials()[..], &[("scope", scope)]].concat();
        scene.tollgate.post("/ims/token/v3", &form).await
    };
    assert_eq!(scopes(&ask("openid").await), ["openid"]);
    assert_eq!(scopes(&ask("openid,campaign_sdk").await), ["campaign_sdk", "openid"]);
    assert_eq!(scopes(&ask("").await), ["AdobeID", "campaign_sdk", "openid"]);
    for beyond in
        ["harvest_sdk", "openid,harvest_sdk", "campaign_sdk harvest_write", "ent_campaign_sdk", "Campaign_sdk", "*"]
    {
        let refused = ask(beyond).await;
        assert_eq!((refused.status, &refused.body["error"]), (400, &json!("invalid_scope")), "{beyond}: {refused:?}");
    }

    let account = scene.service_account().await;
    let base = &scene.tollgate.base_url;
    let claims = account.claims(&scene.tollgate);
    let granted = account.exchange(&scene.tollgate, &account.signed(&claims)).await;
    assert_eq!(scopes(&granted), ["AdobeID", "ent_campaign_sdk", "openid"]);
    for beyond in ["ent_harvest_sdk", "campaign_sdk", "harvest_sdk", "all"] {
        let mut claims = claims.clone();
        claims.insert(format!("{base}/s/{beyond}"), json!(true));
        let refused = account.exchange(&scene.tollgate, &account.signed(&claims)).await;
        assert_eq!(refused.status, 400, "{beyond}: {refused:?}");
    }
    let mut foreign = claims.clone();
    foreign.insert("https://example.com/s/ent_campaign_sdk".to_owned(), json!(true));
    assert_eq!(account.exchange(&scene.tollgate, &account.signed(&foreign)).await.status, 400);
    // Parameters cannot add to what was signed.
    let jwt = account.signed(&claims);
    let form = [
        ("client_id", account.id()),
        ("client_secret", account.secret()),
        ("jwt_token", &jwt),
        ("scope", "harvest_sdk,ent_harvest_sdk"),
    ];
    let granted = scene.tollgate.post("/ims/exchange/jwt", &form).await;
    assert_eq!(scopes(&granted), ["AdobeID", "ent_campaign_sdk", "openid"]);
}

#[tokio::test]
async fn a_token_is_meant_for_our_gateway_and_for_no_audience_that_a_caller_invents() {
    let scene = Scene::new().await;
    let ask = async |resource: &str| {
        let form = [&scene.credential.client_credentials()[..], &[("resource", resource)]].concat();
        scene.tollgate.post("/ims/token/v3", &form).await
    };
    for foreign in ["https://example.com", "https://example.com/campaign", "x", "http://127.0.0.1"] {
        let refused = ask(foreign).await;
        assert_eq!((refused.status, &refused.body["error"]), (400, &json!("invalid_target")), "{refused:?}");
    }
    let gateway = scene.tollgate.gateway_url.clone();
    for own in [gateway.clone(), format!("{gateway}/")] {
        let granted = ask(&own).await;
        let token = granted.body["access_token"].as_str().unwrap_or_else(|| panic!("{granted:?}"));
        let called = scene.tollgate.call("/campaign/x", scene.credential.id(), Some(token)).await;
        assert_eq!(called.status, 200, "{own}: {called:?}");
    }
}
