//! `tollgate consent`

use serde::Serialize;
use tollgate_model::{Clock, SystemClock, id::ClientId};
use tollgate_people::{ConnectedApplication, People};

use super::UserName;
use crate::{
    administration::{
        table::{Fit, Table},
        words::{minute, never, scopes},
    },
    error::CommandError,
    output::Output,
};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Action {
    /// List what a person agreed to, by application
    List {
        /// E-mail address or user id
        #[arg(long)]
        user: UserName,
    },
    /// Take back what a person agreed to for one application, and end its tokens for them
    Revoke {
        /// E-mail address or user id
        #[arg(long)]
        user: UserName,
        /// The application's client id
        #[arg(long)]
        credential: ClientId,
    },
}

impl Action {
    /// Whether something is different afterwards.
    pub(super) fn changes(&self) -> bool {
        matches!(self, Self::Revoke { .. })
    }
}

pub(super) async fn run(action: Action, people: &People, output: Output) -> Result<(), CommandError> {
    let now = SystemClock.now();
    match action {
        Action::List { user } => list(&people.connected_applications(&user.find(people).await?.id, now).await?, output),
        Action::Revoke { user, credential } => {
            let user = user.find(people).await?;
            if !people.disconnect(&user.id, &credential, None, now).await? {
                return Err(CommandError::bad_input(format_args!(
                    "{} has agreed to nothing for `{credential}`: `tollgate consent list --user {}` shows to what",
                    user.email, user.email
                )));
            }
            if output.is_json() {
                return output.json(&Revoked { revoked: credential.as_str() });
            }
            output.line(format_args!("{credential} may no longer act for {}.", user.email))
        }
    }
}

#[derive(Serialize)]
struct Revoked<'a> {
    revoked: &'a str,
}

#[derive(Serialize)]
struct ConsentView<'a> {
    client_id: &'a str,
    name: &'a str,
    scopes: String,
    since: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<String>,
}

impl<'a> From<&'a ConnectedApplication> for ConsentView<'a> {
    fn from(own: &'a ConnectedApplication) -> Self {
        let ConnectedApplication { client_id, name, scopes, since, last_used_at, .. } = own;
        ConsentView {
            client_id: client_id.as_str(),
            name,
            scopes: scopes.space_separated(),
            since: since.to_string(),
            last_used_at: last_used_at.map(|at| at.to_string()),
        }
    }
}

fn list(all: &[ConnectedApplication], output: Output) -> Result<(), CommandError> {
    if output.is_json() {
        return output.json(&all.iter().map(ConsentView::from).collect::<Vec<_>>());
    }
    let mut table = Table::new([
        ("client id", Fit::Whole),
        ("application", Fit::Cut),
        ("scopes", Fit::Whole),
        ("since", Fit::Whole),
        ("last used", Fit::Whole),
    ]);
    for own in all {
        table.row([
            own.client_id.to_string(),
            own.name.clone(),
            scopes(&own.scopes),
            minute(own.since),
            own.last_used_at.map_or_else(never, minute),
        ]);
    }
    table.print(output, "The person has agreed to nothing for any application.")
}
