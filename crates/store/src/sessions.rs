//! Browsers in which people are signed in.

use tollgate_crypto::Digest;
use tollgate_model::{
    Timestamp,
    id::{SessionId, UserId},
    session::{Methods, SESSION_IDLE_MAX, Session},
    user::User,
};

use crate::{Query, Row, StoreError, Transaction, params, statements, users};

statements! {
    /// Inserts the session.
    INSERT = "
        insert into sessions
            (id, digest, user_id, methods, authenticated_at, created_at, last_seen_at, expires_at, address, user_agent)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

    /// The session whose cookie this is, with its person; whether it is live is for the caller to see.
    FIND_BY_DIGEST = "
        select s.id, s.digest, s.user_id, s.methods, s.authenticated_at, s.created_at, s.last_seen_at, s.expires_at,
            s.address, s.user_agent,
            u.id, u.organization_id, u.email, u.name, u.role, u.account_type, u.email_verified, u.given_name,
            u.family_name, u.language, u.country_code, u.password_hash, u.password_expired, u.enabled, u.created_at
        from sessions s join users u on u.id = s.user_id
        where s.digest = $1";

    /// The session of this id.
    FIND = "
        select id, digest, user_id, methods, authenticated_at, created_at, last_seen_at, expires_at, address, user_agent
        from sessions where id = $1";

    /// The sessions of a person that end after `$2` and were seen after `$3`, newest first.
    LIST_OF_USER = "
        select id, digest, user_id, methods, authenticated_at, created_at, last_seen_at, expires_at, address, user_agent
        from sessions where user_id = $1 and expires_at > $2 and last_seen_at > $3
        order by created_at desc, id desc";

    /// Changes one row when the session exists and was not seen later.
    TOUCH = "update sessions set last_seen_at = $2 where id = $1 and last_seen_at < $2";

    /// Changes one row when the session exists.
    RENEW = "
        update sessions set digest = $2, methods = $3, authenticated_at = $4, last_seen_at = $4
        where id = $1";

    /// The session that was deleted.
    DELETE = "
        delete from sessions where id = $1
        returning id, digest, user_id, methods, authenticated_at, created_at, last_seen_at, expires_at, address,
            user_agent";

    /// The sessions of the person that were deleted: all, or all but `$2`.
    DELETE_OTHERS = "
        delete from sessions where user_id = $1 and (id <> $2 or $2 is null)
        returning id";

    /// Deletes the sessions that had ended at `$1`.
    DELETE_EXPIRED = "delete from sessions where expires_at <= $1";
}

/// Adds a session.
pub async fn insert(tx: &mut Transaction, session: &Session) -> Result<(), StoreError> {
    let values = params![
        &session.id,
        &session.digest,
        &session.user_id,
        &session.methods,
        session.authenticated_at,
        session.created_at,
        session.last_seen_at,
        session.expires_at,
        &session.address,
        &session.user_agent,
    ];
    tx.run(&INSERT, &values).await.map(drop)
}

/// The session whose cookie has this digest, with its person. Whether the session is live and the person may sign in is
/// for the caller to see.
pub async fn find_by_digest(query: impl Query, digest: &Digest) -> Result<Option<(Session, User)>, StoreError> {
    query.one(&FIND_BY_DIGEST, &params![digest], |row| Ok((session(row)?, users::user(row, 10)?))).await
}

/// The session of this id.
pub async fn find(query: impl Query, id: &SessionId) -> Result<Option<Session>, StoreError> {
    query.one(&FIND, &params![id], session).await
}

/// The live sessions of a person, newest first.
pub async fn list_of_user(query: impl Query, user: &UserId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
    query.all(&LIST_OF_USER, &params![user, now, now - SESSION_IDLE_MAX], session).await
}

/// Notes that a session was seen; one that is gone is passed over.
pub async fn touch(tx: &mut Transaction, id: &SessionId, now: Timestamp) -> Result<(), StoreError> {
    tx.run(&TOUCH, &params![id, now]).await.map(drop)
}

/// Gives a session a new secret, and notes how and when the person proved who they are; `false` when the session is
/// gone. Whoever knew the secret before the proof does not share in what the proof opens.
pub async fn renew(
    tx: &mut Transaction,
    id: &SessionId,
    digest: &Digest,
    methods: &Methods,
    authenticated_at: Timestamp,
) -> Result<bool, StoreError> {
    Ok(tx.run(&RENEW, &params![id, digest, methods, authenticated_at]).await? == 1)
}

/// Ends a session, and tells which it was; `None` when it has ended already.
pub async fn delete(tx: &mut Transaction, id: &SessionId) -> Result<Option<Session>, StoreError> {
    tx.one(&DELETE, &params![id], session).await
}

/// Ends all sessions of a person, or all but one, and names them.
pub async fn delete_others(
    tx: &mut Transaction,
    user: &UserId,
    keep: Option<&SessionId>,
) -> Result<Vec<SessionId>, StoreError> {
    tx.all(&DELETE_OTHERS, &params![user, keep], |row| row.parsed(0)).await
}

/// Deletes the sessions whose whole lifetime is over; tells how many.
pub async fn delete_expired(tx: &mut Transaction, now: Timestamp) -> Result<u64, StoreError> {
    tx.run(&DELETE_EXPIRED, &params![now]).await
}

fn session(row: &Row<'_>) -> Result<Session, StoreError> {
    Ok(Session {
        id: row.parsed(0)?,
        digest: row.parsed(1)?,
        user_id: row.parsed(2)?,
        methods: row.parsed(3)?,
        authenticated_at: row.timestamp(4)?,
        created_at: row.timestamp(5)?,
        last_seen_at: row.timestamp(6)?,
        expires_at: row.timestamp(7)?,
        address: row.text(8)?,
        user_agent: row.text(9)?,
    })
}

#[cfg(test)]
mod tests {
    use tollgate_model::{Seconds, session::Method};

    use super::*;
    use crate::fixture::{
        NOW, committed, digest,
        people::{self, SignedIn},
    };

    #[tokio::test]
    async fn a_session_is_found_with_its_person_and_ends_with_the_account() {
        let SignedIn { db, user, session, .. } = SignedIn::new().await;
        let found = find_by_digest(&db, &session.digest).await.unwrap();
        assert_eq!(found, Some((session.clone(), user.clone())));
        assert_eq!(find(&db, &session.id).await.unwrap().as_ref(), Some(&session));
        assert!(committed!(db, |tx| users::delete(tx, &user.id)));
        assert_eq!(find_by_digest(&db, &session.digest).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_new_proof_makes_the_old_cookie_worthless() {
        let SignedIn { db, session, .. } = SignedIn::new().await;
        let (new, later) = (digest("new"), NOW + Seconds(60));
        let methods = session.methods.clone().and(Method::OneTimeCode);
        assert!(committed!(db, |tx| renew(tx, &session.id, &new, &methods, later)));
        assert_eq!(find_by_digest(&db, &session.digest).await.unwrap(), None);
        let (renewed, _) = find_by_digest(&db, &new).await.unwrap().unwrap();
        assert_eq!((renewed.methods, renewed.authenticated_at), (methods, later));
    }

    #[tokio::test]
    async fn only_live_sessions_are_listed_and_others_can_be_ended() {
        let SignedIn { db, user, session, .. } = SignedIn::new().await;
        let other = people::session(&user);
        committed!(db, |tx| insert(tx, &other));
        let idle = session.last_seen_at + SESSION_IDLE_MAX;
        committed!(db, |tx| touch(tx, &session.id, NOW + Seconds(60)));
        committed!(db, |tx| touch(tx, &session.id, NOW));
        let listed = list_of_user(&db, &user.id, idle).await.unwrap();
        assert_eq!(listed.iter().map(|listed| &listed.id).collect::<Vec<_>>(), [&session.id]);
        assert_eq!(list_of_user(&db, &user.id, NOW).await.unwrap().len(), 2);

        let ended = committed!(db, |tx| delete_others(tx, &user.id, Some(&session.id)));
        assert_eq!(ended, [other.id]);
        assert!(committed!(db, |tx| delete(tx, &session.id)).is_some());
        assert_eq!(committed!(db, |tx| delete(tx, &session.id)), None);
        assert_eq!(committed!(db, |tx| delete_others(tx, &user.id, None)), []);
    }

    #[tokio::test]
    async fn an_ended_session_is_deleted() {
        let SignedIn { db, session, .. } = SignedIn::new().await;
        assert_eq!(committed!(db, |tx| delete_expired(tx, session.expires_at - Seconds(1))), 0);
        assert_eq!(committed!(db, |tx| delete_expired(tx, session.expires_at)), 1);
    }
}
