//! The pages of people from outside: a small browser that keeps cookies, on a house with a database of its own.
//!
//! [`world`] builds what each test begins with and [`browser`] asks it; the other files mirror the addresses.

#![expect(clippy::unwrap_used, reason = "what is not there ends the test, also in what several tests share")]

mod browser;
mod consent;
mod device;
mod factors;
mod forgot;
mod forms;
mod own;
mod pages;
mod passkey;
mod sign_in;
mod sign_out;
mod sign_up;
mod world;
