//! When to stop: Ctrl-C, or SIGTERM from whoever manages the process.

use tokio::signal::unix::{SignalKind, signal};

use crate::error::CommandError;

/// Listens from now on; the future ends at the first signal. A second one ends the process at once.
pub(crate) fn stop() -> Result<impl Future<Output = ()>, CommandError> {
    let listen = |kind| signal(kind).map_err(|cause| CommandError::fault("cannot listen for signals", &cause));
    let (mut interrupt, mut terminate) = (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tokio::spawn(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            std::process::exit(130);
        });
    })
}
