//! Codes for the day on which an authenticator is lost.

use tollgate_crypto::Digest;
use tollgate_model::{Timestamp, id::UserId};

use crate::{Query, StoreError, Transaction, params, statements};

statements! {
    /// Changes nothing; the person's row stays locked until the transaction ends.
    HOLD = "update users set enabled = enabled where id = $1";

    /// Deletes all codes of a person.
    DELETE_ALL = "delete from recovery_codes where user_id = $1";

    /// Inserts the code.
    INSERT = "insert into recovery_codes (user_id, digest, created_at) values ($1, $2, $3)";

    /// The returned row is the permission: the person had the code, and has it no more.
    CONSUME = "
        delete from recovery_codes where user_id = $1 and digest = $2
        returning user_id";

    /// How many codes a person has left.
    COUNT = "select count(*) from recovery_codes where user_id = $1";

    /// When the codes of a person were made, which is once for all of them.
    MADE_AT = "select max(created_at) from recovery_codes where user_id = $1";
}

/// Gives a person new codes in place of all earlier ones. Of two at once, the later ones count.
pub async fn replace_all(
    tx: &mut Transaction,
    user: &UserId,
    codes: &[Digest],
    now: Timestamp,
) -> Result<(), StoreError> {
    // Otherwise one of two at once would not see, and not delete, the codes of the other.
    tx.run(&HOLD, &params![user]).await?;
    tx.run(&DELETE_ALL, &params![user]).await?;
    for code in codes {
        tx.run(&INSERT, &params![user, code, now]).await?;
    }
    Ok(())
}

/// Uses up a code; `false` when the person has no such code (any more). Of two at once, one gets `true`.
pub async fn consume(tx: &mut Transaction, user: &UserId, code: &Digest) -> Result<bool, StoreError> {
    let permission = tx.one(&CONSUME, &params![user, code], |_| Ok(())).await?;
    Ok(permission.is_some())
}

/// How many codes a person has left.
pub async fn count(query: impl Query, user: &UserId) -> Result<i64, StoreError> {
    let count = query.one(&COUNT, &params![user], |row| row.integer(0)).await?;
    Ok(count.unwrap_or_default())
}

/// When the codes that a person has left were made; `None` without any.
pub async fn made_at(query: impl Query, user: &UserId) -> Result<Option<Timestamp>, StoreError> {
    Ok(query.one(&MADE_AT, &params![user], |row| row.optional_timestamp(0)).await?.flatten())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{
        NOW, committed, digest,
        people::{SignedIn, permitted_of_sixty_four},
    };

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn of_sixty_four_uses_of_a_recovery_code_at_once_one_is_permitted() {
        let SignedIn { db, user, .. } = SignedIn::new().await;
        let codes = [digest("1"), digest("2")];
        committed!(db, |tx| replace_all(tx, &user.id, &codes, NOW));
        let permitted = permitted_of_sixty_four(|| {
            let (db, user, code) = (db.clone(), user.id.clone(), codes[0].clone());
            async move { committed!(db, |tx| consume(tx, &user, &code)) }
        });
        assert_eq!(permitted.await, 1);
        assert_eq!(count(&db, &user.id).await.unwrap(), 1);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn however_many_sets_are_made_at_once_one_set_is_left() {
        let SignedIn { db, user, .. } = SignedIn::new().await;
        let made = permitted_of_sixty_four(|| {
            let (db, user, codes) = (db.clone(), user.id.clone(), [digest("1"), digest("2")]);
            async move {
                committed!(db, |tx| replace_all(tx, &user, &codes, NOW));
                true
            }
        });
        assert_eq!(made.await, 64);
        assert_eq!(count(&db, &user.id).await.unwrap(), 2);
        committed!(db, |tx| replace_all(tx, &user.id, &[], NOW));
        assert_eq!(count(&db, &user.id).await.unwrap(), 0);
    }
}
