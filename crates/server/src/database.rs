//! From a configuration to an open, migrated database and the key that opens what it holds.

use std::sync::Arc;

use tollgate_console::Console;
use tollgate_crypto::{MasterKey, SystemEntropy};
use tollgate_model::SystemClock;
use tollgate_store::{DatabaseUrl, Db, directory::LiveDirectory};

use crate::{compose, config::Config, error::CommandError, files};

/// Where the database of a configuration is.
pub fn url(config: &Config) -> Result<DatabaseUrl, CommandError> {
    let url = match &config.database.url_file {
        Some(file) => files::read_private(file, "database URL file")?.trim().parse(),
        None => config.database.url.parse(),
    };
    url.map_err(CommandError::from)
}

/// Opens a database that must be there already, whatever its migrations.
pub async fn open_any(url: &DatabaseUrl) -> Result<Db, CommandError> {
    if let Some(file) = url.sqlite_path()
        && !file.is_file()
    {
        return Err(CommandError::bad_input(format_args!(
            "there is no database {}: run `tollgate init` to set one up, or correct `url` in [database]",
            file.display()
        )));
    }
    Ok(Db::open(url).await?)
}

/// Opens a database that must be there and migrated.
pub async fn open(config: &Config) -> Result<Db, CommandError> {
    let url = url(config)?;
    let db = open_any(&url).await?;
    let pending = db.pending_migrations().await?;
    if pending.is_empty() {
        return Ok(db);
    }
    Err(CommandError::bad_input(format_args!(
        "the database {url} has not had {}: make a backup, then run `tollgate migrate`",
        match pending.as_slice() {
            [one] => format!("migration {one}"),
            several => format!("{} migrations", several.len()),
        }
    )))
}

/// Reads the master key from its file, which must be private.
pub fn master_key(config: &Config) -> Result<MasterKey, CommandError> {
    let file = &config.keys.master_key_file;
    let text = files::read_private(file, "master key file")?;
    MasterKey::from_text(&text).map_err(|cause| CommandError::bad_input(format_args!("{}: {cause}", file.display())))
}

/// What requests read of a database; fails when the master key is not the one that belongs to it.
pub async fn directory(db: &Db, master_key: MasterKey) -> Result<LiveDirectory, CommandError> {
    Ok(LiveDirectory::open(db.clone(), Arc::new(master_key), Arc::new(SystemClock)).await?)
}

/// The console on a database that perhaps another process serves at the same time; needs no listener and no signing keys.
pub async fn console(config: &Config) -> Result<Console, CommandError> {
    let master_key = master_key(config)?;
    let db = open(config).await?;
    Ok(Console::local(
        db,
        master_key.digest_key(),
        Arc::new(SystemEntropy),
        Arc::new(SystemClock),
        compose::authorities(config),
    ))
}
