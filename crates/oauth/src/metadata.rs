//! What is offered, for machines: OpenID Connect discovery, and RFC 8414 metadata. Both say the same, and only what works.

use serde::Serialize;
use tollgate_crypto::Algorithm;

use crate::token::GRANT_TYPES_SUPPORTED;

/// Where OpenID Connect discovery looks for IMS.
pub const OPENID_CONFIGURATION_PATH: &str = "/ims/.well-known/openid-configuration";
/// Where RFC 8414 section 3 looks.
pub const AUTHORIZATION_SERVER_PATH: &str = "/.well-known/oauth-authorization-server";

/// The ways in which a client may prove itself, in the order of RFC 8414 section 2.
const CLIENT_AUTHENTICATION: [&str; 3] = ["client_secret_basic", "client_secret_post", "private_key_jwt"];

/// The metadata of an instance.
#[derive(Debug, Clone, Serialize)]
pub struct Metadata {
    issuer: String,
    token_endpoint: String,
    jwks_uri: String,
    revocation_endpoint: String,
    introspection_endpoint: String,
    jwt_exchange_endpoint: String,
    validation_endpoint: String,
    grant_types_supported: &'static [&'static str],
    response_types_supported: &'static [&'static str],
    subject_types_supported: &'static [&'static str],
    scopes_supported: &'static [&'static str],
    token_endpoint_auth_methods_supported: &'static [&'static str],
    token_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
    revocation_endpoint_auth_methods_supported: &'static [&'static str],
    revocation_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
    introspection_endpoint_auth_methods_supported: &'static [&'static str],
    introspection_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
}

impl Metadata {
    /// The metadata of the instance whose base URL, without slash at the end, is `issuer`; `assertion_algorithms` are
    /// those that a client may sign an assertion with.
    pub fn new(issuer: &str, assertion_algorithms: &[Algorithm]) -> Self {
        let at = |path: &str| format!("{issuer}{path}");
        let algorithms: Vec<_> = assertion_algorithms.iter().map(|algorithm| algorithm.as_str()).collect();
        Self {
            issuer: issuer.to_owned(),
            token_endpoint: at("/ims/token/v3"),
            jwks_uri: at("/ims/keys"),
            revocation_endpoint: at("/ims/revoke"),
            introspection_endpoint: at("/ims/introspect"),
            jwt_exchange_endpoint: at("/ims/exchange/jwt"),
            validation_endpoint: at("/ims/validate_token/v1"),
            grant_types_supported: &GRANT_TYPES_SUPPORTED,
            response_types_supported: &[],
            subject_types_supported: &["public"],
            scopes_supported: &["openid", "AdobeID"],
            token_endpoint_auth_methods_supported: &CLIENT_AUTHENTICATION,
            token_endpoint_auth_signing_alg_values_supported: algorithms.clone(),
            revocation_endpoint_auth_methods_supported: &CLIENT_AUTHENTICATION,
            revocation_endpoint_auth_signing_alg_values_supported: algorithms.clone(),
            introspection_endpoint_auth_methods_supported: &CLIENT_AUTHENTICATION,
            introspection_endpoint_auth_signing_alg_values_supported: algorithms,
        }
    }

    /// The addresses that a client assertion may name as its audience: the issuer, and every endpoint that takes one.
    pub fn assertion_audiences(&self) -> Vec<String> {
        [
            &self.issuer,
            &self.token_endpoint,
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

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn the_metadata_lists_what_works_and_nothing_else() {
        let metadata = Metadata::new("https://ims.test", &[Algorithm::Rs256]);
        let document: Value = serde_json::from_slice(&metadata.to_json()).unwrap();
        assert_eq!(document["issuer"], "https://ims.test");
        assert_eq!(document["token_endpoint"], "https://ims.test/ims/token/v3");
        assert_eq!(document["grant_types_supported"], serde_json::json!(["client_credentials"]));
        assert_eq!(document["token_endpoint_auth_signing_alg_values_supported"], serde_json::json!(["RS256"]));
        for absent in
            ["authorization_endpoint", "userinfo_endpoint", "registration_endpoint", "code_challenge_methods_supported"]
        {
            assert!(document.get(absent).is_none(), "{absent}");
        }
        assert!(metadata.assertion_audiences().contains(&"https://ims.test/ims/token/v3".to_owned()));
    }
}
