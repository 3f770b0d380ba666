//! RP-Initiated Logout, and the notice that applications get of it (Back-Channel Logout).

use std::time::{Duration, Instant};

use tollgate_acceptance::{Application, Browser, Page, Tap, Tokens, jwt, userinfo};

use super::{Provider, claims};

const AFTERWARDS: &str = "https://app.example/bye";

/// Somebody signed in, and their browser.
async fn signed_in(provider: &Provider) -> (Browser, Tokens) {
    let mut browser = provider.browser();
    let tokens = provider.tokens(&mut browser, &[]).await;
    (browser, tokens)
}

async fn leave(provider: &Provider, browser: &mut Browser, parameters: &[(&str, &str)]) -> Page {
    let address = format!("{}/ims/logout/v1", provider.tollgate.base_url);
    let url = reqwest::Url::parse_with_params(&address, parameters).unwrap();
    browser.open(url.as_str()).await
}

/// The page asks, or says what is wrong, and the person is where they were.
async fn assert_stays(browser: &mut Browser, page: &Page) {
    assert!(!page.is_elsewhere, "{}", page.url);
    assert!(browser.is_signed_in().await, "{}", page.url);
}

#[tokio::test]
async fn the_discovery_document_names_where_people_leave() {
    let provider = Provider::new().await;
    let document = provider.tollgate.get("/ims/.well-known/openid-configuration").await.body;
    assert!(document["end_session_endpoint"].as_str().unwrap().starts_with(&provider.tollgate.base_url), "{document}");
}

#[tokio::test]
async fn leaving_with_hint_address_and_state_comes_back_with_the_state_and_signed_out() {
    let provider = Provider::new().await;
    let (mut browser, tokens) = signed_in(&provider).await;
    let parameters = [("id_token_hint", &*tokens.id), ("post_logout_redirect_uri", AFTERWARDS), ("state", "xyz")];
    let page = leave(&provider, &mut browser, &parameters).await;
    assert_eq!(page.url.as_str(), format!("{AFTERWARDS}?state=xyz"));
    let again = browser.open(&provider.app.request(&provider.tollgate, &[("prompt", "none")])).await;
    assert_eq!(again.parameter("error").as_deref(), Some("login_required"), "{}", again.url);
    assert_eq!(userinfo(&provider.tollgate, &tokens.access).await.status, 401);
}

#[tokio::test]
async fn leaving_for_an_address_that_is_not_registered_is_a_page() {
    let provider = Provider::new().await;
    let (mut browser, tokens) = signed_in(&provider).await;
    let uri = "https://app.example/somewhere-else";
    let parameters = [("id_token_hint", &*tokens.id), ("post_logout_redirect_uri", uri), ("state", "xyz")];
    let page = leave(&provider, &mut browser, &parameters).await;
    assert!(!page.is_elsewhere, "{}", page.url);
}

#[tokio::test]
async fn leaving_for_a_registered_address_with_a_query_added_is_a_page() {
    let provider = Provider::new().await;
    let (mut browser, tokens) = signed_in(&provider).await;
    let uri = format!("{AFTERWARDS}?foo=bar");
    let parameters = [("id_token_hint", &*tokens.id), ("post_logout_redirect_uri", &*uri), ("state", "xyz")];
    let page = leave(&provider, &mut browser, &parameters).await;
    assert!(!page.is_elsewhere, "{}", page.url);
}

#[tokio::test]
async fn leaving_with_an_altered_hint_asks_or_is_a_page() {
    let provider = Provider::new().await;
    let (mut browser, tokens) = signed_in(&provider).await;
    let (header, mut claims) = jwt::open(&tokens.id);
    claims["exp"] = 9_999_999_999_i64.into();
    let signature = tollgate_crypto::base64url::decode(tokens.id.rsplit('.').next().unwrap()).unwrap();
    let altered = jwt::with_signature(&header.to_string(), &claims.to_string(), &signature);
    let parameters = [("id_token_hint", &*altered), ("post_logout_redirect_uri", AFTERWARDS), ("state", "xyz")];
    let page = leave(&provider, &mut browser, &parameters).await;
    assert_stays(&mut browser, &page).await;
}

#[tokio::test]
async fn leaving_with_a_hint_that_is_no_token_asks_or_is_a_page() {
    let provider = Provider::new().await;
    let (mut browser, _) = signed_in(&provider).await;
    let parameters = [("id_token_hint", "nonsense"), ("post_logout_redirect_uri", AFTERWARDS), ("state", "xyz")];
    let page = leave(&provider, &mut browser, &parameters).await;
    assert_stays(&mut browser, &page).await;
}

#[tokio::test]
async fn leaving_without_a_hint_asks_and_leads_nowhere_by_itself() {
    let provider = Provider::new().await;
    let (mut browser, _) = signed_in(&provider).await;
    let page = leave(&provider, &mut browser, &[("post_logout_redirect_uri", AFTERWARDS), ("state", "xyz")]).await;
    assert_stays(&mut browser, &page).await;
}

#[tokio::test]
async fn leaving_without_any_parameter_asks_and_signs_out_here() {
    let provider = Provider::new().await;
    let (mut browser, _) = signed_in(&provider).await;
    let page = leave(&provider, &mut browser, &[]).await;
    assert_stays(&mut browser, &page).await;
    let page = browser.submit(&page, &[("decision", "sign_out")]).await;
    assert_eq!(page.url.path(), "/signed-out");
    assert!(!browser.is_signed_in().await);
}

#[tokio::test]
async fn leaving_with_a_state_alone_asks() {
    let provider = Provider::new().await;
    let (mut browser, _) = signed_in(&provider).await;
    let page = leave(&provider, &mut browser, &[("state", "xyz")]).await;
    assert_stays(&mut browser, &page).await;
}

#[tokio::test]
async fn leaving_with_a_hint_and_no_address_ends_on_our_page() {
    let provider = Provider::new().await;
    let (mut browser, tokens) = signed_in(&provider).await;
    let page = leave(&provider, &mut browser, &[("id_token_hint", &tokens.id)]).await;
    assert_eq!((page.is_elsewhere, page.url.path()), (false, "/signed-out"));
    assert!(!browser.is_signed_in().await);
}

#[tokio::test]
async fn leaving_without_a_state_comes_back_without_one() {
    let provider = Provider::new().await;
    let (mut browser, tokens) = signed_in(&provider).await;
    let parameters = [("id_token_hint", &*tokens.id), ("post_logout_redirect_uri", AFTERWARDS)];
    let page = leave(&provider, &mut browser, &parameters).await;
    assert_eq!(page.url.as_str(), AFTERWARDS);
}

/// An application that is told of sign-outs.
async fn told(provider: &Provider, tap: &Tap) -> Application {
    let uri = format!("{}/told", tap.url());
    let more = ["--first-party", "true", "--backchannel-logout-uri", &uri];
    provider.tollgate.create_application("oauth_web_app", "https://told.example/callback", &more).await
}

#[tokio::test]
async fn an_application_is_told_of_a_sign_out_by_a_token_that_names_the_session() {
    let (provider, tap) = (Provider::new().await, Tap::start().await);
    let app = told(&provider, &tap).await;
    let mut browser = provider.browser();
    let tokens = app.sign_in(&provider.tollgate, &mut browser, &provider.person).await;
    let id = claims(&tokens.id);
    leave(&provider, &mut browser, &[("id_token_hint", &tokens.id)]).await;
    let deadline = Instant::now() + Duration::from_secs(10);
    let notices = loop {
        let notices = tap.take();
        if !notices.is_empty() || Instant::now() > deadline {
            break notices;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let notice = notices.first().expect("the application is told within ten seconds");
    assert_eq!(notice.values("content-type"), ["application/x-www-form-urlencoded"]);
    let token = notice.body.strip_prefix("logout_token=").unwrap_or_else(|| panic!("{notice:?}"));
    let (header, claims) = jwt::open(token);
    assert_eq!(header["typ"], "logout+jwt");
    let keys = provider.tollgate.get("/ims/keys").await.body;
    assert!(keys["keys"].as_array().unwrap().iter().any(|key| key["kid"] == header["kid"]), "{header}");
    assert_eq!(claims["iss"], provider.tollgate.base_url);
    assert_eq!(claims["aud"], app.id());
    for name in ["sub", "sid"] {
        assert_eq!(claims[name], id[name], "{name}");
    }
    assert!(claims["events"]["http://schemas.openid.net/event/backchannel-logout"].is_object(), "{claims}");
    assert!(claims["nonce"].is_null() && claims["jti"].is_string() && claims["exp"].is_i64(), "{claims}");
}
