//! All that Tollgate keeps, and the only room that speaks SQL: one set of statements for SQLite and PostgreSQL.
//!
//! The room knows the nouns of the model and nothing of HTTP or OAuth. Read it in this order: [`Db`] with
//! [`Transaction`] and [`Query`] (opening, asking, changing), [`StoreError`], `migrations/`; then one file for each
//! aggregate, such as [`clients`]; then [`directory`], the view in memory that answers requests without the database.
//! How it works on each database stands in `sqlite.rs` and `postgres.rs`.

pub mod assertions;
pub mod certificates;
pub mod clients;
pub mod directory;
pub mod generations;
pub mod organizations;
pub mod projects;
pub mod quotas;
pub mod revocations;
pub mod secrets;
pub mod services;
pub mod signing_keys;
pub mod subscriptions;
pub mod usage;
pub mod users;

mod db;
mod error;
#[cfg(test)]
mod fixture;
mod key_set;
mod migrate;
mod postgres;
mod query;
mod revocation_set;
mod row;
mod sqlite;
mod statement;
#[cfg(any(test, feature = "testing"))]
mod testing;
#[cfg(test)]
mod tests;
mod transaction;
mod url;
mod value;
mod wake;

pub use db::Db;
pub use directory::{Directory, DirectoryClient, LiveDirectory, SecretKeyHolder, TrustedCertificate};
pub use error::StoreError;
pub use key_set::{DirectoryKey, KeySet};
pub use query::Query;
pub use revocation_set::RevocationSet;
pub use row::Row;
pub use statement::Statement;
pub use transaction::Transaction;
pub use url::DatabaseUrl;
pub use value::Value;
pub use wake::Wakes;

pub(crate) use statement::statements;
pub(crate) use value::params;

/// Every statement that is asked of the database, for the test that prepares them all.
#[cfg(test)]
fn registered() -> impl Iterator<Item = &'static Statement> {
    [
        assertions::STATEMENTS,
        certificates::STATEMENTS,
        clients::STATEMENTS,
        generations::STATEMENTS,
        migrate::STATEMENTS,
        organizations::STATEMENTS,
        projects::STATEMENTS,
        quotas::STATEMENTS,
        revocations::STATEMENTS,
        secrets::STATEMENTS,
        services::STATEMENTS,
        signing_keys::STATEMENTS,
        subscriptions::STATEMENTS,
        usage::STATEMENTS,
        users::STATEMENTS,
    ]
    .into_iter()
    .flatten()
}
