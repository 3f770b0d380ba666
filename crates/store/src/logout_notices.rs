//! Back-channel sign-outs on their way (OpenID Connect Back-Channel Logout).

use tollgate_model::{
    Seconds, Timestamp,
    id::{ClientId, SessionId, UserId},
};

use crate::{Query, Row, StoreError, Transaction, params, statements};

statements! {
    /// Inserts nothing when the credential is gone.
    INSERT = "
        insert into logout_notices (id, client_id, user_id, session_id, created_at, due_at, attempts)
        select $1, id, $3, $4, $5, $6, 0 from clients where id = $2";

    /// The notices that were due at `$1`, which nobody else gets before `$2`.
    CLAIM = "
        update logout_notices set due_at = $2, attempts = attempts + 1
        where id in (
                select id from logout_notices where due_at <= $1 and delivered_at is null and failed_at is null
                order by due_at limit $3
            )
            and due_at <= $1 and delivered_at is null and failed_at is null
        returning id, client_id, user_id, session_id, created_at, due_at, attempts";

    /// Changes one row when the notice was on its way.
    MARK_DELIVERED = "
        update logout_notices set delivered_at = $2, failure = null
        where id = $1 and delivered_at is null and failed_at is null";

    /// Changes one row when the notice was on its way.
    RETRY = "
        update logout_notices set due_at = $2, failure = $3
        where id = $1 and delivered_at is null and failed_at is null";

    /// Changes one row when the notice was on its way.
    MARK_FAILED = "
        update logout_notices set failed_at = $2, failure = $3
        where id = $1 and delivered_at is null and failed_at is null";

    /// Deletes the notices that were made before `$1`.
    DELETE_OLD = "delete from logout_notices where created_at < $1";
}

/// That a session ended, on its way to an application that wants to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoutNotice {
    /// Its id, the `jti` of its tokens.
    pub id: String,
    /// Who wants to know.
    pub client_id: ClientId,
    /// Who signed out.
    pub user_id: UserId,
    /// The session that ended.
    pub session_id: SessionId,
    /// When it ended.
    pub created_at: Timestamp,
    /// When the next attempt is due.
    pub due_at: Timestamp,
    /// How many attempts there were, the present one included.
    pub attempts: u32,
}

/// Adds notices, and wakes who delivers them. One for a credential that is gone is passed over.
pub async fn insert_all(tx: &mut Transaction, notices: &[LogoutNotice]) -> Result<(), StoreError> {
    if !notices.is_empty() {
        tx.wake_on_commit();
    }
    for notice in notices {
        let LogoutNotice { id, client_id, user_id, session_id, created_at, due_at, .. } = notice;
        tx.run(&INSERT, &params![id, client_id, user_id, session_id, *created_at, *due_at]).await?;
    }
    Ok(())
}

/// Takes up to `notices_max` notices that are due. Until the end of the lease nobody else gets them; then somebody does,
/// unless they were settled, because who took them may be gone.
pub async fn claim(
    tx: &mut Transaction,
    now: Timestamp,
    lease: Seconds,
    notices_max: u32,
) -> Result<Vec<LogoutNotice>, StoreError> {
    tx.all(&CLAIM, &params![now, now + lease, notices_max], notice).await
}

/// Notes that a notice was delivered; `false` when it was settled before.
pub async fn mark_delivered(tx: &mut Transaction, id: &str, now: Timestamp) -> Result<bool, StoreError> {
    Ok(tx.run(&MARK_DELIVERED, &params![id, now]).await? == 1)
}

/// Puts off a notice that could not be delivered; `false` when it was settled before.
pub async fn retry(tx: &mut Transaction, id: &str, due_at: Timestamp, failure: &str) -> Result<bool, StoreError> {
    Ok(tx.run(&RETRY, &params![id, due_at, failure]).await? == 1)
}

/// Gives a notice up; `false` when it was settled before.
pub async fn mark_failed(tx: &mut Transaction, id: &str, now: Timestamp, failure: &str) -> Result<bool, StoreError> {
    Ok(tx.run(&MARK_FAILED, &params![id, now, failure]).await? == 1)
}

/// Deletes the notices that were made before `created_before`, delivered or not; tells how many.
pub async fn delete_old(tx: &mut Transaction, created_before: Timestamp) -> Result<u64, StoreError> {
    tx.run(&DELETE_OLD, &params![created_before]).await
}

fn notice(row: &Row<'_>) -> Result<LogoutNotice, StoreError> {
    Ok(LogoutNotice {
        id: row.text(0)?,
        client_id: row.parsed(1)?,
        user_id: row.parsed(2)?,
        session_id: row.parsed(3)?,
        created_at: row.timestamp(4)?,
        due_at: row.timestamp(5)?,
        attempts: row.small(6)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{
        NOW, committed,
        people::{LATER, SignedIn, permitted_of_sixty_four},
    };

    const LEASE: Seconds = Seconds(60);

    async fn noted(example: &SignedIn) -> LogoutNotice {
        let notice = LogoutNotice {
            id: "1".to_owned(),
            client_id: example.client.id.clone(),
            user_id: example.user.id.clone(),
            session_id: example.session.id.clone(),
            created_at: NOW,
            due_at: NOW,
            attempts: 0,
        };
        let stray = LogoutNotice { id: "2".to_owned(), client_id: "gone".parse().unwrap(), ..notice.clone() };
        committed!(example.db, |tx| insert_all(tx, &[notice.clone(), stray]));
        notice
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn of_sixty_four_messengers_at_once_one_gets_a_notice() {
        let example = SignedIn::new().await;
        noted(&example).await;
        let permitted = permitted_of_sixty_four(|| {
            let db = example.db.clone();
            async move { !committed!(db, |tx| claim(tx, NOW, LEASE, 10)).is_empty() }
        });
        assert_eq!(permitted.await, 1);
    }

    #[tokio::test]
    async fn a_notice_is_taken_again_until_it_is_delivered_or_given_up() {
        let example = SignedIn::new().await;
        let notice = noted(&example).await;
        let db = &example.db;
        let first = committed!(db, |tx| claim(tx, NOW, LEASE, 10));
        assert_eq!(first, [LogoutNotice { due_at: LATER, attempts: 1, ..notice }]);
        assert!(committed!(db, |tx| retry(tx, "1", LATER + LEASE, "no route")));
        assert_eq!(committed!(db, |tx| claim(tx, LATER, LEASE, 10)), []);
        assert_eq!(committed!(db, |tx| claim(tx, LATER + LEASE, LEASE, 10)).len(), 1);
        assert!(committed!(db, |tx| mark_delivered(tx, "1", LATER)));
        assert!(!committed!(db, |tx| mark_failed(tx, "1", LATER, "refused")));
        assert_eq!(committed!(db, |tx| delete_old(tx, LATER)), 1);

        noted(&example).await;
        assert!(committed!(db, |tx| mark_failed(tx, "1", LATER, "refused")));
        assert_eq!(committed!(db, |tx| claim(tx, LATER, LEASE, 10)), []);
    }
}
