//! The messages of OAuth 2.0, OpenID Connect and IMS: strangers' bytes become types here, and types become answers.
//!
//! This room is pure: no input or output, no clock, no HTTP library, no SQL. It may name `tollgate-model` and
//! `tollgate-crypto`. Everything that parses is a plain function, so that fuzz targets can call it.
//!
//! Read it in this order: [`error`] (what a refusal looks like), [`params`] with [`multipart`] (where parameters come
//! from), [`client_authentication`] with [`client_assertion`] (who asks), the requests ([`token`], [`jwt_exchange`],
//! [`validation`], [`revocation`], [`introspection`]), [`claims`] and [`bearer`] (tokens), and what is answered
//! ([`answers`], [`metadata`]).

pub mod answers;
pub mod assertion;
pub mod bearer;
pub mod claims;
pub mod client_assertion;
pub mod client_authentication;
pub mod error;
pub mod introspection;
pub mod jwt_exchange;
pub mod metadata;
pub mod multipart;
pub mod params;
pub mod revocation;
pub mod token;
pub mod validation;

mod json;

pub use error::{ErrorCode, OauthError};
pub use params::Params;
