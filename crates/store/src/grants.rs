//! Authorizations: what people let applications do, from the code to the last refresh token.

pub(crate) mod endings;
pub(crate) mod refresh;
#[cfg(test)]
mod tests;

pub use endings::{delete_ended, revoke, revoke_of_session, revoke_of_user, revoke_of_user_client};
pub use refresh::{RefreshState, Rotation, bind, clear_answers, refresh_state, rotate, start_refresh};

use tollgate_crypto::Digest;
use tollgate_model::{
    Timestamp,
    grant::{Grant, SignInFacts},
    id::{ClientId, GrantId, SessionId, UserId},
    token::ACCESS_TOKEN_LIFETIME,
};

use crate::{Query, Row, StoreError, Transaction, Value, params, statements};

statements! {
    /// Inserts the grant, which cannot be refreshed yet.
    INSERT = "
        insert into grants
            (id, client_id, user_id, session_id, scope, resources, binding, key_thumbprint, authenticated_at, methods,
            code_digest, code_expires_at, created_at, expires_at, last_used_at, idle_expires_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $13, $12)";

    /// The grant of this id.
    FIND = "
        select id, client_id, user_id, session_id, scope, resources, binding, key_thumbprint, authenticated_at, methods,
            code_digest, code_expires_at, created_at, expires_at
        from grants where id = $1";

    /// The returned row is the permission to answer the code with tokens.
    REDEEM_CODE = "
        update grants set code_consumed_at = $2, last_used_at = $2
        where code_digest = $1 and code_consumed_at is null and revoked_at is null and code_expires_at > $2
        returning id, client_id, user_id, session_id, scope, resources, binding, key_thumbprint, authenticated_at,
            methods, code_digest, code_expires_at, created_at, expires_at";

    /// What became of the grant of this code.
    FATE_OF_CODE = "
        select id, code_consumed_at, revoked_at
        from grants where code_digest = $1";

    /// Changes one row when the grant exists and was not used later.
    TOUCH = "update grants set last_used_at = $2 where id = $1 and last_used_at < $2";

    /// The credentials that a person let do something in a session.
    CLIENTS_OF_SESSION = "select distinct client_id from grants where session_id = $1 order by client_id";

    /// The credentials whose grants of a person are not revoked and ended after `$2`, the last used one first.
    LIST_OF_USER = "
        select g.client_id, c.name, min(g.created_at), max(g.last_used_at), count(*)
        from grants g join clients c on c.id = g.client_id
        where g.user_id = $1 and g.revoked_at is null and g.idle_expires_at > $2
        group by g.client_id, c.name
        order by 4 desc, 1";
}

/// What became of a code that was presented.
#[derive(Debug, Clone, PartialEq)]
pub enum CodeUse {
    /// It is used up now, for tokens of this grant.
    Redeemed(Box<Grant>),
    /// It was used up before; the tokens of this grant may be in wrong hands.
    UsedBefore(GrantId),
    /// Its time is over.
    Expired,
    /// There is no such code, or its grant was revoked.
    Unknown,
}

/// An application that a person let do something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectedClient {
    /// Which it is.
    pub client_id: ClientId,
    /// What it is called.
    pub client_name: String,
    /// When the first of the grants was given.
    pub first_at: Timestamp,
    /// When one of them was last used.
    pub last_used_at: Timestamp,
    /// How many there are.
    pub grants: i64,
}

/// Adds a grant. Until [`start_refresh`] it ends with its code.
pub async fn insert(tx: &mut Transaction, grant: &Grant) -> Result<(), StoreError> {
    let values = params![
        &grant.id,
        &grant.client_id,
        &grant.user_id,
        grant.sign_in.session_id.as_ref(),
        &grant.scope,
        Value::json(&grant.resources),
        Value::json(&grant.binding),
        grant.key_thumbprint.as_deref(),
        grant.sign_in.authenticated_at,
        &grant.sign_in.methods,
        grant.code_digest.as_ref(),
        grant.code_expires_at,
        grant.created_at,
        grant.expires_at,
    ];
    tx.run(&INSERT, &values).await.map(drop)
}

/// The grant of this id.
pub async fn find(query: impl Query, id: &GrantId) -> Result<Option<Grant>, StoreError> {
    query.one(&FIND, &params![id], grant).await
}

/// Uses up a code. Of many at once, one gets [`CodeUse::Redeemed`].
pub async fn redeem_code(tx: &mut Transaction, code: &Digest, now: Timestamp) -> Result<CodeUse, StoreError> {
    if let Some(redeemed) = tx.one(&REDEEM_CODE, &params![code, now], grant).await? {
        return Ok(CodeUse::Redeemed(Box::new(redeemed)));
    }
    let fate = tx.one(&FATE_OF_CODE, &params![code], fate).await?;
    Ok(fate.unwrap_or(CodeUse::Unknown))
}

/// Notes that a token of the grant was used; a grant that is gone is passed over.
pub async fn touch(tx: &mut Transaction, id: &GrantId, now: Timestamp) -> Result<(), StoreError> {
    tx.run(&TOUCH, &params![id, now]).await.map(drop)
}

/// The credentials that a person let do something in a session, also those whose grants were revoked: all that may want
/// to know of its end.
pub async fn clients_of_session(query: impl Query, session: &SessionId) -> Result<Vec<ClientId>, StoreError> {
    query.all(&CLIENTS_OF_SESSION, &params![session], |row| row.parsed(0)).await
}

/// The applications that hold, or may hold, tokens of a person, the last used one first.
pub async fn list_of_user(
    query: impl Query,
    user: &UserId,
    now: Timestamp,
) -> Result<Vec<ConnectedClient>, StoreError> {
    // A grant that cannot be refreshed any more may have an access token that still lasts.
    let values = params![user, now - ACCESS_TOKEN_LIFETIME];
    query.all(&LIST_OF_USER, &values, connected).await
}

/// Why a code is not good for tokens.
fn fate(row: &Row<'_>) -> Result<CodeUse, StoreError> {
    Ok(match (row.optional_timestamp(1)?, row.optional_timestamp(2)?) {
        (Some(_), _) => CodeUse::UsedBefore(row.parsed(0)?),
        (None, Some(_)) => CodeUse::Unknown,
        (None, None) => CodeUse::Expired,
    })
}

fn connected(row: &Row<'_>) -> Result<ConnectedClient, StoreError> {
    Ok(ConnectedClient {
        client_id: row.parsed(0)?,
        client_name: row.text(1)?,
        first_at: row.timestamp(2)?,
        last_used_at: row.timestamp(3)?,
        grants: row.integer(4)?,
    })
}

/// The grant whose fourteen columns begin the row.
fn grant(row: &Row<'_>) -> Result<Grant, StoreError> {
    Ok(Grant {
        id: row.parsed(0)?,
        client_id: row.parsed(1)?,
        user_id: row.parsed(2)?,
        sign_in: SignInFacts {
            session_id: row.optional_parsed(3)?,
            authenticated_at: row.timestamp(8)?,
            methods: row.parsed(9)?,
        },
        scope: row.parsed(4)?,
        resources: row.json(5)?,
        binding: row.json(6)?,
        key_thumbprint: row.optional_text(7)?,
        code_digest: row.optional_parsed(10)?,
        code_expires_at: row.timestamp(11)?,
        created_at: row.timestamp(12)?,
        expires_at: row.timestamp(13)?,
    })
}
