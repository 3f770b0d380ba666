//! What machines read to find the endpoints: OpenID Connect discovery, and RFC 8414.

use axum::{extract::State, response::Response};
use tollgate_oauth::metadata::{AUTHORIZATION_SERVER_PATH, OPENID_CONFIGURATION_PATH};
use tollgate_web::answer;

use super::cors;
use crate::Identity;

const KEPT_SECONDS: u32 = 300;

/// Where the metadata is found: where IMS has it, where the standards look for an issuer without path, and where they
/// look for one with the path `/ims` or the issuer's own.
pub(crate) fn addresses(issuer: &str) -> Vec<String> {
    let openid = OPENID_CONFIGURATION_PATH.trim_start_matches("/ims");
    let after_scheme = issuer.split_once("://").map_or(issuer, |(_, rest)| rest);
    let own_path = after_scheme.find('/').map_or("", |at| after_scheme[at..].trim_end_matches('/'));
    let mut addresses = Vec::new();
    for base in ["", "/ims", own_path] {
        for name in [openid, AUTHORIZATION_SERVER_PATH] {
            // RFC 8414 puts the path behind the name, OpenID Connect before it; readers try both.
            for address in [format!("{base}{name}"), format!("{name}{base}")] {
                if !addresses.contains(&address) {
                    addresses.push(address);
                }
            }
        }
    }
    addresses
}

/// The metadata.
pub(crate) async fn metadata(State(identity): State<Identity>) -> Response {
    cors::public(answer::public_json(identity.0.metadata.clone(), KEPT_SECONDS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_found_with_and_without_the_path_of_the_issuer() {
        let plain = addresses("https://ims.test");
        for expected in [
            "/ims/.well-known/openid-configuration",
            "/.well-known/openid-configuration",
            "/.well-known/oauth-authorization-server",
            "/.well-known/oauth-authorization-server/ims",
        ] {
            assert!(plain.iter().any(|own| own == expected), "{expected}");
        }
        assert!(addresses("https://x.test/id/").contains(&"/.well-known/oauth-authorization-server/id".to_owned()));
        assert_eq!(addresses("https://x.test/ims"), plain);
    }
}
