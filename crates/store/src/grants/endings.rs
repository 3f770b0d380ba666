//! How grants end. The access tokens that came of them end by revocations, which the caller adds.

use tollgate_model::{
    Timestamp,
    id::{ClientId, GrantId, SessionId, UserId},
    token::ACCESS_TOKEN_LIFETIME,
};

use crate::{Query, Statement, StoreError, Transaction, Value, params, statements};

statements! {
    /// The grant, when it was not revoked before.
    REVOKE = "
        update grants set revoked_at = $2, answer = null
        where id = $1 and revoked_at is null
        returning id";

    /// The grants of a person to a credential that were not revoked before.
    REVOKE_OF_USER_CLIENT = "
        update grants set revoked_at = $3, answer = null
        where user_id = $1 and client_id = $2 and revoked_at is null
        returning id";

    /// The grants of a session that were not revoked before.
    REVOKE_OF_SESSION = "
        update grants set revoked_at = $2, answer = null
        where session_id = $1 and revoked_at is null
        returning id";

    /// The grants of a person that were not revoked before.
    REVOKE_OF_USER = "
        update grants set revoked_at = $2, answer = null
        where user_id = $1 and revoked_at is null
        returning id";

    /// Deletes the grants that had ended at `$1`, revoked or not.
    DELETE_ENDED = "delete from grants where idle_expires_at <= $1";
}

/// Ends a grant; `false` when it had ended so before, or is gone.
pub async fn revoke(tx: &mut Transaction, id: &GrantId, now: Timestamp) -> Result<bool, StoreError> {
    Ok(!revoked(tx, &REVOKE, &params![id, now]).await?.is_empty())
}

/// Ends all that a person let an application do, and names the grants.
pub async fn revoke_of_user_client(
    tx: &mut Transaction,
    user: &UserId,
    client: &ClientId,
    now: Timestamp,
) -> Result<Vec<GrantId>, StoreError> {
    revoked(tx, &REVOKE_OF_USER_CLIENT, &params![user, client, now]).await
}

/// Ends all grants that were given in a session, and names them.
pub async fn revoke_of_session(
    tx: &mut Transaction,
    session: &SessionId,
    now: Timestamp,
) -> Result<Vec<GrantId>, StoreError> {
    revoked(tx, &REVOKE_OF_SESSION, &params![session, now]).await
}

/// Ends all grants of a person, and names them.
pub async fn revoke_of_user(tx: &mut Transaction, user: &UserId, now: Timestamp) -> Result<Vec<GrantId>, StoreError> {
    revoked(tx, &REVOKE_OF_USER, &params![user, now]).await
}

/// Deletes the grants of which no token can be left; tells how many.
pub async fn delete_ended(tx: &mut Transaction, now: Timestamp) -> Result<u64, StoreError> {
    tx.run(&DELETE_ENDED, &params![now - ACCESS_TOKEN_LIFETIME]).await
}

async fn revoked(tx: &mut Transaction, statement: &Statement, values: &[Value]) -> Result<Vec<GrantId>, StoreError> {
    tx.all(statement, values, |row| row.parsed(0)).await
}
