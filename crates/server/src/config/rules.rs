//! What may be served: the refusals that keep secrets and tokens off an open network.

use std::path::Path;

use super::{Config, ListenAddress};
use crate::files;

/// Everything that forbids to serve this configuration, each on one line with its remedy; empty when it may be served.
///
/// Reads the modes of key files; opens no database.
pub fn refusals(config: &Config) -> Vec<String> {
    let mut found = Vec::new();
    found.extend(open_port(config, "identity", config.identity.listen));
    found.extend(open_port(config, "gateway", config.gateway.listen));
    found.extend(nameless(config, "identity", config.identity.listen, config.identity.public_url.is_none()));
    found.extend(nameless(config, "gateway", config.gateway.listen, config.gateway.public_url.is_none()));
    if config.identity.listen == config.gateway.listen && config.identity.listen.0.port() != 0 {
        let listen = config.identity.listen;
        found.push(format!("identity.listen and gateway.listen are both {listen}: give them different ports"));
    }
    found.extend(half_tls(config));
    found.extend(unusable_key_file(&config.keys.master_key_file, "master key file"));
    if let Some(file) = &config.tls.private_key_file {
        found.extend(unusable_key_file(file, "TLS private key file"));
    }
    if let Some(file) = &config.database.url_file {
        found.extend(unusable_key_file(file, "database URL file"));
    }
    found
}

fn open_port(config: &Config, section: &str, listen: ListenAddress) -> Option<String> {
    if !listen.is_public() || config.is_tls() || config.network.behind_proxy {
        return None;
    }
    Some(format!(
        "{section}.listen is {listen}, which others can reach without encryption: set certificate_file and private_key_file in [tls], \
         or behind_proxy = true in [network] when a proxy in front ends TLS, or listen on 127.0.0.1"
    ))
}

fn nameless(config: &Config, section: &str, listen: ListenAddress, unnamed: bool) -> Option<String> {
    let proxied = config.network.behind_proxy;
    if !unnamed || !(listen.is_unspecified() || proxied) {
        return None;
    }
    let why = if proxied { "a proxy stands in front" } else { "listen stands for every address of this machine" };
    Some(format!(
        "{section}.public_url is empty and {why}: set it to the address that clients use, such as https://{section}.example.com"
    ))
}

fn half_tls(config: &Config) -> Option<String> {
    match (&config.tls.certificate_file, &config.tls.private_key_file) {
        (Some(_), None) => {
            Some("tls.certificate_file is set without tls.private_key_file: set both or none".to_owned())
        }
        (None, Some(_)) => {
            Some("tls.private_key_file is set without tls.certificate_file: set both or none".to_owned())
        }
        _ => None,
    }
}

fn unusable_key_file(file: &Path, what: &str) -> Option<String> {
    if what == "master key file" && !file.exists() {
        return Some(format!(
            "there is no master key file {}: run `tollgate init` to make one, or put the one that belongs to this database there",
            file.display()
        ));
    }
    files::read_private(file, what).err().map(|refused| refused.to_string())
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;
    use crate::config::Config;

    struct Place {
        folder: tempfile::TempDir,
    }

    impl Place {
        fn new() -> Self {
            let place = Self { folder: tempfile::tempdir().unwrap() };
            for name in ["tollgate.master.key", "tls.key", "tls.crt"] {
                files::write_new_private(&place.folder.path().join(name), b"x").unwrap();
            }
            place
        }

        fn refusals(&self, text: &str) -> Vec<String> {
            let file = self.folder.path().join("tollgate.toml");
            refusals(&Config::from_text(&file, text, std::iter::empty()).unwrap())
        }
    }

    #[test]
    fn the_defaults_may_be_served_once_there_is_a_master_key() {
        let place = Place::new();
        assert_eq!(place.refusals(""), Vec::<String>::new());
        fs::remove_file(place.folder.path().join("tollgate.master.key")).unwrap();
        let found = place.refusals("");
        assert!(found.len() == 1 && found[0].contains("tollgate init"), "{found:?}");
    }

    #[test]
    fn a_public_bind_needs_tls_or_an_explicit_proxy() {
        let place = Place::new();
        let public = "[identity]\nlisten = \"0.0.0.0:8080\"\npublic_url = \"https://ims.example.com\"\n[gateway]\npublic_url = \"https://api.example.com\"\n";
        let found = place.refusals(public);
        assert!(found.len() == 1 && found[0].starts_with("identity.listen is 0.0.0.0:8080"), "{found:?}");
        assert!(place.refusals(&format!("{public}[network]\nbehind_proxy = true\n")).is_empty());
        let tls = "[tls]\ncertificate_file = \"tls.crt\"\nprivate_key_file = \"tls.key\"\n";
        assert!(place.refusals(&format!("{public}{tls}")).is_empty());
    }

    #[test]
    fn a_public_address_needs_a_name() {
        let place = Place::new();
        let found = place.refusals("[gateway]\nlisten = \"[::]:8090\"\n[network]\nbehind_proxy = true\n[identity]\npublic_url = \"https://a.example\"\n");
        assert!(found.len() == 1 && found[0].starts_with("gateway.public_url is empty"), "{found:?}");
    }

    #[test]
    fn key_files_that_others_may_read_are_refused() {
        let place = Place::new();
        let tls = "[tls]\ncertificate_file = \"tls.crt\"\nprivate_key_file = \"tls.key\"\n";
        for name in ["tollgate.master.key", "tls.key"] {
            let file = place.folder.path().join(name);
            fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
            let found = place.refusals(tls);
            assert!(found.len() == 1 && found[0].contains("chmod 600"), "{found:?}");
            fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        }
    }

    #[test]
    fn half_a_tls_setting_and_one_port_for_two_are_refused() {
        let place = Place::new();
        assert!(place.refusals("[tls]\ncertificate_file = \"tls.crt\"\n")[0].contains("set both or none"));
        assert!(place.refusals("[gateway]\nlisten = \"127.0.0.1:8080\"\n")[0].contains("different ports"));
    }
}
