//! `tollgate backup` and `tollgate restore`: the embedded database as one file and back.

use std::path::Path;

use tollgate_store::{DatabaseUrl, Db};

use crate::{config::Config, database, error::CommandError, output::Output};

/// Copies the database to `file` while it is in use; the copy has been reopened and looked through when this returns.
pub(crate) async fn back_up(config: &Config, file: &Path) -> Result<(), CommandError> {
    if file.exists() {
        return Err(CommandError::bad_input(format_args!(
            "{} exists already: name a file that does not",
            file.display()
        )));
    }
    let db = database::open_any(&database::url(config)?).await?;
    db.backup(file).await?;
    let bytes = std::fs::metadata(file).map(|metadata| metadata.len()).unwrap_or_default();
    let output = Output::new(false);
    output.line(format_args!(
        "{} holds the whole database ({} KiB); it was reopened and checked",
        file.display(),
        bytes.div_ceil(1024)
    ))?;
    output.line(format_args!(
        "It is of no use without the master key {}: keep a copy of that elsewhere",
        config.keys.master_key_file.display()
    ))
}

/// Puts the backup `file` in the place of the database.
pub(crate) async fn restore(config: &Config, file: &Path, replace: bool) -> Result<(), CommandError> {
    let url = database::url(config)?;
    let Some(target) = url.sqlite_path() else {
        return Err(CommandError::bad_input("a PostgreSQL database is restored with its own tools: use `pg_restore`"));
    };
    if !file.is_file() {
        return Err(CommandError::bad_input(format_args!(
            "there is no backup {}: name the file that `tollgate backup` wrote",
            file.display()
        )));
    }
    if target.exists() && !replace {
        return Err(CommandError::bad_input(format_args!(
            "there is a database {} already: add --replace to put the backup in its place",
            target.display()
        )));
    }
    Db::restore(file, target).await?;
    let db = Db::open(&url).await?;
    db.check().await?;
    let output = Output::new(false);
    output.line(format_args!(
        "{} is in the place of {}; it was reopened and checked",
        file.display(),
        target.display()
    ))?;
    report_what_is_left_to_do(config, &url, &db, output).await
}

async fn report_what_is_left_to_do(
    config: &Config,
    url: &DatabaseUrl,
    db: &Db,
    output: Output,
) -> Result<(), CommandError> {
    if !db.pending_migrations().await?.is_empty() {
        return output
            .line(format_args!("{url} is from an earlier version: run `tollgate migrate` before it is served"));
    }
    match database::master_key(config) {
        Err(missing) => output.line(format_args!("Before it is served it needs its master key: {missing}")),
        Ok(master_key) => match database::directory(db, master_key).await {
            Ok(_) => Ok(()),
            Err(_) => output.line(format_args!(
                "Its signing keys do not open with {}: put the master key that belongs to this backup there",
                config.keys.master_key_file.display()
            )),
        },
    }
}
