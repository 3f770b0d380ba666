//! The tokens of a code, and who they are about.

use reqwest::Method;
use serde_json::json;
use tollgate_acceptance::{Answer, jwt, userinfo};

use super::{Provider, claims, now_seconds};

fn assert_is_about(answer: &Answer, id_token: &str) {
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.header("content-type").starts_with("application/json"), "{answer:?}");
    assert_eq!(answer.body["sub"], claims(id_token)["sub"]);
}

#[tokio::test]
async fn a_code_gives_an_id_token_that_a_key_of_ours_signed_for_this_client_and_nonce() {
    let provider = Provider::new().await;
    let tokens = provider.tokens(&mut provider.browser(), &[]).await;
    let (header, claims) = jwt::open(&tokens.id);
    assert_eq!(header["alg"], "RS256");
    let keys = provider.tollgate.get("/ims/keys").await.body;
    assert!(keys["keys"].as_array().unwrap().iter().any(|key| key["kid"] == header["kid"]), "{header} {keys}");
    assert_eq!(claims["iss"], provider.tollgate.base_url);
    assert_eq!(claims["aud"], provider.app.id());
    assert_eq!(claims["nonce"], "nonce-of-the-application");
    let (issued, expires) = (claims["iat"].as_i64().unwrap(), claims["exp"].as_i64().unwrap());
    assert!((now_seconds() - issued).abs() < 30 && expires > issued, "{claims}");
    assert!(claims["sub"].as_str().unwrap().len() <= 255);
    let digest = tollgate_crypto::digest::sha256(tokens.access.as_bytes());
    assert_eq!(claims["at_hash"], tollgate_crypto::base64url::encode(&digest[..16]));
}

#[tokio::test]
async fn the_signing_keys_are_a_key_set_with_ids_and_without_private_parts() {
    let provider = Provider::new().await;
    let keys = provider.tollgate.get("/ims/keys").await.body;
    let keys = keys["keys"].as_array().unwrap();
    assert!(!keys.is_empty());
    for key in keys {
        for member in ["kid", "kty", "alg", "use"] {
            assert!(key[member].is_string(), "{member}: {key}");
        }
        for member in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert!(key[member].is_null(), "{member}: {key}");
        }
    }
}

#[tokio::test]
async fn userinfo_answers_a_get_with_the_token_in_its_header() {
    let provider = Provider::new().await;
    let tokens = provider.tokens(&mut provider.browser(), &[]).await;
    assert_is_about(&userinfo(&provider.tollgate, &tokens.access).await, &tokens.id);
}

#[tokio::test]
async fn userinfo_answers_a_post_with_the_token_in_its_header() {
    let provider = Provider::new().await;
    let tokens = provider.tokens(&mut provider.browser(), &[]).await;
    let url = format!("{}/ims/userinfo/v2", provider.tollgate.base_url);
    let request = provider.tollgate.http.request(Method::POST, url).bearer_auth(&tokens.access);
    assert_is_about(&provider.tollgate.send(request).await, &tokens.id);
}

#[tokio::test]
async fn userinfo_answers_a_post_with_the_token_in_its_body() {
    let provider = Provider::new().await;
    let tokens = provider.tokens(&mut provider.browser(), &[]).await;
    let answer = provider.tollgate.post("/ims/userinfo/v2", &[("access_token", &tokens.access)]).await;
    assert_is_about(&answer, &tokens.id);
}

#[tokio::test]
async fn userinfo_without_a_good_token_is_401_with_a_challenge() {
    let provider = Provider::new().await;
    for token in ["nonsense", "a.b.c"] {
        let answer = userinfo(&provider.tollgate, token).await;
        assert_eq!(answer.status, 401, "{answer:?}");
        assert!(answer.header("www-authenticate").starts_with("Bearer"), "{answer:?}");
    }
}

#[tokio::test]
async fn a_client_may_prove_itself_by_basic_or_in_the_body() {
    let provider = Provider::new().await;
    let mut browser = provider.browser();
    let page = provider.asks(&mut browser, &[]).await;
    let posted = provider.app.redeem(&provider.tollgate, &page.parameter("code").unwrap(), &[]).await;
    assert_eq!(posted.status, 200, "{posted:?}");
    let code = provider.asks(&mut browser, &[]).await.parameter("code").unwrap();
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &*code),
        ("redirect_uri", &*provider.app.redirect_uri),
        ("code_verifier", tollgate_acceptance::VERIFIER),
    ];
    let url = format!("{}/ims/token/v3", provider.tollgate.base_url);
    let request = provider.tollgate.http.post(url).form(&form);
    let request = request.basic_auth(provider.app.id(), Some(provider.app.credential.secret()));
    let answer = provider.tollgate.send(request).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.header("cache-control").contains("no-store"), "{answer:?}");
}

#[tokio::test]
async fn a_code_used_twice_is_invalid_grant_at_once() {
    let provider = Provider::new().await;
    let page = provider.asks(&mut provider.browser(), &[]).await;
    let code = page.parameter("code").unwrap();
    let first = provider.app.redeem(&provider.tollgate, &code, &[]).await;
    assert_eq!(first.status, 200, "{first:?}");
    let second = provider.app.redeem(&provider.tollgate, &code, &[]).await;
    assert_eq!((second.status, &second.body["error"]), (400, &json!("invalid_grant")), "{second:?}");
}

#[tokio::test]
async fn a_code_used_twice_after_a_while_ends_the_token_of_its_first_use() {
    let provider = Provider::new().await;
    let page = provider.asks(&mut provider.browser(), &[]).await;
    let code = page.parameter("code").unwrap();
    let tokens = tollgate_acceptance::Tokens::of(&provider.app.redeem(&provider.tollgate, &code, &[]).await);
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    assert_eq!(provider.app.redeem(&provider.tollgate, &code, &[]).await.status, 400);
    assert_eq!(userinfo(&provider.tollgate, &tokens.access).await.status, 401);
}

#[tokio::test]
async fn a_refresh_token_gives_an_id_token_of_the_same_sign_in_or_none() {
    let provider = Provider::new().await;
    let tokens = provider.tokens(&mut provider.browser(), &[]).await;
    let answer = provider.app.refresh(&provider.tollgate, &tokens.refresh).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_ne!(answer.body["access_token"], json!(tokens.access));
    if let Some(id_token) = answer.body["id_token"].as_str() {
        let (first, second) = (claims(&tokens.id), claims(id_token));
        for name in ["iss", "sub", "aud", "auth_time"] {
            assert_eq!(first[name], second[name], "{name}");
        }
    }
    let access = answer.body["access_token"].as_str().unwrap();
    assert_eq!(userinfo(&provider.tollgate, access).await.status, 200);
}

#[tokio::test]
async fn a_second_client_gets_nothing_for_the_refresh_token_of_the_first() {
    let provider = Provider::new().await;
    let second = provider.tollgate.create_web_app().await;
    let tokens = provider.tokens(&mut provider.browser(), &[]).await;
    let refused = second.refresh(&provider.tollgate, &tokens.refresh).await;
    assert_eq!((refused.status, &refused.body["error"]), (400, &json!("invalid_grant")), "{refused:?}");
}
