use tollgate_model::user::AccountType;

use super::*;
use crate::{
    AuthenticatorState,
    scene::{Scene, visitor},
};

/// What the application of this secret shows.
fn shown(enrolment: &Enrolment, now: Timestamp) -> String {
    let totp = Totp::from_url(enrolment.uri.reveal()).unwrap();
    totp.generate(u64::try_from(now.seconds()).unwrap()).to_string()
}

async fn enrolled(scene: &Scene) -> (SignedIn, Enrolment, Vec<SecretText>) {
    let ada = scene.person("ada@example.com", AccountType::Enterprise).await;
    let signed_in = scene.signed_in(&ada);
    let enrolment = scene.people.enrol_authenticator(&signed_in, scene.now()).await.unwrap();
    let code = shown(&enrolment, scene.now());
    let codes = scene.people.confirm_authenticator(&signed_in, &code, &visitor(), scene.now()).await.unwrap();
    (signed_in, enrolment, codes.expect("the person had none"))
}

async fn accepts(scene: &Scene, signed_in: &SignedIn, code: &str) -> bool {
    scene.people.check_one_time_code(&signed_in.user, code, &visitor(), scene.now()).await.unwrap()
}

#[tokio::test]
async fn an_application_counts_once_its_first_code_was_given() {
    let scene = Scene::new().await;
    let ada = scene.person("ada@example.com", AccountType::Enterprise).await;
    let signed_in = scene.signed_in(&ada);
    let enrolment = scene.people.enrol_authenticator(&signed_in, scene.now()).await.unwrap();
    assert_eq!(scene.people.authenticator(&ada.id).await.unwrap(), AuthenticatorState::Unconfirmed);
    assert!(!accepts(&scene, &signed_in, &shown(&enrolment, scene.now())).await);
    let wrong = scene.people.confirm_authenticator(&signed_in, "000000", &visitor(), scene.now()).await;
    assert!(matches!(wrong, Err(FactorRefused::WrongCode)));
    let code = shown(&enrolment, scene.now());
    let codes = scene.people.confirm_authenticator(&signed_in, &code, &visitor(), scene.now()).await.unwrap();
    assert_eq!(codes.unwrap().len(), 10);
    assert_eq!(scene.people.authenticator(&ada.id).await.unwrap(), AuthenticatorState::On { since: scene.now() });
    let again = scene.people.enrol_authenticator(&signed_in, scene.now()).await;
    assert!(matches!(again, Err(FactorRefused::AlreadyOn)));
}

#[tokio::test]
async fn a_code_is_good_once_and_within_one_step_of_the_clock() {
    let scene = Scene::new().await;
    let (signed_in, enrolment, _) = enrolled(&scene).await;
    let confirmed_with = shown(&enrolment, scene.now());
    assert!(!accepts(&scene, &signed_in, &confirmed_with).await, "the first code was used to confirm");
    scene.pass(300);
    let code = shown(&enrolment, scene.now());
    assert!(accepts(&scene, &signed_in, &format!("{} {}", &code[..3], &code[3..])).await);
    assert!(!accepts(&scene, &signed_in, &code).await);
    let earlier = shown(&enrolment, scene.now() - tollgate_model::Seconds(30));
    assert!(!accepts(&scene, &signed_in, &earlier).await, "an earlier step than the last used one");
    scene.pass(300);
    let fast = shown(&enrolment, scene.now() + tollgate_model::Seconds(60));
    assert!(!accepts(&scene, &signed_in, &fast).await, "two steps ahead");
    assert!(accepts(&scene, &signed_in, &shown(&enrolment, scene.now() + tollgate_model::Seconds(30))).await);
}

#[tokio::test]
async fn of_many_at_once_with_one_code_one_passes() {
    let scene = Scene::new().await;
    let (signed_in, enrolment, codes) = enrolled(&scene).await;
    scene.pass(300);
    for code in [shown(&enrolment, scene.now()), codes[0].reveal().to_owned()] {
        let at_once = (0..16).map(|_| {
            let (people, user, code, now) = (scene.people.clone(), signed_in.user.clone(), code.clone(), scene.now());
            tokio::spawn(async move { people.check_one_time_code(&user, &code, &visitor(), now).await.unwrap() })
        });
        let mut passed = 0;
        for one in at_once.collect::<Vec<_>>() {
            passed += usize::from(one.await.unwrap());
        }
        assert_eq!(passed, 1);
    }
}

#[tokio::test]
async fn a_recovery_code_is_good_once_and_new_ones_replace_the_old() {
    let scene = Scene::new().await;
    let (signed_in, _, codes) = enrolled(&scene).await;
    let user = &signed_in.user.id;
    assert!(accepts(&scene, &signed_in, codes[3].reveal()).await);
    assert!(!accepts(&scene, &signed_in, codes[3].reveal()).await);
    assert_eq!(scene.people.recovery_codes_left(user).await.unwrap(), 9);
    let new = scene.people.regenerate_recovery_codes(&signed_in, &visitor(), scene.now()).await.unwrap();
    assert!(!accepts(&scene, &signed_in, codes[4].reveal()).await);
    assert!(accepts(&scene, &signed_in, new[0].reveal()).await);
    let bob = scene.person("bob@example.com", AccountType::Enterprise).await;
    assert!(!accepts(&scene, &scene.signed_in(&bob), new[1].reveal()).await, "somebody else's");
}

#[tokio::test]
async fn with_the_last_factor_its_recovery_codes_go() {
    let scene = Scene::new().await;
    let (signed_in, _, _) = enrolled(&scene).await;
    scene.people.disable_authenticator(&signed_in, &visitor(), scene.now()).await.unwrap();
    assert_eq!(scene.people.recovery_codes_left(&signed_in.user.id).await.unwrap(), 0);
    assert_eq!(scene.people.second_factor_ways(&signed_in.user.id).await.unwrap(), crate::FactorWays::default());
    let codes = scene.people.regenerate_recovery_codes(&signed_in, &visitor(), scene.now()).await;
    assert!(matches!(codes, Err(FactorRefused::NotEnrolled)), "they would be a way in by themselves");
}

#[tokio::test]
async fn factors_are_changed_only_after_a_recent_sign_in() {
    let scene = Scene::new().await;
    let (signed_in, _, _) = enrolled(&scene).await;
    scene.pass(601);
    let (people, now) = (&scene.people, scene.now());
    assert!(matches!(people.disable_authenticator(&signed_in, &visitor(), now).await, Err(FactorRefused::SignInAgain)));
    assert!(matches!(people.enrol_authenticator(&signed_in, now).await, Err(FactorRefused::SignInAgain)));
    let codes = people.regenerate_recovery_codes(&signed_in, &visitor(), now).await;
    assert!(matches!(codes, Err(FactorRefused::SignInAgain)));
}

#[test]
fn the_address_names_organization_and_person_and_is_a_square_of_modules() {
    let enrolment = enrolment(&[7; SECRET_BYTES], "Example: One", "ada@example.com").unwrap();
    let uri = enrolment.uri.reveal();
    assert!(uri.starts_with("otpauth://totp/Example%20%20One:ada%40example.com?secret="), "{uri}");
    assert!(uri.contains(enrolment.secret.reveal()) && uri.contains("issuer=Example%20%20One"));
    assert!(enrolment.modules.iter().all(|row| row.len() == enrolment.modules.len()));
    assert!(enrolment.modules[0][..7].iter().all(|dark| *dark), "a finder pattern stands in the corner");
}

#[test]
fn codes_are_those_of_the_test_vectors() {
    // RFC 6238 appendix B, cut to six digits.
    let totp = totp(b"12345678901234567890", None).unwrap();
    for (time, code) in [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")] {
        assert_eq!(totp.generate(time).to_string(), code);
    }
}
