//! All that Tollgate keeps, and the only room that speaks SQL: one set of statements for SQLite and PostgreSQL.
//!
//! The room knows the nouns of the model and nothing of HTTP or OAuth. Read it in this order: [`Db`] with
//! [`Transaction`] and [`Query`] (opening, asking, changing), [`StoreError`], `migrations/`; then one file for each
//! aggregate, such as [`clients`]; then [`directory`], the view in memory that answers requests without the database.
//! Of what has ended by itself, [`expiry`] deletes what is left. How it works on each database stands in `sqlite.rs` and
//! `postgres.rs`.
//!
//! A transaction that changes several things changes them in one order, so that no two wait for each other: what is of
//! the directory first, then accounts, then sessions, then grants and the rest, and revocations last.

pub mod activities;
pub mod assertions;
pub mod authenticators;
pub mod ceremonies;
pub mod certificates;
pub mod clients;
pub mod consents;
pub mod device_requests;
pub mod directory;
pub mod domains;
pub mod expiry;
pub mod federated_identities;
pub mod generations;
pub mod grants;
pub mod identity_providers;
pub mod logout_notices;
pub mod mailed_codes;
pub mod mails;
pub mod organizations;
pub mod passkeys;
pub mod pending_requests;
pub mod projects;
pub mod promises;
pub mod proofs;
pub mod quotas;
pub mod recovery_codes;
pub mod revocations;
pub mod secrets;
pub mod services;
pub mod sessions;
pub mod sign_ins;
pub mod signing_keys;
pub mod subscriptions;
pub mod throttles;
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
        activities::STATEMENTS,
        assertions::STATEMENTS,
        authenticators::STATEMENTS,
        ceremonies::STATEMENTS,
        certificates::STATEMENTS,
        clients::STATEMENTS,
        consents::STATEMENTS,
        device_requests::STATEMENTS,
        domains::STATEMENTS,
        federated_identities::STATEMENTS,
        generations::STATEMENTS,
        grants::STATEMENTS,
        grants::endings::STATEMENTS,
        grants::refresh::STATEMENTS,
        identity_providers::STATEMENTS,
        logout_notices::STATEMENTS,
        mailed_codes::STATEMENTS,
        mails::STATEMENTS,
        migrate::STATEMENTS,
        organizations::STATEMENTS,
        passkeys::STATEMENTS,
        pending_requests::STATEMENTS,
        projects::STATEMENTS,
        promises::STATEMENTS,
        proofs::STATEMENTS,
        quotas::STATEMENTS,
        recovery_codes::STATEMENTS,
        revocations::STATEMENTS,
        secrets::STATEMENTS,
        services::STATEMENTS,
        sessions::STATEMENTS,
        sign_ins::STATEMENTS,
        signing_keys::STATEMENTS,
        subscriptions::STATEMENTS,
        throttles::STATEMENTS,
        usage::STATEMENTS,
        users::STATEMENTS,
    ]
    .into_iter()
    .flatten()
}
