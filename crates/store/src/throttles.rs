//! How often a name failed lately.

use tollgate_model::{Seconds, Timestamp};

use crate::{Query, StoreError, Transaction, params, statements};

statements! {
    /// When all failures of a name are forgotten.
    READ = "select name, state from throttles where kind = $1 and name = $2";

    /// When all failures of the name are forgotten, this one included.
    RAISE = "
        insert into throttles (kind, name, state)
        values ($1, $2, $3)
        on conflict (kind, name) do update set
            state = case when throttles.state > $4 then throttles.state else $4 end + $5
        returning name, state";

    /// The returned row is the permission: with this one the time does not go beyond `$6`.
    TAKE = "
        insert into throttles (kind, name, state)
        values ($1, $2, $3)
        on conflict (kind, name) do update set
            state = case when throttles.state > $4 then throttles.state else $4 end + $5
            where throttles.state + $5 <= $6 or throttles.state <= $4
        returning name";

    /// Changes one row when the name is known.
    LOWER = "update throttles set state = state - $3 where kind = $1 and name = $2";

    /// Forgets all failures of a name.
    CLEAR = "delete from throttles where kind = $1 and name = $2";

    /// Deletes what was forgotten at `$1`.
    DELETE_PAST = "delete from throttles where state <= $1";
}

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ThrottleKind {
    /// One account, whether or not it exists.
    Account,
    /// One address, or a network of them.
    Address,
    /// All of this instance.
    Instance,
}

impl ThrottleKind {
    /// The word as stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Address => "address",
            Self::Instance => "instance",
        }
    }
}

/// One name whose failures are counted. The count is a time: each failure moves it by what the failure costs, and it
/// passes by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Throttle<'a> {
    /// What the name stands for.
    pub kind: ThrottleKind,
    /// The name.
    pub name: &'a str,
}

/// When all failures of a name are forgotten; `None` when there were none.
pub async fn read(query: impl Query, throttle: Throttle<'_>) -> Result<Option<Timestamp>, StoreError> {
    let Throttle { kind, name } = throttle;
    query.one(&READ, &params![kind.as_str(), name], |row| row.timestamp(1)).await
}

/// Counts a failure, and tells when all of them are forgotten. Of many at once, each counts.
pub async fn raise(
    tx: &mut Transaction,
    throttle: Throttle<'_>,
    cost: Seconds,
    now: Timestamp,
) -> Result<Timestamp, StoreError> {
    let Throttle { kind, name } = throttle;
    let values = params![kind.as_str(), name, now + cost, now, micros(cost)];
    let state = tx.one(&RAISE, &values, |row| row.timestamp(1)).await?;
    Ok(state.unwrap_or(now + cost))
}

/// Counts an attempt before it is made, unless as many as `burst` allows are not yet forgotten: then `false`, and it is
/// not counted. Of many at once, no more are allowed. An attempt always is when there were none lately.
pub async fn take(
    tx: &mut Transaction,
    throttle: Throttle<'_>,
    cost: Seconds,
    burst: Seconds,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let Throttle { kind, name } = throttle;
    let values = params![kind.as_str(), name, now + cost, now, micros(cost), now + burst];
    let permission = tx.one(&TAKE, &values, |_| Ok(())).await?;
    Ok(permission.is_some())
}

/// Takes back one that was counted, since it was no failure.
pub async fn lower(tx: &mut Transaction, throttle: Throttle<'_>, cost: Seconds) -> Result<(), StoreError> {
    let Throttle { kind, name } = throttle;
    tx.run(&LOWER, &params![kind.as_str(), name, micros(cost)]).await.map(drop)
}

/// Forgets all failures of a name.
pub async fn clear(tx: &mut Transaction, throttle: Throttle<'_>) -> Result<(), StoreError> {
    let Throttle { kind, name } = throttle;
    tx.run(&CLEAR, &params![kind.as_str(), name]).await.map(drop)
}

/// Deletes the names whose failures are all forgotten; tells how many.
pub async fn delete_past(tx: &mut Transaction, now: Timestamp) -> Result<u64, StoreError> {
    tx.run(&DELETE_PAST, &params![now]).await
}

fn micros(cost: Seconds) -> i64 {
    cost.0.saturating_mul(1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Db,
        fixture::{NOW, committed, people::permitted_of_sixty_four},
    };

    const ADA: Throttle<'static> = Throttle { kind: ThrottleKind::Account, name: "ada@example.com" };
    const COST: Seconds = Seconds(10);

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn of_sixty_four_attempts_at_once_as_many_are_allowed_as_one_after_another() {
        let db = Db::temporary().await.unwrap();
        let permitted = permitted_of_sixty_four(|| {
            let db = db.clone();
            async move { committed!(db, |tx| take(tx, ADA, COST, Seconds(50), NOW)) }
        });
        assert_eq!(permitted.await, 5);
        assert!(committed!(db, |tx| take(tx, ADA, COST, Seconds(50), NOW + COST)), "one is forgotten by now");
        assert!(!committed!(db, |tx| take(tx, ADA, COST, Seconds(50), NOW + COST)));
        committed!(db, |tx| lower(tx, ADA, COST));
        assert!(committed!(db, |tx| take(tx, ADA, COST, Seconds(50), NOW + COST)));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn of_sixty_four_failures_at_once_each_counts() {
        let db = Db::temporary().await.unwrap();
        let counted = permitted_of_sixty_four(|| {
            let db = db.clone();
            async move { committed!(db, |tx| raise(tx, ADA, COST, NOW)) > NOW }
        });
        assert_eq!(counted.await, 64);
        assert_eq!(read(&db, ADA).await.unwrap(), Some(NOW + Seconds(640)));
    }

    #[tokio::test]
    async fn failures_pass_and_are_forgotten_on_demand() {
        let db = Db::temporary().await.unwrap();
        committed!(db, |tx| raise(tx, ADA, COST, NOW));
        let much_later = NOW + Seconds::DAY;
        assert_eq!(committed!(db, |tx| raise(tx, ADA, COST, much_later)), much_later + COST);
        let address = Throttle { kind: ThrottleKind::Address, ..ADA };
        assert_eq!(read(&db, address).await.unwrap(), None);
        committed!(db, |tx| clear(tx, ADA));
        assert_eq!(read(&db, ADA).await.unwrap(), None);
        committed!(db, |tx| raise(tx, address, COST, NOW));
        assert_eq!(committed!(db, |tx| delete_past(tx, NOW)), 0);
        assert_eq!(committed!(db, |tx| delete_past(tx, NOW + COST)), 1);
    }
}
