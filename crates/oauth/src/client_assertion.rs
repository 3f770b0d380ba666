//! A JWT with which a client proves itself in place of a secret: `private_key_jwt` (RFC 7523, OpenID Connect Core
//! section 9).

use tollgate_model::{Timestamp, id::ClientId};

use crate::{
    ErrorCode, OauthError,
    assertion::{self, ASSERTION_BYTES_MAX, Jti, Validity},
    json::Members,
};

/// The only type of assertion that is understood.
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The claims of a client assertion whose signature is checked elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientAssertion {
    /// `iss` and `sub`, which are the same.
    pub client_id: ClientId,
    /// For whom it is meant.
    pub audience: Vec<String>,
    /// When it is valid.
    pub validity: Validity,
    /// Its id; an assertion that has one is accepted once.
    pub jti: Option<Jti>,
}

impl ClientAssertion {
    /// Reads the payload of the JWT.
    pub fn parse(payload: &[u8]) -> Result<Self, OauthError> {
        let members = Members::parse(payload).ok_or_else(|| refused("does not hold one JSON object"))?;
        let text = |name: &str| members.get(name).and_then(|value| value.as_str());
        let subject = text("sub").ok_or_else(|| refused("has no sub"))?;
        if text("iss") != Some(subject) {
            return Err(refused("must have the client id as both iss and sub"));
        }
        let time = |name: &'static str| match members.get(name) {
            Some(value) => assertion::seconds(value)
                .map(Some)
                .ok_or_else(|| refused("has an exp, iat or nbf that is not an integer of seconds")),
            None => Ok(None),
        };
        Ok(Self {
            client_id: subject.parse().map_err(|_| OauthError::unknown_client())?,
            audience: members.get("aud").and_then(assertion::audience).ok_or_else(|| refused("has no aud"))?,
            validity: Validity {
                expires_at: time("exp")?.ok_or_else(|| refused("has no exp"))?,
                issued_at: time("iat")?,
                not_before: time("nbf")?,
            },
            jti: match members.get("jti") {
                Some(value) => Some(
                    assertion::jti(value).ok_or_else(|| refused("has a jti that is neither an integer nor text"))?,
                ),
                None => None,
            },
        })
    }

    /// Checks that the assertion is meant for us alone and valid at `now`. `audiences` are our issuer and the addresses
    /// of our endpoints; every `aud` must be one of them, so that nobody else's assertion works here.
    pub fn check(&self, audiences: &[String], now: Timestamp) -> Result<(), OauthError> {
        if !self.audience.iter().all(|audience| audiences.contains(audience)) {
            return Err(refused(&format!(
                "must have an aud of {}",
                audiences.first().map_or("this server", String::as_str)
            )));
        }
        self.validity.check(now).map_err(|reason| refused(&reason.to_string()))
    }
}

/// The client that an unverified JWT names as its `sub`: enough to know whose keys to try, and nothing more.
pub fn unverified_client_id(jwt: &str) -> Option<ClientId> {
    if jwt.len() > ASSERTION_BYTES_MAX {
        return None;
    }
    let payload = tollgate_crypto::base64url::decode(jwt.split('.').nth(1)?).ok()?;
    Members::parse(&payload)?.get("sub")?.as_str()?.parse().ok()
}

fn refused(what: &str) -> OauthError {
    OauthError::new(ErrorCode::InvalidClient, format!("the client_assertion {what}")).with_credentials_refused()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use tollgate_model::Seconds;

    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);

    fn with(name: &str, value: &Value) -> Result<ClientAssertion, OauthError> {
        let mut claims = json!({
            "iss": "abc", "sub": "abc", "aud": "https://ims.test", "exp": 1_700_000_060, "iat": 1_700_000_000, "jti": "x1",
        });
        claims[name] = value.clone();
        ClientAssertion::parse(claims.to_string().as_bytes())
    }

    #[test]
    fn a_client_assertion_names_the_client_twice_and_us_alone() {
        let assertion = with("aud", &json!(["https://ims.test", "https://ims.test/ims/token/v3"])).unwrap();
        let ours = ["https://ims.test".to_owned(), "https://ims.test/ims/token/v3".to_owned()];
        assert_eq!(assertion.check(&ours, NOW), Ok(()));
        assert!(assertion.check(&ours[..1], NOW).is_err());
        assert!(assertion.check(&ours, NOW + Seconds(90)).unwrap_err().description().contains("expired"));
        assert_eq!(assertion.jti.unwrap().as_str(), "x1");
    }

    #[test]
    fn badly_formed_assertions_are_refused_as_invalid_client() {
        for (name, value) in [
            ("iss", json!("other")),
            ("sub", json!(7)),
            ("sub", json!("a/b")),
            ("aud", json!([])),
            ("exp", json!("1700000060")),
            ("exp", json!(null)),
            ("iat", json!(1.5)),
            ("jti", json!([])),
        ] {
            let refused = with(name, &value).unwrap_err();
            assert_eq!(refused.code(), ErrorCode::InvalidClient, "{name}={value}: {refused}");
        }
        assert!(ClientAssertion::parse(b"[]").is_err());
    }

    #[test]
    fn the_client_is_read_from_an_unverified_jwt() {
        let payload = tollgate_crypto::base64url::encode(br#"{"sub":"abc"}"#);
        assert_eq!(unverified_client_id(&format!("x.{payload}.y")).unwrap().as_str(), "abc");
        for bad in ["", "x", "x.y.z", "..", "x..y"] {
            assert_eq!(unverified_client_id(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn strangers_bytes_never_panic(payload in prop::collection::vec(any::<u8>(), 0..300), jwt in "[a-zA-Z0-9_.-]{0,200}") {
            let _ = ClientAssertion::parse(&payload);
            let _ = unverified_client_id(&jwt);
        }
    }
}
