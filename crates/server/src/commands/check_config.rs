//! `tollgate check-config`: everything that `serve` would refuse, at once.

use std::path::Path;

use crate::{
    config::{Config, rules},
    database,
    error::CommandError,
    listen::CertificateFiles,
    output::Output,
};

/// Says what would be served, or each thing that forbids it.
pub(crate) async fn run(file: &Path) -> Result<(), CommandError> {
    let config = Config::load(file)?;
    let output = Output::new(false);
    let mut refusals = rules::refusals(&config);
    if refusals.is_empty() {
        refusals.extend(certificates(&config).err().map(|refused| refused.to_string()));
        refusals.extend(master_key_and_database(&config).await.err().map(|refused| refused.to_string()));
    }
    if !refusals.is_empty() {
        for refusal in &refusals {
            output.line(format_args!("{}  {refusal}", output.bold("refused")))?;
        }
        let count = if refusals.len() == 1 { "one reason".to_owned() } else { format!("{} reasons", refusals.len()) };
        return Err(CommandError::bad_input(format_args!("{} may not be served for {count}", file.display())));
    }
    output.line(format_args!("{} may be served", output.bold(file.display())))?;
    let tls = if config.is_tls() { "TLS" } else { "plain HTTP" };
    for (label, listen, url) in [
        ("identity", config.identity.listen, config.identity_url()),
        ("gateway", config.gateway.listen, config.gateway_url()),
    ] {
        output.line(format_args!("  {label:10}{url}  {}", output.faint(format!("listens on {listen}, {tls}"))))?;
    }
    output.line(format_args!("  {:10}{}", "database", database::url(&config)?))
}

fn certificates(config: &Config) -> Result<(), CommandError> {
    CertificateFiles::of(config).map_or(Ok(()), |files| files.load().map(drop))
}

async fn master_key_and_database(config: &Config) -> Result<(), CommandError> {
    let master_key = database::master_key(config)?;
    let db = database::open(config).await?;
    database::directory(&db, master_key).await.map(drop)
}
