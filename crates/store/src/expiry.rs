//! Clears away what has ended by itself.

use tollgate_model::{Timestamp, grant::REFRESH_GRACE};

use crate::{
    Db, StoreError, ceremonies, device_requests, grants, mailed_codes, pending_requests, promises, proofs, sessions,
    sign_ins, throttles,
};

/// Deletes all that has ended of people's sessions, steps, codes and grants, and the answers that no client can ask for
/// again; tells how many rows went. No decision rests on this: what has ended is refused while it is still there.
pub async fn delete_ended(db: &Db, now: Timestamp) -> Result<u64, StoreError> {
    // Each in a transaction of its own, so that others who write need not wait for all of them.
    let mut rows = 0;
    db.transact(async |tx| grants::clear_answers(tx, now - REFRESH_GRACE).await).await?;
    rows += db.transact(async |tx| proofs::delete_expired(tx, now).await).await?;
    rows += db.transact(async |tx| pending_requests::delete_expired(tx, now).await).await?;
    rows += db.transact(async |tx| sign_ins::delete_expired(tx, now).await).await?;
    rows += db.transact(async |tx| ceremonies::delete_expired(tx, now).await).await?;
    rows += db.transact(async |tx| mailed_codes::delete_expired(tx, now).await).await?;
    rows += db.transact(async |tx| device_requests::delete_expired(tx, now).await).await?;
    rows += db.transact(async |tx| promises::delete_expired(tx, now).await).await?;
    rows += db.transact(async |tx| throttles::delete_past(tx, now).await).await?;
    rows += db.transact(async |tx| sessions::delete_expired(tx, now).await).await?;
    rows += db.transact(async |tx| grants::delete_ended(tx, now).await).await?;
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use tollgate_model::{Seconds, grant::REFRESH_LIFETIME};

    use super::*;
    use crate::fixture::{NOW, committed, people::SignedIn};

    #[tokio::test]
    async fn what_has_ended_goes_and_what_lives_stays() {
        let example = SignedIn::new().await;
        let grant = example.granted().await;
        let db = &example.db;
        committed!(db, |tx| proofs::consume(tx, "key", "1", NOW + Seconds(60), NOW));
        assert_eq!(delete_ended(db, NOW).await.unwrap(), 0);
        assert_eq!(delete_ended(db, NOW + Seconds(60)).await.unwrap(), 1);
        let much_later = grant.created_at + REFRESH_LIFETIME;
        assert_eq!(delete_ended(db, much_later).await.unwrap(), 2, "the session and the grant");
        assert_eq!(grants::find(db, &grant.id).await.unwrap(), None);
        assert_eq!(sessions::find(db, &example.session.id).await.unwrap(), None);
    }
}
