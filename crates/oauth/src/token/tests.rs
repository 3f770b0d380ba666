//! What may be asked of the token endpoint.

use super::*;

fn parse(query: &str) -> Result<TokenRequest, OauthError> {
    TokenRequest::parse(&Params::parse(Some(query), None, None).unwrap())
}

#[test]
fn scopes_come_with_commas_spaces_or_both_and_may_be_left_away() {
    for scope in ["openid,AdobeID", "openid+AdobeID", "openid,+AdobeID"] {
        let TokenRequest::ClientCredentials { scope, .. } =
            parse(&format!("grant_type=client_credentials&scope={scope}")).unwrap()
        else {
            panic!("the grant is the one that was named")
        };
        assert_eq!(scope.unwrap().comma_separated(), "openid,AdobeID");
    }
    for none in ["undefined", ","] {
        let request = parse(&format!("grant_type=client_credentials&scope={none}")).unwrap();
        assert!(matches!(request, TokenRequest::ClientCredentials { scope: None, organization_id: None, .. }));
    }
}

#[test]
fn a_foreign_grant_is_refused_with_those_that_are_offered() {
    let refused = parse("grant_type=password").unwrap_err();
    assert_eq!(refused.code(), ErrorCode::UnsupportedGrantType);
    assert!(refused.description().contains("password") && refused.description().contains("client_credentials"));
    assert_eq!(parse("scope=openid").unwrap_err(), OauthError::missing_parameter("grant_type"));
}

#[test]
fn bad_scopes_organizations_and_resources_are_refused_by_name() {
    for (query, code) in [
        ("scope=a%22b", ErrorCode::InvalidScope),
        ("org_id=123", ErrorCode::InvalidRequest),
        ("resource=relative", ErrorCode::InvalidTarget),
        ("resource=https://a.test/%23x", ErrorCode::InvalidTarget),
    ] {
        let refused = parse(&format!("grant_type=client_credentials&{query}")).unwrap_err();
        assert_eq!(refused.code(), code, "{query}");
    }
    let many = (0..=RESOURCES_MAX).map(|n| format!("resource=https://r{n}.test")).collect::<Vec<_>>().join("&");
    assert!(parse(&format!("grant_type=client_credentials&{many}")).is_err());
}

#[test]
fn versions_one_and_none_differ_from_the_later_ones() {
    assert_eq!(TokenVersion::parse(None), Some(TokenVersion::V1));
    assert_eq!(TokenVersion::parse(Some("v1")), Some(TokenVersion::V1));
    assert_eq!(TokenVersion::parse(Some("v4")), Some(TokenVersion::V2));
    assert_eq!(TokenVersion::parse(Some("v5")), None);
}

#[test]
fn every_grant_that_is_offered_is_read() {
    let subject = format!("subject_token=a&subject_token_type={ACCESS_TOKEN_TYPE}");
    let rest = |grant: &str| match grant {
        "authorization_code" => "code=a.b.c&redirect_uri=https://a.test/&code_verifier=v&scope=undefined".to_owned(),
        "refresh_token" => "refresh_token=a.b.c&scope=openid".to_owned(),
        DEVICE_CODE => "device_code=x".to_owned(),
        TOKEN_EXCHANGE => {
            format!("{subject}&requested_token_type={ACCESS_TOKEN_TYPE}&scope=openid&audience=a&audience=b")
        }
        "cluster_at_exchange" => "user_token=a&owning_org_id=0123456789ABCDEF01234567@AdobeOrg".to_owned(),
        "promise" => "promise_definition_id=d&authenticating_token=a".to_owned(),
        "promise_exchange" => "promise_token=p".to_owned(),
        _ => String::new(),
    };
    for grant in GRANT_TYPES_SUPPORTED {
        let request = parse(&format!("grant_type={grant}&{}", rest(grant)));
        assert!(request.is_ok(), "{grant}: {request:?}");
        if grant != "client_credentials" {
            let refused = parse(&format!("grant_type={grant}")).unwrap_err();
            assert!(refused.description().starts_with("missing parameter"), "{grant}: {refused}");
        }
    }
}

#[test]
fn contradictions_in_an_exchange_are_refused_by_name() {
    let subject = format!("grant_type={TOKEN_EXCHANGE}&subject_token=a&subject_token_type={ACCESS_TOKEN_TYPE}");
    let refresh = "urn:ietf:params:oauth:token-type:refresh_token";
    let cluster = "grant_type=cluster_at_exchange&user_token=a";
    let many = (0..=RESOURCES_MAX).map(|n| format!("audience=a{n}")).collect::<Vec<_>>().join("&");
    for (query, told) in [
        (format!("{subject}&requested_token_type={refresh}"), "requested_token_type"),
        (format!("{subject}&actor_token=b"), "actor_token_type"),
        (format!("{subject}&actor_token_type={ACCESS_TOKEN_TYPE}"), "actor_token"),
        (format!("{subject}&{many}"), "audiences"),
        (format!("grant_type={TOKEN_EXCHANGE}&subject_token=a&subject_token_type={refresh}"), "subject_token_type"),
        (cluster.to_owned(), "exactly one"),
        (
            format!(
                "{cluster}&user_id=0123456789ABCDEF01234567@AdobeID&owning_org_id=0123456789ABCDEF01234567@AdobeOrg"
            ),
            "exactly one",
        ),
        (format!("{cluster}&user_id=x"), "user_id"),
        (format!("grant_type=refresh_token&refresh_token={}", "x".repeat(GRANT_BYTES_MAX + 1)), "refresh_token"),
    ] {
        let refused = parse(&query).unwrap_err();
        assert!(refused.description().contains(told), "{query}: {refused}");
    }
}

#[test]
fn what_is_redeemed_never_shows_in_debug_output() {
    for query in [
        "grant_type=authorization_code&code=geheim&code_verifier=geheim",
        "grant_type=promise_exchange&promise_token=geheim",
    ] {
        assert!(!format!("{:?}", parse(query).unwrap()).contains("geheim"));
    }
}
