//! The mails of a demo, for want of a mailbox.

use tollgate_model::Timestamp;

use super::page;

/// `/dev/mail`: links to `/dev/mail/{id}`.
#[derive(Debug, Clone)]
pub struct MailList {
    /// The mails, latest first.
    pub mails: Vec<Mail>,
}
page!(MailList, "mail_list.html");

/// `/dev/mail/{id}`.
#[derive(Debug, Clone)]
pub struct MailPage {
    /// The mail.
    pub mail: Mail,
    /// Its plain text; addresses that begin with `http` become links.
    pub text: String,
}
page!(MailPage, "mail.html");

/// What a mail is known by.
#[derive(Debug, Clone)]
pub struct Mail {
    /// The last part of its address.
    pub id: String,
    /// Whom it is to.
    pub to: String,
    /// What it is about.
    pub subject: String,
    /// When it was written.
    pub at: Timestamp,
}

/// A part of a mail's text.
pub(crate) struct Piece<'a> {
    pub(crate) text: &'a str,
    pub(crate) is_link: bool,
}

impl MailPage {
    /// The text, cut where links begin and end.
    pub(crate) fn pieces(&self) -> Vec<Piece<'_>> {
        let words = self.text.split_inclusive(char::is_whitespace);
        let cut = words.flat_map(|word| {
            let (text, space) = word.split_at(word.trim_end().len());
            let is_link = text.starts_with("http://") || text.starts_with("https://");
            [Piece { text, is_link }, Piece { text: space, is_link: false }]
        });
        cut.filter(|piece| !piece.text.is_empty()).collect()
    }
}
