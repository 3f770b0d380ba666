//! The configuration file that `tollgate init` writes: the documented defaults, with everything but the given settings
//! commented out, so that a later version's better default is not held back by an old copy.

use super::DEFAULTS;

const HEADING: &str = "\
# Tollgate's configuration. Lines that begin with `#name =` show the default; take the `#` away to change one.
# `tollgate check-config` says whether this file may be served.
";

/// The documented defaults as a file in which only `settings` (`section`, `key`, value) are set.
pub fn commented(settings: &[(&str, &str, String)]) -> String {
    let mut text = HEADING.to_owned();
    let mut section = "";
    for line in DEFAULTS.lines().skip_while(|line| !line.is_empty()) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name;
        }
        let key = line.split_once(" = ").map(|(key, _)| key).filter(|_| !line.starts_with('#'));
        let given = key.and_then(|key| settings.iter().find(|(own, name, _)| *own == section && *name == key));
        match (key, given) {
            (Some(key), Some((.., value))) => {
                text.push_str(key);
                text.push_str(" = ");
                text.push_str(&toml::Value::from(value.as_str()).to_string());
            }
            (Some(_), None) => {
                text.push('#');
                text.push_str(line);
            }
            (None, _) => text.push_str(line),
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::from_text_for_tests;

    #[test]
    fn the_written_file_sets_what_was_given_and_documents_the_rest() {
        let text = commented(&[("identity", "public_url", "https://ims.example.com".to_owned())]);
        let config = from_text_for_tests(&text).unwrap();
        assert_eq!(config.identity_url(), "https://ims.example.com");
        assert_eq!(config.gateway_url(), "http://127.0.0.1:8090");
        assert!(text.contains("\npublic_url = \"https://ims.example.com\"\n"), "{text}");
        assert!(text.contains("\n#public_url = \"\"\n") && text.contains("\n#connections_max = 10000\n"), "{text}");
        let active = text.lines().filter(|line| !line.starts_with('#') && line.contains(" = ")).count();
        assert_eq!(active, 1);
    }

    #[test]
    fn every_default_is_on_one_line_so_that_it_can_be_commented_out() {
        let everything: toml::Table = DEFAULTS.parse().unwrap();
        let settings: usize = everything.values().map(|section| section.as_table().unwrap().len()).sum();
        let text = commented(&[]);
        assert_eq!(
            text.lines()
                .filter(|line| line.starts_with('#') && line.contains(" = ") && !line.starts_with("# "))
                .count(),
            settings
        );
        assert!(text.parse::<toml::Table>().unwrap().values().all(|section| section.as_table().unwrap().is_empty()));
    }
}
