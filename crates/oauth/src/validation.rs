//! Requests to `validate_token` (contract section 1.7).

use tollgate_crypto::{SecretText, constant_time_eq};
use tollgate_model::{id::ClientId, token::TokenType};

use crate::{OauthError, Params, error::shown};

/// A question whether a token is valid.
#[derive(Debug)]
pub struct ValidationRequest {
    /// The token.
    pub token: SecretText,
    /// What the caller takes it for; an access token when nothing was said.
    pub token_type: TokenType,
    /// The client that the caller takes it to belong to.
    pub client_id: Option<ClientId>,
}

impl ValidationRequest {
    /// Reads the parameters, the token of an `Authorization` header, and the header `X-IMS-ClientId`. What is given in
    /// two places must agree.
    pub fn parse(params: &Params, bearer: Option<&str>, client_header: Option<&str>) -> Result<Self, OauthError> {
        let token = match (params.get("token"), bearer) {
            (Some(one), Some(other)) if !constant_time_eq(one.as_bytes(), other.as_bytes()) => {
                return Err(OauthError::invalid_request(
                    "the token in the Authorization header and parameter token differ",
                ));
            }
            (Some(token), _) | (None, Some(token)) => token,
            (None, None) => return Err(OauthError::missing_parameter("token")),
        };
        let client_id = match (params.get("client_id"), client_header) {
            (Some(one), Some(other)) if one != other => {
                return Err(OauthError::invalid_request("header X-IMS-ClientId and parameter client_id differ"));
            }
            (one, other) => one.or(other),
        };
        Ok(Self {
            token: SecretText::from(token.to_owned()),
            token_type: params.get("type").map_or(Ok(TokenType::AccessToken), token_type)?,
            client_id: client_id.map(str::parse).transpose().map_err(|_| OauthError::unknown_client())?,
        })
    }
}

fn token_type(word: &str) -> Result<TokenType, OauthError> {
    use TokenType::{AccessToken, AuthorizationCode, DeviceToken, RefreshToken};
    let all = [AccessToken, RefreshToken, DeviceToken, AuthorizationCode];
    all.into_iter().find(|own| own.as_str() == word).ok_or_else(|| {
        let words = all.map(TokenType::as_str).join(", ");
        OauthError::invalid_request(format!("type {} is not one of {words}", shown(word)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(query: &str, bearer: Option<&str>, header: Option<&str>) -> Result<ValidationRequest, OauthError> {
        ValidationRequest::parse(&Params::parse(Some(query), None, None).unwrap(), bearer, header)
    }

    #[test]
    fn the_token_comes_as_parameter_or_in_the_header() {
        for request in [
            parse("token=a.b.c&client_id=abc&type=access_token", None, None),
            parse("client_id=abc", Some("a.b.c"), None),
            parse("token=a.b.c", Some("a.b.c"), Some("abc")),
        ] {
            let request = request.unwrap();
            assert_eq!(request.token.reveal(), "a.b.c");
            assert_eq!(request.token_type, TokenType::AccessToken);
            assert_eq!(request.client_id.unwrap().as_str(), "abc");
        }
    }

    #[test]
    fn contradictions_and_unknown_types_are_malformed_calls() {
        assert!(parse("", None, None).is_err());
        assert!(parse("token=a", Some("b"), None).is_err());
        assert!(parse("token=a&client_id=x", None, Some("y")).is_err());
        assert!(parse("token=a&client_id=a/b", None, None).is_err());
        assert!(parse("token=a&type=id_token", None, None).unwrap_err().description().contains("refresh_token"));
    }
}
