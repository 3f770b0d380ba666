//! Numbers that grow with each change, by which a reader tells whether what it holds in memory is current.

use crate::{Query, Statement, StoreError, Transaction, params, statements};

/// What a number counts the changes of. A transaction that changes both announces the directory first, so that no two
/// transactions wait for each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generation {
    /// Organizations, clients, secrets, certificates, services, subscriptions and signing keys.
    Directory,
    /// Revocations; each carries the number that it made as its sequence.
    Revocations,
}

impl Generation {
    const fn name(self) -> &'static str {
        match self {
            Self::Directory => "directory",
            Self::Revocations => "revocations",
        }
    }
}

/// Both numbers as they stood at one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Generations {
    /// Of [`Generation::Directory`].
    pub directory: i64,
    /// Of [`Generation::Revocations`].
    pub revocations: i64,
}

statements! {
    /// The number that this change makes. The row stays locked until the transaction ends.
    BUMP = "update generations set number = number + 1 where name = $1 returning number";

    /// The number, unchanged. The row stays locked until the transaction ends.
    HOLD = "update generations set number = number where name = $1 returning number";

    /// Both numbers.
    READ = "
        select directory.name, directory.number, revocations.number
        from generations directory, generations revocations
        where directory.name = 'directory' and revocations.name = 'revocations'";
}

/// Announces a change, and makes the transaction wait its turn behind others that announced one of the same kind.
///
/// Call it before anything else in the transaction: a statement after it sees all that those others wrote, so a guard
/// that counts rows is right on PostgreSQL too, whose statements otherwise do not see each other's open transactions.
pub(crate) async fn bump(tx: &mut Transaction, generation: Generation) -> Result<i64, StoreError> {
    tx.wake_on_commit();
    lock(tx, &BUMP, generation).await
}

/// Makes the transaction wait its turn like [`bump`] without announcing a change.
pub async fn hold(tx: &mut Transaction, generation: Generation) -> Result<(), StoreError> {
    lock(tx, &HOLD, generation).await.map(drop)
}

/// Both numbers as they stand.
pub async fn read(query: impl Query) -> Result<Generations, StoreError> {
    let numbers =
        query.one(&READ, &[], |row| Ok(Generations { directory: row.integer(1)?, revocations: row.integer(2)? }));
    numbers.await?.ok_or_else(|| missing(&READ))
}

async fn lock(tx: &mut Transaction, statement: &Statement, generation: Generation) -> Result<i64, StoreError> {
    let number = tx.one(statement, &params![generation.name()], |row| row.integer(0)).await?;
    number.ok_or_else(|| missing(statement))
}

fn missing(statement: &Statement) -> StoreError {
    StoreError::Failed { statement: statement.short_name(), detail: "a generation has no row".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Db;

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn sixty_four_changes_at_once_make_sixty_four_numbers_one_after_another() {
        let db = Db::temporary().await.unwrap();
        let before = read(&db).await.unwrap();
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..64 {
            let db = db.clone();
            tasks.spawn(async move { db.transact(async |tx| bump(tx, Generation::Directory).await).await });
        }
        let mut numbers: Vec<i64> =
            tasks.join_all().await.into_iter().map(|number: Result<i64, StoreError>| number.unwrap()).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (before.directory + 1..=before.directory + 64).collect::<Vec<_>>());
        let after = read(&db).await.unwrap();
        assert_eq!(after, Generations { directory: before.directory + 64, ..before });
    }

    #[tokio::test]
    async fn waiting_ones_turn_announces_nothing() {
        let db = Db::temporary().await.unwrap();
        let before = read(&db).await.unwrap();
        db.transact(async |tx| hold(tx, Generation::Directory).await).await.unwrap();
        assert_eq!(read(&db).await.unwrap(), before);
    }
}
