//! A signed-in person who asks for a page or sends a form.

use axum::{
    extract::{FromRequest, Request},
    response::Response,
};
use tollgate_pages::Frame;
use tollgate_people::{RECENT_AUTHENTICATION, SignedIn};
use tollgate_web::form_token::FORM_TOKEN_FIELD;

use crate::{
    Account,
    carried::Return,
    errand::Errand,
    form::{self, ScriptVisit},
    halt::Halt,
    onward::Onward,
    visit::Visit,
};

/// A visit of somebody who is signed in. Whoever is not signs in first and comes back.
pub(crate) struct Member {
    pub(crate) visit: Visit,
    pub(crate) signed_in: SignedIn,
}

/// A form of a signed-in person's page: bound to the session.
pub(crate) struct MemberForm(pub(crate) Member);

impl FromRequest<Account> for Member {
    type Rejection = Halt;

    async fn from_request(request: Request, account: &Account) -> Result<Self, Halt> {
        Self::of(Visit::from_request(request, account).await?).await
    }
}

impl FromRequest<Account> for MemberForm {
    type Rejection = Halt;

    async fn from_request(request: Request, account: &Account) -> Result<Self, Halt> {
        let member = Member::from_request(request, account).await?;
        member.check_token(member.visit.typed(FORM_TOKEN_FIELD))?;
        Ok(Self(member))
    }
}

impl Member {
    pub(crate) async fn of(visit: Visit) -> Result<Self, Halt> {
        match visit.signed_in().await? {
            Some(signed_in) => Ok(Self { visit, signed_in }),
            None => Err(sign_in_first(&visit).into()),
        }
    }

    /// The person whose page runs the script that sent this.
    pub(crate) async fn of_script(script: ScriptVisit) -> Result<(Self, form::Sent), Halt> {
        let member = Self::of(script.visit).await?;
        member.check_token(&script.sent.form_token)?;
        Ok((member, script.sent))
    }

    fn check_token(&self, token: &str) -> Result<(), Halt> {
        form::check(&self.visit, self.visit.session_secret().unwrap_or_default(), token)
    }

    /// Sends people whose sign-in is some minutes old to sign in again: what follows changes how they prove who they are.
    pub(crate) fn signed_in_recently(&self) -> Result<(), Halt> {
        if self.visit.now() < self.signed_in.session.authenticated_at + RECENT_AUTHENTICATION {
            return Ok(());
        }
        Err(sign_in_first(&self.visit).into())
    }

    /// A page of the account.
    pub(crate) fn page(&self, write: impl FnOnce(&Frame) -> String) -> Response {
        self.visit.page_of(&self.signed_in, None, write)
    }

    /// A page on the way to an application.
    pub(crate) fn page_for(&self, errand: &Errand, write: impl FnOnce(&Frame) -> String) -> Response {
        self.visit.page_of(&self.signed_in, Some(errand), write)
    }
}

/// To the sign-in that leads back here.
pub(crate) fn sign_in_first(visit: &Visit) -> Onward {
    let onward = Onward::to("/sign-in");
    if visit.request().is_some() {
        return onward.for_request(visit.request());
    }
    let Some(place) = Return::of_path(&visit.path, visit.params.get("user_code")) else { return onward };
    let onward = onward.with("return", place.path());
    match place.user_code() {
        Some(code) => onward.with("user_code", &code),
        None => onward,
    }
}
