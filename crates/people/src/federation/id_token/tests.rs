use serde_json::{Value, json};

use super::*;

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

fn claims() -> Value {
    json!({
        "iss": "https://id.example.com", "aud": "tollgate", "sub": "person-1", "nonce": "n-1",
        "exp": NOW.seconds() + 300, "iat": NOW.seconds(), "email": "ada@example.com", "email_verified": true,
    })
}

fn checked(claims: &Value) -> Result<PersonClaims, TokenFault> {
    let expected = Expected { issuer: "https://id.example.com", client_id: "tollgate", nonce: "n-1", now: NOW };
    check(claims.to_string().as_bytes(), &expected)
}

fn changed(member: &str, value: Value) -> Result<PersonClaims, TokenFault> {
    let mut claims = claims();
    claims[member] = value;
    checked(&claims)
}

#[test]
fn a_token_of_this_provider_for_this_client_and_sign_in_is_believed() {
    let person = checked(&claims()).unwrap();
    assert_eq!((person.sub.as_str(), person.email.as_deref()), ("person-1", Some("ada@example.com")));
    assert!(person.email_verified);
}

#[test]
fn every_claim_that_does_not_fit_has_its_own_reason() {
    let now = NOW.seconds();
    for (member, value, fault) in [
        ("iss", json!("https://id.example.com/"), TokenFault::Issuer),
        ("iss", json!("https://other.example.com"), TokenFault::Issuer),
        ("iss", json!(["https://id.example.com"]), TokenFault::Malformed),
        ("aud", json!("other"), TokenFault::Audience),
        ("aud", json!([]), TokenFault::Audience),
        ("aud", json!(["tollgate", "other"]), TokenFault::Audience),
        ("azp", json!("other"), TokenFault::Audience),
        ("exp", json!(now - 61), TokenFault::Time),
        ("exp", json!(null), TokenFault::Malformed),
        ("exp", json!("1900000000"), TokenFault::Malformed),
        ("iat", json!(now + 61), TokenFault::Time),
        ("nbf", json!(now + 61), TokenFault::Time),
        ("nonce", json!("n-2"), TokenFault::Nonce),
        ("nonce", json!(""), TokenFault::Nonce),
        ("nonce", json!(null), TokenFault::Nonce),
        ("sub", json!(""), TokenFault::Malformed),
        ("sub", json!("x".repeat(256)), TokenFault::Malformed),
        ("sub", json!(7), TokenFault::Malformed),
    ] {
        assert_eq!(changed(member, value.clone()), Err(fault), "{member} {value}");
    }
}

#[test]
fn several_audiences_need_this_client_as_the_authorized_party_and_clocks_may_be_a_minute_off() {
    let mut two = claims();
    two["aud"] = json!(["other", "tollgate"]);
    two["azp"] = json!("tollgate");
    assert!(checked(&two).is_ok());
    assert!(changed("aud", json!(["tollgate"])).is_ok());
    assert!(changed("exp", json!(NOW.seconds() - 59)).is_ok());
    assert!(changed("iat", json!(NOW.seconds() + 59)).is_ok());
    assert!(changed("exp", json!(1_800_000_300.5)).is_ok(), "numbers may have a fraction");
}

#[test]
fn only_a_plain_yes_verifies_an_address() {
    for (value, verified) in [
        (json!(true), true),
        (json!("true"), true),
        (json!(false), false),
        (json!("false"), false),
        (json!("yes"), false),
        (json!(1), false),
        (json!(null), false),
        (json!({}), false),
    ] {
        assert_eq!(changed("email_verified", value.clone()).unwrap().email_verified, verified, "{value}");
    }
    let mut silent = claims();
    silent.as_object_mut().unwrap().remove("email_verified");
    assert!(!checked(&silent).unwrap().email_verified);
}

#[test]
fn a_claim_that_stands_twice_is_not_believed() {
    let twice = claims().to_string().replacen('{', r#"{"sub":"person-2","#, 1);
    let expected = Expected { issuer: "https://id.example.com", client_id: "tollgate", nonce: "n-1", now: NOW };
    assert_eq!(check(twice.as_bytes(), &expected), Err(TokenFault::Malformed));
}

#[test]
fn what_says_that_it_is_no_identity_token_is_not_taken_for_one() {
    let token = |header: &str| {
        let encode = |text: &str| tollgate_crypto::base64url::encode(text.as_bytes());
        format!("{}.{}.{}", encode(header), encode("{}"), encode("s"))
    };
    assert!(parse(&token(r#"{"alg":"RS256","typ":"JWT"}"#)).is_ok());
    assert!(parse(&token(r#"{"alg":"RS256"}"#)).is_ok());
    for bad in [
        r#"{"alg":"RS256","typ":"at+jwt"}"#,
        r#"{"alg":"RS256","typ":"logout+jwt"}"#,
        r#"{"alg":"RS256","crit":[]}"#,
        "{}",
    ] {
        assert!(parse(&token(bad)).is_err(), "{bad}");
    }
    assert!(parse("a.b").is_err());
    assert!(parse(&"a".repeat(TOKEN_BYTES_MAX + 1)).is_err());
}
