//! Sign-ins that are not complete: the first proof was right, the second is still to come.

use tollgate_crypto::Digest;
use tollgate_model::{Timestamp, id::UserId, session::Methods};

use crate::{Query, Row, StoreError, Transaction, params, statements};

statements! {
    /// Inserts the sign-in.
    INSERT = "
        insert into sign_ins (digest, user_id, methods, created_at, expires_at)
        values ($1, $2, $3, $4, $5)";

    /// The sign-in of this secret, while it lasts.
    FIND = "
        select digest, user_id, methods, created_at, expires_at
        from sign_ins where digest = $1 and expires_at > $2";

    /// The returned row is the permission to complete the sign-in.
    CONSUME = "
        delete from sign_ins where digest = $1 and expires_at > $2
        returning digest, user_id, methods, created_at, expires_at";

    /// Deletes the sign-ins that had ended at `$1`.
    DELETE_EXPIRED = "delete from sign_ins where expires_at <= $1";
}

/// A sign-in that waits for its next proof.
#[derive(Debug, Clone, PartialEq)]
pub struct SignIn {
    /// What the secret of the browser is digested to.
    pub digest: Digest,
    /// Who signs in.
    pub user_id: UserId,
    /// What they proved already.
    pub methods: Methods,
    /// When they proved it.
    pub created_at: Timestamp,
    /// Until when the next proof can be given.
    pub expires_at: Timestamp,
}

/// Adds a sign-in.
pub async fn insert(tx: &mut Transaction, sign_in: &SignIn) -> Result<(), StoreError> {
    let SignIn { digest, user_id, methods, created_at, expires_at } = sign_in;
    tx.run(&INSERT, &params![digest, user_id, methods, *created_at, *expires_at]).await.map(drop)
}

/// The sign-in of this secret, while it lasts.
pub async fn find(query: impl Query, digest: &Digest, now: Timestamp) -> Result<Option<SignIn>, StoreError> {
    query.one(&FIND, &params![digest, now], sign_in).await
}

/// Uses up a sign-in; `None` when it has ended or was used. Of two at once, one gets it.
pub async fn consume(tx: &mut Transaction, digest: &Digest, now: Timestamp) -> Result<Option<SignIn>, StoreError> {
    tx.one(&CONSUME, &params![digest, now], sign_in).await
}

/// Deletes the sign-ins that have ended; tells how many.
pub async fn delete_expired(tx: &mut Transaction, now: Timestamp) -> Result<u64, StoreError> {
    tx.run(&DELETE_EXPIRED, &params![now]).await
}

fn sign_in(row: &Row<'_>) -> Result<SignIn, StoreError> {
    Ok(SignIn {
        digest: row.parsed(0)?,
        user_id: row.parsed(1)?,
        methods: row.parsed(2)?,
        created_at: row.timestamp(3)?,
        expires_at: row.timestamp(4)?,
    })
}

#[cfg(test)]
mod tests {
    use tollgate_model::{Seconds, session::Method};

    use super::*;
    use crate::fixture::{
        NOW, committed, digest,
        people::{SignedIn, permitted_of_sixty_four},
    };

    fn waiting(user: &UserId) -> SignIn {
        SignIn {
            digest: digest("sign-in"),
            user_id: user.clone(),
            methods: Methods::one(Method::Password),
            created_at: NOW,
            expires_at: NOW + Seconds(600),
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn of_sixty_four_completions_at_once_one_is_permitted() {
        let SignedIn { db, user, .. } = SignedIn::new().await;
        let sign_in = waiting(&user.id);
        committed!(db, |tx| insert(tx, &sign_in));
        assert_eq!(find(&db, &sign_in.digest, NOW).await.unwrap().as_ref(), Some(&sign_in));
        let permitted = permitted_of_sixty_four(|| {
            let (db, digest) = (db.clone(), sign_in.digest.clone());
            async move { committed!(db, |tx| consume(tx, &digest, NOW)).is_some() }
        });
        assert_eq!(permitted.await, 1);
    }

    #[tokio::test]
    async fn a_sign_in_that_has_ended_is_not_found_and_not_completed() {
        let SignedIn { db, user, .. } = SignedIn::new().await;
        let sign_in = waiting(&user.id);
        committed!(db, |tx| insert(tx, &sign_in));
        assert_eq!(find(&db, &sign_in.digest, sign_in.expires_at).await.unwrap(), None);
        assert_eq!(committed!(db, |tx| consume(tx, &sign_in.digest, sign_in.expires_at)), None);
        assert_eq!(committed!(db, |tx| delete_expired(tx, sign_in.expires_at)), 1);
    }
}
