//! `tollgate session`

use serde::Serialize;
use tollgate_model::{Clock, SystemClock, id::SessionId, session::Session};
use tollgate_people::People;

use super::UserName;
use crate::{
    administration::{
        table::{Fit, Table},
        words::minute,
    },
    error::CommandError,
    output::Output,
};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Action {
    /// List the browsers in which a person is signed in
    List {
        /// E-mail address or user id
        #[arg(long)]
        user: UserName,
    },
    /// Sign a person out of one browser, or of all, and end the tokens that came of it
    End {
        /// E-mail address or user id
        #[arg(long)]
        user: UserName,
        /// The session's id, from `tollgate session list`
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        session: Option<SessionId>,
        /// All sessions of the person
        #[arg(long)]
        all: bool,
    },
}

impl Action {
    /// Whether something is different afterwards.
    pub(super) fn changes(&self) -> bool {
        matches!(self, Self::End { .. })
    }
}

pub(super) async fn run(action: Action, people: &People, output: Output) -> Result<(), CommandError> {
    let now = SystemClock.now();
    match action {
        Action::List { user } => list(&people.sessions(&user.find(people).await?.id, now).await?, output),
        Action::End { user, session: Some(session), .. } => {
            let user = user.find(people).await?;
            if !people.end_session(&user.id, &session, now).await? {
                return Err(CommandError::bad_input(format_args!(
                    "{} has no session `{session}`: `tollgate session list --user {}` shows those there are",
                    user.email, user.email
                )));
            }
            ended(1, output)
        }
        Action::End { user, session: None, .. } => {
            ended(people.end_all_sessions(&user.find(people).await?.id, now).await?, output)
        }
    }
}

#[derive(Serialize)]
struct Ended {
    ended: usize,
}

fn ended(count: usize, output: Output) -> Result<(), CommandError> {
    if output.is_json() {
        return output.json(&Ended { ended: count });
    }
    match count {
        0 => output.line("There was no session to end."),
        1 => output.line("One session is ended, with its tokens."),
        count => output.line(format_args!("{count} sessions are ended, with their tokens.")),
    }
}

#[derive(Serialize)]
struct SessionView<'a> {
    id: &'a str,
    methods: String,
    authenticated_at: String,
    last_seen_at: String,
    expires_at: String,
    address: &'a str,
    user_agent: &'a str,
}

impl<'a> From<&'a Session> for SessionView<'a> {
    fn from(own: &'a Session) -> Self {
        let Session { id, methods, authenticated_at, last_seen_at, expires_at, address, user_agent, .. } = own;
        SessionView {
            id: id.as_str(),
            methods: methods.to_string(),
            authenticated_at: authenticated_at.to_string(),
            last_seen_at: last_seen_at.to_string(),
            expires_at: expires_at.to_string(),
            address,
            user_agent,
        }
    }
}

fn list(all: &[Session], output: Output) -> Result<(), CommandError> {
    if output.is_json() {
        return output.json(&all.iter().map(SessionView::from).collect::<Vec<_>>());
    }
    let mut table = Table::new([
        ("id", Fit::Whole),
        ("signed in", Fit::Whole),
        ("by", Fit::Whole),
        ("last seen", Fit::Whole),
        ("address", Fit::Spare),
        ("browser", Fit::Cut),
    ]);
    for own in all {
        table.row([
            own.id.to_string(),
            minute(own.authenticated_at),
            own.methods.to_string(),
            minute(own.last_seen_at),
            own.address.clone(),
            own.user_agent.clone(),
        ]);
    }
    table.print(output, "No session: the person is signed in nowhere.")
}
