//! The grant of RFC 8693, as IMS's on-behalf-of: a service gets a token of its own to act for the person whose token it was
//! shown.
//!
//! Nothing grows: the new token opens what the old one opens and the service may itself, no longer than the old one, and it
//! ends with the sign-in that the old one came from.

use tollgate_crypto::SecretText;
use tollgate_model::{
    scope::ScopeSet,
    token::{AccessToken, Actor},
    user::User,
};
use tollgate_oauth::{ErrorCode, OauthError, answers::TokenAnswer};
use tollgate_store::users;
use tollgate_web::{Stop, VerifiedToken, verify_access_token};

use super::{Call, audience, authorization_code::OFFLINE_ACCESS, check_person, common, invalid_grant};
use crate::{client_auth::Proof, give::answer_type, granted::Granted, issue::Issued, possession::check_bound};

/// What is asked for.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) subject_token: SecretText,
    /// A token of whoever acts, which can only be the caller.
    pub(crate) actor_token: Option<SecretText>,
    pub(crate) scope: Option<ScopeSet>,
    /// For whom the token shall be meant, by address or by name.
    pub(crate) resources: Vec<String>,
}

/// Exchanges the token of a person.
pub(crate) async fn redeem(call: &Call<'_>, asked: Asked) -> Result<Vec<u8>, Stop> {
    let (shown, _) = persons_token(call, asked.subject_token.reveal(), "subject_token").await?;
    check_actor(call, asked.actor_token.as_ref())?;
    let issued = exchange(call, shown.token(), asked.scope, asked.resources)?;
    let answer = TokenAnswer::of_token(call.version, &issued.access_token, issued.remaining, Some(&issued.scope));
    Ok(answer.with_type(answer_type(&issued)).with_issued_type().to_json())
}

/// The token of a person who may still be acted for, and the person, shown by a service of the organization that it was issued in. One that
/// is bound to a key must come with a proof by that key.
pub(super) async fn persons_token(
    call: &Call<'_>,
    text: &str,
    parameter: &'static str,
) -> Result<(VerifiedToken, User), Stop> {
    if call.authenticated.proof == Proof::Name {
        return Err(OauthError::missing_client_authentication().into());
    }
    let house = call.identity.house();
    let verified = verify_access_token(house, call.directory, text, call.now)
        .map_err(|refusal| invalid_grant(format!("parameter {parameter} is not accepted: {refusal}")))?;
    let token = verified.token();
    if token.actor != Actor::User {
        return Err(invalid_grant(format!("parameter {parameter} is not the token of a person")).into());
    }
    if token.organization_id != call.authenticated.client.organization.id {
        return Err(invalid_grant(format!("parameter {parameter} was issued in another organization")).into());
    }
    check_bound(token.key_thumbprint.as_deref(), call.proven.as_deref())?;
    let user_id = token.subject.parse().map_err(|_| invalid_grant(format!("parameter {parameter} names nobody")))?;
    let user = check_person(call.directory, users::find(&house.db, &user_id).await?)?;
    Ok((verified, user))
}

/// A token of the caller for what the shown one opens.
pub(super) fn exchange(
    call: &Call<'_>,
    shown: &AccessToken,
    asked: Option<ScopeSet>,
    resources: Vec<String>,
) -> Result<Issued, Stop> {
    let client = &call.authenticated.client;
    let acting_client =
        if shown.client_id == client.client.id { shown.acting_client.clone() } else { Some(client.client.id.clone()) };
    let granted = Granted {
        client: std::sync::Arc::clone(client),
        subject: shown.subject.clone(),
        actor: Actor::User,
        scope: exchanged_scope(asked, &shown.scope, client.allowed_scopes())?,
        audience: audience(&call.identity.house().instance, resources)?,
        sign_in: shown.sign_in.clone(),
        key_thumbprint: call.proven.clone(),
        acting_client,
        ends_by: Some(shown.expires_at),
    };
    Ok(call.identity.issue(call.directory, granted, call.now)?)
}

/// What is asked for of what the shown token opens and the caller is allowed; refreshing is not passed on.
pub(super) fn exchanged_scope(
    asked: Option<ScopeSet>,
    shown: &ScopeSet,
    allowed: &ScopeSet,
) -> Result<ScopeSet, OauthError> {
    let offline = OFFLINE_ACCESS.parse().expect("a word is a scope");
    let available = common(shown, allowed).without(&offline);
    let scope = super::narrowed(asked.map(|asked| asked.without(&offline)).as_ref(), &available, allowed)?;
    if scope.is_empty() {
        let text = "the token that was shown opens nothing that this client is allowed";
        return Err(OauthError::new(ErrorCode::InvalidScope, text));
    }
    Ok(scope)
}

/// Whoever acts is the caller, and a token that says so may be sent along.
fn check_actor(call: &Call<'_>, actor_token: Option<&SecretText>) -> Result<(), OauthError> {
    let Some(actor_token) = actor_token else { return Ok(()) };
    let verified = verify_access_token(call.identity.house(), call.directory, actor_token.reveal(), call.now)
        .map_err(|refusal| invalid_grant(format!("parameter actor_token is not accepted: {refusal}")))?;
    if verified.token().client_id == call.authenticated.client.client.id {
        return Ok(());
    }
    Err(invalid_grant("parameter actor_token is not a token of this client"))
}
