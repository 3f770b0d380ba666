//! Bringing a database to the form that this program expects.
//!
//! A migration is a file that is never changed once released; the table `migrations` records what was applied and the
//! digest of its text. All that is missing is applied in one transaction, behind a lock, so that of two processes that
//! start at once one does it and the other finds it done.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags};
use tollgate_crypto::{base64url, digest};
use tollgate_model::Timestamp;

use crate::{
    Row, Statement, StoreError,
    db::{Backend, off_worker},
    params,
    postgres::{self, Postgres},
    sqlite, statements,
};

/// One step, applied whole or not at all.
struct Migration {
    name: &'static str,
    text: &'static str,
}

/// All of them, in their order.
const MIGRATIONS: &[Migration] = &[
    Migration { name: "0001_foundation", text: include_str!("../migrations/0001_foundation.sql") },
    Migration { name: "0002_people", text: include_str!("../migrations/0002_people.sql") },
];

statements! {
    /// A migration that was applied, with the digest of its text.
    APPLIED = "select name, digest from migrations order by name";

    /// Records a migration that is applied in the same transaction.
    RECORD = "insert into migrations (name, digest, applied_at) values ($1, $2, $3)";
}

const TABLE: Statement = Statement {
    name: "migrate::TABLE",
    sql: "create table if not exists migrations (
        name text not null constraint migrations_name primary key,
        digest text not null,
        applied_at bigint not null
    )",
};

/// Names the table of applied migrations, if there is one.
const SQLITE_TABLE: Statement = Statement {
    name: "migrate::SQLITE_TABLE",
    sql: "select name from sqlite_master where type = 'table' and name = 'migrations'",
};
const POSTGRES_TABLE: Statement = Statement {
    name: "migrate::POSTGRES_TABLE",
    sql: "select cast(to_regclass('migrations') as text) where to_regclass('migrations') is not null",
};

const BEGIN: Statement = Statement { name: "begin", sql: "begin immediate" };
const COMMIT: Statement = Statement { name: "commit", sql: "commit" };

/// One migrates at a time; the number is any that nothing else locks.
const POSTGRES_LOCK: Statement = Statement {
    name: "migrate::POSTGRES_LOCK",
    sql: "set local statement_timeout = '10min'; select pg_advisory_xact_lock(6048113771)",
};
/// Longest wait for another process that migrates.
const LOCK_SECONDS_MAX: u64 = 600;

/// Applies what is missing and names it.
pub(crate) async fn migrate(backend: &Backend, now: Timestamp) -> Result<Vec<String>, StoreError> {
    match backend {
        Backend::Sqlite(sqlite) => {
            let path = sqlite.path.clone();
            off_worker(move || migrate_file(&path, now)).await
        }
        Backend::Postgres(postgres) => migrate_server(postgres, now).await,
    }
}

/// Names what is missing.
pub(crate) async fn pending(backend: &Backend) -> Result<Vec<String>, StoreError> {
    let applied = match backend {
        Backend::Sqlite(sqlite) => applied_to_file(&*sqlite.readers.take()?)?.unwrap_or_default(),
        Backend::Postgres(postgres) if postgres.rows(&POSTGRES_TABLE, &[]).await?.is_empty() => Vec::new(),
        Backend::Postgres(postgres) => read_applied(&postgres.rows(&APPLIED, &[]).await?)?,
    };
    Ok(names(missing(&applied)?))
}

/// Refuses a file that is not a database of this program, or of a later version of it.
pub(crate) fn refuse_foreign_file(path: &Path) -> Result<(), StoreError> {
    let connection = sqlite::connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    match applied_to_file(&connection)? {
        Some(applied) => missing(&applied).map(drop),
        None => {
            Err(StoreError::Damaged { path: path.to_owned(), detail: "it is not a database of Tollgate".to_owned() })
        }
    }
}

/// A migration that was applied: its name and the digest of its text.
type Applied = (String, String);

fn applied(row: &Row<'_>) -> Result<Applied, StoreError> {
    Ok((row.text(0)?, row.text(1)?))
}

/// Those of [`MIGRATIONS`] that were not applied, provided that those that were are the first of them, unchanged.
fn missing(applied: &[Applied]) -> Result<&'static [Migration], StoreError> {
    let is_known = |name: &str| MIGRATIONS.iter().any(|own| own.name == name);
    let unknown: Vec<_> = applied.iter().map(|(name, _)| name.as_str()).filter(|name| !is_known(name)).collect();
    if !unknown.is_empty() {
        return Err(StoreError::Newer { names: unknown.join(", ") });
    }
    for (own, (name, digest)) in MIGRATIONS.iter().zip(applied) {
        if own.name != name || own.digest() != *digest {
            return Err(StoreError::Altered { name: name.clone() });
        }
    }
    Ok(MIGRATIONS.get(applied.len()..).unwrap_or_default())
}

fn names(migrations: &[Migration]) -> Vec<String> {
    migrations.iter().map(|migration| migration.name.to_owned()).collect()
}

impl Migration {
    fn digest(&self) -> String {
        base64url::encode(&digest::sha256(self.text.as_bytes()))
    }

    const fn statement(&self) -> Statement {
        Statement { name: self.name, sql: self.text }
    }
}

fn applied_to_file(connection: &Connection) -> Result<Option<Vec<Applied>>, StoreError> {
    match sqlite::one(connection, &SQLITE_TABLE, &[], |row| row.text(0))? {
        Some(_) => sqlite::all(connection, &APPLIED, &[], applied).map(Some),
        None => Ok(None),
    }
}

fn migrate_file(path: &Path, now: Timestamp) -> Result<Vec<String>, StoreError> {
    let connection = sqlite::connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let failed = |fault: rusqlite::Error| StoreError::of_sqlite(&BEGIN, &fault);
    connection.busy_timeout(Duration::from_secs(LOCK_SECONDS_MAX)).map_err(failed)?;
    sqlite::run(&connection, &BEGIN, &[])?;
    sqlite::run(&connection, &TABLE, &[])?;
    let missing = missing(&sqlite::all(&connection, &APPLIED, &[], applied)?)?;
    for migration in missing {
        let made = connection.execute_batch(migration.text);
        made.map_err(|fault| StoreError::of_sqlite(&migration.statement(), &fault))?;
        sqlite::run(&connection, &RECORD, &params![migration.name, migration.digest(), now])?;
    }
    sqlite::run(&connection, &COMMIT, &[])?;
    Ok(names(missing))
}

async fn migrate_server(postgres: &Postgres, now: Timestamp) -> Result<Vec<String>, StoreError> {
    let mut transaction = postgres.begin(postgres::READ_COMMITTED).await?;
    transaction.batch(&POSTGRES_LOCK).await?;
    transaction.batch(&TABLE).await?;
    let missing = missing(&read_applied(&transaction.rows(&APPLIED, &[]).await?)?)?;
    for migration in missing {
        transaction.batch(&migration.statement()).await?;
        transaction.run(&RECORD, &params![migration.name, migration.digest(), now]).await?;
    }
    transaction.commit(false).await?;
    Ok(names(missing))
}

fn read_applied(rows: &[tokio_postgres::Row]) -> Result<Vec<Applied>, StoreError> {
    rows.iter().map(|row| applied(&Row::of_postgres(&APPLIED, row))).collect()
}
