//! The nouns and rules of Tollgate: organizations, projects, credentials, services, limits, tokens.
//!
//! This room does no input or output and knows no wire format; it may name only `tollgate-crypto`.
//! Read it in this order: [`clock`] and [`id`] (what everything is named by), [`scope`], [`organization`],
//! [`client`] with [`secret`] and [`redirect_uri`], [`service`] with [`limit`], [`token`], [`user`] with [`session`], [`grant`] and [`pkce`].

pub mod client;
pub mod clock;
pub mod grant;
pub mod id;
pub mod limit;
pub mod organization;
pub mod pkce;
pub mod redirect_uri;
pub mod scope;
pub mod secret;
pub mod service;
pub mod session;
pub mod token;
pub mod user;

mod invalid;

pub use clock::{Clock, Seconds, SystemClock, Timestamp};
pub use invalid::Invalid;
