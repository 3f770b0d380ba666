//! One file for each grant. A grant looks at what was asked and who asks, and returns what is granted or why not.

pub(crate) mod client_credentials;
pub(crate) mod service_account_jwt;

use tollgate_oauth::{ErrorCode, OauthError};
use tollgate_web::Instance;

/// For whom a token is meant: the resources asked for, each of which must be one of ours (RFC 8707 section 2), or the
/// gateway.
fn audience(instance: &Instance, resources: Vec<String>) -> Result<Vec<String>, OauthError> {
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
