//! Administration from the command line: the console's use cases, one noun a file, on the local database.
//!
//! Every command asks the [`Console`], which decides; what is here reads arguments, prints answers, and puts refusals
//! in words of the command line. Read it in this order: [`arguments`], [`views`] (the JSON), [`table`], then any noun.

mod arguments;
mod certificate;
mod credential;
mod new_credential;
mod organization;
pub(crate) mod people;
mod private_key;
mod project;
mod refusals;
mod secret;
mod service;
mod service_arguments;
mod sign_in_arguments;
mod subscription;
mod table;
mod usage;
mod usage_error;
mod views;
mod words;

use std::time::Duration;

use tollgate_console::Console;

pub(crate) use usage_error::one_line;

use crate::{error::CommandError, output::Output};

/// The commands that administer the local database.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Organizations: who owns projects and credentials
    Organization(Noun<organization::Action>),
    /// Projects: one for each application of an organization
    Project(Noun<project::Action>),
    /// Services: the APIs behind the gateway
    Service(Noun<service::Action>),
    /// Credentials: what applications name and prove themselves with
    Credential(Noun<credential::Action>),
    /// Secrets of credentials: client secrets and secret keys
    Secret(Noun<secret::Action>),
    /// Certificates that service accounts sign with
    Certificate(Noun<certificate::Action>),
    /// Subscriptions: which credential may call which service
    Subscription(Noun<subscription::Action>),
    /// Calls counted by the gateway
    Usage(usage::Arguments),
}

/// What can be done with one noun.
#[derive(Debug, clap::Args)]
pub(crate) struct Noun<A: clap::Subcommand> {
    #[command(subcommand)]
    action: A,
    #[command(flatten)]
    form: Form,
}

/// How an answer is printed.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Form {
    /// Print JSON instead of a table
    #[arg(long, global = true)]
    json: bool,
}

impl Form {
    fn output(self) -> Output {
        Output::new(self.json)
    }
}

/// How long a command stays after a change. Servers on the same database look for changes every 50 ms; whoever types
/// the next command, or runs it from a script, finds this one in effect.
const SETTLE: Duration = Duration::from_millis(100);

/// Runs one command and prints its answer.
pub(crate) async fn run(command: Command, console: &Console) -> Result<(), CommandError> {
    let changes = command.changes();
    carry_out(command, console).await?;
    if changes {
        tokio::time::sleep(SETTLE).await;
    }
    Ok(())
}

impl Command {
    /// Whether the command changes what a server has in memory.
    fn changes(&self) -> bool {
        match self {
            Self::Organization(noun) => noun.action.changes(),
            Self::Project(noun) => noun.action.changes(),
            Self::Usage(_) => false,
            Self::Service(noun) => noun.action.changes(),
            Self::Credential(noun) => noun.action.changes(),
            Self::Secret(noun) => noun.action.changes(),
            Self::Certificate(noun) => noun.action.changes(),
            Self::Subscription(noun) => noun.action.changes(),
        }
    }
}

async fn carry_out(command: Command, console: &Console) -> Result<(), CommandError> {
    match command {
        Command::Organization(noun) => organization::run(noun.action, console, noun.form.output()).await,
        Command::Project(noun) => project::run(noun.action, console, noun.form.output()).await,
        Command::Service(noun) => service::run(noun.action, console, noun.form.output()).await,
        Command::Credential(noun) => credential::run(noun.action, console, noun.form.output()).await,
        Command::Secret(noun) => secret::run(noun.action, console, noun.form.output()).await,
        Command::Certificate(noun) => certificate::run(noun.action, console, noun.form.output()).await,
        Command::Subscription(noun) => subscription::run(noun.action, console, noun.form.output()).await,
        Command::Usage(arguments) => usage::run(arguments, console).await,
    }
}
