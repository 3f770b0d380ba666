//! SQLite: reads in place on the calling thread, one writer whose commits are shared, and no thread hop between.

mod backup;
mod readers;
mod writer;

use std::{
    fs::OpenOptions,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use rusqlite::{CachedStatement, Connection, ErrorCode, OpenFlags};
use tokio::runtime::{Handle, RuntimeFlavor};

use crate::{Row, Statement, StoreError, Value};

pub(crate) use self::{
    backup::{Copy, check, set_aside},
    readers::{Reader, Readers},
    writer::{Unfinished, Writers},
};

/// Longest wait for a lock that another program holds.
const BUSY_SECONDS_MAX: u64 = 5;
/// Time between two attempts to get such a lock.
const BUSY_RETRY_MILLIS: u64 = 2;
/// Page cache of one connection; what is not in it is one memory-mapped read away.
const CACHE_KIBIBYTES: i64 = 512;
/// Largest part of the file that is mapped into memory; the pages are the kernel's and go when memory is short.
const MAPPED_BYTES_MAX: i64 = 64 * 1024 * 1024;
/// What the write-ahead log is cut back to after a large transaction.
const LOG_BYTES_KEPT: i64 = 16 * 1024 * 1024;
/// Prepared statements that one connection keeps; more than there are.
const STATEMENTS_MAX: usize = 256;

/// One database file, open.
pub(crate) struct Sqlite {
    pub(crate) path: PathBuf,
    pub(crate) readers: Readers,
    pub(crate) writers: Writers,
}

impl Sqlite {
    /// Opens the file, and makes it (mode 0600) when there is none.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        create_private(path)?;
        let writer = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        set_up_writer(&writer).map_err(|fault| unusable(path, &fault))?;
        Ok(Self { path: path.to_owned(), readers: Readers::new(path), writers: Writers::start(writer)? })
    }
}

/// Makes an empty file that only its owner may read, unless there is one already.
fn create_private(path: &Path) -> Result<(), StoreError> {
    let made = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path);
    made.map(drop).map_err(|source| StoreError::File { path: path.to_owned(), source })
}

/// Opens a connection with the settings that all have.
pub(crate) fn connect(path: &Path, access: OpenFlags) -> Result<Connection, StoreError> {
    // One thread at a time uses a connection, so SQLite's own mutex would only cost.
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .map_err(|fault| unusable(path, &fault))?;
    set_up(&connection).map_err(|fault| unusable(path, &fault))?;
    Ok(connection)
}

fn set_up(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(Duration::from_secs(BUSY_SECONDS_MAX))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    connection.pragma_update(None, "cache_size", -CACHE_KIBIBYTES)?;
    connection.pragma_update(None, "mmap_size", MAPPED_BYTES_MAX)?;
    connection.pragma_update(None, "foreign_keys", true)
}

fn set_up_writer(connection: &Connection) -> rusqlite::Result<()> {
    keep_a_log(connection)?;
    connection.pragma_update(None, "journal_size_limit", LOG_BYTES_KEPT)?;
    // An acknowledged commit is on the disk.
    connection.pragma_update(None, "synchronous", "full")?;
    // From its first read on a connection keeps the file from being taken away (see `set_aside`).
    connection.query_row("select count(*) from sqlite_master", [], |_| Ok(()))
}

/// Switches the file to a write-ahead log.
///
/// A switch raises the lock of a read that has begun. Of two connections that do so at once SQLite refuses one without
/// the wait that `busy_timeout` promises, since the two might wait for each other; so the wait is here.
fn keep_a_log(connection: &Connection) -> rusqlite::Result<()> {
    let deadline = Instant::now() + Duration::from_secs(BUSY_SECONDS_MAX);
    loop {
        match connection.pragma_update(None, "journal_mode", "wal") {
            Err(fault) if is_busy(&fault) && Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(BUSY_RETRY_MILLIS));
            }
            outcome => return outcome,
        }
    }
}

/// Whether another connection, mostly of another program, has what this one needs.
fn is_busy(fault: &rusqlite::Error) -> bool {
    fault.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
}

/// Tells a file that is not a database, or cannot be opened, from other faults.
fn unusable(path: &Path, fault: &rusqlite::Error) -> StoreError {
    match fault.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            StoreError::Damaged { path: path.to_owned(), detail: fault.to_string() }
        }
        _ => StoreError::Unavailable(format!("{}: {fault}", path.display())),
    }
}

/// Runs a statement and reads its first row.
pub(crate) fn one<T>(
    connection: &Connection,
    statement: &Statement,
    values: &[Value],
    mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    let started = Instant::now();
    let mut prepared = prepare(connection, statement, values)?;
    let mut rows = prepared.raw_query();
    let mut next = || match rows.next() {
        Ok(row) => row.map(|row| read(&Row::of_sqlite(statement, row))).transpose(),
        Err(fault) => Err(StoreError::of_sqlite(statement, &fault)),
    };
    let first = next()?;
    drop(rows);
    statement.report_if_slow(started);
    Ok(first)
}

/// Runs a statement and reads all its rows.
pub(crate) fn all<T>(
    connection: &Connection,
    statement: &Statement,
    values: &[Value],
    mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let started = Instant::now();
    let mut prepared = prepare(connection, statement, values)?;
    let mut rows = prepared.raw_query();
    let mut all = Vec::new();
    while let Some(row) = rows.next().map_err(|fault| StoreError::of_sqlite(statement, &fault))? {
        all.push(read(&Row::of_sqlite(statement, row))?);
    }
    drop(rows);
    statement.report_if_slow(started);
    Ok(all)
}

/// Like [`all`], but lets other tasks leave this thread first, since a list may be long.
pub(crate) fn all_aside<T>(
    connection: &Connection,
    statement: &Statement,
    values: &[Value],
    read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let can_step_aside =
        Handle::try_current().is_ok_and(|runtime| runtime.runtime_flavor() == RuntimeFlavor::MultiThread);
    let list = || all(connection, statement, values, read);
    if can_step_aside { tokio::task::block_in_place(list) } else { list() }
}

/// Runs a statement that returns no rows, and tells how many it changed.
pub(crate) fn run(connection: &Connection, statement: &Statement, values: &[Value]) -> Result<u64, StoreError> {
    let started = Instant::now();
    let changed = prepare(connection, statement, values)?
        .raw_execute()
        .map_err(|fault| StoreError::of_sqlite(statement, &fault))?;
    statement.report_if_slow(started);
    Ok(changed.try_into().unwrap_or(u64::MAX))
}

/// To SQLite `$2` is a name, so each slot is asked for its name and given the value of that number.
fn prepare<'c>(
    connection: &'c Connection,
    statement: &Statement,
    values: &[Value],
) -> Result<CachedStatement<'c>, StoreError> {
    let failed = |fault: rusqlite::Error| StoreError::of_sqlite(statement, &fault);
    let mut prepared = connection.prepare_cached(statement.sql).map_err(failed)?;
    for slot in 1..=prepared.parameter_count() {
        let number = prepared.parameter_name(slot).and_then(|name| name.strip_prefix('$')?.parse::<usize>().ok());
        let value = number.and_then(|number| values.get(number.checked_sub(1)?)).ok_or_else(|| StoreError::Failed {
            statement: statement.short_name(),
            detail: format!("parameter {slot} was not given"),
        })?;
        prepared.raw_bind_parameter(slot, value).map_err(failed)?;
    }
    Ok(prepared)
}
