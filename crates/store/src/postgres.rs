//! PostgreSQL: a pool of connections that remember their prepared statements.

mod listener;
mod tls;

use std::time::{Duration, Instant};

use deadpool_postgres::{
    ClientWrapper, Hook, HookError, Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime, Timeouts,
};
use futures_util::{TryStreamExt, future};
use tokio::runtime::Handle;
use tokio_postgres::{Config, NoTls, Row};

use crate::{
    Statement, StoreError, Value,
    url::{Encryption, Server},
};

pub(crate) use self::listener::Listener;
use self::tls::Tls;

/// Connections to the server; further statements wait in line.
const CONNECTIONS_MAX: usize = 16;
/// Longest wait for a free connection.
const LINE_SECONDS_MAX: u64 = 10;
/// Longest wait for the server to accept a connection.
const CONNECT_SECONDS_MAX: u64 = 5;
/// After so long without traffic the server is asked whether it is still there.
const KEEPALIVE_SECONDS: u64 = 30;

/// What every new connection is told: nothing waits for ever, what is acknowledged is on the disk, and outside a
/// transaction there is only reading, as on SQLite.
const SET_UP: &str = "
    set default_transaction_read_only = on;
    set statement_timeout = '30s';
    set idle_in_transaction_session_timeout = '30s';
    set synchronous_commit = on";

pub(crate) const READ_COMMITTED: Statement =
    Statement { name: "begin", sql: "begin isolation level read committed read write" };
pub(crate) const SNAPSHOT: Statement =
    Statement { name: "begin", sql: "begin isolation level repeatable read read only" };
const COMMIT: Statement = Statement { name: "commit", sql: "commit" };
const ROLL_BACK: Statement = Statement { name: "rollback", sql: "rollback" };
const SAVE: Statement = Statement { name: "savepoint", sql: "savepoint one" };
const RELEASE: Statement = Statement { name: "release", sql: "release savepoint one" };
const UNDO: Statement = Statement { name: "rollback to", sql: "rollback to savepoint one; release savepoint one" };
const NOTIFY: Statement = Statement { name: "notify", sql: "notify tollgate" };
const CONNECT: Statement = Statement { name: "connect", sql: "select 1" };

/// One PostgreSQL database.
pub(crate) struct Postgres {
    pool: Pool,
    pub(crate) address: Address,
}

/// How to connect.
#[derive(Clone)]
pub(crate) struct Address {
    config: Config,
    tls: Option<Tls>,
}

impl Address {
    fn of(server: &Server) -> Result<Self, StoreError> {
        let mut config = server.config.clone();
        config.connect_timeout(Duration::from_secs(CONNECT_SECONDS_MAX));
        config.keepalives_idle(Duration::from_secs(KEEPALIVE_SECONDS));
        config.tcp_user_timeout(Duration::from_secs(KEEPALIVE_SECONDS));
        let tls = match &server.encryption {
            Encryption::Off => None,
            Encryption::Verified { authorities } => Some(Tls::new(authorities.as_deref())?),
        };
        Ok(Self { config, tls })
    }

    /// The same as it was given.
    #[cfg(test)]
    pub(crate) fn server(&self) -> Server {
        Server { config: self.config.clone(), encryption: Encryption::Off }
    }

    fn manager(&self) -> Manager {
        let (config, recycling) = (self.config.clone(), ManagerConfig { recycling_method: RecyclingMethod::Fast });
        match &self.tls {
            Some(tls) => Manager::from_config(config, tls.clone(), recycling),
            None => Manager::from_config(config, NoTls, recycling),
        }
    }
}

impl Postgres {
    /// Opens the pool and makes sure that the server answers.
    pub(crate) async fn open(server: &Server) -> Result<Self, StoreError> {
        let address = Address::of(server)?;
        let set_up = Hook::async_fn(|client: &mut ClientWrapper, _| {
            Box::pin(async move { client.batch_execute(SET_UP).await.map_err(HookError::Backend) })
        });
        let line = Some(Duration::from_secs(LINE_SECONDS_MAX));
        let pool = Pool::builder(address.manager())
            .max_size(CONNECTIONS_MAX)
            .runtime(Runtime::Tokio1)
            .timeouts(Timeouts { wait: line, create: line, recycle: line })
            .post_create(set_up)
            .build()
            .map_err(|fault| StoreError::Unavailable(fault.to_string()))?;
        let opened = Self { pool, address };
        opened.check().await?;
        Ok(opened)
    }

    /// Asks the server for an answer.
    pub(crate) async fn check(&self) -> Result<(), StoreError> {
        self.rows(&CONNECT, &[]).await.map(drop)
    }

    /// Runs a statement by itself.
    pub(crate) async fn rows(&self, statement: &Statement, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        let connection = self.connection().await?;
        let started = Instant::now();
        let prepared = prepare(&connection, statement, values).await?;
        let answer = ask(&connection, &prepared, values).await;
        statement.report_if_slow(started);
        answer.map(|answer| answer.rows).map_err(|fault| StoreError::of_postgres(statement, &fault))
    }

    /// What a statement takes and returns.
    #[cfg(test)]
    pub(crate) async fn describe(&self, statement: &Statement) -> Result<tokio_postgres::Statement, StoreError> {
        let prepared = self.connection().await?.prepare(statement.sql).await;
        prepared.map_err(|fault| StoreError::of_postgres(statement, &fault))
    }

    /// Opens a transaction.
    pub(crate) async fn begin(&self, how: Statement) -> Result<Unfinished, StoreError> {
        let unfinished = Unfinished { connection: Some(self.connection().await?), is_spoiled: false };
        unfinished.batch(&how).await?;
        Ok(unfinished)
    }

    async fn connection(&self) -> Result<Object, StoreError> {
        self.pool.get().await.map_err(|fault| match fault {
            PoolError::Backend(fault) | PoolError::PostCreateHook(HookError::Backend(fault)) => {
                match StoreError::of_postgres(&CONNECT, &fault) {
                    StoreError::Failed { detail, .. } => StoreError::Unavailable(detail),
                    other => other,
                }
            }
            PoolError::Timeout(_) => StoreError::Unavailable(format!("no connection within {LINE_SECONDS_MAX} s")),
            other => StoreError::Unavailable(other.to_string()),
        })
    }
}

/// What a statement came to.
struct Answer {
    rows: Vec<Row>,
    changed: u64,
}

async fn prepare(
    connection: &ClientWrapper,
    statement: &Statement,
    values: &[Value],
) -> Result<tokio_postgres::Statement, StoreError> {
    let prepared = connection.prepare_cached(statement.sql).await;
    let prepared = prepared.map_err(|fault| StoreError::of_postgres(statement, &fault))?;
    if prepared.params().len() == values.len() {
        return Ok(prepared);
    }
    let detail = format!("{} parameters were given and {} are taken", values.len(), prepared.params().len());
    Err(StoreError::Failed { statement: statement.short_name(), detail })
}

async fn ask(
    connection: &ClientWrapper,
    prepared: &tokio_postgres::Statement,
    values: &[Value],
) -> Result<Answer, tokio_postgres::Error> {
    let mut stream = std::pin::pin!(connection.query_raw(prepared, values).await?);
    let mut rows = Vec::new();
    while let Some(row) = stream.try_next().await? {
        rows.push(row);
    }
    Ok(Answer { rows, changed: stream.rows_affected().unwrap_or_default() })
}

/// An open transaction; dropped unfinished, it is undone before its connection is used again.
pub(crate) struct Unfinished {
    /// `None` once finished.
    connection: Option<Object>,
    /// Whether the server has given up the transaction: a commit would quietly do nothing.
    is_spoiled: bool,
}

impl Unfinished {
    /// Runs a statement and collects its rows.
    pub(crate) async fn rows(&mut self, statement: &Statement, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        self.ask(statement, values).await.map(|answer| answer.rows)
    }

    /// Runs a statement and tells how many rows it changed.
    pub(crate) async fn run(&mut self, statement: &Statement, values: &[Value]) -> Result<u64, StoreError> {
        self.ask(statement, values).await.map(|answer| answer.changed)
    }

    /// Runs statements that take no parameters.
    pub(crate) async fn batch(&self, statements: &Statement) -> Result<(), StoreError> {
        let outcome = self.connection().batch_execute(statements.sql).await;
        outcome.map_err(|fault| StoreError::of_postgres(statements, &fault))
    }

    /// Commits, and tells those who listen that something has changed.
    pub(crate) async fn commit(mut self, wakes: bool) -> Result<(), StoreError> {
        if self.is_spoiled {
            self.roll_back().await;
            return Err(StoreError::Commit("a statement of the transaction had failed".to_owned()));
        }
        if wakes {
            // Sent together: the server delivers the notification with the commit.
            let (notified, committed) = future::join(self.batch(&NOTIFY), self.batch(&COMMIT)).await;
            notified.and(committed)?;
        } else {
            self.batch(&COMMIT).await?;
        }
        self.connection = None;
        Ok(())
    }

    /// Undoes the transaction.
    pub(crate) async fn roll_back(mut self) {
        if let Some(connection) = self.connection.take() {
            give_back(connection).await;
        }
    }

    /// A failed statement makes the server give up the whole transaction, unless it stands in a savepoint. So each that
    /// writes has one; the three are sent together and cost one round trip.
    async fn ask(&mut self, statement: &Statement, values: &[Value]) -> Result<Answer, StoreError> {
        let started = Instant::now();
        let spoiled_before = std::mem::replace(&mut self.is_spoiled, true);
        let connection = self.connection();
        let prepared = prepare(connection, statement, values).await?;
        let answer = if statement.only_reads() {
            ask(connection, &prepared, values).await
        } else {
            let save = connection.batch_execute(SAVE.sql);
            let release = connection.batch_execute(RELEASE.sql);
            let (_, answer, _) = future::join3(save, ask(connection, &prepared, values), release).await;
            if answer.is_err() && self.batch(&UNDO).await.is_ok() {
                self.is_spoiled = spoiled_before;
            }
            answer
        };
        statement.report_if_slow(started);
        if answer.is_ok() {
            self.is_spoiled = spoiled_before;
        }
        answer.map_err(|fault| StoreError::of_postgres(statement, &fault))
    }

    fn connection(&self) -> &ClientWrapper {
        self.connection.as_ref().expect("an unfinished transaction has its connection")
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        match Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(give_back(connection))),
            Err(_) => drop(Object::take(connection)),
        }
    }
}

/// Undoes what is open on a connection before the next one gets it; if that fails, nobody gets it.
async fn give_back(connection: Object) {
    if connection.batch_execute(ROLL_BACK.sql).await.is_err() {
        drop(Object::take(connection));
    }
}
