//! Passwords, second factors, expired passwords, and what wrong ones cost.

use tollgate_crypto::{SystemEntropy, password};
use tollgate_model::{
    Seconds,
    organization::SignInRules,
    session::{Assurance, Method},
};
use tollgate_store::{organizations, users};

use super::{EMAIL, NEXT_PASSWORD, PASSWORD, complete, secret};
use crate::{
    Action, PasswordFlaw, Refused, SignInStep,
    scene::{Scene, visitor},
};

#[tokio::test]
async fn a_person_signs_in_with_address_and_password_and_sees_that_they_did() {
    let scene = Scene::new().await;
    let ada = scene.ada().await;
    let session = scene.sign_in().await;
    assert_eq!(session.user.id, ada.id);
    assert_eq!(session.session.methods.assurance(), Assurance::OneFactor);
    assert!(scene.opens(&session).await);
    let activities = scene.people.activities(&ada.id, None, 10).await.unwrap();
    assert_eq!(activities[0].action, Action::SignedInPassword);
    assert_eq!(activities[0].address, "192.0.2.7");
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_get_the_same_answer() {
    let scene = Scene::new().await;
    let ada = scene.ada().await;
    for (email, given) in [(EMAIL, "not the password"), ("nobody@example.org", PASSWORD), (EMAIL, "")] {
        assert!(matches!(scene.try_password(email, given).await, Err(Refused::WrongPassword)), "{email}");
    }
    scene.people.write_aside().await.unwrap();
    let activities = scene.people.activities(&ada.id, None, 10).await.unwrap();
    assert_eq!(activities.iter().filter(|own| own.action == Action::SignInFailed).count(), 2);
}

#[tokio::test]
async fn an_account_without_a_password_cannot_be_entered_with_any() {
    let scene = Scene::new().await;
    scene.person(EMAIL, tollgate_model::user::AccountType::Enterprise).await;
    assert!(matches!(scene.try_password(EMAIL, PASSWORD).await, Err(Refused::WrongPassword)));
}

#[tokio::test]
async fn a_hash_with_older_parameters_is_made_anew_at_the_next_sign_in() {
    let scene = Scene::new().await;
    let ada = scene.ada().await;
    // The same password under cheaper parameters, as an earlier version might have stored it.
    let hash = OLDER_HASH.to_owned();
    scene.change(async |tx| users::set_password(tx, &ada.id, Some(&hash), false).await).await;
    assert!(matches!(scene.try_password(EMAIL, "wrong password").await, Err(Refused::WrongPassword)));
    let stored = || async { users::find(&scene.people.house().db, &ada.id).await.unwrap().unwrap().password_hash };
    assert_eq!(stored().await.as_deref(), Some(hash.as_str()));
    scene.try_password(EMAIL, "hello older days").await.unwrap();
    let renewed = stored().await.unwrap();
    assert!(!password::is_outdated(&renewed));
    assert_eq!(password::verify(&renewed, "hello older days"), Ok(true));
}

/// `hello older days` with m=8192, t=1, p=1.
const OLDER_HASH: &str =
    "$argon2id$v=19$m=8192,t=1,p=1$BwcHBwcHBwcHBwcHBwcHBw$48o7bcCoeIRYAIK/3ZojNl1TcGc2cTB4H/duuggvLUY";

#[tokio::test]
async fn after_ten_failures_even_the_right_password_waits_and_a_success_forgives() {
    let scene = Scene::new().await;
    scene.ada().await;
    for _ in 0..10 {
        assert!(matches!(scene.try_password(EMAIL, "wrong").await, Err(Refused::WrongPassword)));
    }
    let Err(Refused::Throttled(wait)) = scene.try_password(EMAIL, PASSWORD).await else { panic!("not throttled") };
    assert!(wait > Seconds(0) && wait <= Seconds(300), "{wait}");
    // The wait is announced rightly, and nobody is locked out for longer.
    scene.wait(wait.0).await;
    scene.sign_in().await;
    for _ in 0..10 {
        assert!(matches!(scene.try_password(EMAIL, "wrong").await, Err(Refused::WrongPassword)));
    }
}

#[tokio::test]
async fn an_unknown_address_is_throttled_like_a_known_one() {
    let scene = Scene::new().await;
    for _ in 0..10 {
        assert!(matches!(scene.try_password("nobody@example.org", "wrong").await, Err(Refused::WrongPassword)));
    }
    assert!(matches!(scene.try_password("nobody@example.org", "wrong").await, Err(Refused::Throttled(_))));
}

#[tokio::test]
async fn one_address_cannot_try_many_accounts_and_a_success_does_not_forgive_it() {
    let scene = Scene::new().await;
    scene.ada().await;
    let mut refused = 0;
    for n in 0..102 {
        let account = format!("p{n}@example.org").parse().unwrap();
        match scene.people.attempt(Some(&account), &visitor(), scene.now()).await {
            Ok(_counted) => {}
            Err(Refused::Throttled(_)) => refused += 1,
            Err(other) => panic!("{other}"),
        }
        if n == 50 {
            scene.sign_in().await;
        }
    }
    assert_eq!(refused, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_wrong_attempts_at_once_do_not_all_pass() {
    let scene = Scene::new().await;
    let ada = scene.ada().await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let (people, email, now) = (scene.people.clone(), ada.email.clone(), scene.now());
        tasks.spawn(async move { people.attempt(Some(&email), &visitor(), now).await.map(drop).is_ok() });
    }
    let passed = tasks.join_all().await.into_iter().filter(|passed| *passed).count();
    assert_eq!(passed, 10);
}

#[tokio::test]
async fn a_disabled_person_learns_so_only_with_the_right_password() {
    let scene = Scene::new().await;
    let ada = scene.ada().await;
    scene.people.set_account_enabled(&ada.id, false, scene.now()).await.unwrap();
    assert!(matches!(scene.try_password(EMAIL, "wrong").await, Err(Refused::WrongPassword)));
    assert!(matches!(scene.try_password(EMAIL, PASSWORD).await, Err(Refused::AccountDisabled)));
}

#[tokio::test]
async fn an_expired_password_has_to_be_changed_before_the_session_begins() {
    let scene = Scene::new().await;
    let ada = scene.ada().await;
    scene.change(async |tx| users::set_password(tx, &ada.id, ada.password_hash.as_deref(), true).await).await;
    let Ok(SignInStep::PasswordExpired { ticket }) = scene.try_password(EMAIL, PASSWORD).await else { panic!() };
    let change = async |new: &str| {
        scene.people.change_expired_password(ticket.reveal(), &secret(new), &visitor(), None, scene.now()).await
    };
    assert!(matches!(change(PASSWORD).await, Err(Refused::Password(PasswordFlaw::Unchanged))));
    assert!(matches!(change("short").await, Err(Refused::Password(PasswordFlaw::Short))));
    let session = complete(change(NEXT_PASSWORD).await);
    assert!(scene.opens(&session).await);
    assert!(matches!(change("oK6(yT%1zDvM+sa3").await, Err(Refused::TicketOver)), "a ticket is good once");
    complete(scene.try_password(EMAIL, NEXT_PASSWORD).await);
}

#[tokio::test]
async fn an_organization_that_wants_a_second_factor_lets_nobody_in_without_one() {
    let scene = Scene::new().await;
    scene.ada().await;
    let strict = tollgate_model::organization::Organization {
        sign_in_rules: SignInRules { second_factor_required: true, ..SignInRules::default() },
        ..scene.organization.clone()
    };
    scene.change(async |tx| organizations::update(tx, &strict).await).await;
    let Ok(SignInStep::EnrolSecondFactor { ticket }) = scene.try_password(EMAIL, PASSWORD).await else { panic!() };
    let now = scene.now();
    let enrolling = scene.people.enrolling(ticket.reveal(), now).await.unwrap();
    let too_early = scene.people.finish_enrolment(ticket.reveal(), &visitor(), None, now).await;
    assert!(matches!(too_early, Err(Refused::TicketOver)));
    let enrolment = scene.people.enrol_authenticator(&enrolling, now).await.unwrap();
    let code = super::credential::one_time_code(&enrolment.uri, now);
    scene.people.confirm_authenticator(&enrolling, &code, &visitor(), now).await.unwrap();
    let session = complete(scene.people.finish_enrolment(ticket.reveal(), &visitor(), None, now).await);
    assert_eq!(session.session.methods.assurance(), Assurance::MultiFactor);

    // From now on the factor is asked for, the ticket is good once, and the code is too.
    scene.wait(60).await;
    let now = scene.now();
    let Ok(SignInStep::SecondFactor { ticket, ways }) = scene.try_password(EMAIL, PASSWORD).await else { panic!() };
    assert!(ways.authenticator);
    let give = async |code: &str| scene.people.sign_in_with_code(ticket.reveal(), code, &visitor(), None, now).await;
    assert!(matches!(give("000000").await, Err(Refused::WrongCode)));
    let code = super::credential::one_time_code(&enrolment.uri, now);
    let session = complete(give(&code).await);
    assert!(session.session.methods.iter().any(|method| method == Method::OneTimeCode));
    assert!(matches!(give(&code).await, Err(Refused::TicketOver)));
}

#[tokio::test]
async fn the_right_password_does_not_forgive_wrong_codes() {
    let scene = Scene::new().await;
    super::credential::ada_with_authenticator(&scene).await;
    let mut passed = 0;
    for _ in 0..20 {
        let Ok(SignInStep::SecondFactor { ticket, .. }) = scene.try_password(EMAIL, PASSWORD).await else { break };
        let given = scene.people.sign_in_with_code(ticket.reveal(), "000000", &visitor(), None, scene.now()).await;
        assert!(matches!(given, Err(Refused::WrongCode)), "{given:?}");
        passed += 1;
    }
    assert_eq!(passed, 10);
}

#[test]
fn the_test_password_is_good() {
    assert_eq!(crate::passwords::check(PASSWORD, &[]), Ok(()));
    let stored = password::hash(&SystemEntropy, PASSWORD).unwrap();
    assert_eq!(password::verify(&stored, PASSWORD), Ok(true));
}

#[tokio::test]
async fn a_fault_of_ours_is_no_failure_of_theirs() {
    let scene = Scene::new().await;
    let ada = scene.ada().await;
    let good = ada.password_hash.clone();
    scene.change(async |tx| users::set_password(tx, &ada.id, Some("not a hash"), false).await).await;
    for _ in 0..12 {
        assert!(matches!(scene.try_password(EMAIL, PASSWORD).await, Err(Refused::Fault(_))));
    }
    scene.change(async |tx| users::set_password(tx, &ada.id, good.as_deref(), false).await).await;
    scene.sign_in().await;
}
