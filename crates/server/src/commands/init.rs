//! `tollgate init`: a new installation, whole or not at all.
//!
//! Everything is made beside its place, under names that end in `.unfinished`, and put in place at the end, the
//! configuration last: whatever interrupts it, there is no installation that looks finished and is not.

use std::path::{Path, PathBuf};

use serde::Serialize;
use tollgate_console::{
    Console,
    organizations::NewOrganization,
    users::{CreatedUser, NewUser},
};
use tollgate_crypto::{MasterKey, SystemEntropy};
use tollgate_model::{
    Clock, SystemClock,
    limit::Limits,
    organization::Organization,
    user::{EmailAddress, Role},
};
use tollgate_store::{DatabaseUrl, Db};

use crate::{
    cli::InitArguments,
    compose,
    config::{self, Config},
    error::CommandError,
    files::{self, PUBLIC_FILE_MODE},
    output::Output,
};

mod places;

use places::Places;

/// Holds the database URL when it names a server, because it may hold a password and the configuration is public.
const DATABASE_URL_FILE: &str = "tollgate.database-url";

/// Sets up a new installation for the configuration file `file`, which must not exist.
pub(crate) async fn run(arguments: &InitArguments, file: &Path) -> Result<(), CommandError> {
    let administrator: EmailAddress = arguments.administrator.parse()?;
    let given_url: DatabaseUrl = arguments.database.parse()?;
    let text = config::commented(&settings(arguments, &given_url));
    let config = Config::from_text(file, &text, std::iter::empty())?;

    let mut places = Places::default();
    let config_place = places.reserve(file)?;
    let key_place = places.reserve(&config.keys.master_key_file)?;
    if let Some(url_file) = &config.database.url_file {
        files::write_new_private(&places.reserve(url_file)?, arguments.database.as_bytes())?;
    }
    let url = match given_url.sqlite_path() {
        Some(_) => config.database.url.parse()?,
        None => given_url,
    };
    let unfinished_url = match url.sqlite_path() {
        Some(path) => DatabaseUrl::from(places.reserve(path)?.as_path()),
        None => url.clone(),
    };
    let master_key = MasterKey::generate(&SystemEntropy);
    files::write_new_private(&key_place, format!("{}\n", master_key.to_text().reveal()).as_bytes())?;
    files::write_new(&config_place, text.as_bytes(), PUBLIC_FILE_MODE)?;
    let (organization, administrator) =
        fill(&unfinished_url, &config, &master_key, &arguments.organization, administrator).await?;
    places.take()?;

    let made = Made {
        config_file: file.to_owned(),
        master_key_file: config.keys.master_key_file.clone(),
        database: url.to_string(),
        organization_id: organization.id.to_string(),
        organization: organization.name,
        administrator: administrator.user.email.to_string(),
        one_time_password: administrator.password.reveal().to_owned(),
    };
    let output = Output::new(arguments.json);
    if output.is_json() { output.json(&made) } else { output.line(made.screen(output)) }
}

/// What is set in the written file; the rest stays at the defaults.
fn settings(arguments: &InitArguments, url: &DatabaseUrl) -> Vec<(&'static str, &'static str, String)> {
    let mut settings = match url.sqlite_path() {
        Some(path) => vec![("database", "url", format!("sqlite:{}", path.display()))],
        None => vec![("database", "url_file", DATABASE_URL_FILE.to_owned())],
    };
    settings.extend(arguments.identity_url.clone().map(|url| ("identity", "public_url", url)));
    settings.extend(arguments.gateway_url.clone().map(|url| ("gateway", "public_url", url)));
    settings
}

/// Migrates the database and puts the first organization and its administrator into it. Nobody has it open afterwards.
async fn fill(
    url: &DatabaseUrl,
    config: &Config,
    master_key: &MasterKey,
    name: &str,
    email: EmailAddress,
) -> Result<(Organization, CreatedUser), CommandError> {
    let db = Db::open(url).await?;
    db.migrate(SystemClock.now()).await?;
    let console = Console::local(
        db,
        master_key.digest_key(),
        std::sync::Arc::new(SystemEntropy),
        std::sync::Arc::new(SystemClock),
        compose::authorities(config),
    );
    if !console.organizations().await?.is_empty() {
        return Err(CommandError::bad_input(format_args!(
            "the database {url} holds an installation already: name an empty one with --database"
        )));
    }
    let organization = console
        .create_organization(NewOrganization { name: name.to_owned(), id: None, limits: Limits::default() })
        .await?;
    let administrator =
        NewUser { organization_id: organization.id.clone(), name: email.to_string(), email, role: Role::Administrator };
    let administrator = console.create_user(administrator).await?;
    Ok((organization, administrator))
}

/// What was made, with the password that is shown this once.
#[derive(Serialize)]
struct Made {
    config_file: PathBuf,
    master_key_file: PathBuf,
    database: String,
    organization_id: String,
    organization: String,
    administrator: String,
    one_time_password: String,
}

impl Made {
    fn screen(&self, output: Output) -> String {
        let line = |label: &str, content: String| format!("  {label:20}{content}\n");
        let mut text = format!("\n  {}\n\n", output.bold("Tollgate is set up"));
        text += &line("Configuration", self.config_file.display().to_string());
        text += &line("Master key", self.master_key_file.display().to_string());
        text += &line("", output.faint("Keep a copy elsewhere: the database is of no use without it."));
        text += &line("Database", self.database.clone());
        text += &line("Organization", format!("{}  {}", self.organization, self.organization_id));
        text += &line("Administrator", self.administrator.clone());
        text += &line("One-time password", output.bold(&self.one_time_password));
        text += &line("", output.faint("Shown this once; it has to be changed at the first sign-in."));
        text + "\n  Start it with\n\n    tollgate serve --config " + &self.config_file.display().to_string() + "\n"
    }
}
