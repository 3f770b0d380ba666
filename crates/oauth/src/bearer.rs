//! The `Authorization` header and its counterpart, `WWW-Authenticate` (RFC 6750, RFC 7617, RFC 9449, RFC 9728).

use std::fmt::Write as _;

use tollgate_model::scope::ScopeSet;

use crate::{ErrorCode, OauthError, dpop::ALGORITHMS};

/// Longest `Authorization` header that is looked at, in bytes.
pub const AUTHORIZATION_BYTES_MAX: usize = 8 * 1024;

/// What an `Authorization` header holds.
///
/// ```
/// use tollgate_oauth::bearer::Authorization;
///
/// assert_eq!(Authorization::bearer(Some("Bearer a.b.c"))?, Some("a.b.c"));
/// assert_eq!(Authorization::bearer(Some("Basic YTpi"))?, None);
/// # Ok::<(), tollgate_oauth::OauthError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Authorization<'a> {
    /// A token (RFC 6750 section 2.1).
    Bearer(&'a str),
    /// A token that needs a proof of a key beside it (RFC 9449 section 7.1).
    Dpop(&'a str),
    /// Base64 text of a client id and secret (RFC 7617 section 2).
    Basic(&'a str),
    /// A scheme that is not spoken here.
    Other,
}

impl<'a> Authorization<'a> {
    /// Reads a header. Schemes match in any case; a token holds only the characters of `token68` (RFC 9110 section
    /// 11.2).
    pub fn parse(header: &'a str) -> Result<Self, OauthError> {
        if header.len() > AUTHORIZATION_BYTES_MAX {
            let text = format!("the Authorization header is longer than {AUTHORIZATION_BYTES_MAX} bytes");
            return Err(OauthError::invalid_request(text));
        }
        let (scheme, rest) = header.split_once(' ').unwrap_or((header, ""));
        let text = rest.trim_matches(' ');
        let read: fn(&'a str) -> Self = match scheme {
            scheme if scheme.eq_ignore_ascii_case("bearer") => Self::Bearer,
            scheme if scheme.eq_ignore_ascii_case("dpop") => Self::Dpop,
            scheme if scheme.eq_ignore_ascii_case("basic") => Self::Basic,
            _ => return Ok(Self::Other),
        };
        if !is_token68(text) {
            let text =
                "the Authorization header is not readable; send its scheme, one space, and the token or Base64 text";
            return Err(OauthError::invalid_request(text));
        }
        Ok(read(text))
    }

    /// The token of a header, `None` when there is no header or one of another scheme.
    pub fn bearer(header: Option<&'a str>) -> Result<Option<&'a str>, OauthError> {
        match header.map(Self::parse).transpose()? {
            Some(Self::Bearer(token)) => Ok(Some(token)),
            _ => Ok(None),
        }
    }

    /// The token of a header and how it is presented, `None` when there is no header or one of another scheme.
    pub fn presented(header: Option<&'a str>) -> Result<Option<Presented<'a>>, OauthError> {
        Ok(match header.map(Self::parse).transpose()? {
            Some(Self::Bearer(token)) => Some(Presented { token, scheme: TokenScheme::Bearer }),
            Some(Self::Dpop(token)) => Some(Presented { token, scheme: TokenScheme::Dpop }),
            _ => None,
        })
    }

    /// Whether a header tries HTTP Basic, readable or not: a failed authentication is then answered with a challenge.
    pub fn is_basic(header: Option<&str>) -> bool {
        header.is_some_and(|header| header.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("basic")))
    }
}

impl std::fmt::Debug for Authorization<'_> {
    /// The scheme only.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Self::Bearer(_) => "Bearer",
            Self::Dpop(_) => "DPoP",
            Self::Basic(_) => "Basic",
            Self::Other => "Other",
        })
    }
}

/// How a token is presented. One that is bound to a key is good with [`TokenScheme::Dpop`] alone, and one that is not
/// with [`TokenScheme::Bearer`] alone (RFC 9449 section 7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenScheme {
    /// By itself.
    Bearer,
    /// With a proof beside it.
    Dpop,
}

/// A token as it was presented.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Presented<'a> {
    /// The token.
    pub token: &'a str,
    /// How.
    pub scheme: TokenScheme,
}

impl std::fmt::Debug for Presented<'_> {
    /// How alone.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.scheme.fmt(out)
    }
}

/// A `WWW-Authenticate` header for addresses where a token that is bound to a key was refused (RFC 9449 section 7.1).
#[derive(Debug, Clone, Copy)]
pub struct DpopChallenge<'a> {
    /// Why.
    pub error: &'a OauthError,
    /// Scopes that the address needs.
    pub scope: Option<&'a ScopeSet>,
}

impl DpopChallenge<'_> {
    /// The header's value: printable ASCII on one line.
    pub fn to_header(&self) -> String {
        let algorithms = ALGORITHMS.map(tollgate_crypto::Algorithm::as_str).join(" ");
        let mut header = String::from("DPoP realm=\"tollgate\"");
        push_error(&mut header, self.error);
        push_scope(&mut header, self.scope);
        let _ = write!(header, ", algs=\"{algorithms}\"");
        header
    }
}

fn push_error(header: &mut String, error: &OauthError) {
    let _ = write!(header, ", error=\"{}\", error_description=\"{}\"", error.code(), error.description());
}

fn push_scope(header: &mut String, scope: Option<&ScopeSet>) {
    if let Some(scope) = scope.filter(|scope| !scope.is_empty()) {
        let _ = write!(header, ", scope=\"{}\"", scope.space_separated());
    }
}

/// A `WWW-Authenticate` header for token-protected addresses (RFC 6750 section 3).
#[derive(Debug, Clone, Copy, Default)]
pub struct BearerChallenge<'a> {
    /// Why the token was refused; `None` when none was sent.
    pub error: Option<&'a OauthError>,
    /// Scopes that the address needs.
    pub scope: Option<&'a ScopeSet>,
    /// Where the metadata of the protected resource lies (RFC 9728 section 5.1).
    pub resource_metadata: Option<&'a str>,
}

impl BearerChallenge<'_> {
    /// The header's value: printable ASCII on one line.
    pub fn to_header(&self) -> String {
        let mut header = String::from("Bearer realm=\"tollgate\"");
        if let Some(error) = self.error {
            push_error(&mut header, error);
        }
        push_scope(&mut header, self.scope);
        if let Some(url) = self.resource_metadata {
            let plain = url.chars().filter(|c| c.is_ascii_graphic() && !matches!(c, '"' | '\\'));
            let _ = write!(header, ", resource_metadata=\"{}\"", plain.collect::<String>());
        }
        header
    }
}

/// `invalid_token` for a bearer token that opens nothing (contract section 1.9).
pub fn invalid_token() -> OauthError {
    OauthError::new(ErrorCode::InvalidToken, "Invalid or expired token.")
}

fn is_token68(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/');
    !body.is_empty() && body.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn schemes_match_in_any_case_and_other_schemes_are_left_alone() {
        assert_eq!(Authorization::parse("bEaReR  a.b-c_d~e+f/g=="), Ok(Authorization::Bearer("a.b-c_d~e+f/g==")));
        assert_eq!(Authorization::parse("basic YTpi"), Ok(Authorization::Basic("YTpi")));
        assert_eq!(Authorization::parse("Digest username=\"x\""), Ok(Authorization::Other));
        assert_eq!(Authorization::bearer(Some("Basic YTpi")), Ok(None));
        assert_eq!(Authorization::bearer(None), Ok(None));
        assert!(Authorization::is_basic(Some("BASIC ???")));
    }

    #[test]
    fn a_token_is_presented_by_itself_or_with_a_proof() {
        let scheme = |header| Authorization::presented(Some(header)).unwrap().map(|presented| presented.scheme);
        assert_eq!(scheme("Bearer a.b.c"), Some(TokenScheme::Bearer));
        assert_eq!(scheme("dpop a.b.c"), Some(TokenScheme::Dpop));
        assert_eq!(scheme("Basic YTpi"), None);
        assert_eq!(Authorization::bearer(Some("DPoP a.b.c")), Ok(None));
        assert!(Authorization::presented(Some("DPoP a b")).is_err());
        let error = invalid_token();
        let header = DpopChallenge { error: &error, scope: None }.to_header();
        assert!(header.starts_with("DPoP ") && header.ends_with(r#"algs="ES256 PS256 RS256""#), "{header}");
    }

    #[test]
    fn a_header_without_a_token_or_with_strange_characters_is_refused() {
        for bad in ["Bearer", "Bearer ", "Bearer =", "Bearer a b", "Bearer a,b", "Bearer a\tb", "Basic", "Basic é"] {
            assert!(Authorization::parse(bad).is_err(), "{bad}");
        }
        assert!(Authorization::parse(&format!("Bearer {}", "a".repeat(AUTHORIZATION_BYTES_MAX))).is_err());
    }

    #[test]
    fn a_token_never_shows_in_debug_output() {
        assert_eq!(format!("{:?}", Authorization::Bearer("geheim")), "Bearer");
    }

    #[test]
    fn a_challenge_names_error_scope_and_metadata() {
        let scope: ScopeSet = "openid,AdobeID".parse().unwrap();
        let error = invalid_token();
        let challenge = BearerChallenge {
            error: Some(&error),
            scope: Some(&scope),
            resource_metadata: Some("https://api.test/.well-known/oauth-protected-resource/a\r\n\"b"),
        };
        assert_eq!(
            challenge.to_header(),
            "Bearer realm=\"tollgate\", error=\"invalid_token\", error_description=\"Invalid or expired token.\", \
             scope=\"openid AdobeID\", resource_metadata=\"https://api.test/.well-known/oauth-protected-resource/ab\""
        );
        assert_eq!(BearerChallenge::default().to_header(), "Bearer realm=\"tollgate\"");
    }

    proptest! {
        #[test]
        fn strangers_headers_never_panic(header in "\\PC{0,200}") {
            let _ = Authorization::is_basic(Some(&header));
            if let Ok(Authorization::Bearer(token)) = Authorization::parse(&header) {
                prop_assert!(!token.is_empty() && token.is_ascii());
            }
        }
    }
}
