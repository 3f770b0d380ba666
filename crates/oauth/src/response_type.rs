//! What an authorization request wants back, on which way, and what it lets a person be asked.

use serde::{Deserialize, Serialize};

use crate::{ErrorCode, OauthError, error::shown};

/// What comes back to the application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub enum ResponseType {
    /// A code, which the application redeems itself. The only type that is offered to everybody.
    Code,
    /// An access token by way of the browser.
    Token,
    /// An `id_token` by way of the browser.
    IdToken,
    /// Both.
    IdTokenToken,
    /// A code, and an `id_token` by way of the browser.
    CodeIdToken,
}

impl ResponseType {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Code, Self::Token, Self::IdToken, Self::IdTokenToken, Self::CodeIdToken];

    /// The words on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Token => "token",
            Self::IdToken => "id_token",
            Self::IdTokenToken => "id_token token",
            Self::CodeIdToken => "code id_token",
        }
    }

    /// Reads the words, which may come in any order (OAuth 2.0 Multiple Response Type Encoding Practices section 3).
    pub fn parse(text: &str) -> Result<Self, OauthError> {
        let words = sorted(text);
        Self::ALL.into_iter().find(|own| sorted(own.as_str()) == words).ok_or_else(|| {
            let text = format!("response_type {} is not offered; use code", shown(text));
            OauthError::new(ErrorCode::UnsupportedResponseType, text)
        })
    }

    /// Whether a code comes back.
    pub const fn has_code(self) -> bool {
        matches!(self, Self::Code | Self::CodeIdToken)
    }

    /// Whether an access token comes back by way of the browser.
    pub const fn has_token(self) -> bool {
        matches!(self, Self::Token | Self::IdTokenToken)
    }

    /// Whether an `id_token` comes back by way of the browser.
    pub const fn has_id_token(self) -> bool {
        matches!(self, Self::IdToken | Self::IdTokenToken | Self::CodeIdToken)
    }

    /// Whether RFC 9700 section 2.1.2 advises against it.
    pub const fn is_legacy(self) -> bool {
        !matches!(self, Self::Code)
    }
}

fn sorted(words: &str) -> Vec<&str> {
    let mut words: Vec<_> = words.split(' ').filter(|word| !word.is_empty()).collect();
    words.sort_unstable();
    words
}

impl From<ResponseType> for &'static str {
    fn from(response_type: ResponseType) -> Self {
        response_type.as_str()
    }
}

impl TryFrom<String> for ResponseType {
    type Error = OauthError;

    fn try_from(text: String) -> Result<Self, OauthError> {
        Self::parse(&text)
    }
}

/// On which way the answer comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// In the query of the redirect URI.
    Query,
    /// In its fragment, which browsers send to nobody.
    Fragment,
    /// In the body of a form that the browser posts.
    FormPost,
}

impl ResponseMode {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Query, Self::Fragment, Self::FormPost];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Fragment => "fragment",
            Self::FormPost => "form_post",
        }
    }

    /// Reads `response_mode`; a token never comes back in a query, where servers would log it.
    pub(crate) fn parse(text: Option<&str>, response_type: ResponseType) -> Result<Self, OauthError> {
        let Some(text) = text else { return Ok(Self::usual(response_type)) };
        let mode = Self::ALL.into_iter().find(|own| own.as_str() == text).ok_or_else(|| {
            OauthError::invalid_request(format!(
                "response_mode {} is not one of query, fragment, form_post",
                shown(text)
            ))
        })?;
        if mode == Self::Query && response_type != ResponseType::Code {
            return Err(OauthError::invalid_request("response_mode query is for response_type code alone"));
        }
        Ok(mode)
    }

    /// The way when the request names none (contract section 1.3).
    pub(crate) const fn usual(response_type: ResponseType) -> Self {
        match response_type {
            ResponseType::Code => Self::Query,
            _ => Self::Fragment,
        }
    }
}

/// What a person is asked, or must not be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "the standard has a set of words, and each is there or is not")]
#[serde(default)]
pub struct Prompts {
    /// Nothing: the answer comes at once, or a refusal.
    pub none: bool,
    /// To sign in again.
    pub login: bool,
    /// To agree again.
    pub consent: bool,
    /// Which account to use.
    pub select_account: bool,
    /// To make an account (Initiating User Registration via OpenID Connect).
    pub create: bool,
}

impl Prompts {
    /// The words of `prompt`, as metadata lists them.
    pub const WORDS: [&str; 5] = ["none", "login", "consent", "select_account", "create"];

    /// Reads `prompt`.
    pub(crate) fn parse(text: &str) -> Result<Self, OauthError> {
        let mut prompts = Self::default();
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            match word {
                "none" => prompts.none = true,
                "login" => prompts.login = true,
                "consent" => prompts.consent = true,
                "select_account" => prompts.select_account = true,
                "create" => prompts.create = true,
                other => {
                    let words = Self::WORDS.join(", ");
                    return Err(OauthError::invalid_request(format!("prompt {} is not one of {words}", shown(other))));
                }
            }
        }
        prompts.checked()
    }

    /// Nobody can be asked nothing and something.
    pub(crate) fn checked(self) -> Result<Self, OauthError> {
        if self.none && (self.login || self.consent || self.select_account || self.create) {
            return Err(OauthError::invalid_request("prompt none cannot be combined with another word"));
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_response_type_come_in_any_order_and_others_are_not_offered() {
        assert_eq!(ResponseType::parse("token  id_token").unwrap(), ResponseType::IdTokenToken);
        for own in ResponseType::ALL {
            assert_eq!(ResponseType::parse(own.as_str()).unwrap(), own);
            let stored = serde_json::to_string(&own).unwrap();
            assert_eq!(serde_json::from_str::<ResponseType>(&stored).unwrap(), own);
        }
        for bad in ["", "device", "Code", "code token", "code code", "none"] {
            assert_eq!(ResponseType::parse(bad).unwrap_err().code(), ErrorCode::UnsupportedResponseType, "{bad}");
        }
    }

    #[test]
    fn a_code_comes_in_the_query_and_a_token_never() {
        assert_eq!(ResponseMode::parse(None, ResponseType::Code).unwrap(), ResponseMode::Query);
        assert_eq!(ResponseMode::parse(None, ResponseType::CodeIdToken).unwrap(), ResponseMode::Fragment);
        assert_eq!(ResponseMode::parse(Some("form_post"), ResponseType::Token).unwrap(), ResponseMode::FormPost);
        assert!(ResponseMode::parse(Some("query"), ResponseType::IdToken).is_err());
        assert!(ResponseMode::parse(Some("web_message"), ResponseType::Code).is_err());
    }

    #[test]
    fn nobody_is_asked_nothing_and_something() {
        let prompts = Prompts::parse("login consent").unwrap();
        assert!(prompts.login && prompts.consent && !prompts.none);
        assert!(Prompts::parse("none").unwrap().none);
        assert!(Prompts::parse("none login").is_err() && Prompts::parse("maybe").is_err());
    }
}
