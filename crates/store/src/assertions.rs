//! The ids (`jti`) of assertions that were accepted, so that none is accepted twice.

use tollgate_model::{Timestamp, id::ClientId};

use crate::{Query, StoreError, Transaction, params, statements};

statements! {
    /// The returned row is the permission: the id was never used, or by an assertion that had ended at `$4`.
    CONSUME = "
        insert into assertions (client_id, jti, expires_at)
        values ($1, $2, $3)
        on conflict (client_id, jti) do update set expires_at = excluded.expires_at
            where assertions.expires_at <= $4
        returning jti";

    /// Deletes the ids of assertions that had ended at `$1`.
    DELETE_EXPIRED = "delete from assertions where expires_at <= $1";
}

/// Uses up an assertion's id; `false` when it is used up already. Of two at once, one gets `true`.
///
/// `expires_at` is the instant from which the assertion is refused anyway: its `exp` **and** the allowance for clocks
/// that differ. From then on the id may be used again.
pub async fn consume(
    tx: &mut Transaction,
    client: &ClientId,
    jti: &str,
    expires_at: Timestamp,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let permission = tx.one(&CONSUME, &params![client, jti, expires_at, now], |_| Ok(())).await?;
    Ok(permission.is_some())
}

/// Deletes the ids of assertions that have ended; tells how many.
pub async fn delete_expired(tx: &mut Transaction, now: Timestamp) -> Result<u64, StoreError> {
    tx.run(&DELETE_EXPIRED, &params![now]).await
}

#[cfg(test)]
mod tests {
    use tollgate_model::Seconds;

    use super::*;
    use crate::fixture::{Example, NOW, committed};

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn of_sixty_four_uses_at_once_exactly_one_is_permitted() {
        let Example { db, client, .. } = Example::new().await;
        let ends = NOW + Seconds(300);
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..64 {
            let (db, id) = (db.clone(), client.id.clone());
            tasks.spawn(async move { committed!(db, |tx| consume(tx, &id, "1", ends, NOW)) });
        }
        assert_eq!(tasks.join_all().await.into_iter().filter(|permitted| *permitted).count(), 1);
    }

    #[tokio::test]
    async fn an_id_is_used_up_until_its_assertion_has_ended_and_for_its_own_credential_only() {
        let Example { db, organization, workspace, client, .. } = Example::new().await;
        let other = crate::fixture::client(&organization, &workspace);
        assert!(committed!(db, |tx| crate::clients::insert(tx, &other)));
        let ends = NOW + Seconds(300);
        assert!(committed!(db, |tx| consume(tx, &client.id, "1", ends, NOW)));
        assert!(committed!(db, |tx| consume(tx, &client.id, "2", ends, NOW)));
        assert!(committed!(db, |tx| consume(tx, &other.id, "1", ends, NOW)));
        assert!(!committed!(db, |tx| consume(tx, &client.id, "1", ends + Seconds::DAY, ends - Seconds(1))));
        assert!(committed!(db, |tx| consume(tx, &client.id, "1", ends + Seconds::DAY, ends)));
        assert_eq!(committed!(db, |tx| delete_expired(tx, ends)), 2);
        assert!(!committed!(db, |tx| consume(tx, &client.id, "1", ends + Seconds::DAY, ends)));
    }
}
