//! The messages of OAuth 2.0, OpenID Connect and IMS: strangers' bytes become types here, and types become answers.
//!
//! This room is pure: no input or output, no clock, no HTTP library, no SQL. It may name `tollgate-model` and
//! `tollgate-crypto`. Everything that parses is a plain function, so that fuzz targets can call it.
//!
//! Read it in this order: [`error`] (what a refusal looks like), [`params`] with [`multipart`] (where parameters come
//! from), [`client_authentication`] with [`client_assertion`] (who asks), the requests of browsers ([`authorize`] with
//! [`response_type`], [`requested_claims`] and [`pushed`], [`logout`]) and of clients ([`token`], [`jwt_exchange`],
//! [`device`], [`validation`], [`revocation`], [`introspection`]), tokens ([`claims`], [`id_token`], [`logout_token`],
//! [`reference_token`], [`bearer`], [`dpop`]), and what is answered ([`answers`], [`authorize_answer`], [`person`],
//! [`organizations`], [`metadata`]).

pub mod answers;
pub mod assertion;
pub mod authorize;
pub mod authorize_answer;
pub mod bearer;
pub mod claims;
pub mod client_assertion;
pub mod client_authentication;
pub mod device;
pub mod dpop;
pub mod error;
pub mod id_token;
pub mod introspection;
pub mod jwt_exchange;
pub mod logout;
pub mod logout_token;
pub mod metadata;
pub mod multipart;
pub mod organizations;
pub mod params;
pub mod person;
pub mod pushed;
pub mod reference_token;
pub mod requested_claims;
pub mod response_type;
pub mod revocation;
pub mod token;
pub mod validation;

mod json;

pub use error::{ErrorCode, OauthError};
pub use params::Params;
