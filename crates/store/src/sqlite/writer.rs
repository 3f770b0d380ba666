//! The one writer, and the commit that waiting transactions share.
//!
//! A transaction is a savepoint inside the open batch. Whoever finds no batch opens one. A finished transaction
//! leaves its place to the next in line, asks the commit thread for a commit, and waits. The commit thread stands in
//! the same line, so its commit, one sync of the disk, serves all who came before it, and no async worker ever waits
//! for the disk. What one transaction did can be undone without touching its neighbours.

use std::{
    sync::{Arc, mpsc},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use rusqlite::Connection;
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};

use super::{BUSY_RETRY_MILLIS, BUSY_SECONDS_MAX, is_busy};
use crate::{Statement, StoreError};

const BEGIN: Statement = Statement { name: "begin", sql: "begin immediate" };
const COMMIT: Statement = Statement { name: "commit", sql: "commit" };
const ROLL_BACK: Statement = Statement { name: "rollback", sql: "rollback" };
const SAVE: Statement = Statement { name: "savepoint", sql: "savepoint one" };
const RELEASE: Statement = Statement { name: "release", sql: "release one" };
const UNDO: Statement = Statement { name: "rollback to", sql: "rollback to one" };

/// Longest wait for the transactions that are in line before.
const LINE_SECONDS_MAX: u64 = 10;

type Answer = oneshot::Sender<Result<(), StoreError>>;

/// The line in front of the writing connection, and the commit thread.
pub(crate) struct Writers {
    writer: Arc<Mutex<Writer>>,
    /// Asks for a commit; one request is enough for all who wait. `None` only while closing.
    requests: Option<mpsc::SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// The writing connection with the batch that is open on it.
struct Writer {
    connection: Connection,
    is_batch_open: bool,
    /// When a wait for another program last ended in vain.
    gave_up: Option<Instant>,
    /// The finished transactions of the batch.
    waiting: Vec<Answer>,
}

/// A transaction that has its turn; dropped unfinished, it is undone.
pub(crate) struct Unfinished {
    writer: OwnedMutexGuard<Writer>,
    is_finished: bool,
}

impl Writers {
    pub(crate) fn start(connection: Connection) -> Result<Self, StoreError> {
        // A wait for another program is waited by the caller, asynchronously, and not inside SQLite.
        connection.busy_timeout(Duration::ZERO).map_err(|fault| StoreError::of_sqlite(&BEGIN, &fault))?;
        let writer =
            Arc::new(Mutex::new(Writer { connection, is_batch_open: false, gave_up: None, waiting: Vec::new() }));
        let (requests, requested) = mpsc::sync_channel(1);
        let thread = std::thread::Builder::new()
            .name("store-commit".to_owned())
            .spawn({
                let writer = Arc::clone(&writer);
                move || commit_on_request(&writer, &requested)
            })
            .map_err(|fault| StoreError::Unavailable(format!("the commit thread did not start: {fault}")))?;
        Ok(Self { writer, requests: Some(requests), thread: Some(thread) })
    }

    /// Waits for its turn and opens a transaction.
    pub(crate) async fn begin(&self) -> Result<Unfinished, StoreError> {
        let came = Instant::now();
        let mut writer = match Arc::clone(&self.writer).try_lock_owned() {
            Ok(writer) => writer,
            Err(_) => self.turn().await?,
        };
        if !writer.is_batch_open {
            open_batch(&mut writer, came).await?;
        }
        let unfinished = Unfinished { writer, is_finished: false };
        unfinished.writer.control(&SAVE)?;
        Ok(unfinished)
    }

    async fn turn(&self) -> Result<OwnedMutexGuard<Writer>, StoreError> {
        let turn = Arc::clone(&self.writer).lock_owned();
        tokio::time::timeout(Duration::from_secs(LINE_SECONDS_MAX), turn)
            .await
            .map_err(|_| StoreError::Unavailable(format!("no turn to write within {LINE_SECONDS_MAX} s")))
    }

    /// Finishes a transaction and waits until it is on the disk.
    pub(crate) async fn commit(&self, mut unfinished: Unfinished) -> Result<(), StoreError> {
        if unfinished.writer.is_batch_lost() {
            return Err(StoreError::Commit("SQLite ended the transaction".to_owned()));
        }
        unfinished.writer.control(&RELEASE)?;
        unfinished.is_finished = true;
        let (answer, committed) = oneshot::channel();
        unfinished.writer.waiting.push(answer);
        if let Some(requests) = &self.requests {
            // A full channel holds a request that has not been taken up, which will serve this one as well.
            let _full = requests.try_send(());
        }
        drop(unfinished);
        committed.await.map_err(|_| StoreError::Commit("the commit thread has ended".to_owned()))?
    }
}

impl Drop for Writers {
    fn drop(&mut self) {
        self.requests = None;
        if let Some(thread) = self.thread.take() {
            let _panicked = thread.join();
        }
    }
}

/// Takes the file for writing; while another program has it, asks again instead of blocking the thread.
///
/// Whoever `came` while one before was waiting in vain has waited along, so that all in line fail within the time of one.
async fn open_batch(writer: &mut Writer, came: Instant) -> Result<(), StoreError> {
    let has_waited = writer.gave_up.is_some_and(|gave_up| came < gave_up);
    let began = if has_waited { came } else { Instant::now() };
    let deadline = began + Duration::from_secs(BUSY_SECONDS_MAX);
    while let Err(fault) = writer.execute(&BEGIN) {
        if !is_busy(&fault) {
            return Err(StoreError::of_sqlite(&BEGIN, &fault));
        }
        if Instant::now() >= deadline {
            writer.gave_up = Some(deadline);
            return Err(StoreError::of_sqlite(&BEGIN, &fault));
        }
        tokio::time::sleep(Duration::from_millis(BUSY_RETRY_MILLIS)).await;
    }
    writer.is_batch_open = true;
    Ok(())
}

fn commit_on_request(writer: &Mutex<Writer>, requested: &mpsc::Receiver<()>) {
    while requested.recv().is_ok() {
        let mut writer = writer.blocking_lock();
        if writer.waiting.is_empty() {
            continue;
        }
        let waiting = std::mem::take(&mut writer.waiting);
        let outcome = writer.commit();
        drop(writer);
        tell(waiting, &outcome);
    }
}

/// Answers all who wait; one who was cancelled meanwhile is not there to hear it.
fn tell(waiting: Vec<Answer>, outcome: &Result<(), String>) {
    for answer in waiting {
        let _gone = answer.send(outcome.clone().map_err(StoreError::Commit));
    }
}

impl Unfinished {
    pub(crate) fn connection(&self) -> &Connection {
        &self.writer.connection
    }

    /// Whether SQLite has ended the whole batch on its own, as it does when the disk is full or broken. A statement
    /// would then run outside any transaction.
    pub(crate) fn is_lost(&self) -> bool {
        self.writer.is_batch_lost()
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.is_finished {
            self.writer.undo();
        }
    }
}

impl Writer {
    fn execute(&self, statement: &Statement) -> rusqlite::Result<()> {
        self.connection.prepare_cached(statement.sql)?.raw_execute().map(drop)
    }

    fn control(&self, statement: &Statement) -> Result<(), StoreError> {
        self.execute(statement).map_err(|fault| StoreError::of_sqlite(statement, &fault))
    }

    fn is_batch_lost(&self) -> bool {
        self.connection.is_autocommit()
    }

    /// Commits the batch; when that fails nothing of it is kept.
    fn commit(&mut self) -> Result<(), String> {
        self.is_batch_open = false;
        let outcome = self.execute(&COMMIT).map_err(|fault| fault.to_string());
        if !self.connection.is_autocommit() {
            self.give_up();
        }
        outcome
    }

    /// Undoes the transaction whose turn it is, and only that.
    fn undo(&mut self) {
        let undone = !self.is_batch_lost() && self.execute(&UNDO).and_then(|()| self.execute(&RELEASE)).is_ok();
        if undone && !self.waiting.is_empty() {
            return;
        }
        // Nobody waits for the batch, or it is beyond help: then all who wait have to know.
        self.is_batch_open = false;
        let lost = Err("the batch was lost with a failed transaction".to_owned());
        tell(std::mem::take(&mut self.waiting), &lost);
        if !self.connection.is_autocommit() {
            self.give_up();
        }
    }

    fn give_up(&self) {
        if let Err(fault) = self.execute(&ROLL_BACK) {
            tracing::error!(%fault, "the writer could not roll back");
        }
    }
}
