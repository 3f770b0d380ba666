//! Requests to sign out: OpenID Connect RP-Initiated Logout, and the ways of IMS (contract section 1.13).

use tollgate_crypto::SecretText;
use tollgate_model::{id::ClientId, redirect_uri::REDIRECT_URI_BYTES_MAX};

use crate::{
    OauthError, Params,
    assertion::ASSERTION_BYTES_MAX,
    authorize::{STATE_CHARS_MAX, locales},
    authorize_answer::with_query,
    token::GRANT_BYTES_MAX,
};

/// Longest name of a JSONP callback, in bytes.
pub const CALLBACK_BYTES_MAX: usize = 64;

/// A request to sign out. Nothing in it is believed yet: the hint and the token are to be verified, and addresses to be
/// compared with those that the application has registered.
#[derive(Debug)]
pub struct LogoutRequest {
    /// An earlier `id_token`, which says who signs out of which application.
    pub id_token_hint: Option<SecretText>,
    /// The application.
    pub client_id: Option<ClientId>,
    /// Where the browser shall go afterwards (RP-Initiated Logout); only with a registered one does it go anywhere.
    pub post_logout_redirect_uri: Option<String>,
    /// The same, in the words of IMS: one of the application's redirect URIs.
    pub redirect_uri: Option<String>,
    /// What the application wants to hear again at `post_logout_redirect_uri`.
    pub state: Option<String>,
    /// A token whose session ends (IMS).
    pub access_token: Option<SecretText>,
    /// The function that a page wants to be called with the answer (IMS).
    pub callback: Option<CallbackName>,
    /// The languages of the person.
    pub locales: Vec<String>,
}

impl LogoutRequest {
    /// Reads the parameters.
    pub fn parse(params: &Params) -> Result<Self, OauthError> {
        let text = |name: &str, bytes_max: usize| match params.get(name) {
            Some(value) if value.len() > bytes_max => {
                Err(OauthError::invalid_request(format!("parameter {name} is longer than {bytes_max} bytes")))
            }
            value => Ok(value.map(str::to_owned)),
        };
        Ok(Self {
            id_token_hint: text("id_token_hint", ASSERTION_BYTES_MAX)?.map(SecretText::from),
            client_id: params.get("client_id").map(str::parse).transpose().map_err(|_| OauthError::unknown_client())?,
            post_logout_redirect_uri: text("post_logout_redirect_uri", REDIRECT_URI_BYTES_MAX)?,
            redirect_uri: text("redirect_uri", REDIRECT_URI_BYTES_MAX)?,
            state: text("state", STATE_CHARS_MAX)?,
            access_token: text("access_token", GRANT_BYTES_MAX)?.map(SecretText::from),
            callback: params.get("callback").map(CallbackName::parse).transpose()?,
            locales: locales(params),
        })
    }
}

/// The address after signing out, with the state that the application gave.
pub fn with_state(uri: &str, state: Option<&str>) -> String {
    state.map_or_else(|| uri.to_owned(), |state| with_query(uri, &[("state", state.to_owned())]))
}

/// The name of a function in a page, and nothing that could be more: names with dots between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallbackName(Box<str>);

impl CallbackName {
    /// Reads a name.
    pub fn parse(text: &str) -> Result<Self, OauthError> {
        let first = |byte: u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'$');
        let name = |part: &str| {
            part.bytes().next().is_some_and(first) && part.bytes().all(|byte| first(byte) || byte.is_ascii_digit())
        };
        if text.len() <= CALLBACK_BYTES_MAX && text.split('.').all(name) {
            Ok(Self(text.into()))
        } else {
            Err(OauthError::invalid_request("callback is not the name of a function"))
        }
    }

    /// A script that calls the function with a JSON value of ours.
    pub fn wrap(&self, json: &str) -> Vec<u8> {
        // Both are white space in JSON and end a line in old JavaScript.
        let json = json.replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029");
        format!("{}({json});", self.0).into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(query: &str) -> Result<LogoutRequest, OauthError> {
        LogoutRequest::parse(&Params::parse(Some(query), None, None).unwrap())
    }

    #[test]
    fn standard_and_ims_requests_are_read() {
        let standard =
            parse("id_token_hint=a.geheim.c&post_logout_redirect_uri=https://a.test/bye&state=s&ui_locales=de");
        let standard = standard.unwrap();
        assert_eq!(standard.post_logout_redirect_uri.as_deref(), Some("https://a.test/bye"));
        assert_eq!(standard.locales, ["de"]);
        assert!(!format!("{standard:?}").contains("geheim"));
        let ims = parse("client_id=abc&redirect_uri=https://a.test/&access_token=t&callback=a.b").unwrap();
        assert_eq!(ims.client_id.unwrap().as_str(), "abc");
        assert!(ims.access_token.is_some() && ims.callback.is_some());
        assert!(parse("").is_ok());
    }

    #[test]
    fn a_callback_is_a_name_and_cannot_be_more() {
        let callback = CallbackName::parse("adobeIMS.$cb_1").unwrap();
        assert_eq!(callback.wrap("{}"), b"adobeIMS.$cb_1({});");
        let long = "a".repeat(CALLBACK_BYTES_MAX + 1);
        for bad in ["alert(1)//", "a b", "", ".", "a.", "1a", "a-b", "a[0]", "a\u{2028}", "é", &long] {
            assert!(CallbackName::parse(bad).is_err(), "{bad}");
        }
        assert!(parse("callback=alert(1)").is_err());
    }

    #[test]
    fn long_fields_are_refused_by_name() {
        for name in ["id_token_hint", "post_logout_redirect_uri", "redirect_uri", "state", "access_token"] {
            let refused = parse(&format!("{name}={}", "x".repeat(ASSERTION_BYTES_MAX + 1))).unwrap_err();
            assert!(refused.description().contains(name), "{refused}");
        }
    }

    #[test]
    fn state_joins_the_query_of_the_address() {
        assert_eq!(with_state("https://a.test/bye?x=1", Some("a b")), "https://a.test/bye?x=1&state=a%20b");
        assert_eq!(with_state("https://a.test/bye", None), "https://a.test/bye");
    }
}
