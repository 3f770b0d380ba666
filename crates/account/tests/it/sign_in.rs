//! `/sign-in`: e-mail address, password, choice of the account, what follows.

use http::{StatusCode, header::REFRESH};
use tollgate_model::{
    Seconds,
    id::{OrganizationId, ProviderId},
};
use tollgate_people::accounts::FirstCredential;
use tollgate_store::{
    StoreError, Transaction,
    domains::{self, Domain},
    identity_providers::{self, IdentityProvider},
};

use crate::{browser::*, world::*};

#[tokio::test]
async fn a_person_signs_in_and_lands_on_the_account() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let page = browser.get("/account").await;
    assert_eq!(page.location(), "/sign-in?return=%2Faccount");
    let answer = browser.sign_in(ADA, PASSWORD, None).await;
    assert_eq!(answer.location(), "/account");
    let page = browser.follow(&answer).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("Ada Lovelace") && page.body.contains(ADA), "{}", page.body);
}

#[tokio::test]
async fn an_application_gets_the_person_back_where_it_asked() {
    let world = World::new().await;
    let id = world.pending("scope=openid").await;
    let mut browser = Browser::new(&world);
    let page = browser.get(&format!("/sign-in?request={id}&redirect_uri=https%3A%2F%2Fevil.test")).await;
    assert_eq!(page.hidden("request").as_deref(), Some(id.as_str()));
    assert!(page.body.contains("Example Works") && !page.body.contains("evil.test"), "{}", page.body);
    let answer = browser.sign_in(ADA, PASSWORD, Some(&id)).await;
    assert_eq!(answer.location(), format!("/ims/authorize/continue?request={id}"));
}

#[tokio::test]
async fn an_unknown_address_a_wrong_password_and_an_account_without_one_are_answered_alike() {
    let world = World::new().await;
    world.account("new@example.com", "New", FirstCredential::Invitation).await;
    let mut told = Vec::new();
    for email in [ADA, "nobody@example.com", "new@example.com"] {
        let mut browser = Browser::new(&world);
        let answer = browser.sign_in(email, "not the password at all", None).await;
        assert_eq!(answer.location(), "/sign-in/password?problem=password-wrong");
        assert!(!browser.cookies.contains_key(SESSION));
        let page = browser.follow(&answer).await;
        let token = page.hidden("form_token").unwrap();
        told.push((page.status, page.body.replace(email, "EMAIL").replace(&token, "TOKEN")));
    }
    // The letter that stands for a picture is the first of the address.
    let plain = |text: &str| text.replace(">A<", "><").replace(">N<", "><");
    assert_eq!(plain(&told[0].1), plain(&told[1].1));
    assert_eq!(told[1], told[2]);
}

#[tokio::test]
async fn the_cookie_changes_at_each_sign_in_and_the_old_one_opens_nothing() {
    let world = World::new().await;
    let mut browser = Browser::signed_in(&world, ADA).await;
    let old = browser.cookies[SESSION].clone();
    let answer = browser.sign_in(ADA, PASSWORD, None).await;
    assert_eq!(answer.location(), "/account");
    assert_ne!(browser.cookies[SESSION], old);
    let mut thief = Browser::new(&world);
    thief.cookies.insert(SESSION.into(), old);
    assert!(thief.get("/account").await.location().starts_with("/sign-in"));
}

#[tokio::test]
async fn a_cookie_of_a_strangers_making_is_not_taken_over() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser.cookies.insert(SESSION.into(), "A".repeat(43));
    browser.sign_in(ADA, PASSWORD, None).await;
    assert_ne!(browser.cookies[SESSION], "A".repeat(43));
}

#[tokio::test]
async fn an_expired_password_is_changed_before_anything_else() {
    let world = World::new().await;
    let made = world.account("new@example.com", "New", FirstCredential::OneTimePassword).await.unwrap();
    let mut browser = Browser::new(&world);
    let answer = browser.sign_in("new@example.com", made.reveal(), None).await;
    assert_eq!(answer.location(), "/sign-in/new-password");
    assert!(!browser.cookies.contains_key(SESSION));
    browser.follow(&answer).await;
    let weak = browser.post("/sign-in/new-password", &[("new_password", "short")]).await;
    assert!(weak.location().starts_with("/sign-in/new-password?problem=password-short"), "{}", weak.location());
    assert_eq!(browser.follow(&weak).await.status, StatusCode::OK);
    let answer = browser.post("/sign-in/new-password", &[("new_password", NEW_PASSWORD)]).await;
    assert_eq!(answer.location(), "/account");
    assert_eq!(browser.follow(&answer).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_request_that_is_over_is_a_page_that_says_what_to_do() {
    let world = World::new().await;
    let id = world.pending("scope=openid").await;
    world.pass(Seconds(1_801)).await;
    let mut browser = Browser::new(&world);
    for path in ["/sign-in", "/sign-in/password", "/sign-up", "/forgot"] {
        for id in [id.as_str(), "never-was", "%00"] {
            let page = browser.get(&format!("{path}?request={id}")).await;
            assert_eq!(page.status, StatusCode::BAD_REQUEST, "{path} {id}");
            assert!(page.body.contains("<html"), "{}", page.body);
        }
    }
    let mut member = Browser::signed_in(&world, ADA).await;
    let page = member.get(&format!("/consent?request={id}")).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(page.headers["content-type"].to_str().unwrap().starts_with("text/html"));
}

#[tokio::test]
async fn a_pushed_request_that_no_browser_brought_is_none_for_the_pages() {
    let world = World::new().await;
    let new = tollgate_people::pending::NewPending {
        client_id: WEB_APP.parse().unwrap(),
        pushed: true,
        request: "{}".into(),
        lifetime: Seconds(60),
    };
    let id = world.people.begin_pending(new, world.now()).await.unwrap().id;
    let page = Browser::new(&world).get(&format!("/sign-in?request={id}")).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_choice_among_accounts_goes_on_as_this_person_or_another() {
    let world = World::new().await;
    let id = world.pending("scope=openid&prompt=select_account").await;
    let mut browser = Browser::signed_in(&world, ADA).await;
    let page = browser.get(&format!("/sign-in?request={id}")).await;
    assert!(page.body.contains("Ada Lovelace"), "{}", page.body);
    let another = browser.post("/sign-in", &[("request", &id), ("choice", "another")]).await;
    assert_eq!(another.location(), format!("/sign-in?request={id}&choice=another"));
    assert!(browser.follow(&another).await.body.contains("name=\"email\""));
    let answer = browser.post("/sign-in", &[("request", &id), ("choice", "continue")]).await;
    assert_eq!(answer.location(), format!("/ims/authorize/continue?request={id}"));
    let row = world.people.pending(&id, world.now()).await.unwrap().unwrap();
    assert!(row.account_chosen_at.is_some() && row.session_id.is_some());
}

#[tokio::test]
async fn who_must_sign_in_again_is_not_let_on_by_a_choice() {
    let world = World::new().await;
    let mut browser = Browser::signed_in(&world, ADA).await;
    world.pass(Seconds(60)).await;
    for wish in ["prompt=login", "max_age=30"] {
        let id = world.pending(&format!("scope=openid&{wish}")).await;
        let page = browser.get(&format!("/sign-in?request={id}")).await;
        assert!(page.body.contains("name=\"email\"") && page.body.contains(ADA), "{wish}: {}", page.body);
    }
}

#[tokio::test]
async fn return_leads_to_pages_of_the_list_and_nowhere_else() {
    let world = World::new().await;
    for (target, lands) in [
        ("%2Faccount%2Fsessions", "/account/sessions"),
        ("https%3A%2F%2Fevil.test", "/account"),
        ("%2F%2Fevil.test", "/account"),
        ("%2Fims%2Fauthorize", "/account"),
    ] {
        let mut browser = Browser::new(&world);
        browser.get(&format!("/sign-in?return={target}")).await;
        let answer = browser.sign_in(ADA, PASSWORD, None).await;
        assert_eq!(answer.location(), lands, "{target}");
    }
}

#[tokio::test]
async fn too_many_attempts_are_said_to_be_so_and_do_not_end_in_a_fault() {
    let world = World::new().await;
    let mut last = String::new();
    for _ in 0..12 {
        let mut browser = Browser::new(&world);
        last = browser.sign_in(ADA, "not the password at all", None).await.location().to_owned();
    }
    assert_eq!(last, "/sign-in/password?problem=too-many-attempts");
    let mut owner = Browser::new(&world);
    assert!(owner.sign_in(ADA, PASSWORD, None).await.location().contains("too-many-attempts"));
}

#[tokio::test]
async fn an_invited_person_sets_a_password_once() {
    let world = World::new().await;
    world.account("new@example.com", "New Person", FirstCredential::Invitation).await;
    let mail = world.mail_to("new@example.com").await;
    let token = mail.split("/invitation?token=").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    assert!(mail.contains(&format!("{ISSUER}/invitation?token=")), "{mail}");
    let mut browser = Browser::new(&world);
    let page = browser.get(&format!("/invitation?token={token}")).await;
    assert!(page.body.contains("new@example.com"), "{}", page.body);
    let fields = [("token", token.as_str()), ("name", "New Person"), ("new_password", NEW_PASSWORD)];
    let short = [("token", token.as_str()), ("name", "New Person"), ("new_password", "short")];
    let refused = browser.post("/invitation", &short).await;
    assert!(refused.location().starts_with("/invitation?token="), "{}", refused.location());
    assert_eq!(browser.post("/invitation", &fields).await.location(), "/account");
    let again = Browser::new(&world).get(&format!("/invitation?token={token}")).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST);
    assert_eq!(browser.post("/invitation", &fields).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_unknown_provider_is_not_found_and_a_callback_without_a_start_leads_back() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let page = browser.get(&format!("/sign-in/federated/{}", "0".repeat(32))).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    let answer = browser.get("/sign-in/federated/callback?state=x&code=y").await;
    assert!(answer.location().starts_with("/sign-in?problem="), "{}", answer.location());
}

#[tokio::test]
async fn an_address_of_a_federated_domain_is_sent_to_its_provider_whoever_has_it() {
    let world = World::new().await;
    let provider: ProviderId = "0123456789abcdef0123456789abcdef".parse().unwrap();
    let organization: OrganizationId = ORGANIZATION.parse().unwrap();
    let row = IdentityProvider {
        id: provider.clone(),
        organization_id: organization.clone(),
        name: "Upstream".into(),
        issuer: "https://upstream.test".into(),
        client_id: "tollgate".into(),
        sealed_secret: None,
        enabled: true,
        created_at: START,
    };
    let domain = Domain {
        name: "federated.test".into(),
        organization_id: organization,
        provider_id: Some(provider.clone()),
        verified_at: Some(START),
        created_at: START,
    };
    let add = async |tx: &mut Transaction| -> Result<(), StoreError> {
        assert!(identity_providers::insert(tx, &row).await? && domains::insert(tx, &domain).await?);
        domains::verify(tx, "federated.test", START).await?;
        Ok(())
    };
    world.house().db.transact(add).await.unwrap();
    let id = world.pending("scope=openid").await;
    let mut browser = Browser::new(&world);
    browser.get(&format!("/sign-in?request={id}")).await;
    let fields = [("email", "whoever@federated.test"), ("request", id.as_str())];
    let answer = browser.post("/sign-in", &fields).await;
    assert_eq!(answer.location(), format!("/sign-in?request={id}&provider={provider}"));
    let page = browser.follow(&answer).await;
    let onward = format!("/sign-in/federated/{provider}?request={id}");
    assert_eq!(page.headers[REFRESH].to_str().unwrap(), format!("0; url={onward}"));
    assert!(page.body.contains(&onward), "{}", page.body);
    let unreachable = browser.get(&onward).await;
    assert_eq!(unreachable.location(), format!("/sign-in?request={id}&problem=provider-unreachable"));
    let made_up = browser.get("/sign-in?provider=%2F%2Fevil.test").await;
    assert!(!made_up.headers.contains_key(REFRESH), "{}", made_up.body);
}

#[tokio::test]
async fn two_tabs_do_not_spoil_each_other() {
    let world = World::new().await;
    let id = world.pending("scope=openid").await;
    let mut browser = Browser::new(&world);
    browser.get("/sign-in").await;
    let first_tab = browser.form_token.clone();
    browser.sign_in(ADA, PASSWORD, None).await;
    browser.form_token = first_tab;
    let fields = [("email", ADA), ("request", id.as_str())];
    assert_eq!(browser.post("/sign-in", &fields).await.location(), format!("/sign-in/password?request={id}"));
    let fields = [("email", ADA), ("password", PASSWORD), ("request", &id)];
    let answer = browser.post("/sign-in/password", &fields).await;
    assert_eq!(answer.location(), format!("/ims/authorize/continue?request={id}"));
}

#[tokio::test]
async fn the_back_button_after_a_sign_in_leads_to_a_page_that_goes_on() {
    let world = World::new().await;
    let made = world.account("new@example.com", "New", FirstCredential::OneTimePassword).await.unwrap();
    let mut browser = Browser::new(&world);
    browser.sign_in("new@example.com", made.reveal(), None).await;
    browser.get("/sign-in/new-password").await;
    let before = browser.cookies.clone();
    browser.post("/sign-in/new-password", &[("new_password", NEW_PASSWORD)]).await;
    for path in ["/sign-in/new-password", "/sign-in/second-factor"] {
        assert_eq!(browser.get(path).await.location(), "/sign-in?problem=form-expired");
    }
    assert_eq!(browser.get("/sign-in/password").await.location(), "/sign-in");
    assert_eq!(browser.get("/sign-in").await.location(), "/account");
    browser.cookies = before;
    let replayed = browser.post("/sign-in/new-password", &[("new_password", PASSWORD)]).await;
    assert_eq!(replayed.location(), "/sign-in?problem=form-expired");
}

#[tokio::test]
async fn who_is_disabled_is_signed_out_at_once_and_told_so_only_with_the_right_password() {
    let world = World::new().await;
    let mut browser = Browser::signed_in(&world, ADA).await;
    world.people.set_account_enabled(&world.user(ADA).await.id, false, world.now()).await.unwrap();
    assert!(browser.get("/account").await.location().starts_with("/sign-in"));
    let mut stranger = Browser::new(&world);
    let wrong = stranger.sign_in(ADA, "not the password at all", None).await;
    assert_eq!(wrong.location(), "/sign-in/password?problem=password-wrong");
    let right = stranger.sign_in(ADA, PASSWORD, None).await;
    assert_eq!(right.location(), "/sign-in/password?problem=account-disabled");
    assert!(!stranger.cookies.contains_key(SESSION));
}

#[tokio::test]
async fn a_request_about_another_person_is_not_answered_by_whoever_is_signed_in() {
    let world = World::new().await;
    let mut browser = Browser::signed_in(&world, ADA).await;
    let id = world.pending_about("scope=openid", &world.user(GRACE).await).await;
    let page = browser.get(&format!("/sign-in?request={id}")).await;
    assert!(page.body.contains("name=\"email\""), "{}", page.body);
    let id = world.pending_about("scope=openid", &world.user(ADA).await).await;
    let page = browser.get(&format!("/sign-in?request={id}")).await;
    assert!(page.body.contains("value=\"continue\""), "{}", page.body);
}
