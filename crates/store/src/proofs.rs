//! The ids (`jti`) of proofs of possession that were accepted, so that none is accepted twice (RFC 9449 section 11.1).

use tollgate_model::Timestamp;

use crate::{Query, StoreError, Transaction, params, statements};

statements! {
    /// The returned row is the permission: the id was never used, or by a proof that had ended at `$4`.
    CONSUME = "
        insert into proofs (key_thumbprint, jti, expires_at)
        values ($1, $2, $3)
        on conflict (key_thumbprint, jti) do update set expires_at = excluded.expires_at
            where proofs.expires_at <= $4
        returning jti";

    /// Deletes the ids of proofs that had ended at `$1`.
    DELETE_EXPIRED = "delete from proofs where expires_at <= $1";
}

/// Uses up a proof's id; `false` when it is used up already. Of two at once, one gets `true`. `expires_at` is the instant
/// from which the proof is refused anyway.
pub async fn consume(
    tx: &mut Transaction,
    thumbprint: &str,
    jti: &str,
    expires_at: Timestamp,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let permission = tx.one(&CONSUME, &params![thumbprint, jti, expires_at, now], |_| Ok(())).await?;
    Ok(permission.is_some())
}

/// Deletes the ids of proofs that have ended; tells how many.
pub async fn delete_expired(tx: &mut Transaction, now: Timestamp) -> Result<u64, StoreError> {
    tx.run(&DELETE_EXPIRED, &params![now]).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Db,
        fixture::{
            NOW, committed,
            people::{LATER, permitted_of_sixty_four},
        },
    };

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn of_sixty_four_uses_of_a_proof_at_once_one_is_permitted() {
        let db = Db::temporary().await.unwrap();
        let permitted = permitted_of_sixty_four(|| {
            let db = db.clone();
            async move { committed!(db, |tx| consume(tx, "key", "1", LATER, NOW)) }
        });
        assert_eq!(permitted.await, 1);
    }

    #[tokio::test]
    async fn an_id_is_used_up_until_its_proof_has_ended_and_for_its_own_key_only() {
        let db = Db::temporary().await.unwrap();
        assert!(committed!(db, |tx| consume(tx, "key", "1", LATER, NOW)));
        assert!(committed!(db, |tx| consume(tx, "other key", "1", LATER, NOW)));
        assert!(!committed!(db, |tx| consume(tx, "key", "1", LATER, NOW)));
        assert!(committed!(db, |tx| consume(tx, "key", "1", LATER, LATER)));
        assert_eq!(committed!(db, |tx| delete_expired(tx, LATER)), 2);
    }
}
