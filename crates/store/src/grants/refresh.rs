//! The one live refresh token of a grant, and the one before it.

use tollgate_crypto::Digest;
use tollgate_model::{Timestamp, grant::Grant, id::GrantId};

use crate::{Query, Row, StoreError, Transaction, params, statements};

statements! {
    /// Changes one row when the grant exists and is bound to no key yet.
    BIND = "update grants set key_thumbprint = $2 where id = $1 and key_thumbprint is null";

    /// Changes one row when the grant is not revoked and has no refresh token yet.
    START = "
        update grants set refresh_digest = $2, last_used_at = $4,
            idle_expires_at = case when $3 < expires_at then $3 else expires_at end
        where id = $1 and refresh_digest is null and revoked_at is null";

    /// The returned row is the permission to answer with the new pair: `$2` was the live refresh token.
    ROTATE = "
        update grants set previous_digest = refresh_digest, refresh_digest = $3, answer = $4, rotated_at = $6,
            last_used_at = $6, idle_expires_at = case when $5 < expires_at then $5 else expires_at end
        where id = $1 and refresh_digest = $2 and revoked_at is null and idle_expires_at > $6
        returning id";

    /// The grant with all that refreshing goes by.
    STATE = "
        select id, client_id, user_id, session_id, scope, resources, binding, key_thumbprint, authenticated_at, methods,
            code_digest, code_expires_at, created_at, expires_at,
            refresh_digest, previous_digest, rotated_at, answer, last_used_at, idle_expires_at, revoked_at,
            code_consumed_at
        from grants where id = $1";

    /// Forgets the answers of rotations up to `$1`.
    CLEAR_ANSWERS = "update grants set answer = null where answer is not null and rotated_at <= $1";
}

/// A grant with all that refreshing goes by.
#[derive(Debug, Clone, PartialEq)]
pub struct RefreshState {
    /// The grant itself.
    pub grant: Grant,
    /// The digest of the live refresh token; `None` when there never was one.
    pub current: Option<Digest>,
    /// The digest of the one before.
    pub previous: Option<Digest>,
    /// When the one before was used up.
    pub rotated_at: Option<Timestamp>,
    /// What it was answered with, sealed; `None` once it is forgotten.
    pub answer: Option<String>,
    /// When the grant was last used.
    pub last_used_at: Timestamp,
    /// When it ends unless it is refreshed.
    pub idle_expires_at: Timestamp,
    /// When it was ended before its time.
    pub revoked_at: Option<Timestamp>,
    /// When its code was redeemed.
    pub code_consumed_at: Option<Timestamp>,
}

/// One use of a refresh token.
#[derive(Debug, Clone, Copy)]
pub struct Rotation<'a> {
    /// The grant that the token names.
    pub grant_id: &'a GrantId,
    /// The digest of the token that is used up.
    pub old: &'a Digest,
    /// The digest of the one that takes its place.
    pub new: &'a Digest,
    /// The whole answer, sealed, for a client that loses it.
    pub sealed_answer: &'a str,
    /// When the new one ends unless it is used; the end of the grant cuts it.
    pub idle_expires_at: Timestamp,
}

/// Binds the refresh tokens of a grant to the key that was proved at its first token; `false` when it is bound already.
pub async fn bind(tx: &mut Transaction, id: &GrantId, key_thumbprint: &str) -> Result<bool, StoreError> {
    Ok(tx.run(&BIND, &params![id, key_thumbprint]).await? == 1)
}

/// Gives a grant its first refresh token; `false` when it has one, was revoked, or is gone.
pub async fn start_refresh(
    tx: &mut Transaction,
    id: &GrantId,
    refresh: &Digest,
    idle_expires_at: Timestamp,
    now: Timestamp,
) -> Result<bool, StoreError> {
    Ok(tx.run(&START, &params![id, refresh, idle_expires_at, now]).await? == 1)
}

/// Puts a new refresh token in the place of the live one. Of many uses at once, one gets `true`. `false` when the token
/// is not the live one (any more), or the grant has ended: [`refresh_state`] tells which.
pub async fn rotate(tx: &mut Transaction, rotation: &Rotation<'_>, now: Timestamp) -> Result<bool, StoreError> {
    let Rotation { grant_id, old, new, sealed_answer, idle_expires_at } = *rotation;
    let values = params![grant_id, old, new, sealed_answer, idle_expires_at, now];
    let permission = tx.one(&ROTATE, &values, |_| Ok(())).await?;
    Ok(permission.is_some())
}

/// The grant of this id with all that refreshing goes by.
pub async fn refresh_state(query: impl Query, id: &GrantId) -> Result<Option<RefreshState>, StoreError> {
    query.one(&STATE, &params![id], state).await
}

/// Forgets the answers of rotations up to `rotated_before`; tells how many.
pub async fn clear_answers(tx: &mut Transaction, rotated_before: Timestamp) -> Result<u64, StoreError> {
    tx.run(&CLEAR_ANSWERS, &params![rotated_before]).await
}

fn state(row: &Row<'_>) -> Result<RefreshState, StoreError> {
    Ok(RefreshState {
        grant: super::grant(row)?,
        current: row.optional_parsed(14)?,
        previous: row.optional_parsed(15)?,
        rotated_at: row.optional_timestamp(16)?,
        answer: row.optional_text(17)?,
        last_used_at: row.timestamp(18)?,
        idle_expires_at: row.timestamp(19)?,
        revoked_at: row.optional_timestamp(20)?,
        code_consumed_at: row.optional_timestamp(21)?,
    })
}
