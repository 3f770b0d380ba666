//! The means by which tests use the whole house from outside: a real server process, the real command line, real
//! sockets, on SQLite or on the PostgreSQL server that `TOLLGATE_TEST_DATABASE_URL` names.
//!
//! The tests stand in `tests/it`, in one binary. Read [`Tollgate`] first, then [`Credential`] and [`Echo`]; [`raw`], [`raw_http2`],
//! [`Tap`] and [`jwt`] serve attacks.

mod credential;
mod database;
mod echo;
pub mod jwt;
pub mod raw;
pub mod raw_http2;
mod tap;
mod tollgate;

pub use credential::Credential;
pub use database::Outage;
pub use echo::Echo;
pub use tap::{Tap, Tapped};
pub use tollgate::{AT_ONCE, Answer, Ran, Tollgate};
