//! Requests that end a token: `revoke` (RFC 7009) and `invalidate_token` (contract section 1.8).

use tollgate_crypto::SecretText;

use crate::{OauthError, Params, error::shown};

/// What the caller takes the token for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevocableType {
    /// `access_token`.
    AccessToken,
    /// `refresh_token`.
    RefreshToken,
    /// `device_token`.
    DeviceToken,
    /// `service_token`: an access token of a service account.
    ServiceToken,
    /// `authorization_code`.
    AuthorizationCode,
    /// `promise_token`.
    PromiseToken,
}

impl RevocableType {
    const ALL: [Self; 6] = [
        Self::AccessToken,
        Self::RefreshToken,
        Self::DeviceToken,
        Self::ServiceToken,
        Self::AuthorizationCode,
        Self::PromiseToken,
    ];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccessToken => "access_token",
            Self::RefreshToken => "refresh_token",
            Self::DeviceToken => "device_token",
            Self::ServiceToken => "service_token",
            Self::AuthorizationCode => "authorization_code",
            Self::PromiseToken => "promise_token",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|own| own.as_str() == word)
    }
}

/// A request to end a token; who asks is read by [`crate::client_authentication`].
#[derive(Debug)]
pub struct RevocationRequest {
    /// The token, or a secret key that ends itself.
    pub token: SecretText,
    /// What the caller takes it for, `None` when nothing usable was said.
    pub token_type: Option<RevocableType>,
    /// Whether what was derived from the token ends with it (`cascading=all`).
    pub cascades: bool,
}

impl RevocationRequest {
    /// Reads the parameters of `revoke`. An unknown hint is ignored (RFC 7009 section 2.1).
    pub fn parse_revoke(params: &Params) -> Result<Self, OauthError> {
        let token_type = params.get("token_type_hint").and_then(RevocableType::parse);
        Ok(Self { token: token(params)?, token_type, cascades: true })
    }

    /// Reads the parameters of `invalidate_token`.
    pub fn parse_invalidate(params: &Params) -> Result<Self, OauthError> {
        let token_type = match params.get("token_type") {
            Some(word) => Some(RevocableType::parse(word).ok_or_else(|| {
                let words = RevocableType::ALL.map(RevocableType::as_str).join(", ");
                OauthError::invalid_request(format!("token_type {} is not one of {words}", shown(word)))
            })?),
            None => None,
        };
        let cascades = match params.get("cascading") {
            None => false,
            Some("all") => true,
            Some(other) => return Err(OauthError::invalid_request(format!("cascading {} is not all", shown(other)))),
        };
        Ok(Self { token: token(params)?, token_type, cascades })
    }
}

fn token(params: &Params) -> Result<SecretText, OauthError> {
    Ok(SecretText::from(params.required("token")?.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(query: &str) -> Params {
        Params::parse(Some(query), None, None).unwrap()
    }

    #[test]
    fn revoke_ignores_a_hint_that_it_does_not_know() {
        let request = RevocationRequest::parse_revoke(&params("token=a&token_type_hint=saml")).unwrap();
        assert_eq!((request.token.reveal(), request.token_type), ("a", None));
        assert!(RevocationRequest::parse_revoke(&params("token_type_hint=access_token")).is_err());
    }

    #[test]
    fn invalidate_token_knows_its_types_and_its_cascade() {
        let request =
            RevocationRequest::parse_invalidate(&params("token=a&token_type=service_token&cascading=all")).unwrap();
        assert_eq!((request.token_type, request.cascades), (Some(RevocableType::ServiceToken), true));
        assert!(RevocationRequest::parse_invalidate(&params("token=a&token_type=cookie")).is_err());
        assert!(RevocationRequest::parse_invalidate(&params("token=a&cascading=some")).is_err());
        assert!(!RevocationRequest::parse_invalidate(&params("token=a")).unwrap().cascades);
    }

    #[test]
    fn a_token_never_shows_in_debug_output() {
        let request = RevocationRequest::parse_revoke(&params("token=geheim")).unwrap();
        assert!(!format!("{request:?}").contains("geheim"));
    }
}
