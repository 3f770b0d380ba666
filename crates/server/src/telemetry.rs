//! Log lines: to standard error, for people or for machines.

mod lines;

use std::{io::IsTerminal, sync::OnceLock, time::Duration};

use tracing_subscriber::{EnvFilter, fmt};

use crate::config::{LogFormat, LogSection};
use lines::Lines;

/// How long a line that is no warning may wait for others to be written with it.
const GATHER: Duration = Duration::from_millis(50);

static LINES: OnceLock<&'static Lines> = OnceLock::new();

/// Starts logging. Called once; a second call changes nothing, which lets tests start several houses in one process.
pub(crate) fn start(log: &LogSection) {
    let lines = *LINES.get_or_init(|| Box::leak(Box::new(Lines::to(Box::new(std::io::stderr())))));
    let filter = EnvFilter::builder().parse_lossy(log.filter.as_str());
    let format = fmt().with_env_filter(filter).with_writer(lines);
    // Only the first call in a process can succeed, and the others may be left without effect.
    let started = match log.format {
        LogFormat::Json => format.json().flatten_event(true).with_current_span(false).try_init(),
        LogFormat::Pretty => format.compact().with_ansi(std::io::stderr().is_terminal()).try_init(),
    };
    if started.is_ok() {
        let write = move || lines.write_when_there_are_some(GATHER);
        // Where no thread can be had, lines are written with the next warning, and at the end.
        let _ = std::thread::Builder::new().name("log".to_owned()).spawn(write);
    }
}

/// Writes what still waits, at the end of the process.
pub(crate) fn finish() {
    if let Some(lines) = LINES.get() {
        lines.flush();
    }
}
