//! The administration commands, as a user types them: what they print, how they refuse, and that nothing is half-made.

#![expect(clippy::unwrap_used, reason = "what is missing here fails the test")]

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::{Command, Stdio},
};

use serde_json::{Value, json};
use tempfile::TempDir;

/// An installation in a folder of its own.
struct Installation(TempDir);

impl Installation {
    /// A fresh one with an organization and a project.
    fn new() -> Self {
        let own = Self(tempfile::tempdir().unwrap());
        assert_eq!(own.run(&["init", "--organization", "Weather Works"]).0, 0);
        own.json(&["project", "create", "--name", "First"]);
        own
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Exit code, standard output and standard error of a command.
    fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tollgate"));
        let ran = command.args(arguments).current_dir(self.0.path()).stdin(Stdio::null()).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (ran.status.code().unwrap(), text(ran.stdout), text(ran.stderr))
    }

    /// What a command prints as JSON.
    #[track_caller]
    fn json(&self, arguments: &[&str]) -> Value {
        let (code, out, err) = self.run(&[arguments, &["--json"]].concat());
        assert_eq!(code, 0, "{arguments:?}: {err}");
        serde_json::from_str(&out).unwrap()
    }

    /// The one line that a command refuses with.
    #[track_caller]
    fn refused(&self, arguments: &[&str]) -> String {
        let (code, out, err) = self.run(arguments);
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}: {err}");
        assert_eq!(err.lines().count(), 1, "{err}");
        err
    }

    fn weather(&self) {
        let at = ["--authorization", "api_key", "--path", "/weather", "--upstream", "http://127.0.0.1:3000"];
        self.json(&[&["service", "create", "--code", "WeatherSDK", "--name", "Weather"], &at[..]].concat());
    }

    fn credential(&self, kind: &str) -> String {
        let made = self.json(&["credential", "create", "--type", kind, "--name", "A credential"]);
        made["client_id"].as_str().unwrap().to_owned()
    }
}

fn names(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn a_service_is_put_behind_the_gateway_and_subscribed_to_by_either_id() {
    let own = Installation::new();
    own.weather();
    let made = own.json(&["credential", "create", "--type", "api_key", "--name", "Weather key"]);
    let by_number = made["credential_id"].as_str().unwrap();
    let subscribed = own.json(&["subscription", "create", "--credential", by_number, "--service", "WeatherSDK"]);
    assert_eq!(subscribed[0]["service"], "WeatherSDK");
    assert_eq!(subscribed[0]["client_id"], made["client_id"]);
    assert_eq!(subscribed[0]["gateway_path"], "/weather");
    let shown = own.json(&["credential", "show", made["client_id"].as_str().unwrap()]);
    assert_eq!(shown["services"], json!(["WeatherSDK"]));
}

#[test]
fn the_names_in_json_stay_as_they_are() {
    let own = Installation::new();
    own.weather();
    let common = [
        "client_id",
        "credential_id",
        "type",
        "name",
        "organization_id",
        "project_id",
        "project",
        "workspace_id",
        "workspace",
        "enabled",
    ];
    let rest = ["token_algorithm", "limits", "created_at", "services", "scopes", "metascopes"];
    let api_key = own.json(&["credential", "create", "--type", "api_key", "--name", "A credential"]);
    let server = own.json(&["credential", "create", "--type", "oauth_server_to_server", "--name", "A credential"]);
    let mut expected = [&common[..], &["allowed_origins"], &rest, &["certificates"]].concat();
    let mut sorted = names(&api_key);
    sorted.sort_unstable();
    expected.sort_unstable();
    assert_eq!(sorted, expected);
    let account = ["technical_account_id", "technical_account_email"];
    let mut expected = [&common[..], &account, &rest, &["client_secret", "certificates"]].concat();
    let mut sorted = names(&server);
    sorted.sort_unstable();
    expected.sort_unstable();
    assert_eq!(sorted, expected);

    let organization = &own.json(&["organization", "list"])[0];
    for name in ["id", "name", "console_id", "enabled", "limits", "created_at"] {
        assert!(organization.get(name).is_some(), "{name}");
    }
    let service = own.json(&["service", "show", "WeatherSDK"]);
    for name in
        ["code", "name", "authorization", "gateway_path", "upstreams", "scopes", "required_scopes", "metascopes"]
    {
        assert!(service.get(name).is_some(), "{name}");
    }
}

#[test]
fn a_secret_is_shown_once_and_a_third_is_refused() {
    let own = Installation::new();
    let client_id = own.credential("oauth_server_to_server");
    let (code, out, _) = own.run(&["secret", "create", "--credential", &client_id]);
    assert_eq!(code, 0);
    assert!(out.contains("p8e-") && out.contains("shown this once"), "{out}");
    let refusal = own.refused(&["secret", "create", "--credential", &client_id]);
    assert!(refusal.contains("2 live secrets") && refusal.contains("delete one first"), "{refusal}");
    let listed = own.json(&["secret", "list", "--credential", &client_id]);
    assert_eq!(listed.as_array().unwrap().len(), 2);
    assert!(listed[0].get("client_secret").is_none(), "{listed}");
    let by_key = own.credential("api_key");
    let key = own.json(&["secret", "create", "--credential", &by_key, "--expires-in", "90d"]);
    assert!(key["secret_key"].as_str().unwrap().starts_with("tgk_"));
    assert_eq!(key["kind"], "secret_key");
}

#[test]
fn a_generated_private_key_is_written_once_for_its_owner_alone() {
    let own = Installation::new();
    let create = ["credential", "create", "--type", "service_account_jwt", "--name", "Robot", "--generate-key-pair"];
    let made = own.json(&[&create[..], &["--private-key-file", "robot.pem"]].concat());
    assert_eq!(made["private_key_file"], "robot.pem");
    let file = own.file("robot.pem");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let key = fs::read_to_string(&file).unwrap();
    assert!(key.starts_with("-----BEGIN PRIVATE KEY-----"));

    let refusal = own.refused(&[&create[..], &["--private-key-file", "robot.pem"]].concat());
    assert!(refusal.contains("robot.pem"), "{refusal}");
    assert_eq!(fs::read_to_string(&file).unwrap(), key, "a key is never overwritten");
    let refusal = own.refused(&[&create[..], &["--private-key-file", "new.pem", "--service", "NoSDK"]].concat());
    assert!(refusal.contains("NoSDK"), "{refusal}");
    assert!(!own.file("new.pem").exists(), "nothing is left of a credential that was refused");
    assert_eq!(own.json(&["credential", "list"]).as_array().unwrap().len(), 1);

    let client_id = made["client_id"].as_str().unwrap();
    let second = own.json(&["certificate", "create", "--credential", client_id, "--generate-key-pair"]);
    let second_file = second["private_key_file"].as_str().unwrap();
    assert!(own.file(second_file).exists());
    let pem = own.json(&["certificate", "list", "--credential", client_id])[0]["pem"].as_str().unwrap().to_owned();
    fs::write(own.file("known.pem"), pem).unwrap();
    let refusal = own.refused(&["certificate", "create", "--credential", client_id, "--certificate", "known.pem"]);
    assert!(refusal.contains("already"), "{refusal}");
    let refusal = own.refused(&["certificate", "create", "--credential", client_id, "--certificate", "robot.pem"]);
    assert!(refusal.contains("private key"), "{refusal}");
}

#[test]
fn without_a_project_or_with_several_it_is_said_what_to_do() {
    let own = Installation(tempfile::tempdir().unwrap());
    assert_eq!(own.run(&["init"]).0, 0);
    let create = ["credential", "create", "--type", "api_key", "--name", "A credential"];
    let refusal = own.refused(&create);
    assert!(refusal.contains("tollgate project create --name NAME"), "{refusal}");
    own.json(&["project", "create", "--name", "First"]);
    own.json(&create);
    own.json(&["project", "create", "--name", "Second"]);
    let refusal = own.refused(&create);
    assert!(refusal.contains("--project"), "{refusal}");
    assert_eq!(own.json(&[&create[..], &["--project", "Second"]].concat())["project"], "Second");
}

#[test]
fn what_holds_something_is_deleted_only_when_that_is_said() {
    let own = Installation::new();
    own.weather();
    let client_id = own.credential("api_key");
    own.json(&["subscription", "create", "--credential", &client_id, "--service", "WeatherSDK"]);
    for (noun, name) in [("service", "WeatherSDK"), ("project", "First"), ("organization", "Weather Works")] {
        let refusal = own.refused(&[noun, "delete", name]);
        assert!(refusal.contains("--recursive"), "{refusal}");
    }
    for (noun, name) in [("service", "WeatherSDK"), ("project", "First"), ("organization", "Weather Works")] {
        own.json(&[noun, "delete", name, "--recursive"]);
    }
    assert_eq!(own.json(&["credential", "list"]), json!([]));
}

#[test]
fn an_argument_that_does_not_belong_to_the_type_is_refused_by_name() {
    let own = Installation::new();
    let create = |kind, more: &[&'static str]| {
        own.refused(&[&["credential", "create", "--name", "A credential", "--type", kind], more].concat())
    };
    assert!(create("api_key", &["--redirect-uri", "https://example.com"]).contains("--redirect-uri"));
    assert!(create("oauth_web_app", &[]).contains("--redirect-uri"));
    assert!(create("oauth_server_to_server", &["--allowed-origin", "example.com"]).contains("--allowed-origin"));
    assert!(create("api_key", &["--jti-required"]).contains("--jti-required"));
    assert!(create("service_account_jwt", &[]).contains("--generate-key-pair"));
    assert!(create("api_key", &["--generate-key-pair"]).contains("take no certificate"));
    assert!(create("api_key", &["--private-key-file", "x"]).contains("--generate-key-pair"));
    assert_eq!(own.json(&["credential", "list"]), json!([]));
}

#[test]
fn usage_of_nothing_is_an_empty_report() {
    let own = Installation::new();
    let report = own.json(&["usage"]);
    assert_eq!((&report["total"]["calls"], &report["lines"]), (&json!(0), &json!([])));
    assert!(own.refused(&["usage", "--from", "2026-12-02", "--until", "2026-12-01"]).contains("--from"));
}
