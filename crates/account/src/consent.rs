//! `/consent`: whether an application may act for the person.

use axum::response::Response;
use tollgate_pages::views::consent::Consent;

use crate::{
    appearance::{application, asked_scopes, shown_account},
    errand::Errand,
    halt::Halt,
    member::{Member, MemberForm},
    onward::Onward,
};

/// The request that is to be agreed to. Without one there is nothing to ask.
async fn errand(member: &Member) -> Result<Errand, Halt> {
    member.visit.errand().await?.ok_or(Halt::request_expired())
}

/// Shows who asks for what, and sets apart what was agreed to before.
pub(crate) async fn show(member: Member) -> Result<Response, Halt> {
    let errand = errand(&member).await?;
    let house = member.visit.account.house();
    let client_id = &errand.client.client.id;
    let agreed = member.visit.people().consented_scopes(&member.signed_in.user.id, client_id).await?;
    let directory = house.directory_at(member.visit.now())?;
    let view = Consent {
        application: application(&errand.client),
        account: shown_account(&member.signed_in),
        scopes: asked_scopes(&directory, &errand.scope(), &agreed),
        destination: errand.destination(),
    };
    Ok(member.page_for(&errand, |frame| view.render(frame)))
}

/// Takes the decision. It is noted for this browser's session alone; the authorization endpoint acts on it.
pub(crate) async fn take(MemberForm(member): MemberForm) -> Result<Response, Halt> {
    let errand = errand(&member).await?;
    let (people, now, signed_in) = (member.visit.people(), member.visit.now(), &member.signed_in);
    let id = &errand.pending.id;
    let noted = match member.visit.params.get("decision") {
        Some("allow") => {
            let client_id = &errand.client.client.id;
            people.give_consent(signed_in, client_id, &errand.scope(), &member.visit.visitor(), now).await?;
            people.mark_consented(id, signed_in, now).await?
        }
        Some("cancel") => people.mark_refused(id, Some(signed_in), now).await?,
        _ => return Err(Halt::unreadable(http::StatusCode::BAD_REQUEST, None)),
    };
    if noted { Ok(Onward::to_application(id).see_other()) } else { Err(Halt::request_expired()) }
}
