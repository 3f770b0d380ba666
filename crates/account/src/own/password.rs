//! `/account/password`.

use axum::response::Response;
use tollgate_model::user::AccountType;
use tollgate_pages::{
    Notice, Problem,
    views::account::{ChangePassword, PasswordState},
};
use tollgate_people::Refused;
use tollgate_web::cookies::SESSION_COOKIE;

use crate::{
    halt::Halt,
    member::{Member, MemberForm},
    onward::Onward,
    passwords::{self, advice, with_strength},
    setback,
};

/// Asks for the present password and a new one.
pub(crate) async fn show(member: Member) -> Result<Response, Halt> {
    member.signed_in_recently()?;
    let user = &member.signed_in.user;
    let state = match (user.account_type, &user.password_hash) {
        (AccountType::Federated, _) => PasswordState::Elsewhere,
        (_, None) => PasswordState::None,
        (_, Some(_)) => PasswordState::Set { changed_at: None },
    };
    let view = ChangePassword { email: user.email.to_string(), state, advice: advice(&member.visit) };
    Ok(member.page(|frame| view.render(frame)))
}

/// Changes the password. Every other session ends, and this one goes on under a new secret.
pub(crate) async fn take(MemberForm(member): MemberForm) -> Result<Response, Halt> {
    member.signed_in_recently()?;
    let Member { visit, signed_in } = &member;
    if signed_in.user.account_type == AccountType::Federated {
        return Err(Halt::forbidden());
    }
    let present = visit.params.get("password").map(|_| passwords::typed(visit, "password"));
    let new = passwords::typed(visit, "new_password");
    let changed =
        visit.people().change_password(signed_in, present.as_ref(), &new, &visit.visitor(), visit.now()).await;
    let here = Onward::to("/account/password");
    Ok(match changed {
        Ok(session) => {
            let age = Some(session.max_age(visit.now()));
            let kept = visit.cookies().write(SESSION_COOKIE, session.secret.reveal(), age);
            here.notice(Notice::PasswordChanged).cookie(kept)
        }
        Err(Refused::WrongPassword) => here.problem(Problem::PresentPasswordWrong),
        Err(refused @ Refused::Password(_)) => {
            let personal = [signed_in.user.name.as_str(), signed_in.user.email.as_str()];
            with_strength(here.problem(setback::problem(visit, refused)?), &new, &personal)
        }
        Err(refused) => here.problem(setback::problem(visit, refused)?),
    }
    .see_other())
}
