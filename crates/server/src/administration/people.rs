//! Administration of people: accounts, sessions, consents, and the identity providers that sign people in for us.
//!
//! Every command asks [`People`], as the pages do; what is here reads arguments and prints answers.

mod consent;
mod provider;
mod session;
mod user;

use std::str::FromStr;

use tollgate_console::Console;
use tollgate_model::{
    id::UserId,
    user::{EmailAddress, User},
};
use tollgate_people::{People, Refused, accounts::AccountName};

use super::{Noun, SETTLE};
use crate::error::CommandError;

/// The commands that administer people.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// People: the accounts that sign in
    User(Noun<user::Action>),
    /// Sessions: the browsers in which somebody is signed in
    Session(Noun<session::Action>),
    /// Consents: what people agreed to for which application
    Consent(Noun<consent::Action>),
    /// Identity providers of organizations, and the mail domains whose people they sign in
    IdentityProvider(Noun<provider::Action>),
}

/// Runs one command and prints its answer.
pub(crate) async fn run(command: Command, people: &People, console: &Console) -> Result<(), CommandError> {
    let changes = match command {
        Command::User(Noun { action, form }) => {
            let changes = action.changes();
            user::run(action, people, console, form.output()).await?;
            changes
        }
        Command::Session(Noun { action, form }) => {
            let changes = action.changes();
            session::run(action, people, form.output()).await?;
            changes
        }
        Command::Consent(Noun { action, form }) => {
            let changes = action.changes();
            consent::run(action, people, form.output()).await?;
            changes
        }
        Command::IdentityProvider(Noun { action, form }) => {
            let changes = action.changes();
            provider::run(action, people, console, form.output()).await?;
            changes
        }
    };
    if changes {
        tokio::time::sleep(SETTLE).await;
    }
    Ok(())
}

/// A person, named by id or e-mail address.
#[derive(Debug, Clone)]
pub(crate) struct UserName(AccountName);

impl FromStr for UserName {
    type Err = tollgate_model::Invalid;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // An id of ours is an e-mail address by its form; its local part is not one that people have.
        if let Ok(id) = text.parse::<UserId>() {
            return Ok(Self(AccountName::Id(id)));
        }
        text.parse::<EmailAddress>().map(|email| Self(AccountName::Email(email)))
    }
}

impl UserName {
    pub(super) async fn find(&self, people: &People) -> Result<User, CommandError> {
        people.account(&self.0).await.map_err(|refused| match (refused, &self.0) {
            (Refused::NotFound, AccountName::Id(id)) => unknown(id.as_str()),
            (Refused::NotFound, AccountName::Email(email)) => unknown(email.as_str()),
            (other, _) => other.into(),
        })
    }
}

fn unknown(name: &str) -> CommandError {
    CommandError::bad_input(format_args!("user `{name}` does not exist: `tollgate user list` shows those that do"))
}

impl From<Refused> for CommandError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Fault(fault) => fault.into(),
            refused => Self::bad_input(refused),
        }
    }
}

impl From<tollgate_web::Fault> for CommandError {
    fn from(fault: tollgate_web::Fault) -> Self {
        Self::Fault(format!("the command was not carried out: {fault}"))
    }
}
