//! The whole house, from outside. One binary, so that it links once.

mod command_line;
mod durability;
mod journey;
mod limits;
mod live_changes;
mod openid;
mod revocation;
mod rust_client;
mod security;
mod tidy;
mod two_at_once;
