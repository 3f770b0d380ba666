//! Readers of the messages.

use tollgate_model::{secret::SECRET_BYTES_MAX, token::TokenType};
use tollgate_oauth::{
    authorize::{AuthorizeRequest, AuthorizeTarget, STATE_CHARS_MAX, WISHES_MAX},
    authorize_answer::{AuthorizeAnswer, Delivery, GrantedAnswer},
    bearer::Authorization,
    claims::AccessTokenClaims,
    client_authentication::ClientAuthentication,
    dpop::{DpopCall, DpopProof, PROOF_BYTES_MAX},
    id_token::IdTokenHint,
    jwt_exchange::ServiceJwt,
    multipart as parts,
    params::{NAME_BYTES_MAX, PARAMETERS_MAX, Params, VALUE_BYTES_MAX},
    reference_token::ReferenceToken,
    requested_claims::CLAIMS_MAX,
};

/// Parameters mean the same in a query and in a form, and none is longer, or more often there, than promised. The first
/// line is a query, the rest a form.
pub fn params(bytes: &[u8]) {
    let (Some(query), form) = super::head_and_body(bytes) else { return };
    let in_query = Params::parse(Some(query), None, None);
    let in_form = Params::parse(None, Some(query.as_bytes()), None);
    assert_eq!(in_query.is_ok(), in_form.is_ok());
    if let (Ok(in_query), Ok(in_form)) = (in_query, in_form) {
        assert!(in_query == in_form);
    }
    let Ok(merged) = Params::parse(Some(query), Some(form), None) else { return };
    assert!(merged.names().count() <= PARAMETERS_MAX);
    for name in merged.names() {
        assert!(name.len() <= NAME_BYTES_MAX);
        for value in merged.all(name) {
            let echoed = matches!(name, "state" | "nonce") && !value.is_empty();
            assert!(value.len() <= VALUE_BYTES_MAX && (echoed || !matches!(value, "" | "undefined" | "null")));
        }
        assert_eq!(merged.get(name), merged.all(name).next());
    }
}

/// A multipart body has at most as many parts as a request may have parameters. The first line is its content type.
pub fn multipart(bytes: &[u8]) {
    let (Some(content_type), body) = super::head_and_body(bytes) else { return };
    let Some(boundary) = parts::boundary(content_type) else { return };
    let Ok(found) = parts::parse(body, &boundary) else { return };
    assert!(found.len() <= PARAMETERS_MAX);
    for end in ["--", "\n", "\r\n"] {
        let delimiter = format!("\n--{boundary}{end}");
        assert!(found.iter().all(|(_, value)| !value.contains(&delimiter)), "a delimiter ends a part");
    }
    let _ = Params::parse(None, None, Some(found));
}

/// Whoever authenticates does so in one way, with a name that is a client id. The first line is the `Authorization`
/// header, the rest a form.
pub fn client_authentication(bytes: &[u8]) {
    let (Some(header), form) = super::head_and_body(bytes) else { return };
    let header = Some(header).filter(|header| !header.is_empty());
    let Ok(params) = Params::parse(None, Some(form), None) else { return };
    let named = match ClientAuthentication::parse(header, &params) {
        Ok(ClientAuthentication::None { client_id } | ClientAuthentication::Assertion { client_id, .. }) => client_id,
        Ok(ClientAuthentication::Secret { client_id, secret, .. }) => {
            assert!(secret.reveal().len() <= SECRET_BYTES_MAX);
            client_id
        }
        Err(refused) => return assert!(!refused.description().contains('\n')),
    };
    assert!(params.get("client_id").is_none_or(|also| also == named.as_str()), "two names, and one was believed");
}

/// A credential in the header is a part of it, without white space.
pub fn authorization_header(bytes: &[u8]) {
    let Some(header) = super::text(bytes) else { return };
    if let Ok(Authorization::Bearer(token) | Authorization::Dpop(token) | Authorization::Basic(token)) =
        Authorization::parse(header)
    {
        assert!(header.contains(token) && token.bytes().all(|byte| byte.is_ascii_graphic()));
    }
}

/// The claims of a service JWT that are read stay within their bounds.
pub fn service_jwt(bytes: &[u8]) {
    if let Ok(claims) = ServiceJwt::parse(bytes) {
        assert!(claims.metascopes.len() <= tollgate_model::scope::SCOPES_MAX);
        let _ = claims.scope(&["https://ims-na1.adobelogin.com".to_owned()]);
    }
}

/// The claims of an access token that are read can be written, and read again as the same.
pub fn access_token_claims(bytes: &[u8]) {
    if let Ok(claims) = AccessTokenClaims::parse(bytes) {
        let written = tollgate_oauth::claims::write_access_token(&claims.token, &claims.issuer, &claims.region);
        let again = AccessTokenClaims::parse(&written).expect("what was written is read");
        assert_eq!(again.token.client_id, claims.token.client_id);
        assert_eq!(again.token.scope, claims.token.scope);
        assert_eq!(again.token.expires_at, claims.token.expires_at);
    }
}

/// Whatever an authorization request says stays within its bounds and survives storage, and its state comes back byte for
/// byte in the query of the redirect URI.
pub fn authorize_request(bytes: &[u8]) {
    let Some(query) = super::text(bytes) else { return };
    let Ok(params) = Params::parse(Some(query), None, None) else { return };
    let Ok(target) = AuthorizeTarget::parse(&params) else { return };
    let state = target.state.as_deref().unwrap_or_default();
    assert!(state.chars().count() <= STATE_CHARS_MAX);
    let answer = AuthorizeAnswer::granted(GrantedAnswer { code: Some("a.b.c"), ..GrantedAnswer::default() });
    match answer.deliver("https://a.test/cb", target.response_mode, target.state.as_deref(), "https://ims.test") {
        Delivery::Redirect(to) => {
            let fields = to.strip_prefix("https://a.test/cb").and_then(|rest| rest.strip_prefix(['?', '#']));
            let fields = Params::parse(fields, None, None).expect("an answer is readable");
            assert_eq!(fields.get("state").unwrap_or_default(), state);
            assert_eq!(fields.names().count(), 2 + usize::from(!state.is_empty()));
        }
        Delivery::FormPost { fields, .. } => assert_eq!(fields.first().map(|(name, _)| *name), Some("code")),
    }
    let Ok(request) = AuthorizeRequest::parse(&params) else { return };
    assert!(request.target == target);
    assert!(request.acr_values.len() <= WISHES_MAX && request.locales.len() <= WISHES_MAX);
    assert!(request.claims.id_token.len() <= CLAIMS_MAX && request.claims.userinfo.len() <= CLAIMS_MAX);
    assert!(!request.prompts.none || !(request.prompts.login || request.prompts.consent || request.prompts.create));
    let stored = serde_json::to_string(&request).expect("a request is JSON");
    let again: AuthorizeRequest = serde_json::from_str(&stored).expect("what was stored is read");
    assert_eq!(serde_json::to_string(&again).expect("a request is JSON"), stored);
}

/// A proof is good for the method and the address that it names, and for a minute and a half. The first line is the proof,
/// the rest an address.
pub fn dpop_proof(bytes: &[u8]) {
    let (Some(text), url) = super::head_and_body(bytes) else { return };
    let Ok(proof) = DpopProof::parse(text) else { return };
    assert!(text.len() <= PROOF_BYTES_MAX && proof.thumbprint.len() == 43 && !proof.jti.is_empty());
    assert!(text.starts_with("eyJ") && text.split('.').count() == 3);
    let Some(url) = super::text(url) else { return };
    let call = |now| DpopCall { method: "POST", url, access_token: None, nonce: None, now };
    assert!(proof.check(&call(proof.forgotten_at())).is_err());
    let with_token = DpopCall { access_token: Some(text), ..call(proof.issued_at) };
    assert!(proof.check(&with_token).is_err(), "no proof holds the digest of itself");
}

/// A hint names a person and an application, and no token of another type is one.
pub fn id_token_hint(bytes: &[u8]) {
    let Ok(hint) = IdTokenHint::parse(bytes) else { return };
    assert!(!hint.subject.is_empty() && !hint.issuer.is_empty() && !hint.audience.is_empty());
    assert!(AccessTokenClaims::parse(bytes).is_err() && ReferenceToken::parse(bytes).is_err());
}

/// A token that refers to what is kept elsewhere can be written, and read again as the same; it is no access token.
pub fn reference_token(bytes: &[u8]) {
    let Ok(token) = ReferenceToken::parse(bytes) else { return };
    assert!(token.token_type != TokenType::AccessToken);
    assert_eq!(ReferenceToken::parse(&token.write("ims-na1")).as_ref(), Ok(&token));
    assert!(AccessTokenClaims::parse(bytes).is_err());
}
