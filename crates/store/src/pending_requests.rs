//! Authorization requests that were pushed, or that wait for a person.

use tollgate_model::{
    Timestamp,
    id::{ClientId, SessionId},
};

use crate::{Query, Row, Statement, StoreError, Transaction, params, statements};

statements! {
    /// Inserts the request.
    INSERT = "
        insert into pending_requests
            (id, client_id, pushed, request, created_at, expires_at, session_id, consented_at, refused_at,
            account_chosen_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

    /// The request of this id, while it lasts.
    FIND = "
        select id, client_id, pushed, request, created_at, expires_at, session_id, consented_at, refused_at,
            account_chosen_at
        from pending_requests where id = $1 and expires_at > $2";

    /// The returned row is the permission to answer the request.
    CONSUME = "
        delete from pending_requests where id = $1 and expires_at > $2
        returning id, client_id, pushed, request, created_at, expires_at, session_id, consented_at, refused_at,
            account_chosen_at";

    /// Changes one row when the request lasts. A choice that another session made is forgotten.
    MARK_CONSENTED = "
        update pending_requests set session_id = $2, consented_at = $3, refused_at = null,
            account_chosen_at = case when session_id = $2 then account_chosen_at end
        where id = $1 and expires_at > $3";

    /// Changes one row when the request lasts. What another session agreed to is forgotten.
    MARK_ACCOUNT_CHOSEN = "
        update pending_requests set session_id = $2, account_chosen_at = $3,
            consented_at = case when session_id = $2 then consented_at end,
            refused_at = case when session_id = $2 then refused_at end
        where id = $1 and expires_at > $3";

    /// Changes one row when the request lasts.
    MARK_REFUSED = "
        update pending_requests set session_id = $2, refused_at = $3, consented_at = null, account_chosen_at = null
        where id = $1 and expires_at > $3";

    /// Deletes the requests that had ended at `$1`.
    DELETE_EXPIRED = "delete from pending_requests where expires_at <= $1";
}

/// An authorization request between its arrival and its answer.
#[derive(Debug, Clone, PartialEq)]
pub struct PendingRequest {
    /// Its id; whoever knows it can go on with the request.
    pub id: String,
    /// Whose request it is.
    pub client_id: ClientId,
    /// Whether the application pushed it (RFC 9126) and nobody has been sent here with it yet.
    pub pushed: bool,
    /// The request as JSON.
    pub request: String,
    /// When it came.
    pub created_at: Timestamp,
    /// Until when it can be answered.
    pub expires_at: Timestamp,
    /// The session in which the steps below were done.
    pub session_id: Option<SessionId>,
    /// When the person agreed.
    pub consented_at: Option<Timestamp>,
    /// When the person refused.
    pub refused_at: Option<Timestamp>,
    /// When the person chose whom to go on as.
    pub account_chosen_at: Option<Timestamp>,
}

/// Adds a request.
pub async fn insert(tx: &mut Transaction, request: &PendingRequest) -> Result<(), StoreError> {
    let values = params![
        &request.id,
        &request.client_id,
        request.pushed,
        &request.request,
        request.created_at,
        request.expires_at,
        request.session_id.as_ref(),
        request.consented_at,
        request.refused_at,
        request.account_chosen_at,
    ];
    tx.run(&INSERT, &values).await.map(drop)
}

/// The request of this id, while it lasts.
pub async fn find(query: impl Query, id: &str, now: Timestamp) -> Result<Option<PendingRequest>, StoreError> {
    query.one(&FIND, &params![id, now], pending).await
}

/// Uses up a request; `None` when it has ended or was answered. Of two at once, one gets it.
pub async fn consume(tx: &mut Transaction, id: &str, now: Timestamp) -> Result<Option<PendingRequest>, StoreError> {
    tx.one(&CONSUME, &params![id, now], pending).await
}

/// Notes that the person of this session agreed; `false` when the request has ended.
pub async fn mark_consented(
    tx: &mut Transaction,
    id: &str,
    session: &SessionId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    mark(tx, &MARK_CONSENTED, id, Some(session), now).await
}

/// Notes that the person chose to go on in this session; `false` when the request has ended.
pub async fn mark_account_chosen(
    tx: &mut Transaction,
    id: &str,
    session: &SessionId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    mark(tx, &MARK_ACCOUNT_CHOSEN, id, Some(session), now).await
}

/// Notes that the person refused, perhaps before signing in; `false` when the request has ended.
pub async fn mark_refused(
    tx: &mut Transaction,
    id: &str,
    session: Option<&SessionId>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    mark(tx, &MARK_REFUSED, id, session, now).await
}

/// Deletes the requests that have ended; tells how many.
pub async fn delete_expired(tx: &mut Transaction, now: Timestamp) -> Result<u64, StoreError> {
    tx.run(&DELETE_EXPIRED, &params![now]).await
}

async fn mark(
    tx: &mut Transaction,
    statement: &Statement,
    id: &str,
    session: Option<&SessionId>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    Ok(tx.run(statement, &params![id, session, now]).await? == 1)
}

fn pending(row: &Row<'_>) -> Result<PendingRequest, StoreError> {
    Ok(PendingRequest {
        id: row.text(0)?,
        client_id: row.parsed(1)?,
        pushed: row.boolean(2)?,
        request: row.text(3)?,
        created_at: row.timestamp(4)?,
        expires_at: row.timestamp(5)?,
        session_id: row.optional_parsed(6)?,
        consented_at: row.optional_timestamp(7)?,
        refused_at: row.optional_timestamp(8)?,
        account_chosen_at: row.optional_timestamp(9)?,
    })
}

#[cfg(test)]
mod tests {
    use tollgate_model::Seconds;

    use super::*;
    use crate::fixture::{
        NOW, committed,
        people::{SignedIn, permitted_of_sixty_four},
    };

    fn request(client: &ClientId) -> PendingRequest {
        PendingRequest {
            id: "request".to_owned(),
            client_id: client.clone(),
            pushed: true,
            request: "{}".to_owned(),
            created_at: NOW,
            expires_at: NOW + Seconds(1800),
            session_id: None,
            consented_at: None,
            refused_at: None,
            account_chosen_at: None,
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn of_sixty_four_answers_at_once_one_is_permitted() {
        let SignedIn { db, client, .. } = SignedIn::new().await;
        let pending = request(&client.id);
        committed!(db, |tx| insert(tx, &pending));
        assert_eq!(find(&db, "request", NOW).await.unwrap().as_ref(), Some(&pending));
        let permitted = permitted_of_sixty_four(|| {
            let db = db.clone();
            async move { committed!(db, |tx| consume(tx, "request", NOW)).is_some() }
        });
        assert_eq!(permitted.await, 1);
    }

    #[tokio::test]
    async fn a_request_that_has_ended_takes_no_mark_and_no_answer() {
        let SignedIn { db, client, session, .. } = SignedIn::new().await;
        let pending = request(&client.id);
        committed!(db, |tx| insert(tx, &pending));
        let end = pending.expires_at;
        assert!(!committed!(db, |tx| mark_consented(tx, "request", &session.id, end)));
        assert_eq!(find(&db, "request", end).await.unwrap(), None);
        assert_eq!(committed!(db, |tx| consume(tx, "request", end)), None);
        assert_eq!(committed!(db, |tx| delete_expired(tx, end)), 1);
    }

    #[tokio::test]
    async fn what_one_session_agreed_to_does_not_count_for_another() {
        let SignedIn { db, client, session, .. } = SignedIn::new().await;
        committed!(db, |tx| insert(tx, &request(&client.id)));
        assert!(committed!(db, |tx| mark_account_chosen(tx, "request", &session.id, NOW)));
        assert!(committed!(db, |tx| mark_consented(tx, "request", &session.id, NOW)));
        let marked = find(&db, "request", NOW).await.unwrap().unwrap();
        assert_eq!((marked.account_chosen_at, marked.consented_at), (Some(NOW), Some(NOW)));

        let other: SessionId = "other".parse().unwrap();
        assert!(committed!(db, |tx| mark_account_chosen(tx, "request", &other, NOW)));
        let chosen = find(&db, "request", NOW).await.unwrap().unwrap();
        assert_eq!((chosen.session_id, chosen.consented_at), (Some(other), None));

        assert!(committed!(db, |tx| mark_refused(tx, "request", None, NOW)));
        let refused = find(&db, "request", NOW).await.unwrap().unwrap();
        assert_eq!((refused.session_id, refused.refused_at, refused.account_chosen_at), (None, Some(NOW), None));
    }
}
