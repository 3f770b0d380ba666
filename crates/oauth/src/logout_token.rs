//! `logout_token`: tells an application that a sign-in ended (OpenID Connect Back-Channel Logout section 2.4).

use serde::Serialize;
use tollgate_model::{
    Seconds, Timestamp,
    id::{ClientId, SessionId, TokenId},
};

use crate::json::ObjectWriter;

/// The word of the `typ` header.
pub const HEADER_TYPE: &str = "logout+jwt";
/// How long one is valid.
pub const LIFETIME: Seconds = Seconds(120);

/// What a logout token says.
#[derive(Debug, Clone, Copy)]
pub struct LogoutTokenClaims<'a> {
    /// `iss`.
    pub issuer: &'a str,
    /// `sub`: the person.
    pub subject: &'a str,
    /// `aud`: the application.
    pub client_id: &'a ClientId,
    /// `sid`: the session, `None` for all sessions of the person.
    pub session_id: Option<&'a SessionId>,
    /// `jti`, which stays the same when the delivery is repeated.
    pub id: &'a TokenId,
    /// `iat`; `exp` is [`LIFETIME`] later.
    pub issued_at: Timestamp,
}

impl LogoutTokenClaims<'_> {
    /// The payload as JSON. It has no `nonce`, so nobody takes it for an `id_token`.
    pub fn write(&self) -> Vec<u8> {
        #[derive(Serialize)]
        struct Events {
            #[serde(rename = "http://schemas.openid.net/event/backchannel-logout")]
            logout: Empty,
        }
        #[derive(Serialize)]
        struct Empty {}
        ObjectWriter::with_capacity(384)
            .text("iss", self.issuer)
            .text("sub", self.subject)
            .text("aud", self.client_id.as_str())
            .integer("iat", self.issued_at.seconds())
            .integer("exp", (self.issued_at + LIFETIME).seconds())
            .text("jti", self.id.as_str())
            .optional_text("sid", self.session_id.map(SessionId::as_str))
            .value("events", &Events { logout: Empty {} })
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id_token::IdTokenHint;

    #[test]
    fn it_names_person_and_session_and_is_no_id_token() {
        let claims = LogoutTokenClaims {
            issuer: "https://ims.test",
            subject: "u",
            client_id: &"abc".parse().unwrap(),
            session_id: Some(&"s1".parse().unwrap()),
            id: &"t1".parse().unwrap(),
            issued_at: Timestamp::from_seconds(1_760_000_000),
        };
        let json = String::from_utf8(claims.write()).unwrap();
        assert_eq!(
            json,
            r#"{"iss":"https://ims.test","sub":"u","aud":"abc","iat":1760000000,"exp":1760000120,"jti":"t1","sid":"s1","events":{"http://schemas.openid.net/event/backchannel-logout":{}}}"#
        );
        assert!(IdTokenHint::parse(json.as_bytes()).is_err());
    }
}
