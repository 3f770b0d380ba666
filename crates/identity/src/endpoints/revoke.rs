//! `/ims/revoke` (RFC 7009) and `/ims/invalidate_token` (contract section 1.8): a token ends before its time.
//!
//! An access token ends alone. A code or refresh token ends the whole authorization with every access token that came of it,
//! whether `cascading=all` is sent or not: what is left of one would be worth nothing to an honest client.
//!
//! Both answer 200 with an empty body once the token opens nothing any more, and also when there was nothing to end: an
//! unreadable token, an expired one, one of another client. Telling these apart would help nobody but a thief who wants
//! to know what he has.

use axum::{extract::State, response::Response};
use http::StatusCode;
use tollgate_model::{
    Timestamp,
    id::ClientId,
    secret::PlainSecret,
    token::{Revocation, Revoked},
};
use tollgate_oauth::{
    OauthError,
    client_authentication::ClientAuthentication,
    revocation::{RevocableType, RevocationRequest},
};
use tollgate_store::{Directory, StoreError, secrets};
use tollgate_web::{
    Arrival, Received, Stop,
    access_token::{CLOCK_SKEW, read_access_token},
    answer,
    error::oauth_error_response,
};

use crate::Identity;

/// Ends a token of the calling client, or a secret key that is sent as the token.
pub(crate) async fn post(State(identity): State<Identity>, arrival: Arrival, received: Received) -> Response {
    let ended = revoke(&identity, arrival.at, &received).await;
    ended.unwrap_or_else(|stop| stop.into_response_with(|error| oauth_error_response(error, received.basic_used())))
}

/// Ends a token, in IMS's own words.
pub(crate) async fn invalidate(State(identity): State<Identity>, arrival: Arrival, received: Received) -> Response {
    let ended = invalidate_token(&identity, arrival.at, &received).await;
    ended.unwrap_or_else(|stop| stop.into_response_with(|error| oauth_error_response(error, received.basic_used())))
}

async fn revoke(identity: &Identity, now: Timestamp, received: &Received) -> Result<Response, Stop> {
    let request = RevocationRequest::parse_revoke(&received.params)?;
    if PlainSecret::looks_like_secret_key(request.token.reveal()) {
        end_secret_key(identity, request.token.reveal(), now).await?;
        return Ok(answer::empty(StatusCode::OK));
    }
    let offered = received.client()?;
    let directory = identity.house().directory_at(now)?;
    let authenticated = identity.authenticate(&directory, &offered, now).await?;
    end_token(identity, &directory, &authenticated.client.client.id, request.token.reveal(), now).await?;
    Ok(answer::empty(StatusCode::OK))
}

async fn invalidate_token(identity: &Identity, now: Timestamp, received: &Received) -> Result<Response, Stop> {
    let request = RevocationRequest::parse_invalidate(&received.params)?;
    let offered = received.client()?;
    let directory = identity.house().directory_at(now)?;
    match &offered {
        // Clients send no secret here unless it is a service token: the token itself is the proof.
        ClientAuthentication::None { client_id } if request.token_type != Some(RevocableType::ServiceToken) => {
            directory.client(client_id.as_str()).ok_or_else(OauthError::unknown_client)?;
        }
        _ => {
            identity.authenticate(&directory, &offered, now).await?;
        }
    }
    end_token(identity, &directory, offered.client_id(), request.token.reveal(), now).await?;
    Ok(answer::empty(StatusCode::OK))
}

/// Ends a token of this client, durably, before this returns. A store that fails is a fault: then the token lives, and
/// the caller is told to try again.
async fn end_token(
    identity: &Identity,
    directory: &Directory,
    client_id: &ClientId,
    text: &str,
    now: Timestamp,
) -> Result<(), Stop> {
    let house = identity.house();
    if let Some(read) = identity.read_reference(text) {
        return Ok(identity.end_reference(&read, text, client_id, now).await?);
    }
    let Ok(verified) = read_access_token(directory, &house.instance, text) else { return Ok(()) };
    let token = verified.token();
    let is_ended = token.expires_at <= now || house.directory.revocations().is_revoked(token);
    if token.client_id != *client_id || is_ended {
        return Ok(());
    }
    let revocation = Revocation {
        revoked: Revoked::Token(token.id.clone()),
        revoked_at: now,
        expires_at: token.expires_at + CLOCK_SKEW,
    };
    house.directory.revoke(&revocation).await?;
    Ok(())
}

/// Deletes a secret key: whoever knows it may end it, as may whoever finds it in a public place.
async fn end_secret_key(identity: &Identity, text: &str, now: Timestamp) -> Result<(), Stop> {
    let house = identity.house();
    let Ok(key) = PlainSecret::parse_secret_key(text) else { return Ok(()) };
    let digest = key.digest(&house.digest_key);
    if !house.directory_at(now)?.secret_keys.contains_key(&digest) {
        // Made a moment ago by another process, perhaps. A row is read for that, but strangers do not make us write.
        house.directory.refresh().await?;
    }
    if house.directory.current().secret_keys.contains_key(&digest) {
        house.db.transact::<_, StoreError>(async |tx| secrets::delete_by_digest(tx, &digest).await).await?;
        house.directory.refresh().await?;
    }
    Ok(())
}
