//! The arguments of `tollgate credential` that are about signing people in.

use tollgate_model::client::{CredentialType, Redirects, SignInOptions};

use super::arguments::OrNone;
use crate::error::CommandError;

/// What may be said of a credential that people sign in with.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct SignInArguments {
    /// Where people are sent after they signed in; for `oauth_web_app`, `oauth_single_page_app` and `oauth_native_app`
    #[arg(long, value_name = "URI")]
    redirect_uri: Option<String>,
    /// Further addresses for that: a URI whose path may be a regular expression; repeat it; `none` for no others
    #[arg(long, value_name = "PATTERN")]
    redirect_pattern: Vec<OrNone<String>>,
    /// Where people may be sent after they signed out; repeat it; `none` for nowhere
    #[arg(long, value_name = "URI")]
    post_logout_redirect_uri: Vec<OrNone<String>>,
    /// Where the application is told of sign-outs; `none` for not at all
    #[arg(long, value_name = "URI")]
    backchannel_logout_uri: Option<OrNone<String>>,
    /// The picture on the consent page; `none` for none
    #[arg(long, value_name = "URI")]
    logo_uri: Option<OrNone<String>>,
    /// Ask nobody for consent, since the organization runs the application itself
    #[arg(long, value_name = "BOOL")]
    first_party: Option<bool>,
    /// Allow the implicit and hybrid flows and the PKCE method `plain`, which RFC 9700 advises against
    #[arg(long, value_name = "BOOL")]
    legacy: Option<bool>,
    /// Take only authorization requests that were pushed (RFC 9126)
    #[arg(long, value_name = "BOOL")]
    require_pushed_requests: Option<bool>,
    /// Give only tokens that are bound to a key (`DPoP`, RFC 9449)
    #[arg(long, value_name = "BOOL")]
    require_bound_tokens: Option<bool>,
}

impl SignInArguments {
    /// The name of one that was given; `None` when none was.
    pub(super) fn given(&self) -> Option<&'static str> {
        let all = [
            ("--redirect-uri", self.redirect_uri.is_some()),
            ("--redirect-pattern", !self.redirect_pattern.is_empty()),
            ("--post-logout-redirect-uri", !self.post_logout_redirect_uri.is_empty()),
            ("--backchannel-logout-uri", self.backchannel_logout_uri.is_some()),
            ("--logo-uri", self.logo_uri.is_some()),
            ("--first-party", self.first_party.is_some()),
            ("--legacy", self.legacy.is_some()),
            ("--require-pushed-requests", self.require_pushed_requests.is_some()),
            ("--require-bound-tokens", self.require_bound_tokens.is_some()),
        ];
        all.into_iter().find(|(_, is_given)| *is_given).map(|(name, _)| name)
    }

    /// The redirects of a new credential; `None` when none of these arguments was given.
    pub(super) fn redirects(&self, credential_type: CredentialType) -> Result<Option<Redirects>, CommandError> {
        if let (None, Some(given)) = (&self.redirect_uri, self.given()) {
            return Err(CommandError::bad_input(format_args!(
                "{given} needs --redirect-uri beside it for a new credential of type {credential_type}"
            )));
        }
        self.changed(None)
    }

    /// What becomes of the redirects `before`; `None` when none of these arguments was given.
    pub(super) fn changed(&self, before: Option<&Redirects>) -> Result<Option<Redirects>, CommandError> {
        let Some(given) = self.given() else { return Ok(None) };
        let mut redirects = match (&self.redirect_uri, before) {
            (Some(uri), Some(before)) => Redirects { default_uri: Redirects::to(uri)?.default_uri, ..before.clone() },
            (Some(uri), None) => Redirects::to(uri)?,
            (None, Some(before)) => before.clone(),
            (None, None) => {
                return Err(CommandError::bad_input(format_args!(
                    "people do not sign in with a credential of this type: leave out {given}"
                )));
            }
        };
        replace(&mut redirects.patterns, &self.redirect_pattern);
        self.change_options(&mut redirects.options);
        Ok(Some(redirects))
    }

    fn change_options(&self, options: &mut SignInOptions) {
        replace(&mut options.post_logout_redirect_uris, &self.post_logout_redirect_uri);
        if let Some(OrNone(uri)) = &self.backchannel_logout_uri {
            options.backchannel_logout_uri.clone_from(uri);
        }
        if let Some(OrNone(uri)) = &self.logo_uri {
            options.logo_uri.clone_from(uri);
        }
        let flags = [
            (&mut options.first_party, self.first_party),
            (&mut options.legacy, self.legacy),
            (&mut options.pushed_requests_required, self.require_pushed_requests),
            (&mut options.bound_tokens_required, self.require_bound_tokens),
        ];
        for (own, given) in flags {
            *own = given.unwrap_or(*own);
        }
    }
}

/// A list is replaced as a whole when anything is given for it.
fn replace(own: &mut Vec<String>, given: &[OrNone<String>]) {
    if !given.is_empty() {
        *own = given.iter().filter_map(|OrNone(value)| value.clone()).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_replaced_as_a_whole_and_what_is_not_given_stays() {
        let mut before = Redirects::to("https://example.com/callback").unwrap();
        before.patterns = vec!["https://example.com/a".into()];
        before.options.first_party = true;
        let arguments = SignInArguments {
            post_logout_redirect_uri: vec![OrNone(Some("https://example.com/bye".into()))],
            legacy: Some(true),
            ..SignInArguments::default()
        };
        let after = arguments.changed(Some(&before)).unwrap().unwrap();
        assert_eq!(after.patterns, before.patterns);
        assert_eq!(after.options.post_logout_redirect_uris, ["https://example.com/bye"]);
        assert!(after.options.first_party && after.options.legacy);
        let none = SignInArguments { redirect_pattern: vec![OrNone(None)], ..SignInArguments::default() };
        assert!(none.changed(Some(&before)).unwrap().unwrap().patterns.is_empty());
    }

    #[test]
    fn options_without_a_redirect_uri_are_refused_for_a_new_credential() {
        let arguments = SignInArguments { first_party: Some(true), ..SignInArguments::default() };
        assert!(
            arguments.redirects(CredentialType::OauthNativeApp).unwrap_err().to_string().contains("--redirect-uri")
        );
        assert_eq!(SignInArguments::default().redirects(CredentialType::OauthNativeApp).unwrap(), None);
    }
}
