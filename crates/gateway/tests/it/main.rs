//! The gateway from outside, over real sockets: a caller in front, an upstream behind, a database beside.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod caller;
mod scene;
mod upstream;

mod codes;
mod credentials;
mod forwarding;
mod headers;
mod limits;
mod possession;
mod raw;
mod resilience;
mod switching;
