//! A fresh database for one server under test.

use std::{path::Path, process::Command};

use tokio::{sync::oneshot, task::JoinHandle};
use tollgate_store::{Db, StoreError};

/// A database that is cleared away when dropped, if it stands on a server; a file goes with its folder.
pub(crate) struct Database {
    /// As `tollgate init --database` takes it.
    pub(crate) url: String,
    on_server: Option<(String, String)>,
}

impl Database {
    /// A new one, in `folder` or on the PostgreSQL server of the environment.
    pub(crate) fn fresh(folder: &Path) -> Self {
        match std::env::var("TOLLGATE_TEST_DATABASE_URL") {
            Ok(server) if !server.is_empty() => Self::on_server(server),
            _ => Self { url: format!("sqlite:{}", folder.join("tollgate.db").display()), on_server: None },
        }
    }

    /// One that somebody else clears away.
    pub(crate) fn shared(url: &str) -> Self {
        Self { url: url.to_owned(), on_server: None }
    }

    /// Lets no server write until the outage ends: another program holds the SQLite file for itself, or PostgreSQL takes
    /// no connections and has ended those it had.
    pub(crate) async fn stop_writes(&self) -> Outage {
        if let Some((server, name)) = &self.on_server {
            let ends = format!("select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'");
            psql(server, &format!("alter database {name} with allow_connections false"));
            psql(server, &ends);
            return Outage::OfServer { server: server.clone(), name: name.clone() };
        }
        let db = Db::open(&self.url.parse().expect("our own URL is one")).await.expect("the file can be opened twice");
        let (end, ended) = oneshot::channel();
        let (begun, is_begun) = oneshot::channel();
        let holder = tokio::spawn(async move {
            let held = db.transact::<(), StoreError>(async move |_| {
                let _heard = begun.send(());
                let _ended = ended.await;
                Ok(())
            });
            held.await.expect("nothing was written");
        });
        is_begun.await.expect("the file can be held");
        Outage::OfFile { end, holder }
    }

    fn on_server(server: String) -> Self {
        let random = tollgate_crypto::entropy::bytes::<8>(&tollgate_crypto::SystemEntropy);
        let name = format!("tollgate_it_{:016x}", u64::from_be_bytes(random));
        psql(&server, &format!("create database {name}"));
        let (front, _) = server.rsplit_once('/').expect("a PostgreSQL URL ends in the name of a database");
        Self { url: format!("{front}/{name}"), on_server: Some((server, name)) }
    }
}

/// A time in which the database takes no writes.
pub enum Outage {
    /// Another program holds the file.
    OfFile {
        /// Tells it to let go.
        end: oneshot::Sender<()>,
        /// The program.
        holder: JoinHandle<()>,
    },
    /// The server takes no connections.
    OfServer {
        /// The server.
        server: String,
        /// The database.
        name: String,
    },
}

impl Outage {
    /// Ends it.
    pub async fn end(self) {
        match self {
            Self::OfFile { end, holder } => {
                let _gone = end.send(());
                holder.await.expect("the holder lets go");
            }
            Self::OfServer { server, name } => {
                psql(&server, &format!("alter database {name} with allow_connections true"));
            }
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some((server, name)) = &self.on_server {
            psql(server, &format!("drop database if exists {name} with (force)"));
        }
    }
}

fn psql(server: &str, text: &str) {
    let ran = Command::new("psql").args([server, "--quiet", "--no-psqlrc", "--command", text]).status();
    assert!(ran.is_ok_and(|status| status.success()), "psql: {text}");
}
