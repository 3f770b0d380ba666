//! What has to be remembered between the two halves of a passkey ceremony or of a sign-in at an upstream provider.

use tollgate_model::{Timestamp, id::UserId};

use crate::{Query, Row, StoreError, Transaction, params, statements};

statements! {
    /// Inserts the ceremony.
    INSERT = "
        insert into ceremonies (id, purpose, user_id, state, expires_at)
        values ($1, $2, $3, $4, $5)";

    /// The returned row is the permission to complete the ceremony.
    CONSUME = "
        delete from ceremonies where id = $1 and purpose = $2 and expires_at > $3
        returning id, purpose, user_id, state, expires_at";

    /// Deletes the ceremonies that had ended at `$1`.
    DELETE_EXPIRED = "delete from ceremonies where expires_at <= $1";
}

/// The first half of a ceremony.
#[derive(Clone, PartialEq, Eq)]
pub struct Ceremony {
    /// Its id, which the browser or the provider brings back.
    pub id: String,
    /// What it is for; the second half must be for the same.
    pub purpose: String,
    /// Who began it, if that is known.
    pub user_id: Option<UserId>,
    /// What the second half needs, sealed.
    pub state: String,
    /// Until when the second half can come.
    pub expires_at: Timestamp,
}

impl std::fmt::Debug for Ceremony {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Ceremony({}, {:?})", self.purpose, self.user_id)
    }
}

/// Adds a ceremony.
pub async fn insert(tx: &mut Transaction, ceremony: &Ceremony) -> Result<(), StoreError> {
    let Ceremony { id, purpose, user_id, state, expires_at } = ceremony;
    tx.run(&INSERT, &params![id, purpose, user_id.as_ref(), state, *expires_at]).await.map(drop)
}

/// Uses up a ceremony; `None` when it has ended, was completed, or is for something else. Of two at once, one gets it.
pub async fn consume(
    tx: &mut Transaction,
    id: &str,
    purpose: &str,
    now: Timestamp,
) -> Result<Option<Ceremony>, StoreError> {
    tx.one(&CONSUME, &params![id, purpose, now], ceremony).await
}

/// Deletes the ceremonies that have ended; tells how many.
pub async fn delete_expired(tx: &mut Transaction, now: Timestamp) -> Result<u64, StoreError> {
    tx.run(&DELETE_EXPIRED, &params![now]).await
}

fn ceremony(row: &Row<'_>) -> Result<Ceremony, StoreError> {
    Ok(Ceremony {
        id: row.text(0)?,
        purpose: row.text(1)?,
        user_id: row.optional_parsed(2)?,
        state: row.text(3)?,
        expires_at: row.timestamp(4)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{
        NOW, committed,
        people::{LATER, SignedIn, permitted_of_sixty_four},
    };

    fn begun(user: &UserId) -> Ceremony {
        Ceremony {
            id: "id".to_owned(),
            purpose: "register".to_owned(),
            user_id: Some(user.clone()),
            state: "sealed".to_owned(),
            expires_at: LATER,
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn of_sixty_four_second_halves_at_once_one_is_permitted() {
        let SignedIn { db, user, .. } = SignedIn::new().await;
        let ceremony = begun(&user.id);
        committed!(db, |tx| insert(tx, &ceremony));
        let permitted = permitted_of_sixty_four(|| {
            let (db, expected) = (db.clone(), Some(ceremony.clone()));
            async move { committed!(db, |tx| consume(tx, "id", "register", NOW)) == expected }
        });
        assert_eq!(permitted.await, 1);
    }

    #[tokio::test]
    async fn a_ceremony_is_good_for_its_purpose_and_until_its_end() {
        let SignedIn { db, user, .. } = SignedIn::new().await;
        committed!(db, |tx| insert(tx, &begun(&user.id)));
        assert_eq!(committed!(db, |tx| consume(tx, "id", "sign_in", NOW)), None);
        assert_eq!(committed!(db, |tx| consume(tx, "id", "register", LATER)), None);
        assert_eq!(committed!(db, |tx| delete_expired(tx, LATER)), 1);
    }
}
