//! The command line: one binary, everything that is done with it.

use std::{net::IpAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand};

use crate::{administration, location::Location};

/// Identity system and API gateway in one binary
#[derive(Debug, Parser)]
#[command(
    name = "tollgate",
    version,
    propagate_version = true,
    subcommand_required = true,
    arg_required_else_help = true
)]
#[command(max_term_width = 100, disable_help_subcommand = true, infer_long_args = false)]
pub(crate) struct Cli {
    /// Which installation is meant.
    #[command(flatten)]
    pub(crate) location: Location,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start everything on this machine with an example to try
    Demo(DemoArguments),
    /// Serve for real, from a configuration file
    Serve,
    /// Set up a new installation: configuration, master key, database, first organization
    Init(InitArguments),
    /// Say whether the configuration may be served, and what is wrong
    CheckConfig,
    /// Bring the database to this version
    Migrate,
    /// Copy the database to a file while it is in use
    Backup {
        /// The file to write; must not exist
        file: PathBuf,
    },
    /// Put a backup in the place of the database; nothing may be serving it
    Restore {
        /// The backup to read
        file: PathBuf,
        /// Replace the database that is there
        #[arg(long)]
        replace: bool,
    },
    /// The keys that tokens are signed with
    Keys {
        /// What to do with them.
        #[command(subcommand)]
        action: KeysAction,
    },
    /// Administration of what is in the database.
    #[command(flatten)]
    Administration(administration::Command),
    /// Administration of people.
    #[command(flatten)]
    People(administration::people::Command),
    /// Print the completions of a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// Options of `demo`.
#[derive(Debug, Args)]
pub(crate) struct DemoArguments {
    /// The address to answer on; with `localhost`, browsers take passkeys too, which need a name
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1", value_parser = host)]
    pub(crate) host: DemoHost,
    /// The port of the identity system and the console; 0 for any free one
    #[arg(long, default_value_t = 8080)]
    pub(crate) port: u16,
    /// The port of the gateway; 0 for any free one
    #[arg(long, value_name = "PORT", default_value_t = 8090)]
    pub(crate) gateway_port: u16,
    /// The port of the example web application; 8070 when that is free, else any free one
    #[arg(long, value_name = "PORT")]
    pub(crate) app_port: Option<u16>,
    /// Write everything that the screen says to this file, as JSON, once both ports answer
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Speak HTTPS, with a development authority that is made once
    #[arg(long)]
    pub(crate) tls: bool,
}

/// Options of `init`.
#[derive(Debug, Args)]
pub(crate) struct InitArguments {
    /// The name of the first organization
    #[arg(long, value_name = "NAME", default_value = "First organization")]
    pub(crate) organization: String,
    /// The e-mail address that its administrator signs in with
    #[arg(long, value_name = "EMAIL", default_value = "administrator@localhost.localdomain")]
    pub(crate) administrator: String,
    /// The database: sqlite:FILE or postgres://...
    #[arg(long, value_name = "URL", default_value = "sqlite:tollgate.db")]
    pub(crate) database: String,
    /// How clients reach the identity system and console
    #[arg(long, value_name = "URL")]
    pub(crate) identity_url: Option<String>,
    /// How callers reach the gateway
    #[arg(long, value_name = "URL")]
    pub(crate) gateway_url: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// What can be done with signing keys.
#[derive(Debug, Subcommand)]
pub(crate) enum KeysAction {
    /// The signing keys: which sign, which are only published
    List {
        /// Print JSON instead of a table
        #[arg(long)]
        json: bool,
    },
    /// Make new signing keys, published at once and used soon
    Rotate {
        /// Sign with them now, without publishing them first; verifiers that keep keys for long may refuse tokens
        #[arg(long)]
        at_once: bool,
        /// Print JSON instead of a table
        #[arg(long)]
        json: bool,
    },
}

/// Where a demo answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DemoHost {
    /// The address of this machine.
    pub(crate) ip: IpAddr,
    /// Whether it is to be called `localhost`.
    pub(crate) is_named: bool,
}

/// An IP address, or `localhost`.
fn host(text: &str) -> Result<DemoHost, String> {
    if text == "localhost" {
        return Ok(DemoHost { ip: IpAddr::from([127, 0, 0, 1]), is_named: true });
    }
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let ip = bare
        .parse()
        .map_err(|_| "give an IP address of this machine, such as 127.0.0.1 or ::1, or localhost".to_owned())?;
    Ok(DemoHost { ip, is_named: false })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_tree_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_example_of_the_guide_parses() {
        let line = "tollgate service create --code WeatherSDK --name Weather --authorization api_key --path /weather \
                    --upstream http://127.0.0.1:3000 --dir ./tollgate-demo";
        let cli = Cli::try_parse_from(line.split_whitespace()).unwrap();
        assert_eq!(cli.location.dir.unwrap(), PathBuf::from("./tollgate-demo"));
    }
}
