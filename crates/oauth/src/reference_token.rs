//! Codes, refresh tokens, device codes and promises: JWTs to look at, because clients read their type and their times, but
//! they hold nothing. All that counts is kept where they are redeemed (contract section 11, line 24).

use serde::Deserialize;
use tollgate_model::{
    Timestamp,
    id::{ClientId, GrantId, TokenId},
    token::TokenType,
};

use crate::{
    claims::{ClaimsError, decimal},
    json::ObjectWriter,
};

/// Longest `user_id`, in bytes.
const USER_ID_BYTES_MAX: usize = 128;

/// The claims of a token that refers to what is kept elsewhere. Times are kept to the millisecond.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferenceToken {
    /// Its own id.
    pub id: TokenId,
    /// What it is; never an access token.
    pub token_type: TokenType,
    /// The credential it was given to.
    pub client_id: ClientId,
    /// The person, empty while nobody knows who it will be.
    pub user_id: String,
    /// The authorization it comes from.
    pub grant_id: Option<GrantId>,
    /// When it was given.
    pub issued_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

#[derive(Deserialize)]
struct Read {
    id: TokenId,
    #[serde(rename = "type")]
    token_type: TokenType,
    client_id: ClientId,
    #[serde(default)]
    user_id: String,
    rtid: Option<GrantId>,
    created_at: String,
    expires_in: String,
}

impl ReferenceToken {
    /// The payload as JSON.
    pub fn write(&self, region: &str) -> Vec<u8> {
        let lifetime_millis = self.expires_at.millis().saturating_sub(self.issued_at.millis());
        let mut json = ObjectWriter::with_capacity(384);
        json.text("id", self.id.as_str())
            .text("type", self.token_type.as_str())
            .text("client_id", self.client_id.as_str())
            .optional_text("user_id", Some(&*self.user_id).filter(|id| !id.is_empty()))
            .text("as", region)
            .optional_text("rtid", self.grant_id.as_ref().map(GrantId::as_str))
            .text("created_at", &self.issued_at.millis().to_string())
            .text("expires_in", &lifetime_millis.to_string())
            .finish()
    }

    /// Reads a payload.
    pub fn parse(payload: &[u8]) -> Result<Self, ClaimsError> {
        let read: Read = serde_json::from_slice(payload).map_err(|_| ClaimsError::Malformed)?;
        if read.token_type == TokenType::AccessToken {
            return Err(ClaimsError::WrongType);
        }
        let times = || {
            let issued_at = decimal(&read.created_at)?;
            let expires_at = issued_at.checked_add(decimal(&read.expires_in)?)?;
            Some((issued_at.checked_mul(1_000)?, expires_at.checked_mul(1_000)?))
        };
        let (issued_at, expires_at) = times().ok_or(ClaimsError::Malformed)?;
        if read.user_id.len() > USER_ID_BYTES_MAX {
            return Err(ClaimsError::Malformed);
        }
        Ok(Self {
            id: read.id,
            token_type: read.token_type,
            client_id: read.client_id,
            user_id: read.user_id,
            grant_id: read.rtid,
            issued_at: Timestamp::from_micros(issued_at),
            expires_at: Timestamp::from_micros(expires_at),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tollgate_model::Seconds;

    use super::*;

    fn code() -> ReferenceToken {
        let issued_at = Timestamp::from_micros(1_760_000_000_123_000);
        ReferenceToken {
            id: "1760000000123_6f0d2f0e_ue1".parse().unwrap(),
            token_type: TokenType::AuthorizationCode,
            client_id: "abc".parse().unwrap(),
            user_id: "AAAABBBBCCCCDDDDEEEEFFFF@AdobeID".into(),
            grant_id: Some("1760000000123_g_ue1".parse().unwrap()),
            issued_at,
            expires_at: issued_at + Seconds(300),
        }
    }

    #[test]
    fn a_code_tells_its_type_and_times_as_clients_read_them() {
        let json = String::from_utf8(code().write("ims-na1")).unwrap();
        assert_eq!(
            json,
            r#"{"id":"1760000000123_6f0d2f0e_ue1","type":"authorization_code","client_id":"abc","user_id":"AAAABBBBCCCCDDDDEEEEFFFF@AdobeID","as":"ims-na1","rtid":"1760000000123_g_ue1","created_at":"1760000000123","expires_in":"300000"}"#
        );
    }

    #[test]
    fn what_was_written_is_read_back() {
        assert_eq!(ReferenceToken::parse(&code().write("ims-na1")), Ok(code()));
        let device =
            ReferenceToken { user_id: String::new(), grant_id: None, token_type: TokenType::DeviceToken, ..code() };
        assert_eq!(ReferenceToken::parse(&device.write("ims-na1")), Ok(device));
    }

    #[test]
    fn an_access_token_is_no_reference_and_nonsense_is_malformed() {
        let written = String::from_utf8(code().write("ims-na1")).unwrap();
        let with = |from: &str, to: &str| ReferenceToken::parse(written.replace(from, to).as_bytes());
        assert_eq!(with("authorization_code", "access_token"), Err(ClaimsError::WrongType));
        for (from, to) in [
            ("authorization_code", "id_token"),
            ("\"300000\"", "300000"),
            ("300000", "-1"),
            ("300000", "9999999999999999999"),
            ("\"abc\"", "\"a/b\""),
            ("{", "{\"id\":\"x\","),
        ] {
            assert_eq!(with(from, to), Err(ClaimsError::Malformed), "{from} {to}");
        }
    }

    proptest! {
        #[test]
        fn strangers_bytes_never_panic(payload in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = ReferenceToken::parse(&payload);
        }
    }
}
