//! Requests to `introspect` (RFC 7662 section 2.1).

use tollgate_crypto::SecretText;

use crate::{OauthError, Params};

/// A question what a token says; who asks is read by [`crate::client_authentication`].
#[derive(Debug)]
pub struct IntrospectionRequest {
    /// The token. `token_type_hint` is not needed: every token says what it is.
    pub token: SecretText,
}

impl IntrospectionRequest {
    /// Reads the parameters.
    pub fn parse(params: &Params) -> Result<Self, OauthError> {
        Ok(Self { token: SecretText::from(params.required("token")?.to_owned()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_needs_a_token() {
        let parse = |query: &str| IntrospectionRequest::parse(&Params::parse(Some(query), None, None).unwrap());
        assert_eq!(parse("token=a&token_type_hint=access_token").unwrap().token.reveal(), "a");
        assert_eq!(parse("token=").unwrap_err(), OauthError::missing_parameter("token"));
    }
}
