//! `id_token`: who signed in, when and how, for the application alone (OpenID Connect Core section 2, contract section
//! 2.3). And the way back: an earlier one as a hint.

use tollgate_crypto::{base64url, digest::sha256};
use tollgate_model::{
    Timestamp,
    grant::SignInFacts,
    id::{ClientId, SessionId},
    scope::ScopeSet,
    session::Method,
    user::User,
};

use crate::{
    OauthError,
    assertion::{audience, seconds},
    json::{Members, ObjectWriter},
    person::write_claims,
};

/// The word of the `typ` header.
pub const HEADER_TYPE: &str = "JWT";
/// Longest subject or issuer inside of a hint, in bytes.
const TEXT_BYTES_MAX: usize = 512;

/// What an `id_token` says. Every algorithm it may be signed with must digest with SHA-256, as [`half_hash`] does.
#[derive(Debug, Clone, Copy)]
pub struct IdTokenClaims<'a> {
    /// `iss`.
    pub issuer: &'a str,
    /// The person: `sub`, and what the scopes release.
    pub user: &'a User,
    /// `aud`.
    pub client_id: &'a ClientId,
    /// What was granted.
    pub scope: &'a ScopeSet,
    /// Claims that the request named for the `id_token`.
    pub named: &'a [String],
    /// `nonce`, as the request gave it.
    pub nonce: Option<&'a str>,
    /// `sid`, `auth_time`, `amr` and `acr`.
    pub sign_in: &'a SignInFacts,
    /// `iat`.
    pub issued_at: Timestamp,
    /// `exp`.
    pub expires_at: Timestamp,
    /// The access token given with it, for `at_hash`.
    pub access_token: Option<&'a str>,
    /// The code given with it, for `c_hash`.
    pub code: Option<&'a str>,
}

impl IdTokenClaims<'_> {
    /// The payload as JSON.
    pub fn write(&self) -> Vec<u8> {
        let methods: Vec<_> = self.sign_in.methods.iter().map(Method::as_str).collect();
        let mut json = ObjectWriter::with_capacity(768);
        json.text("iss", self.issuer)
            .text("sub", self.user.id.as_str())
            .text("aud", self.client_id.as_str())
            .integer("exp", self.expires_at.seconds())
            .integer("iat", self.issued_at.seconds())
            .integer("auth_time", self.sign_in.authenticated_at.seconds())
            .optional_text("nonce", self.nonce)
            .text("acr", self.sign_in.methods.assurance().as_str())
            .value("amr", &methods)
            .text("azp", self.client_id.as_str())
            .optional_text("sid", self.sign_in.session_id.as_ref().map(SessionId::as_str))
            .optional_text("at_hash", self.access_token.map(half_hash).as_deref())
            .optional_text("c_hash", self.code.map(half_hash).as_deref());
        write_claims(&mut json, self.user, self.scope, self.named);
        json.finish()
    }
}

/// The left half of the SHA-256 of a token or code, in base64url: `at_hash` and `c_hash` (OpenID Connect Core section
/// 3.1.3.6).
///
/// ```
/// // The example of OpenID Connect Core appendix A.3.
/// let access_token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
/// assert_eq!(tollgate_oauth::id_token::half_hash(access_token), "77QmUPtjPfzWtF2AnpK9RQ");
/// ```
pub fn half_hash(token: &str) -> String {
    base64url::encode(&sha256(token.as_bytes())[..16])
}

/// What an earlier `id_token` says, given back as a hint. Whoever reads it checks the signature first; that it has ended
/// does not matter (OpenID Connect RP-Initiated Logout section 2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdTokenHint {
    /// `iss`.
    pub issuer: String,
    /// `sub`: the person.
    pub subject: String,
    /// `aud`: the application.
    pub audience: Vec<String>,
    /// `sid`: the session.
    pub session_id: Option<SessionId>,
    /// `iat`.
    pub issued_at: Timestamp,
}

impl IdTokenHint {
    /// Reads the payload. An access token is none: it has the claims that are told apart by `type`.
    pub fn parse(payload: &[u8]) -> Result<Self, OauthError> {
        let malformed = || OauthError::invalid_request("id_token_hint does not hold the claims of an id_token of ours");
        let members = Members::parse(payload).ok_or_else(malformed)?;
        let text = |name: &str| {
            let text = members.get(name)?.as_str()?;
            (1..=TEXT_BYTES_MAX).contains(&text.len()).then(|| text.to_owned())
        };
        if members.get("type").is_some() || members.get("events").is_some() {
            return Err(malformed());
        }
        let session_id = match members.get("sid") {
            None => None,
            Some(id) => Some(id.as_str().and_then(|id| id.parse().ok()).ok_or_else(malformed)?),
        };
        Ok(Self {
            issuer: text("iss").ok_or_else(malformed)?,
            subject: text("sub").ok_or_else(malformed)?,
            audience: members.get("aud").and_then(audience).ok_or_else(malformed)?,
            session_id,
            issued_at: members.get("iat").and_then(seconds).ok_or_else(malformed)?,
        })
    }

    /// Whether we gave it to this application.
    pub fn is_for(&self, issuer: &str, client_id: &ClientId) -> bool {
        self.issuer == issuer && self.audience.iter().any(|own| own == client_id.as_str())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use tollgate_model::{Seconds, session::Methods};

    use super::*;
    use crate::person::tests::ada;

    fn written(scope: &str, named: &[String]) -> Value {
        let user = ada();
        let now = Timestamp::from_seconds(1_760_000_100);
        let claims = IdTokenClaims {
            issuer: "https://ims.test",
            user: &user,
            client_id: &"abc".parse().unwrap(),
            scope: &scope.parse().unwrap(),
            named,
            nonce: Some("n-0S6_WzA2Mj"),
            sign_in: &SignInFacts {
                session_id: Some("1760000000000_s_ue1".parse().unwrap()),
                authenticated_at: Timestamp::from_seconds(1_760_000_000),
                methods: Methods::one(Method::Password).and(Method::OneTimeCode),
            },
            issued_at: now,
            expires_at: now + Seconds(3_600),
            access_token: Some("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"),
            code: None,
        };
        serde_json::from_slice(&claims.write()).unwrap()
    }

    #[test]
    fn it_says_who_signed_in_when_and_how() {
        let expected = json!({
            "iss": "https://ims.test", "sub": "AAAABBBBCCCCDDDDEEEEFFFF@AdobeID", "aud": "abc", "azp": "abc",
            "exp": 1_760_003_700, "iat": 1_760_000_100, "auth_time": 1_760_000_000, "nonce": "n-0S6_WzA2Mj", "acr": "2",
            "amr": ["pwd", "otp"], "sid": "1760000000000_s_ue1", "at_hash": "77QmUPtjPfzWtF2AnpK9RQ",
        });
        assert_eq!(written("openid", &[]), expected);
        let more = written("openid,email", &["name".into()]);
        assert_eq!((&more["email"], &more["name"]), (&json!("ada@example.com"), &json!("Ada Byron King")));
    }

    #[test]
    fn an_earlier_one_is_a_hint_and_other_tokens_are_not() {
        let hint = IdTokenHint::parse(written("openid", &[]).to_string().as_bytes()).unwrap();
        assert_eq!(hint.subject, "AAAABBBBCCCCDDDDEEEEFFFF@AdobeID");
        assert!(hint.is_for("https://ims.test", &"abc".parse().unwrap()));
        assert!(!hint.is_for("https://ims.test", &"abcd".parse().unwrap()));
        assert!(!hint.is_for("https://ims.evil", &"abc".parse().unwrap()));
        for (name, value) in [
            ("type", json!("access_token")),
            ("events", json!({})),
            ("sub", json!(7)),
            ("sub", json!("")),
            ("aud", json!({})),
            ("sid", json!("a b")),
            ("iat", json!("1")),
            ("iss", json!("x".repeat(TEXT_BYTES_MAX + 1))),
        ] {
            let mut claims = written("openid", &[]);
            claims[name] = value;
            assert!(IdTokenHint::parse(claims.to_string().as_bytes()).is_err(), "{name}");
        }
    }

    proptest! {
        #[test]
        fn strangers_bytes_never_panic(payload in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = IdTokenHint::parse(&payload);
        }
    }
}
