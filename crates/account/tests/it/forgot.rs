//! `/forgot`.

use http::StatusCode;
use tollgate_model::Seconds;

use crate::{browser::*, world::*};

#[tokio::test]
async fn whoever_reads_the_mail_sets_a_new_password_once_and_all_sessions_end() {
    let world = World::new().await;
    let mut elsewhere = Browser::signed_in(&world, ADA).await;
    let mut browser = Browser::new(&world);
    browser.get("/forgot").await;
    let answer = browser.post("/forgot", &[("email", ADA)]).await;
    assert!(answer.location().starts_with("/forgot/code"), "{}", answer.location());
    browser.follow(&answer).await;
    let code = code_in(&world.mail_to(ADA).await);
    let answer = browser.post("/forgot/code", &[("code", &code)]).await;
    assert_eq!(answer.location(), "/forgot/password");
    assert!(browser.follow(&answer).await.body.contains(ADA));
    let weak = browser.post("/forgot/password", &[("new_password", "short")]).await;
    assert!(weak.location().starts_with("/forgot/password?problem=password-short"), "{}", weak.location());
    browser.follow(&weak).await;
    let answer = browser.post("/forgot/password", &[("new_password", NEW_PASSWORD)]).await;
    assert_eq!(answer.location(), "/sign-in?notice=password-reset");
    assert!(elsewhere.get("/account").await.location().starts_with("/sign-in"));
    assert_eq!(browser.sign_in(ADA, NEW_PASSWORD, None).await.location(), "/account");
    assert!(Browser::new(&world).sign_in(ADA, PASSWORD, None).await.location().contains("password-wrong"));
}

#[tokio::test]
async fn a_code_and_the_right_it_gives_are_good_once() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser.get("/forgot").await;
    let answer = browser.post("/forgot", &[("email", ADA)]).await;
    browser.follow(&answer).await;
    let code = code_in(&world.mail_to(ADA).await);
    let before = browser.cookies.clone();
    browser.post("/forgot/code", &[("code", &code)]).await;
    let right = browser.cookies.clone();
    browser.cookies = before;
    let replayed = browser.post("/forgot/code", &[("code", &code)]).await;
    assert!(replayed.location().starts_with("/forgot/code?problem="), "{}", replayed.location());
    browser.cookies = right.clone();
    browser.post("/forgot/password", &[("new_password", NEW_PASSWORD)]).await;
    browser.cookies = right;
    let replayed = browser.post("/forgot/password", &[("new_password", "another river, another harbour")]).await;
    assert!(replayed.location().starts_with("/forgot?problem="), "{}", replayed.location());
}

#[tokio::test]
async fn the_link_of_the_mail_fills_the_code_in_and_uses_nothing_up() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser.get("/forgot").await;
    browser.post("/forgot", &[("email", ADA)]).await;
    let mail = world.mail_to(ADA).await;
    let link = mail.split(&format!("{ISSUER}/forgot/code?")).nth(1).unwrap().split_whitespace().next().unwrap();
    let (code, path) = (code_in(&mail), format!("/forgot/code?{}", link.replace("&amp;", "&")));
    let mut phone = Browser::new(&world);
    for _ in 0..3 {
        let page = phone.get(&path).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains(&code), "{}", page.body);
    }
    assert_eq!(phone.post("/forgot/code", &[("code", &code)]).await.location(), "/forgot/password");
}

#[tokio::test]
async fn an_unknown_address_is_answered_like_any_other() {
    let world = World::new().await;
    let mut told = Vec::new();
    for email in [ADA, "nobody@example.com"] {
        let mut browser = Browser::new(&world);
        browser.get("/forgot").await;
        let answer = browser.post("/forgot", &[("email", email)]).await;
        browser.follow(&answer).await;
        let wrong = browser.post("/forgot/code", &[("code", "00000000")]).await;
        let names: Vec<String> = browser.cookies.keys().cloned().collect();
        told.push((answer.location().to_owned(), wrong.location().to_owned(), names));
    }
    assert_eq!(told[0], told[1]);
}

#[tokio::test]
async fn an_expired_code_and_a_step_without_the_one_before_lead_to_the_beginning() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    for path in ["/forgot/code", "/forgot/password"] {
        assert_eq!(browser.get(path).await.location(), "/forgot?problem=form-expired");
    }
    browser.get("/forgot").await;
    browser.post("/forgot", &[("email", ADA)]).await;
    let code = code_in(&world.mail_to(ADA).await);
    world.pass(Seconds(3_600)).await;
    let late = browser.post("/forgot/code", &[("code", &code)]).await;
    assert!(late.location().contains("problem=code-expired"), "{}", late.location());
}
