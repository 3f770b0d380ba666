//! Whose account it is that a provider's person gets.

use tollgate_model::user::AccountType;
use tollgate_store::{StoreError, federated_identities, users};

use super::*;
use crate::Action;

fn is_not_allowed(outcome: &Result<User, FederationRefused>) -> bool {
    matches!(outcome, Err(FederationRefused::NotAllowed))
}

async fn links(federation: &Federation, user: &User) -> usize {
    federated_identities::list_of_user(&federation.scene.people.house().db, &user.id).await.unwrap().len()
}

#[tokio::test]
async fn the_first_sign_in_makes_a_federated_account_and_the_next_finds_it_by_subject_alone() {
    let federation = Federation::new().await;
    let ada = federation.sign_in().await.unwrap();
    assert_eq!(ada.organization_id, federation.scene.organization.id);
    assert_eq!((ada.account_type, ada.email_verified, &ada.password_hash), (AccountType::Federated, true, &None));
    assert_eq!((ada.name.as_str(), ada.language.as_deref()), ("Ada Example", Some("de")));
    let changed = json!({ "email": "new@elsewhere.example", "email_verified": false, "name": "Other" });
    assert_eq!(federation.sign_in_with(changed).await.unwrap(), ada);
    let heard = federation.scene.people.activities(&ada.id, None, 10).await.unwrap();
    let heard: Vec<_> = heard.iter().map(|activity| activity.action).collect();
    assert!(heard.contains(&Action::AccountCreated) && heard.contains(&Action::SignedInFederated), "{heard:?}");
}

#[tokio::test]
async fn an_address_that_is_not_verified_makes_no_account() {
    let federation = Federation::new().await;
    for claims in [
        json!({ "email_verified": false }),
        json!({ "email_verified": null }),
        json!({ "email_verified": "yes" }),
        json!({ "email": "no address" }),
    ] {
        let outcome = federation.sign_in_with(claims.clone()).await;
        assert!(matches!(outcome, Err(FederationRefused::NoEmail)), "{claims}");
    }
}

#[tokio::test]
async fn a_provider_speaks_for_its_verified_domains_alone() {
    let federation = Federation::new().await;
    let (people, scene) = (&federation.scene.people, &federation.scene);
    people
        .add_domain("unverified.example", &scene.organization.id, Some(&federation.provider.id), scene.now())
        .await
        .unwrap();
    people.add_domain("unbound.example", &scene.organization.id, None, scene.now()).await.unwrap();
    people.verify_domain("unbound.example", scene.now()).await.unwrap();
    let other = scene.other_organization().await;
    people.add_domain("other.example", &other.id, None, scene.now()).await.unwrap();
    people.verify_domain("other.example", scene.now()).await.unwrap();
    for domain in ["unverified.example", "unbound.example", "other.example", "unknown.example", "sub.example.com"] {
        let outcome = federation.sign_in_with(json!({ "email": format!("ada@{domain}") })).await;
        assert!(is_not_allowed(&outcome), "{domain}");
    }
    let foreign = people.add_domain("foreign.example", &other.id, Some(&federation.provider.id), scene.now()).await;
    assert!(matches!(foreign, Err(FederationRefused::UnknownProvider)));
}

#[tokio::test]
async fn an_account_that_waits_for_its_provider_is_linked_and_one_with_its_own_way_in_is_not() {
    for (account_type, password, linked) in [
        (AccountType::Federated, None, true),
        (AccountType::Federated, Some("$argon2id$unused"), true),
        (AccountType::Enterprise, None, true),
        (AccountType::Enterprise, Some("$argon2id$used"), false),
        (AccountType::Individual, None, false),
        (AccountType::Individual, Some("$argon2id$used"), false),
    ] {
        let federation = Federation::new().await;
        let organization = &federation.scene.organization;
        let hash = password.map(str::to_owned);
        let ada = federation.scene.person_of(organization, "ada@example.com", account_type, hash).await;
        let outcome = federation.sign_in().await;
        assert_eq!(outcome.as_ref().is_ok_and(|user| user.id == ada.id), linked, "{account_type:?} {password:?}");
        assert_eq!(is_not_allowed(&outcome), !linked, "{account_type:?} {password:?}");
        assert_eq!(links(&federation, &ada).await, usize::from(linked));
    }
}

#[tokio::test]
async fn an_account_of_another_organization_is_never_linked() {
    let federation = Federation::new().await;
    let other = federation.scene.other_organization().await;
    let ada = federation.scene.person_of(&other, "ada@example.com", AccountType::Federated, None).await;
    assert!(is_not_allowed(&federation.sign_in().await));
    assert_eq!(links(&federation, &ada).await, 0);
}

#[tokio::test]
async fn who_gets_the_address_of_a_linked_person_does_not_get_the_account() {
    let federation = Federation::new().await;
    let ada = federation.sign_in().await.unwrap();
    let successor = federation.sign_in_with(json!({ "sub": "person-2" })).await;
    assert!(is_not_allowed(&successor), "{successor:?}");
    assert_eq!(links(&federation, &ada).await, 1);
}

#[tokio::test]
async fn a_disabled_account_is_not_signed_in() {
    let federation = Federation::new().await;
    let ada = federation.sign_in().await.unwrap();
    let db = &federation.scene.people.house().db;
    db.transact::<_, StoreError>(async |tx| users::set_enabled(tx, &ada.id, false).await).await.unwrap();
    let outcome = federation.sign_in().await;
    assert!(matches!(outcome, Err(FederationRefused::AccountDisabled)), "{outcome:?}");
}

#[tokio::test]
async fn two_first_sign_ins_at_once_come_to_one_account() {
    let federation = Federation::new().await;
    let (one, two) =
        (federation.visit(FederatedStart::default()).await, federation.visit(FederatedStart::default()).await);
    // The provider answers with the nonce of the later visit, so only the linking is done twice.
    drop(one);
    let person = super::super::id_token::PersonClaims {
        sub: "person-1".to_owned(),
        email: Some("ada@example.com".to_owned()),
        email_verified: true,
        name: None,
        given_name: Some("Ada".to_owned()),
        family_name: Some("\u{7}Example".to_owned()),
        locale: None,
    };
    let at_once = (0..8).map(|_| {
        let (people, provider, person) = (federation.scene.people.clone(), federation.provider.clone(), person.clone());
        let now = federation.scene.now();
        tokio::spawn(async move { people.user_of(&provider, &person, &visitor(), now).await.unwrap().id })
    });
    let mut ids = std::collections::HashSet::new();
    for one in at_once.collect::<Vec<_>>() {
        ids.insert(one.await.unwrap());
    }
    assert_eq!(ids.len(), 1);
    let finished = federation.finish(two.callback, Some(two.browser.reveal())).await.unwrap();
    let SignInStep::Complete(new) = finished.step else { panic!("a session") };
    assert_eq!(new.user.name, "Ada Example");
}

#[tokio::test]
async fn claims_that_the_token_leaves_out_are_fetched_if_they_are_about_the_same_person() {
    let federation = Federation::new().await;
    let userinfo = json!({ "sub": "person-2", "email": "ada@example.com", "email_verified": true });
    federation.fake.behaviour().userinfo = userinfo;
    assert_eq!(fault(federation.sign_in_with(json!({ "email": null })).await), TokenFault::Subject);
    federation.fake.behaviour().userinfo["sub"] = json!("person-1");
    assert_eq!(federation.sign_in().await.unwrap().email.as_str(), "ada@example.com");
}
