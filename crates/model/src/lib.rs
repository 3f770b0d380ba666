//! The nouns and rules of Tollgate: organizations, projects, credentials, services, limits, tokens.
//!
//! This room does no input or output and knows no wire format; it may name only `tollgate-crypto`.
//! Read it in this order: [`clock`] and [`id`] (what everything is named by), [`scope`], [`organization`],
//! [`client`] with [`secret`], [`service`] with [`limit`], [`token`], [`user`].

pub mod client;
pub mod clock;
pub mod id;
pub mod limit;
pub mod organization;
pub mod scope;
pub mod secret;
pub mod service;
pub mod token;
pub mod user;

mod invalid;

pub use clock::{Clock, Seconds, SystemClock, Timestamp};
pub use invalid::Invalid;
