//! Requests to exchange a service account's JWT, and the claims of that JWT (contract section 5).

use serde_json::Value;
use tollgate_crypto::SecretText;
use tollgate_model::{
    Timestamp,
    id::{ClientId, OrganizationId, TechnicalAccountId},
    scope::{SCOPES_MAX, Scope, ScopeSet},
};

use crate::{
    ErrorCode, OauthError, Params,
    assertion::{self, ASSERTION_BYTES_MAX, Jti, Validity, ValidityRefusal},
    error::shown,
    json::Members,
    token::resources,
};

/// A request to exchange a JWT; who asks is read by [`crate::client_authentication`].
#[derive(Debug)]
pub struct ExchangeRequest {
    /// The service JWT in compact form.
    pub jwt: SecretText,
    /// For whom the token shall be meant; empty for the gateway.
    pub resources: Vec<String>,
}

impl ExchangeRequest {
    /// Reads the parameters.
    pub fn parse(params: &Params) -> Result<Self, OauthError> {
        let jwt = params.get("jwt_token").ok_or_else(|| invalid_token("is missing; send it as parameter jwt_token"))?;
        if jwt.len() > ASSERTION_BYTES_MAX {
            return Err(invalid_token(&format!("is longer than {ASSERTION_BYTES_MAX} bytes")));
        }
        Ok(Self { jwt: SecretText::from(jwt.to_owned()), resources: resources(params)? })
    }
}

/// A claim `<base>/s/<name>: true`, which asks for a scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metascope {
    /// The base URL in front of `/s/`.
    pub base: String,
    /// The name behind it.
    pub name: Scope,
}

/// The claims of a service JWT whose signature is checked elsewhere.
///
/// ```
/// use tollgate_model::Timestamp;
/// use tollgate_oauth::jwt_exchange::ServiceJwt;
///
/// let jwt = ServiceJwt::parse(br#"{
///     "iss": "0123456789ABCDEF01234567@AdobeOrg", "sub": "89ABCDEF0123456701234567@techacct.adobe.com",
///     "aud": "https://ims.test/c/abc", "exp": 1700000300, "https://ims.test/s/ent_campaign_sdk": true
/// }"#)?;
/// let bases = ["https://ims.test".to_owned()];
/// jwt.check_audience(&bases, &"abc".parse().unwrap())?;
/// jwt.check_validity(Timestamp::from_seconds(1_700_000_000))?;
/// assert_eq!(jwt.scope(&bases)?.comma_separated(), "ent_campaign_sdk");
/// # Ok::<(), tollgate_oauth::OauthError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceJwt {
    /// `iss`: the organization.
    pub issuer: OrganizationId,
    /// `sub`: the technical account.
    pub subject: TechnicalAccountId,
    /// `aud`, one or several of `<base>/c/<client id>`.
    pub audience: Vec<String>,
    /// `exp`, `iat` and `nbf`.
    pub validity: Validity,
    /// `jti`; a JWT that has one is accepted once.
    pub jti: Option<Jti>,
    /// The scopes asked for, each once, in order.
    pub metascopes: Vec<Metascope>,
}

impl ServiceJwt {
    /// Reads the payload of the JWT.
    pub fn parse(payload: &[u8]) -> Result<Self, OauthError> {
        let members = Members::parse(payload)
            .ok_or_else(|| invalid_token("does not hold one JSON object, or holds a claim twice"))?;
        let expires_at = members.get("exp").ok_or_else(|| invalid_token("has no exp"))?;
        let optional_time = |name: &str| members.get(name).map(|value| time(name, value)).transpose();
        Ok(Self {
            validity: Validity {
                expires_at: time("exp", expires_at)?,
                issued_at: optional_time("iat")?,
                not_before: optional_time("nbf")?,
            },
            jti: members.get("jti").map(jti).transpose()?,
            issuer: id(&members, "iss", "the organization id, such as 0123456789ABCDEF01234567@AdobeOrg")?,
            subject: id(
                &members,
                "sub",
                "the technical account id, such as 0123456789ABCDEF01234567@techacct.adobe.com",
            )?,
            audience: members
                .get("aud")
                .and_then(assertion::audience)
                .ok_or_else(|| bad_request("must have an aud such as https://ims.example.com/c/CLIENT_ID"))?,
            metascopes: metascopes(&members)?,
        })
    }

    /// Checks the times against `now`.
    pub fn check_validity(&self, now: Timestamp) -> Result<(), OauthError> {
        self.validity.check(now).map_err(|refused| match refused {
            ValidityRefusal::Expired(_) | ValidityRefusal::NotYetValid(_) => invalid_token(&refused.to_string()),
            ValidityRefusal::TooLong(_) => bad_request(&refused.to_string()),
        })
    }

    /// Checks that every `aud` is `<base>/c/<client id>` for this client and one of our `bases`.
    pub fn check_audience(&self, bases: &[String], client_id: &ClientId) -> Result<(), OauthError> {
        let names_client = |audience: &String| {
            let base = audience.strip_suffix(client_id.as_str()).and_then(|rest| rest.strip_suffix("/c/"));
            base.is_some_and(|base| bases.iter().any(|own| own == base))
        };
        if self.audience.iter().all(names_client) {
            return Ok(());
        }
        let base = bases.first().map_or("", String::as_str);
        Err(OauthError::new(
            ErrorCode::InvalidClient,
            format!("aud {} of the JWT must be {base}/c/{client_id}", shown(&self.audience.join(" "))),
        ))
    }

    /// The scopes asked for; a metascope under a base that is not one of our `bases`, and a JWT without any, are
    /// refused.
    pub fn scope(&self, bases: &[String]) -> Result<ScopeSet, OauthError> {
        if let Some(foreign) = self.metascopes.iter().find(|metascope| !bases.contains(&metascope.base)) {
            let base = bases.first().map_or("", String::as_str);
            return Err(invalid_scope(format!(
                "metascope {}/s/{} of the JWT must begin with {base}/s/",
                shown(&foreign.base),
                foreign.name
            )));
        }
        if self.metascopes.is_empty() {
            let base = bases.first().map_or("", String::as_str);
            return Err(invalid_scope(format!(
                "the JWT asks for no metascope; add a claim such as '{base}/s/ent_dataservices_sdk': true"
            )));
        }
        Ok(self.metascopes.iter().map(|metascope| metascope.name.clone()).collect())
    }
}

fn metascopes(members: &Members) -> Result<Vec<Metascope>, OauthError> {
    let mut metascopes = Vec::new();
    for (claim, value) in members.iter() {
        if !(claim.starts_with("https://") || claim.starts_with("http://")) {
            continue;
        }
        let Some((base, name)) = claim.rsplit_once("/s/") else { continue };
        let asked_for = match value {
            Value::Bool(asked_for) => *asked_for,
            _ => return Err(invalid_scope(format!("claim {} of the JWT must be true", shown(claim)))),
        };
        let name =
            name.parse().map_err(|_| invalid_scope(format!("metascope {} of the JWT is not a scope", shown(claim))))?;
        let metascope = Metascope { base: base.to_owned(), name };
        if metascopes.len() >= SCOPES_MAX {
            return Err(invalid_scope(format!("the JWT asks for more than {SCOPES_MAX} metascopes")));
        }
        if asked_for {
            metascopes.push(metascope);
        }
    }
    Ok(metascopes)
}

fn id<T: std::str::FromStr>(members: &Members, claim: &str, meaning: &str) -> Result<T, OauthError> {
    let text = members.get(claim).and_then(Value::as_str);
    text.and_then(|text| text.parse().ok()).ok_or_else(|| bad_request(&format!("must have as {claim} {meaning}")))
}

fn time(claim: &str, value: &Value) -> Result<Timestamp, OauthError> {
    if !(value.is_i64() || value.is_u64()) {
        return Err(invalid_token(&format!("has an {claim} that is not an integer of seconds since 1970")));
    }
    assertion::seconds(value)
        .ok_or_else(|| bad_request(&format!("has an {claim} that is no time in seconds since 1970")))
}

fn jti(value: &Value) -> Result<Jti, OauthError> {
    if matches!(value, Value::String(_)) {
        return assertion::jti(value)
            .ok_or_else(|| bad_request(&format!("has a jti of no or more than {} bytes", assertion::JTI_BYTES_MAX)));
    }
    assertion::jti(value).ok_or_else(|| invalid_token("has a jti that is not an integer"))
}

/// `invalid_token` about the service JWT; `what` continues the sentence "the JWT …".
pub fn invalid_token(what: &str) -> OauthError {
    OauthError::new(ErrorCode::InvalidToken, format!("the JWT {what}"))
}

/// The refusal when no certificate of the credential matches, with the words that users' code matches (contract
/// section 5); `detail` says which certificates were tried.
pub fn no_certificate_matches(detail: &str) -> OauthError {
    OauthError::new(
        ErrorCode::InvalidToken,
        format!("Could not match JWT signature to any of the bindings. {detail}").trim_end().to_owned(),
    )
}

/// The refusal when metascopes are not granted, with the words that users know (contract section 5).
pub fn metascopes_not_granted(refused: &ScopeSet, allowed: &ScopeSet) -> OauthError {
    let allowed = if allowed.is_empty() { "none".to_owned() } else { allowed.comma_separated() };
    invalid_scope(format!(
        "The metascopes in the JWT are not a subset of the metascopes in the binding. Not granted: {}. Granted: {allowed}.",
        refused.comma_separated()
    ))
}

fn bad_request(what: &str) -> OauthError {
    OauthError::new(ErrorCode::BadRequest, format!("the JWT {what}"))
}

fn invalid_scope(text: String) -> OauthError {
    OauthError::new(ErrorCode::InvalidScope, text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;
    use tollgate_model::Seconds;

    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);

    fn claims() -> Value {
        json!({
            "iss": "0123456789ABCDEF01234567@AdobeOrg",
            "sub": "89ABCDEF0123456701234567@techacct.adobe.com",
            "aud": "https://ims.test/c/abc",
            "exp": 1_700_000_300,
            "https://ims.test/s/ent_campaign_sdk": true,
            "https://old.test/s/ent_user_sdk": true,
            "https://ims.test/s/ent_not_asked": false,
            "unknown": {"a": 1},
        })
    }

    fn with(name: &str, value: &Value) -> Result<ServiceJwt, OauthError> {
        let mut claims = claims();
        claims[name] = value.clone();
        ServiceJwt::parse(claims.to_string().as_bytes())
    }

    fn bases() -> Vec<String> {
        vec!["https://ims.test".to_owned(), "https://old.test".to_owned()]
    }

    #[test]
    fn a_service_jwt_gives_its_claims_and_metascopes() {
        let jwt = with("jti", &json!(1_479_490_921)).unwrap();
        assert_eq!(jwt.issuer.as_str(), "0123456789ABCDEF01234567@AdobeOrg");
        assert_eq!(jwt.jti.as_ref().unwrap().as_str(), "1479490921");
        assert_eq!(jwt.scope(&bases()).unwrap().comma_separated(), "ent_campaign_sdk,ent_user_sdk");
        assert_eq!(jwt.check_validity(NOW), Ok(()));
        assert_eq!(jwt.check_audience(&bases(), &"abc".parse().unwrap()), Ok(()));
    }

    #[test]
    fn each_malformed_claim_has_the_code_of_the_contract() {
        for (claim, value, code) in [
            ("exp", json!("1700000300"), ErrorCode::InvalidToken),
            ("exp", json!(1_700_000_300.5), ErrorCode::InvalidToken),
            ("exp", json!(null), ErrorCode::InvalidToken),
            ("exp", json!(-1), ErrorCode::BadRequest),
            ("exp", json!(u64::MAX), ErrorCode::BadRequest),
            ("jti", json!(1.5), ErrorCode::InvalidToken),
            ("jti", json!({}), ErrorCode::InvalidToken),
            ("jti", json!(""), ErrorCode::BadRequest),
            ("iss", json!("me"), ErrorCode::BadRequest),
            ("iss", json!(null), ErrorCode::BadRequest),
            ("sub", json!(["x"]), ErrorCode::BadRequest),
            ("aud", json!(7), ErrorCode::BadRequest),
            ("https://ims.test/s/x", json!("true"), ErrorCode::InvalidScope),
            ("https://ims.test/s/", json!(true), ErrorCode::InvalidScope),
        ] {
            let refused = with(claim, &value).unwrap_err();
            assert_eq!(refused.code(), code, "{claim}={value}: {refused}");
        }
        for payload in ["", "[]", "{\"exp\":1,\"exp\":2}", "{}"] {
            assert_eq!(ServiceJwt::parse(payload.as_bytes()).unwrap_err().code(), ErrorCode::InvalidToken, "{payload}");
        }
    }

    #[test]
    fn a_jti_may_be_text_although_an_integer_is_documented() {
        let jti = with("jti", &json!("a-b")).unwrap().jti.unwrap();
        assert!(!jti.is_integer());
        assert_eq!(jti.as_str(), "a-b");
    }

    #[test]
    fn times_out_of_range_are_told_apart() {
        let expired = with("exp", &json!(1_699_999_000)).unwrap().check_validity(NOW).unwrap_err();
        assert_eq!(expired.code(), ErrorCode::InvalidToken);
        assert!(expired.description().contains("expired"), "{expired}");
        let millis = with("exp", &json!(1_700_000_300_000_i64)).unwrap().check_validity(NOW).unwrap_err();
        assert_eq!(millis.code(), ErrorCode::BadRequest);
        assert!(millis.description().contains("24 hours"), "{millis}");
        assert!(with("iat", &json!((NOW + Seconds(60)).seconds())).unwrap().check_validity(NOW).is_err());
    }

    #[test]
    fn an_audience_of_another_client_another_base_or_several_parties_is_refused() {
        let client: ClientId = "abc".parse().unwrap();
        for bad in [
            json!("https://ims.test/c/abd"),
            json!("https://evil.test/c/abc"),
            json!("https://ims.test/c/x/c/abc"),
            json!("https://ims.test/abc"),
            json!("abc"),
            json!(["https://ims.test/c/abc", "https://evil.test/c/abc"]),
        ] {
            let refused = with("aud", &bad).unwrap().check_audience(&bases(), &client).unwrap_err();
            assert_eq!(refused.code(), ErrorCode::InvalidClient, "{bad}");
            assert!(!refused.credentials_refused());
        }
        let both = with("aud", &json!(["https://ims.test/c/abc", "https://old.test/c/abc"])).unwrap();
        assert_eq!(both.check_audience(&bases(), &client), Ok(()));
    }

    #[test]
    fn a_foreign_metascope_and_none_at_all_are_invalid_scope() {
        let foreign = with("https://evil.test/s/ent_campaign_sdk", &json!(true)).unwrap();
        assert!(foreign.scope(&bases()).unwrap_err().description().contains("evil.test"));
        let mut none = claims();
        none.as_object_mut().unwrap().retain(|name, _| !name.contains("/s/"));
        let none = ServiceJwt::parse(none.to_string().as_bytes()).unwrap();
        assert_eq!(none.scope(&bases()).unwrap_err().code(), ErrorCode::InvalidScope);
    }

    #[test]
    fn the_known_texts_are_kept_and_the_details_follow() {
        assert!(
            no_certificate_matches("Tried ab.")
                .description()
                .starts_with("Could not match JWT signature to any of the bindings")
        );
        let refused = metascopes_not_granted(&"ent_x".parse().unwrap(), &ScopeSet::empty());
        assert!(
            refused
                .description()
                .starts_with("The metascopes in the JWT are not a subset of the metascopes in the binding.")
        );
        assert!(refused.description().contains("Not granted: ent_x. Granted: none."));
    }

    #[test]
    fn a_missing_or_huge_jwt_is_invalid_token() {
        let parse = |query: &str| ExchangeRequest::parse(&Params::parse(Some(query), None, None).unwrap());
        assert_eq!(parse("client_id=abc").unwrap_err().code(), ErrorCode::InvalidToken);
        assert!(parse(&format!("jwt_token={}", "a".repeat(ASSERTION_BYTES_MAX + 1))).is_err());
        let request = parse("jwt_token=a.b.c&resource=https://api.test").unwrap();
        assert_eq!((request.jwt.reveal(), request.resources.len()), ("a.b.c", 1));
    }

    proptest! {
        #[test]
        fn strangers_bytes_never_panic(payload in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = ServiceJwt::parse(&payload);
        }

        #[test]
        fn strange_values_of_known_claims_never_panic(
            claim in prop::sample::select(vec!["exp", "iat", "nbf", "jti", "iss", "sub", "aud", "https://ims.test/s/a", "http:///s//s/"]),
            value in prop::sample::select(vec![json!(0), json!(i64::MIN), json!(u64::MAX), json!(1e300), json!(""), json!("é"), json!([]), json!({}), json!(true)]),
        ) {
            if let Ok(jwt) = with(claim, &value) {
                let _ = (jwt.check_validity(NOW), jwt.check_audience(&bases(), &"abc".parse().unwrap()), jwt.scope(&bases()));
            }
        }
    }
}
