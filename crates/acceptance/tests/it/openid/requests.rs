//! What an authorization request may ask for, and what it may leave out.

use std::time::Duration;

use tollgate_acceptance::{STATE, Tokens};

use super::{Provider, claims};

#[tokio::test]
async fn a_request_without_a_response_type_is_read_as_one_for_a_code() {
    let provider = Provider::new().await;
    let tokens = provider.tokens(&mut provider.browser(), &[("response_type", "")]).await;
    assert!(claims(&tokens.id)["sub"].is_string());
    let mut browser = provider.browser();
    browser.sign_in(&provider.person).await;
    for other in ["token", "id_token", "none", "code token", "nonsense"] {
        let page = browser.open(&provider.app.request(&provider.tollgate, &[("response_type", other)])).await;
        assert_eq!(page.parameter("error").as_deref(), Some("unsupported_response_type"), "{}", page.url);
        assert_eq!(page.parameter("state").as_deref(), Some(STATE), "{}", page.url);
    }
}

#[tokio::test]
async fn a_request_without_a_nonce_is_answered_in_the_code_flow() {
    let provider = Provider::new().await;
    let tokens = provider.tokens(&mut provider.browser(), &[("nonce", "")]).await;
    assert!(claims(&tokens.id)["nonce"].is_null());
}

#[tokio::test]
async fn display_page_and_popup_change_nothing() {
    let provider = Provider::new().await;
    for display in ["page", "popup"] {
        provider.tokens(&mut provider.browser(), &[("display", display)]).await;
    }
}

#[tokio::test]
async fn prompt_login_asks_again_and_the_second_sign_in_is_later() {
    let provider = Provider::new().await;
    let mut browser = provider.browser();
    let first = provider.tokens(&mut browser, &[]).await;
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let page = browser.open(&provider.app.request(&provider.tollgate, &[("prompt", "login")])).await;
    assert_eq!(page.url.path(), "/sign-in", "the person is asked");
    let page = browser.go_through(page, &provider.person).await;
    let second = Tokens::of(&provider.app.redeem(&provider.tollgate, &page.parameter("code").unwrap(), &[]).await);
    let time = |tokens: &Tokens| claims(&tokens.id)["auth_time"].as_i64().unwrap();
    assert!(time(&second) > time(&first));
    assert_eq!(claims(&first.id)["sub"], claims(&second.id)["sub"]);
}

#[tokio::test]
async fn prompt_none_without_a_session_is_login_required() {
    let provider = Provider::new().await;
    let page = provider.browser().open(&provider.app.request(&provider.tollgate, &[("prompt", "none")])).await;
    assert!(page.is_elsewhere, "{}", page.text());
    assert_eq!(page.parameter("error").as_deref(), Some("login_required"), "{}", page.url);
    assert_eq!(page.parameter("state").as_deref(), Some(STATE));
}

#[tokio::test]
async fn prompt_none_with_a_session_answers_at_once_about_the_same_sign_in() {
    let provider = Provider::new().await;
    let mut browser = provider.browser();
    let first = claims(&provider.tokens(&mut browser, &[]).await.id);
    let page = browser.open(&provider.app.request(&provider.tollgate, &[("prompt", "none")])).await;
    let second = Tokens::of(&provider.app.redeem(&provider.tollgate, &page.parameter("code").unwrap(), &[]).await);
    let second = claims(&second.id);
    for name in ["sub", "auth_time", "sid"] {
        assert_eq!(first[name], second[name], "{name}");
    }
}

#[tokio::test]
async fn max_age_of_one_second_asks_again_and_tells_when() {
    let provider = Provider::new().await;
    let mut browser = provider.browser();
    let first = claims(&provider.tokens(&mut browser, &[]).await.id);
    tokio::time::sleep(Duration::from_secs(2)).await;
    let page = browser.open(&provider.app.request(&provider.tollgate, &[("max_age", "1")])).await;
    assert_eq!(page.url.path(), "/sign-in", "the person is asked");
    let page = browser.go_through(page, &provider.person).await;
    let second = Tokens::of(&provider.app.redeem(&provider.tollgate, &page.parameter("code").unwrap(), &[]).await);
    assert!(claims(&second.id)["auth_time"].as_i64() > first["auth_time"].as_i64());
}

#[tokio::test]
async fn max_age_of_hours_asks_nobody_and_tells_when() {
    let provider = Provider::new().await;
    let mut browser = provider.browser();
    let first = claims(&provider.tokens(&mut browser, &[]).await.id);
    let answer = browser.ask(&provider.app.request(&provider.tollgate, &[("max_age", "10000")])).await;
    let url = answer.header("location").parse().unwrap();
    let code = tollgate_acceptance::parameter(&url, "code").unwrap_or_else(|| panic!("{answer:?}"));
    let second = Tokens::of(&provider.app.redeem(&provider.tollgate, &code, &[]).await);
    assert_eq!(claims(&second.id)["auth_time"], first["auth_time"]);
}

#[tokio::test]
async fn a_parameter_that_nobody_knows_changes_nothing() {
    let provider = Provider::new().await;
    provider.tokens(&mut provider.browser(), &[("extra", "foobar")]).await;
}

#[tokio::test]
async fn an_id_token_hint_with_prompt_none_is_answered_about_the_same_person() {
    let provider = Provider::new().await;
    let mut browser = provider.browser();
    let first = provider.tokens(&mut browser, &[]).await;
    let hinted = [("prompt", "none"), ("id_token_hint", &*first.id)];
    let page = browser.open(&provider.app.request(&provider.tollgate, &hinted)).await;
    let second = Tokens::of(&provider.app.redeem(&provider.tollgate, &page.parameter("code").unwrap(), &[]).await);
    assert_eq!(claims(&first.id)["sub"], claims(&second.id)["sub"]);
    let other = provider.tollgate.create_person("grace");
    let mut theirs = provider.browser();
    theirs.sign_in(&other).await;
    let page = theirs.open(&provider.app.request(&provider.tollgate, &hinted)).await;
    assert_eq!(page.parameter("error").as_deref(), Some("login_required"), "{}", page.url);
}

#[tokio::test]
async fn a_login_hint_fills_in_the_address() {
    let provider = Provider::new().await;
    let changed = [("login_hint", &*provider.person.email)];
    let mut browser = provider.browser();
    let page = browser.open(&provider.app.request(&provider.tollgate, &changed)).await;
    assert_eq!(page.form("email").value("email"), Some(&*provider.person.email));
    let page = browser.go_through(page, &provider.person).await;
    assert!(page.parameter("code").is_some());
}

#[tokio::test]
async fn wishes_about_languages_are_taken_and_unknown_ones_too() {
    let provider = Provider::new().await;
    let mut browser = provider.browser();
    let page = browser.open(&provider.app.request(&provider.tollgate, &[("ui_locales", "xx de")])).await;
    assert!(page.text().contains("lang=\"de\""), "{}", page.text());
    provider.tokens(&mut provider.browser(), &[("ui_locales", "se")]).await;
    provider.tokens(&mut provider.browser(), &[("claims_locales", "se")]).await;
}

#[tokio::test]
async fn a_wish_for_a_context_class_is_taken_and_the_one_that_was_reached_is_told() {
    let provider = Provider::new().await;
    let tokens = provider.tokens(&mut provider.browser(), &[("acr_values", "1 2")]).await;
    assert!(claims(&tokens.id)["acr"].is_string());
}

#[tokio::test]
async fn a_redirect_uri_that_is_not_registered_is_a_page() {
    let provider = Provider::new().await;
    let mut browser = provider.browser();
    browser.sign_in(&provider.person).await;
    let changed = [("redirect_uri", "https://app.example/callback/another")];
    let page = browser.open(&provider.app.request(&provider.tollgate, &changed)).await;
    assert!(!page.is_elsewhere && page.answer.status == 400, "{}", page.url);
}

#[tokio::test]
async fn an_unsigned_request_object_is_refused_by_name_and_never_half_read() {
    let provider = Provider::new().await;
    let mut browser = provider.browser();
    browser.sign_in(&provider.person).await;
    let inside =
        format!(r#"{{"client_id":"{}","redirect_uri":"https://evil.example/","scope":"openid"}}"#, provider.app.id());
    let object = tollgate_acceptance::jwt::with_signature(r#"{"alg":"none"}"#, &inside, b"");
    let page = browser.open(&provider.app.request(&provider.tollgate, &[("request", &object)])).await;
    assert!(page.url.as_str().starts_with(&provider.app.redirect_uri), "{}", page.url);
    assert_eq!(page.parameter("error").as_deref(), Some("request_not_supported"), "{}", page.url);
    let object = [("request_uri", "https://app.example/object.jwt")];
    let page = browser.open(&provider.app.request(&provider.tollgate, &object)).await;
    assert_eq!(page.parameter("error").as_deref(), Some("request_uri_not_supported"), "{}", page.url);
}

#[tokio::test]
async fn a_request_with_a_challenge_is_redeemed_with_its_verifier() {
    let provider = Provider::new().await;
    provider.tokens(&mut provider.browser(), &[]).await;
}

#[tokio::test]
async fn a_request_without_a_challenge_is_answered_to_a_client_with_a_secret() {
    let provider = Provider::new().await;
    let page = provider.asks(&mut provider.browser(), &[("code_challenge", ""), ("code_challenge_method", "")]).await;
    let code = page.parameter("code").unwrap_or_else(|| panic!("{} {}", page.url, page.text()));
    let answer = provider.app.redeem(&provider.tollgate, &code, &[("code_verifier", "")]).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[tokio::test]
async fn a_request_may_be_posted() {
    let provider = Provider::new().await;
    let mut browser = provider.browser();
    browser.sign_in(&provider.person).await;
    let address: reqwest::Url = provider.app.request(&provider.tollgate, &[]).parse().unwrap();
    let fields: Vec<_> = address.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let answer = browser.post(address.path(), &fields).await;
    assert!(answer.header("location").contains("code="), "{answer:?}");
}
