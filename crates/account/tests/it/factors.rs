//! Second factors: setting one up, signing in with it, recovery codes, passkeys.

use http::StatusCode;
use tollgate_model::{Seconds, organization::SignInRules};
use totp_rs::{Builder, Secret};

use crate::{browser::*, world::*};

/// What an authenticator application shows that was set up with the secret of this page.
fn shown_code(world: &World, page: &Answer) -> String {
    let secret = page.body.split("secret=").nth(1).unwrap();
    let secret: String = secret.chars().take_while(char::is_ascii_alphanumeric).collect();
    let totp = Builder::new().with_secret(Secret::try_from_base32(secret.as_str()).unwrap()).build().unwrap();
    totp.generate(u64::try_from(world.now().seconds()).unwrap()).to_string()
}

/// Sets an authenticator application up; answers the page that offered it and the recovery codes.
async fn set_up(world: &World, browser: &mut Browser) -> (Answer, Vec<String>) {
    browser.get("/account/authenticator").await;
    let started = browser.post("/account/authenticator", &[("action", "start")]).await;
    assert_eq!(started.location(), "/account/authenticator");
    let offered = browser.follow(&started).await;
    let wrong = browser.post("/account/authenticator", &[("action", "confirm"), ("code", "000000")]).await;
    assert!(wrong.location().contains("problem=code-wrong"), "{}", wrong.location());
    let again = browser.follow(&wrong).await;
    let code = shown_code(world, &offered);
    assert_eq!(code, shown_code(world, &again), "a wrong code does not make a new secret");
    let confirmed = browser.post("/account/authenticator", &[("action", "confirm"), ("code", &code)]).await;
    assert!(confirmed.location().starts_with("/account/recovery-codes"), "{}", confirmed.location());
    let page = browser.follow(&confirmed).await;
    let codes = page.body.split("<li><code>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect();
    assert!(!browser.get("/account/recovery-codes").await.body.contains("<li><code>"), "shown once");
    (offered, codes)
}

#[tokio::test]
async fn a_second_factor_is_asked_for_and_a_code_of_it_is_good_once() {
    let world = World::new().await;
    let mut owner = Browser::signed_in(&world, ADA).await;
    let (offered, codes) = set_up(&world, &mut owner).await;
    assert_eq!(codes.len(), 10);
    world.pass(Seconds(90)).await;
    let code = shown_code(&world, &offered);
    let mut browser = Browser::new(&world);
    let answer = browser.sign_in(ADA, PASSWORD, None).await;
    assert_eq!(answer.location(), "/sign-in/second-factor");
    assert!(!browser.cookies.contains_key(SESSION));
    browser.follow(&answer).await;
    let wrong = browser.post("/sign-in/second-factor", &[("factor", "authenticator"), ("code", "000000")]).await;
    assert!(wrong.location().contains("problem=code-wrong"), "{}", wrong.location());
    browser.follow(&wrong).await;
    let right = browser.post("/sign-in/second-factor", &[("factor", "authenticator"), ("code", &code)]).await;
    assert_eq!(right.location(), "/account");
    let mut thief = Browser::new(&world);
    thief.sign_in(ADA, PASSWORD, None).await;
    let replayed = thief.post("/sign-in/second-factor", &[("factor", "authenticator"), ("code", &code)]).await;
    assert!(replayed.location().contains("problem=code-wrong"), "{}", replayed.location());
}

#[tokio::test]
async fn a_recovery_code_stands_in_once() {
    let world = World::new().await;
    let mut owner = Browser::signed_in(&world, ADA).await;
    let (_, codes) = set_up(&world, &mut owner).await;
    for (expected, problem) in [("/account", None), ("", Some("recovery-code-wrong"))] {
        let mut browser = Browser::new(&world);
        browser.sign_in(ADA, PASSWORD, None).await;
        let page = browser.get("/sign-in/second-factor?factor=recovery_code").await;
        assert_eq!(page.status, StatusCode::OK);
        let fields = [("factor", "recovery_code"), ("code", codes[0].as_str())];
        let answer = browser.post("/sign-in/second-factor", &fields).await;
        match problem {
            None => assert_eq!(answer.location(), expected),
            Some(problem) => assert!(answer.location().contains(problem), "{}", answer.location()),
        }
    }
}

#[tokio::test]
async fn the_second_step_without_the_first_leads_to_the_beginning() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    assert_eq!(browser.get("/sign-in/second-factor").await.location(), "/sign-in?problem=form-expired");
    browser.get("/sign-in").await;
    browser.cookies.insert("__Host-tollgate_sign_in".into(), "made-up".into());
    let answer = browser.post("/sign-in/second-factor", &[("code", "123456")]).await;
    assert_eq!(answer.location(), "/sign-in?problem=form-expired");
}

#[tokio::test]
async fn an_application_that_wants_more_certainty_gets_the_second_factor_under_a_new_cookie() {
    let world = World::new().await;
    let mut browser = Browser::signed_in(&world, ADA).await;
    let (offered, _) = set_up(&world, &mut browser).await;
    world.pass(Seconds(90)).await;
    let id = world.pending("scope=openid&acr_values=2").await;
    let old = browser.cookies[SESSION].clone();
    let answer = browser.get(&format!("/sign-in?request={id}")).await;
    assert_eq!(answer.location(), format!("/sign-in/second-factor?request={id}"));
    browser.follow(&answer).await;
    let code = shown_code(&world, &offered);
    let fields = [("request", id.as_str()), ("factor", "authenticator"), ("code", &code)];
    let answer = browser.post("/sign-in/second-factor", &fields).await;
    assert_eq!(answer.location(), format!("/ims/authorize/continue?request={id}"));
    assert_ne!(browser.cookies[SESSION], old);
    browser.cookies.insert(SESSION.into(), old);
    assert!(browser.get("/account").await.location().starts_with("/sign-in"));
}

#[tokio::test]
async fn an_organization_that_wants_two_factors_has_the_first_sign_in_set_one_up() {
    let world = World::with(SignInRules { self_sign_up: false, second_factor_required: true }).await;
    let id = world.pending("scope=openid").await;
    let mut browser = Browser::new(&world);
    let answer = browser.sign_in(ADA, PASSWORD, Some(&id)).await;
    assert_eq!(answer.location(), format!("/account/authenticator?request={id}"));
    assert!(!browser.cookies.contains_key(SESSION));
    browser.follow(&answer).await;
    let request = ("request", id.as_str());
    let started = browser.post("/account/authenticator", &[("action", "start"), request]).await;
    let offered = browser.follow(&started).await;
    let code = shown_code(&world, &offered);
    let fields = [("action", "confirm"), ("code", code.as_str()), request];
    let confirmed = browser.post("/account/authenticator", &fields).await;
    assert_eq!(confirmed.location(), format!("/ims/authorize/continue?request={id}"));
    let page = browser.get("/account/recovery-codes").await;
    assert_eq!(page.body.matches("<li><code>").count(), 10, "{}", page.body);
}

#[tokio::test]
async fn changes_of_factors_and_password_need_a_sign_in_of_the_last_minutes() {
    let world = World::new().await;
    let mut browser = Browser::signed_in(&world, ADA).await;
    browser.get("/account").await;
    world.pass(Seconds(601)).await;
    for path in ["/account/password", "/account/passkeys", "/account/authenticator", "/account/recovery-codes"] {
        let expected = format!("/sign-in?return={}", encoded(path));
        assert_eq!(browser.get(path).await.location(), expected);
        assert_eq!(
            browser.post(path, &[("action", "start"), ("new_password", NEW_PASSWORD)]).await.location(),
            expected
        );
    }
    let options = browser.post_json("/account/passkeys/options", "").await;
    assert_eq!(options.status, StatusCode::FORBIDDEN, "{}", options.body);
    assert_eq!(browser.get("/account/sessions").await.status, StatusCode::OK);
    let page = browser.get("/sign-in?return=%2Faccount%2Fpassword").await;
    assert!(page.body.contains(ADA), "{}", page.body);
    assert_eq!(browser.sign_in(ADA, PASSWORD, None).await.location(), "/account/password");
}

#[tokio::test]
async fn passkey_options_do_not_tell_whether_an_address_has_an_account() {
    let world = World::new().await;
    let mut shapes = Vec::new();
    for email in [ADA, "nobody@example.com"] {
        let mut browser = Browser::new(&world);
        browser.get("/sign-in").await;
        let answer = browser.post_json("/sign-in/passkey/options", &format!(",\"email\":\"{email}\"")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        let keys: Vec<&str> = answer.body.split('"').skip(1).step_by(2).filter(|key| key.len() < 20).collect();
        shapes.push(keys.join(" "));
    }
    assert_eq!(shapes[0], shapes[1]);
}

#[tokio::test]
async fn an_answer_that_no_authenticator_gave_signs_nobody_in() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser.get("/sign-in").await;
    for members in [
        "",
        ",\"ceremony\":\"x\"",
        ",\"ceremony\":\"x\",\"credential\":{}",
        ",\"ceremony\":\"x\",\"credential\":[[[[]]]],\"request\":\"r\"",
    ] {
        let answer = browser.post_json("/sign-in/passkey", members).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{members}: {}", answer.body);
    }
    assert!(!browser.cookies.contains_key(SESSION));
}
