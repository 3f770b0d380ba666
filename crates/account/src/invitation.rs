//! `/invitation`: whoever was invited sets name and password.

use axum::response::Response;
use tollgate_pages::views::sign_up::Invitation;
use tollgate_people::Refused;

use crate::{
    form::Form,
    halt::Halt,
    onward::Onward,
    passwords::{self, advice, with_strength},
    setback,
    sign_in::after,
    visit::Visit,
};

/// Shows who is invited. Looking uses nothing up.
pub(crate) async fn show(visit: Visit) -> Result<Response, Halt> {
    let token = visit.params.get("token").ok_or(Halt::link_expired())?;
    let invited = match visit.people().invitation(token, visit.now()).await {
        Ok(invited) => invited,
        Err(refused) => return Err(over(refused)),
    };
    let view = Invitation {
        token: token.to_owned(),
        email: invited.email.to_string(),
        name: invited.name,
        advice: advice(&visit),
    };
    Ok(visit.page(None, |frame| view.render(frame)))
}

fn over(refused: Refused) -> Halt {
    match refused {
        Refused::Fault(fault) => fault.into(),
        Refused::Throttled(_) => Halt::too_many(),
        Refused::AccountDisabled => Halt::forbidden(),
        _ => Halt::link_expired(),
    }
}

/// Takes name and password, and signs the person in.
pub(crate) async fn take(Form(visit): Form) -> Result<Response, Halt> {
    let token = visit.params.get("token").ok_or(Halt::link_expired())?;
    let (password, current) = (passwords::typed(&visit, "new_password"), visit.session().await?);
    let name = visit.typed("name").trim();
    let accepted =
        visit.people().accept_invitation(token, name, &password, &visit.visitor(), current.as_ref(), visit.now()).await;
    let again = Onward::to("/invitation").with("token", token);
    Ok(match accepted {
        Ok(step) => after(&visit, step, None),
        Err(refused @ Refused::Password(_)) => {
            with_strength(again.problem(setback::problem(&visit, refused)?), &password, &[name])
        }
        Err(refused @ Refused::Invalid(_)) => again.problem(setback::problem(&visit, refused)?),
        Err(refused) => return Err(over(refused)),
    }
    .see_other())
}
