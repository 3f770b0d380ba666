//! A fresh database for one server under test.

use std::{path::Path, process::Command};

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

    fn on_server(server: String) -> Self {
        let random = tollgate_crypto::entropy::bytes::<8>(&tollgate_crypto::SystemEntropy);
        let name = format!("tollgate_it_{:016x}", u64::from_be_bytes(random));
        psql(&server, &format!("create database {name}"));
        let (front, _) = server.rsplit_once('/').expect("a PostgreSQL URL ends in the name of a database");
        Self { url: format!("{front}/{name}"), on_server: Some((server, name)) }
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
