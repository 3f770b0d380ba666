//! `/device`: letting a device in that has no keyboard (RFC 8628 section 3.3).

use std::sync::Arc;

use axum::response::Response;
use tollgate_model::{
    grant::{CodeBinding, Grant, REFRESH_LIFETIME, SignInFacts},
    id::GrantId,
    scope::ScopeSet,
};
use tollgate_oauth::device::UserCode;
use tollgate_pages::{
    Problem,
    views::device::{DeviceCode, DeviceConfirm, DeviceDone},
};
use tollgate_people::{Action, Refused};
use tollgate_store::{
    DirectoryClient, StoreError,
    device_requests::{self, DeviceRequest},
};
use tollgate_web::Fault;

use crate::{
    appearance::{application, asked_scopes, shown_account},
    halt::Halt,
    member::{Member, MemberForm},
    onward::Onward,
};

/// A device that waits, and the application on it.
struct Waiting {
    user_code: UserCode,
    asked: DeviceRequest,
    client: Arc<DirectoryClient>,
}

/// Asks for the code that the device shows; an address from the device's own picture fills it in.
pub(crate) async fn show(member: Member) -> Result<Response, Halt> {
    let code: Option<UserCode> = member.visit.typed("user_code").parse().ok();
    let view = DeviceCode { user_code: code.map(|code| code.to_string()).unwrap_or_default() };
    Ok(member.page(|frame| view.render(frame)))
}

/// Takes the code.
pub(crate) async fn take(MemberForm(member): MemberForm) -> Result<Response, Halt> {
    let found = waiting(&member).await?;
    Ok(Onward::to("/device/confirm").with("user_code", &found.user_code.to_string()).see_other())
}

/// The device that the code names. Wrong codes count as attempts, since few people type and a program can try them all
/// (RFC 8628 section 5.1).
async fn waiting(member: &Member) -> Result<Waiting, Halt> {
    let (visit, now) = (&member.visit, member.visit.now());
    let wrong = |problem| Halt::from(Onward::to("/device").problem(problem));
    let code = visit.typed("user_code").parse::<UserCode>().map_err(|_| wrong(Problem::UserCodeWrong))?;
    let attempt = match visit.people().attempt(None, &visit.visitor(), now).await {
        Ok(attempt) => attempt,
        Err(Refused::Fault(fault)) => return Err(fault.into()),
        Err(_) => return Err(wrong(Problem::TooManyAttempts)),
    };
    let house = visit.account.house();
    let asked = device_requests::find_by_user_code(&house.db, code.as_str(), now).await?;
    let asked = asked.ok_or_else(|| wrong(Problem::UserCodeWrong))?;
    let directory = house.directory_at(now)?;
    let client = directory.client(asked.client_id.as_str()).filter(|client| client.is_enabled()).cloned();
    let client = client.ok_or_else(|| wrong(Problem::UserCodeWrong))?;
    attempt.give_back().await?;
    Ok(Waiting { user_code: code, asked, client })
}

/// Shows who waits, so that nobody lets in a stranger's device.
pub(crate) async fn show_confirm(member: Member) -> Result<Response, Halt> {
    let found = waiting(&member).await?;
    let client_id = &found.client.client.id;
    let agreed = member.visit.people().consented_scopes(&member.signed_in.user.id, client_id).await?;
    let directory = member.visit.account.house().directory_at(member.visit.now())?;
    let view = DeviceConfirm {
        user_code: found.user_code.to_string(),
        application: application(&found.client),
        account: shown_account(&member.signed_in),
        scopes: asked_scopes(&directory, &found.asked.scope, &agreed),
    };
    Ok(member.page(|frame| view.render(frame)))
}

/// Takes the decision.
pub(crate) async fn take_confirm(MemberForm(member): MemberForm) -> Result<Response, Halt> {
    let found = waiting(&member).await?;
    let client_id = found.client.client.id.clone();
    let decided = match member.visit.params.get("decision") {
        Some("allow") => allow(&member, &found).await?,
        Some("cancel") => refuse(&member, &found).await?,
        _ => return Err(Halt::unreadable(http::StatusCode::BAD_REQUEST, None)),
    };
    if !decided {
        return Err(Onward::to("/device").problem(Problem::UserCodeWrong).into());
    }
    let allowed = member.visit.params.get("decision") == Some("allow");
    let done = Onward::to("/device/done").with("client_id", client_id.as_str());
    Ok(done.with("allowed", if allowed { "yes" } else { "no" }).see_other())
}

/// Makes the grant that the device's next question is answered with.
async fn allow(member: &Member, found: &Waiting) -> Result<bool, Halt> {
    let (visit, signed_in, now) = (&member.visit, &member.signed_in, member.visit.now());
    let house = visit.account.house();
    let client_id = &found.client.client.id;
    let grant = Grant {
        id: GrantId::generate(&*house.entropy, now),
        client_id: client_id.clone(),
        user_id: signed_in.user.id.clone(),
        sign_in: SignInFacts {
            // The device stays signed in when this browser signs out.
            session_id: None,
            authenticated_at: signed_in.session.authenticated_at,
            methods: signed_in.session.methods.clone(),
        },
        scope: found.asked.scope.clone(),
        resources: found.asked.resources.clone(),
        binding: CodeBinding::default(),
        key_thumbprint: found.asked.key_thumbprint.clone(),
        code_digest: None,
        code_expires_at: now,
        created_at: now,
        expires_at: now + REFRESH_LIFETIME,
    };
    let code = found.user_code.as_str();
    let approved =
        house.db.transact::<_, StoreError>(async |tx| device_requests::approve(tx, code, &grant, now).await).await?;
    if approved {
        note_allowed(member, found, &grant.scope).await?;
    }
    Ok(approved)
}

async fn note_allowed(member: &Member, found: &Waiting, scope: &ScopeSet) -> Result<(), Fault> {
    let (visit, signed_in, now) = (&member.visit, &member.signed_in, member.visit.now());
    let client_id = &found.client.client.id;
    visit.people().give_consent(signed_in, client_id, scope, &visit.visitor(), now).await?;
    visit.people().note(Action::DeviceAllowed, &signed_in.user.id, Some(client_id), &visit.visitor(), now).await
}

async fn refuse(member: &Member, found: &Waiting) -> Result<bool, Halt> {
    let (db, now) = (&member.visit.account.house().db, member.visit.now());
    let code = found.user_code.as_str();
    Ok(db.transact::<_, StoreError>(async |tx| device_requests::refuse(tx, code, now).await).await?)
}

/// Tells that the device goes on by itself.
pub(crate) async fn show_done(member: Member) -> Result<Response, Halt> {
    let directory = member.visit.account.house().directory_at(member.visit.now())?;
    let client = directory.client(member.visit.typed("client_id")).ok_or(Halt::not_found())?;
    let view = DeviceDone {
        allowed: member.visit.params.get("allowed") == Some("yes"),
        application: client.client.name.clone(),
    };
    Ok(member.page(|frame| view.render(frame)))
}
