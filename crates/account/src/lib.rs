//! The pages of people: signing in and up, agreeing to what applications ask for, letting devices in, signing out, and
//! looking after one's own account.
//!
//! This wing turns addresses and forms into the use cases of `tollgate-people`, and their outcomes into the views of
//! `tollgate-pages`. It decides nothing about passwords or codes, and writes no HTML. It may name both, `tollgate-web`
//! and what lies below.
//!
//! Read it in this order: `addresses` (what there is), `visit` with `form` and `member` (who comes, and with what),
//! `errand` (the request of an application that a sign-in belongs to), `answer` and `onward` (what goes out), `halt` (what
//! goes wrong), then the pages: `sign_in`, `sign_up`, `forgot`, `invitation`, `consent`, `device`, `sign_out`, and `own`
//! (the account pages).
//!
//! Three rules hold for every address. A form is taken only from the browser that its page was made for. The answer to a
//! form is a redirect, so that the back button never sends a form again. A redirect goes to a fixed address of this
//! server; no parameter names where to go.

mod addresses;
mod answer;
mod appearance;
mod asset_files;
mod carried;
mod consent;
mod dev_mail;
mod device;
mod errand;
mod forgot;
mod form;
mod halt;
mod invitation;
mod member;
mod onward;
mod own;
mod passwords;
mod setback;
mod sign_in;
mod sign_out;
mod sign_up;
mod visit;

use std::sync::Arc;

use axum::Router;
use tollgate_people::People;
use tollgate_web::{Cookies, House};

/// The wing. Clones share everything.
#[derive(Clone)]
pub struct Account(Arc<Wing>);

struct Wing {
    people: People,
    cookies: Cookies,
    shows_mail: bool,
}

impl Account {
    /// The wing over the use cases of people. With `shows_mail`, whoever reaches this server reads all mails that were
    /// written to the folder sink, at `/dev/mail`; that is for a demo alone.
    pub fn new(people: People, shows_mail: bool) -> Self {
        let cookies = Cookies::of(&people.house().instance);
        Self(Arc::new(Wing { people, cookies, shows_mail }))
    }

    /// All addresses of this wing, to be put behind a [`tollgate_web::Front`].
    pub fn router(&self) -> Router {
        addresses::router(self.clone())
    }

    pub(crate) fn people(&self) -> &People {
        &self.0.people
    }

    pub(crate) fn house(&self) -> &House {
        self.0.people.house()
    }

    pub(crate) fn cookies(&self) -> Cookies {
        self.0.cookies
    }

    pub(crate) fn shows_mail(&self) -> bool {
        self.0.shows_mail
    }
}
