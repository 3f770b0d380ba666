//! What authorization requests may say.

use proptest::prelude::*;

use super::*;

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn params(query: &str) -> Params {
    Params::parse(Some(query), None, None).unwrap()
}

fn request(query: &str) -> Result<AuthorizeRequest, OauthError> {
    AuthorizeRequest::parse(&params(&format!("client_id=abc&{query}")))
}

#[test]
fn the_target_is_read_even_where_the_rest_is_wrong() {
    let params = params(
        "client_id=abc&redirect_uri=https://a.test/cb&state=%2B%2F%3D&response_type=device&response_mode=fragment&max_age=x",
    );
    let target = AuthorizeTarget::parse(&params).unwrap();
    assert_eq!(target.client_id.as_str(), "abc");
    assert_eq!(target.redirect_uri.as_deref(), Some("https://a.test/cb"));
    assert_eq!(target.state.as_deref(), Some("+/="));
    assert_eq!(target.response_mode, ResponseMode::Fragment);
    assert_eq!(AuthorizeRequest::parse(&params).unwrap_err().code(), ErrorCode::UnsupportedResponseType);
}

#[test]
fn an_error_for_a_token_by_way_of_the_browser_never_travels_in_a_query() {
    let target = AuthorizeTarget::parse(&params("client_id=abc&response_type=token&response_mode=query")).unwrap();
    assert_eq!(target.response_mode, ResponseMode::Fragment);
    assert!(request("response_type=token&response_mode=query").is_err());
}

#[test]
fn state_is_kept_byte_for_byte_up_to_4096_characters() {
    let state = "é".repeat(STATE_CHARS_MAX);
    let target = AuthorizeTarget::parse(&params(&format!("client_id=abc&state={state}"))).unwrap();
    assert_eq!(target.state.as_deref(), Some(&*state));
    assert!(AuthorizeTarget::parse(&params(&format!("client_id=abc&state={state}x"))).is_err());
    let word = AuthorizeTarget::parse(&params("client_id=abc&state=undefined")).unwrap();
    assert_eq!(word.state.as_deref(), Some("undefined"));
}

#[test]
fn a_repeated_parameter_with_another_value_is_refused() {
    let twice = "client_id=abc&redirect_uri=https://a.test/&redirect_uri=https://b.test/";
    assert!(Params::parse(Some(twice), None, None).is_err());
}

#[test]
fn a_full_request_is_read_and_survives_storage() {
    let query = format!(
        "redirect_uri=https://a.test/cb&response_type=code&response_mode=form_post&scope=openid+email&state=s&nonce=n\
         &prompt=login+consent&max_age=300&login_hint=ada@a.test&acr_values=2+1&claims=%7B%22userinfo%22:%7B%22name%22:null%7D%7D\
         &resource=https://one.test&resource=https://two.test&ui_locales=de-CH+en&code_challenge={CHALLENGE}\
         &code_challenge_method=S256&dpop_jkt={CHALLENGE}&authlib=passport"
    );
    let request = request(&query).unwrap();
    assert_eq!(request.target.response_mode, ResponseMode::FormPost);
    assert_eq!(request.scope.as_ref().unwrap().comma_separated(), "openid,email");
    assert!(request.prompts.login && request.prompts.consent && !request.prompts.none);
    assert_eq!(request.max_age, Some(Seconds(300)));
    assert_eq!(request.acr_values, ["2", "1"]);
    assert_eq!(request.claims.userinfo_names(), ["name"]);
    assert_eq!(request.resources.len(), 2);
    assert_eq!(request.locales, ["de-CH", "en"]);
    assert_eq!(request.code_challenge.as_ref().unwrap().method(), ChallengeMethod::S256);
    assert_eq!(request.key_thumbprint.as_deref(), Some(CHALLENGE));
    let stored = serde_json::to_string(&request).unwrap();
    let again: AuthorizeRequest = serde_json::from_str(&stored).unwrap();
    assert_eq!(serde_json::to_string(&again).unwrap(), stored);
    assert_eq!(again.target, request.target);
}

#[test]
fn an_id_token_hint_is_neither_stored_nor_shown() {
    let request = request("id_token_hint=a.geheim.c").unwrap();
    assert_eq!(request.id_token_hint.as_ref().map(SecretText::reveal), Some("a.geheim.c"));
    assert!(!format!("{request:?}").contains("geheim"));
    assert!(!serde_json::to_string(&request).unwrap().contains("geheim"));
}

#[test]
fn words_of_ims_mean_what_the_standard_says_otherwise() {
    let ims = request("reauth=check&locale=de_CH&scope=openid,AdobeID").unwrap();
    assert!(ims.prompts.login);
    assert_eq!(ims.locales, ["de-CH"]);
    assert!(request("idp_flow=create_account").unwrap().prompts.create);
    assert!(request("prompt=create").unwrap().prompts.create);
    assert!(request("prompt=none&reauth=force").is_err());
}

#[test]
fn what_is_wrong_is_told_by_name_and_code() {
    use ErrorCode::{InvalidRequest, InvalidScope, InvalidTarget, RequestNotSupported, RequestUriNotSupported};
    let hint = format!("login_hint={}", "x".repeat(LOGIN_HINT_BYTES_MAX + 1));
    let nonce = format!("nonce={}", "x".repeat(NONCE_BYTES_MAX + 1));
    for (query, code, told) in [
        ("request=a.b.c", RequestNotSupported, "request object"),
        ("request_uri=https://a.test/r", RequestUriNotSupported, "request_uri"),
        ("prompt=none+login", InvalidRequest, "prompt"),
        ("max_age=-1", InvalidRequest, "max_age"),
        ("max_age=%2B1", InvalidRequest, "max_age"),
        ("max_age=99999999999", InvalidRequest, "max_age"),
        ("claims=7", InvalidRequest, "claims"),
        ("scope=%22", InvalidScope, "scope"),
        ("resource=x", InvalidTarget, "resource"),
        ("code_challenge=short&code_challenge_method=S256", InvalidRequest, "code_challenge"),
        ("code_challenge_method=S256", InvalidRequest, "code_challenge"),
        ("dpop_jkt=x", InvalidRequest, "dpop_jkt"),
        (&hint, InvalidRequest, "login_hint"),
        (&nonce, InvalidRequest, "nonce"),
    ] {
        let refused = request(query).unwrap_err();
        assert_eq!(refused.code(), code, "{query}");
        assert!(refused.description().contains(told), "{query}: {refused}");
    }
    assert!(AuthorizeRequest::parse_pushed(&params("client_id=abc&request_uri=urn:x")).is_err());
}

#[test]
fn a_public_client_proves_its_code_with_s256_and_legacy_ways_need_a_mark() {
    let with = format!("code_challenge={CHALLENGE}&code_challenge_method=S256");
    let plain = format!("code_challenge={CHALLENGE}");
    assert!(request(&with).unwrap().check_for(true, false).is_ok());
    assert!(request("").unwrap().check_for(true, true).unwrap_err().description().contains("code_challenge"));
    assert!(request("").unwrap().check_for(false, false).is_ok());
    assert!(request(&plain).unwrap().check_for(false, false).is_err());
    assert!(request(&plain).unwrap().check_for(true, true).is_ok());
    let implicit = request("response_type=id_token+token&nonce=n&scope=openid").unwrap();
    assert_eq!(implicit.check_for(false, false).unwrap_err().code(), ErrorCode::UnsupportedResponseType);
    assert!(implicit.check_for(true, true).is_ok());
    assert!(request("response_type=id_token&scope=openid").unwrap().check_for(false, true).is_err());
    assert!(request("response_type=id_token&nonce=n").unwrap().check_for(false, true).is_err());
}

proptest! {
    #[test]
    fn strangers_parameters_never_panic_and_stay_bounded(query in "client_id=a(&(prompt|claims|scope|acr_values|ui_locales|max_age|state)=[ -%'-~]{0,40}){0,6}") {
        let Ok(params) = Params::parse(Some(&query), None, None) else { return Ok(()) };
        if let Ok(request) = AuthorizeRequest::parse(&params) {
            prop_assert!(request.acr_values.len() <= WISHES_MAX && request.locales.len() <= WISHES_MAX);
            prop_assert_eq!(AuthorizeTarget::parse(&params).unwrap(), request.target);
        }
    }
}
