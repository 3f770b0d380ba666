//! The grant `refresh_token`: new tokens for an old refresh token, which is replaced (RFC 6749 section 6, RFC 9700 section
//! 4.14.2).
//!
//! A client that lost the answer, or asked twice at once, gets the same pair again for a few seconds. After that, or once
//! the new token was used, the old one in anybody's hands means that there are two holders, and the grant ends.

use tollgate_crypto::{Digest, SecretText};
use tollgate_model::{
    grant::{REFRESH_GRACE, REFRESH_IDLE_MAX},
    id::GrantId,
    scope::ScopeSet,
    token::TokenType,
};
use tollgate_oauth::OauthError;
use tollgate_store::{
    StoreError,
    grants::{self, RefreshState, Rotation},
    users,
};
use tollgate_web::{Fault, Stop};

use super::{Call, authorization_code::is_public, check_person, invalid_grant, narrowed, narrowed_audience};
use crate::{give::Gift, granted::Granted, possession::check_bound, reference::Referred};

/// How often the state is read again when others use the same token at the same time.
const ATTEMPTS_MAX: usize = 3;

/// What is asked for.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) refresh_token: SecretText,
    /// Fewer scopes than were granted.
    pub(crate) scope: Option<ScopeSet>,
    /// Fewer resources than were granted.
    pub(crate) resources: Vec<String>,
}

/// Gives new tokens for a refresh token.
pub(crate) async fn redeem(call: &Call<'_>, asked: Asked) -> Result<Vec<u8>, Stop> {
    let Call { identity, now, .. } = *call;
    let text = asked.refresh_token.reveal();
    let read = identity.read_reference_of(TokenType::RefreshToken, text).ok_or_else(unknown)?;
    let grant_id = read.grant_id.ok_or_else(unknown)?;
    let digest = identity.reference_digest(TokenType::RefreshToken, text);
    for _ in 0..ATTEMPTS_MAX {
        let Some(state) = grants::refresh_state(&identity.house().db, &grant_id).await? else {
            return Err(if now < read.expires_at { unknown() } else { expired() }.into());
        };
        check(call, &state)?;
        if state.current.as_ref() == Some(&digest) {
            if let Some(body) = rotate(call, &asked, &state, &digest).await? {
                return Ok(body);
            }
            // Somebody else was faster; what they were given is there now.
            continue;
        }
        if state.previous.as_ref() == Some(&digest)
            && state.rotated_at.is_some_and(|rotated_at| now <= rotated_at + REFRESH_GRACE)
            && let Some(sealed) = &state.answer
        {
            return Ok(open(call, &grant_id, sealed)?);
        }
        identity.revoke_grant(&grant_id, now).await?;
        return Err(used_before().into());
    }
    Err(Fault::new("a refresh token changed again and again while it was used").into())
}

/// Checks who presents the token, and whether the grant still stands, before anything is told about the token itself.
fn check(call: &Call<'_>, state: &RefreshState) -> Result<(), OauthError> {
    if state.grant.client_id != call.authenticated.client.client.id {
        return Err(unknown());
    }
    if state.revoked_at.is_some() {
        return Err(invalid_grant("the refresh token was revoked; send the person through /ims/authorize again"));
    }
    if call.now >= state.idle_expires_at || call.now >= state.grant.expires_at {
        return Err(expired());
    }
    // A confidential client proves itself anyway; its refresh tokens are bound to that (RFC 9449 section 5).
    if is_public(call) { check_bound(state.grant.key_thumbprint.as_deref(), call.proven.as_deref()) } else { Ok(()) }
}

/// Puts a new pair in the place of the token; `None` when another use of it was faster.
async fn rotate(call: &Call<'_>, asked: &Asked, state: &RefreshState, old: &Digest) -> Result<Option<Vec<u8>>, Stop> {
    let Call { identity, directory, now, .. } = *call;
    let house = identity.house();
    let grant = &state.grant;
    let client = &call.authenticated.client;
    check_person(directory, users::find(&house.db, &grant.user_id).await?)?;
    let scope = narrowed(asked.scope.as_ref(), &grant.scope, client.allowed_scopes())?;
    let audience = narrowed_audience(&house.instance, &grant.resources, asked.resources.clone())?;
    let idle_expires_at = (now + REFRESH_IDLE_MAX).min(grant.expires_at);
    let refresh = identity.write_reference(
        Referred {
            token_type: TokenType::RefreshToken,
            client_id: &client.client.id,
            user_id: grant.user_id.as_str(),
            grant_id: Some(&grant.id),
            expires_at: idle_expires_at,
        },
        now,
    );
    let granted = Granted { scope, ..Granted::of_grant(std::sync::Arc::clone(client), grant, audience) };
    let gift =
        Gift { granted: granted.bound_to(call.proven.clone()), refresh: Some(&refresh), person: None, told: None };
    let body = identity.give(directory, gift, call.version, now)?;
    let sealed = house.master_key.seal(&*house.entropy, &purpose(&grant.id), &body);
    let rotation = Rotation { grant_id: &grant.id, old, new: &refresh.digest, sealed_answer: &sealed, idle_expires_at };
    let is_first = house.db.transact::<_, StoreError>(async |tx| grants::rotate(tx, &rotation, now).await).await?;
    Ok(is_first.then_some(body))
}

fn open(call: &Call<'_>, grant_id: &GrantId, sealed: &str) -> Result<Vec<u8>, Fault> {
    Ok(call.identity.house().master_key.open(&purpose(grant_id), sealed)?.reveal().to_vec())
}

fn purpose(grant_id: &GrantId) -> String {
    format!("answer of grant {grant_id}")
}

fn unknown() -> OauthError {
    invalid_grant("the refresh token is unknown; send the person through /ims/authorize again")
}

fn expired() -> OauthError {
    invalid_grant("the refresh token has expired; send the person through /ims/authorize again")
}

fn used_before() -> OauthError {
    invalid_grant("the refresh token was used before; all tokens of this authorization have been ended")
}
