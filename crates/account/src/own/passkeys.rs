//! `/account/passkeys`.

use axum::response::Response;
use tollgate_pages::{
    Notice,
    views::factors::{Passkey, Passkeys},
};
use tollgate_people::PasskeyRefused;

use crate::{
    form::ScriptVisit,
    halt::Halt,
    member::{Member, MemberForm},
    onward::Onward,
    setback,
    sign_in::passkey::{answered, told},
};

/// Shows the passkeys, newest first.
pub(crate) async fn show(member: Member) -> Result<Response, Halt> {
    member.signed_in_recently()?;
    let stored = member.visit.people().passkeys(&member.signed_in.user.id).await?;
    let shown = stored.into_iter().rev().map(|passkey| Passkey {
        id: passkey.id,
        name: passkey.name,
        created_at: passkey.created_at,
        last_used_at: passkey.last_used_at,
        synced: false,
    });
    let view = Passkeys { passkeys: shown.collect(), available: member.visit.people().passkeys_available() };
    Ok(member.page(|frame| view.render(frame)))
}

/// Renames or removes a passkey.
pub(crate) async fn take(MemberForm(member): MemberForm) -> Result<Response, Halt> {
    member.signed_in_recently()?;
    let Member { visit, signed_in } = &member;
    let id = visit.typed("id");
    let (done, notice) = match visit.params.get("action") {
        Some("rename") => {
            let renamed = visit.people().rename_passkey(signed_in, id, visit.typed("name").trim()).await;
            (renamed, Notice::PasskeyRenamed)
        }
        Some("remove") => {
            let removed = visit.people().delete_passkey(signed_in, id, &visit.visitor(), visit.now()).await;
            (removed, Notice::PasskeyRemoved)
        }
        _ => return Err(Halt::unreadable(http::StatusCode::BAD_REQUEST, None)),
    };
    let here = Onward::to("/account/passkeys");
    Ok(match done {
        Ok(()) => here.notice(notice),
        Err(refused) => here.problem(setback::of_passkey(visit, refused)?),
    }
    .see_other())
}

/// What the browser shall ask the authenticator that is to be added.
pub(crate) async fn options(script: ScriptVisit) -> Result<Response, Halt> {
    let (member, _) = Member::of_script(script).await?;
    let started = member.visit.people().start_passkey_registration(&member.signed_in, member.visit.now()).await;
    started.map_or_else(|refused| Ok(setback::to_script(refused)), |options| answered(&options))
}

/// Adds the passkey.
pub(crate) async fn add(script: ScriptVisit) -> Result<Response, Halt> {
    let (Member { visit, signed_in }, sent) = Member::of_script(script).await?;
    let (Some(ceremony), Some(credential)) = (&sent.ceremony, &sent.credential) else {
        return Ok(setback::to_script(PasskeyRefused::NotAccepted));
    };
    let (name, credential) = (sent.name.as_deref().unwrap_or_default().trim(), credential.get().as_bytes());
    let added = visit
        .people()
        .finish_passkey_registration(&signed_in, ceremony, name, credential, &visit.visitor(), visit.now())
        .await;
    Ok(match added {
        Ok(_) => told(Onward::to("/account/passkeys").notice(Notice::PasskeyAdded)),
        Err(refused) => setback::to_script(refused),
    })
}
