//! The grant of a device whose person agrees elsewhere (RFC 8628 section 3.4).

use tollgate_crypto::SecretText;
use tollgate_model::{
    grant::{Grant, REFRESH_IDLE_MAX},
    token::TokenType,
    user::User,
};
use tollgate_oauth::{ErrorCode, OauthError};
use tollgate_store::{
    StoreError, Transaction,
    device_requests::{self, DevicePoll},
    grants, users,
};
use tollgate_web::Stop;

use super::{
    Call,
    authorization_code::{OFFLINE_ACCESS, is_public},
    check_person, common, invalid_grant, narrowed_audience,
};
use crate::{
    give::Gift,
    granted::Granted,
    possession::check_bound,
    reference::{Reference, Referred},
};

/// What the device gets once the person agreed.
struct Approved {
    grant: Grant,
    user: User,
    refresh: Option<Reference>,
}

/// Answers a device that asks whether the person agreed.
pub(crate) async fn redeem(call: &Call<'_>, device_code: &SecretText) -> Result<Vec<u8>, Stop> {
    let Call { identity, now, .. } = *call;
    let text = device_code.reveal();
    let read = identity.read_reference_of(TokenType::DeviceToken, text).ok_or_else(unknown)?;
    if read.client_id != call.authenticated.client.client.id {
        return Err(unknown().into());
    }
    let digest = identity.reference_digest(TokenType::DeviceToken, text);
    let poll = async |tx: &mut Transaction| -> Result<Result<Approved, OauthError>, StoreError> {
        Ok(Err(match device_requests::poll(tx, &digest, now).await? {
            DevicePoll::Approved(grant) => return start(tx, call, *grant).await,
            DevicePoll::Pending => {
                refused(ErrorCode::AuthorizationPending, "the person has not answered yet; ask again later")
            }
            DevicePoll::SlowDown(interval) => {
                let text = format!("the device asks too often; wait {interval} seconds between two requests");
                OauthError::new(ErrorCode::SlowDown, text)
            }
            DevicePoll::Refused => refused(ErrorCode::AccessDenied, "the person did not allow it"),
            DevicePoll::Expired => expired(),
            DevicePoll::Unknown if now >= read.expires_at => expired(),
            DevicePoll::Unknown => unknown(),
        }))
    };
    let Approved { grant, user, refresh } = identity.house().db.transact(poll).await??;
    let client = std::sync::Arc::clone(&call.authenticated.client);
    let audience = narrowed_audience(&identity.house().instance, &grant.resources, Vec::new())?;
    let scope = common(&grant.scope, client.allowed_scopes());
    let granted = Granted { scope, ..Granted::of_grant(client, &grant, audience) }.bound_to(call.proven.clone());
    let gift = Gift { granted, refresh: refresh.as_ref(), person: Some(&user), told: Some(&grant) };
    identity.give(call.directory, gift, call.version, now)
}

/// What is refused here is committed: the device's code is used up.
async fn start(
    tx: &mut Transaction,
    call: &Call<'_>,
    grant: Grant,
) -> Result<Result<Approved, OauthError>, StoreError> {
    let user = users::find(&mut *tx, &grant.user_id).await?;
    let checked = check_bound(grant.key_thumbprint.as_deref(), call.proven.as_deref())
        .and_then(|()| check_person(call.directory, user));
    let user = match checked {
        Ok(user) => user,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if !grant.scope.contains(OFFLINE_ACCESS) {
        return Ok(Ok(Approved { grant, user, refresh: None }));
    }
    let referred = Referred {
        token_type: TokenType::RefreshToken,
        client_id: &grant.client_id,
        user_id: grant.user_id.as_str(),
        grant_id: Some(&grant.id),
        expires_at: (call.now + REFRESH_IDLE_MAX).min(grant.expires_at),
    };
    let refresh = call.identity.write_reference(referred, call.now);
    if let Some(key) = call.proven.as_deref().filter(|_| grant.key_thumbprint.is_none() && is_public(call)) {
        grants::bind(tx, &grant.id, key).await?;
    }
    grants::start_refresh(tx, &grant.id, &refresh.digest, refresh.expires_at, call.now).await?;
    Ok(Ok(Approved { grant, user, refresh: Some(refresh) }))
}

fn refused(code: ErrorCode, text: &'static str) -> OauthError {
    OauthError::new(code, text)
}

fn unknown() -> OauthError {
    invalid_grant("the device_code is unknown, or was used before")
}

fn expired() -> OauthError {
    refused(ErrorCode::ExpiredToken, "the device_code has expired; ask for a new one at /ims/device_authorization")
}
