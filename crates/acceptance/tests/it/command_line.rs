//! The command line: clear refusals, exit codes, nothing half-made.

use tollgate_acceptance::Tollgate;

/// Bad input gets one line that names the value, and exit code 2.
fn refused(tollgate: &Tollgate, arguments: &[&str], value: &str) {
    let ran = tollgate.run(arguments);
    assert_eq!(ran.code, Some(2), "{arguments:?}: {ran:?}");
    assert!(ran.out.is_empty(), "{arguments:?}: {ran:?}");
    assert_eq!(ran.err.trim_end().lines().count(), 1, "{arguments:?}: {ran:?}");
    assert!(ran.err.contains(value), "{arguments:?}: {ran:?}");
}

#[test]
fn bad_input_gets_one_clear_line_and_exit_code_2() {
    let tollgate = Tollgate::set_up();
    tollgate.administer(&["project", "create", "--name", "First"]);
    let create = ["service", "create", "--name", "W", "--upstream", "http://127.0.0.1:9", "--authorization", "api_key"];
    refused(&tollgate, &[&create[..], &["--code", "W", "--path", "weather"]].concat(), "weather");
    refused(&tollgate, &[&create[..], &["--code", "W", "--path", "/ims"]].concat(), "/ims");
    refused(&tollgate, &[&create[..], &["--code", " W", "--path", "/w"]].concat(), " W");
    refused(&tollgate, &["credential", "create", "--type", "magic", "--name", "abc"], "magic");
    refused(&tollgate, &["credential", "show", "nobody"], "nobody");
    refused(&tollgate, &["project", "create", "--name", "two words"], "two words");
    refused(&tollgate, &["project", "create", "--name", "First"], "First");
    refused(&tollgate, &["subscription", "create", "--credential", "x", "--service", "y"], "x");
    refused(&tollgate, &["organization", "show", "0@AdobeOrg"], "0@AdobeOrg");
    refused(&tollgate, &["nonsense"], "nonsense");
}

#[test]
fn a_credential_whose_service_does_not_take_it_is_not_half_made() {
    let tollgate = Tollgate::set_up();
    tollgate.administer(&["project", "create", "--name", "First"]);
    tollgate.administer(&[
        "service",
        "create",
        "--code",
        "Campaign",
        "--name",
        "Campaign",
        "--authorization",
        "service_token",
        "--path",
        "/c",
        "--upstream",
        "http://127.0.0.1:9",
    ]);
    let key = tollgate.file("never.key").display().to_string();
    refused(
        &tollgate,
        &[
            "credential",
            "create",
            "--type",
            "service_account_jwt",
            "--name",
            "abc",
            "--generate-key-pair",
            "--private-key-file",
            &key,
            "--service",
            "Nowhere",
        ],
        "Nowhere",
    );
    refused(
        &tollgate,
        &["credential", "create", "--type", "api_key", "--name", "abc", "--service", "Campaign"],
        "Campaign",
    );
    assert!(!tollgate.file("never.key").exists(), "the key of a refused credential is not left behind");
    assert_eq!(tollgate.administer(&["credential", "list"]).as_array().map(Vec::len), Some(0));
}

#[cfg(unix)]
#[tokio::test]
async fn the_server_refuses_to_start_with_a_key_file_that_others_can_read() {
    use std::os::unix::fs::PermissionsExt;

    let tollgate = Tollgate::set_up();
    let key = tollgate.file("tollgate.master.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let ran = tollgate.run(&["serve"]);
    assert_ne!(ran.code, Some(0), "{ran:?}");
    assert!(ran.err.contains("tollgate.master.key"), "{ran:?}");
}

#[test]
fn the_server_refuses_to_start_with_an_unknown_setting_and_names_it() {
    let tollgate = Tollgate::set_up();
    let file = tollgate.file("tollgate.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{text}\n[identity]\nlisten_on = \"x\"\n")).unwrap();
    for command in ["serve", "check-config"] {
        let ran = tollgate.run(&[command]);
        assert_eq!(ran.code, Some(2), "{ran:?}");
    }
    std::fs::write(&file, text.replacen("[log]", "[log]\ncolour = true", 1)).unwrap();
    let ran = tollgate.run(&["serve"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
}

#[test]
fn the_server_refuses_a_public_address_without_tls() {
    let tollgate = Tollgate::set_up();
    let ran = tollgate.command(&["serve"]).env("TOLLGATE_IDENTITY__LISTEN", "0.0.0.0:0").output().unwrap();
    assert_eq!(ran.status.code(), Some(2), "{ran:?}");
    let err = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(err.contains("behind_proxy"), "{err}");
}

#[test]
fn an_installation_is_not_overwritten() {
    let tollgate = Tollgate::set_up();
    let before = std::fs::read(tollgate.file("tollgate.master.key")).unwrap();
    let again = tollgate.run(&["init"]);
    assert_eq!(again.code, Some(2), "{again:?}");
    assert_eq!(std::fs::read(tollgate.file("tollgate.master.key")).unwrap(), before);
}

#[tokio::test]
async fn a_port_in_use_is_told_in_one_line() {
    let tollgate = Tollgate::set_up();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ran = tollgate.command(&["serve"]).env("TOLLGATE_IDENTITY__LISTEN", &address).output().unwrap();
    assert_eq!(ran.status.code(), Some(1), "{ran:?}");
    let err = String::from_utf8_lossy(&ran.stderr).into_owned();
    let port = address.rsplit(':').next().unwrap();
    assert!(err.contains(port) && err.contains("in use"), "{err}");
    assert_eq!(err.trim_end().lines().count(), 1, "{err}");
}
