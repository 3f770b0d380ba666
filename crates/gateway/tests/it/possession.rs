//! Tokens that are bound to a key, and what else has to come with them (RFC 9449 section 7).

use serde_json::{Value, json};
use tollgate_crypto::{Algorithm, SigningKey, base64url, digest::sha256, jws};
use tollgate_model::{Seconds, client::Client, service::Authorization};

use crate::{
    scene::{GATEWAY_URL, Scene},
    upstream::Upstream,
};

/// A proof by `key`, with its claims changed.
fn proof(key: &SigningKey, scene: &Scene, token: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut jwk = serde_json::to_value(key.public_jwk("own")).unwrap();
    jwk.as_object_mut().unwrap().retain(|name, _| matches!(name.as_str(), "kty" | "crv" | "x" | "y"));
    let header = json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk});
    let mut claims = json!({
        "jti": scene.now().micros().to_string(), "htm": "GET", "htu": format!("{GATEWAY_URL}/campaign/x"),
        "iat": scene.now().seconds(), "ath": base64url::encode(&sha256(token.as_bytes())),
    });
    change(&mut claims);
    jws::sign(&base64url::encode(header.to_string().as_bytes()), claims.to_string().as_bytes(), key).unwrap()
}

async fn scene() -> (Scene, Client, Upstream) {
    let scene = Scene::new().await;
    let upstream = Upstream::echo().await;
    let demand = |service: &mut tollgate_model::service::Service| service.authorization = Authorization::ServiceToken;
    let service = scene.service("/campaign", &[upstream.address], demand).await;
    let client = scene.service_account(&[&service]).await;
    (scene, client, upstream)
}

fn bound(scene: &Scene, client: &Client, key: &SigningKey) -> String {
    scene.token_with(client, "openid", |claims| claims["cnf"] = json!({"jkt": key.public().thumbprint()}))
}

#[tokio::test]
async fn a_bound_token_passes_with_a_proof_by_its_key_once() {
    let (scene, client, _upstream) = scene().await;
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let token = bound(&scene, &client, &key);
    let (id, authorization) = (client.id.as_str(), format!("DPoP {token}"));
    let proof = proof(&key, &scene, &token, |_| {});
    let headers = [("x-api-key", id), ("authorization", authorization.as_str()), ("dpop", &proof)];
    assert_eq!(scene.get("/campaign/x?y=1", &headers).await.status, 200);
    let again = scene.get("/campaign/x", &headers).await;
    assert_eq!((again.status, again.code().as_str()), (401, "401013"));
    assert!(again.detail().contains("used before"), "{}", again.detail());
    let challenge = again.headers["www-authenticate"].to_str().unwrap();
    assert!(challenge.starts_with("DPoP error=\"invalid_dpop_proof\"") && challenge.contains("algs="), "{challenge}");
}

#[tokio::test]
async fn a_bound_token_is_no_bearer_token_and_a_bearer_token_is_not_bound() {
    let (scene, client, _upstream) = scene().await;
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let (bound, plain) = (bound(&scene, &client, &key), scene.token(&client, "openid"));
    for (authorization, token, words) in
        [(format!("Bearer {bound}"), &bound, "bound to a key"), (format!("DPoP {plain}"), &plain, "bound to no key")]
    {
        let proof = proof(&key, &scene, token, |_| {});
        let headers = [("x-api-key", client.id.as_str()), ("authorization", &authorization), ("dpop", &proof)];
        let refused = scene.get("/campaign/x", &headers).await;
        assert_eq!((refused.status, refused.code().as_str()), (401, "401013"), "{words}");
        assert!(refused.detail().contains(words), "{}", refused.detail());
    }
    let in_query = scene.get(&format!("/campaign/x?user_token={bound}"), &[("x-api-key", client.id.as_str())]).await;
    assert_eq!(in_query.code(), "401013");
}

#[tokio::test]
async fn a_proof_of_something_else_proves_nothing() {
    let (scene, client, _upstream) = scene().await;
    let [key, other] = [(), ()].map(|()| SigningKey::generate(Algorithm::Es256).unwrap());
    let token = bound(&scene, &client, &key);
    let authorization = format!("DPoP {token}");
    let now = scene.now().seconds();
    let changed = |name: &'static str, value: Value| proof(&key, &scene, &token, move |claims| claims[name] = value);
    for (case, proof) in [
        ("no proof", String::new()),
        ("another key", proof(&other, &scene, &token, |_| {})),
        ("another method", changed("htm", json!("POST"))),
        ("another path", changed("htu", json!(format!("{GATEWAY_URL}/campaign/y")))),
        ("another host", changed("htu", json!("https://evil.test/campaign/x"))),
        ("another token", changed("ath", json!("AAAA"))),
        ("too old", changed("iat", json!(now - 120))),
        ("from the future", changed("iat", json!(now + 120))),
        ("no id", changed("jti", json!(null))),
        ("nonsense", "a.b.c".to_owned()),
    ] {
        let headers = [("x-api-key", client.id.as_str()), ("authorization", &authorization), ("dpop", &proof)];
        let given = if proof.is_empty() { &headers[..2] } else { &headers[..] };
        let refused = scene.get("/campaign/x", given).await;
        assert_eq!((refused.status, refused.code().as_str()), (401, "401013"), "{case}");
    }
}

#[tokio::test]
async fn a_proof_may_be_made_again_after_its_time_but_is_refused_as_old() {
    let (scene, client, _upstream) = scene().await;
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let token = bound(&scene, &client, &key);
    let authorization = format!("DPoP {token}");
    let call = async |proof: &str| {
        let headers = [("x-api-key", client.id.as_str()), ("authorization", &authorization), ("dpop", proof)];
        scene.get("/campaign/x", &headers).await.status
    };
    let old = proof(&key, &scene, &token, |claims| claims["jti"] = json!("one"));
    assert_eq!(call(&old).await, 200);
    scene.advance(Seconds(100).0);
    scene.refresh().await;
    assert_eq!(call(&old).await, 401);
    let new = proof(&key, &scene, &token, |claims| claims["jti"] = json!("one"));
    assert_eq!(call(&new).await, 200);
}
