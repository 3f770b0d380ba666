//! What all pages have in common.

use http::{
    StatusCode,
    header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, RETRY_AFTER},
};
use tollgate_crypto::SecretText;
use tollgate_people::accounts::FirstCredential;

use crate::{browser::*, world::*};

const PAGES: [&str; 17] = [
    "/sign-in?choice=another",
    "/sign-up",
    "/forgot",
    "/signed-out",
    "/account",
    "/account/password",
    "/account/passkeys",
    "/account/authenticator",
    "/account/recovery-codes",
    "/account/sessions",
    "/account/applications",
    "/account/activity",
    "/device",
    "/sign-out",
    "/dev/mail",
    "/account/nowhere",
    "/sign-in?request=never-was",
];

#[tokio::test]
async fn every_page_forbids_frames_foreign_content_and_keeping() {
    let world = World::new().await;
    let mut browser = Browser::signed_in(&world, ADA).await;
    for path in PAGES {
        let page = browser.get(path).await;
        let header = |name: &str| page.headers.get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
        assert!(header("content-type").starts_with("text/html"), "{path}: {}", page.status);
        let policy = header("content-security-policy");
        for directive in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"] {
            assert!(policy.contains(directive), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(page.headers.get_all("content-security-policy").iter().count(), 1, "{path}");
        assert_eq!(header("x-frame-options"), "DENY", "{path}");
        assert_eq!(header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(header("cache-control"), "no-store", "{path}");
        // An application may have opened the other pages in a pop-up that it waits for.
        let opener = if path.starts_with("/account") { "same-origin" } else { "" };
        assert_eq!(header("cross-origin-opener-policy"), opener, "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert!(!page.body.contains("style=\"") && !page.body.contains("<script>"), "{path}");
    }
}

#[tokio::test]
async fn forms_on_the_way_to_an_application_may_lead_to_its_origin_and_no_other() {
    let world = World::new().await;
    let id = world.pending("scope=openid").await;
    let page = Browser::new(&world).get(&format!("/sign-in?request={id}")).await;
    let policy = page.headers[CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.ends_with("form-action 'self' https://app.test"), "{policy}");
}

#[tokio::test]
async fn names_of_people_and_applications_are_text_and_no_markup() {
    let world = World::new().await;
    let name = "<script>alert(1)</script>";
    let secret = SecretText::from(PASSWORD.to_owned());
    world.account("script@example.com", name, FirstCredential::Password(secret)).await;
    let mut browser = Browser::signed_in(&world, "script@example.com").await;
    let id = world.pending("scope=openid").await;
    for path in ["/account".to_owned(), "/sign-out".to_owned(), format!("/consent?request={id}")] {
        let page = browser.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(!page.body.contains("<script>alert") && !page.body.contains("<b>Desk"), "{path}: {}", page.body);
        assert!(page.body.contains("script"), "{path}");
    }
    let hinted = world.pending("scope=openid&login_hint=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E").await;
    let page = Browser::new(&world).get(&format!("/sign-in?request={hinted}")).await;
    assert!(!page.body.contains("<script>alert"), "{}", page.body);
}

#[tokio::test]
async fn a_message_of_a_strangers_making_is_not_shown() {
    let world = World::new().await;
    let page = Browser::new(&world).get("/sign-in?problem=You+have+won&notice=%3Cb%3Ehello").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.body.contains("You have won") && !page.body.contains("hello"), "{}", page.body);
}

#[tokio::test]
async fn the_language_is_the_addresss_then_the_applications_then_the_browsers() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser.language = "fr-CH, fr;q=0.9";
    assert!(browser.get("/forgot").await.body.contains("lang=\"fr\""));
    let id = world.pending("scope=openid&ui_locales=es").await;
    assert!(browser.get(&format!("/sign-in?request={id}")).await.body.contains("lang=\"es\""));
    assert!(browser.get("/forgot?ui_locales=zz%20ja").await.body.contains("lang=\"ja\""));
    assert!(browser.get("/forgot").await.body.contains("lang=\"ja\""), "the choice is kept");
}

#[tokio::test]
async fn files_of_pages_are_kept_for_good_and_known_by_their_tag() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let page = browser.get("/forgot").await;
    let start = page.body.find("/assets/pages/").unwrap();
    let path = page.body[start..].split('"').next().unwrap().to_owned();
    let file = browser.get(&path).await;
    assert_eq!(file.status, StatusCode::OK, "{path}");
    assert!(file.headers[CACHE_CONTROL].to_str().unwrap().contains("immutable"));
    assert!(file.headers.contains_key(ETAG) && file.headers.contains_key(CONTENT_TYPE));
    for path in ["/assets/pages/none.css", "/assets/pages/brand/red.css", "/assets/pages/../account"] {
        assert_eq!(browser.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let brand = browser.get("/assets/pages/brand/123456.css").await;
    assert!(brand.body.contains("#123456"), "{}", brand.body);
}

#[tokio::test]
async fn the_colour_of_the_applications_organization_is_the_pages() {
    let world = World::new().await;
    let id = world.pending("scope=openid").await;
    let page = Browser::new(&world).get(&format!("/sign-in?request={id}")).await;
    assert!(page.body.contains("/assets/pages/brand/123456.css"), "{}", page.body);
}

#[tokio::test]
async fn a_fault_is_a_page_that_says_try_again() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser.get("/sign-in").await;
    browser.post("/sign-in", &[("email", ADA)]).await;
    world.house().db.fail_writes(true);
    let page = browser.post("/sign-in/password", &[("email", ADA), ("password", PASSWORD)]).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.headers.contains_key(RETRY_AFTER) && page.body.contains("<html"), "{}", page.body);
    assert!(!browser.cookies.contains_key(SESSION));
}
