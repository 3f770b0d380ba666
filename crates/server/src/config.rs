//! The configuration: one TOML file over compiled-in defaults, the environment over both.
//!
//! [`Config`] holds parsed values with absolute paths. Reading says in one line which setting of which file is wrong;
//! [`rules`] then says whether what was set may be served.

mod layers;
pub mod rules;
mod sections;
mod template;
mod values;

use std::path::Path;

use serde::Deserialize;
use tollgate_crypto::Algorithm;

pub use layers::{ConfigError, DEFAULTS};
pub use sections::{
    CallsSection, DatabaseSection, GatewaySection, IdentitySection, KeysSection, LogSection, MailSection,
    NetworkSection, SignInSection, TlsSection, TokensSection,
};
pub use template::commented;
pub use values::{HttpUrl, ListenAddress, LogFilter, LogFormat, X5uForm};

use crate::{error::CommandError, files};
use layers::Layers;

/// The database of a demo, in its folder.
pub const DEMO_DATABASE_FILE: &str = "tollgate.db";
/// The master key of a demo, in its folder.
pub const DEMO_MASTER_KEY_FILE: &str = "master.key";
/// Where a demo puts its mails, in its folder.
pub const DEMO_MAIL_FOLDER: &str = "mail";
/// Where a demo notes how it is reached, in its folder, so that commands write the same addresses into mails.
pub const DEMO_ADDRESSES_FILE: &str = "addresses.toml";

/// All settings, as `config.default.toml` documents them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The identity system and the console.
    pub identity: IdentitySection,
    /// The data plane.
    pub gateway: GatewaySection,
    /// Where everything is kept.
    pub database: DatabaseSection,
    /// The master key and the signing keys.
    pub keys: KeysSection,
    /// What tokens say and how they are signed.
    pub tokens: TokensSection,
    /// How people sign in.
    pub sign_in: SignInSection,
    /// How mails leave.
    pub mail: MailSection,
    /// What may be called from here.
    pub calls: CallsSection,
    /// The certificate of both ports.
    pub tls: TlsSection,
    /// Connections.
    pub network: NetworkSection,
    /// What is logged.
    pub log: LogSection,
}

impl Config {
    /// Reads `file` and the environment over the defaults.
    pub fn load(file: &Path) -> Result<Self, CommandError> {
        if !file.exists() {
            return Err(CommandError::bad_input(format_args!(
                "there is no configuration file {}: run `tollgate init` to make one, or name it with --config FILE",
                file.display()
            )));
        }
        let text = files::read_public(file, "configuration file")?;
        Self::from_text(file, &text, environment())
    }

    /// The configuration of the demo in `folder`: the defaults, quiet, and the environment over them; what is kept is always
    /// in the folder.
    pub fn of_demo(folder: &Path) -> Result<Self, CommandError> {
        let mut layers = Layers::defaults();
        // What a busy disk makes slow is no news in a demo.
        layers.add_argument("log", "filter", "warn,tollgate_store::statement=error");
        let addresses = folder.join(DEMO_ADDRESSES_FILE);
        if addresses.exists() {
            let text = files::read_private(&addresses, "demo's file of addresses")?;
            layers.add_file(&addresses, &text).map_err(CommandError::bad_input)?;
        }
        layers.add_environment(environment()).map_err(CommandError::bad_input)?;
        let mut config = Self::read(&layers, folder)?;
        config.database =
            DatabaseSection { url: format!("sqlite:{}", folder.join(DEMO_DATABASE_FILE).display()), url_file: None };
        config.keys.master_key_file = folder.join(DEMO_MASTER_KEY_FILE);
        config.tls = TlsSection { certificate_file: None, private_key_file: None };
        config.mail.folder = Some(folder.join(DEMO_MAIL_FOLDER));
        // Whatever a demo calls is on this machine.
        config.calls.private_addresses = true;
        Ok(config)
    }

    /// Reads the text of `file` and the given variables over the defaults.
    pub fn from_text(
        file: &Path,
        text: &str,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, CommandError> {
        let mut layers = Layers::defaults();
        layers.add_file(file, text).map_err(CommandError::bad_input)?;
        layers.add_environment(environment).map_err(CommandError::bad_input)?;
        Self::read(&layers, file.parent().unwrap_or(Path::new("")))
    }

    fn read(layers: &Layers, folder: &Path) -> Result<Self, CommandError> {
        let mut config: Self = layers.read().map_err(CommandError::bad_input)?;
        config.check_bounds(layers).map_err(CommandError::bad_input)?;
        config.keys.master_key_file = folder.join(&config.keys.master_key_file);
        let files = [
            &mut config.gateway.upstream_authorities_file,
            &mut config.database.url_file,
            &mut config.tls.certificate_file,
            &mut config.tls.private_key_file,
            &mut config.mail.folder,
            &mut config.mail.smtp_password_file,
            &mut config.calls.authorities_file,
        ];
        for file in files {
            *file = file.take().map(|path| folder.join(path));
        }
        config.database.url = in_folder(&config.database.url, folder);
        Ok(config)
    }

    fn check_bounds(&self, layers: &Layers) -> Result<(), ConfigError> {
        let bounds = [
            ("keys.rotate_after_days", self.keys.rotate_after_days, 1, 3_650),
            ("tokens.lifetime_seconds", self.tokens.lifetime_seconds, 60, 86_400),
            ("sign_in.idle_days", self.sign_in.idle_days, 1, 365),
            ("sign_in.lifetime_days", self.sign_in.lifetime_days, 1, 365),
            ("gateway.idle_connections_max", self.gateway.idle_connections_max, 0, 100_000),
            ("gateway.remembered_tokens_max", self.gateway.remembered_tokens_max, 0, 10_000_000),
            ("network.connections_max", self.network.connections_max, 1, 1_000_000),
            ("network.header_read_timeout_seconds", self.network.header_read_timeout_seconds, 1, 600),
            ("network.handshake_timeout_seconds", self.network.handshake_timeout_seconds, 1, 600),
            ("network.header_bytes_max", self.network.header_bytes_max, 8_192, 1_048_576),
            ("network.shutdown_timeout_millis", self.network.shutdown_timeout_millis, 0, 60_000),
        ];
        for (setting, value, least, most) in bounds {
            if !(least..=most).contains(&value) {
                return Err(layers.refuse(setting, &format!("{value} is out of bounds: give {least} to {most}")));
            }
        }
        if !matches!(self.tokens.algorithm, Algorithm::Es256 | Algorithm::Rs256) {
            return Err(
                layers.refuse("tokens.algorithm", "access tokens are signed with ES256 or RS256: give one of them")
            );
        }
        if self.tokens.service_jwt_algorithms.is_empty() {
            return Err(layers
                .refuse("tokens.service_jwt_algorithms", "no service account could get a token: give at least RS256"));
        }
        Ok(())
    }

    /// Whether both ports speak TLS.
    pub fn is_tls(&self) -> bool {
        self.tls.certificate_file.is_some()
    }

    /// The identity system's address, without a slash at the end.
    pub fn identity_url(&self) -> String {
        self.address(self.identity.public_url.as_ref(), &self.identity.listen)
    }

    /// The gateway's address, without a slash at the end.
    pub fn gateway_url(&self) -> String {
        self.address(self.gateway.public_url.as_ref(), &self.gateway.listen)
    }

    fn address(&self, public: Option<&HttpUrl>, listen: &ListenAddress) -> String {
        let scheme = if self.is_tls() { "https" } else { "http" };
        public.map_or_else(|| format!("{scheme}://{listen}"), ToString::to_string)
    }
}

/// The variables that are text; others cannot be ours.
fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, text)| Some((name.into_string().ok()?, text.into_string().ok()?)))
}

/// A SQLite file is relative to the folder of the configuration, like every other path.
fn in_folder(url: &str, folder: &Path) -> String {
    match url.strip_prefix("sqlite:") {
        Some(file) => format!("sqlite:{}", folder.join(file).display()),
        None => url.to_owned(),
    }
}

#[cfg(test)]
pub(crate) fn from_text_for_tests(text: &str) -> Result<Config, CommandError> {
    Config::from_text(Path::new("/etc/tollgate/tollgate.toml"), text, std::iter::empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_defaults_are_the_compiled_in_ones_and_complete() {
        let config = from_text_for_tests("").unwrap();
        assert_eq!(config.identity_url(), "http://127.0.0.1:8080");
        assert_eq!(config.gateway_url(), "http://127.0.0.1:8090");
        assert_eq!(config.tokens.lifetime_seconds, 86_400);
        assert_eq!(config.keys.master_key_file, Path::new("/etc/tollgate/tollgate.master.key"));
        assert_eq!(config.database.url, "sqlite:/etc/tollgate/tollgate.db");
        assert!(!config.is_tls());
    }

    #[test]
    fn the_example_configuration_is_accepted() {
        let config = from_text_for_tests(include_str!("../../../examples/tollgate.toml")).unwrap();
        assert_eq!(config.identity_url(), "https://ims.example.com");
        assert!(config.is_tls() && config.network.address_rate.is_some());
    }

    #[test]
    fn a_wrong_value_is_refused_with_file_line_and_setting() {
        let cases = [
            ("[identity]\nlisten = \"localhost\"\n", "/etc/tollgate/tollgate.toml, line 2: identity.listen: "),
            ("[identity]\npublic_url = \"https://a.example/\"\n", "line 2: identity.public_url: "),
            ("[identity]\nalso_known_as = [\"ftp://a.example\"]\n", "line 2: identity.also_known_as: "),
            ("[tokens]\n\nalgorithm = \"HS256\"\n", "line 3: tokens.algorithm: "),
            ("[tokens]\nalgorithm = \"PS256\"\n", "line 2: tokens.algorithm: "),
            (
                "[tokens]\nlifetime_seconds = 90000\n",
                "tokens.lifetime_seconds: 90000 is out of bounds: give 60 to 86400",
            ),
            ("[tokens]\nlifetime_seconds = -1\n", "line 2: tokens.lifetime_seconds: "),
            ("[tokens]\nservice_jwt_algorithms = []\n", "tokens.service_jwt_algorithms: "),
            ("[log]\nformat = \"xml\"\n", "line 2: log.format: "),
            ("[log]\nfilter = \"loud=very\"\n", "line 2: log.filter: "),
        ];
        for (text, expected) in cases {
            let refused = from_text_for_tests(text).unwrap_err();
            assert!(refused.to_string().contains(expected), "{text} gave {refused}");
            assert_eq!(refused.exit_code(), 2);
        }
    }

    #[test]
    fn a_database_password_is_not_in_the_debug_output() {
        let config = from_text_for_tests("[database]\nurl = \"postgres://u:hunter2@db/x\"\n").unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
