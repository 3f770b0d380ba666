//! `tollgate migrate`: brings the database to this version.

use tollgate_model::{Clock, SystemClock};

use crate::{config::Config, database, error::CommandError, output::Output};

/// Applies what is missing and names it. Safe while another process does the same.
pub(crate) async fn run(config: &Config) -> Result<(), CommandError> {
    let url = database::url(config)?;
    let db = database::open_any(&url).await?;
    let applied = db.migrate(SystemClock.now()).await?;
    let output = Output::new(false);
    for name in &applied {
        output.line(format_args!("applied {name}"))?;
    }
    if applied.is_empty() {
        output.line(format_args!("{url} is up to date"))?;
    }
    Ok(())
}
