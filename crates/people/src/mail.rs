//! Mails: written into the outbox with the change that causes them, carried out by a worker.
//!
//! What a mail says may be a code, so it is sealed until it is sent, and its text is emptied then.

mod folder;
mod letters;
mod outbox;
mod smtp;

use tollgate_model::{Seconds, Timestamp};
use tollgate_store::{mailed_codes::CodePurpose, mails::Mail};
use tollgate_web::Fault;

pub use folder::FolderMail;
pub(crate) use letters::{Letter, Topic};
pub(crate) use outbox::{Carrier, MAIL_PERIOD};

use crate::{
    People,
    codes::{self, MadeFlow, NewFlow},
    settings::MailDelivery,
};

/// Until then every mail is long deleted.
const NEVER: Seconds = Seconds(100 * 365 * Seconds::DAY.0);

impl People {
    /// The mails in the folder, newest first; `None` when mail does not go into a folder.
    pub async fn mails(&self, mails_max: usize) -> Result<Option<Vec<FolderMail>>, Fault> {
        let MailDelivery::Folder(folder) = &self.settings().mail.delivery else { return Ok(None) };
        folder::list(folder.clone(), mails_max).await.map(Some)
    }

    /// One mail of the folder.
    pub async fn mail(&self, id: &str) -> Result<Option<FolderMail>, Fault> {
        let MailDelivery::Folder(folder) = &self.settings().mail.delivery else { return Ok(None) };
        folder::find(folder.clone(), id).await
    }

    /// The base of all links: what is configured, never what a request called us.
    pub(crate) fn issuer(&self) -> &str {
        &self.house().instance.issuer
    }

    /// A letter as the outbox keeps it.
    pub(crate) fn seal_letter(&self, letter: &Letter, now: Timestamp) -> Mail {
        let house = self.house();
        let id = crate::activity::sorting_id(&*house.entropy, now);
        let message = house.master_key.seal(&*house.entropy, &seal_purpose(&id), letter.body.as_bytes());
        Mail {
            recipient: letter.recipient.to_string(),
            subject: letter.subject.clone(),
            message,
            created_at: now,
            due_at: now,
            attempts: 0,
            sent_at: None,
            failed_at: None,
            failure: None,
            id,
        }
    }

    /// The mail that brings the code of a flow. For a flow that only looks like one it is a mail to nobody that is never
    /// due, so that making and writing it takes as long.
    pub(crate) fn code_mail(&self, new: &NewFlow, made: &MadeFlow, now: Timestamp) -> Mail {
        let mail = self.seal_letter(&self.code_letter(new, made), now);
        if new.details.decoy {
            return Mail { recipient: String::new(), subject: String::new(), due_at: now + NEVER, ..mail };
        }
        mail
    }

    fn code_letter(&self, new: &NewFlow, made: &MadeFlow) -> Letter {
        let code = codes::shown(made.code.reveal());
        let (id, digits) = (&made.row.id, made.code.reveal());
        let name = new.details.name.as_deref().unwrap_or_default();
        let (topic, link) = match new.purpose {
            CodePurpose::SignUp => (Topic::SignUp, String::new()),
            CodePurpose::VerifyEmail => (Topic::Verify, String::new()),
            CodePurpose::ResetPassword => {
                (Topic::Reset, format!("{}/forgot/code?flow={id}&code={digits}", self.issuer()))
            }
            CodePurpose::Invitation => (Topic::Invitation, format!("{}/invitation?token={id}.{digits}", self.issuer())),
        };
        let organization = new.details.organization.as_deref().unwrap_or_default();
        let places = [("name", name), ("code", &code), ("link", &link), ("organization", organization)];
        Letter::new(&new.email, new.details.language.as_deref(), topic, &places)
    }
}

/// What the text of a mail is sealed for.
fn seal_purpose(id: &str) -> String {
    format!("mail {id}")
}

/// An id of a mail in a file's name.
fn is_id(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
