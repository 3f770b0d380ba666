//! The grants `promise` and `promise_exchange`: a worker keeps a promise, and swaps it for tokens of five minutes to act for
//! a person who is not there any more (contract section 1.5).
//!
//! A promise is as good as the authorization it was made under, and its text changes with each use. A text that was
//! replaced ends the promise: two have it.

use std::sync::Arc;

use tollgate_crypto::SecretText;
use tollgate_model::{Seconds, grant::Grant, id::TokenId, scope::ScopeSet, token::TokenType};
use tollgate_oauth::{
    ErrorCode, OauthError,
    answers::{AnswerType, TokenAnswer, promise_answer},
    reference_token::ReferenceToken,
};
use tollgate_store::{
    StoreError, Transaction, grants,
    promises::{self, Promise},
    users,
};
use tollgate_web::Stop;

use super::{
    Call, audience,
    authorization_code::OFFLINE_ACCESS,
    check_person,
    token_exchange::{exchanged_scope, persons_token},
};
use crate::{granted::Granted, issue::Issued, reference::Referred};

/// How long a promise lasts (contract section 2.5).
const PROMISE_LIFETIME: Seconds = Seconds(4 * 3_600);
/// The same when the person agreed to be acted for while away.
const OFFLINE_PROMISE_LIFETIME: Seconds = Seconds(30 * Seconds::DAY.0);
/// How long its access tokens last.
const ACCESS_LIFETIME: Seconds = Seconds(300);

/// Makes a promise for the person whose token is shown.
pub(crate) async fn give(
    call: &Call<'_>,
    authenticating_token: &SecretText,
    asked: Option<ScopeSet>,
) -> Result<Vec<u8>, Stop> {
    let Call { identity, now, .. } = *call;
    let shown = persons_token(call, authenticating_token.reveal(), "authenticating_token").await;
    let (shown, user) = shown.map_err(|stop| as_code(stop, ErrorCode::InvalidAuthenticatingToken))?;
    let token = shown.token();
    let sign_in = token.sign_in.as_ref().ok_or_else(no_sign_in)?;
    let client = &call.authenticated.client;
    let scope = exchanged_scope(asked, &token.scope, client.allowed_scopes())?;
    let lifetime = if token.scope.contains(OFFLINE_ACCESS) { OFFLINE_PROMISE_LIFETIME } else { PROMISE_LIFETIME };
    let id = TokenId::generate(&*identity.house().entropy, now);
    let referred = Referred {
        token_type: TokenType::PromiseToken,
        client_id: &client.client.id,
        user_id: &token.subject,
        grant_id: Some(&sign_in.grant_id),
        expires_at: now + lifetime,
    };
    let reference = identity.write_reference_under(&id, referred, now);
    let promise = Promise {
        id: id.to_string(),
        digest: reference.digest,
        grant_id: sign_in.grant_id.clone(),
        client_id: client.client.id.clone(),
        user_id: user.id,
        scope,
        created_at: now,
        expires_at: reference.expires_at,
    };
    identity.house().db.transact::<_, StoreError>(async |tx| promises::insert(tx, &promise).await).await?;
    Ok(promise_answer(call.version, reference.text.reveal(), Seconds(lifetime.0 - 1), &promise.scope))
}

/// Swaps a promise for an access token and the next text of the promise.
pub(crate) async fn redeem(call: &Call<'_>, promise_token: &SecretText) -> Result<Vec<u8>, Stop> {
    let Call { identity, now, .. } = *call;
    let text = promise_token.reveal();
    let read = identity.read_reference_of(TokenType::PromiseToken, text).ok_or_else(unknown)?;
    let id = promise_id(&read).ok_or_else(unknown)?;
    let found = promises::find(&identity.house().db, id.as_str()).await?;
    let promise = found.filter(|promise| now < promise.expires_at).ok_or_else(unknown)?;
    if promise.client_id != call.authenticated.client.client.id {
        return Err(unknown().into());
    }
    let issued = issue(call, &promise).await?;
    let referred = Referred {
        token_type: TokenType::PromiseToken,
        client_id: &promise.client_id,
        user_id: promise.user_id.as_str(),
        grant_id: Some(&promise.grant_id),
        expires_at: promise.expires_at,
    };
    let next = identity.write_reference_under(&id, referred, now);
    let old = identity.reference_digest(TokenType::PromiseToken, text);
    let rotate = async |tx: &mut Transaction| -> Result<bool, StoreError> {
        let rotated = promises::rotate(tx, &old, &next.digest, now).await?.is_some();
        if !rotated {
            promises::delete(tx, id.as_str()).await?;
        }
        Ok(rotated)
    };
    if !identity.house().db.transact(rotate).await? {
        return Err(refused("the promise was used before, and has been ended").into());
    }
    let answer = TokenAnswer::of_token(call.version, &issued.access_token, issued.remaining, Some(&issued.scope));
    let token_type = if issued.is_bound { AnswerType::Dpop } else { AnswerType::AccessToken };
    let remaining = promise.expires_at.seconds_since(now);
    Ok(answer.with_type(token_type).with_promise(next.text.reveal(), &id, remaining).to_json())
}

/// The id of the promise whose text was read: it stays when the text changes.
pub(crate) fn promise_id(read: &ReferenceToken) -> Option<TokenId> {
    read.id.as_str().rsplit_once('.')?.0.parse().ok()
}

async fn issue(call: &Call<'_>, promise: &Promise) -> Result<Issued, Stop> {
    let house = call.identity.house();
    let grant = standing_grant(call, promise).await?;
    check_person(call.directory, users::find(&house.db, &promise.user_id).await?)
        .map_err(|refusal| as_code(refusal.into(), ErrorCode::InvalidPromiseToken))?;
    let client = &call.authenticated.client;
    let audience = audience(&house.instance, grant.resources.clone())?;
    let granted = Granted {
        scope: super::common(&promise.scope, client.allowed_scopes()),
        acting_client: (grant.client_id != promise.client_id).then(|| promise.client_id.clone()),
        ends_by: Some(call.now + ACCESS_LIFETIME),
        ..Granted::of_grant(Arc::clone(client), &grant, audience)
    };
    Ok(call.identity.issue(call.directory, granted.bound_to(call.proven.clone()), call.now)?)
}

/// The authorization under which the promise was made, if it stands.
async fn standing_grant(call: &Call<'_>, promise: &Promise) -> Result<Grant, Stop> {
    let state = grants::refresh_state(&call.identity.house().db, &promise.grant_id).await?;
    let state = state.filter(|state| state.revoked_at.is_none() && call.now < state.grant.expires_at);
    Ok(state.ok_or_else(|| refused("the person's authorization behind the promise has ended"))?.grant)
}

fn as_code(stop: Stop, code: ErrorCode) -> Stop {
    match stop {
        Stop::Refusal(refusal) => OauthError::new(code, refusal.description().to_owned()).into(),
        Stop::Fault(fault) => fault.into(),
    }
}

fn no_sign_in() -> OauthError {
    OauthError::new(ErrorCode::InvalidAuthenticatingToken, "authenticating_token comes from no sign-in")
}

fn refused(text: &'static str) -> OauthError {
    OauthError::new(ErrorCode::InvalidPromiseToken, text)
}

fn unknown() -> OauthError {
    refused("the promise_token is unknown or has expired")
}
