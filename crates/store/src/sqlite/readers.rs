//! The read-only connections. A read takes one, runs on the calling thread, and puts it back.

use std::{
    ops::Deref,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::{Connection, OpenFlags};

use super::connect;
use crate::{Statement, StoreError};

const SNAPSHOT: Statement = Statement { name: "begin", sql: "begin deferred" };

/// Connections that are kept for the next read; a burst opens more and closes them again.
const IDLE_MAX: usize = 8;

/// The pool. There are as many connections as reads at a time, which is at most one per thread and open snapshot.
pub(crate) struct Readers {
    path: PathBuf,
    idle: Arc<Mutex<Vec<Connection>>>,
}

/// A connection that goes back to its pool when dropped.
pub(crate) struct Reader {
    connection: Option<Connection>,
    idle: Arc<Mutex<Vec<Connection>>>,
}

impl Readers {
    pub(crate) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), idle: Arc::default() }
    }

    pub(crate) fn take(&self) -> Result<Reader, StoreError> {
        let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match kept {
            Some(connection) => connection,
            None => connect(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?,
        };
        Ok(Reader { connection: Some(connection), idle: Arc::clone(&self.idle) })
    }

    /// A connection that sees one state of the database from its first read until it is dropped.
    pub(crate) fn snapshot(&self) -> Result<Reader, StoreError> {
        let reader = self.take()?;
        super::run(&reader, &SNAPSHOT, &[])?;
        Ok(reader)
    }
}

impl Deref for Reader {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection.as_ref().expect("the connection is there until the drop")
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        // A snapshot that was dropped unfinished would hold its old view for the next reader.
        if !connection.is_autocommit() && connection.execute_batch("rollback").is_err() {
            return;
        }
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_MAX {
            idle.push(connection);
        }
    }
}
