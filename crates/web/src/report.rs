//! What workers beside the requests tell the operator.

use std::fmt;

/// Tells the operator about the first of many equal faults, and about their end.
#[derive(Debug)]
pub struct Report {
    what: &'static str,
    failing: bool,
}

impl Report {
    /// The report on work that is called `what`, such as "deleting what has ended".
    pub const fn of(what: &'static str) -> Self {
        Self { what, failing: false }
    }

    /// Takes note of how one round of the work ended.
    pub fn note<T, E: fmt::Display>(&mut self, outcome: &Result<T, E>) {
        match outcome {
            Ok(_) if self.failing => tracing::info!("{} works again", self.what),
            Ok(_) => {}
            Err(fault) if self.failing => tracing::debug!(%fault, "{} still fails", self.what),
            Err(fault) => tracing::error!(%fault, "{} fails; it is tried again", self.what),
        }
        self.failing = outcome.is_err();
    }
}
