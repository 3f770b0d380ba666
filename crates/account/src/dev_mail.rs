//! `/dev/mail`: the mails of a demo, for want of a mailbox.

use axum::{extract::Path, response::Response};
use tollgate_pages::views::mail::{Mail, MailList, MailPage};
use tollgate_people::mail::FolderMail;

use crate::{halt::Halt, visit::Visit};

/// Most mails that are listed.
const MAILS_MAX: usize = 100;

fn shown(mail: &FolderMail) -> Mail {
    Mail { id: mail.id.clone(), to: mail.to.clone(), subject: mail.subject.clone(), at: mail.at }
}

/// Lists the last mails.
pub(crate) async fn list(visit: Visit) -> Result<Response, Halt> {
    let mails = visit.people().mails(MAILS_MAX).await?.ok_or(Halt::not_found())?;
    let view = MailList { mails: mails.iter().map(shown).collect() };
    Ok(visit.page(None, |frame| view.render(frame)))
}

/// Shows one.
pub(crate) async fn one(Path(id): Path<String>, visit: Visit) -> Result<Response, Halt> {
    let mail = visit.people().mail(&id).await?.ok_or(Halt::not_found())?;
    let view = MailPage { mail: shown(&mail), text: mail.text };
    Ok(visit.page(None, |frame| view.render(frame)))
}
