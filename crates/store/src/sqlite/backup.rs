//! Copies of a database file: made while it is in use, looked through before they count, put in place at once.

use std::{
    fs::{File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use rusqlite::{
    Connection, ErrorCode, OpenFlags,
    backup::{Backup, StepResult},
};

use super::{BUSY_SECONDS_MAX, connect, unusable};
use crate::StoreError;

const RETRY_MILLIS: u64 = 20;

/// A copy beside its destination, removed again unless it was put in place.
pub(crate) struct Copy {
    path: PathBuf,
    destination: PathBuf,
    is_in_place: bool,
}

impl Copy {
    /// Copies the database `source`, as it stands at one instant, and looks the copy through.
    pub(crate) fn make(source: &Path, destination: &Path) -> Result<Self, StoreError> {
        if is_same_file(source, destination) {
            return Err(StoreError::InUse { path: destination.to_owned() });
        }
        let mut name = destination.as_os_str().to_owned();
        name.push(format!(".partial-{}", std::process::id()));
        let copy = Self { path: name.into(), destination: destination.to_owned(), is_in_place: false };
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&copy.path);
        made.map_err(|source| StoreError::File { path: copy.path.clone(), source })?;
        copy_pages(source, &copy.path)?;
        check(&copy.path)?;
        Ok(copy)
    }

    /// Where the copy is until it is put in place.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Renames the copy to its destination; from then on it survives a power cut.
    pub(crate) fn put_in_place(mut self) -> Result<(), StoreError> {
        let failed = |source: io::Error| StoreError::File { path: self.destination.clone(), source };
        File::open(&self.path).and_then(|file| file.sync_all()).map_err(failed)?;
        std::fs::rename(&self.path, &self.destination).map_err(failed)?;
        self.is_in_place = true;
        let folder = match self.destination.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        if !self.is_in_place {
            let _already_gone = std::fs::remove_file(&self.path);
        }
    }
}

fn is_same_file(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

fn copy_pages(source: &Path, target: &Path) -> Result<(), StoreError> {
    if !source.is_file() {
        return Err(StoreError::File { path: source.to_owned(), source: io::ErrorKind::NotFound.into() });
    }
    let read = connect(source, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let failed = |fault: rusqlite::Error| unusable(source, &fault);
    let mut written = Connection::open_with_flags(target, OpenFlags::SQLITE_OPEN_READ_WRITE)
        .map_err(|fault| unusable(target, &fault))?;
    let backup = Backup::new(&read, &mut written).map_err(failed)?;
    let deadline = Instant::now() + Duration::from_secs(BUSY_SECONDS_MAX);
    // All pages in one step are one view of the database: writers go on meanwhile and are not seen.
    while backup.step(-1).map_err(failed)? != StepResult::Done {
        if Instant::now() >= deadline {
            return Err(StoreError::Unavailable(format!("{} is locked by another program", source.display())));
        }
        std::thread::sleep(Duration::from_millis(RETRY_MILLIS));
    }
    drop(backup);
    // The copied header asks for a log beside the file; a backup is one file.
    written.pragma_update(None, "journal_mode", "delete").map_err(|fault| unusable(target, &fault))?;
    written.close().map_err(|(_, fault)| unusable(target, &fault))
}

/// Reopens a database file and reads all of it: pages, indexes, constraints, references.
pub(crate) fn check(path: &Path) -> Result<(), StoreError> {
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let failed = |fault: rusqlite::Error| unusable(path, &fault);
    let damaged = |detail: String| StoreError::Damaged { path: path.to_owned(), detail };
    let verdict: String = connection.query_row("pragma integrity_check(1)", [], |row| row.get(0)).map_err(failed)?;
    if verdict != "ok" {
        return Err(damaged(verdict));
    }
    let mut references = connection.prepare("pragma foreign_key_check").map_err(failed)?;
    let dangling =
        references.query([]).and_then(|mut rows| rows.next()?.map(|row| row.get::<_, String>(0)).transpose());
    match dangling.map_err(failed)? {
        Some(table) => Err(damaged(format!("table `{table}` refers to rows that do not exist"))),
        None => Ok(()),
    }
}

/// Makes sure that nobody has the file open and that nothing of it lies beside it, so that another may take its place.
pub(crate) fn set_aside(path: &Path) -> Result<(), StoreError> {
    if !path.exists() {
        return Ok(());
    }
    let left = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE).and_then(|connection| {
        // Leaving the write-ahead log is possible only to the one that has the file open.
        let mode = connection.pragma_update_and_check(None, "journal_mode", "delete", |row| row.get::<_, String>(0));
        match mode {
            Ok(mode) if mode == "delete" => Ok(()),
            Ok(_) => Err(StoreError::InUse { path: path.to_owned() }),
            Err(fault) if fault.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                Err(StoreError::InUse { path: path.to_owned() })
            }
            Err(fault) => Err(unusable(path, &fault)),
        }
    });
    match left {
        // What is not a database any more is what one restores over.
        Err(StoreError::Damaged { .. }) => remove_logs(path),
        other => other,
    }
}

fn remove_logs(path: &Path) -> Result<(), StoreError> {
    for suffix in ["-wal", "-shm"] {
        let mut log = path.as_os_str().to_owned();
        log.push(suffix);
        match std::fs::remove_file(&log) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                return Err(StoreError::File { path: log.into(), source });
            }
            _ => {}
        }
    }
    Ok(())
}
