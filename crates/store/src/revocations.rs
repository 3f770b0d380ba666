//! Tokens ended before their time.

use tollgate_model::{
    Timestamp,
    id::{ClientId, GrantId, SessionId, TokenId},
    token::{Revocation, Revoked},
};

use crate::{
    Query, Row, StoreError, Transaction,
    generations::{self, Generation},
    params, statements,
};

statements! {
    /// Inserts a revocation, or moves the one there is to the later times of the two and to the new sequence.
    UPSERT = "
        insert into revocations (sequence, kind, name, revoked_at, expires_at)
        values ($1, $2, $3, $4, $5)
        on conflict (kind, name) do update set
            sequence = excluded.sequence,
            revoked_at = case when excluded.revoked_at > revocations.revoked_at
                then excluded.revoked_at else revocations.revoked_at end,
            expires_at = case when excluded.expires_at > revocations.expires_at
                then excluded.expires_at else revocations.expires_at end";

    /// The next revocations after the sequence `$1`, in the order of their commits.
    LIST_AFTER = "
        select sequence, kind, name, revoked_at, expires_at
        from revocations where sequence > $1
        order by sequence limit $2";

    /// Deletes every revocation of no use at `$1`.
    DELETE_EXPIRED = "delete from revocations where expires_at <= $1";
}

/// Most revocations that [`list_after`] answers at once.
pub const REVOCATIONS_MAX: usize = 1_000;

/// Adds a revocation, or extends the one of the same name. In a transaction that changes other rows too it comes last:
/// every revocation waits for its turn here, and must not hold up the others while it waits for a row of theirs.
pub async fn insert(tx: &mut Transaction, revocation: &Revocation) -> Result<(), StoreError> {
    // The number is handed out under a lock that lasts to the commit, so revocations become visible in the order of
    // their sequence, and whoever reads on after the last sequence misses none.
    let sequence = generations::bump(tx, Generation::Revocations).await?;
    let Revocation { revoked, revoked_at, expires_at } = revocation;
    let values = params![sequence, revoked.kind(), revoked.name(), *revoked_at, *expires_at];
    tx.run(&UPSERT, &values).await.map(drop)
}

/// The next revocations after `sequence`, each with its own sequence, at most [`REVOCATIONS_MAX`].
pub async fn list_after(query: impl Query, sequence: i64) -> Result<Vec<(i64, Revocation)>, StoreError> {
    let values = params![sequence, i64::try_from(REVOCATIONS_MAX).unwrap_or(i64::MAX)];
    query.all(&LIST_AFTER, &values, |row| Ok((row.integer(0)?, revocation(row)?))).await
}

/// Deletes every revocation that ends no token any more; tells how many.
pub async fn delete_expired(tx: &mut Transaction, now: Timestamp) -> Result<u64, StoreError> {
    generations::hold(tx, Generation::Revocations).await?;
    tx.run(&DELETE_EXPIRED, &params![now]).await
}

fn revocation(row: &Row<'_>) -> Result<Revocation, StoreError> {
    let revoked = match row.parsed::<Kind>(1)? {
        Kind::Token => Revoked::Token(row.parsed::<TokenId>(2)?),
        Kind::Client => Revoked::Client(row.parsed::<ClientId>(2)?),
        Kind::Subject => Revoked::Subject(row.text(2)?),
        Kind::Grant => Revoked::Grant(row.parsed::<GrantId>(2)?),
        Kind::Session => Revoked::Session(row.parsed::<SessionId>(2)?),
    };
    Ok(Revocation { revoked, revoked_at: row.timestamp(3)?, expires_at: row.timestamp(4)? })
}

/// The words of [`Revoked::kind`].
enum Kind {
    Token,
    Client,
    Subject,
    Grant,
    Session,
}

impl std::str::FromStr for Kind {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "token" => Ok(Self::Token),
            "client" => Ok(Self::Client),
            "subject" => Ok(Self::Subject),
            "grant" => Ok(Self::Grant),
            "session" => Ok(Self::Session),
            _ => Err(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use tollgate_model::Seconds;

    use super::*;
    use crate::{
        Db,
        fixture::{self, NOW, committed},
    };

    #[tokio::test]
    async fn revocations_of_each_kind_are_read_on_after_the_last_sequence() {
        let db = Db::temporary().await.unwrap();
        let stored = [
            fixture::revoked_token(),
            fixture::revocation(Revoked::Client("client".parse().unwrap())),
            fixture::revocation(Revoked::Subject("someone@AdobeID".to_owned())),
            fixture::revocation(Revoked::Grant("grant".parse().unwrap())),
            fixture::revocation(Revoked::Session("session".parse().unwrap())),
        ];
        for revocation in &stored {
            committed!(db, |tx| insert(tx, revocation));
        }
        let all = list_after(&db, 0).await.unwrap();
        assert_eq!(all.iter().map(|(_, revocation)| revocation.clone()).collect::<Vec<_>>(), stored);
        let (first, last) = (all[0].0, all[4].0);
        assert_eq!(list_after(&db, first).await.unwrap(), all[1..]);
        assert_eq!(list_after(&db, last).await.unwrap(), []);
        assert_eq!(generations::read(&db).await.unwrap().revocations, last);
    }

    #[tokio::test]
    async fn revoking_again_extends_the_revocation_and_never_shortens_it() {
        let db = Db::temporary().await.unwrap();
        let revoked = Revoked::Client("client".parse().unwrap());
        let at = |instant: Timestamp| Revocation { revoked_at: instant, ..fixture::revocation(revoked.clone()) };
        for instant in [NOW, NOW + Seconds(60), NOW] {
            committed!(db, |tx| insert(tx, &at(instant)));
        }
        let all = list_after(&db, 0).await.unwrap();
        assert_eq!(all, [(3, at(NOW + Seconds(60)))]);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn a_reader_that_reads_on_misses_none_of_many_revocations_at_once() {
        let db = Db::temporary().await.unwrap();
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..64 {
            let db = db.clone();
            tasks.spawn(async move { committed!(db, |tx| insert(tx, &fixture::revoked_token())) });
        }
        let (mut sequence, mut seen) = (0, 0);
        loop {
            while tasks.try_join_next().is_some() {}
            let all_are_written = tasks.is_empty();
            for (number, _) in list_after(&db, sequence).await.unwrap() {
                sequence = number;
                seen += 1;
            }
            if all_are_written {
                break;
            }
            tokio::task::yield_now().await;
        }
        assert_eq!(seen, 64);
    }

    #[tokio::test]
    async fn a_revocation_is_deleted_when_it_ends_no_token_any_more() {
        let db = Db::temporary().await.unwrap();
        let revocation = fixture::revoked_token();
        committed!(db, |tx| insert(tx, &revocation));
        assert_eq!(committed!(db, |tx| delete_expired(tx, revocation.expires_at - Seconds(1))), 0);
        assert_eq!(committed!(db, |tx| delete_expired(tx, revocation.expires_at)), 1);
        assert_eq!(list_after(&db, 0).await.unwrap(), []);
    }
}
