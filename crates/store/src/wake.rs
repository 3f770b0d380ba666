//! Learning that something has changed, in this process or another.
//!
//! Within a process a change is announced at once. Between processes SQLite is asked every 50 ms whether somebody has
//! written, and PostgreSQL notifies.

use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use tokio::sync::watch;

use crate::{
    db::Backend,
    postgres::{Address, Listener},
    sqlite,
};

/// Time between two looks at a SQLite file.
const LOOK_MILLIS: u64 = 50;
/// Time between two attempts to reach a PostgreSQL server.
const RECONNECT_MILLIS: u64 = 500;

/// A place to wait for changes. What happens between two waits ends the second at once.
pub struct Wakes {
    here: watch::Receiver<u64>,
    elsewhere: Elsewhere,
}

enum Elsewhere {
    Sqlite(Look),
    Postgres { address: Box<Address>, listener: Option<Listener> },
}

impl Wakes {
    pub(crate) fn new(backend: &Backend, here: watch::Receiver<u64>) -> Self {
        let elsewhere = match backend {
            Backend::Sqlite(sqlite) => {
                Elsewhere::Sqlite(Look::new(sqlite::connect(&sqlite.path, OpenFlags::SQLITE_OPEN_READ_ONLY).ok()))
            }
            Backend::Postgres(postgres) => {
                Elsewhere::Postgres { address: Box::new(postgres.address.clone()), listener: None }
            }
        };
        Self { here, elsewhere }
    }

    /// Waits until something may have changed; there are false alarms, but no silence. May be cancelled and called
    /// again.
    pub async fn woken(&mut self) {
        match &mut self.elsewhere {
            Elsewhere::Sqlite(look) => {
                while !look.has_changed() {
                    tokio::select! {
                        Ok(()) = self.here.changed() => break,
                        () = tokio::time::sleep(Duration::from_millis(LOOK_MILLIS)) => {}
                    }
                }
                look.take_note();
            }
            Elsewhere::Postgres { address, listener } => {
                tokio::select! {
                    Ok(()) = self.here.changed() => {}
                    () = announced(address, listener) => {}
                }
            }
        }
    }
}

/// Looks at a number that SQLite changes, for each connection, when another connection commits.
struct Look {
    connection: Option<Connection>,
    seen: Option<i64>,
}

impl Look {
    fn new(connection: Option<Connection>) -> Self {
        let mut look = Self { connection, seen: None };
        look.take_note();
        look
    }

    fn version(&self) -> Option<i64> {
        let mut asked = self.connection.as_ref()?.prepare_cached("pragma data_version").ok()?;
        asked.query_row([], |row| row.get(0)).ok()
    }

    /// A look that fails counts as a change: whoever is woken reads, and learns the fault.
    fn has_changed(&self) -> bool {
        let version = self.version();
        version.is_none() || version != self.seen
    }

    fn take_note(&mut self) {
        self.seen = self.version();
    }
}

/// Waits for an announcement, or for a new connection, since an announcement may have been missed without one.
async fn announced(address: &Address, listener: &mut Option<Listener>) {
    if let Some(open) = listener {
        if open.heard().await {
            return;
        }
        tracing::warn!("the connection that listens for changes is lost");
        *listener = None;
    }
    let mut is_reported = false;
    loop {
        match Listener::open(address).await {
            Ok(open) => {
                *listener = Some(open);
                return;
            }
            Err(fault) if !is_reported => tracing::warn!(%fault, "cannot listen for changes"),
            Err(_) => {}
        }
        is_reported = true;
        tokio::time::sleep(Duration::from_millis(RECONNECT_MILLIS)).await;
    }
}
