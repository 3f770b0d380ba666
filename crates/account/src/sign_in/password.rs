//! `/sign-in/password`.

use axum::response::Response;
use tollgate_model::user::EmailAddress;
use tollgate_pages::{Problem, views::sign_in::SignInPassword};

use super::{after, carried_email};
use crate::{
    carried::{EMAIL, encoded},
    form::Form,
    halt::Halt,
    onward::Onward,
    passwords, setback,
    visit::Visit,
};

/// Asks for the password of the address from the step before.
pub(crate) async fn show(visit: Visit) -> Result<Response, Halt> {
    let errand = visit.errand().await?;
    let Some(email) = carried_email(&visit) else {
        return Err(Onward::to("/sign-in").for_request(visit.request()).into());
    };
    let view = SignInPassword { email };
    Ok(visit.page(errand.as_ref(), |frame| view.render(frame)))
}

/// Takes the password. The refusal is the same for an address that nobody has.
pub(crate) async fn take(Form(visit): Form) -> Result<Response, Halt> {
    let typed = visit.params.get("email").map(str::to_owned).or_else(|| carried_email(&visit)).unwrap_or_default();
    let again = |problem| {
        let onward = Onward::to("/sign-in/password").for_request(visit.request()).problem(problem);
        encoded(visit.cookies(), EMAIL, &typed).into_iter().fold(onward, Onward::cookie).see_other()
    };
    let Ok(email) = typed.parse::<EmailAddress>() else { return Ok(again(Problem::PasswordWrong)) };
    let password = passwords::typed(&visit, "password");
    let current = visit.session().await?;
    let outcome =
        visit.people().sign_in_with_password(&email, &password, &visit.visitor(), current.as_ref(), visit.now()).await;
    match outcome {
        Ok(step) => Ok(after(&visit, step, visit.request()).see_other()),
        Err(refused) => Ok(again(setback::problem(&visit, refused)?)),
    }
}
