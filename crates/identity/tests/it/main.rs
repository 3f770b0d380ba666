//! Identity from outside: every address, every parameter place, every refusal, on a database of its own.
//!
//! [`fixture`] builds the world that each test begins with, from [`population`], [`signing`] and [`browser`]; the other files mirror the
//! addresses.

#![expect(clippy::unwrap_used, reason = "what is not there ends the test, also in what several tests share")]

mod authorize;
mod browser;
mod client_assertion;
mod code;
mod device;
mod discovery;
mod dpop;
mod endings;
mod exchange;
mod faults;
mod fixture;
mod holders;
mod introspect;
mod keys;
mod last_used;
mod leaving;
mod notices;
mod on_behalf;
mod pages;
mod population;
mod prompts;
mod pushed;
mod refresh;
mod revoke;
mod signing;
mod standing;
mod token;
mod validate;
