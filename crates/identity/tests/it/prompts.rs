//! What a person is asked, or must not be: `prompt`, `max_age`, `acr_values`, `id_token_hint`.

use serde_json::json;
use tollgate_model::session::Method;
use tollgate_store::pending_requests;

use crate::fixture::*;

/// Where a request goes: the page of a step, `code`, or the error.
async fn goes_to(world: &World, fields: &[(&str, &str)], browser: Option<&Browser>) -> String {
    outcome(&Landing::of(&world.authorize(fields, browser).await))
}

fn outcome(landing: &Landing) -> String {
    if let Some(page) = landing.address.strip_prefix("https://ims.test/") {
        return page.to_owned();
    }
    assert_eq!(landing.address, CALLBACK);
    landing.fields.get("error").cloned().unwrap_or_else(|| landing.fields.contains_key("code").to_string())
}

#[tokio::test]
async fn the_prompt_matrix() {
    let world = World::new().await;
    world.agree(WEB_APP, "openid").await;
    let browser = world.sign_in().await;
    world.pass(100).await;
    for (prompt, extra, without_session, with_session) in [
        ("", ("", ""), "sign-in", "true"),
        ("none", ("", ""), "login_required", "true"),
        ("login", ("", ""), "sign-in", "sign-in"),
        ("consent", ("", ""), "sign-in", "consent"),
        ("select_account", ("", ""), "sign-in", "sign-in"),
        ("create", ("", ""), "sign-up", "sign-up"),
        ("login consent", ("", ""), "sign-in", "sign-in"),
        ("none", ("scope", "openid email"), "login_required", "consent_required"),
        ("none", ("max_age", "99"), "login_required", "login_required"),
        ("none", ("max_age", "101"), "login_required", "true"),
        ("", ("max_age", "99"), "sign-in", "sign-in"),
        ("", ("max_age", "0"), "sign-in", "sign-in"),
        ("", ("max_age", "101"), "sign-in", "true"),
        ("", ("acr_values", "2"), "sign-in", "true"),
        ("", ("reauth", "check"), "sign-in", "sign-in"),
    ] {
        let mut fields = vec![("client_id", WEB_APP)];
        fields.extend(
            [("prompt", prompt), extra].into_iter().filter(|(name, value)| !name.is_empty() && !value.is_empty()),
        );
        assert_eq!(goes_to(&world, &fields, None).await, without_session, "{fields:?}");
        assert_eq!(goes_to(&world, &fields, Some(&browser)).await, with_session, "{fields:?}");
    }
}

#[tokio::test]
async fn prompt_login_is_satisfied_by_a_sign_in_after_the_request_and_by_none_before() {
    let world = World::new().await;
    world.agree(WEB_APP, "openid").await;
    let before = world.sign_in().await;
    world.pass(10).await;
    for prompt in [("prompt", "login"), ("max_age", "0")] {
        let landing = Landing::of(&world.authorize(&[("client_id", WEB_APP), prompt], Some(&before)).await);
        let id = landing.field("request").to_owned();
        assert_eq!(outcome(&Landing::of(&world.go_on(&id, &before).await)), "sign-in");
        world.pass(10).await;
        let after = world.sign_in_as(ADA, Method::Passkey, None).await;
        assert_eq!(outcome(&Landing::of(&world.go_on(&id, &after).await)), "true", "{prompt:?}");
        world.pass(10).await;
    }
}

#[tokio::test]
async fn a_consent_counts_in_the_session_in_which_it_was_given() {
    let world = World::new().await;
    world.agree(WEB_APP, "openid").await;
    let [browser, other] = [world.sign_in().await, world.sign_in_as(BEN, Method::Passkey, None).await];
    let landing = Landing::of(&world.authorize(&[("client_id", WEB_APP), ("prompt", "consent")], Some(&browser)).await);
    let id = landing.field("request").to_owned();
    world.mark_consented(&id, &browser).await;
    assert_eq!(outcome(&Landing::of(&world.go_on(&id, &other).await)), "consent");
    assert_eq!(outcome(&Landing::of(&world.go_on(&id, &browser).await)), "true");
}

#[tokio::test]
async fn a_chosen_account_and_a_refusal_are_answered() {
    let world = World::new().await;
    world.agree(WEB_APP, "openid").await;
    let browser = world.sign_in().await;
    world.pass(1).await;
    let fields = [("client_id", WEB_APP), ("prompt", "select_account"), ("state", "s")];
    let now = world.now();
    let chosen = Landing::of(&world.authorize(&fields, Some(&browser)).await).field("request").to_owned();
    world.change(async |tx| pending_requests::mark_account_chosen(tx, &chosen, &browser.session.id, now).await).await;
    assert_eq!(outcome(&Landing::of(&world.go_on(&chosen, &browser).await)), "true");
    let refused = Landing::of(&world.authorize(&fields, Some(&browser)).await).field("request").to_owned();
    world.change(async |tx| pending_requests::mark_refused(tx, &refused, Some(&browser.session.id), now).await).await;
    let landing = Landing::of(&world.go_on(&refused, &browser).await);
    assert_eq!((landing.error(), landing.field("state")), ("access_denied", "s"));
    assert_eq!(world.go_on(&refused, &browser).await.status, 400, "a refusal is an answer");
}

#[tokio::test]
async fn more_assurance_is_asked_for_and_done_without_unless_it_is_essential() {
    let world = World::new().await;
    world.agree(WEB_APP, "openid").await;
    let weak = world.sign_in_as(ADA, Method::Federated, None).await;
    world.pass(1).await;
    let wish = [("client_id", WEB_APP), ("acr_values", "2 1")];
    let landing = Landing::of(&world.authorize(&wish, Some(&weak)).await);
    assert_eq!(outcome(&landing), "sign-in");
    world.pass(1).await;
    let again = world.sign_in_as(ADA, Method::Federated, None).await;
    assert_eq!(outcome(&Landing::of(&world.go_on(landing.field("request"), &again).await)), "true");
    assert_eq!(
        goes_to(&world, &[("client_id", WEB_APP), ("acr_values", "2"), ("prompt", "none")], Some(&weak)).await,
        "true"
    );
    let claims = json!({"id_token": {"acr": {"essential": true, "values": ["2"]}}}).to_string();
    let essential = [("client_id", WEB_APP), ("claims", claims.as_str())];
    let landing = Landing::of(&world.authorize(&essential, Some(&weak)).await);
    assert_eq!(outcome(&landing), "sign-in");
    let third = world.sign_in_as(ADA, Method::Federated, None).await;
    let landing = Landing::of(&world.go_on(landing.field("request"), &third).await);
    assert_eq!(outcome(&landing), "unmet_authentication_requirements");
}

#[tokio::test]
async fn a_hint_names_the_one_whose_sign_in_answers() {
    let world = World::new().await;
    let code = world.code("openid").await;
    let id_token = world.redeem(&code).await.json()["id_token"].as_str().unwrap().to_owned();
    let [ada, ben] = [world.sign_in().await, world.sign_in_as(BEN, Method::Passkey, None).await];
    let silent = [("client_id", WEB_APP), ("prompt", "none"), ("id_token_hint", id_token.as_str())];
    assert_eq!(goes_to(&world, &silent, Some(&ada)).await, "true");
    assert_eq!(goes_to(&world, &silent, Some(&ben)).await, "login_required");
    let asked = [("client_id", WEB_APP), ("id_token_hint", id_token.as_str())];
    assert_eq!(goes_to(&world, &asked, Some(&ben)).await, "sign-in");
    world.pass(2 * 86_400).await;
    let ada = world.sign_in().await;
    assert_eq!(goes_to(&world, &asked, Some(&ada)).await, "true", "an expired one is a hint all the same");
}
