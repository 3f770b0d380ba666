//! `/ims/validate_token`.

use serde_json::json;
use tollgate_crypto::{Algorithm, SigningKey};

use crate::fixture::*;

#[tokio::test]
async fn a_valid_token_is_answered_with_its_end_in_milliseconds_and_its_claims() {
    let world = World::new().await;
    let token = world.server_token().await;
    for path in ["/ims/validate_token", "/ims/validate_token/v1", "/ims/validate_token/v2"] {
        for slash in ["", "/"] {
            let form = [("token", token.as_str()), ("type", "access_token"), ("client_id", SERVER)];
            let answer = world.post(&format!("{path}{slash}"), &form).await;
            assert_eq!(answer.status, 200);
            let body = answer.json();
            assert_eq!(body["valid"], true, "{path}{slash}");
            assert_eq!(body["expires_at"], 1_760_086_400_000_i64);
            assert_eq!(body["token"], read(&token).1, "the claims are those of the token");
        }
    }
}

#[tokio::test]
async fn the_token_comes_as_parameter_in_the_query_of_a_get_or_in_the_header() {
    let world = World::new().await;
    let token = world.server_token().await;
    let header = format!("Bearer {token}");
    let bearer = [("authorization", header.as_str()), ("x-ims-clientid", SERVER)];
    let answers = [
        world.get(&format!("/ims/validate_token/v1?type=access_token&client_id={SERVER}&token={token}")).await,
        world.post_with("/ims/validate_token/v1", &bearer, &[("type", "access_token")]).await,
        world.post_with("/ims/validate_token/v1?jslVersion=v2", &bearer, &[("token", &token)]).await,
    ];
    for answer in answers {
        assert_eq!(answer.json()["valid"], true, "{}", answer.body);
    }
}

#[tokio::test]
async fn an_invalid_token_is_200_with_a_reason() {
    let world = World::new().await;
    let token = world.server_token().await;
    let (head, signature) = token.rsplit_once('.').unwrap();
    let swapped = if signature.starts_with('A') { "B" } else { "A" };
    let forged = format!("{head}.{swapped}{}", &signature[1..]);
    let (header, claims) = read(&token);
    let foreign_key = SigningKey::generate(Algorithm::Es256).unwrap();
    let foreign = sign_under(&header, &foreign_key, &claims);
    let unknown_key =
        sign_under(&json!({"alg": "ES256", "typ": "at+jwt", "kid": "../x' or 1=1"}), &foreign_key, &claims);
    let id_token = sign_under(&json!({"alg": "ES256", "typ": "JWT", "kid": header["kid"]}), &foreign_key, &claims);
    let service_jwt = world.service_jwt(&json!({}));
    for (form, reason) in [
        (vec![("token", forged.as_str())], "bad_signature"),
        (vec![("token", &foreign)], "bad_signature"),
        (vec![("token", &unknown_key)], "bad_signature"),
        (vec![("token", &id_token)], "wrong_type"),
        (vec![("token", &service_jwt)], "wrong_type"),
        (vec![("token", "nonsense")], "invalid_token"),
        (vec![("token", &token), ("client_id", SERVICE)], "wrong_client"),
        (vec![("token", &token), ("client_id", "unknown")], "wrong_client"),
        (vec![("token", &token), ("type", "refresh_token")], "wrong_type"),
    ] {
        let answer = world.post("/ims/validate_token/v1", &form).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.json(), json!({"valid": false, "reason": reason}), "{form:?}");
    }
    world.pass(86_399).await;
    assert_eq!(world.validity(&token).await, "valid");
    world.pass(1).await;
    assert_eq!(world.validity(&token).await, "expired_token");
}

#[tokio::test]
async fn a_question_that_cannot_be_understood_is_400() {
    let world = World::new().await;
    let token = world.server_token().await;
    for form in [
        vec![],
        vec![("token", "")],
        vec![("token", token.as_str()), ("type", "cookie")],
        vec![("token", token.as_str()), ("client_id", "a/b")],
    ] {
        assert_eq!(world.post("/ims/validate_token/v1", &form).await.status, 400, "{form:?}");
    }
    let other = [("authorization", "Bearer a.b.c")];
    assert_eq!(world.post_with("/ims/validate_token/v1", &other, &[("token", &token)]).await.status, 400);
}
