//! Sessions: their secrets, their ends, and what ends with them.

use tollgate_model::{
    Seconds,
    organization::{Organization, SignInRules},
    session::{Assurance, Method, Methods, SESSION_IDLE_MAX, SESSION_LIFETIME},
};
use tollgate_store::{logout_notices, organizations, sessions};

use super::{EMAIL, NEXT_PASSWORD, PASSWORD, complete, credential, secret, signed_in};
use crate::{
    Refused, SignInStep,
    scene::{Scene, visitor},
};

#[tokio::test]
async fn a_second_sign_in_in_a_browser_keeps_the_session_and_changes_its_secret() {
    let scene = Scene::new().await;
    let ada = scene.ada().await;
    let first = scene.sign_in().await;
    scene.wait(60).await;
    let visitor = visitor();
    let again = scene.people.complete(ada, Methods::one(Method::Passkey), &visitor, Some(&first.session), scene.now());
    let second = complete(again.await);
    assert_eq!(second.session.id, first.session.id);
    assert_eq!(second.session.expires_at, first.session.expires_at);
    assert_eq!(second.session.authenticated_at, scene.now());
    assert!(!scene.opens(&first).await, "the old secret is dead");
    assert!(scene.opens(&second).await);
}

#[tokio::test]
async fn another_person_in_the_same_browser_ends_the_first_ones_session() {
    let scene = Scene::new().await;
    scene.ada().await;
    let first = scene.sign_in().await;
    let bob = scene.person("bob@example.org", tollgate_model::user::AccountType::Individual).await;
    let visitor = visitor();
    let step = scene.people.complete(
        bob.clone(),
        Methods::one(Method::Federated),
        &visitor,
        Some(&first.session),
        scene.now(),
    );
    let second = complete(step.await);
    assert_ne!(second.session.id, first.session.id);
    assert!(!scene.opens(&first).await);
    assert_eq!(second.session.user_id, bob.id);
}

#[tokio::test]
async fn a_session_ends_after_a_week_without_use_and_after_a_month_in_any_case() {
    let scene = Scene::new().await;
    scene.ada().await;
    let session = scene.sign_in().await;
    scene.wait(SESSION_IDLE_MAX.0).await;
    assert!(!scene.opens(&session).await);

    let used = scene.sign_in().await;
    for _ in 0..4 {
        scene.wait(SESSION_IDLE_MAX.0 - 1).await;
        assert!(scene.opens(&used).await);
        scene.people.write_aside().await.unwrap();
    }
    scene.wait(SESSION_LIFETIME.0 - 4 * (SESSION_IDLE_MAX.0 - 1)).await;
    assert!(!scene.opens(&used).await);
}

#[tokio::test]
async fn the_last_use_is_written_at_most_every_five_minutes_and_beside_the_request() {
    let scene = Scene::new().await;
    scene.ada().await;
    let session = scene.sign_in().await;
    let begun = scene.now();
    let seen = async || {
        scene.people.write_aside().await.unwrap();
        let found = sessions::find(&scene.people.house().db, &session.session.id).await.unwrap();
        found.unwrap().last_seen_at
    };
    scene.wait(299).await;
    assert!(scene.opens(&session).await);
    assert_eq!(seen().await, begun);
    scene.wait(1).await;
    scene.people.house().db.fail_writes(true);
    assert!(scene.opens(&session).await, "a request does not write");
    scene.people.house().db.fail_writes(false);
    assert_eq!(seen().await, begun + Seconds(300));
}

#[tokio::test]
async fn a_disabled_person_or_organization_has_no_session() {
    let scene = Scene::new().await;
    let ada = scene.ada().await;
    let session = scene.sign_in().await;
    scene.change(async |tx| organizations::set_enabled(tx, &scene.organization.id, false).await).await;
    assert!(!scene.opens(&session).await);
    scene.change(async |tx| organizations::set_enabled(tx, &scene.organization.id, true).await).await;
    assert!(scene.opens(&session).await);
    scene.people.set_account_enabled(&ada.id, false, scene.now()).await.unwrap();
    assert!(!scene.opens(&session).await);
    scene.people.set_account_enabled(&ada.id, true, scene.now()).await.unwrap();
    assert!(!scene.opens(&session).await, "what was ended stays ended");
    let session = scene.sign_in().await;
    scene.people.delete_account(&ada.id, scene.now()).await.unwrap();
    assert!(!scene.opens(&session).await);
}

#[tokio::test]
async fn signing_out_ends_the_grants_and_tokens_of_the_session_and_tells_its_applications() {
    let scene = Scene::new().await;
    scene.ada().await;
    let client = scene.application().await;
    let (here, there) = (scene.sign_in().await, scene.sign_in().await);
    let ended = scene.grant(&here.session, &client).await;
    let kept = scene.grant(&there.session, &client).await;
    let told = scene.people.sign_out(&signed_in(&here), &visitor(), scene.now()).await.unwrap();
    assert_eq!(told, std::slice::from_ref(&client));
    assert!(!scene.opens(&here).await);
    assert!(scene.opens(&there).await);
    assert!(scene.is_revoked(&ended).await && !scene.is_revoked(&kept).await);
    assert!(scene.is_token_ended(&ended, &here.session, &client));
    assert!(!scene.is_token_ended(&kept, &there.session, &client));
    let now = scene.now();
    let notices = scene.change(async |tx| logout_notices::claim(tx, now, Seconds(60), 10).await).await;
    assert_eq!(notices.len(), 1);
    assert_eq!(notices[0].session_id, here.session.id);
}

#[tokio::test]
async fn a_person_ends_their_other_sessions_and_never_those_of_others() {
    let scene = Scene::new().await;
    scene.ada().await;
    let [one, two, three] = [scene.sign_in().await, scene.sign_in().await, scene.sign_in().await];
    let (people, now) = (&scene.people, scene.now());
    assert_eq!(people.sessions(&one.user.id, now).await.unwrap().len(), 3);
    let stranger = scene.person("bob@example.org", tollgate_model::user::AccountType::Individual).await;
    assert!(!people.end_session(&stranger.id, &one.session.id, now).await.unwrap());
    assert!(people.end_listed_session(&signed_in(&one), &two.session.id, &visitor(), now).await.unwrap());
    assert!(!scene.opens(&two).await);
    assert_eq!(people.end_other_sessions(&signed_in(&one), &visitor(), now).await.unwrap(), 1);
    assert!(scene.opens(&one).await && !scene.opens(&three).await);
}

#[tokio::test]
async fn changing_the_password_changes_the_cookie_and_ends_the_other_sessions() {
    let scene = Scene::new().await;
    scene.ada().await;
    let (here, there) = (scene.sign_in().await, scene.sign_in().await);
    let change = async |present: &str, new: &str| {
        let (present, new) = (secret(present), secret(new));
        scene.people.change_password(&signed_in(&here), Some(&present), &new, &visitor(), scene.now()).await
    };
    assert!(matches!(change("wrong", NEXT_PASSWORD).await, Err(Refused::WrongPassword)));
    assert!(matches!(change(PASSWORD, "passwordpassword").await, Err(Refused::Password(_))));
    let renewed = change(PASSWORD, NEXT_PASSWORD).await.unwrap();
    assert_eq!(renewed.session.id, here.session.id);
    assert!(!scene.opens(&here).await && !scene.opens(&there).await && scene.opens(&renewed).await);
    assert!(matches!(scene.try_password(EMAIL, PASSWORD).await, Err(Refused::WrongPassword)));
    complete(scene.try_password(EMAIL, NEXT_PASSWORD).await);
    assert_eq!(scene.letters(EMAIL).await[0].subject, "Your password was changed");
}

#[tokio::test]
async fn a_step_up_asks_for_the_second_factor_alone_and_changes_the_cookie() {
    let scene = Scene::new().await;
    let ada = scene.ada().await;
    let session = scene.sign_in().await;
    assert!(scene.people.step_up(&signed_in(&session), scene.now()).await.unwrap().is_none());
    let enrolment = scene.people.enrol_authenticator(&scene.signed_in(&ada), scene.now()).await.unwrap();
    let code = credential::one_time_code(&enrolment.uri, scene.now());
    scene.people.confirm_authenticator(&scene.signed_in(&ada), &code, &visitor(), scene.now()).await.unwrap();
    scene.wait(60).await;
    let step = scene.people.step_up(&signed_in(&session), scene.now()).await.unwrap();
    let Some(SignInStep::SecondFactor { ticket, .. }) = step else { panic!("{step:?}") };
    let code = credential::one_time_code(&enrolment.uri, scene.now());
    let visitor = visitor();
    let given = scene.people.sign_in_with_code(ticket.reveal(), &code, &visitor, Some(&session.session), scene.now());
    let stronger = complete(given.await);
    assert_eq!(stronger.session.id, session.session.id);
    assert_eq!(stronger.session.methods.assurance(), Assurance::MultiFactor);
    assert!(!scene.opens(&session).await && scene.opens(&stronger).await);
}

#[tokio::test]
async fn a_cookie_of_another_shape_asks_no_database() {
    let scene = Scene::new().await;
    for cookie in ["", "short", &"A".repeat(44), &"A".repeat(43)] {
        assert!(scene.people.session(cookie, scene.now()).await.unwrap().is_none());
    }
}

/// The organization with self sign-up.
pub(crate) fn open(organization: &Organization) -> Organization {
    Organization { sign_in_rules: SignInRules { self_sign_up: true, ..SignInRules::default() }, ..organization.clone() }
}
