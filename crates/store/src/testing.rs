//! Fresh, migrated databases for tests, which are cleared away with their last handle.

use std::sync::{
    OnceLock,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use tempfile::TempDir;
use tollgate_model::Timestamp;

#[cfg(test)]
use crate::db::Backend;
use crate::{
    DatabaseUrl, Db, StoreError,
    url::{Place, Server},
};

/// Names the PostgreSQL server that tests make their databases on; without it they use SQLite.
const SERVER_VARIABLE: &str = "TOLLGATE_TEST_DATABASE_URL";

/// What tests arrange for a database.
#[derive(Default)]
pub(crate) struct Testing {
    /// Cleared away with the database.
    ground: OnceLock<Ground>,
    writes_fail: AtomicBool,
}

impl Testing {
    pub(crate) fn refuse_failing_write(&self) -> Result<(), StoreError> {
        if self.writes_fail.load(Ordering::Relaxed) {
            return Err(StoreError::Unavailable("a test lets writes fail".to_owned()));
        }
        Ok(())
    }
}

/// What a temporary database stands on.
pub(crate) enum Ground {
    /// A folder, removed when dropped.
    Folder { _folder: TempDir },
    /// A database on a server, removed when dropped.
    Database { server: Box<Server>, name: String },
}

impl Db {
    /// A fresh and migrated database: on the PostgreSQL server that `TOLLGATE_TEST_DATABASE_URL` names, otherwise a
    /// SQLite file in a temporary folder.
    pub async fn temporary() -> Result<Self, StoreError> {
        let db = Self::temporary_empty().await?;
        db.migrate(Timestamp::from_seconds(0)).await?;
        Ok(db)
    }

    /// Like [`Db::temporary`], without its tables.
    pub(crate) async fn temporary_empty() -> Result<Self, StoreError> {
        match std::env::var(SERVER_VARIABLE) {
            Ok(url) if !url.is_empty() => Self::temporary_on_server(&url.parse()?).await,
            _ => Self::temporary_file().await,
        }
    }

    /// A fresh SQLite database without tables.
    pub(crate) async fn temporary_file() -> Result<Self, StoreError> {
        let folder = tempfile::tempdir();
        let folder = folder.map_err(|source| StoreError::File { path: std::env::temp_dir(), source })?;
        let db = Self::open(&DatabaseUrl::from(folder.path().join("tollgate.db").as_path())).await?;
        Ok(db.standing_on(Ground::Folder { _folder: folder }))
    }

    /// From now on every transaction fails before it begins, or (`false`) no longer.
    pub fn fail_writes(&self, fail: bool) {
        self.testing().writes_fail.store(fail, Ordering::Relaxed);
    }

    fn standing_on(self, ground: Ground) -> Self {
        let _first = self.testing().ground.set(ground);
        self
    }

    async fn temporary_on_server(url: &DatabaseUrl) -> Result<Self, StoreError> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let Place::Postgres(server) = &url.0 else { return Self::temporary_file().await };
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let random = tollgate_crypto::entropy::bytes::<8>(&tollgate_crypto::SystemEntropy);
        let name = format!("tollgate_test_{number}_{:016x}", u64::from_be_bytes(random));
        command(server, &format!("create database {name}")).await?;
        let mut own = server.clone();
        own.config.dbname(&name);
        let ground = Ground::Database { server: server.clone(), name };
        Ok(Self::open(&DatabaseUrl(Place::Postgres(Box::new(*own)))).await?.standing_on(ground))
    }
}

#[cfg(test)]
impl Db {
    /// Where this database is.
    pub(crate) fn address(&self) -> DatabaseUrl {
        DatabaseUrl(match self.backend() {
            Backend::Sqlite(sqlite) => Place::Sqlite(sqlite.path.clone()),
            Backend::Postgres(postgres) => Place::Postgres(Box::new(postgres.address.server())),
        })
    }

    /// What another process finds this database by, with [`address_of`].
    pub(crate) fn place(&self) -> String {
        match self.address().0 {
            Place::Sqlite(path) => path.to_str().expect("temporary folders are named in ASCII").to_owned(),
            Place::Postgres(server) => server.config.get_dbname().unwrap_or_default().to_owned(),
        }
    }
}

/// The address of another process's temporary database.
#[cfg(test)]
pub(crate) fn address_of(place: &str) -> DatabaseUrl {
    let server = std::env::var(SERVER_VARIABLE).unwrap_or_default();
    match server.parse::<DatabaseUrl>() {
        Ok(DatabaseUrl(Place::Postgres(mut server))) => {
            server.config.dbname(place);
            DatabaseUrl(Place::Postgres(server))
        }
        _ => DatabaseUrl::from(std::path::Path::new(place)),
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        let Self::Database { server, name } = self else { return };
        let (server, text) = (server.clone(), format!("drop database if exists {name} with (force)"));
        // The last handle is dropped inside a runtime, which must not wait for itself.
        let cleared = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.map(|runtime| runtime.block_on(command(&server, &text)))
        });
        if !matches!(cleared.join(), Ok(Ok(Ok(())))) {
            tracing::warn!(name, "a temporary database was left behind");
        }
    }
}

async fn command(server: &Server, text: &str) -> Result<(), StoreError> {
    let failed = |fault: tokio_postgres::Error| StoreError::Unavailable(fault.to_string());
    let (client, connection) = server.config.connect(tokio_postgres::NoTls).await.map_err(failed)?;
    let driven = tokio::spawn(connection);
    let outcome = client.batch_execute(text).await.map_err(failed);
    drop(client);
    let _closed = driven.await;
    outcome
}
