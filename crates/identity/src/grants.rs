//! One file for each grant. A grant looks at what was asked and who asks, and says what is granted or why not.
//!
//! Those of [`client_credentials`] and [`service_account_jwt`] are decided by the directory alone. The others use up a row
//! first and check everything else after it: what was presented once is worth nothing afterwards, whatever the outcome.

pub(crate) mod authorization_code;
pub(crate) mod client_credentials;
pub(crate) mod cluster;
pub(crate) mod device_code;
pub(crate) mod promise;
pub(crate) mod refresh_token;
pub(crate) mod service_account_jwt;
pub(crate) mod token_exchange;

use tollgate_model::{Timestamp, scope::ScopeSet, user::User};
use tollgate_oauth::{ErrorCode, OauthError, token::TokenVersion};
use tollgate_store::Directory;
use tollgate_web::Instance;

use crate::{Identity, client_auth::Authenticated};

/// A request for tokens: who asks, and all that decides about it.
pub(crate) struct Call<'a> {
    pub(crate) identity: &'a Identity,
    pub(crate) directory: &'a Directory,
    pub(crate) authenticated: Authenticated,
    /// The key that the caller proved to hold.
    pub(crate) proven: Option<String>,
    pub(crate) version: TokenVersion,
    pub(crate) now: Timestamp,
}

/// For whom a token is meant: the resources asked for, each of which must be one of ours (RFC 8707 section 2), or the
/// gateway.
pub(crate) fn audience(instance: &Instance, resources: Vec<String>) -> Result<Vec<String>, OauthError> {
    if resources.is_empty() {
        return Ok(instance.audience.clone());
    }
    // In our own spelling, since whoever checks the token compares it with that.
    let own = |resource: String| {
        let is_meant = |own: &&String| own.trim_end_matches('/') == resource.trim_end_matches('/');
        instance.audience.iter().find(is_meant).cloned()
    };
    let mut audience: Vec<String> = resources.into_iter().map(own).collect::<Option<_>>().ok_or_else(|| {
        OauthError::new(ErrorCode::InvalidTarget, format!("resource must be one of {}", instance.audience.join(", ")))
    })?;
    audience.dedup();
    Ok(audience)
}

/// For whom a token of a grant is meant: of those that the grant names, the ones asked for now, or all.
pub(crate) fn narrowed_audience(
    instance: &Instance,
    granted: &[String],
    asked: Vec<String>,
) -> Result<Vec<String>, OauthError> {
    let all = audience(instance, granted.to_vec())?;
    if asked.is_empty() {
        return Ok(all);
    }
    let asked = audience(instance, asked)?;
    if asked.iter().all(|one| all.contains(one)) {
        return Ok(asked);
    }
    Err(OauthError::new(ErrorCode::InvalidTarget, format!("resource must be one of {}", all.join(", "))))
}

/// Refuses scopes that are not allowed, and names both.
pub(crate) fn check_scope(scope: &ScopeSet, allowed: &ScopeSet) -> Result<(), OauthError> {
    if allowed.contains_all(scope) {
        return Ok(());
    }
    Err(OauthError::new(
        ErrorCode::InvalidScope,
        format!(
            "Invalid scope value. Not allowed: {}. Allowed: {}. Subscribe the credential to a service to allow its scopes.",
            scope.without(allowed).comma_separated(),
            allowed.comma_separated()
        ),
    ))
}

/// The scopes in both.
pub(crate) fn common(scope: &ScopeSet, other: &ScopeSet) -> ScopeSet {
    scope.without(&scope.without(other))
}

/// What is asked for of what was granted, or all of it; never more, and never what the credential is not allowed any
/// more.
pub(crate) fn narrowed(
    asked: Option<&ScopeSet>,
    granted: &ScopeSet,
    allowed: &ScopeSet,
) -> Result<ScopeSet, OauthError> {
    let available = common(granted, allowed);
    let Some(asked) = asked else { return Ok(available) };
    if available.contains_all(asked) {
        return Ok(asked.clone());
    }
    Err(OauthError::new(
        ErrorCode::InvalidScope,
        format!(
            "Invalid scope value. Not granted: {}. Granted: {}.",
            asked.without(&available).comma_separated(),
            available.comma_separated()
        ),
    ))
}

/// Refuses in the name of a person who is gone, or may not be acted for any more.
pub(crate) fn check_person(directory: &Directory, user: Option<User>) -> Result<User, OauthError> {
    let enabled = |user: &User| {
        let organization = directory.organization(user.organization_id.as_str());
        user.enabled && organization.is_some_and(|own| own.enabled)
    };
    user.filter(enabled).ok_or_else(|| {
        invalid_grant("the account of the person, or its organization, is disabled or does not exist any more")
    })
}

/// `unauthorized_client` for a credential that people do not sign in to.
pub(crate) fn people_do_not_sign_in() -> OauthError {
    OauthError::new(
        ErrorCode::UnauthorizedClient,
        "people do not sign in to a credential of this type; create one of type oauth_web_app, \
         oauth_single_page_app or oauth_native_app",
    )
}

/// `invalid_grant` with a text.
pub(crate) fn invalid_grant(text: impl Into<std::borrow::Cow<'static, str>>) -> OauthError {
    OauthError::new(ErrorCode::InvalidGrant, text)
}
