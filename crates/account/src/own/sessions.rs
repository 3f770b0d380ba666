//! `/account/sessions`: where one is signed in.

use axum::response::Response;
use tollgate_model::id::SessionId;
use tollgate_pages::{
    Device, Notice,
    views::sessions::{SessionRow, Sessions},
};
use tollgate_web::cookies::SESSION_COOKIE;

use crate::{
    halt::Halt,
    member::{Member, MemberForm},
    onward::Onward,
};

/// Shows the sessions, this one first.
pub(crate) async fn show(member: Member) -> Result<Response, Halt> {
    let Member { visit, signed_in } = &member;
    let own = visit.people().sessions(&signed_in.user.id, visit.now()).await?;
    let mut sessions: Vec<SessionRow> = own
        .into_iter()
        .map(|session| SessionRow {
            current: session.id == signed_in.session.id,
            device: Device::from_user_agent(&session.user_agent),
            id: session.id,
            address: session.address,
            created_at: session.created_at,
            last_seen_at: session.last_seen_at,
        })
        .collect();
    sessions.sort_by_key(|session| !session.current);
    let view = Sessions { sessions };
    Ok(member.page(|frame| view.render(frame)))
}

/// Ends one session, or all others.
pub(crate) async fn take(MemberForm(member): MemberForm) -> Result<Response, Halt> {
    let Member { visit, signed_in } = &member;
    let here = Onward::to("/account/sessions");
    Ok(match visit.params.get("action") {
        Some("end_others") => {
            visit.people().end_other_sessions(signed_in, &visit.visitor(), visit.now()).await?;
            here.notice(Notice::OtherSessionsEnded)
        }
        Some("end") => {
            let id: SessionId = visit.typed("id").parse().map_err(|_| Halt::not_found())?;
            if id == signed_in.session.id {
                visit.people().sign_out(signed_in, &visit.visitor(), visit.now()).await?;
                Onward::to("/signed-out").cookie(visit.cookies().delete(SESSION_COOKIE))
            } else {
                // One that ended meanwhile is as ended as one that ends now.
                visit.people().end_listed_session(signed_in, &id, &visit.visitor(), visit.now()).await?;
                here.notice(Notice::SessionEnded)
            }
        }
        _ => return Err(Halt::unreadable(http::StatusCode::BAD_REQUEST, None)),
    }
    .see_other())
}
