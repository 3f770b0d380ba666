//! What keeps other sites from sending our forms.

use http::StatusCode;

use crate::{browser::*, world::*};

const OWN: [(&str, &str); 2] = [("sec-fetch-site", "same-origin"), ("origin", ISSUER)];

/// Every form before a sign-in, and every form behind one.
const OPEN_FORMS: [&str; 9] = [
    "/sign-in",
    "/sign-in/password",
    "/sign-in/second-factor",
    "/sign-in/new-password",
    "/sign-up",
    "/sign-up/verify",
    "/forgot",
    "/forgot/code",
    "/forgot/password",
];
const MEMBER_FORMS: [&str; 12] = [
    "/consent",
    "/device",
    "/device/confirm",
    "/sign-out",
    "/account",
    "/account/password",
    "/account/passkeys",
    "/account/authenticator",
    "/account/recovery-codes",
    "/account/sessions",
    "/account/applications",
    "/invitation",
];

#[tokio::test]
async fn a_form_without_the_token_of_its_browser_is_refused() {
    let world = World::new().await;
    let mut other = Browser::signed_in(&world, GRACE).await;
    other.get("/account").await;
    let foreign = other.form_token.clone();
    let mut browser = Browser::signed_in(&world, ADA).await;
    for path in OPEN_FORMS.into_iter().chain(MEMBER_FORMS) {
        for fields in [&[][..], &[("form_token", "")], &[("form_token", foreign.as_str())]] {
            let answer = browser.post_from(path, fields, &OWN).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {fields:?}");
            assert!(answer.body.contains("<html"), "{path}");
        }
    }
}

#[tokio::test]
async fn a_form_from_another_site_is_refused_even_with_the_right_token() {
    let world = World::new().await;
    let mut browser = Browser::signed_in(&world, ADA).await;
    browser.get("/account").await;
    let token = browser.form_token.clone();
    let foreign: [&[(&str, &str)]; 5] = [
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site"), ("origin", ISSUER)],
        &[("origin", "https://evil.test")],
        &[("origin", "null")],
        &[("origin", "https://ims.test.evil.test")],
    ];
    for headers in foreign {
        let answer = browser.post_from("/sign-out", &[("form_token", &token), ("decision", "sign_out")], headers).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{headers:?}");
    }
    assert_eq!(browser.get("/account").await.status, StatusCode::OK, "the session lives");
    let own = browser.post_from("/sign-out", &[("form_token", &token), ("decision", "sign_out")], &OWN).await;
    assert_eq!(own.location(), "/signed-out");
}

#[tokio::test]
async fn the_token_of_pages_before_the_sign_in_does_not_open_those_behind_it() {
    let world = World::new().await;
    let mut browser = Browser::signed_in(&world, ADA).await;
    browser.get("/forgot").await;
    let answer = browser.post("/account/sessions", &[("action", "end_others")]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_token_ends_with_the_session_it_was_made_for() {
    let world = World::new().await;
    let mut browser = Browser::signed_in(&world, ADA).await;
    browser.get("/account").await;
    let old = browser.form_token.clone();
    browser.sign_in(ADA, PASSWORD, None).await;
    let answer = browser.post_from("/account/sessions", &[("form_token", &old), ("action", "end_others")], &OWN).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn scripts_send_the_token_too() {
    let world = World::new().await;
    let mut browser = Browser::signed_in(&world, ADA).await;
    browser.get("/account/passkeys").await;
    let own = browser.post_json("/account/passkeys/options", "").await;
    assert_eq!(own.status, StatusCode::OK, "{}", own.body);
    assert!(own.body.contains("publicKey") && own.body.contains("ceremony"), "{}", own.body);
    browser.form_token = "foreign".into();
    for path in ["/account/passkeys/options", "/account/passkeys/add", "/sign-in/passkey/options", "/sign-in/passkey"] {
        let answer = browser.post_json(path, "").await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_with_a_page() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let twice = browser.get("/sign-in?choice=a&choice=b").await;
    assert_eq!(twice.status, StatusCode::BAD_REQUEST);
    assert!(twice.body.contains("<html"), "{}", twice.body);
    let long = "x".repeat(70_000);
    let answer = browser.post_from("/sign-in", &[("email", &long)], &OWN).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    browser.get("/sign-in").await;
    for members in [",\"ceremony\":5", ",\"ceremony\":\"\\u0000\",\"credential\":{}"] {
        assert_eq!(browser.post_json("/sign-in/passkey", members).await.status, StatusCode::BAD_REQUEST, "{members}");
    }
    for path in ["/invitation?token=%00", "/forgot/code?flow=%00", "/device?user_code=%00", "/sign-in?provider=%00"] {
        let answer = Browser::signed_in(&world, ADA).await.get(path).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
    }
    let answer = browser.post("/sign-in", &[("email", "a\0b@example.com")]).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}
