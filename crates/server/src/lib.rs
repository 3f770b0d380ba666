//! The one binary: command line, configuration, composition of the wings, listeners, supervision.
//!
//! This room knows how the house is put together and what a user sees of it; it decides nothing about tokens, keys or
//! calls. Read it in this order: `cli`, [`config`], [`compose`] with [`face`], [`listen`], `supervise`, `demo`.

mod administration;
mod cli;
mod commands;
pub mod compose;
pub mod config;
pub mod database;
mod demo;
pub mod error;
pub mod face;
mod files;
pub mod listen;
mod location;
mod notify;
mod output;
mod signal;
mod supervise;
mod telemetry;

use std::{
    io::{IsTerminal, Write},
    process::ExitCode,
    time::{Duration, Instant},
};

use clap::{CommandFactory, Parser, error::ErrorKind};

use cli::{Cli, Command, KeysAction};
use error::CommandError;
use output::Output;

/// How long a thread for slow work is kept without any: hashing a password needs 19 MiB, which go with the thread.
const IDLE_THREAD_MAX: Duration = Duration::from_secs(1);

/// Runs the command that the process was started with. Ends with 0, with 1 after a fault, with 2 after bad input; what went
/// wrong is one line on standard error.
pub fn main() -> ExitCode {
    let began = Instant::now();
    let outcome = match Cli::try_parse() {
        Ok(cli) => start(cli, began),
        Err(asked) if is_help(asked.kind()) => {
            // A reader that went away has seen enough.
            let _ = asked.print();
            return ExitCode::from(if asked.use_stderr() { 2 } else { 0 });
        }
        Err(wrong) => Err(CommandError::bad_input(administration::one_line(&wrong))),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            report(&failed);
            ExitCode::from(failed.exit_code())
        }
    }
}

const fn is_help(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    )
}

fn report(failed: &CommandError) {
    let mut out = std::io::stderr().lock();
    let name = if out.is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        "\x1b[31mtollgate:\x1b[0m"
    } else {
        "tollgate:"
    };
    // Where standard error is closed there is nobody to tell.
    let _ = writeln!(out, "{name} {failed}");
}

fn start(cli: Cli, began: Instant) -> Result<(), CommandError> {
    let mut runtime = match cli.command {
        // What serves uses every core; a command that is over in a moment starts no threads.
        Command::Demo(_) | Command::Serve => tokio::runtime::Builder::new_multi_thread(),
        _ => tokio::runtime::Builder::new_current_thread(),
    };
    let runtime = runtime
        .enable_all()
        .thread_keep_alive(IDLE_THREAD_MAX)
        .build()
        .map_err(|cause| CommandError::fault("cannot start", &cause))?;
    let outcome = runtime.block_on(carry_out(cli, began));
    // What still runs has had its time to stop.
    runtime.shutdown_background();
    telemetry::finish();
    outcome
}

async fn carry_out(cli: Cli, began: Instant) -> Result<(), CommandError> {
    let Cli { location, command } = cli;
    match command {
        // Boxed, so that the commands that need little are not given the room of the one that needs most.
        Command::Demo(arguments) => Box::pin(demo::run(&arguments, &location.demo_folder()?, began)).await,
        Command::Serve => commands::serve::run(&location.config_file()?, began).await,
        Command::Init(arguments) => commands::init::run(&arguments, &location.config_file()?).await,
        Command::CheckConfig => commands::check_config::run(&location.config_file()?).await,
        Command::Migrate => commands::migrate::run(&location.configuration()?).await,
        Command::Backup { file } => commands::backup::back_up(&location.configuration()?, &file).await,
        Command::Restore { file, replace } => {
            commands::backup::restore(&location.configuration()?, &file, replace).await
        }
        Command::Keys { action: KeysAction::List { json } } => {
            commands::keys::list(&location.configuration()?, json).await
        }
        Command::Keys { action: KeysAction::Rotate { at_once, json } } => {
            commands::keys::rotate(&location.configuration()?, at_once, json).await
        }
        Command::Administration(command) => {
            let console = database::console(&location.configuration()?).await?;
            administration::run(command, &console).await
        }
        Command::People(command) => {
            let config = location.configuration()?;
            let console = database::console(&config).await?;
            let house = compose::house(&config, database::open(&config).await?, database::master_key(&config)?).await?;
            administration::people::run(command, &compose::people(&config, house)?, &console).await
        }
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "tollgate", &mut script);
            Output::new(false).line(String::from_utf8_lossy(&script))
        }
    }
}
