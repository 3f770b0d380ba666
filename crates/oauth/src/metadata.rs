//! What is offered, for machines: OpenID Connect discovery, and RFC 8414 metadata. Both say the same, and only what works.

use serde::Serialize;
use tollgate_crypto::Algorithm;
use tollgate_model::session::Assurance;

use crate::{
    dpop,
    person::PERSON_CLAIMS,
    response_type::{Prompts, ResponseMode},
    token::GRANT_TYPES_SUPPORTED,
};

/// Where OpenID Connect discovery looks for IMS.
pub const OPENID_CONFIGURATION_PATH: &str = "/ims/.well-known/openid-configuration";
/// Where RFC 8414 section 3 looks.
pub const AUTHORIZATION_SERVER_PATH: &str = "/.well-known/oauth-authorization-server";

/// The ways in which a client may prove itself, in the order of RFC 8414 section 2.
const CLIENT_AUTHENTICATION: [&str; 3] = ["client_secret_basic", "client_secret_post", "private_key_jwt"];
/// The same at addresses that take a public client's name alone.
const CLIENT_AUTHENTICATION_OR_NONE: [&str; 4] =
    ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"];
/// The scopes that mean something here, as opposed to at an API.
const SCOPES: [&str; 9] = [
    "openid",
    "AdobeID",
    "profile",
    "email",
    "address",
    "offline_access",
    "read_organizations",
    "additional_info.roles",
    "additional_info.ownerOrg",
];
/// The claims that every `id_token` has.
const ID_TOKEN_CLAIMS: [&str; 10] = ["iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "azp", "sid"];

/// The metadata of an instance.
#[derive(Debug, Clone, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "the document is a list of what is supported and what is not")]
pub struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    pushed_authorization_request_endpoint: String,
    token_endpoint: String,
    device_authorization_endpoint: String,
    userinfo_endpoint: String,
    end_session_endpoint: String,
    jwks_uri: String,
    revocation_endpoint: String,
    introspection_endpoint: String,
    jwt_exchange_endpoint: String,
    validation_endpoint: String,
    grant_types_supported: &'static [&'static str],
    response_types_supported: &'static [&'static str],
    response_modes_supported: [&'static str; 3],
    prompt_values_supported: &'static [&'static str],
    code_challenge_methods_supported: &'static [&'static str],
    subject_types_supported: &'static [&'static str],
    scopes_supported: &'static [&'static str],
    claims_supported: Vec<&'static str>,
    claim_types_supported: &'static [&'static str],
    acr_values_supported: [&'static str; 2],
    ui_locales_supported: &'static [&'static str],
    id_token_signing_alg_values_supported: Vec<&'static str>,
    dpop_signing_alg_values_supported: [&'static str; 3],
    claims_parameter_supported: bool,
    request_parameter_supported: bool,
    request_uri_parameter_supported: bool,
    require_request_uri_registration: bool,
    authorization_response_iss_parameter_supported: bool,
    backchannel_logout_supported: bool,
    backchannel_logout_session_supported: bool,
    token_endpoint_auth_methods_supported: &'static [&'static str],
    token_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
    revocation_endpoint_auth_methods_supported: &'static [&'static str],
    revocation_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
    introspection_endpoint_auth_methods_supported: &'static [&'static str],
    introspection_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
}

impl Metadata {
    /// The metadata of the instance whose base URL, without slash at the end, is `issuer`; `assertion_algorithms` are
    /// those that a client may sign an assertion with. An `id_token` comes signed with RS256, unless
    /// [`with_id_token_algorithms`](Self::with_id_token_algorithms) says otherwise.
    pub fn new(issuer: &str, assertion_algorithms: &[Algorithm]) -> Self {
        let at = |path: &str| format!("{issuer}{path}");
        let names =
            |algorithms: &[Algorithm]| algorithms.iter().map(|algorithm| algorithm.as_str()).collect::<Vec<_>>();
        let algorithms = names(assertion_algorithms);
        Self {
            issuer: issuer.to_owned(),
            authorization_endpoint: at("/ims/authorize/v2"),
            pushed_authorization_request_endpoint: at("/ims/par"),
            device_authorization_endpoint: at("/ims/device_authorization"),
            userinfo_endpoint: at("/ims/userinfo/v2"),
            end_session_endpoint: at("/ims/logout/v1"),
            token_endpoint: at("/ims/token/v3"),
            jwks_uri: at("/ims/keys"),
            revocation_endpoint: at("/ims/revoke"),
            introspection_endpoint: at("/ims/introspect"),
            jwt_exchange_endpoint: at("/ims/exchange/jwt"),
            validation_endpoint: at("/ims/validate_token/v1"),
            grant_types_supported: &GRANT_TYPES_SUPPORTED,
            response_types_supported: &["code"],
            response_modes_supported: ResponseMode::ALL.map(ResponseMode::as_str),
            prompt_values_supported: &Prompts::WORDS,
            code_challenge_methods_supported: &["S256"],
            subject_types_supported: &["public"],
            scopes_supported: &SCOPES,
            claims_supported: PERSON_CLAIMS.into_iter().chain(ID_TOKEN_CLAIMS).collect(),
            claim_types_supported: &["normal"],
            acr_values_supported: [Assurance::OneFactor, Assurance::MultiFactor].map(Assurance::as_str),
            ui_locales_supported: &["en", "de", "fr", "es", "ja"],
            id_token_signing_alg_values_supported: names(&[Algorithm::Rs256]),
            dpop_signing_alg_values_supported: dpop::ALGORITHMS.map(Algorithm::as_str),
            claims_parameter_supported: true,
            request_parameter_supported: false,
            request_uri_parameter_supported: false,
            require_request_uri_registration: false,
            authorization_response_iss_parameter_supported: true,
            backchannel_logout_supported: true,
            backchannel_logout_session_supported: true,
            token_endpoint_auth_methods_supported: &CLIENT_AUTHENTICATION_OR_NONE,
            token_endpoint_auth_signing_alg_values_supported: algorithms.clone(),
            revocation_endpoint_auth_methods_supported: &CLIENT_AUTHENTICATION_OR_NONE,
            revocation_endpoint_auth_signing_alg_values_supported: algorithms.clone(),
            introspection_endpoint_auth_methods_supported: &CLIENT_AUTHENTICATION,
            introspection_endpoint_auth_signing_alg_values_supported: algorithms,
        }
    }

    /// The same for an instance that signs its `id_token` with these algorithms.
    pub fn with_id_token_algorithms(self, algorithms: &[Algorithm]) -> Self {
        Self { id_token_signing_alg_values_supported: names(algorithms), ..self }
    }

    /// The addresses that a client assertion may name as its audience: the issuer, and every endpoint that takes one.
    pub fn assertion_audiences(&self) -> Vec<String> {
        [
            &self.issuer,
            &self.token_endpoint,
            &self.pushed_authorization_request_endpoint,
            &self.device_authorization_endpoint,
            &self.revocation_endpoint,
            &self.introspection_endpoint,
            &self.jwt_exchange_endpoint,
        ]
        .into_iter()
        .cloned()
        .collect()
    }

    /// The JSON document.
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("texts are always JSON")
    }
}

fn names(algorithms: &[Algorithm]) -> Vec<&'static str> {
    algorithms.iter().map(|algorithm| algorithm.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn the_metadata_lists_what_works_and_nothing_else() {
        let metadata = Metadata::new("https://ims.test", &[Algorithm::Rs256]);
        let document: Value = serde_json::from_slice(&metadata.to_json()).unwrap();
        for (name, value) in [
            ("issuer", json!("https://ims.test")),
            ("authorization_endpoint", json!("https://ims.test/ims/authorize/v2")),
            ("token_endpoint", json!("https://ims.test/ims/token/v3")),
            ("userinfo_endpoint", json!("https://ims.test/ims/userinfo/v2")),
            ("end_session_endpoint", json!("https://ims.test/ims/logout/v1")),
            ("grant_types_supported", json!(GRANT_TYPES_SUPPORTED)),
            ("response_types_supported", json!(["code"])),
            ("response_modes_supported", json!(["query", "fragment", "form_post"])),
            ("code_challenge_methods_supported", json!(["S256"])),
            ("id_token_signing_alg_values_supported", json!(["RS256"])),
            ("dpop_signing_alg_values_supported", json!(["ES256", "PS256", "RS256"])),
            ("token_endpoint_auth_signing_alg_values_supported", json!(["RS256"])),
            ("authorization_response_iss_parameter_supported", json!(true)),
            ("request_parameter_supported", json!(false)),
            ("backchannel_logout_session_supported", json!(true)),
        ] {
            assert_eq!(document[name], value, "{name}");
        }
        for absent in ["registration_endpoint", "check_session_iframe", "frontchannel_logout_supported"] {
            assert!(document.get(absent).is_none(), "{absent}");
        }
        assert!(metadata.assertion_audiences().contains(&"https://ims.test/ims/token/v3".to_owned()));
    }
}
