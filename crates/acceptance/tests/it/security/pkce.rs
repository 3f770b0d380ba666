//! The proof of a code can be neither left out nor weakened (row 2).

use tollgate_acceptance::{Application, Browser, Tollgate, VERIFIER};

use super::{Town, assert_refused};

/// The challenge of [`VERIFIER`].
fn challenge() -> String {
    tollgate_crypto::base64url::encode(&tollgate_crypto::digest::sha256(VERIFIER.as_bytes()))
}

/// A code for a request in which these parameters differ; `None` when there is none.
async fn code(
    tollgate: &Tollgate,
    app: &Application,
    browser: &mut Browser,
    changed: &[(&str, &str)],
) -> Option<String> {
    let page = browser.open(&app.request(tollgate, changed)).await;
    assert!(page.is_elsewhere, "{changed:?}: {}", page.text());
    page.parameter("code")
}

#[tokio::test]
async fn a_code_with_a_challenge_is_redeemed_with_its_verifier_and_with_nothing_else() {
    let town = Town::new().await;
    let (tollgate, app) = (&town.tollgate, &town.app);
    let mut browser = town.home().await;
    let challenge = challenge();
    let long = "x".repeat(129);
    for changed in [
        &[("code_verifier", "")][..],
        &[("code_verifier", "another-verifier-that-is-as-long-as-it-has-to-be-0")],
        // The challenge itself, as with the method `plain`.
        &[("code_verifier", &challenge)],
        &[("code_verifier", &VERIFIER[..42])],
        &[("code_verifier", &long)],
        &[("code_verifier", &VERIFIER.to_uppercase())],
        &[("code_verifier", ""), ("code_challenge", &challenge), ("code_challenge_method", "S256")],
        &[("code_verifier", &challenge), ("code_challenge_method", "plain")],
        &[("code_verifier", ""), ("code_challenge", "")],
    ] {
        let code = code(tollgate, app, &mut browser, &[]).await.unwrap();
        assert_refused(&app.redeem(tollgate, &code, changed).await, "invalid_grant");
        let late = app.redeem(tollgate, &code, &[]).await;
        assert_refused(&late, "invalid_grant");
    }
    let code = code(tollgate, app, &mut browser, &[]).await.unwrap();
    assert_eq!(town.redeem(&code).await.status, 200);
}

#[tokio::test]
async fn a_verifier_for_a_code_without_a_challenge_is_refused() {
    let town = Town::new().await;
    let mut browser = town.home().await;
    let without = [("code_challenge", ""), ("code_challenge_method", "")];
    let code = code(&town.tollgate, &town.app, &mut browser, &without).await.unwrap();
    assert_refused(&town.redeem(&code).await, "invalid_grant");
}

#[tokio::test]
async fn a_weaker_method_an_empty_one_and_none_are_refused_where_a_code_would_be_given() {
    let town = Town::new().await;
    let tollgate = &town.tollgate;
    let page =
        tollgate.create_application("oauth_single_page_app", "https://page.example/", &["--first-party", "true"]);
    let native = tollgate.create_application("oauth_native_app", "http://127.0.0.1/", &["--first-party", "true"]);
    let (page, native) = (page.await, native.await);
    let mut browser = town.home().await;
    let challenge = challenge();
    for app in [&town.app, &page, &native] {
        for (value, method) in [
            (challenge.as_str(), "plain"),
            (VERIFIER, "plain"),
            (&challenge, ""),
            (&challenge, "s256"),
            (&challenge, "S256 "),
            (&challenge, "none"),
            (&challenge, "S512"),
            ("short", "S256"),
            (&challenge[1..], "S256"),
        ] {
            let changed = [("code_challenge", value), ("code_challenge_method", method)];
            assert_eq!(code(tollgate, app, &mut browser, &changed).await, None, "{} {changed:?}", app.redirect_uri);
        }
        // The method without a challenge.
        let alone = [("code_challenge", "")];
        let is_public = app.redirect_uri != town.app.redirect_uri;
        let given = code(tollgate, app, &mut browser, &alone).await;
        assert!(given.is_none() || !is_public, "{}", app.redirect_uri);
        if let Some(code) = given {
            assert_refused(&app.redeem(tollgate, &code, &[]).await, "invalid_grant");
        }
    }
    for public in [&page, &native] {
        let without = [("code_challenge", ""), ("code_challenge_method", "")];
        assert_eq!(code(tollgate, public, &mut browser, &without).await, None, "a public client must prove its codes");
    }
}
