//! Consents, connected applications, and requests that wait.

use tollgate_model::scope::ScopeSet;

use super::signed_in;
use crate::{
    Action,
    pending::{NewPending, PENDING_LIFETIME},
    scene::{Scene, visitor},
};

fn scopes(text: &str) -> ScopeSet {
    text.parse().unwrap()
}

#[tokio::test]
async fn a_person_is_asked_again_for_what_they_have_not_agreed_to() {
    let scene = Scene::new().await;
    let ada = scene.ada().await;
    let client = scene.application().await;
    let session = signed_in(&scene.sign_in().await);
    let missing = async |asked: &str| scene.people.missing_scopes(&ada.id, &client, &scopes(asked)).await.unwrap();
    assert_eq!(missing("openid,email").await, scopes("openid,email"));
    let give = async |scope: &str| {
        scene.people.give_consent(&session, &client, &scopes(scope), &visitor(), scene.now()).await.unwrap()
    };
    give("openid,email").await;
    assert!(missing("email").await.is_empty());
    assert_eq!(missing("openid,profile").await, scopes("profile"));
    assert!(give("profile").await.contains_all(&scopes("openid,email,profile")));
    assert!(missing("openid,email,profile").await.is_empty());
}

#[tokio::test]
async fn disconnecting_an_application_ends_consent_grants_and_tokens_at_once() {
    let scene = Scene::new().await;
    let ada = scene.ada().await;
    let client = scene.application().await;
    let session = scene.sign_in().await;
    scene.wait(1).await;
    let (people, now) = (&scene.people, scene.now());
    assert!(!people.disconnect(&ada.id, &client, Some(&visitor()), now).await.unwrap());
    people.give_consent(&signed_in(&session), &client, &scopes("openid"), &visitor(), now).await.unwrap();
    let grant = scene.grant(&session.session, &client).await;
    let connected = people.connected_applications(&ada.id, now).await.unwrap();
    assert_eq!(connected.len(), 1);
    assert_eq!((connected[0].name.as_str(), &connected[0].scopes), ("Photos", &scopes("openid")));
    scene.wait(1).await;
    let now = scene.now();
    assert!(people.disconnect(&ada.id, &client, Some(&visitor()), now).await.unwrap());
    assert!(scene.is_revoked(&grant).await);
    assert!(scene.is_token_ended(&grant, &session.session, &client));
    assert!(people.connected_applications(&ada.id, now).await.unwrap().is_empty());
    assert_eq!(people.missing_scopes(&ada.id, &client, &scopes("openid")).await.unwrap(), scopes("openid"));
    assert!(scene.opens(&session).await, "the person stays signed in");
    let activities = people.activities(&ada.id, None, 10).await.unwrap();
    assert_eq!(activities[0].action, Action::ConsentRevoked);
    assert_eq!(activities[0].client_name.as_deref(), Some("Photos"));
}

#[tokio::test]
async fn a_pending_request_is_marked_by_one_session_and_taken_once() {
    let scene = Scene::new().await;
    scene.ada().await;
    let client = scene.application().await;
    let (one, other) = (signed_in(&scene.sign_in().await), signed_in(&scene.sign_in().await));
    let (people, now) = (&scene.people, scene.now());
    let new = NewPending { client_id: client, pushed: false, request: "{}".into(), lifetime: PENDING_LIFETIME };
    let pending = people.begin_pending(new, now).await.unwrap();
    assert!(people.mark_consented(&pending.id, &one, now).await.unwrap());
    assert_eq!(people.pending(&pending.id, now).await.unwrap().unwrap().consented_at, Some(now));
    assert!(people.mark_account_chosen(&pending.id, &other, now).await.unwrap());
    let marked = people.pending(&pending.id, now).await.unwrap().unwrap();
    assert_eq!((marked.consented_at, marked.session_id), (None, Some(other.session.id.clone())));
    assert!(people.take_pending(&pending.id, now).await.unwrap().is_some());
    assert!(people.take_pending(&pending.id, now).await.unwrap().is_none());
    assert!(!people.mark_refused(&pending.id, None, now).await.unwrap());
}
