//! `/account`: who one is.

use axum::response::Response;
use tollgate_model::user::AccountType;
use tollgate_pages::{
    Language, Notice,
    views::account::{AccountKind, Profile},
};
use tollgate_store::users;

use crate::{
    halt::Halt,
    member::{Member, MemberForm},
    onward::Onward,
    setback,
};

/// Shows the profile.
pub(crate) async fn show(member: Member) -> Result<Response, Halt> {
    let user = &member.signed_in.user;
    let view = Profile {
        name: user.name.clone(),
        email: user.email.to_string(),
        email_verified: user.email_verified,
        account_kind: match user.account_type {
            AccountType::Individual => AccountKind::Personal,
            AccountType::Enterprise => AccountKind::Enterprise,
            AccountType::Federated => AccountKind::Federated,
        },
        language: user.language.as_deref().and_then(Language::of_tag),
        country: user.country_code.clone().unwrap_or_default(),
        name_editable: user.account_type != AccountType::Federated,
    };
    Ok(member.page(|frame| view.render(frame)))
}

/// Takes the changed profile.
pub(crate) async fn take(MemberForm(member): MemberForm) -> Result<Response, Halt> {
    let (visit, user) = (&member.visit, &member.signed_in.user);
    let keeps_name = user.account_type == AccountType::Federated;
    let name = if keeps_name { user.name.clone() } else { visit.typed("name").trim().to_owned() };
    let renamed = name != user.name;
    let profile = users::Profile {
        // Who changes the whole name has said nothing of its parts.
        given_name: user.given_name.clone().filter(|_| !renamed),
        family_name: user.family_name.clone().filter(|_| !renamed),
        name,
        language: visit.params.get("language").and_then(Language::of_tag).map(|language| language.tag().to_owned()),
        country_code: visit.params.get("country").map(str::to_owned),
    };
    let changed = visit.people().update_profile(&member.signed_in, profile, &visit.visitor(), visit.now()).await;
    let here = Onward::to("/account");
    Ok(match changed {
        Ok(_) => here.notice(Notice::ProfileSaved),
        Err(refused) => here.problem(setback::problem(visit, refused)?),
    }
    .see_other())
}
