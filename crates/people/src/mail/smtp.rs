//! Mails to a mail server (SMTP, RFC 5321) with TLS by rustls.

use std::time::Duration;

use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
    transport::smtp::authentication::Credentials,
};
use tollgate_model::Timestamp;

use super::{Letter, outbox::Failure};
use crate::settings::SmtpSettings;

/// How long one mail may take.
const SEND_TIMEOUT: Duration = Duration::from_secs(30);

/// A mail server.
pub(crate) struct Smtp(AsyncSmtpTransport<Tokio1Executor>);

impl Smtp {
    pub(super) fn new(settings: &SmtpSettings) -> Result<Self, Failure> {
        // What is wrong with an address is not repeated: it may hold a password.
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(&settings.url)
            .map_err(|_| Failure::lasting("the address of the mail server cannot be used"))?;
        let builder = builder.timeout(Some(SEND_TIMEOUT));
        let builder = match (&settings.user, &settings.password) {
            (Some(user), Some(password)) => {
                builder.credentials(Credentials::new(user.clone(), password.reveal().to_owned()))
            }
            _ => builder,
        };
        Ok(Self(builder.build()))
    }

    pub(super) async fn send(&self, from: &str, id: &str, letter: Letter, at: Timestamp) -> Result<(), Failure> {
        let message = message(from, id, letter, at)?;
        match self.0.send(message).await {
            Ok(_) => Ok(()),
            Err(fault) if fault.is_permanent() => Err(Failure::lasting(fault.to_string())),
            Err(fault) => Err(Failure::passing(fault.to_string())),
        }
    }
}

fn message(from: &str, id: &str, letter: Letter, at: Timestamp) -> Result<Message, Failure> {
    let mailbox = |text: &str| text.parse::<Mailbox>();
    let sender = mailbox(from).map_err(|_| Failure::lasting("the sender's address cannot be used"))?;
    let recipient =
        mailbox(letter.recipient.as_str()).map_err(|_| Failure::lasting("the recipient's address cannot be used"))?;
    let domain = sender.email.domain().to_owned();
    let since_epoch = Duration::from_secs(u64::try_from(at.seconds()).unwrap_or_default());
    let message = Message::builder()
        .from(sender)
        .to(recipient)
        .subject(letter.subject)
        .date(std::time::UNIX_EPOCH + since_epoch)
        .message_id(Some(format!("<{id}@{domain}>")))
        .header(ContentType::TEXT_PLAIN)
        .body(letter.body);
    message.map_err(|fault| Failure::lasting(fault.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_one_recipient_and_a_subject_cannot_add_a_header() {
        let letter = Letter {
            recipient: "ada@example.com".parse().unwrap(),
            subject: "Ihr Code für ein neues Passwort\r\nBcc: all@example.com".to_owned(),
            body: "Grüße".to_owned(),
        };
        let message = message("Tollgate <no-reply@example.com>", "abc", letter, Timestamp::from_seconds(0)).unwrap();
        let text = String::from_utf8(message.formatted()).unwrap();
        assert!(!text.contains("\nBcc:"), "{text}");
        assert!(text.contains("Message-ID: <abc@example.com>"), "{text}");
        assert_eq!(message.envelope().to().len(), 1);
    }

    #[tokio::test]
    async fn an_address_that_cannot_be_used_is_not_repeated() {
        let settings = SmtpSettings { url: "ftp://user:secret@host".to_owned(), user: None, password: None };
        let Err(failure) = Smtp::new(&settings) else { panic!("an FTP server takes no mail") };
        assert!(!failure.to_string().contains("secret"));
    }
}
