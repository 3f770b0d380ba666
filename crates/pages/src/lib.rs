//! Every page that people see, as pure text: a view and a [`Frame`] go in, HTML comes out.
//!
//! This room knows no HTTP type, does no input or output and reads no clock. It never prints text that came from elsewhere
//! as if it were its own: what went wrong is a [`Problem`], what went well a [`Notice`], and both are told in the reader's
//! language. Names and addresses of strangers are escaped and stripped of characters that turn the reading direction.
//!
//! Read it in this order: [`language`] and `texts` (the words), [`frame`] (what all pages share), [`views`] (one type per
//! page, its markup under `templates/`), [`problem`], [`scope`], [`device`], [`color`] and [`assets`] (how it looks).
//!
//! Every page works without scripts, passkeys excepted. No page holds an inline script or style, so that
//! [`content_security_policy`] can forbid both.

pub mod assets;
pub mod color;
pub mod device;
pub mod frame;
pub mod language;
pub mod problem;
pub mod scope;
pub mod views;

mod country;
mod moment;
mod policy;
mod qr;
mod sheet;
mod texts;

pub use assets::{Asset, assets, brand_css};
pub use color::Color;
pub use country::is_country;
pub use device::Device;
pub use frame::{Account, Application, Branding, Frame, ImageUrl};
pub use language::Language;
pub use policy::content_security_policy;
pub use problem::{Field, Notice, Problem};
pub use scope::AskedScope;
