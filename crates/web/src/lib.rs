//! What every HTTP face shares: the door that all requests come through, the reading of parameters, the wording of
//! refusals and faults, and the check of an access token.
//!
//! This room knows status codes and headers, and no endpoint. It may name `tollgate-oauth`, `tollgate-store`,
//! `tollgate-model` and `tollgate-crypto`.
//!
//! Read it in this order: [`house`] and [`instance`] (what every wing is handed), [`front`] with [`address`] and [`rate`]
//! (the door), [`received`] (a request's parameters), [`answer`], [`error`] and [`fault`] (what goes out),
//! [`access_token`], [`cookies`] with [`form_token`] (what browsers bring), [`egress`] (the way out) and [`report`] (what
//! workers tell).

pub mod access_token;
pub mod address;
pub mod answer;
pub mod cookies;
pub mod egress;
pub mod error;
pub mod fault;
pub mod form_token;
pub mod front;
pub mod house;
pub mod instance;
pub mod rate;
pub mod received;
pub mod report;

pub use access_token::{TokenRefusal, VerifiedToken, verify_access_token};
pub use address::{PeerAddress, TrustedProxies};
pub use cookies::Cookies;
pub use egress::Egress;
pub use error::Stop;
pub use fault::Fault;
pub use front::{Arrival, Front, FrontSettings};
pub use house::House;
pub use instance::{Authorities, Instance, X5u};
pub use received::Received;
pub use report::Report;
