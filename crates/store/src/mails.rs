//! Mails on their way.

use tollgate_model::{Seconds, Timestamp};

use crate::{Query, Row, StoreError, Transaction, params, statements};

statements! {
    /// Inserts the mail.
    INSERT = "
        insert into mails (id, recipient, subject, message, created_at, due_at, attempts)
        values ($1, $2, $3, $4, $5, $6, 0)";

    /// The mails that were due at `$1`, which nobody else gets before `$2`.
    CLAIM = "
        update mails set due_at = $2, attempts = attempts + 1
        where id in (
                select id from mails where due_at <= $1 and sent_at is null and failed_at is null
                order by due_at limit $3
            )
            and due_at <= $1 and sent_at is null and failed_at is null
        returning id, recipient, subject, message, created_at, due_at, attempts, sent_at, failed_at, failure";

    /// Changes one row when the mail was on its way.
    MARK_SENT = "
        update mails set sent_at = $2, message = '', failure = null
        where id = $1 and sent_at is null and failed_at is null";

    /// Changes one row when the mail was on its way.
    RETRY = "
        update mails set due_at = $2, failure = $3
        where id = $1 and sent_at is null and failed_at is null";

    /// Changes one row when the mail was on its way.
    MARK_FAILED = "
        update mails set failed_at = $2, message = '', failure = $3
        where id = $1 and sent_at is null and failed_at is null";

    /// The newest mails, perhaps to one recipient.
    LIST_RECENT = "
        select id, recipient, subject, message, created_at, due_at, attempts, sent_at, failed_at, failure
        from mails where recipient = $1 or $1 is null
        order by created_at desc, id desc limit $2";

    /// Deletes the mails that were made before `$1`.
    DELETE_OLD = "delete from mails where created_at < $1";
}

/// A mail on its way, or what is remembered of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// Its id.
    pub id: String,
    /// Where it goes.
    pub recipient: String,
    /// Its subject.
    pub subject: String,
    /// The whole mail, sealed; empty once it was sent or given up.
    pub message: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When the next attempt is due.
    pub due_at: Timestamp,
    /// How many attempts there were, the present one included.
    pub attempts: u32,
    /// When it was sent.
    pub sent_at: Option<Timestamp>,
    /// When it was given up.
    pub failed_at: Option<Timestamp>,
    /// What went wrong at the last attempt.
    pub failure: Option<String>,
}

impl std::fmt::Debug for Mail {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { id, attempts, failure, .. } = self;
        write!(out, "Mail({id}, attempt {attempts}, {failure:?})")
    }
}

/// Adds a mail, and wakes who sends it. It has had no attempt yet.
pub async fn insert(tx: &mut Transaction, mail: &Mail) -> Result<(), StoreError> {
    let Mail { id, recipient, subject, message, created_at, due_at, .. } = mail;
    tx.wake_on_commit();
    tx.run(&INSERT, &params![id, recipient, subject, message, *created_at, *due_at]).await.map(drop)
}

/// Takes up to `mails_max` mails that are due. Until the end of the lease nobody else gets them; then somebody does,
/// unless they were settled, because who took them may be gone.
pub async fn claim(
    tx: &mut Transaction,
    now: Timestamp,
    lease: Seconds,
    mails_max: u32,
) -> Result<Vec<Mail>, StoreError> {
    tx.all(&CLAIM, &params![now, now + lease, mails_max], mail).await
}

/// Notes that a mail was sent, and forgets what it said; `false` when it was settled before.
pub async fn mark_sent(tx: &mut Transaction, id: &str, now: Timestamp) -> Result<bool, StoreError> {
    Ok(tx.run(&MARK_SENT, &params![id, now]).await? == 1)
}

/// Puts off a mail that could not be sent; `false` when it was settled before.
pub async fn retry(tx: &mut Transaction, id: &str, due_at: Timestamp, failure: &str) -> Result<bool, StoreError> {
    Ok(tx.run(&RETRY, &params![id, due_at, failure]).await? == 1)
}

/// Gives a mail up, and forgets what it said; `false` when it was settled before.
pub async fn mark_failed(tx: &mut Transaction, id: &str, now: Timestamp, failure: &str) -> Result<bool, StoreError> {
    Ok(tx.run(&MARK_FAILED, &params![id, now, failure]).await? == 1)
}

/// The newest mails, perhaps to one recipient, at most `mails_max`.
pub async fn list_recent(query: impl Query, recipient: Option<&str>, mails_max: u32) -> Result<Vec<Mail>, StoreError> {
    query.all(&LIST_RECENT, &params![recipient, mails_max], mail).await
}

/// Deletes the mails that were made before `created_before`, sent or not; tells how many.
pub async fn delete_old(tx: &mut Transaction, created_before: Timestamp) -> Result<u64, StoreError> {
    tx.run(&DELETE_OLD, &params![created_before]).await
}

fn mail(row: &Row<'_>) -> Result<Mail, StoreError> {
    Ok(Mail {
        id: row.text(0)?,
        recipient: row.text(1)?,
        subject: row.text(2)?,
        message: row.text(3)?,
        created_at: row.timestamp(4)?,
        due_at: row.timestamp(5)?,
        attempts: row.small(6)?,
        sent_at: row.optional_timestamp(7)?,
        failed_at: row.optional_timestamp(8)?,
        failure: row.optional_text(9)?,
    })
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

    const LEASE: Seconds = Seconds(60);

    async fn posted(db: &Db, id: &str) -> Mail {
        let mail = Mail {
            id: id.to_owned(),
            recipient: "ada@example.com".to_owned(),
            subject: "Your code".to_owned(),
            message: "sealed".to_owned(),
            created_at: NOW,
            due_at: NOW,
            attempts: 0,
            sent_at: None,
            failed_at: None,
            failure: None,
        };
        committed!(db, |tx| insert(tx, &mail));
        mail
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn of_sixty_four_senders_at_once_one_gets_a_mail() {
        let db = Db::temporary().await.unwrap();
        posted(&db, "1").await;
        let permitted = permitted_of_sixty_four(|| {
            let db = db.clone();
            async move { !committed!(db, |tx| claim(tx, NOW, LEASE, 10)).is_empty() }
        });
        assert_eq!(permitted.await, 1);
    }

    #[tokio::test]
    async fn a_mail_whose_sender_is_gone_is_taken_again_and_one_that_was_sent_says_nothing_more() {
        let db = Db::temporary().await.unwrap();
        let mail = posted(&db, "1").await;
        assert_eq!(committed!(db, |tx| claim(tx, NOW - Seconds(1), LEASE, 10)), []);
        let first = committed!(db, |tx| claim(tx, NOW, LEASE, 10));
        assert_eq!(first, [Mail { due_at: LATER, attempts: 1, ..mail }]);
        let again = committed!(db, |tx| claim(tx, LATER, LEASE, 10));
        assert_eq!(again[0].attempts, 2);
        assert!(committed!(db, |tx| mark_sent(tx, "1", LATER)));
        assert!(!committed!(db, |tx| mark_sent(tx, "1", LATER)));
        assert_eq!(committed!(db, |tx| claim(tx, LATER + LEASE, LEASE, 10)), []);
        let sent = list_recent(&db, Some("ada@example.com"), 10).await.unwrap();
        assert_eq!((sent[0].message.as_str(), sent[0].sent_at), ("", Some(LATER)));
        assert_eq!(list_recent(&db, Some("somebody@example.com"), 10).await.unwrap(), []);
    }

    #[tokio::test]
    async fn a_mail_is_put_off_given_up_and_deleted() {
        let db = Db::temporary().await.unwrap();
        posted(&db, "1").await;
        assert!(committed!(db, |tx| retry(tx, "1", LATER, "no route")));
        assert_eq!(committed!(db, |tx| claim(tx, NOW, LEASE, 10)), []);
        assert_eq!(committed!(db, |tx| claim(tx, LATER, LEASE, 10)).len(), 1);
        assert!(committed!(db, |tx| mark_failed(tx, "1", LATER, "refused")));
        assert!(!committed!(db, |tx| retry(tx, "1", NOW, "no route")));
        let failed = list_recent(&db, None, 10).await.unwrap();
        assert_eq!((failed[0].message.as_str(), failed[0].failure.as_deref()), ("", Some("refused")));
        assert_eq!(committed!(db, |tx| delete_old(tx, NOW)), 0);
        assert_eq!(committed!(db, |tx| delete_old(tx, LATER)), 1);
    }
}
