//! Signing in: one file for each step, and what follows each of them.

pub(crate) mod email;
pub(crate) mod federated;
pub(crate) mod new_password;
pub(crate) mod passkey;
pub(crate) mod password;
pub(crate) mod second_factor;

use tollgate_people::SignInStep;
use tollgate_web::cookies::SESSION_COOKIE;

use crate::{
    carried::{EMAIL, RETURN, Return, STEP_LIFETIME, TICKET, decoded},
    onward::Onward,
    visit::Visit,
};

/// Where a sign-in goes on after one of its steps.
pub(crate) fn after(visit: &Visit, step: SignInStep, request: Option<&str>) -> Onward {
    let cookies = visit.cookies();
    let (onward, ticket) = match step {
        SignInStep::Complete(new) => {
            let kept = cookies.write(SESSION_COOKIE, new.secret.reveal(), Some(new.max_age(visit.now())));
            let onward = destination(visit, request).cookie(kept);
            let forgotten = [TICKET, EMAIL, RETURN].map(|name| cookies.delete(name));
            return forgotten.into_iter().fold(onward, Onward::cookie);
        }
        SignInStep::SecondFactor { ticket, ways } => {
            let onward = Onward::to("/sign-in/second-factor").for_request(request);
            let only_codes = ways.recovery_code && !ways.authenticator;
            (if only_codes { onward.with("factor", "recovery_code") } else { onward }, ticket)
        }
        SignInStep::EnrolSecondFactor { ticket } => (Onward::to("/account/authenticator").for_request(request), ticket),
        SignInStep::PasswordExpired { ticket } => (Onward::to("/sign-in/new-password").for_request(request), ticket),
    };
    onward.cookie(cookies.write(TICKET, ticket.reveal(), Some(STEP_LIFETIME)))
}

/// Where a complete sign-in leads: to the application that asked for it, or to a page of the list.
fn destination(visit: &Visit, request: Option<&str>) -> Onward {
    if let Some(request) = request {
        return Onward::to_application(request);
    }
    match visit.cookie(RETURN).and_then(Return::of_cookie) {
        Some(Return::Own(path)) => Onward::to(path),
        Some(Return::Device(None)) => Onward::to("/device"),
        Some(Return::Device(Some(code))) => Onward::to("/device").with("user_code", &code.to_string()),
        None => Onward::to("/account"),
    }
}

/// The e-mail address of the sign-in that goes on.
fn carried_email(visit: &Visit) -> Option<String> {
    visit.cookie(EMAIL).and_then(decoded)
}
