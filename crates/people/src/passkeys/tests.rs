use serde_json::Value;
use tollgate_model::{
    session::{Assurance, Method, Methods},
    user::User,
};

use super::{soft_authenticator::SoftAuthenticator, *};
use crate::{
    SignInStep,
    scene::{Scene, visitor},
};

async fn registered(scene: &Scene, email: &str) -> (User, SoftAuthenticator) {
    let user = scene.person(email, AccountType::Enterprise).await;
    let mut key = SoftAuthenticator::new();
    register(scene, &scene.signed_in(&user), &mut key).await.unwrap();
    (user, key)
}

async fn register(
    scene: &Scene,
    signed_in: &SignedIn,
    key: &mut SoftAuthenticator,
) -> Result<PasskeySummary, PasskeyRefused> {
    let begun = scene.people.start_passkey_registration(signed_in, scene.now()).await?;
    let response = key.register(&begun.options);
    let people = &scene.people;
    people.finish_passkey_registration(signed_in, &begun.ceremony, "Phone", &response, &visitor(), scene.now()).await
}

async fn sign_in(
    scene: &Scene,
    email: Option<&str>,
    key: &mut SoftAuthenticator,
) -> Result<SignInStep, PasskeyRefused> {
    let begun = scene.people.start_passkey_sign_in(email, scene.now()).await?;
    let response = key.sign_in(&begun.options);
    finish(scene, &begun.ceremony, &response).await
}

async fn finish(scene: &Scene, ceremony: &str, response: &[u8]) -> Result<SignInStep, PasskeyRefused> {
    scene.people.finish_passkey_sign_in(ceremony, response, &visitor(), None, scene.now()).await
}

fn is_refused(outcome: &Result<SignInStep, PasskeyRefused>) -> bool {
    matches!(outcome, Err(PasskeyRefused::NotAccepted))
}

#[tokio::test]
async fn a_passkey_signs_in_with_and_without_an_e_mail_address_and_is_two_factors() {
    let scene = Scene::new().await;
    let (ada, mut key) = registered(&scene, "ada@example.com").await;
    for email in [None, Some("ada@example.com"), Some(" Ada@Example.com ")] {
        let SignInStep::Complete(new) = sign_in(&scene, email, &mut key).await.unwrap() else { panic!("a session") };
        assert_eq!(new.user.id, ada.id);
        assert_eq!(new.session.methods.iter().collect::<Vec<_>>(), [Method::Passkey]);
        assert_eq!(new.session.methods.assurance(), Assurance::MultiFactor);
    }
    let [own] = &scene.people.passkeys(&ada.id).await.unwrap()[..] else { panic!("one passkey") };
    assert_eq!((own.name.as_str(), own.last_used_at, own.synced), ("Phone", Some(scene.now()), false));
}

#[tokio::test]
async fn an_answer_counts_once_in_time_and_for_its_own_challenge() {
    let scene = Scene::new().await;
    let (_, mut key) = registered(&scene, "ada@example.com").await;
    let begun = scene.people.start_passkey_sign_in(None, scene.now()).await.unwrap();
    let response = key.sign_in(&begun.options);
    assert!(finish(&scene, &begun.ceremony, &response).await.is_ok());
    assert!(matches!(finish(&scene, &begun.ceremony, &response).await, Err(PasskeyRefused::CeremonyOver)));
    let other = scene.people.start_passkey_sign_in(None, scene.now()).await.unwrap();
    assert!(is_refused(&finish(&scene, &other.ceremony, &response).await), "the answer to another challenge");
    assert!(matches!(finish(&scene, "unknown", &response).await, Err(PasskeyRefused::CeremonyOver)));
    let late = scene.people.start_passkey_sign_in(None, scene.now()).await.unwrap();
    let response = key.sign_in(&late.options);
    scene.pass(301);
    assert!(matches!(finish(&scene, &late.ceremony, &response).await, Err(PasskeyRefused::CeremonyOver)));
}

#[tokio::test]
async fn a_ceremony_is_good_for_its_purpose_alone() {
    let scene = Scene::new().await;
    let (ada, mut key) = registered(&scene, "ada@example.com").await;
    let registration = scene.people.start_passkey_registration(&scene.signed_in(&ada), scene.now()).await.unwrap();
    let response = key.sign_in(&registration.options);
    assert!(matches!(finish(&scene, &registration.ceremony, &response).await, Err(PasskeyRefused::CeremonyOver)));
}

#[tokio::test]
async fn other_origins_other_parties_and_unverified_people_are_refused() {
    let scene = Scene::new().await;
    let (_, mut key) = registered(&scene, "ada@example.com").await;
    for origin in
        ["http://localhost", "http://localhost:8081", "https://localhost:8080", "http://a.localhost:8080", "null"]
    {
        key.origin = origin.to_owned();
        assert!(is_refused(&sign_in(&scene, None, &mut key).await), "{origin}");
    }
    key.origin = crate::scene::ISSUER.to_owned();
    key.rp_id = "example.com".to_owned();
    assert!(is_refused(&sign_in(&scene, None, &mut key).await), "another relying party");
    key.rp_id = "localhost".to_owned();
    key.verifies = false;
    assert!(is_refused(&sign_in(&scene, None, &mut key).await), "no check of the person");
    key.verifies = true;
    key.kind = Some("webauthn.create");
    assert!(is_refused(&sign_in(&scene, None, &mut key).await), "an answer of another kind");
    key.kind = None;
    assert!(sign_in(&scene, None, &mut key).await.is_ok());
}

#[tokio::test]
async fn a_counter_that_goes_backwards_is_refused_and_its_owner_hears_of_it() {
    let scene = Scene::new().await;
    let (ada, mut key) = registered(&scene, "ada@example.com").await;
    key.counter = 50;
    assert!(sign_in(&scene, None, &mut key).await.is_ok());
    key.counter = 10;
    assert!(is_refused(&sign_in(&scene, None, &mut key).await));
    let heard = scene.people.activities(&ada.id, None, 10).await.unwrap();
    assert!(heard.iter().any(|activity| activity.action == Action::SignInFailed));
}

#[tokio::test]
async fn a_passkey_signs_in_its_owner_and_nobody_else() {
    let scene = Scene::new().await;
    let (_, mut ada) = registered(&scene, "ada@example.com").await;
    let (_, mut bob) = registered(&scene, "bob@example.com").await;
    assert!(is_refused(&sign_in(&scene, Some("bob@example.com"), &mut ada).await), "for another's account");
    assert!(is_refused(&sign_in(&scene, Some("nobody@example.com"), &mut ada).await), "for nobody's account");
    let own = ada.handle.replace(bob.handle.clone().unwrap());
    assert!(is_refused(&sign_in(&scene, None, &mut ada).await), "under another's name");
    ada.handle = None;
    assert!(is_refused(&sign_in(&scene, None, &mut ada).await), "without a name");
    assert!(sign_in(&scene, Some("ada@example.com"), &mut ada).await.is_ok(), "whose account it is was said before");
    ada.handle = own;
    bob.id.clone_from(&ada.id);
    assert!(is_refused(&sign_in(&scene, None, &mut bob).await), "another key under this id");
}

#[tokio::test]
async fn options_do_not_tell_whether_there_is_an_account() {
    let scene = Scene::new().await;
    let (_, _key) = registered(&scene, "ada@example.com").await;
    scene.person("eve@example.com", AccountType::Enterprise).await;
    let mut shapes = Vec::new();
    for email in ["ada@example.com", "eve@example.com", "nobody@example.com", "no address"] {
        let [first, again] = [0, 1].map(|_| scene.people.start_passkey_sign_in(Some(email), scene.now()));
        let (first, again) = (first.await.unwrap(), again.await.unwrap());
        let [first, again] = [first, again].map(|begun| serde_json::from_str::<Value>(&begun.options).unwrap());
        assert_eq!(first["publicKey"]["allowCredentials"], again["publicKey"]["allowCredentials"], "{email}");
        assert_eq!(first["publicKey"]["userVerification"], "required");
        let members = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        shapes.push((
            members(&first),
            members(&first["publicKey"]),
            members(&first["publicKey"]["allowCredentials"][0]),
        ));
    }
    assert!(shapes.windows(2).all(|pair| pair[0] == pair[1]), "{shapes:?}");
}

#[tokio::test]
async fn one_passkey_is_registered_once_and_by_one_person() {
    let scene = Scene::new().await;
    let (ada, mut key) = registered(&scene, "ada@example.com").await;
    let again = register(&scene, &scene.signed_in(&ada), &mut key).await;
    assert!(matches!(again, Err(PasskeyRefused::NotAccepted)));
    let eve = scene.person("eve@example.com", AccountType::Enterprise).await;
    let stolen = register(&scene, &scene.signed_in(&eve), &mut key).await;
    assert!(matches!(stolen, Err(PasskeyRefused::NotAccepted)));
    assert_eq!(scene.people.passkeys(&ada.id).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_registration_belongs_to_who_began_it_and_wants_a_recent_sign_in() {
    let scene = Scene::new().await;
    let ada = scene.person("ada@example.com", AccountType::Enterprise).await;
    let eve = scene.person("eve@example.com", AccountType::Enterprise).await;
    let (ada, eve) = (scene.signed_in(&ada), scene.signed_in(&eve));
    let begun = scene.people.start_passkey_registration(&ada, scene.now()).await.unwrap();
    let response = SoftAuthenticator::new().register(&begun.options);
    let people = &scene.people;
    let other =
        people.finish_passkey_registration(&eve, &begun.ceremony, "Mine", &response, &visitor(), scene.now()).await;
    assert!(matches!(other, Err(PasskeyRefused::CeremonyOver)));
    let name = people.finish_passkey_registration(&ada, &begun.ceremony, " ", &response, &visitor(), scene.now()).await;
    assert!(matches!(name, Err(PasskeyRefused::Name(_))));
    scene.pass(601);
    let late = people.start_passkey_registration(&ada, scene.now()).await;
    assert!(matches!(late, Err(PasskeyRefused::SignInAgain)));
}

#[tokio::test]
async fn passkeys_are_renamed_and_removed_by_their_owner_but_not_the_last_way_in() {
    let scene = Scene::new().await;
    let (ada, _) = registered(&scene, "ada@example.com").await;
    let eve = scene.person("eve@example.com", AccountType::Enterprise).await;
    let (ada, eve, people, now) = (scene.signed_in(&ada), scene.signed_in(&eve), &scene.people, scene.now());
    let first = people.passkeys(&ada.user.id).await.unwrap().remove(0).id;
    assert!(matches!(people.rename_passkey(&eve, &first, "Mine").await, Err(PasskeyRefused::NotFound)));
    assert!(matches!(people.delete_passkey(&eve, &first, &visitor(), now).await, Err(PasskeyRefused::NotFound)));
    people.rename_passkey(&ada, &first, "Laptop").await.unwrap();
    assert_eq!(people.passkeys(&ada.user.id).await.unwrap()[0].name, "Laptop");
    assert!(matches!(people.delete_passkey(&ada, &first, &visitor(), now).await, Err(PasskeyRefused::LastWayIn)));
    register(&scene, &ada, &mut SoftAuthenticator::new()).await.unwrap();
    people.delete_passkey(&ada, &first, &visitor(), now).await.unwrap();
    assert_eq!(people.passkeys(&ada.user.id).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_passkey_finishes_a_sign_in_that_began_with_its_owners_password() {
    let scene = Scene::new().await;
    let (ada, mut key) = registered(&scene, "ada@example.com").await;
    let (_, mut other) = registered(&scene, "bob@example.com").await;
    let (people, now) = (&scene.people, scene.now());
    let enrolment = people.enrol_authenticator(&scene.signed_in(&ada), now).await.unwrap();
    let totp = totp_rs::Totp::from_url(enrolment.uri.reveal()).unwrap();
    let code = totp.generate(u64::try_from(now.seconds()).unwrap()).to_string();
    people.confirm_authenticator(&scene.signed_in(&ada), &code, &visitor(), now).await.unwrap();
    let half = people.complete(ada.clone(), Methods::one(Method::Password), &visitor(), None, now).await.unwrap();
    let SignInStep::SecondFactor { ticket, ways } = half else { panic!("a second factor") };
    assert!(ways.passkey && ways.authenticator && ways.recovery_code);
    let ticket = ticket.reveal();
    let begun = people.start_passkey_second_factor(ticket, now).await.unwrap();
    let response = other.sign_in(&begun.options);
    let wrong = people.finish_passkey_second_factor(ticket, &begun.ceremony, &response, &visitor(), None, now).await;
    assert!(is_refused(&wrong), "somebody else's passkey");
    let begun = people.start_passkey_second_factor(ticket, now).await.unwrap();
    let response = key.sign_in(&begun.options);
    assert!(matches!(finish(&scene, &begun.ceremony, &response).await, Err(PasskeyRefused::CeremonyOver)));
    let begun = people.start_passkey_second_factor(ticket, now).await.unwrap();
    let response = key.sign_in(&begun.options);
    let done = people.finish_passkey_second_factor(ticket, &begun.ceremony, &response, &visitor(), None, now).await;
    let SignInStep::Complete(new) = done.unwrap() else { panic!("a session") };
    assert_eq!(new.session.methods.iter().collect::<Vec<_>>(), [Method::Password, Method::Passkey]);
    let again = people.start_passkey_second_factor(ticket, now).await;
    assert!(matches!(again, Err(PasskeyRefused::CeremonyOver)), "the ticket is used up");
}

#[tokio::test]
async fn whom_an_identity_provider_signs_in_has_no_passkeys_of_their_own() {
    let scene = Scene::new().await;
    let ada = scene.person("ada@example.com", AccountType::Federated).await;
    let outcome = register(&scene, &scene.signed_in(&ada), &mut SoftAuthenticator::new()).await;
    assert!(matches!(outcome, Err(PasskeyRefused::Managed)));
}

#[tokio::test]
async fn failures_of_passkeys_count_at_the_address_and_not_at_the_account() {
    let scene = Scene::new().await;
    let (_, mut key) = registered(&scene, "ada@example.com").await;
    let burst = scene.people.settings().throttle.address.burst;
    for _ in 0..burst {
        assert!(matches!(finish(&scene, "unknown", b"{}").await, Err(PasskeyRefused::CeremonyOver)));
    }
    assert!(matches!(finish(&scene, "unknown", b"{}").await, Err(PasskeyRefused::Throttled(_))));
    let begun = scene.people.start_passkey_sign_in(None, scene.now()).await.unwrap();
    let response = key.sign_in(&begun.options);
    let elsewhere = Visitor::new("192.0.2.8".parse().unwrap(), None);
    let own = scene.people.finish_passkey_sign_in(&begun.ceremony, &response, &elsewhere, None, scene.now()).await;
    assert!(own.is_ok());
}

#[tokio::test]
async fn there_are_no_passkeys_under_an_ip_address_or_without_encryption() {
    for (issuer, available) in
        [("https://id.example.com", true), ("http://127.0.0.1:8080", false), ("http://id.example.com", false)]
    {
        let scene = Scene::at(issuer).await;
        assert_eq!(scene.people.passkeys_available(), available, "{issuer}");
        let begun = scene.people.start_passkey_sign_in(None, scene.now()).await;
        assert_eq!(begun.is_ok(), available, "{issuer}");
    }
}

#[tokio::test]
async fn what_is_no_answer_is_refused() {
    let scene = Scene::new().await;
    let (_, mut key) = registered(&scene, "ada@example.com").await;
    let long = vec![b' '; RESPONSE_BYTES_MAX + 1];
    for bad in [&b""[..], b"{}", b"null", &long] {
        let begun = scene.people.start_passkey_sign_in(None, scene.now()).await.unwrap();
        assert!(is_refused(&finish(&scene, &begun.ceremony, bad).await));
    }
    let begun = scene.people.start_passkey_sign_in(None, scene.now()).await.unwrap();
    let mut response: Value = serde_json::from_slice(&key.sign_in(&begun.options)).unwrap();
    response["response"]["authenticatorData"] = Value::from("AAAA");
    assert!(is_refused(&finish(&scene, &begun.ceremony, response.to_string().as_bytes()).await));
}
