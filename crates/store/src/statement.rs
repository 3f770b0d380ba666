//! SQL texts, declared once and registered, so that a test can prepare every one of them on both databases.

use std::time::{Duration, Instant};

/// One SQL text with the name that it is logged under; it never carries values.
#[derive(Debug, Clone, Copy)]
pub struct Statement {
    /// Module and constant, such as `clients::FIND`.
    pub name: &'static str,
    /// The text, in the subset that SQLite and PostgreSQL share, with `$1` parameters.
    pub sql: &'static str,
}

/// Declares the statements of a file as constants, each with a sentence that says what its returned row means, and
/// lists them in `STATEMENTS`.
///
/// ```text
/// statements! {
///     /// The organization of that id; no row when there is none.
///     FIND = "select id, name from organizations where id = $1";
/// }
/// ```
macro_rules! statements {
    ($($(#[doc = $meaning:literal])+ $name:ident = $sql:expr;)+) => {
        $(
            $(#[doc = $meaning])+
            const $name: $crate::Statement =
                $crate::Statement { name: concat!(module_path!(), "::", stringify!($name)), sql: $sql };
        )+

        /// Every statement of this file.
        #[cfg(test)]
        pub(crate) const STATEMENTS: &[$crate::Statement] = &[$($name),+];
    };
}
pub(crate) use statements;

/// From this duration on a statement is reported.
const SLOW_MILLIS: u64 = 5;

impl Statement {
    /// The name without the name of this crate.
    pub(crate) fn short_name(&self) -> &'static str {
        self.name.strip_prefix(concat!(env!("CARGO_CRATE_NAME"), "::")).unwrap_or(self.name)
    }

    /// The table that the statement belongs to, by the name of its file.
    pub(crate) fn table(&self) -> &'static str {
        self.short_name().split("::").next().unwrap_or_default()
    }

    /// Whether it can change nothing.
    pub(crate) fn only_reads(&self) -> bool {
        self.sql.trim_start().starts_with("select")
    }

    /// Reports the statement when it took long; only its name is told.
    pub(crate) fn report_if_slow(&self, started: Instant) {
        let elapsed = started.elapsed();
        if elapsed >= Duration::from_millis(SLOW_MILLIS) {
            let micros = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
            tracing::warn!(statement = self.short_name(), elapsed_micros = micros, "slow statement");
        }
    }
}
