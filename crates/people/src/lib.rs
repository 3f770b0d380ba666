//! People: their accounts, how they prove who they are, and the browsers in which they are signed in.
//!
//! The room holds use cases: no routes, no pages, no words of a protocol. A use case is a method of [`People`]; it ends
//! well, with a [`Refused`], or with a fault. Read it in this order: [`sessions`] (signed-in browsers), [`sign_in`] (the
//! steps that end in one), [`throttle`] (what every proof asks first), [`passwords`] with `hashing`; `codes` with
//! [`sign_up`], [`reset`], [`verification`] and [`invitation`] (codes by mail); [`mail`]; [`profile`], [`activity`],
//! [`consents`], [`pending`]; [`accounts`] (what administrators do); `work` (what happens beside the requests).

pub mod accounts;
pub mod activity;
pub mod authenticator;
pub mod consents;
pub mod factors;
pub mod federation;
pub mod invitation;
pub mod mail;
pub mod passkeys;
pub mod passwords;
pub mod pending;
pub mod profile;
pub mod recovery_codes;
pub mod reset;
pub mod sessions;
pub mod settings;
pub mod sign_in;
pub mod sign_up;
pub mod throttle;
pub mod ticket;
pub mod verification;

mod aside;
mod beginning;
mod ceremony;
mod codes;
mod hashing;
mod refused;
#[cfg(test)]
mod scene;
mod visitor;
mod work;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use tollgate_web::House;

pub use activity::{Action, PastActivity};
pub use authenticator::{AuthenticatorState, Enrolment};
pub use codes::{CODE_DIGITS, CodePurpose, Flow};
pub use consents::ConnectedApplication;
pub use factors::{FactorRefused, FactorWays};
pub use federation::{FederatedCallback, FederatedRedirect, FederatedSignIn, FederatedStart, FederationRefused};
pub use passkeys::{PasskeyOptions, PasskeyRefused, PasskeySummary};
pub use passwords::{PASSWORD_CHARS_MIN, PasswordFlaw};
pub use refused::Refused;
pub use sessions::{NewSession, RECENT_AUTHENTICATION, SignedIn};
pub use settings::Settings;
pub use sign_in::SignInStep;
pub use throttle::Attempt;
pub use ticket::Ticket;
pub use visitor::Visitor;

use crate::{aside::Aside, hashing::HashingPool};

/// The use cases of people in one house. Clones share everything.
#[derive(Clone)]
pub struct People(Arc<Room>);

pub(crate) struct Room {
    house: House,
    settings: Settings,
    hashing: HashingPool,
    aside: Aside,
    upstreams: federation::Upstreams,
}

impl People {
    /// The use cases in `house`.
    pub fn new(house: House, settings: Settings) -> Self {
        let hashing = HashingPool::new(settings.hashing);
        Self(Arc::new(Room {
            house,
            settings,
            hashing,
            aside: Aside::default(),
            upstreams: federation::Upstreams::default(),
        }))
    }

    /// The house.
    pub fn house(&self) -> &House {
        &self.0.house
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }
}
