//! `/sign-in/second-factor`: a code of an authenticator application, or a recovery code.

use axum::response::Response;
use tollgate_pages::{
    Problem,
    views::sign_in::{Factor, SecondFactor},
};

use super::after;
use crate::{carried::TICKET, form::Form, halt::Halt, onward::Onward, setback, visit::Visit};

fn factor(visit: &Visit) -> Factor {
    visit.params.get("factor").and_then(Factor::parse).unwrap_or_default()
}

/// Asks for the second proof of the sign-in that the browser's ticket stands for.
pub(crate) async fn show(visit: Visit) -> Result<Response, Halt> {
    let errand = visit.errand().await?;
    let ticket = visit.cookie(TICKET).ok_or_else(|| setback::sign_in_anew(&visit))?;
    let (user, ways) = match visit.people().ticket_ways(ticket, visit.now()).await {
        Ok(found) => found,
        Err(refused) => {
            let problem = setback::problem(&visit, refused)?;
            return Err(Onward::to("/sign-in").for_request(visit.request()).problem(problem).into());
        }
    };
    let view = SecondFactor {
        email: user.email.to_string(),
        factor: factor(&visit),
        codes: ways.authenticator || ways.recovery_code,
        passkey: ways.passkey,
    };
    Ok(visit.page(errand.as_ref(), |frame| view.render(frame)))
}

/// Takes the code.
pub(crate) async fn take(Form(visit): Form) -> Result<Response, Halt> {
    let ticket = visit.cookie(TICKET).ok_or_else(|| setback::sign_in_anew(&visit))?;
    let (factor, current) = (factor(&visit), visit.session().await?);
    let code = visit.typed("code");
    let outcome = visit.people().sign_in_with_code(ticket, code, &visit.visitor(), current.as_ref(), visit.now()).await;
    match outcome {
        Ok(step) => Ok(after(&visit, step, visit.request()).see_other()),
        Err(refused) => {
            let problem = match (setback::problem(&visit, refused)?, factor) {
                (Problem::CodeWrong, Factor::RecoveryCode) => Problem::RecoveryCodeWrong,
                (problem, _) => problem,
            };
            let again = Onward::to("/sign-in/second-factor").for_request(visit.request());
            Ok(again.with("factor", factor.as_str()).problem(problem).see_other())
        }
    }
}
