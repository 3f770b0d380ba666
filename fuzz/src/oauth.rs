//! Readers of the messages.

use tollgate_model::secret::SECRET_BYTES_MAX;
use tollgate_oauth::{
    bearer::Authorization,
    claims::AccessTokenClaims,
    client_authentication::ClientAuthentication,
    jwt_exchange::ServiceJwt,
    multipart as parts,
    params::{NAME_BYTES_MAX, PARAMETERS_MAX, Params, VALUE_BYTES_MAX},
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
    if let Ok(Authorization::Bearer(token) | Authorization::Basic(token)) = Authorization::parse(header) {
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
