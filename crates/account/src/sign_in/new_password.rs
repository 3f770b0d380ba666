//! `/sign-in/new-password`: the password was right, and must be changed now.

use axum::response::Response;
use tollgate_pages::views::sign_in::ExpiredPassword;
use tollgate_people::Refused;

use super::after;
use crate::{
    carried::TICKET,
    form::Form,
    halt::Halt,
    onward::Onward,
    passwords::{self, advice, with_strength},
    setback,
    visit::Visit,
};

/// Asks for the new password.
pub(crate) async fn show(visit: Visit) -> Result<Response, Halt> {
    let errand = visit.errand().await?;
    let ticket = visit.cookie(TICKET).ok_or_else(|| setback::sign_in_anew(&visit))?;
    let ticket = match visit.people().ticket(ticket, visit.now()).await {
        Ok(ticket) => ticket,
        Err(refused) => {
            let problem = setback::problem(&visit, refused)?;
            return Err(Onward::to("/sign-in").for_request(visit.request()).problem(problem).into());
        }
    };
    let view = ExpiredPassword { email: ticket.user.email.to_string(), advice: advice(&visit) };
    Ok(visit.page(errand.as_ref(), |frame| view.render(frame)))
}

/// Takes the new password.
pub(crate) async fn take(Form(visit): Form) -> Result<Response, Halt> {
    let ticket = visit.cookie(TICKET).ok_or_else(|| setback::sign_in_anew(&visit))?;
    let (new, current) = (passwords::typed(&visit, "new_password"), visit.session().await?);
    let outcome =
        visit.people().change_expired_password(ticket, &new, &visit.visitor(), current.as_ref(), visit.now()).await;
    match outcome {
        Ok(step) => Ok(after(&visit, step, visit.request()).see_other()),
        Err(refused) => {
            let flawed = matches!(refused, Refused::Password(_));
            let problem = setback::problem(&visit, refused)?;
            let again = Onward::to("/sign-in/new-password").for_request(visit.request()).problem(problem);
            Ok(if flawed { with_strength(again, &new, &[]) } else { again }.see_other())
        }
    }
}
