//! `/account/authenticator`: a one-time code application, also for people who may not sign in without one.

use axum::{
    extract::{FromRequest, Request},
    response::Response,
};
use tollgate_pages::{
    Notice, Problem,
    views::factors::{Authenticator, AuthenticatorState as Shown},
};
use tollgate_people::{AuthenticatorState, Enrolment, FactorRefused, SignedIn};
use tollgate_web::form_token::FORM_TOKEN_FIELD;

use super::recovery_codes;
use crate::{
    Account, carried::TICKET, form, halt::Halt, member::Member, onward::Onward, setback, sign_in::after, visit::Visit,
};

/// Who sets an application up: somebody signed in, or somebody whose organization asks for one before the first sign-in
/// is complete.
pub(crate) struct Enroller {
    visit: Visit,
    who: SignedIn,
    /// The ticket of a sign-in that waits for this.
    ticket: Option<String>,
}

impl FromRequest<Account> for Enroller {
    type Rejection = Halt;

    async fn from_request(request: Request, account: &Account) -> Result<Self, Halt> {
        let visit = Visit::from_request(request, account).await?;
        if let Some(ticket) = visit.cookie(TICKET).map(str::to_owned)
            && let Ok(who) = visit.people().enrolling(&ticket, visit.now()).await
        {
            return Ok(Self { visit, who, ticket: Some(ticket) });
        }
        let member = Member::of(visit).await?;
        member.signed_in_recently()?;
        Ok(Self { visit: member.visit, who: member.signed_in, ticket: None })
    }
}

/// A form of this page.
pub(crate) struct EnrollerForm(Enroller);

impl FromRequest<Account> for EnrollerForm {
    type Rejection = Halt;

    async fn from_request(request: Request, account: &Account) -> Result<Self, Halt> {
        let enroller = Enroller::from_request(request, account).await?;
        let visit = &enroller.visit;
        let secret = if enroller.ticket.is_some() { Some(visit.form_secret()) } else { visit.session_secret() };
        form::check(visit, secret.unwrap_or_default(), visit.typed(FORM_TOKEN_FIELD))?;
        Ok(Self(enroller))
    }
}

/// Shows where the set-up stands.
pub(crate) async fn show(enroller: Enroller) -> Result<Response, Halt> {
    let Enroller { visit, who, ticket } = &enroller;
    let state = match visit.people().authenticator(&who.user.id).await? {
        AuthenticatorState::Off => Shown::Off,
        AuthenticatorState::On { since } => Shown::On { since },
        AuthenticatorState::Unconfirmed => match visit.people().waiting_enrolment(who, visit.now()).await {
            Ok(Enrolment { secret, uri, modules }) => {
                Shown::Offered { modules, secret: secret.reveal().to_owned(), uri: uri.reveal().to_owned() }
            }
            Err(FactorRefused::Fault(fault)) => return Err(fault.into()),
            Err(_) => Shown::Off,
        },
    };
    let view = Authenticator { state };
    let errand = visit.errand().await?;
    Ok(match ticket {
        Some(_) => visit.page(errand.as_ref(), |frame| view.render(frame)),
        None => visit.page_of(who, errand.as_ref(), |frame| view.render(frame)),
    })
}

/// Begins, confirms or removes.
pub(crate) async fn take(EnrollerForm(enroller): EnrollerForm) -> Result<Response, Halt> {
    let Enroller { visit, who, ticket } = &enroller;
    let here = Onward::to("/account/authenticator").for_request(visit.request());
    let (people, by, now) = (visit.people(), visit.visitor(), visit.now());
    let outcome = match visit.params.get("action") {
        Some("start") => people.enrol_authenticator(who, now).await.map(|_| here),
        Some("confirm") => match people.confirm_authenticator(who, visit.typed("code"), &by, now).await {
            Ok(codes) => return confirmed(&enroller, codes.as_deref()).await,
            Err(refused) => Err(refused),
        },
        Some("remove") if ticket.is_none() => {
            people.disable_authenticator(who, &by, now).await.map(|()| here.notice(Notice::AuthenticatorRemoved))
        }
        _ => return Err(Halt::unreadable(http::StatusCode::BAD_REQUEST, None)),
    };
    Ok(match outcome {
        Ok(onward) => onward,
        Err(refused) => {
            let problem = setback::of_factor(visit, refused)?;
            Onward::to("/account/authenticator").for_request(visit.request()).problem(problem)
        }
    }
    .see_other())
}

/// The application is in use: recovery codes are shown once, and a sign-in that waited is complete.
async fn confirmed(enroller: &Enroller, codes: Option<&[tollgate_crypto::SecretText]>) -> Result<Response, Halt> {
    let Enroller { visit, who, ticket } = enroller;
    let fresh = codes.map(|codes| recovery_codes::carrying(visit, &who.user.id, codes));
    let Some(ticket) = ticket else {
        let here = Onward::to("/account/authenticator").notice(Notice::AuthenticatorAdded);
        return Ok(fresh.map_or(here, |fresh| fresh.notice(Notice::AuthenticatorAdded)).see_other());
    };
    let current = visit.session().await?;
    let step = match visit.people().finish_enrolment(ticket, &visit.visitor(), current.as_ref(), visit.now()).await {
        Ok(step) => step,
        Err(refused) => {
            let problem: Problem = setback::problem(visit, refused)?;
            return Err(Onward::to("/sign-in").for_request(visit.request()).problem(problem).into());
        }
    };
    let onward = after(visit, step, visit.request());
    Ok(match fresh {
        // Somebody on the way to an application finds the codes on the account pages, for as long as the step lasts.
        Some(fresh) => onward.with_cookies_of(fresh),
        None => onward,
    }
    .see_other())
}
