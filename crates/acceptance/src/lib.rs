//! The means by which tests use the whole house from outside: a real server process, the real command line, real
//! sockets, on SQLite or on the PostgreSQL server that `TOLLGATE_TEST_DATABASE_URL` names.
//!
//! The tests stand in `tests/it`, in one binary. Read [`Tollgate`] first, then [`Credential`] and [`Echo`]; where people sign
//! in, [`Person`], [`Browser`] and [`Application`]; [`raw`], [`raw_http2`], [`Tap`] and [`jwt`] serve attacks.

mod application;
mod browser;
mod credential;
mod database;
mod echo;
mod form;
pub mod jwt;
mod person;
pub mod raw;
pub mod raw_http2;
mod tap;
mod tollgate;

pub use application::{Application, SCOPE, STATE, Tokens, VERIFIER, userinfo};
pub use browser::{Browser, Page, SESSION, parameter};
pub use credential::Credential;
pub use database::Outage;
pub use echo::Echo;
pub use form::{Field, Form};
pub use person::{Mail, Person};
pub use tap::{Tap, Tapped};
pub use tollgate::{AT_ONCE, Answer, Ran, Tollgate};
