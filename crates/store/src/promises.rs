//! Promises to act for a person later (contract section 1.5).

use tollgate_crypto::Digest;
use tollgate_model::{
    Timestamp,
    id::{ClientId, GrantId, UserId},
    scope::ScopeSet,
};

use crate::{Query, Row, StoreError, Transaction, params, statements};

statements! {
    /// Inserts the promise.
    INSERT = "
        insert into promises (id, digest, grant_id, client_id, user_id, scope, created_at, expires_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)";

    /// The returned row is the permission to answer with a new promise: `$1` was the live one.
    ROTATE = "
        update promises set digest = $2
        where digest = $1 and expires_at > $3
        returning id, digest, grant_id, client_id, user_id, scope, created_at, expires_at";

    /// The promise of this id.
    FIND = "
        select id, digest, grant_id, client_id, user_id, scope, created_at, expires_at
        from promises where id = $1";

    /// Deletes one row when there is such a promise.
    DELETE = "delete from promises where id = $1";

    /// Deletes the promises that had ended at `$1`.
    DELETE_EXPIRED = "delete from promises where expires_at <= $1";
}

/// A promise to act for a person later.
#[derive(Debug, Clone, PartialEq)]
pub struct Promise {
    /// Its id, which stays when the secret changes.
    pub id: String,
    /// What its live secret is digested to.
    pub digest: Digest,
    /// The grant whose end ends it.
    pub grant_id: GrantId,
    /// Who may use it.
    pub client_id: ClientId,
    /// For whom.
    pub user_id: UserId,
    /// For what.
    pub scope: ScopeSet,
    /// When it was given.
    pub created_at: Timestamp,
    /// When it ends, however often it is used.
    pub expires_at: Timestamp,
}

/// Adds a promise.
pub async fn insert(tx: &mut Transaction, promise: &Promise) -> Result<(), StoreError> {
    let values = params![
        &promise.id,
        &promise.digest,
        &promise.grant_id,
        &promise.client_id,
        &promise.user_id,
        &promise.scope,
        promise.created_at,
        promise.expires_at,
    ];
    tx.run(&INSERT, &values).await.map(drop)
}

/// Puts a new secret in the place of the live one; `None` when `old` is not the live one (any more), or the promise has
/// ended. Of many at once, one gets it.
pub async fn rotate(
    tx: &mut Transaction,
    old: &Digest,
    new: &Digest,
    now: Timestamp,
) -> Result<Option<Promise>, StoreError> {
    tx.one(&ROTATE, &params![old, new, now], promise).await
}

/// The promise of this id. One whose secret is another than what was presented has been used before.
pub async fn find(query: impl Query, id: &str) -> Result<Option<Promise>, StoreError> {
    query.one(&FIND, &params![id], promise).await
}

/// Ends a promise; `false` when it has ended already.
pub async fn delete(tx: &mut Transaction, id: &str) -> Result<bool, StoreError> {
    Ok(tx.run(&DELETE, &params![id]).await? == 1)
}

/// Deletes the promises that have ended; tells how many.
pub async fn delete_expired(tx: &mut Transaction, now: Timestamp) -> Result<u64, StoreError> {
    tx.run(&DELETE_EXPIRED, &params![now]).await
}

fn promise(row: &Row<'_>) -> Result<Promise, StoreError> {
    Ok(Promise {
        id: row.text(0)?,
        digest: row.parsed(1)?,
        grant_id: row.parsed(2)?,
        client_id: row.parsed(3)?,
        user_id: row.parsed(4)?,
        scope: row.parsed(5)?,
        created_at: row.timestamp(6)?,
        expires_at: row.timestamp(7)?,
    })
}

#[cfg(test)]
mod tests {
    use tollgate_model::Seconds;

    use super::*;
    use crate::fixture::{
        NOW, committed, digest,
        people::{SignedIn, permitted_of_sixty_four},
    };

    async fn promised(example: &SignedIn) -> Promise {
        let promise = Promise {
            id: "promise".to_owned(),
            digest: digest("promise"),
            grant_id: "grant".parse().unwrap(),
            client_id: example.client.id.clone(),
            user_id: example.user.id.clone(),
            scope: "openid".parse().unwrap(),
            created_at: NOW,
            expires_at: NOW + Seconds::DAY,
        };
        committed!(example.db, |tx| insert(tx, &promise));
        promise
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn of_sixty_four_uses_of_a_promise_at_once_one_is_permitted() {
        let example = SignedIn::new().await;
        let promise = promised(&example).await;
        let permitted = permitted_of_sixty_four(|| {
            let (db, old, new) = (example.db.clone(), promise.digest.clone(), digest("new"));
            async move { committed!(db, |tx| rotate(tx, &old, &new, NOW)).is_some() }
        });
        assert_eq!(permitted.await, 1);
        let rotated = find(&example.db, "promise").await.unwrap().unwrap();
        assert_ne!(rotated.digest, promise.digest);
        assert_eq!(Promise { digest: promise.digest.clone(), ..rotated }, promise);
    }

    #[tokio::test]
    async fn a_promise_ends_in_time_and_once() {
        let example = SignedIn::new().await;
        let Promise { digest: old, expires_at, .. } = promised(&example).await;
        let (db, new) = (&example.db, digest("new"));
        assert_eq!(committed!(db, |tx| rotate(tx, &old, &new, expires_at)), None);
        assert!(committed!(db, |tx| delete(tx, "promise")));
        assert!(!committed!(db, |tx| delete(tx, "promise")));
        promised(&example).await;
        assert_eq!(committed!(db, |tx| delete_expired(tx, expires_at)), 1);
    }
}
