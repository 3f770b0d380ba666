//! What the endpoints answer.

use serde_json::{Value, json};
use tollgate_model::{Timestamp, token::Actor};

use super::*;
use crate::person::tests::ada;

fn token() -> AccessToken {
    AccessToken {
        id: "1_a_ue1".parse().unwrap(),
        client_id: "abc".parse().unwrap(),
        subject: "AAAABBBBCCCCDDDDEEEEFFFF@techacct.adobe.com".into(),
        actor: Actor::TechnicalAccount,
        organization_id: "0123456789ABCDEF01234567@AdobeOrg".parse().unwrap(),
        scope: "openid,AdobeID".parse().unwrap(),
        audience: vec!["https://gateway.test".into()],
        issued_at: Timestamp::from_seconds(1_760_000_000),
        expires_at: Timestamp::from_seconds(1_760_086_400),
        sign_in: None,
        key_thumbprint: None,
        acting_client: None,
    }
}

#[test]
fn expires_in_is_milliseconds_on_version_one_and_the_exchange_and_seconds_later() {
    let text = |answer: TokenAnswer<'_>| String::from_utf8(answer.to_json()).unwrap();
    let v1 = TokenAnswer::of_token(TokenVersion::V1, "a.b.c", Seconds::DAY, None);
    assert_eq!(text(v1), r#"{"token_type":"bearer","access_token":"a.b.c","expires_in":86400000}"#);
    assert_eq!(
        text(TokenAnswer::of_exchange("x", Seconds(1))),
        r#"{"token_type":"bearer","access_token":"x","expires_in":1000}"#
    );
    let scope = "openid,AdobeID".parse().unwrap();
    let v3 = TokenAnswer::of_token(TokenVersion::V2, "a.b.c", Seconds(86_399), Some(&scope));
    assert_eq!(
        text(v3),
        r#"{"token_type":"bearer","access_token":"a.b.c","expires_in":86399,"scope":"openid AdobeID"}"#
    );
}

#[test]
fn the_tokens_of_a_person_come_together_with_who_it_is() {
    let scope: ScopeSet = "openid,email,offline_access".parse().unwrap();
    let user = ada();
    let answer = |version| {
        let answer = TokenAnswer::of_token(version, "a", Seconds(86_399), None)
            .with_type(AnswerType::Dpop)
            .with_refresh_token("r", Seconds(1_209_600))
            .with_id_token("i")
            .with_person(&user, &scope);
        serde_json::from_slice::<Value>(&answer.to_json()).unwrap()
    };
    let (first, later) = (answer(TokenVersion::V1), answer(TokenVersion::V2));
    assert_eq!((&first["refresh_token_expires_in"], &first["email_verified"]), (&json!(1_209_600_000), &json!("true")));
    let expected = json!({"token_type": "DPoP", "access_token": "a", "expires_in": 86_399, "refresh_token": "r",
        "refresh_token_expires_in": 1_209_600, "id_token": "i", "sub": user.id, "userId": user.id});
    assert_eq!(later, expected);
}

#[test]
fn exchanges_and_promises_say_what_they_give() {
    let exchanged = TokenAnswer::of_token(TokenVersion::V2, "a", Seconds(299), None).with_issued_type().to_json();
    assert!(String::from_utf8(exchanged).unwrap().contains(&format!("\"issued_token_type\":\"{ACCESS_TOKEN_TYPE}\"")));
    let scope: ScopeSet = "openid,AdobeID".parse().unwrap();
    let promise = String::from_utf8(promise_answer(TokenVersion::V2, "p", Seconds(14_399), &scope)).unwrap();
    assert_eq!(
        promise,
        r#"{"promise_token":"p","token_type":"promise_token","scope":"openid,AdobeID","expires_in":14399}"#
    );
    let id: TokenId = "1_p_ue1".parse().unwrap();
    let redeemed = TokenAnswer::of_token(TokenVersion::V2, "a", Seconds(299), Some(&scope))
        .with_type(AnswerType::AccessToken)
        .with_promise("q", &id, Seconds(14_399))
        .to_json();
    let redeemed: Value = serde_json::from_slice(&redeemed).unwrap();
    assert_eq!((&redeemed["token_type"], &redeemed["promise_token_id"]), (&json!("access_token"), &json!("1_p_ue1")));
}

#[test]
fn a_token_that_is_bound_to_a_key_says_so_when_looked_into() {
    let bound = AccessToken { key_thumbprint: Some("jkt".into()), ..token() };
    let body: Value = serde_json::from_slice(&active_token(&bound, "https://ims.test")).unwrap();
    assert_eq!((&body["token_type"], &body["cnf"]["jkt"]), (&json!("DPoP"), &json!("jkt")));
}

#[test]
fn a_valid_token_is_answered_with_its_claims_and_its_end_in_milliseconds() {
    let claims = AccessTokenClaims {
        token: token(),
        issuer: "https://ims.test".into(),
        region: "ims-na1".into(),
        not_before: None,
    };
    let body: Value = serde_json::from_slice(&valid_token(&claims)).unwrap();
    assert_eq!(body["valid"], true);
    assert_eq!(body["expires_at"], 1_760_086_400_000_i64);
    assert_eq!(body["token"]["scope"], "openid,AdobeID");
    assert_eq!(body["token"]["expires_in"], "86400000");
    assert_eq!(body["token"]["type"], "access_token");
}

#[test]
fn an_invalid_token_is_answered_with_a_boolean_and_a_reason() {
    assert_eq!(invalid_token(InvalidReason::BadSignature), br#"{"valid":false,"reason":"bad_signature"}"#);
}

#[test]
fn introspection_separates_scopes_by_spaces_and_tells_nothing_of_inactive_tokens() {
    let body: Value = serde_json::from_slice(&active_token(&token(), "https://ims.test")).unwrap();
    assert_eq!(body["scope"], "openid AdobeID");
    assert_eq!(body["active"], true);
    assert_eq!(body["exp"], 1_760_086_400);
    assert_eq!(inactive_token(), br#"{"active":false}"#);
}
