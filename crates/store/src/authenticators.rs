//! Authenticator applications, whose codes change with the time.

use tollgate_model::{Timestamp, id::UserId};

use crate::{Query, Row, StoreError, Transaction, params, statements};

statements! {
    /// Inserts the authenticator, or replaces one that was never confirmed; nothing when one is confirmed.
    PUT = "
        insert into authenticators (user_id, sealed_secret, created_at, last_step)
        values ($1, $2, $3, -1)
        on conflict (user_id) do update set sealed_secret = excluded.sealed_secret, created_at = excluded.created_at
            where authenticators.confirmed_at is null";

    /// The authenticator of a person.
    FIND = "
        select user_id, sealed_secret, created_at, confirmed_at, last_step
        from authenticators where user_id = $1";

    /// The returned row is the permission: this very secret was waiting to be confirmed.
    CONFIRM = "
        update authenticators set confirmed_at = $4, last_step = $3
        where user_id = $1 and sealed_secret = $2 and confirmed_at is null
        returning user_id";

    /// The returned row is the permission: neither this step nor a later one was used.
    USE_STEP = "
        update authenticators set last_step = $2
        where user_id = $1 and confirmed_at is not null and last_step < $2
        returning user_id";

    /// Deletes one row when the person has an authenticator.
    DELETE = "delete from authenticators where user_id = $1";
}

/// The authenticator application of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authenticator {
    /// Whose it is.
    pub user_id: UserId,
    /// What it shares with us, sealed.
    pub sealed_secret: String,
    /// When it was shown to the person.
    pub created_at: Timestamp,
    /// When the first right code came; before that it counts for nothing.
    pub confirmed_at: Option<Timestamp>,
    /// The last step of time whose code was used; -1 before the first.
    pub last_step: i64,
}

/// Adds an authenticator that is still to be confirmed, in place of another such one; `false` when the person has a
/// confirmed one.
pub async fn put(tx: &mut Transaction, user: &UserId, sealed_secret: &str, now: Timestamp) -> Result<bool, StoreError> {
    Ok(tx.run(&PUT, &params![user, sealed_secret, now]).await? == 1)
}

/// The authenticator of a person, confirmed or not.
pub async fn find(query: impl Query, user: &UserId) -> Result<Option<Authenticator>, StoreError> {
    query.one(&FIND, &params![user], authenticator).await
}

/// Confirms the authenticator of this secret, whose code of the time `step` was right, and uses the step up; `false`
/// when it is no longer the one to be confirmed.
pub async fn confirm(
    tx: &mut Transaction,
    user: &UserId,
    sealed_secret: &str,
    step: i64,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let permission = tx.one(&CONFIRM, &params![user, sealed_secret, step, now], |_| Ok(())).await?;
    Ok(permission.is_some())
}

/// Uses up the code of the time `step`; `false` when it, or a later one, was used before. Of two at once, one gets
/// `true`.
pub async fn use_step(tx: &mut Transaction, user: &UserId, step: i64) -> Result<bool, StoreError> {
    let permission = tx.one(&USE_STEP, &params![user, step], |_| Ok(())).await?;
    Ok(permission.is_some())
}

/// Deletes the authenticator of a person; `false` when there is none.
pub async fn delete(tx: &mut Transaction, user: &UserId) -> Result<bool, StoreError> {
    Ok(tx.run(&DELETE, &params![user]).await? == 1)
}

fn authenticator(row: &Row<'_>) -> Result<Authenticator, StoreError> {
    Ok(Authenticator {
        user_id: row.parsed(0)?,
        sealed_secret: row.text(1)?,
        created_at: row.timestamp(2)?,
        confirmed_at: row.optional_timestamp(3)?,
        last_step: row.integer(4)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{
        NOW, committed,
        people::{SignedIn, permitted_of_sixty_four},
    };

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn of_sixty_four_uses_of_a_code_at_once_one_is_permitted_and_no_earlier_code_after_it() {
        let SignedIn { db, user, .. } = SignedIn::new().await;
        assert!(committed!(db, |tx| put(tx, &user.id, "sealed", NOW)));
        assert!(!committed!(db, |tx| use_step(tx, &user.id, 7)), "it is not confirmed");
        assert!(committed!(db, |tx| confirm(tx, &user.id, "sealed", 7, NOW)));
        assert!(!committed!(db, |tx| use_step(tx, &user.id, 7)), "the confirmation used it up");
        let permitted = permitted_of_sixty_four(|| {
            let (db, user) = (db.clone(), user.id.clone());
            async move { committed!(db, |tx| use_step(tx, &user, 9)) }
        });
        assert_eq!(permitted.await, 1);
        assert!(!committed!(db, |tx| use_step(tx, &user.id, 8)));
        assert!(committed!(db, |tx| use_step(tx, &user.id, 10)));
    }

    #[tokio::test]
    async fn only_the_secret_that_was_shown_last_is_confirmed_and_then_it_stays() {
        let SignedIn { db, user, .. } = SignedIn::new().await;
        assert!(committed!(db, |tx| put(tx, &user.id, "first", NOW)));
        assert!(committed!(db, |tx| put(tx, &user.id, "second", NOW)));
        assert!(!committed!(db, |tx| confirm(tx, &user.id, "first", 7, NOW)));
        assert!(committed!(db, |tx| confirm(tx, &user.id, "second", 7, NOW)));
        assert!(!committed!(db, |tx| put(tx, &user.id, "third", NOW)));
        let stored = find(&db, &user.id).await.unwrap().unwrap();
        assert_eq!((stored.sealed_secret.as_str(), stored.confirmed_at, stored.last_step), ("second", Some(NOW), 7));
        assert!(committed!(db, |tx| delete(tx, &user.id)));
        assert!(!committed!(db, |tx| delete(tx, &user.id)));
    }
}
