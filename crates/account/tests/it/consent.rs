//! `/consent`: what a person allows an application.

use http::StatusCode;
use tollgate_model::scope::ScopeSet;

use crate::{browser::*, world::*};

async fn agreed(world: &World, email: &str) -> ScopeSet {
    let user = world.user(email).await;
    world.people.consented_scopes(&user.id, &WEB_APP.parse().unwrap()).await.unwrap()
}

#[tokio::test]
async fn what_is_allowed_is_noted_for_this_person_and_this_session() {
    let world = World::new().await;
    let id = world.pending("scope=openid,email").await;
    let mut browser = Browser::signed_in(&world, ADA).await;
    let page = browser.get(&format!("/consent?request={id}")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("app.test") && page.body.contains("Example Works"), "{}", page.body);
    let answer = browser.post("/consent", &[("request", &id), ("decision", "allow")]).await;
    assert_eq!(answer.location(), format!("/ims/authorize/continue?request={id}"));
    let row = world.people.pending(&id, world.now()).await.unwrap().unwrap();
    assert!(row.consented_at.is_some() && row.refused_at.is_none() && row.session_id.is_some());
    assert_eq!(agreed(&world, ADA).await, "openid,email".parse().unwrap());
    assert!(agreed(&world, GRACE).await.is_empty());
}

#[tokio::test]
async fn a_refusal_is_noted_and_nothing_is_agreed_to() {
    let world = World::new().await;
    let id = world.pending("scope=openid,email").await;
    let mut browser = Browser::signed_in(&world, ADA).await;
    browser.get(&format!("/consent?request={id}")).await;
    let answer = browser.post("/consent", &[("request", &id), ("decision", "cancel")]).await;
    assert_eq!(answer.location(), format!("/ims/authorize/continue?request={id}"));
    let row = world.people.pending(&id, world.now()).await.unwrap().unwrap();
    assert!(row.refused_at.is_some() && row.consented_at.is_none());
    assert!(agreed(&world, ADA).await.is_empty());
}

#[tokio::test]
async fn consent_needs_a_sign_in_a_request_and_a_decision() {
    let world = World::new().await;
    let id = world.pending("scope=openid").await;
    let stranger = Browser::new(&world).get(&format!("/consent?request={id}")).await;
    assert_eq!(stranger.location(), format!("/sign-in?request={id}"));
    let mut browser = Browser::signed_in(&world, ADA).await;
    assert_eq!(browser.get("/consent").await.status, StatusCode::BAD_REQUEST);
    browser.get(&format!("/consent?request={id}")).await;
    for fields in
        [&[("request", id.as_str())][..], &[("request", &id), ("decision", "maybe")], &[("decision", "allow")]]
    {
        assert_eq!(browser.post("/consent", fields).await.status, StatusCode::BAD_REQUEST, "{fields:?}");
    }
    assert!(agreed(&world, ADA).await.is_empty());
}

#[tokio::test]
async fn a_request_that_was_answered_in_another_tab_is_over() {
    let world = World::new().await;
    let id = world.pending("scope=openid").await;
    let mut browser = Browser::signed_in(&world, ADA).await;
    browser.get(&format!("/consent?request={id}")).await;
    world.people.take_pending(&id, world.now()).await.unwrap().unwrap();
    let late = browser.post("/consent", &[("request", &id), ("decision", "allow")]).await;
    assert_eq!(late.status, StatusCode::BAD_REQUEST);
    assert!(late.body.contains("<html"), "{}", late.body);
}

#[tokio::test]
async fn only_what_is_new_is_set_apart_when_an_application_asks_for_more() {
    let world = World::new().await;
    let first = world.pending("scope=openid").await;
    let mut browser = Browser::signed_in(&world, ADA).await;
    browser.get(&format!("/consent?request={first}")).await;
    browser.post("/consent", &[("request", &first), ("decision", "allow")]).await;
    let unasked = browser.get(&format!("/consent?request={}", world.pending("scope=email").await)).await;
    let grown = browser.get(&format!("/consent?request={}", world.pending("scope=openid,email").await)).await;
    assert!(!unasked.body.contains("<details>"), "{}", unasked.body);
    let (new, before) = grown.body.split_once("<details>").expect("what was agreed to stands apart");
    assert_eq!((new.matches("<li>").count(), before.matches("<li>").count()), (1, 1), "{}", grown.body);
}
