//! `/sign-out`.

use http::StatusCode;

use crate::{browser::*, world::*};

#[tokio::test]
async fn signing_out_is_asked_first_and_ends_the_session() {
    let world = World::new().await;
    let mut browser = Browser::signed_in(&world, ADA).await;
    let stolen = browser.cookies[SESSION].clone();
    assert!(browser.get("/sign-out").await.body.contains(ADA));
    assert_eq!(browser.post("/sign-out", &[("decision", "stay")]).await.location(), "/account");
    assert_eq!(browser.get("/account").await.status, StatusCode::OK);
    browser.get("/sign-out").await;
    let answer = browser.post("/sign-out", &[("decision", "sign_out")]).await;
    assert_eq!(answer.location(), "/signed-out");
    assert!(!browser.cookies.contains_key(SESSION));
    assert_eq!(browser.follow(&answer).await.status, StatusCode::OK);
    browser.cookies.insert(SESSION.into(), stolen);
    assert!(browser.get("/account").await.location().starts_with("/sign-in"));
    assert_eq!(browser.get("/sign-out").await.location(), "/signed-out");
}

#[tokio::test]
async fn the_way_back_in_the_words_of_ims_is_an_address_that_sign_ins_may_come_back_to() {
    let world = World::new().await;
    for (uri, offered) in [(CALLBACK, true), ("https://evil.test/callback", false)] {
        let mut browser = Browser::signed_in(&world, ADA).await;
        browser.get(&format!("/sign-out?client_id={WEB_APP}&redirect_uri={}", encoded(uri))).await;
        let answer = browser.post("/sign-out", &[("decision", "sign_out")]).await;
        let page = browser.follow(&answer).await;
        assert_eq!(page.body.contains(&format!("href=\"{uri}\"")), offered, "{uri}: {}", page.body);
    }
}

#[tokio::test]
async fn the_way_back_is_offered_only_to_an_address_that_the_application_registered() {
    let world = World::new().await;
    for (uri, offered) in [
        (SIGNED_OUT, true),
        ("https://app.test/signed-out/", false),
        ("https://app.test/signed-out?x=y", false),
        ("https://evil.test", false),
        ("javascript:alert(1)", false),
    ] {
        let mut browser = Browser::signed_in(&world, ADA).await;
        let query = format!("client_id={WEB_APP}&post_logout_redirect_uri={}&state=a%26b", encoded(uri));
        browser.get(&format!("/sign-out?{query}")).await;
        let answer = browser.post("/sign-out", &[("decision", "sign_out")]).await;
        let page = browser.follow(&answer).await;
        assert_eq!(
            page.body.contains("href=\"https://app.test/signed-out?state=a%26b\""),
            offered,
            "{uri}: {}",
            page.body
        );
        assert!(!page.body.contains("evil.test") && !page.body.contains("javascript:"), "{uri}");
    }
}
