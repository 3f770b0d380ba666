//! Log lines: to standard error, for people or for machines.

use std::io::IsTerminal;

use tracing_subscriber::{EnvFilter, fmt};

use crate::config::{LogFormat, LogSection};

/// Starts logging. Called once; a second call changes nothing, which lets tests start several houses in one process.
pub(crate) fn start(log: &LogSection) {
    let filter = EnvFilter::builder().parse_lossy(log.filter.as_str());
    let lines = fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // Only the first call in a process can succeed, and the others may be left without effect.
    let _ = match log.format {
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(false).try_init(),
        LogFormat::Pretty => lines.compact().with_ansi(std::io::stderr().is_terminal()).try_init(),
    };
}
