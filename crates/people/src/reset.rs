//! A forgotten password: a code by mail, then a new password. Everything that was signed in before ends.

use tollgate_crypto::SecretText;
use tollgate_model::{
    Timestamp,
    id::UserId,
    token::Revoked,
    user::{AccountType, EmailAddress, User},
};
use tollgate_store::{
    StoreError, activities, grants,
    mailed_codes::{self, CodePurpose, MailedCode},
    mails, revocations, users,
};

use crate::{
    Flow, People, Refused, Visitor,
    activity::Action,
    codes::{CODE_LIFETIME, Details, MadeFlow, NewFlow, Taken},
    mail::{Letter, Topic},
};

/// Links of an administrator for one account at a time.
const LINKS_MAX: u32 = 1;

/// The code was right: a new password may be set.
#[derive(Debug)]
pub struct ResetTicket {
    /// What the browser goes on with; good for a quarter of an hour, and once.
    pub secret: SecretText,
    /// Whose password it is.
    pub email: EmailAddress,
}

impl People {
    /// Sends a code for a new password to whoever has an account with this address. Answer and time are the same for
    /// everybody else.
    pub async fn begin_reset(
        &self,
        email: &EmailAddress,
        language: Option<&str>,
        visitor: &Visitor,
        now: Timestamp,
    ) -> Result<Flow, Refused> {
        self.count_mail(email, visitor, now).await?;
        let found = users::find_by_email(&self.house().db, email).await?;
        let may = found.filter(|user| user.account_type != AccountType::Federated);
        let user = match may {
            Some(user) if self.may_sign_in(&user, now)? => Some(user),
            _ => None,
        };
        let new = NewFlow {
            purpose: CodePurpose::ResetPassword,
            user_id: user.as_ref().map(|user| user.id.clone()),
            email: email.clone(),
            details: Details {
                language: user.as_ref().and_then(|user| user.language.clone()).or(language.map(str::to_owned)),
                name: user.as_ref().map(|user| user.name.clone()),
                decoy: user.is_none(),
                ..Details::default()
            },
            lifetime: CODE_LIFETIME,
        };
        let made = self.make_flow(&new, now);
        self.write_flow(&made, &self.code_mail(&new, &made, now)).await?;
        Ok(made.flow())
    }

    /// Uses the code up; the ticket that comes of it sets the password.
    pub async fn check_reset_code(
        &self,
        flow: &str,
        code: &str,
        visitor: &Visitor,
        now: Timestamp,
    ) -> Result<ResetTicket, Refused> {
        let row = self.flow(flow, CodePurpose::ResetPassword, now).await?;
        let attempt = self.attempt(Some(&row.email), visitor, now).await?;
        let made = self.reset_ticket(&row.email, row.user_id.as_ref(), now);
        let taken = self.house().db.transact::<_, Refused>(async |tx| {
            let taken = self.take_code(tx, &row, code, now).await?;
            if taken == Taken::Right {
                if row.user_id.is_none() {
                    return Ok(Taken::Over);
                }
                mailed_codes::insert(tx, &made.row, 1).await?;
            }
            Ok(taken)
        });
        taken.await?.accepted()?;
        attempt.give_back().await?;
        Ok(ResetTicket { secret: ticket_text(&made), email: row.email })
    }

    fn reset_ticket(&self, email: &EmailAddress, user: Option<&UserId>, now: Timestamp) -> MadeFlow {
        let new = NewFlow {
            purpose: CodePurpose::ResetPassword,
            user_id: user.cloned(),
            email: email.clone(),
            details: Details::default(),
            lifetime: CODE_LIFETIME,
        };
        self.make_long_flow(&new, now)
    }

    /// An address that leads to a new password for this person, for an administrator to pass on.
    pub async fn reset_link(&self, user: &UserId, now: Timestamp) -> Result<SecretText, Refused> {
        let user = self.present_user(user).await?;
        let new = NewFlow {
            purpose: CodePurpose::ResetPassword,
            user_id: Some(user.id.clone()),
            email: user.email.clone(),
            details: Details::default(),
            lifetime: CODE_LIFETIME,
        };
        let made = self.make_flow(&new, now);
        let written =
            self.house().db.transact::<_, StoreError>(async |tx| mailed_codes::insert(tx, &made.row, LINKS_MAX).await);
        written.await?;
        let (id, code) = (&made.row.id, made.code.reveal());
        Ok(SecretText::from(format!("{}/forgot/code?flow={id}&code={code}", self.issuer())))
    }

    /// Whose password a ticket sets.
    pub async fn reset_email(&self, ticket: &str, now: Timestamp) -> Result<EmailAddress, Refused> {
        self.reset_ticket_row(ticket, now).await.map(|(row, _)| row.email)
    }

    /// Sets the password. All sessions, grants and tokens of the person end; they sign in after it, with their second
    /// factor if they have one.
    pub async fn finish_reset(
        &self,
        ticket: &str,
        new: &SecretText,
        visitor: &Visitor,
        now: Timestamp,
    ) -> Result<(), Refused> {
        let (row, secret) = self.reset_ticket_row(ticket, now).await?;
        let user_id = row.user_id.clone().ok_or(Refused::CodeOver)?;
        let user = self.present_user(&user_id).await?;
        if !self.may_sign_in(&user, now)? {
            return Err(Refused::AccountDisabled);
        }
        let attempt = self.attempt(Some(&user.email), visitor, now).await?;
        let hash = self.hash_next_password(&user, new, now).await?;
        let mail = self.seal_letter(&self.password_changed_letter(&user), now);
        let entry = self.entry(Action::PasswordReset, &user.id, None, visitor, now);
        let taken = self.house().db.transact::<_, Refused>(async |tx| {
            let taken = self.take_code(tx, &row, &secret, now).await?;
            if taken != Taken::Right {
                return Ok(taken);
            }
            users::set_password(tx, &user.id, Some(&hash), false).await?;
            users::set_email_verified(tx, &user.id, true).await?;
            mailed_codes::delete_of_user(tx, &user.id, CodePurpose::ResetPassword).await?;
            activities::insert(tx, &entry).await?;
            mails::insert(tx, &mail).await?;
            grants::revoke_of_user(tx, &user.id, now).await?;
            self.close_sessions_of(tx, &user.id, None, now).await?;
            revocations::insert(tx, &self.revocation(Revoked::Subject(user.id.to_string()), now)).await?;
            Ok(taken)
        });
        taken.await?.accepted()?;
        self.house().directory.refresh().await?;
        attempt.succeeded().await?;
        Ok(())
    }

    pub(crate) fn password_changed_letter(&self, user: &User) -> Letter {
        Letter::to(user, Topic::PasswordChanged, &[("issuer", self.issuer())])
    }

    async fn reset_ticket_row(&self, ticket: &str, now: Timestamp) -> Result<(MailedCode, String), Refused> {
        self.long_flow(ticket, CodePurpose::ResetPassword, now).await
    }

    /// The flow that a ticket or link of the form `flow.secret` opens, and its secret. A wrong secret counts.
    pub(crate) async fn long_flow(
        &self,
        ticket: &str,
        purpose: CodePurpose,
        now: Timestamp,
    ) -> Result<(MailedCode, String), Refused> {
        let (flow, secret) = ticket.split_once('.').ok_or(Refused::CodeOver)?;
        let row = self.flow(flow, purpose, now).await?;
        if self.code_digest(flow, purpose, secret) == row.digest {
            return Ok((row, secret.to_owned()));
        }
        self.house().db.transact::<_, Refused>(async |tx| Ok(self.take_code(tx, &row, secret, now).await?)).await?;
        Err(Refused::CodeOver)
    }
}

/// A ticket or link: the flow, a dot, and its secret.
pub(crate) fn ticket_text(made: &MadeFlow) -> SecretText {
    SecretText::from(format!("{}.{}", made.row.id, made.code.reveal()))
}
