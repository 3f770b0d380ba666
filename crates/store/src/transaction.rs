//! An open transaction. Dropped unfinished, it leaves nothing behind.

use crate::{Query, Row, Statement, StoreError, Value, db::Backend, postgres, sqlite};

/// An open transaction of [`Db::transact`](crate::Db::transact) or [`Db::snapshot`](crate::Db::snapshot).
///
/// A statement that fails undoes itself and nothing else. Between two statements there should be no other waiting: on
/// SQLite, everyone who wants to write waits for the end of this transaction.
pub struct Transaction {
    inner: Inner,
    wakes: bool,
}

enum Inner {
    Sqlite(sqlite::Unfinished),
    SqliteSnapshot(sqlite::Reader),
    Postgres(postgres::Unfinished),
}

impl Transaction {
    /// Opens a transaction that writes.
    pub(crate) async fn begin(backend: &Backend) -> Result<Self, StoreError> {
        let inner = match backend {
            Backend::Sqlite(sqlite) => Inner::Sqlite(sqlite.writers.begin().await?),
            Backend::Postgres(postgres) => Inner::Postgres(postgres.begin(postgres::READ_COMMITTED).await?),
        };
        Ok(Self { inner, wakes: false })
    }

    /// Opens a transaction that only reads, and sees one state of the database.
    pub(crate) async fn begin_snapshot(backend: &Backend) -> Result<Self, StoreError> {
        let inner = match backend {
            Backend::Sqlite(sqlite) => Inner::SqliteSnapshot(sqlite.readers.snapshot()?),
            Backend::Postgres(postgres) => Inner::Postgres(postgres.begin(postgres::SNAPSHOT).await?),
        };
        Ok(Self { inner, wakes: false })
    }

    /// Commits; `true` when the transaction announced a change.
    pub(crate) async fn commit(self, backend: &Backend) -> Result<bool, StoreError> {
        match (self.inner, backend) {
            (Inner::Sqlite(unfinished), Backend::Sqlite(sqlite)) => sqlite.writers.commit(unfinished).await?,
            (Inner::Postgres(unfinished), _) => unfinished.commit(self.wakes).await?,
            (Inner::SqliteSnapshot(reader), _) => drop(reader),
            (Inner::Sqlite(_), Backend::Postgres(_)) => unreachable!("a transaction belongs to its own database"),
        }
        Ok(self.wakes)
    }

    /// Undoes the transaction.
    pub(crate) async fn roll_back(self) {
        match self.inner {
            Inner::Postgres(unfinished) => unfinished.roll_back().await,
            Inner::Sqlite(unfinished) => drop(unfinished),
            Inner::SqliteSnapshot(reader) => drop(reader),
        }
    }

    /// Runs a statement that returns no rows; the number of rows that it changed itself, without those that the schema
    /// changed in consequence.
    pub async fn run(&mut self, statement: &Statement, values: &[Value]) -> Result<u64, StoreError> {
        match &mut self.inner {
            Inner::Sqlite(unfinished) => {
                refuse_lost(unfinished)?;
                sqlite::run(unfinished.connection(), statement, values)
            }
            Inner::SqliteSnapshot(reader) => sqlite::run(reader, statement, values),
            Inner::Postgres(unfinished) => unfinished.run(statement, values).await,
        }
    }

    /// Wakes all who wait at [`Wakes`](crate::Wakes), in every process, once this transaction is committed.
    pub(crate) const fn wake_on_commit(&mut self) {
        self.wakes = true;
    }
}

impl Query for &mut Transaction {
    async fn one<T: Send>(
        self,
        statement: &Statement,
        values: &[Value],
        mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError> + Send,
    ) -> Result<Option<T>, StoreError> {
        match &mut self.inner {
            Inner::Sqlite(unfinished) => {
                refuse_lost(unfinished)?;
                sqlite::one(unfinished.connection(), statement, values, read)
            }
            Inner::SqliteSnapshot(reader) => sqlite::one(reader, statement, values, read),
            Inner::Postgres(unfinished) => {
                let rows = unfinished.rows(statement, values).await?;
                rows.first().map(|row| read(&Row::of_postgres(statement, row))).transpose()
            }
        }
    }

    async fn all<T: Send>(
        self,
        statement: &Statement,
        values: &[Value],
        mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError> + Send,
    ) -> Result<Vec<T>, StoreError> {
        match &mut self.inner {
            Inner::Sqlite(unfinished) => {
                refuse_lost(unfinished)?;
                sqlite::all(unfinished.connection(), statement, values, read)
            }
            Inner::SqliteSnapshot(reader) => sqlite::all_aside(reader, statement, values, read),
            Inner::Postgres(unfinished) => {
                let rows = unfinished.rows(statement, values).await?;
                rows.iter().map(|row| read(&Row::of_postgres(statement, row))).collect()
            }
        }
    }
}

/// Outside a transaction a statement would be committed by itself.
fn refuse_lost(unfinished: &sqlite::Unfinished) -> Result<(), StoreError> {
    if unfinished.is_lost() {
        return Err(StoreError::Commit("SQLite has ended the transaction".to_owned()));
    }
    Ok(())
}
