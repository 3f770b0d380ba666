//! How a client says who it is: parameters, HTTP Basic, or a signed assertion (RFC 6749 section 2.3, RFC 7523).

use base64::{Engine as _, alphabet, engine};
use tollgate_crypto::{SecretText, constant_time_eq};
use tollgate_model::{id::ClientId, secret::SECRET_BYTES_MAX};

use crate::{
    OauthError, Params,
    assertion::ASSERTION_BYTES_MAX,
    bearer::Authorization,
    client_assertion::{ASSERTION_TYPE, unverified_client_id},
    params::decode,
};

/// Standard Base64, its padding optional: some clients leave it away.
const BASE64: engine::GeneralPurpose = engine::GeneralPurpose::new(
    &alphabet::STANDARD,
    engine::GeneralPurposeConfig::new().with_decode_padding_mode(engine::DecodePaddingMode::Indifferent),
);

/// Where a client secret came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretMethod {
    /// HTTP Basic (`client_secret_basic`).
    Basic,
    /// A parameter (`client_secret_post`).
    Post,
}

/// Who asks, and what is offered as proof. Nothing is verified yet.
///
/// ```
/// use tollgate_oauth::{Params, client_authentication::ClientAuthentication};
///
/// let basic = "Basic YWJjOnA4ZS14"; // abc:p8e-x
/// let client = ClientAuthentication::parse(Some(basic), &Params::default())?;
/// assert_eq!(client.client_id().as_str(), "abc");
///
/// let other = Params::parse(Some("client_id=xyz"), None, None)?;
/// assert!(ClientAuthentication::parse(Some(basic), &other).is_err());
/// # Ok::<(), tollgate_oauth::OauthError>(())
/// ```
#[derive(Debug)]
pub enum ClientAuthentication {
    /// A name without proof, as public clients send it.
    None {
        /// The name.
        client_id: ClientId,
    },
    /// A name and a secret.
    Secret {
        /// The name.
        client_id: ClientId,
        /// The secret, at most [`SECRET_BYTES_MAX`] bytes.
        secret: SecretText,
        /// Where it came from.
        method: SecretMethod,
    },
    /// A signed assertion (see [`crate::client_assertion`]).
    Assertion {
        /// The name given beside it, or the one that the unverified assertion gives.
        client_id: ClientId,
        /// The assertion in compact form.
        jwt: SecretText,
    },
}

impl ClientAuthentication {
    /// Reads the `Authorization` header and the parameters. A client may name itself in both, but not differently, and
    /// may prove itself in one way only (RFC 6749 section 2.3).
    pub fn parse(authorization: Option<&str>, params: &Params) -> Result<Self, OauthError> {
        let basic = match authorization
            .filter(|header| Authorization::is_basic(Some(header)))
            .map(Authorization::parse)
            .transpose()?
        {
            Some(Authorization::Basic(text)) => Some(parse_basic(text)?),
            _ => None,
        };
        let named = params.get("client_id");
        let posted = params.get("client_secret");
        if let Some(jwt) = params.get("client_assertion") {
            if basic.is_some() || posted.is_some() {
                return Err(OauthError::invalid_request(
                    "use one way of client authentication: a client_assertion or a client_secret",
                ));
            }
            return Self::from_assertion(named, jwt, params);
        }
        if let Some((id, secret)) = basic {
            return Self::from_basic(&id, secret, named, posted);
        }
        let client_id = named.ok_or_else(OauthError::missing_client_authentication)?;
        let client_id = client_id.parse().map_err(|_| OauthError::unknown_client())?;
        match posted {
            Some(secret) if secret.len() > SECRET_BYTES_MAX => Err(OauthError::wrong_secret()),
            Some(secret) => {
                Ok(Self::Secret { client_id, secret: SecretText::from(secret.to_owned()), method: SecretMethod::Post })
            }
            None => Ok(Self::None { client_id }),
        }
    }

    /// The name that was given.
    pub const fn client_id(&self) -> &ClientId {
        match self {
            Self::None { client_id } | Self::Secret { client_id, .. } | Self::Assertion { client_id, .. } => client_id,
        }
    }

    fn from_assertion(named: Option<&str>, jwt: &str, params: &Params) -> Result<Self, OauthError> {
        if params.get("client_assertion_type") != Some(ASSERTION_TYPE) {
            return Err(OauthError::invalid_request(format!(
                "client_assertion needs client_assertion_type={ASSERTION_TYPE}"
            )));
        }
        if jwt.len() > ASSERTION_BYTES_MAX {
            return Err(OauthError::invalid_request(format!(
                "client_assertion is longer than {ASSERTION_BYTES_MAX} bytes"
            )));
        }
        let client_id = match named {
            Some(named) => named.parse().ok(),
            None => unverified_client_id(jwt),
        };
        let client_id = client_id.ok_or_else(OauthError::unknown_client)?;
        Ok(Self::Assertion { client_id, jwt: SecretText::from(jwt.to_owned()) })
    }

    fn from_basic(id: &str, secret: SecretText, named: Option<&str>, posted: Option<&str>) -> Result<Self, OauthError> {
        if named.is_some_and(|named| named != id) {
            return Err(OauthError::invalid_request(
                "client_id in the Authorization header and in the parameters differ",
            ));
        }
        if posted.is_some_and(|posted| !constant_time_eq(posted.as_bytes(), secret.reveal().as_bytes())) {
            return Err(OauthError::invalid_request(
                "client_secret in the Authorization header and in the parameters differ",
            ));
        }
        let client_id = id.parse().map_err(|_| OauthError::unknown_client())?;
        match secret.reveal() {
            "" => Ok(Self::None { client_id }),
            text if text.len() > SECRET_BYTES_MAX => Err(OauthError::wrong_secret()),
            _ => Ok(Self::Secret { client_id, secret, method: SecretMethod::Basic }),
        }
    }
}

/// Reads the Base64 text of HTTP Basic; both halves are form-encoded inside (RFC 6749 section 2.3.1).
fn parse_basic(text: &str) -> Result<(String, SecretText), OauthError> {
    let unreadable = || OauthError::unknown_client();
    let pair = BASE64.decode(text).map_err(|_| unreadable())?;
    let colon = pair.iter().position(|byte| *byte == b':').ok_or_else(unreadable)?;
    let id = decode(&pair[..colon]).map_err(|_| unreadable())?;
    let secret = decode(&pair[colon + 1..]).map_err(|_| OauthError::wrong_secret())?;
    Ok((id, SecretText::from(secret)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ErrorCode;

    fn basic(pair: &str) -> String {
        format!("Basic {}", BASE64.encode(pair))
    }

    fn parse(authorization: Option<&str>, query: &str) -> Result<ClientAuthentication, OauthError> {
        ClientAuthentication::parse(authorization, &Params::parse(Some(query), None, None).unwrap())
    }

    #[test]
    fn parameters_and_basic_carry_the_same_pair() {
        for (header, query) in [
            (None, "client_id=abc&client_secret=p8e-x_y"),
            (Some(basic("abc:p8e-x_y")), ""),
            (Some(basic("abc:p8e-x_y")), "client_id=abc"),
            (Some(basic("abc:p8e-x_y")), "client_id=abc&client_secret=p8e-x_y"),
        ] {
            let method = if header.is_some() { SecretMethod::Basic } else { SecretMethod::Post };
            match parse(header.as_deref(), query).unwrap() {
                ClientAuthentication::Secret { client_id, secret, method: own } => {
                    assert_eq!((client_id.as_str(), secret.reveal(), own), ("abc", "p8e-x_y", method));
                }
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn basic_and_parameters_that_differ_are_refused() {
        for query in ["client_id=abd", "client_secret=other", "client_id=abc&client_secret=other"] {
            let refused = parse(Some(&basic("abc:p8e-x")), query).unwrap_err();
            assert_eq!(refused.code(), ErrorCode::InvalidRequest, "{query}");
        }
    }

    #[test]
    fn both_halves_of_basic_are_form_decoded() {
        match parse(Some(&basic("a%2Db:s%2Bx+y")), "").unwrap() {
            ClientAuthentication::Secret { client_id, secret, .. } => {
                assert_eq!((client_id.as_str(), secret.reveal()), ("a-b", "s+x y"));
            }
            other => panic!("{other:?}"),
        }
        let unpadded = basic("abc:p8e-x");
        assert!(parse(Some(unpadded.trim_end_matches('=')), "").is_ok());
    }

    #[test]
    fn a_client_that_names_itself_only_has_no_proof_and_other_schemes_are_none_of_ours() {
        assert!(matches!(parse(None, "client_id=abc"), Ok(ClientAuthentication::None { .. })));
        assert!(matches!(parse(Some("Bearer a.b.c"), "client_id=abc"), Ok(ClientAuthentication::None { .. })));
        assert!(matches!(parse(Some(&basic("abc:")), ""), Ok(ClientAuthentication::None { .. })));
    }

    #[test]
    fn unreadable_basic_and_absent_names_are_invalid_client() {
        for header in [basic("no colon"), basic("a%zz:x"), basic("a/b:x"), "Basic YQ==YQ==".into()] {
            assert!(parse(Some(&header), "").is_err(), "{header}");
        }
        assert_eq!(parse(None, "").unwrap_err().code(), ErrorCode::InvalidClient);
        assert_eq!(parse(None, "client_id=a/b&client_secret=x").unwrap_err(), OauthError::unknown_client());
        let long = format!("client_id=abc&client_secret={}", "x".repeat(SECRET_BYTES_MAX + 1));
        assert_eq!(parse(None, &long).unwrap_err(), OauthError::wrong_secret());
    }

    #[test]
    fn an_assertion_stands_alone_and_names_the_client() {
        let payload = tollgate_crypto::base64url::encode(br#"{"sub":"abc"}"#);
        let query = format!("client_assertion_type={ASSERTION_TYPE}&client_assertion=h.{payload}.s");
        let Ok(ClientAuthentication::Assertion { client_id, .. }) = parse(None, &query) else { panic!("an assertion") };
        assert_eq!(client_id.as_str(), "abc");
        assert!(parse(None, &format!("{query}&client_secret=x")).is_err());
        assert!(parse(Some(&basic("abc:x")), &query).is_err());
        assert!(parse(None, &format!("client_assertion=h.{payload}.s")).is_err());
        let too_long = format!("{query}{}", "s".repeat(ASSERTION_BYTES_MAX));
        assert!(parse(None, &too_long).is_err());
    }

    #[test]
    fn a_secret_never_shows_in_debug_output() {
        let shown = format!("{:?}", parse(None, "client_id=abc&client_secret=p8e-geheim").unwrap());
        assert!(!shown.contains("geheim"), "{shown}");
    }

    proptest! {
        #[test]
        fn strangers_headers_never_panic(header in "(Basic )?\\PC{0,120}", id in "[a-z]{0,5}") {
            let params = Params::parse(Some(&format!("client_id={id}")), None, None).unwrap();
            if let Ok(ClientAuthentication::Secret { secret, .. }) = ClientAuthentication::parse(Some(&header), &params) {
                prop_assert!(secret.reveal().len() <= SECRET_BYTES_MAX);
            }
        }

        #[test]
        fn any_pair_survives_basic(id in "[A-Za-z0-9_.-]{1,64}", secret in "\\PC{1,60}") {
            let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            let header = basic(&format!("{}:{}", encode(&id), encode(&secret)));
            match ClientAuthentication::parse(Some(&header), &Params::default()) {
                Ok(ClientAuthentication::Secret { client_id, secret: own, .. }) => {
                    prop_assert_eq!((client_id.as_str(), own.reveal()), (id.as_str(), secret.as_str()));
                }
                other => prop_assert!(secret.len() > SECRET_BYTES_MAX, "{:?}", other),
            }
        }
    }
}
