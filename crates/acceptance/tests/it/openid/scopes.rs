//! What each scope and each claim that is asked for tells of a person.

use serde_json::Value;
use tollgate_acceptance::userinfo;

use super::{Provider, claims};

async fn told(provider: &Provider, changed: &[(&str, &str)]) -> Value {
    let tokens = provider.tokens(&mut provider.browser(), changed).await;
    let answer = userinfo(&provider.tollgate, &tokens.access).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.body["sub"], claims(&tokens.id)["sub"]);
    answer.body
}

#[tokio::test]
async fn openid_alone_tells_the_subject_alone() {
    let provider = Provider::new().await;
    let told = told(&provider, &[("scope", "openid")]).await;
    for name in ["email", "name", "address"] {
        assert!(told[name].is_null(), "{told}");
    }
}

#[tokio::test]
async fn scope_profile_tells_the_name() {
    let provider = Provider::new().await;
    let told = told(&provider, &[("scope", "openid profile")]).await;
    assert!(told["name"].is_string() && told["email"].is_null(), "{told}");
}

#[tokio::test]
async fn scope_email_tells_the_address_and_whether_it_is_verified() {
    let provider = Provider::new().await;
    let told = told(&provider, &[("scope", "openid email")]).await;
    assert_eq!(told["email"], provider.person.email);
    assert!(told["email_verified"].is_boolean() && told["name"].is_null(), "{told}");
}

#[tokio::test]
async fn scope_address_is_taken_and_what_is_told_is_an_object() {
    let provider = Provider::new().await;
    let told = told(&provider, &[("scope", "openid address")]).await;
    assert!(told["address"].is_null() || told["address"].is_object(), "{told}");
}

#[tokio::test]
async fn scope_phone_is_left_out_or_refused_to_the_application_and_is_no_fault() {
    let provider = Provider::new().await;
    let page = provider.asks(&mut provider.browser(), &[("scope", "openid phone")]).await;
    assert!(page.is_elsewhere, "{} {}", page.url, page.text());
    let refused = page.parameter("error").is_some_and(|error| error == "invalid_scope");
    assert!(refused || page.parameter("code").is_some(), "{}", page.url);
}

#[tokio::test]
async fn all_scopes_that_are_announced_can_be_asked_for_together() {
    let provider = Provider::new().await;
    let document = provider.tollgate.get("/ims/.well-known/openid-configuration").await.body;
    let announced: Vec<_> =
        document["scopes_supported"].as_array().unwrap().iter().map(|own| own.as_str().unwrap()).collect();
    let told = told(&provider, &[("scope", &announced.join(" "))]).await;
    assert!(told["name"].is_string() && told["email"].is_string(), "{told}");
}

#[tokio::test]
async fn the_order_of_scopes_does_not_matter() {
    let provider = Provider::new().await;
    let told = told(&provider, &[("scope", "email profile openid")]).await;
    assert!(told["name"].is_string() && told["email"].is_string(), "{told}");
}

#[tokio::test]
async fn a_claim_that_is_asked_for_by_name_is_told_beside_the_scopes() {
    let provider = Provider::new().await;
    let asked = [("scope", "openid"), ("claims", r#"{"userinfo":{"name":{"essential":true}}}"#)];
    let told = told(&provider, &asked).await;
    assert!(told["name"].is_string(), "{told}");
}
