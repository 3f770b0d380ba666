//! The Form Post response mode: the same answers, in a form that the browser sends.

use tollgate_acceptance::{STATE, Tokens};

use super::{Provider, claims};

const FORM_POST: (&str, &str) = ("response_mode", "form_post");

#[tokio::test]
async fn an_answer_in_a_form_goes_to_the_redirect_uri_and_is_redeemed_like_any_other() {
    let provider = Provider::new().await;
    let page = provider.asks(&mut provider.browser(), &[FORM_POST]).await;
    assert!(!page.is_elsewhere);
    let form = page.form("code");
    assert_eq!(form.action, provider.app.redirect_uri);
    assert_eq!(form.value("state"), Some(STATE));
    assert_eq!(form.value("iss"), Some(&*provider.tollgate.base_url));
    assert!(page.answer.header("cache-control").contains("no-store"), "{:?}", page.answer);
    let answer = provider.app.redeem(&provider.tollgate, form.value("code").unwrap(), &[]).await;
    assert_eq!(claims(&Tokens::of(&answer).id)["nonce"], "nonce-of-the-application");
}

#[tokio::test]
async fn a_refusal_comes_in_a_form_too() {
    let provider = Provider::new().await;
    let changed = [FORM_POST, ("prompt", "none")];
    let page = provider.browser().open(&provider.app.request(&provider.tollgate, &changed)).await;
    let form = page.form("error");
    assert_eq!(form.value("error"), Some("login_required"));
    assert_eq!(form.value("state"), Some(STATE));
    assert_eq!(form.action, provider.app.redirect_uri);
}

#[tokio::test]
async fn a_form_is_sent_to_no_address_that_is_not_registered() {
    let provider = Provider::new().await;
    let mut browser = provider.browser();
    browser.sign_in(&provider.person).await;
    let changed = [FORM_POST, ("redirect_uri", "https://evil.example/")];
    let page = browser.open(&provider.app.request(&provider.tollgate, &changed)).await;
    assert_eq!(page.answer.status, 400);
    assert!(page.forms.iter().all(|form| !form.action.contains("evil")), "{}", page.text());
}
