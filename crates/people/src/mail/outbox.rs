//! The worker that carries mails out of the database.

use std::{fmt, time::Duration};

use tollgate_model::{Seconds, Timestamp};
use tollgate_store::{
    StoreError,
    mails::{self, Mail},
};
use tollgate_web::Fault;

use super::{Letter, folder, seal_purpose, smtp::Smtp};
use crate::{People, settings::MailDelivery};

/// Time between two looks when nothing wakes the worker.
pub(crate) const MAIL_PERIOD: Duration = Duration::from_secs(5);
/// How long mails belong to the worker that took them: longer than it can take to send them all.
const LEASE: Seconds = Seconds(600);
/// Most mails taken at once.
const BATCH_MAILS_MAX: u32 = 10;
/// Pauses after each failed attempt; after the last of them the mail is given up.
const PAUSES: [Seconds; 7] =
    [Seconds(30), Seconds(120), Seconds(600), Seconds(1_800), Seconds(3_600), Seconds(4 * 3_600), Seconds(12 * 3_600)];
/// Longest reason that is kept.
const FAILURE_CHARS_MAX: usize = 300;

/// Why a mail was not sent.
#[derive(Debug)]
pub(crate) struct Failure {
    what: String,
    lasts: bool,
}

impl Failure {
    /// Trying again would not help.
    pub(super) fn lasting(what: impl Into<String>) -> Self {
        Self { what: what.into(), lasts: true }
    }

    /// Trying again may help.
    pub(super) fn passing(what: impl Into<String>) -> Self {
        Self { what: what.into(), lasts: false }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: String = self.what.chars().filter(|c| !c.is_control()).take(FAILURE_CHARS_MAX).collect();
        out.write_str(&shown)
    }
}

/// The way by which mails leave.
pub(crate) enum Carrier {
    Folder(std::path::PathBuf),
    Smtp(Box<Smtp>),
    /// Mails wait.
    None,
}

impl Carrier {
    /// The way that is configured.
    pub(crate) fn of(delivery: &MailDelivery) -> Result<Self, Failure> {
        Ok(match delivery {
            MailDelivery::Folder(folder) => Self::Folder(folder.clone()),
            MailDelivery::Smtp(settings) => Self::Smtp(Box::new(Smtp::new(settings)?)),
            MailDelivery::None => Self::None,
        })
    }

    async fn carry(&self, from: &str, mail: &Mail, letter: Letter) -> Result<(), Failure> {
        match self {
            Self::Folder(folder) => {
                let written =
                    folder::write(folder.clone(), from.to_owned(), mail.id.clone(), letter, mail.created_at).await;
                written.map_err(|fault| Failure::passing(format!("the folder of mails cannot be written: {fault}")))
            }
            Self::Smtp(smtp) => smtp.send(from, &mail.id, letter, mail.created_at).await,
            Self::None => Err(Failure::passing("no way for mail is configured")),
        }
    }
}

impl People {
    /// Carries out the mails that are due; tells how many were taken.
    pub(crate) async fn carry_mails(&self, carrier: &Carrier, now: Timestamp) -> Result<usize, Fault> {
        if matches!(carrier, Carrier::None) {
            return Ok(0);
        }
        let db = &self.house().db;
        let due = db.transact::<_, StoreError>(async |tx| mails::claim(tx, now, LEASE, BATCH_MAILS_MAX).await).await?;
        for mail in &due {
            let outcome = match self.open_letter(mail) {
                Ok(letter) => carrier.carry(&self.settings().mail.from, mail, letter).await,
                Err(failure) => Err(failure),
            };
            self.note_carried(mail, outcome).await?;
        }
        Ok(due.len())
    }

    pub(crate) fn open_letter(&self, mail: &Mail) -> Result<Letter, Failure> {
        let opened = self.house().master_key.open(&seal_purpose(&mail.id), &mail.message);
        let body = opened.ok().and_then(|bytes| String::from_utf8(bytes.reveal().to_vec()).ok());
        match (body, mail.recipient.parse()) {
            (Some(body), Ok(recipient)) => Ok(Letter { recipient, subject: mail.subject.clone(), body }),
            _ => Err(Failure::lasting("the mail cannot be read back")),
        }
    }

    async fn note_carried(&self, mail: &Mail, outcome: Result<(), Failure>) -> Result<(), Fault> {
        let now = self.house().clock.now();
        let attempts = usize::try_from(mail.attempts.saturating_sub(1)).unwrap_or(usize::MAX);
        self.house()
            .db
            .transact::<_, Fault>(async |tx| {
                match &outcome {
                    Ok(()) => mails::mark_sent(tx, &mail.id, now).await?,
                    Err(failure) => match PAUSES.get(attempts).filter(|_| !failure.lasts) {
                        Some(pause) => mails::retry(tx, &mail.id, now + *pause, &failure.to_string()).await?,
                        None => mails::mark_failed(tx, &mail.id, now, &failure.to_string()).await?,
                    },
                };
                Ok(())
            })
            .await?;
        if let Err(failure) = outcome {
            tracing::warn!(mail = mail.id, %failure, "a mail could not be sent");
        }
        Ok(())
    }
}
