//! `/sign-up`.

use http::StatusCode;
use tollgate_model::{organization::SignInRules, user::AccountType};

use crate::{browser::*, world::*};

const FIELDS: [(&str, &str); 4] =
    [("name", "New Person"), ("email", "new@example.com"), ("country", "CH"), ("new_password", PASSWORD)];

#[tokio::test]
async fn an_account_is_made_once_the_address_is_proved() {
    let world = World::new().await;
    let id = world.pending("scope=openid&prompt=create").await;
    let mut browser = Browser::new(&world);
    assert_eq!(browser.get(&format!("/sign-up?request={id}")).await.status, StatusCode::OK);
    let mut fields = FIELDS.to_vec();
    fields.push(("request", &id));
    let answer = browser.post("/sign-up", &fields).await;
    assert!(answer.location().starts_with(&format!("/sign-up/verify?request={id}")), "{}", answer.location());
    let page = browser.follow(&answer).await;
    assert!(page.body.contains("new@example.com"), "{}", page.body);
    let mail = world.mail_to("new@example.com").await;
    let wrong = browser.post("/sign-up/verify", &[("request", &id), ("code", "00000000")]).await;
    assert!(wrong.location().contains("problem=code-wrong"), "{}", wrong.location());
    let code = code_in(&mail);
    let right = browser.post("/sign-up/verify", &[("request", &id), ("code", &code)]).await;
    assert_eq!(right.location(), format!("/ims/authorize/continue?request={id}"));
    assert!(browser.cookies.contains_key(SESSION));
    let user = world.user("new@example.com").await;
    assert!(user.email_verified && user.account_type == AccountType::Individual);
    let again = browser.post("/sign-up/verify", &[("code", &code)]).await;
    assert!(again.location().contains("problem="), "{}", again.location());
}

#[tokio::test]
async fn an_address_that_has_an_account_is_answered_like_any_other() {
    let world = World::new().await;
    let mut told = Vec::new();
    for email in ["new@example.com", ADA] {
        let mut browser = Browser::new(&world);
        browser.get("/sign-up").await;
        let fields = [("name", "New Person"), ("email", email), ("country", ""), ("new_password", PASSWORD)];
        let answer = browser.post("/sign-up", &fields).await;
        let names: Vec<String> = browser.cookies.keys().cloned().collect();
        told.push((answer.status, answer.location().to_owned(), names));
    }
    assert_eq!(told[0], told[1]);
}

#[tokio::test]
async fn what_was_typed_is_kept_when_the_form_comes_back_except_the_password() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser.get("/sign-up").await;
    for (name, value, problem) in [
        ("email", "no address", "email-invalid"),
        ("new_password", "password1234", "password-"),
        ("new_password", "short", "password-short"),
    ] {
        let mut fields = FIELDS.to_vec();
        fields.iter_mut().find(|(own, _)| *own == name).unwrap().1 = value;
        let answer = browser.post("/sign-up", &fields).await;
        assert!(answer.location().contains(&format!("problem={problem}")), "{}", answer.location());
        let page = browser.follow(&answer).await;
        assert!(page.body.contains("New Person") && page.body.contains("Switzerland"), "{}", page.body);
        assert!(!page.body.contains("password1234"), "{}", page.body);
    }
}

#[tokio::test]
async fn where_nobody_may_make_an_account_the_page_says_so_and_is_not_offered() {
    let world = World::with(SignInRules::default()).await;
    let mut browser = Browser::new(&world);
    assert!(!browser.get("/sign-in").await.body.contains("/sign-up"));
    assert_eq!(browser.get("/sign-up").await.status, StatusCode::FORBIDDEN);
    assert_eq!(browser.post("/sign-up", &FIELDS).await.status, StatusCode::FORBIDDEN);
    let id = world.pending("scope=openid&prompt=create").await;
    let wished = browser.get(&format!("/sign-up?request={id}")).await;
    assert_eq!(wished.location(), format!("/sign-in?request={id}"));
}

#[tokio::test]
async fn a_code_is_sent_again_at_most_now_and_then() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser.get("/sign-up").await;
    let answer = browser.post("/sign-up", &FIELDS).await;
    browser.follow(&answer).await;
    let soon = browser.post("/sign-up/verify", &[("resend", "1")]).await;
    world.pass(tollgate_model::Seconds(120)).await;
    let later = browser.post("/sign-up/verify", &[("resend", "1")]).await;
    assert!(soon.location().starts_with("/sign-up/verify?"), "{}", soon.location());
    assert!(later.location().contains("notice=code-sent"), "{}", later.location());
}
