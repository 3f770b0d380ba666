//! Where browsers may be sent, and how people sign in to an application.

use serde::{Deserialize, Serialize};

use crate::Invalid;

/// Where people are sent after they signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redirects {
    /// Used when a request names none.
    pub default_uri: String,
    /// Patterns that a named one must match; empty means the default alone.
    #[serde(default)]
    pub patterns: Vec<String>,
    /// How people sign in to the application and out of it.
    #[serde(default, skip_serializing_if = "SignInOptions::is_default")]
    pub options: SignInOptions,
}

/// How people sign in to an application and out of it. The defaults are the strict ones.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a rule of its own, on or off")]
pub struct SignInOptions {
    /// Where a browser may be sent after it signed out; compared byte for byte.
    pub post_logout_redirect_uris: Vec<String>,
    /// Where the application wants to hear of sign-outs (OpenID Connect Back-Channel Logout).
    pub backchannel_logout_uri: Option<String>,
    /// Whether the organization runs the application itself, so that nobody is asked for consent.
    pub first_party: bool,
    /// Whether response types and a PKCE method that RFC 9700 advises against are allowed.
    pub legacy: bool,
    /// Whether authorization requests must have been pushed (RFC 9126).
    pub pushed_requests_required: bool,
    /// Whether tokens must be bound to a key (RFC 9449).
    pub bound_tokens_required: bool,
    /// The picture on the consent page.
    pub logo_uri: Option<String>,
}

impl SignInOptions {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Says what is wrong with an address among them.
    pub fn check(&self) -> Result<(), Invalid> {
        for uri in &self.post_logout_redirect_uris {
            Redirects::to(uri)?;
        }
        if let Some(uri) = &self.backchannel_logout_uri {
            check_web_address("back-channel logout URI", uri)?;
        }
        self.logo_uri.as_deref().map_or(Ok(()), |uri| check_web_address("logo URI", uri))
    }
}

/// An address that a browser or we can fetch: `https`, or `http` on a loopback host; at most 256 characters.
pub(crate) fn check_web_address(what: &'static str, text: &str) -> Result<(), Invalid> {
    let refused = |remedy: &str| Err(Invalid::new(what, text, remedy));
    match url::Url::parse(text) {
        Err(_) => refused("give an absolute URI such as https://example.com/path"),
        _ if text.chars().count() > REDIRECT_URI_CHARS_MAX => refused("use at most 256 characters"),
        Ok(url) if url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() => {
            refused("leave out the fragment and any user name")
        }
        Ok(url) if url.scheme() == "https" => Ok(()),
        Ok(url) if url.scheme() == "http" && is_loopback(&url) => Ok(()),
        Ok(_) => refused("use https; http is for localhost, 127.0.0.1 and [::1] only"),
    }
}

fn is_loopback(uri: &url::Url) -> bool {
    matches!(uri.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

const REDIRECT_URI_CHARS_MAX: usize = 256;

impl Redirects {
    /// Redirects to one URI: `https`, or `http` on a loopback host; without fragment or userinfo; at most 256 characters.
    pub fn to(default_uri: &str) -> Result<Self, Invalid> {
        let refused = |remedy: &str| Invalid::new("redirect URI", default_uri, remedy);
        if default_uri.chars().count() > REDIRECT_URI_CHARS_MAX {
            return Err(refused("use at most 256 characters"));
        }
        let uri = url::Url::parse(default_uri)
            .map_err(|_| refused("give an absolute URI such as https://example.com/callback"))?;
        match uri.scheme() {
            "https" => {}
            "http" if is_loopback(&uri) => {}
            "http" => return Err(refused("use https; http is for localhost, 127.0.0.1 and [::1] only")),
            "javascript" | "data" | "vbscript" | "file" | "blob" | "about" => return Err(refused("use https")),
            scheme if scheme.contains('.') || scheme.contains('+') => {}
            _ => return Err(refused("use https, or a private scheme with a dot or plus sign such as com.example.app")),
        }
        if uri.fragment().is_some() || !uri.username().is_empty() || uri.password().is_some() {
            return Err(refused("leave out the fragment and any user name"));
        }
        Ok(Self { default_uri: default_uri.to_owned(), patterns: Vec::new(), options: SignInOptions::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirect_uris_are_https_or_loopback_or_a_private_scheme() {
        for good in [
            "https://example.com/callback",
            "http://localhost:8888/",
            "http://127.0.0.1/cb",
            "com.example.app:/callback",
            "adobe+0123456789012345678901234567890123456789://adobeid/abc",
        ] {
            assert!(Redirects::to(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "/callback",
            "http://example.com/",
            "javascript:alert(1)",
            "https://e.com/#x",
            "https://u:p@e.com/",
            "app:/x",
        ] {
            assert!(Redirects::to(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn addresses_of_sign_in_options_are_checked_by_name() {
        let options =
            SignInOptions { backchannel_logout_uri: Some("http://example.com/".into()), ..Default::default() };
        assert!(options.check().unwrap_err().to_string().contains("back-channel logout URI"));
        let options = SignInOptions { logo_uri: Some("javascript:alert(1)".into()), ..Default::default() };
        assert!(options.check().is_err());
        let options =
            SignInOptions { post_logout_redirect_uris: vec!["https://a.test/bye".into()], ..Default::default() };
        assert!(options.check().is_ok());
    }
}
