//! The claims of access tokens: those of IMS and, beside them, those of RFC 9068 (contract section 2.2).
//!
//! | IMS | standard | holds |
//! |---|---|---|
//! | `id` | `jti` | the token's id |
//! | `user_id` | `sub` | the person or technical account |
//! | `created_at` (text, milliseconds) | `iat` | when it was issued |
//! | `expires_in` (text, milliseconds) | `exp` | when it ends |
//! | `as` | `iss` | who issued it |
//! | `scope` | | what it may be used for, separated by commas |
//! | `client_id` | `client_id` | the credential |
//! | `type` | | always `access_token` |
//! | `aa_id` | | the signed-in account; only in the token of a person |
//! | `org_id` | | the organization of the credential |
//! | | `aud` | for whom it is meant |
//! | `rtid` | | the act of authorization that the token of a person comes from |
//! | `sid` | `sid` | the session of that person |
//! | | `auth_time` | when the person last proved who they are |
//! | | `cnf.jkt` | the key that whoever presents the token must hold (RFC 9449 section 6.1) |
//! | | `act.sub` | the credential that acts for the subject (RFC 8693 section 4.1) |

use serde::{Deserialize, Serialize};
use tollgate_model::{
    Timestamp,
    id::{ClientId, GrantId, OrganizationId, SessionId, TokenId},
    token::{AccessToken, Actor, TokenType, UserSignIn},
};

use crate::{assertion::AUDIENCES_MAX, json::ObjectWriter};

/// The word of the `typ` header of an access token (RFC 9068 section 2.1).
pub const HEADER_TYPE: &str = "at+jwt";

/// The claims of one access token.
#[derive(Debug, Clone, PartialEq)]
pub struct AccessTokenClaims {
    /// What the token says.
    pub token: AccessToken,
    /// `iss`: the base URL of the instance that issued it.
    pub issuer: String,
    /// `as`: the region, `ims-na1` unless set otherwise.
    pub region: String,
    /// `nbf`, which our own tokens do not carry.
    pub not_before: Option<Timestamp>,
}

/// A payload that is not that of an access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClaimsError {
    /// It is not JSON of the expected shape.
    #[error("the claims are not those of an access token")]
    Malformed,
    /// It says that it is a token of another type.
    #[error("the token is not an access token")]
    WrongType,
}

/// The payload of an access token as JSON. `issued_at` is kept to the millisecond, `expires_at` to the second.
pub fn write_access_token(token: &AccessToken, issuer: &str, region: &str) -> Vec<u8> {
    let lifetime_millis = token.expires_at.millis().saturating_sub(token.issued_at.millis());
    let scope = token.scope.comma_separated();
    let mut json = ObjectWriter::with_capacity(768 + scope.len());
    json.text("id", token.id.as_str())
        .text("type", TokenType::AccessToken.as_str())
        .text("client_id", token.client_id.as_str())
        .text("user_id", &token.subject)
        .text("as", region);
    if token.actor == Actor::User {
        json.text("aa_id", &token.subject);
    }
    json.text("org_id", token.organization_id.as_str())
        .text("scope", &scope)
        .text("created_at", &token.issued_at.millis().to_string())
        .text("expires_in", &lifetime_millis.to_string())
        .text("iss", issuer)
        .text("sub", &token.subject)
        // One text when there is one audience, as most readers expect (RFC 7519 section 4.1.3).
        .one_or_many("aud", &token.audience)
        .integer("exp", token.expires_at.seconds())
        .integer("iat", token.issued_at.seconds())
        .text("jti", token.id.as_str());
    if let Some(sign_in) = &token.sign_in {
        json.text("rtid", sign_in.grant_id.as_str())
            .optional_text("sid", sign_in.session_id.as_ref().map(SessionId::as_str))
            .integer("auth_time", sign_in.authenticated_at.seconds());
    }
    if let Some(jkt) = &token.key_thumbprint {
        json.value("cnf", &Confirmation { jkt: jkt.as_str().into() });
    }
    if let Some(client_id) = &token.acting_client {
        json.value("act", &Acting { sub: client_id.clone() });
    }
    json.finish()
}

/// How a holder proves to be the right one. A way that we do not check would be no proof, so there is one.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Confirmation {
    pub(crate) jkt: String,
}

#[derive(Serialize, Deserialize)]
struct Acting {
    sub: ClientId,
}

impl AccessTokenClaims {
    /// Reads the payload of an access token. The IMS claims and the standard ones must say the same.
    pub fn parse(payload: &[u8]) -> Result<Self, ClaimsError> {
        let wire: Read = serde_json::from_slice(payload).map_err(|_| ClaimsError::Malformed)?;
        if wire.token_type != TokenType::AccessToken.as_str() {
            return Err(ClaimsError::WrongType);
        }
        wire.into_claims().ok_or(ClaimsError::Malformed)
    }
}

#[derive(Deserialize)]
struct Read {
    id: TokenId,
    #[serde(rename = "type")]
    token_type: String,
    client_id: ClientId,
    user_id: String,
    r#as: String,
    aa_id: Option<String>,
    org_id: OrganizationId,
    scope: String,
    created_at: String,
    expires_in: String,
    iss: String,
    sub: String,
    aud: OneOrMany,
    exp: i64,
    iat: i64,
    nbf: Option<i64>,
    jti: TokenId,
    rtid: Option<GrantId>,
    sid: Option<SessionId>,
    auth_time: Option<i64>,
    cnf: Option<Confirmation>,
    act: Option<Acting>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl Read {
    fn into_claims(self) -> Option<AccessTokenClaims> {
        let issued_at_millis = decimal(&self.created_at)?;
        let expires_at_millis = issued_at_millis.checked_add(decimal(&self.expires_in)?)?;
        let expires_at = Timestamp::from_micros(expires_at_millis.checked_mul(1_000)?);
        let issued_at = Timestamp::from_micros(issued_at_millis.checked_mul(1_000)?);
        let audience = match self.aud {
            OneOrMany::One(one) => vec![one],
            OneOrMany::Many(several) => several,
        };
        let sign_in = match (self.rtid, self.sid, self.auth_time) {
            (Some(grant_id), session_id, Some(seconds)) => {
                Some(UserSignIn { grant_id, session_id, authenticated_at: Timestamp::from_seconds(seconds) })
            }
            (None, None, None) => None,
            _ => return None,
        };
        let agrees = self.jti == self.id
            && self.sub == self.user_id
            && self.aa_id.as_ref().is_none_or(|account| *account == self.sub)
            && issued_at.seconds() == self.iat
            && expires_at.seconds() == self.exp
            && (1..=AUDIENCES_MAX).contains(&audience.len());
        agrees.then(|| {
            Some(AccessTokenClaims {
                token: AccessToken {
                    id: self.id,
                    client_id: self.client_id,
                    subject: self.sub,
                    actor: if self.aa_id.is_some() { Actor::User } else { Actor::TechnicalAccount },
                    organization_id: self.org_id,
                    scope: self.scope.parse().ok()?,
                    audience,
                    issued_at,
                    expires_at: Timestamp::from_seconds(self.exp),
                    sign_in,
                    key_thumbprint: self.cnf.map(|confirmation| confirmation.jkt),
                    acting_client: self.act.map(|acting| acting.sub),
                },
                issuer: self.iss,
                region: self.r#as,
                not_before: self.nbf.map(Timestamp::from_seconds),
            })
        })?
    }
}

/// Reads a number in the one way in which it is written: digits without sign or leading zero.
pub(crate) fn decimal(text: &str) -> Option<i64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use tollgate_model::{Seconds, token::TOKEN_BYTES_MAX};

    use super::*;

    fn token(actor: Actor) -> AccessToken {
        let issued_at = Timestamp::from_micros(1_760_000_000_123_456);
        AccessToken {
            id: "1760000000123_6f0d2f0e-1111-4222-8333-944455556666_ue1".parse().unwrap(),
            client_id: "0123456789abcdef0123456789abcdef".parse().unwrap(),
            subject: "AAAABBBBCCCCDDDDEEEEFFFF@techacct.adobe.com".into(),
            actor,
            organization_id: "0123456789ABCDEF01234567@AdobeOrg".parse().unwrap(),
            scope: "openid,AdobeID,read_organizations".parse().unwrap(),
            audience: vec!["https://gateway.test".into()],
            issued_at,
            expires_at: issued_at + Seconds::DAY,
            sign_in: None,
            key_thumbprint: None,
            acting_client: None,
        }
    }

    fn written(actor: Actor) -> Value {
        serde_json::from_slice(&write_access_token(&token(actor), "https://ims.test", "ims-na1")).unwrap()
    }

    #[test]
    fn a_technical_accounts_token_has_the_claims_of_ims_and_of_rfc_9068() {
        let json =
            String::from_utf8(write_access_token(&token(Actor::TechnicalAccount), "https://ims.test", "ims-na1"))
                .unwrap();
        let id = "1760000000123_6f0d2f0e-1111-4222-8333-944455556666_ue1";
        let subject = "AAAABBBBCCCCDDDDEEEEFFFF@techacct.adobe.com";
        assert_eq!(
            json,
            format!(
                "{{\"id\":\"{id}\",\"type\":\"access_token\",\"client_id\":\"0123456789abcdef0123456789abcdef\",\
                 \"user_id\":\"{subject}\",\"as\":\"ims-na1\",\"org_id\":\"0123456789ABCDEF01234567@AdobeOrg\",\
                 \"scope\":\"openid,AdobeID,read_organizations\",\"created_at\":\"1760000000123\",\"expires_in\":\"86400000\",\
                 \"iss\":\"https://ims.test\",\"sub\":\"{subject}\",\"aud\":\"https://gateway.test\",\
                 \"exp\":1760086400,\"iat\":1760000000,\"jti\":\"{id}\"}}"
            )
        );
        assert!(json.len() < TOKEN_BYTES_MAX / 2, "{} bytes leave no room for header and signature", json.len());
    }

    #[test]
    fn what_was_written_is_read_back_to_the_millisecond_and_second() {
        for actor in [Actor::User, Actor::TechnicalAccount] {
            let claims = AccessTokenClaims::parse(written(actor).to_string().as_bytes()).unwrap();
            assert_eq!(claims.issuer, "https://ims.test");
            assert_eq!(claims.region, "ims-na1");
            let mut expected = token(actor);
            expected.issued_at = Timestamp::from_micros(1_760_000_000_123_000);
            expected.expires_at = Timestamp::from_seconds(1_760_086_400);
            assert_eq!(claims.token, expected);
        }
    }

    #[test]
    fn the_sign_in_the_key_and_whoever_acts_are_carried_in_their_claims() {
        let mut full = token(Actor::User);
        full.issued_at = Timestamp::from_seconds(1_760_000_000);
        full.expires_at = full.issued_at + Seconds::DAY;
        full.sign_in = Some(UserSignIn {
            grant_id: "1760000000123_g_ue1".parse().unwrap(),
            session_id: Some("1760000000123_s_ue1".parse().unwrap()),
            authenticated_at: Timestamp::from_seconds(1_759_999_000),
        });
        full.key_thumbprint = Some("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I".into());
        full.acting_client = Some("worker".parse().unwrap());
        let written = write_access_token(&full, "https://ims.test", "ims-na1");
        let json: Value = serde_json::from_slice(&written).unwrap();
        assert_eq!((&json["rtid"], &json["sid"]), (&json!("1760000000123_g_ue1"), &json!("1760000000123_s_ue1")));
        assert_eq!(json["auth_time"], 1_759_999_000);
        assert_eq!(json["cnf"], json!({"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}));
        assert_eq!(json["act"], json!({"sub": "worker"}));
        assert_eq!(AccessTokenClaims::parse(&written).unwrap().token, full);
        for (name, value) in
            [("cnf", json!({"x5t#S256": "a"})), ("cnf", json!({})), ("rtid", json!(null)), ("auth_time", json!("1"))]
        {
            let mut claims = json.clone();
            claims[name] = value;
            let read = AccessTokenClaims::parse(claims.to_string().as_bytes());
            assert_eq!(read, Err(ClaimsError::Malformed), "{name}");
        }
    }

    #[test]
    fn several_audiences_are_an_array() {
        let mut several = token(Actor::User);
        several.audience.push("https://other.test".into());
        let json = write_access_token(&several, "https://ims.test", "ims-na1");
        assert!(String::from_utf8_lossy(&json).contains(r#""aud":["https://gateway.test","https://other.test"]"#));
        assert_eq!(AccessTokenClaims::parse(&json).unwrap().token.audience, several.audience);
    }

    #[test]
    fn a_token_of_another_type_is_told_apart_from_a_malformed_one() {
        let mut claims = written(Actor::User);
        claims["type"] = json!("refresh_token");
        assert_eq!(AccessTokenClaims::parse(claims.to_string().as_bytes()), Err(ClaimsError::WrongType));
        assert_eq!(AccessTokenClaims::parse(b"{}"), Err(ClaimsError::Malformed));
    }

    #[test]
    fn claims_that_contradict_each_other_or_have_another_type_are_malformed() {
        for (name, value) in [
            ("jti", json!("other")),
            ("sub", json!("other")),
            ("aa_id", json!("other")),
            ("iat", json!(1_760_000_001)),
            ("exp", json!(1_760_086_401)),
            ("exp", json!(1_760_086_400.0)),
            ("exp", json!("1760086400")),
            ("created_at", json!(1_760_000_000_123_i64)),
            ("created_at", json!("+1760000000123")),
            ("created_at", json!("01760000000123")),
            ("expires_in", json!("-1")),
            ("expires_in", json!("99999999999999999999")),
            ("scope", json!("a\"b")),
            ("aud", json!([])),
            ("aud", json!(1)),
            ("org_id", json!("x")),
            ("client_id", json!(null)),
            ("nbf", json!("1")),
        ] {
            let mut claims = written(Actor::User);
            claims[name] = value.clone();
            let read = AccessTokenClaims::parse(claims.to_string().as_bytes());
            assert_eq!(read, Err(ClaimsError::Malformed), "{name}={value}");
        }
        let twice = written(Actor::User).to_string().replacen('{', r#"{"sub":"x","#, 1);
        assert_eq!(AccessTokenClaims::parse(twice.as_bytes()), Err(ClaimsError::Malformed));
    }

    proptest! {
        #[test]
        fn strangers_bytes_never_panic(payload in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = AccessTokenClaims::parse(&payload);
        }

        #[test]
        fn any_instant_and_lifetime_survive(micros in 0_i64..4_000_000_000_000_000, lifetime in 0_i64..10_000_000) {
            let mut any = token(Actor::TechnicalAccount);
            any.issued_at = Timestamp::from_micros(micros);
            any.expires_at = any.issued_at + Seconds(lifetime);
            let claims = AccessTokenClaims::parse(&write_access_token(&any, "https://ims.test", "ims-na1")).unwrap();
            prop_assert_eq!(claims.token.issued_at.millis(), any.issued_at.millis());
            prop_assert_eq!(claims.token.expires_at.seconds(), any.expires_at.seconds());
        }
    }
}
