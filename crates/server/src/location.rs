//! Which installation a command is about: a configuration file, or the folder of a demo.

use std::path::{Path, PathBuf};

use crate::{config::Config, error::CommandError};

/// The configuration file that is looked for when none is named.
pub(crate) const CONFIG_FILE: &str = "tollgate.toml";
/// The demo folder that is looked for, or made, when none is named.
pub(crate) const DEMO_FOLDER: &str = "tollgate-demo";

/// Where to look; with neither, `./tollgate.toml` and then `./tollgate-demo`.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Where")]
pub(crate) struct Location {
    /// The configuration file [default: ./tollgate.toml]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The folder of a demo [default: ./tollgate-demo]
    #[arg(long, global = true, value_name = "FOLDER", conflicts_with = "config")]
    pub(crate) dir: Option<PathBuf>,
}

impl Location {
    /// The configuration file of a command that needs one.
    pub(crate) fn config_file(&self) -> Result<PathBuf, CommandError> {
        match &self.dir {
            Some(_) => Err(CommandError::bad_input(
                "this command takes no --dir: name a configuration file with --config FILE",
            )),
            None => Ok(self.config.clone().unwrap_or_else(|| CONFIG_FILE.into())),
        }
    }

    /// The folder of the demo command.
    pub(crate) fn demo_folder(&self) -> Result<PathBuf, CommandError> {
        match &self.config {
            Some(_) => Err(CommandError::bad_input(
                "the demo takes no configuration file: leave out --config, or run `tollgate serve`",
            )),
            None => Ok(self.dir.clone().unwrap_or_else(|| DEMO_FOLDER.into())),
        }
    }

    /// The configuration of the installation that is meant.
    pub(crate) fn configuration(&self) -> Result<Config, CommandError> {
        if let Some(file) = &self.config {
            return Config::load(file);
        }
        if let Some(folder) = &self.dir {
            return of_demo(folder);
        }
        if Path::new(CONFIG_FILE).exists() {
            return Config::load(Path::new(CONFIG_FILE));
        }
        if Path::new(DEMO_FOLDER).is_dir() {
            return of_demo(Path::new(DEMO_FOLDER));
        }
        Err(CommandError::bad_input(format_args!(
            "there is neither {CONFIG_FILE} nor {DEMO_FOLDER} in this folder: name one with --config FILE or --dir FOLDER, \
             or make one with `tollgate init` or `tollgate demo`"
        )))
    }
}

/// A demo keeps its files under the names that the defaults give them.
fn of_demo(folder: &Path) -> Result<Config, CommandError> {
    if !folder.is_dir() {
        return Err(CommandError::bad_input(format_args!(
            "there is no folder {}: name the folder of a demo, or make one with `tollgate demo --dir {0}`",
            folder.display()
        )));
    }
    Config::of_demo(folder)
}
