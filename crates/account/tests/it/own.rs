//! `/account`: the pages of one's own account.

use http::StatusCode;

use crate::{browser::*, world::*};

#[tokio::test]
async fn a_profile_is_changed_and_its_language_is_the_pages() {
    let world = World::new().await;
    let mut browser = Browser::signed_in(&world, ADA).await;
    browser.get("/account").await;
    let fields = [("name", "Ada King"), ("language", "de"), ("country", "GB")];
    let answer = browser.post("/account", &fields).await;
    assert_eq!(answer.location(), "/account?notice=profile-saved");
    let page = browser.follow(&answer).await;
    assert!(page.body.contains("Ada King") && page.body.contains("lang=\"de\""), "{}", page.body);
    let refused = browser.post("/account", &[("name", "two\nlines"), ("language", "de")]).await;
    assert_eq!(refused.location(), "/account?problem=name-invalid");
    assert_eq!(world.user(ADA).await.name, "Ada King");
}

#[tokio::test]
async fn a_changed_password_ends_the_other_sessions_and_renews_this_cookie() {
    let world = World::new().await;
    let mut elsewhere = Browser::signed_in(&world, ADA).await;
    let mut browser = Browser::signed_in(&world, ADA).await;
    let old = browser.cookies[SESSION].clone();
    browser.get("/account/password").await;
    let wrong =
        browser.post("/account/password", &[("password", "not it at all"), ("new_password", NEW_PASSWORD)]).await;
    assert_eq!(wrong.location(), "/account/password?problem=present-password-wrong");
    let missing = browser.post("/account/password", &[("new_password", NEW_PASSWORD)]).await;
    assert!(missing.location().contains("problem="), "{}", missing.location());
    let weak = browser.post("/account/password", &[("password", PASSWORD), ("new_password", "aaaaaaaaaaaa")]).await;
    assert!(weak.location().contains("problem=password-") && weak.location().contains("strength="));
    assert_eq!(elsewhere.get("/account").await.status, StatusCode::OK);
    let done = browser.post("/account/password", &[("password", PASSWORD), ("new_password", NEW_PASSWORD)]).await;
    assert_eq!(done.location(), "/account/password?notice=password-changed");
    assert_ne!(browser.cookies[SESSION], old);
    assert_eq!(browser.follow(&done).await.status, StatusCode::OK);
    assert!(elsewhere.get("/account").await.location().starts_with("/sign-in"));
    elsewhere.cookies.insert(SESSION.into(), old);
    assert!(elsewhere.get("/account").await.location().starts_with("/sign-in"));
}

#[tokio::test]
async fn sessions_are_listed_and_ended_by_their_owner_alone() {
    let world = World::new().await;
    let mut phone = Browser::signed_in(&world, ADA).await;
    let mut stranger = Browser::signed_in(&world, GRACE).await;
    let mut browser = Browser::signed_in(&world, ADA).await;
    let page = browser.get("/account/sessions").await;
    assert_eq!(page.body.matches("name=\"id\"").count(), 1, "{}", page.body);
    let id = page.hidden("id").expect("the other session can be ended");
    stranger.get("/account/sessions").await;
    stranger.post("/account/sessions", &[("action", "end"), ("id", &id)]).await;
    assert_eq!(phone.get("/account").await.status, StatusCode::OK, "not the stranger's to end");
    let ended = browser.post("/account/sessions", &[("action", "end"), ("id", &id)]).await;
    assert_eq!(ended.location(), "/account/sessions?notice=session-ended");
    assert!(phone.get("/account").await.location().starts_with("/sign-in"));
    let mut phone = Browser::signed_in(&world, ADA).await;
    let others = browser.post("/account/sessions", &[("action", "end_others")]).await;
    assert_eq!(others.location(), "/account/sessions?notice=other-sessions-ended");
    assert!(phone.get("/account").await.location().starts_with("/sign-in"));
    assert_eq!(browser.get("/account").await.status, StatusCode::OK);
    assert_eq!(stranger.get("/account").await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_application_is_listed_once_it_was_let_in_and_gone_when_its_access_is_taken_back() {
    let world = World::new().await;
    let mut browser = Browser::signed_in(&world, ADA).await;
    let id = world.pending("scope=openid,email").await;
    browser.get(&format!("/consent?request={id}")).await;
    browser.post("/consent", &[("request", &id), ("decision", "allow")]).await;
    assert!(browser.get("/account/applications").await.body.contains("Photo"));
    let answer = browser.post("/account/applications", &[("action", "revoke"), ("client_id", WEB_APP)]).await;
    assert_eq!(answer.location(), "/account/applications?notice=application-revoked");
    assert!(!browser.follow(&answer).await.body.contains("Photo"));
    let user = world.user(ADA).await;
    assert!(world.people.consented_scopes(&user.id, &WEB_APP.parse().unwrap()).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_happened_is_listed() {
    let world = World::new().await;
    let mut browser = Browser::signed_in(&world, ADA).await;
    browser.get("/account").await;
    browser.post("/account", &[("name", "Ada King")]).await;
    let page = browser.get("/account/activity").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("192.0.2.1") && page.body.contains("Firefox"), "{}", page.body);
    assert_eq!(browser.get("/account/activity?before=%27--").await.status, StatusCode::OK);
    assert_eq!(browser.get("/account/activity?before=%00").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn mails_of_a_demo_can_be_read_here() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser.get("/forgot").await;
    browser.post("/forgot", &[("email", ADA)]).await;
    let text = world.mail_to(ADA).await;
    let list = browser.get("/dev/mail").await;
    let id = list.body.split("/dev/mail/").nth(1).expect("a mail is listed").split('"').next().unwrap().to_owned();
    let page = browser.get(&format!("/dev/mail/{id}")).await;
    assert!(page.body.contains(&code_in(&text)[..4]), "{}", page.body);
    for strange in ["none", "..%2f..%2fetc%2fpasswd", "%00"] {
        assert_eq!(browser.get(&format!("/dev/mail/{strange}")).await.status, StatusCode::NOT_FOUND, "{strange}");
    }
}
