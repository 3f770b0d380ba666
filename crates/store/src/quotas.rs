//! Accepted calls in a day and in a month.

use tollgate_model::{Invalid, Timestamp};

use crate::{Query, Row, StoreError, Transaction, params, statements};

statements! {
    /// The calls in the period, these included.
    ADD = "
        insert into quotas (scope_kind, scope_id, period, calls)
        values ($1, $2, $3, $4)
        on conflict (scope_kind, scope_id, period) do update set calls = quotas.calls + excluded.calls
        returning scope_id, calls";

    /// The next counts of a period after the scope `$2`, `$3`.
    LOAD = "
        select scope_id, scope_kind, period, calls
        from quotas where period = $1 and (scope_kind, scope_id) > ($2, $3)
        order by scope_kind, scope_id limit $4";

    /// Deletes the counts of days before `$1` and of months before `$2`; a day is told by its ten characters.
    DELETE_PAST = "
        delete from quotas
        where (length(period) = 10 and period < $1) or (length(period) = 7 and period < $2)";
}

/// Whose calls a quota counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScopeKind {
    /// Those of one credential to one service; the id is `<client id> <service code>`.
    ClientService,
    /// Those of one credential.
    Client,
    /// Those of all credentials of an organization.
    Organization,
    /// Those to one service.
    Service,
}

impl ScopeKind {
    /// The kind as stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClientService => "client_service",
            Self::Client => "client",
            Self::Organization => "organization",
            Self::Service => "service",
        }
    }
}

impl std::str::FromStr for ScopeKind {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        [Self::ClientService, Self::Client, Self::Organization, Self::Service]
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| Invalid::new("quota scope", text, "use client_service, client, organization or service"))
    }
}

/// Calls of one scope in one period.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct QuotaCount {
    /// Whose calls.
    pub scope_kind: ScopeKind,
    /// Which of that kind.
    pub scope_id: String,
    /// The UTC day `YYYY-MM-DD` or month `YYYY-MM` ([`Timestamp::day`], [`Timestamp::month`]).
    pub period: String,
    /// How many.
    pub calls: i64,
}

/// Most counts that [`load`] answers at once.
pub const COUNTS_MAX: usize = 1_000;

/// Adds calls; answers the same counts with the totals of all nodes, in the order of scope and period.
pub async fn add(tx: &mut Transaction, mut counts: Vec<QuotaCount>) -> Result<Vec<QuotaCount>, StoreError> {
    // In one order everywhere, so that two nodes that add to the same rows wait for each other in turn.
    counts.sort_unstable();
    for count in &mut counts {
        let values = params![count.scope_kind.as_str(), &count.scope_id, &count.period, count.calls];
        if let Some(total) = tx.one(&ADD, &values, |row| row.integer(1)).await? {
            count.calls = total;
        }
    }
    Ok(counts)
}

/// The next counts of a period after the last one of the page before, at most [`COUNTS_MAX`].
pub async fn load(query: impl Query, period: &str, after: Option<&QuotaCount>) -> Result<Vec<QuotaCount>, StoreError> {
    let (kind, id) = after.map_or(("", ""), |last| (last.scope_kind.as_str(), last.scope_id.as_str()));
    query.all(&LOAD, &params![period, kind, id, i64::try_from(COUNTS_MAX).unwrap_or(i64::MAX)], count).await
}

/// Deletes the counts of past days and months; tells how many.
pub async fn delete_past(tx: &mut Transaction, now: Timestamp) -> Result<u64, StoreError> {
    tx.run(&DELETE_PAST, &params![now.day(), now.month()]).await
}

fn count(row: &Row<'_>) -> Result<QuotaCount, StoreError> {
    Ok(QuotaCount { scope_id: row.text(0)?, scope_kind: row.parsed(1)?, period: row.text(2)?, calls: row.integer(3)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Db,
        fixture::{NOW, committed},
    };

    fn calls(kind: ScopeKind, id: &str, period: String, calls: i64) -> QuotaCount {
        QuotaCount { scope_kind: kind, scope_id: id.to_owned(), period, calls }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn calls_that_are_added_at_once_are_all_counted() {
        let db = Db::temporary().await.unwrap();
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..64 {
            let db = db.clone();
            tasks.spawn(async move {
                let mut counts = vec![
                    calls(ScopeKind::Client, "a", NOW.day(), 2),
                    calls(ScopeKind::Organization, "o", NOW.day(), 2),
                    calls(ScopeKind::Client, "b", NOW.month(), 1),
                ];
                counts.rotate_left(n % 3);
                committed!(db, |tx| add(tx, counts.clone()))
            });
        }
        tasks.join_all().await;
        let expected =
            [calls(ScopeKind::Client, "a", NOW.day(), 128), calls(ScopeKind::Organization, "o", NOW.day(), 128)];
        assert_eq!(load(&db, &NOW.day(), None).await.unwrap(), expected);
        assert_eq!(load(&db, &NOW.day(), Some(&expected[0])).await.unwrap(), expected[1..]);
        assert_eq!(load(&db, &NOW.month(), None).await.unwrap(), [calls(ScopeKind::Client, "b", NOW.month(), 64)]);
    }

    #[tokio::test]
    async fn the_answer_to_an_addition_is_the_total() {
        let db = Db::temporary().await.unwrap();
        let three = vec![calls(ScopeKind::Service, "StockSDK", NOW.day(), 3)];
        assert_eq!(committed!(db, |tx| add(tx, three.clone()))[0].calls, 3);
        assert_eq!(committed!(db, |tx| add(tx, three.clone()))[0].calls, 6);
    }

    #[tokio::test]
    async fn the_present_day_and_month_outlast_the_deletion_of_past_ones() {
        let db = Db::temporary().await.unwrap();
        let tomorrow = NOW.next_day();
        let next_month = NOW.next_month();
        let counts = vec![
            calls(ScopeKind::Client, "a", NOW.day(), 1),
            calls(ScopeKind::Client, "a", NOW.month(), 1),
            calls(ScopeKind::Client, "a", tomorrow.day(), 1),
        ];
        committed!(db, |tx| add(tx, counts.clone()));
        assert_eq!(committed!(db, |tx| delete_past(tx, NOW)), 0);
        assert_eq!(committed!(db, |tx| delete_past(tx, tomorrow)), 1);
        assert_eq!(load(&db, &NOW.month(), None).await.unwrap().len(), 1);
        assert_eq!(committed!(db, |tx| delete_past(tx, next_month)), 2);
    }
}
