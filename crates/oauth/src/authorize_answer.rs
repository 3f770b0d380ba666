//! How an answer travels back to the application by way of the browser (contract section 1.3, RFC 9207, OAuth 2.0 Form
//! Post Response Mode).

use tollgate_model::Seconds;

use crate::{OauthError, response_type::ResponseMode};

/// What was granted; only what the response type asks for is given.
#[derive(Clone, Copy, Default)]
pub struct GrantedAnswer<'a> {
    /// The code.
    pub code: Option<&'a str>,
    /// An access token, and for how long it lasts.
    pub access_token: Option<(&'a str, Seconds)>,
    /// An `id_token`.
    pub id_token: Option<&'a str>,
}

/// The fields of an answer, in order.
#[derive(Clone)]
pub struct AuthorizeAnswer(Vec<(&'static str, String)>);

/// What the browser is told to do.
#[derive(Clone, PartialEq, Eq)]
pub enum Delivery {
    /// Go to this address.
    Redirect(String),
    /// Post these fields to this address.
    FormPost {
        /// The address.
        action: String,
        /// The fields, in order.
        fields: Vec<(&'static str, String)>,
    },
}

impl AuthorizeAnswer {
    /// A refusal.
    pub fn error(error: &OauthError) -> Self {
        Self(vec![("error", error.code().as_str().to_owned()), ("error_description", error.description().to_owned())])
    }

    /// What was granted.
    pub fn granted(granted: GrantedAnswer<'_>) -> Self {
        let mut fields = Vec::with_capacity(8);
        if let Some(code) = granted.code {
            fields.push(("code", code.to_owned()));
        }
        if let Some((access_token, lifetime)) = granted.access_token {
            fields.push(("access_token", access_token.to_owned()));
            fields.push(("token_type", "bearer".to_owned()));
            fields.push(("expires_in", lifetime.0.to_string()));
        }
        if let Some(id_token) = granted.id_token {
            fields.push(("id_token", id_token.to_owned()));
        }
        Self(fields)
    }

    /// What the browser is told, so that the answer reaches `redirect_uri`, which must be one that the application has
    /// registered. The answer always says who gives it.
    pub fn deliver(self, redirect_uri: &str, mode: ResponseMode, state: Option<&str>, issuer: &str) -> Delivery {
        let mut fields = self.0;
        if let Some(state) = state {
            fields.push(("state", state.to_owned()));
        }
        fields.push(("iss", issuer.to_owned()));
        match mode {
            ResponseMode::Query => Delivery::Redirect(with_query(redirect_uri, &fields)),
            ResponseMode::Fragment => Delivery::Redirect(format!("{redirect_uri}#{}", encoded(&fields))),
            ResponseMode::FormPost => Delivery::FormPost { action: redirect_uri.to_owned(), fields },
        }
    }
}

impl std::fmt::Debug for Delivery {
    /// The way alone: the rest is a secret.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Self::Redirect(_) => "Redirect",
            Self::FormPost { .. } => "FormPost",
        })
    }
}

/// An address with fields added to its query, which it keeps (RFC 6749 section 3.1.2).
pub(crate) fn with_query(uri: &str, fields: &[(&'static str, String)]) -> String {
    let joint = match uri.split_once('?') {
        None => "?",
        Some((_, query)) if query.is_empty() || query.ends_with('&') => "",
        Some(_) => "&",
    };
    format!("{uri}{joint}{}", encoded(fields))
}

/// Names and values with everything escaped that is not unreserved (RFC 3986 section 2.3): a space as `%20`, which
/// readers of queries and of fragments alike understand.
fn encoded(fields: &[(&'static str, String)]) -> String {
    let bytes = fields.iter().map(|(name, value)| name.len() + value.len() + 2).sum::<usize>();
    let mut text = String::with_capacity(bytes + bytes / 4);
    for (name, value) in fields {
        if !text.is_empty() {
            text.push('&');
        }
        text.push_str(name);
        text.push('=');
        for byte in value.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                text.push(byte.into());
            } else {
                const HEX: &[u8; 16] = b"0123456789ABCDEF";
                text.extend(['%', HEX[usize::from(byte >> 4)].into(), HEX[usize::from(byte & 15)].into()]);
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ErrorCode;

    fn code() -> AuthorizeAnswer {
        AuthorizeAnswer::granted(GrantedAnswer { code: Some("a.b.c"), ..GrantedAnswer::default() })
    }

    #[test]
    fn a_code_joins_the_query_that_the_redirect_uri_has() {
        for (uri, expected) in [
            ("https://a.test/cb", "https://a.test/cb?code=a.b.c&state=s&iss=https%3A%2F%2Fims.test"),
            ("https://a.test/cb?x=1", "https://a.test/cb?x=1&code=a.b.c&state=s&iss=https%3A%2F%2Fims.test"),
            ("https://a.test?", "https://a.test?code=a.b.c&state=s&iss=https%3A%2F%2Fims.test"),
        ] {
            let delivery = code().deliver(uri, ResponseMode::Query, Some("s"), "https://ims.test");
            assert!(delivery == Delivery::Redirect(expected.into()));
        }
    }

    #[test]
    fn tokens_come_in_the_fragment_with_their_lifetime_in_seconds() {
        let granted = GrantedAnswer { code: None, access_token: Some(("t", Seconds(86_399))), id_token: Some("i") };
        let delivery =
            AuthorizeAnswer::granted(granted).deliver("https://a.test/cb", ResponseMode::Fragment, None, "https://i");
        let expected =
            "https://a.test/cb#access_token=t&token_type=bearer&expires_in=86399&id_token=i&iss=https%3A%2F%2Fi";
        assert!(delivery == Delivery::Redirect(expected.into()));
    }

    #[test]
    fn a_form_carries_the_fields_unescaped() {
        let error = OauthError::new(ErrorCode::AccessDenied, "refused");
        let delivery =
            AuthorizeAnswer::error(&error).deliver("https://a.test/cb?x=1", ResponseMode::FormPost, Some("<&>"), "i");
        let fields = [("error", "access_denied"), ("error_description", "refused"), ("state", "<&>"), ("iss", "i")];
        let fields = fields.map(|(name, value)| (name, value.to_owned())).to_vec();
        assert!(delivery == Delivery::FormPost { action: "https://a.test/cb?x=1".into(), fields });
        assert_eq!(format!("{delivery:?}"), "FormPost");
    }

    proptest! {
        #[test]
        fn any_state_comes_back_byte_for_byte(state in "\\PC{0,60}|.{0,20}") {
            for mode in [ResponseMode::Query, ResponseMode::Fragment] {
                let Delivery::Redirect(to) = code().deliver("https://a.test/cb?x=1", mode, Some(&state), "i") else {
                    unreachable!("only a form is posted")
                };
                let url = url::Url::parse(&to).unwrap();
                let carried = if mode == ResponseMode::Query { url.query() } else { url.fragment() };
                let pairs = url::form_urlencoded::parse(carried.unwrap().as_bytes());
                let found: Vec<_> = pairs.filter(|(name, _)| name == "state").map(|(_, value)| value.into_owned()).collect();
                prop_assert_eq!(found.as_slice(), std::slice::from_ref(&state));
            }
        }
    }
}
