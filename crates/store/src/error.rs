//! What can go wrong between a statement and its database, in words that never carry a stored value.

use std::{io, path::PathBuf};

use tollgate_model::Invalid;

use crate::Statement;

/// A fault of the store. Only [`StoreError::Conflict`] is ever turned into a refusal, by the aggregate that expects it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A row with the same value exists already.
    #[error("a row with the same value of `{constraint}` exists already")]
    Conflict {
        /// The violated constraint, `<table>_<columns>`, the same on both databases.
        constraint: String,
    },
    /// A row that the new one refers to does not exist (any more).
    #[error("{statement}: a row that is referred to does not exist")]
    MissingReference {
        /// The statement that was refused.
        statement: &'static str,
    },
    /// A stored row does not parse.
    #[error("table `{table}`, row `{row}`: column `{column}` is not a valid {expected} (statement {statement})")]
    Corrupt {
        /// The statement that read the row.
        statement: &'static str,
        /// The table that the statement belongs to.
        table: &'static str,
        /// The first column of the row, which is its id.
        row: String,
        /// The column that does not parse.
        column: String,
        /// What was expected there.
        expected: &'static str,
    },
    /// The database cannot be reached or is occupied; trying again later may help.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// A statement failed.
    #[error("statement {statement} failed: {detail}")]
    Failed {
        /// The statement.
        statement: &'static str,
        /// What the database said, without values.
        detail: String,
    },
    /// Nothing of the transaction was kept, or (PostgreSQL, connection lost) it is unknown whether it was.
    #[error("the transaction could not be committed: {0}")]
    Commit(String),
    /// The database has been migrated by a later version of the program.
    #[error(
        "the database is newer than this program: it has the migrations {names}; start the version that made them, or a later one"
    )]
    Newer {
        /// The migrations that this program does not know.
        names: String,
    },
    /// A migration that was applied is not the one this program has under the same name.
    #[error(
        "migration {name} was applied with another text than this program has; restore a backup or use the program that applied it"
    )]
    Altered {
        /// The migration.
        name: String,
    },
    /// The database's address does not parse.
    #[error(transparent)]
    Url(#[from] Invalid),
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// A database file is not sound.
    #[error("{}: {detail}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// A database file is open elsewhere, and must not be.
    #[error("{} is in use; stop the program that has it open", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// This database does not do that.
    #[error("{what} is not done for PostgreSQL; {remedy}")]
    Unsupported {
        /// What was asked.
        what: &'static str,
        /// What to do instead.
        remedy: &'static str,
    },
}

impl StoreError {
    /// What SQLite said about a statement.
    pub(crate) fn of_sqlite(statement: &Statement, fault: &rusqlite::Error) -> Self {
        use rusqlite::{ErrorCode, ffi};
        let statement = statement.short_name();
        let rusqlite::Error::SqliteFailure(code, message) = fault else {
            return Self::Failed { statement, detail: fault.to_string() };
        };
        match (code.extended_code, code.code) {
            (ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY, _) => {
                Self::Conflict { constraint: constraint_name(message.as_deref().unwrap_or_default()) }
            }
            (ffi::SQLITE_CONSTRAINT_FOREIGNKEY, _) => Self::MissingReference { statement },
            (_, ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Self::Unavailable("it is locked by another program".into())
            }
            (_, ErrorCode::DiskFull) => Self::Unavailable("the disk is full".into()),
            (_, ErrorCode::CannotOpen) => Self::Unavailable("the file cannot be opened".into()),
            _ => Self::Failed { statement, detail: fault.to_string() },
        }
    }

    /// What PostgreSQL said about a statement.
    pub(crate) fn of_postgres(statement: &Statement, fault: &tokio_postgres::Error) -> Self {
        use tokio_postgres::error::SqlState;
        let statement = statement.short_name();
        let Some(said) = fault.as_db_error() else {
            let detail = with_causes(fault);
            return if fault.is_closed() || is_io(fault) {
                Self::Unavailable(detail)
            } else {
                Self::Failed { statement, detail }
            };
        };
        // The detail and the hint may repeat stored values; the message does not.
        match said.code() {
            code if *code == SqlState::UNIQUE_VIOLATION => {
                Self::Conflict { constraint: said.constraint().unwrap_or_default().to_owned() }
            }
            code if *code == SqlState::FOREIGN_KEY_VIOLATION => Self::MissingReference { statement },
            code if matches!(&code.code()[..2], "08" | "40" | "53" | "57") => {
                Self::Unavailable(said.message().to_owned())
            }
            code => Self::Failed { statement, detail: format!("{} ({})", said.message(), code.code()) },
        }
    }
}

/// The fault and what caused it, such as a refused connection or an unknown certificate.
pub(crate) fn with_causes(fault: &dyn std::error::Error) -> String {
    let mut text = fault.to_string();
    let mut cause = fault.source();
    while let Some(fault) = cause {
        text.push_str(": ");
        text.push_str(&fault.to_string());
        cause = fault.source();
    }
    text
}

fn is_io(fault: &tokio_postgres::Error) -> bool {
    std::error::Error::source(fault).is_some_and(<dyn std::error::Error>::is::<io::Error>)
}

/// Makes `clients_id` of `UNIQUE constraint failed: clients.id`, and `a_b_c` of `...: a.b, a.c`.
fn constraint_name(message: &str) -> String {
    let columns = message.rsplit(": ").next().unwrap_or_default();
    let mut name = String::new();
    for (position, column) in columns.split(", ").enumerate() {
        let (table, column) = column.split_once('.').unwrap_or(("", column));
        name.push_str(if position == 0 { table } else { "" });
        name.push('_');
        name.push_str(column);
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_violated_constraint_is_named_after_its_table_and_columns() {
        assert_eq!(constraint_name("UNIQUE constraint failed: clients.id"), "clients_id");
        assert_eq!(
            constraint_name("UNIQUE constraint failed: projects.organization_id, projects.name"),
            "projects_organization_id_name"
        );
    }
}
