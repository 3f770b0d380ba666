//! The database: opening it, asking it, and changing it.

use std::{path::Path, sync::Arc};

use tokio::sync::watch;
use tollgate_model::Timestamp;

use crate::{
    DatabaseUrl, Query, Row, Statement, StoreError, Transaction, Value, Wakes, migrate,
    postgres::Postgres,
    sqlite::{self, Sqlite},
    url::Place,
};

/// An open database. Clones share its connections; the last one closes them.
#[derive(Clone)]
pub struct Db(Arc<Shared>);

struct Shared {
    // Before what it stands on: fields are dropped in this order.
    backend: Backend,
    wake: watch::Sender<u64>,
    #[cfg(any(test, feature = "testing"))]
    testing: crate::testing::Testing,
}

pub(crate) enum Backend {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

impl Db {
    /// Opens the database, and makes the file (mode 0600) if it is one and does not exist. Does not migrate.
    pub async fn open(url: &DatabaseUrl) -> Result<Self, StoreError> {
        let backend = match &url.0 {
            Place::Sqlite(path) => {
                let path = path.clone();
                // Another process may have the file for a moment.
                Backend::Sqlite(off_worker(move || Sqlite::open(&path)).await?)
            }
            Place::Postgres(server) => Backend::Postgres(Postgres::open(server).await?),
        };
        Ok(Self(Arc::new(Shared {
            backend,
            wake: watch::Sender::new(0),
            #[cfg(any(test, feature = "testing"))]
            testing: crate::testing::Testing::default(),
        })))
    }

    /// Runs `work` in a transaction and commits when it returns `Ok`. Any `Err` undoes everything, so what a refusal
    /// must leave behind, such as a used-up code, goes with the refusal *inside* `Ok`. Dropped unfinished, the
    /// transaction is undone. When this returns `Ok`, the commit is on the disk.
    ///
    /// Transactions on SQLite take turns: never begin one inside another.
    pub async fn transact<T, E: From<StoreError>>(
        &self,
        work: impl AsyncFnOnce(&mut Transaction) -> Result<T, E>,
    ) -> Result<T, E> {
        #[cfg(any(test, feature = "testing"))]
        self.0.testing.refuse_failing_write()?;
        let mut transaction = Transaction::begin(self.backend()).await?;
        match work(&mut transaction).await {
            Ok(value) => {
                if transaction.commit(self.backend()).await? {
                    self.wake();
                }
                Ok(value)
            }
            Err(fault) => {
                transaction.roll_back().await;
                Err(fault)
            }
        }
    }

    /// Runs `work`, which only reads, on one state of the database: what is committed meanwhile is not seen.
    pub async fn snapshot<T, E: From<StoreError>>(
        &self,
        work: impl AsyncFnOnce(&mut Transaction) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut transaction = Transaction::begin_snapshot(self.backend()).await?;
        let outcome = work(&mut transaction).await;
        transaction.roll_back().await;
        outcome
    }

    /// Applies the migrations that are missing and names them. Safe when two processes do it at once; refuses a
    /// database that a later version has migrated.
    pub async fn migrate(&self, now: Timestamp) -> Result<Vec<String>, StoreError> {
        migrate::migrate(self.backend(), now).await
    }

    /// The migrations that [`Db::migrate`] would apply; refuses what it refuses.
    pub async fn pending_migrations(&self) -> Result<Vec<String>, StoreError> {
        migrate::pending(self.backend()).await
    }

    /// Wakes all who wait at [`Wakes`] in this process. A committed change of the directory does that by itself.
    pub fn wake(&self) {
        self.0.wake.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// A place to wait for changes.
    pub fn wakes(&self) -> Wakes {
        Wakes::new(self.backend(), self.0.wake.subscribe())
    }

    /// Copies a SQLite database to `file` (mode 0600) while it is in use: the copy is one state of it, is reopened and
    /// looked through, and takes its place at once.
    pub async fn backup(&self, file: &Path) -> Result<(), StoreError> {
        let Backend::Sqlite(sqlite) = self.backend() else {
            return Err(StoreError::Unsupported { what: "backup", remedy: "use `pg_dump`" });
        };
        let (source, file) = (sqlite.path.clone(), file.to_owned());
        off_worker(move || sqlite::Copy::make(&source, &file)?.put_in_place()).await
    }

    /// Puts the backup `file` in the place of the SQLite database `to`, which nobody may have open. The backup is
    /// looked through first, and must not come from a later version of the program.
    pub async fn restore(file: &Path, to: &Path) -> Result<(), StoreError> {
        let (file, to) = (file.to_owned(), to.to_owned());
        off_worker(move || {
            let copy = sqlite::Copy::make(&file, &to)?;
            migrate::refuse_foreign_file(copy.path())?;
            sqlite::set_aside(&to)?;
            copy.put_in_place()
        })
        .await
    }

    /// Reopens the database and looks it through: for SQLite every page and reference, for PostgreSQL an answer.
    pub async fn check(&self) -> Result<(), StoreError> {
        match self.backend() {
            Backend::Sqlite(sqlite) => {
                let path = sqlite.path.clone();
                off_worker(move || sqlite::check(&path)).await
            }
            Backend::Postgres(postgres) => postgres.check().await,
        }
    }

    pub(crate) fn backend(&self) -> &Backend {
        &self.0.backend
    }
}

#[cfg(any(test, feature = "testing"))]
impl Db {
    /// What tests have arranged.
    pub(crate) fn testing(&self) -> &crate::testing::Testing {
        &self.0.testing
    }
}

impl Query for &Db {
    async fn one<T: Send>(
        self,
        statement: &Statement,
        values: &[Value],
        mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError> + Send,
    ) -> Result<Option<T>, StoreError> {
        match self.backend() {
            Backend::Sqlite(sqlite) => {
                let reader = sqlite.readers.take()?;
                sqlite::one(&reader, statement, values, read)
            }
            Backend::Postgres(postgres) => {
                let rows = postgres.rows(statement, values).await?;
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
        match self.backend() {
            Backend::Sqlite(sqlite) => {
                let reader = sqlite.readers.take()?;
                sqlite::all_aside(&reader, statement, values, read)
            }
            Backend::Postgres(postgres) => {
                let rows = postgres.rows(statement, values).await?;
                rows.iter().map(|row| read(&Row::of_postgres(statement, row))).collect()
            }
        }
    }
}

/// Runs what waits for the disk on a thread that may wait.
pub(crate) async fn off_worker<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let joined = tokio::task::spawn_blocking(work).await;
    joined.map_err(|fault| StoreError::Unavailable(format!("the work was ended: {fault}")))?
}
