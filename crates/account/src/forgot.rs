//! `/forgot`: a new password for whoever reads the account's mail.

use axum::response::Response;
use http::header::SET_COOKIE;
use tollgate_model::user::EmailAddress;
use tollgate_pages::{
    Notice, Problem,
    views::recovery::{CodePurpose as ShownPurpose, EnterCode, Forgot, NewPassword},
};
use tollgate_people::{CodePurpose, Refused};
use tollgate_web::cookies::is_cookie_value;

use crate::{
    carried::{EMAIL, RESET, RESET_CODE, STEP_LIFETIME, decoded, encoded},
    form::Form,
    halt::Halt,
    onward::Onward,
    passwords::{self, advice, with_strength},
    setback,
    sign_up::{carrying, resend_seconds},
    visit::Visit,
};

/// Asks for the e-mail address.
pub(crate) async fn show(visit: Visit) -> Result<Response, Halt> {
    let errand = visit.errand().await?;
    let view = Forgot { email: visit.cookie(EMAIL).and_then(decoded).unwrap_or_default() };
    Ok(visit.page(errand.as_ref(), |frame| view.render(frame)))
}

/// Sends a code, if anybody has that address; the answer is the same for everybody.
pub(crate) async fn take(Form(visit): Form) -> Result<Response, Halt> {
    let again = |problem| Onward::to("/forgot").for_request(visit.request()).problem(problem);
    let typed = visit.typed("email").trim();
    let Ok(email) = typed.parse::<EmailAddress>() else {
        let kept = encoded(visit.cookies(), EMAIL, typed);
        return Ok(kept.into_iter().fold(again(Problem::EmailInvalid), Onward::cookie).see_other());
    };
    let language = visit.language(None);
    let begun = visit.people().begin_reset(&email, Some(language.tag()), &visit.visitor(), visit.now()).await;
    Ok(match begun {
        Ok(flow) => carrying(&visit, RESET_CODE, &flow, Onward::to("/forgot/code").for_request(visit.request())),
        Err(refused) => again(setback::problem(&visit, refused)?),
    }
    .see_other())
}

/// Asks for the code. The link of the mail leads here too; it fills the form in and uses nothing up, since programs that
/// check mails for danger open links.
pub(crate) async fn show_code(visit: Visit) -> Result<Response, Halt> {
    let errand = visit.errand().await?;
    let linked = visit.params.get("flow").filter(|flow| is_cookie_value(flow));
    if linked.is_none() && visit.cookie(RESET_CODE).is_none() {
        return Err(Onward::to("/forgot").for_request(visit.request()).problem(Problem::FormExpired).into());
    }
    let email = visit.cookie(EMAIL).and_then(decoded).unwrap_or_default();
    let view = EnterCode {
        purpose: ShownPurpose::Reset,
        email,
        resend_seconds: resend_seconds(&visit),
        code: visit.typed("code").chars().filter(char::is_ascii_digit).take(CODE_CHARS_MAX).collect(),
    };
    let mut response = visit.page(errand.as_ref(), |frame| view.render(frame));
    if let Some(flow) = linked {
        let kept = visit.cookies().write(RESET_CODE, flow, Some(STEP_LIFETIME));
        response.headers_mut().append(SET_COOKIE, kept);
    }
    Ok(response)
}

/// Longest code that a link fills in.
const CODE_CHARS_MAX: usize = 12;

/// Takes the code, or sends another.
pub(crate) async fn take_code(Form(visit): Form) -> Result<Response, Halt> {
    let Some(flow) = visit.cookie(RESET_CODE) else {
        return Err(Onward::to("/forgot").for_request(visit.request()).problem(Problem::FormExpired).into());
    };
    let here = Onward::to("/forgot/code").for_request(visit.request());
    let (by, now) = (visit.visitor(), visit.now());
    if visit.params.get("resend").is_some() {
        return Ok(match visit.people().resend_code(flow, CodePurpose::ResetPassword, &by, now).await {
            Ok(flow) => carrying(&visit, RESET_CODE, &flow, here.notice(Notice::CodeSent)),
            Err(refused) => here.problem(setback::problem(&visit, refused)?),
        }
        .see_other());
    }
    Ok(match visit.people().check_reset_code(flow, visit.typed("code"), &by, now).await {
        Ok(ticket) => {
            let cookies = visit.cookies();
            let onward = Onward::to("/forgot/password").for_request(visit.request());
            onward
                .cookie(cookies.write(RESET, ticket.secret.reveal(), Some(STEP_LIFETIME)))
                .cookie(cookies.delete(RESET_CODE))
        }
        Err(refused) => here.problem(setback::problem(&visit, refused)?),
    }
    .see_other())
}

/// Asks for the new password.
pub(crate) async fn show_password(visit: Visit) -> Result<Response, Halt> {
    let errand = visit.errand().await?;
    let begin_anew = || Onward::to("/forgot").for_request(visit.request());
    let ticket = visit.cookie(RESET).ok_or_else(|| begin_anew().problem(Problem::FormExpired))?;
    let email = match visit.people().reset_email(ticket, visit.now()).await {
        Ok(email) => email,
        Err(refused) => {
            let problem = setback::problem(&visit, refused)?;
            return Err(begin_anew().problem(problem).into());
        }
    };
    let view = NewPassword { email: email.to_string(), advice: advice(&visit) };
    Ok(visit.page(errand.as_ref(), |frame| view.render(frame)))
}

/// Takes the new password. All sessions of the account end; the person signs in with it.
pub(crate) async fn take_password(Form(visit): Form) -> Result<Response, Halt> {
    let begin_anew = || Onward::to("/forgot").for_request(visit.request());
    let ticket = visit.cookie(RESET).ok_or_else(|| begin_anew().problem(Problem::FormExpired))?;
    let new = passwords::typed(&visit, "new_password");
    Ok(match visit.people().finish_reset(ticket, &new, &visit.visitor(), visit.now()).await {
        Ok(()) => {
            let onward = Onward::to("/sign-in").for_request(visit.request()).notice(Notice::PasswordReset);
            onward.cookie(visit.cookies().delete(RESET))
        }
        Err(refused @ Refused::Password(_)) => {
            let problem = setback::problem(&visit, refused)?;
            let again = Onward::to("/forgot/password").for_request(visit.request()).problem(problem);
            with_strength(again, &new, &[])
        }
        Err(refused) => begin_anew().problem(setback::problem(&visit, refused)?),
    }
    .see_other())
}
