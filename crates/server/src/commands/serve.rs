//! `tollgate serve`: everything for real, from a configuration file.

use std::{path::Path, time::Instant};

use crate::{
    compose::{self, Tollgate},
    config::{Config, rules},
    database,
    error::CommandError,
    listen::{self, Bounds, CertificateFiles, Listener},
    notify, signal, telemetry,
};

/// Serves until the process is told to stop.
pub(crate) async fn run(file: &Path, began: Instant) -> Result<(), CommandError> {
    let config = Config::load(file)?;
    if let Some(first) = rules::refusals(&config).into_iter().next() {
        return Err(CommandError::bad_input(format_args!("{}: {first}", file.display())));
    }
    telemetry::start(&config.log);
    let stop = signal::stop()?;

    let certificate_files = CertificateFiles::of(&config);
    let certificates = certificate_files.as_ref().map(CertificateFiles::load).transpose()?;
    let bounds = Bounds::of(&config.network);
    let port = |address| {
        let socket = listen::bind(address)?;
        Ok::<_, CommandError>(Listener { socket, certificates: certificates.clone(), bounds: bounds.clone() })
    };
    let (identity, gateway) = (port(config.identity.listen.0)?, port(config.gateway.listen.0)?);
    let house = compose::house(&config, database::open(&config).await?, database::master_key(&config)?).await?;
    let mut running = Tollgate::build(&config, house).await?.serve(identity, gateway);
    if let (Some(files), Some(certificates)) = (certificate_files, certificates) {
        running.follow(files, certificates);
    }
    let after_millis = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::info!(identity = config.identity_url(), gateway = config.gateway_url(), after_millis, "ready");
    notify::ready();
    stop.await;
    notify::stopping();
    running.stop().await;
    tracing::info!("stopped");
    Ok(())
}
