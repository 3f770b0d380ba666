//! Accounts that administrators make, and profiles.

use tollgate_model::user::{AccountType, Role};

use super::{EMAIL, NEXT_PASSWORD, PASSWORD, complete, secret, signed_in};
use crate::{
    Refused, SignInStep,
    accounts::{AccountName, CreatedAccount, FirstCredential, NewAccount},
    profile::Profile,
    scene::{ISSUER, Scene, visitor},
};

impl Scene {
    async fn create(&self, first: FirstCredential) -> Result<CreatedAccount, Refused> {
        let new = NewAccount {
            organization_id: self.organization.id.clone(),
            email: EMAIL.parse().unwrap(),
            name: "Ada Example".to_owned(),
            role: Role::Developer,
            account_type: AccountType::Enterprise,
            language: Some("ja".to_owned()),
        };
        self.people.create_account(new, first, self.now()).await
    }
}

fn token(link: &str) -> String {
    link.strip_prefix(&format!("{ISSUER}/invitation?token=")).expect("a link of the issuer").to_owned()
}

#[tokio::test]
async fn an_invited_person_chooses_a_password_behind_the_link_once_and_within_a_week() {
    let scene = Scene::new().await;
    let created = scene.create(FirstCredential::Invitation).await.unwrap();
    let link = created.secret.unwrap();
    let letter = scene.letters(EMAIL).await.remove(0);
    assert!(letter.body.contains(link.reveal()), "{}", letter.body);
    assert!(letter.subject.contains("Example"), "{}", letter.subject);
    let token = token(link.reveal());
    assert_eq!(scene.people.invitation(&token, scene.now()).await.unwrap().email.as_str(), EMAIL);
    let accept = async |password: &str| {
        let password = secret(password);
        scene.people.accept_invitation(&token, "Ada L.", &password, &visitor(), None, scene.now()).await
    };
    assert!(matches!(accept("short").await, Err(Refused::Password(_))));
    let session = complete(accept(PASSWORD).await);
    assert_eq!((session.user.name.as_str(), session.user.email_verified), ("Ada L.", true));
    assert!(matches!(accept(NEXT_PASSWORD).await, Err(Refused::CodeOver)));
    scene.sign_in().await;

    let again = self::token(scene.people.invite_again(&created.user.id, scene.now()).await.unwrap().reveal());
    scene.wait(7 * 86_400).await;
    assert!(matches!(scene.people.invitation(&again, scene.now()).await, Err(Refused::CodeOver)));
}

#[tokio::test]
async fn a_link_with_a_wrong_secret_opens_nothing() {
    let scene = Scene::new().await;
    let link = scene.create(FirstCredential::Invitation).await.unwrap().secret.unwrap();
    let token = token(link.reveal());
    let (flow, _) = token.split_once('.').unwrap();
    for bad in [flow.to_owned(), format!("{flow}."), format!("{flow}.{}", "A".repeat(43)), "x.y".to_owned()] {
        assert!(matches!(scene.people.invitation(&bad, scene.now()).await, Err(Refused::CodeOver)), "{bad}");
    }
}

#[tokio::test]
async fn a_one_time_password_has_to_be_changed_and_an_address_is_given_once() {
    let scene = Scene::new().await;
    let created = scene.create(FirstCredential::OneTimePassword).await.unwrap();
    assert!(matches!(scene.create(FirstCredential::None).await, Err(Refused::Taken)));
    let password = created.secret.unwrap();
    let step = scene.try_password(EMAIL, password.reveal()).await;
    assert!(matches!(step, Ok(SignInStep::PasswordExpired { .. })), "{step:?}");
    let found = scene.people.account(&AccountName::Email(EMAIL.parse().unwrap())).await.unwrap();
    assert_eq!(found.id, created.user.id);
    let listed = scene.people.accounts(&scene.organization.id, None, 10).await.unwrap();
    assert_eq!(listed.len(), 1);
}

#[tokio::test]
async fn an_administrators_reset_link_leads_to_a_new_password() {
    let scene = Scene::new().await;
    let ada = scene.ada().await;
    let link = scene.people.reset_link(&ada.id, scene.now()).await.unwrap();
    let query = link.reveal().strip_prefix(&format!("{ISSUER}/forgot/code?flow=")).unwrap();
    let (flow, code) = query.split_once("&code=").unwrap();
    let ticket = scene.people.check_reset_code(flow, code, &visitor(), scene.now()).await.unwrap();
    let secret = secret(NEXT_PASSWORD);
    scene.people.finish_reset(ticket.secret.reveal(), &secret, &visitor(), scene.now()).await.unwrap();
    complete(scene.try_password(EMAIL, NEXT_PASSWORD).await);
}

#[tokio::test]
async fn a_person_changes_their_profile_within_its_rules() {
    let scene = Scene::new().await;
    scene.ada().await;
    let session = signed_in(&scene.sign_in().await);
    let profile = Profile {
        name: "Ada Lovelace".to_owned(),
        given_name: Some("Ada".to_owned()),
        family_name: Some("Lovelace".to_owned()),
        language: Some("de-CH".to_owned()),
        country_code: Some("CH".to_owned()),
    };
    let update = async |profile: Profile| scene.people.update_profile(&session, profile, &visitor(), scene.now()).await;
    let changed = update(profile.clone()).await.unwrap();
    assert_eq!((changed.name.as_str(), changed.language.as_deref()), ("Ada Lovelace", Some("de-CH")));
    assert!(matches!(update(Profile { name: String::new(), ..profile.clone() }).await, Err(Refused::Invalid(_))));
    let strange = Profile { language: Some("<b>".to_owned()), ..profile };
    assert!(matches!(update(strange).await, Err(Refused::Invalid(_))));
}

#[tokio::test]
async fn an_administrator_changes_a_role_and_ends_all_sessions() {
    let scene = Scene::new().await;
    let ada = scene.ada().await;
    let (one, two) = (scene.sign_in().await, scene.sign_in().await);
    scene.people.set_account_role(&ada.id, Role::Administrator, scene.now()).await.unwrap();
    assert_eq!(scene.people.account(&AccountName::Id(ada.id.clone())).await.unwrap().role, Role::Administrator);
    assert_eq!(scene.people.end_all_sessions(&ada.id, scene.now()).await.unwrap(), 2);
    assert!(!scene.opens(&one).await && !scene.opens(&two).await);
}
