//! `/account/applications`: whom one let in.

use axum::response::Response;
use tollgate_model::{id::ClientId, scope::ScopeSet};
use tollgate_pages::{
    Application, Notice,
    views::applications::{ConnectedApplication, ConnectedApplications},
};

use crate::{
    appearance::{application, asked_scopes},
    halt::Halt,
    member::{Member, MemberForm},
    onward::Onward,
};

/// Shows the applications with what they may do.
pub(crate) async fn show(member: Member) -> Result<Response, Halt> {
    let Member { visit, signed_in } = &member;
    let connected = visit.people().connected_applications(&signed_in.user.id, visit.now()).await?;
    let directory = visit.account.house().directory_at(visit.now())?;
    let nothing = ScopeSet::empty();
    let applications = connected.into_iter().map(|own| ConnectedApplication {
        application: directory.client(own.client_id.as_str()).map_or_else(
            || Application {
                client_id: own.client_id.to_string(),
                name: own.name,
                publisher: String::new(),
                logo: None,
            },
            |client| application(client),
        ),
        scopes: asked_scopes(&directory, &own.scopes, &nothing),
        since: own.since,
        last_used_at: own.last_used_at,
    });
    let view = ConnectedApplications { applications: applications.collect() };
    Ok(member.page(|frame| view.render(frame)))
}

/// Takes an application's access back, at once.
pub(crate) async fn take(MemberForm(member): MemberForm) -> Result<Response, Halt> {
    let Member { visit, signed_in } = &member;
    let client_id: ClientId = visit.typed("client_id").parse().map_err(|_| Halt::not_found())?;
    visit.people().disconnect(&signed_in.user.id, &client_id, Some(&visit.visitor()), visit.now()).await?;
    Ok(Onward::to("/account/applications").notice(Notice::ApplicationRevoked).see_other())
}
