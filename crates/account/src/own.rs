//! The account pages: one file for each.

pub(crate) mod activity;
pub(crate) mod applications;
pub(crate) mod authenticator;
pub(crate) mod passkeys;
pub(crate) mod password;
pub(crate) mod profile;
pub(crate) mod recovery_codes;
pub(crate) mod sessions;
