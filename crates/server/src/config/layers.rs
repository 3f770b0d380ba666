//! The layers of the configuration: compiled-in defaults, then a file, then the environment; each value remembers where
//! it came from, so that a refusal can say so.
//!
//! The default file doubles as the schema: it names every setting, and its values give the types.

use std::{collections::HashMap, fmt, ops::Range, path::PathBuf};

use serde::de::DeserializeOwned;
use toml::{Table, Value, de::DeTable};

/// All settings, documented; also what `tollgate init` writes.
pub const DEFAULTS: &str = include_str!("../config.default.toml");

const VARIABLE_PREFIX: &str = "TOLLGATE_";

/// Why the configuration cannot be used: where, which setting, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{origin}: {text}")]
pub struct ConfigError {
    origin: Origin,
    text: String,
}

/// Where a value was set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    /// Not set at all.
    Default,
    /// In a file.
    Line {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// In the environment.
    Variable(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => out.write_str("default configuration"),
            Self::Line { file, line } => write!(out, "{}, line {line}", file.display()),
            Self::Variable(name) => write!(out, "environment variable {name}"),
        }
    }
}

/// The merged settings, `section.key` by `section.key`.
pub(super) struct Layers {
    merged: Table,
    origins: HashMap<String, Origin>,
}

impl Layers {
    /// The compiled-in defaults alone.
    pub(super) fn defaults() -> Self {
        let merged = DEFAULTS.parse().expect("the compiled-in file is TOML; a test reads it");
        Self { merged, origins: HashMap::new() }
    }

    /// Lays the text of a file over what is there.
    pub(super) fn add_file(&mut self, file: &std::path::Path, text: &str) -> Result<(), ConfigError> {
        let origin = |span: Range<usize>| Origin::Line { file: file.to_owned(), line: line_of(text, span.start) };
        let faulty = |cause: &toml::de::Error| ConfigError {
            origin: origin(cause.span().unwrap_or_default()),
            text: format!("not TOML: {}", cause.message().replace('\n', ", ")),
        };
        let values: Table = toml::from_str(text).map_err(|cause| faulty(&cause))?;
        let spans = DeTable::parse(text).map_err(|cause| faulty(&cause))?;
        for (section, content) in spans.get_ref() {
            let at = origin(section.span());
            self.check_section(section.get_ref(), &at)?;
            let Some(settings) = content.get_ref().as_table() else {
                return Err(refused(
                    at,
                    format!(
                        "`{section}` is a section: write [{section}] on a line of its own",
                        section = section.get_ref()
                    ),
                ));
            };
            for key in settings.keys() {
                let value = values.get(&**section.get_ref()).and_then(|own| own.get(&**key.get_ref()));
                let value = value.expect("both readings of one text have the same keys").clone();
                self.set(section.get_ref(), key.get_ref(), value, origin(key.span()))?;
            }
        }
        Ok(())
    }

    /// Lays `TOLLGATE_SECTION__KEY` variables over what is there; other variables are left alone.
    pub(super) fn add_environment(
        &mut self,
        variables: impl Iterator<Item = (String, String)>,
    ) -> Result<(), ConfigError> {
        for (name, text) in variables {
            let Some((section, key)) = name.strip_prefix(VARIABLE_PREFIX).and_then(|rest| rest.split_once("__")) else {
                continue;
            };
            let (section, key) = (section.to_ascii_lowercase(), key.to_ascii_lowercase());
            let origin = Origin::Variable(name);
            self.check_section(&section, &origin)?;
            let value = match self.merged[&section].get(&key) {
                Some(Value::Integer(_)) => text.parse().map_or(Value::String(text), Value::Integer),
                Some(Value::Boolean(_)) => text.parse().map_or(Value::String(text), Value::Boolean),
                Some(Value::Array(_)) => list(&text),
                _ => Value::String(text),
            };
            self.set(&section, &key, value, origin)?;
        }
        Ok(())
    }

    /// Sets one value that the command line gave.
    pub(super) fn add_argument(&mut self, section: &str, key: &str, value: impl Into<Value>) {
        self.merged[section][key] = value.into();
    }

    /// The settings as a type; a refusal names the place where the value was set.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, ConfigError> {
        serde_path_to_error::deserialize(Value::Table(self.merged.clone())).map_err(|cause| {
            let setting = cause.path().to_string();
            let text = cause.inner().message().replace('\n', ", ");
            self.refuse(setting.split('[').next().unwrap_or(&setting), &text)
        })
    }

    /// A refusal of the value of `setting`, written `section.key`.
    pub(super) fn refuse(&self, setting: &str, text: &str) -> ConfigError {
        refused(self.origin(setting), format!("{setting}: {text}"))
    }

    fn origin(&self, setting: &str) -> Origin {
        self.origins.get(setting).cloned().unwrap_or(Origin::Default)
    }

    fn check_section(&self, section: &str, origin: &Origin) -> Result<(), ConfigError> {
        if self.merged.contains_key(section) {
            return Ok(());
        }
        let sections = self.merged.keys().map(|name| format!("[{name}]")).collect::<Vec<_>>().join(" ");
        Err(refused(origin.clone(), format!("there is no section `{section}`: the sections are {sections}")))
    }

    fn set(&mut self, section: &str, key: &str, value: Value, origin: Origin) -> Result<(), ConfigError> {
        let settings = self.merged[section].as_table_mut().expect("the defaults hold sections only");
        let Some(known) = settings.get_mut(key) else {
            let keys = settings.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            return Err(refused(
                origin,
                format!("there is no setting `{key}` in [{section}]: its settings are {keys}"),
            ));
        };
        if !known.same_type(&value) {
            let text = format!("{section}.{key} is {}: give {} such as {known}", described(&value), described(known));
            return Err(refused(origin, text));
        }
        *known = value;
        self.origins.insert(format!("{section}.{key}"), origin);
        Ok(())
    }
}

fn refused(origin: Origin, text: String) -> ConfigError {
    ConfigError { origin, text }
}

fn described(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "text",
        Value::Integer(_) => "a whole number",
        Value::Float(_) => "a fraction",
        Value::Boolean(_) => "true or false",
        Value::Datetime(_) => "a date",
        Value::Array(_) => "a list",
        Value::Table(_) => "a section",
    }
}

/// `a, b` or `["a", "b"]`.
fn list(text: &str) -> Value {
    if let Ok(array) = text.parse::<Value>()
        && array.is_array()
    {
        return array;
    }
    text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(Value::from).collect::<Vec<_>>().into()
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn refusal(text: &str) -> String {
        Layers::defaults().add_file(Path::new("tollgate.toml"), text).unwrap_err().to_string()
    }

    #[test]
    fn an_unknown_setting_is_refused_with_file_line_and_what_there_is() {
        let text = refusal("# mine\n[log]\nfilter = \"warn\"\nfilt = \"x\"\n");
        assert_eq!(text, "tollgate.toml, line 4: there is no setting `filt` in [log]: its settings are filter, format");
        let text = refusal("\n[gatway]\nlisten = \"0.0.0.0:80\"\n");
        assert!(text.starts_with("tollgate.toml, line 2: there is no section `gatway`: the sections are "), "{text}");
        assert!(refusal("listen = \"0.0.0.0:80\"").contains("there is no section `listen`"));
    }

    #[test]
    fn a_value_of_another_type_is_refused_with_an_example() {
        let text = refusal("[network]\nconnections_max = \"many\"\n");
        assert_eq!(text, "tollgate.toml, line 2: network.connections_max is text: give a whole number such as 10000");
        assert!(refusal("network = 3").contains("write [network] on a line of its own"));
    }

    #[test]
    fn text_that_is_not_toml_is_refused_with_its_line() {
        let text = refusal("[network]\nconnections_max = = 3\n");
        assert!(text.starts_with("tollgate.toml, line 2: not TOML: "), "{text}");
        let text = refusal("[network]\nproxies = 1\nproxies = 2\n");
        assert!(text.starts_with("tollgate.toml, line 3: not TOML: duplicate key"), "{text}");
    }

    #[test]
    fn the_environment_wins_over_the_file_and_unknown_variables_of_ours_are_refused() {
        let mut layers = Layers::defaults();
        layers.add_file(Path::new("t.toml"), "[network]\nproxies = 2\nbehind_proxy = false\n").unwrap();
        let variable = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        let given = [
            variable("PATH", "/bin"),
            variable("TOLLGATE_NETWORK__PROXIES", "3"),
            variable("TOLLGATE_NETWORK__BEHIND_PROXY", "true"),
            variable("TOLLGATE_TOKENS__SERVICE_JWT_ALGORITHMS", "RS256, ES256"),
            variable("TOLLGATE_DIR", "left alone"),
        ];
        layers.add_environment(given.into_iter()).unwrap();
        assert_eq!(layers.merged["network"]["proxies"], Value::Integer(3));
        assert_eq!(layers.merged["network"]["behind_proxy"], Value::Boolean(true));
        assert_eq!(layers.merged["tokens"]["service_jwt_algorithms"].as_array().unwrap().len(), 2);
        let unknown = [variable("TOLLGATE_NETWORK__PROXYS", "3")];
        let text = layers.add_environment(unknown.into_iter()).unwrap_err().to_string();
        assert!(
            text.starts_with("environment variable TOLLGATE_NETWORK__PROXYS: there is no setting `proxys`"),
            "{text}"
        );
        let wrong = [variable("TOLLGATE_NETWORK__PROXIES", "three")];
        assert!(layers.add_environment(wrong.into_iter()).is_err());
    }
}
