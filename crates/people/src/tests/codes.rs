//! Codes by mail: once, for one purpose, few attempts, and no telling who has an account.

use tollgate_model::{Seconds, organization::Organization, session::Session};
use tollgate_store::{organizations, users};

use super::{EMAIL, NEXT_PASSWORD, PASSWORD, complete, credential, secret, sessions::open, signed_in};
use crate::{
    CodePurpose, Flow, PasswordFlaw, Refused,
    scene::{ISSUER, Scene, visitor},
    sign_up::SignUp,
};

const NEW_EMAIL: &str = "grace@example.org";

impl Scene {
    async fn open_sign_up(&self) -> Organization {
        let open = open(&self.organization);
        self.change(async |tx| organizations::update(tx, &open).await).await;
        open
    }

    fn sign_up(&self, email: &str) -> SignUp {
        SignUp {
            organization_id: self.organization.id.clone(),
            email: email.parse().unwrap(),
            name: "Grace Hopper".to_owned(),
            country: Some("CH".to_owned()),
            language: Some("de".to_owned()),
            password: secret(PASSWORD),
        }
    }

    async fn begin_sign_up(&self, email: &str) -> Result<Flow, Refused> {
        self.people.begin_sign_up(self.sign_up(email), &visitor(), self.now()).await
    }

    async fn finish_sign_up(&self, flow: &Flow, code: &str) -> Result<crate::SignInStep, Refused> {
        self.people.finish_sign_up(&flow.id, code, &visitor(), None::<&Session>, self.now()).await
    }

    async fn begin_reset(&self, email: &str) -> Flow {
        let email = email.parse().unwrap();
        self.people.begin_reset(&email, Some("fr"), &visitor(), self.now()).await.unwrap()
    }

    async fn check_code(&self, flow: &Flow, code: &str) -> Result<crate::reset::ResetTicket, Refused> {
        self.people.check_reset_code(&flow.id, code, &visitor(), self.now()).await
    }
}

#[tokio::test]
async fn an_account_is_made_once_the_mailed_code_proves_the_address() {
    let scene = Scene::new().await;
    assert!(matches!(scene.begin_sign_up(NEW_EMAIL).await, Err(Refused::SignUpClosed)));
    scene.open_sign_up().await;
    let flow = scene.begin_sign_up(NEW_EMAIL).await.unwrap();
    let found = users::find_by_email(&scene.people.house().db, &flow.email).await.unwrap();
    assert!(found.is_none(), "nothing is made before the proof");
    assert!(matches!(scene.finish_sign_up(&flow, "0000 0000").await, Err(Refused::WrongCode)));
    let code = scene.mailed_code(NEW_EMAIL).await;
    let session = complete(scene.finish_sign_up(&flow, &code).await);
    assert!(session.user.email_verified);
    assert_eq!(session.user.language.as_deref(), Some("de"));
    assert_eq!(session.user.country_code.as_deref(), Some("CH"));
    assert!(scene.opens(&session).await);
    assert!(matches!(scene.finish_sign_up(&flow, &code).await, Err(Refused::CodeOver)), "a code is good once");
    complete(scene.try_password(NEW_EMAIL, PASSWORD).await);
}

#[tokio::test]
async fn a_sign_up_for_an_address_with_an_account_looks_the_same_and_tells_its_owner_by_mail() {
    let scene = Scene::new().await;
    scene.open_sign_up().await;
    scene.ada().await;
    let taken = scene.begin_sign_up(EMAIL).await.unwrap();
    let fresh = scene.begin_sign_up(NEW_EMAIL).await.unwrap();
    assert_eq!((taken.id.len(), taken.resend_after), (fresh.id.len(), fresh.resend_after));
    let letters = scene.letters(EMAIL).await;
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].subject, "You already have an account");
    assert!(letters[0].body.contains(&format!("{ISSUER}/forgot")));
    assert!(matches!(scene.finish_sign_up(&taken, "1234 5678").await, Err(Refused::WrongCode)));
    assert!(matches!(scene.finish_sign_up(&fresh, "1234 5678").await, Err(Refused::WrongCode)));
}

#[tokio::test]
async fn a_sign_up_needs_a_good_password_name_and_country() {
    let scene = Scene::new().await;
    scene.open_sign_up().await;
    let begin = async |change: fn(&mut SignUp)| {
        let mut sign_up = scene.sign_up(NEW_EMAIL);
        change(&mut sign_up);
        scene.people.begin_sign_up(sign_up, &visitor(), scene.now()).await.unwrap_err()
    };
    let personal = begin(|own| own.password = secret("gracehopper12")).await;
    assert!(matches!(personal, Refused::Password(PasswordFlaw::Personal)), "{personal}");
    assert!(matches!(begin(|own| own.name = " ".to_owned()).await, Refused::Invalid(_)));
    assert!(matches!(begin(|own| own.country = Some("ch".to_owned())).await, Refused::Invalid(_)));
    assert!(scene.letters(NEW_EMAIL).await.is_empty());
}

#[tokio::test]
async fn a_reset_sets_the_password_and_ends_all_that_was_signed_in() {
    let scene = Scene::new().await;
    let ada = scene.ada().await;
    let client = scene.application().await;
    let session = scene.sign_in().await;
    let grant = scene.grant(&session.session, &client).await;
    let flow = scene.begin_reset(EMAIL).await;
    let letter = scene.letters(EMAIL).await.remove(0);
    assert!(letter.body.contains(&format!("{ISSUER}/forgot/code?flow={}&code=", flow.id)), "{}", letter.body);
    let code = scene.mailed_code(EMAIL).await;
    let ticket = scene.check_code(&flow, &code).await.unwrap();
    assert!(matches!(scene.check_code(&flow, &code).await, Err(Refused::CodeOver)), "a code is good once");
    let finish = async |new: &str| {
        scene.people.finish_reset(ticket.secret.reveal(), &secret(new), &visitor(), scene.now()).await
    };
    assert!(scene.opens(&session).await, "nothing ends before the new password");
    assert!(matches!(finish("passwordpassword").await, Err(Refused::Password(_))));
    finish(NEXT_PASSWORD).await.unwrap();
    assert!(matches!(finish("oK6(yT%1zDvM+sa3").await, Err(Refused::CodeOver)), "a ticket is good once");
    assert!(!scene.opens(&session).await);
    assert!(scene.is_revoked(&grant).await);
    assert!(scene.is_token_ended(&grant, &session.session, &client));
    scene.wait(1).await;
    assert!(matches!(scene.try_password(EMAIL, PASSWORD).await, Err(Refused::WrongPassword)));
    assert_eq!(complete(scene.try_password(EMAIL, NEXT_PASSWORD).await).user.id, ada.id);
}

#[tokio::test]
async fn a_reset_for_an_unknown_address_looks_the_same_and_sends_nothing() {
    let scene = Scene::new().await;
    let flow = scene.begin_reset("nobody@example.org").await;
    assert!(scene.letters("nobody@example.org").await.is_empty());
    assert!(matches!(scene.check_code(&flow, "1234 5678").await, Err(Refused::WrongCode)));
    scene.wait(61).await;
    let again = scene.people.resend_code(&flow.id, CodePurpose::ResetPassword, &visitor(), scene.now()).await.unwrap();
    assert!(scene.letters("nobody@example.org").await.is_empty());
    assert!(matches!(scene.check_code(&again, "1234 5678").await, Err(Refused::WrongCode)));
}

#[tokio::test]
async fn a_reset_does_not_step_over_the_second_factor() {
    let scene = Scene::new().await;
    credential::ada_with_authenticator(&scene).await;
    let flow = scene.begin_reset(EMAIL).await;
    let ticket = scene.check_code(&flow, &scene.mailed_code(EMAIL).await).await.unwrap();
    scene.people.finish_reset(ticket.secret.reveal(), &secret(NEXT_PASSWORD), &visitor(), scene.now()).await.unwrap();
    let step = scene.try_password(EMAIL, NEXT_PASSWORD).await;
    assert!(matches!(step, Ok(crate::SignInStep::SecondFactor { .. })), "{step:?}");
}

#[tokio::test]
async fn a_code_dies_after_five_wrong_ones_and_after_a_quarter_of_an_hour() {
    let scene = Scene::new().await;
    scene.ada().await;
    let flow = scene.begin_reset(EMAIL).await;
    let code = scene.mailed_code(EMAIL).await;
    let wrong = if code == "0000 0000" { "0000 0001" } else { "0000 0000" };
    for _ in 0..5 {
        assert!(matches!(scene.check_code(&flow, wrong).await, Err(Refused::WrongCode)));
    }
    assert!(matches!(scene.check_code(&flow, &code).await, Err(Refused::CodeOver)));
    let flow = scene.begin_reset(EMAIL).await;
    let code = scene.mailed_code(EMAIL).await;
    scene.wait(900).await;
    assert!(matches!(scene.check_code(&flow, &code).await, Err(Refused::CodeOver)));
}

#[tokio::test]
async fn a_code_is_good_for_its_purpose_only() {
    let scene = Scene::new().await;
    scene.ada().await;
    let session = signed_in(&scene.sign_in().await);
    let flow = scene.people.begin_verification(&session, &visitor(), scene.now()).await.unwrap();
    let code = scene.mailed_code(EMAIL).await;
    assert!(matches!(scene.check_code(&flow, &code).await, Err(Refused::CodeOver)));
    assert!(matches!(scene.finish_sign_up(&flow, &code).await, Err(Refused::CodeOver)));
    let stranger = scene.person("bob@example.org", tollgate_model::user::AccountType::Individual).await;
    let stranger = scene.signed_in(&stranger);
    let now = scene.now();
    let stolen = scene.people.finish_verification(&stranger, &flow.id, &code, &visitor(), now).await;
    assert!(matches!(stolen, Err(Refused::CodeOver)));
    scene.people.finish_verification(&session, &flow.id, &code, &visitor(), now).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_who_use_a_code_at_once_one_succeeds() {
    let scene = Scene::new().await;
    scene.ada().await;
    let flow = scene.begin_reset(EMAIL).await;
    let code = scene.mailed_code(EMAIL).await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..2 {
        let (people, id, code, now) = (scene.people.clone(), flow.id.clone(), code.clone(), scene.now());
        tasks.spawn(async move { people.check_reset_code(&id, &code, &visitor(), now).await.is_ok() });
    }
    assert_eq!(tasks.join_all().await.into_iter().filter(|ok| *ok).count(), 1);
}

#[tokio::test]
async fn mails_to_one_address_are_bounded_and_another_code_has_to_wait_a_minute() {
    let scene = Scene::new().await;
    scene.ada().await;
    let flow = scene.begin_reset(EMAIL).await;
    let resend = async |flow: &Flow| {
        scene.people.resend_code(&flow.id, CodePurpose::ResetPassword, &visitor(), scene.now()).await
    };
    assert!(matches!(resend(&flow).await, Err(Refused::Throttled(Seconds(60)))));
    scene.wait(60).await;
    let flow = resend(&flow).await.unwrap();
    scene.check_code(&flow, &scene.mailed_code(EMAIL).await).await.unwrap();
    for address in [EMAIL, "nobody@example.org"] {
        let email = address.parse().unwrap();
        let begin = async || scene.people.begin_reset(&email, None, &visitor(), scene.now()).await;
        let mut sent = 0;
        while begin().await.is_ok() {
            sent += 1;
        }
        assert!((3..=5).contains(&sent), "{address}: {sent}");
    }
}
