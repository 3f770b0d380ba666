//! Nothing is open and nothing is known before somebody made it so (row 28).

use std::{collections::BTreeSet, fs, os::unix::fs::PermissionsExt as _, path::Path};

use tollgate_acceptance::Tollgate;
use tollgate_crypto::Algorithm;

use super::Scene;

fn mode(file: &Path) -> u32 {
    fs::metadata(file).unwrap_or_else(|error| panic!("{}: {error}", file.display())).permissions().mode() & 0o777
}

#[tokio::test]
async fn two_installations_share_no_key_and_no_password() {
    let mut known = BTreeSet::new();
    for _ in 0..2 {
        let mut tollgate = Tollgate::set_up();
        tollgate.serve().await;
        let master_key = fs::read_to_string(tollgate.file("tollgate.master.key")).unwrap();
        assert!(master_key.trim().len() >= 43, "the master key has 256 bits");
        assert!(known.insert(master_key));
        for algorithm in [Algorithm::Es256, Algorithm::Rs256] {
            let own = tollgate.own_signing_key(algorithm).await.public_jwk("same");
            assert!(known.insert(serde_json::to_string(&own).unwrap()));
        }
        let folder = tollgate.file("again");
        fs::create_dir(&folder).unwrap();
        let config = folder.join("tollgate.toml").display().to_string();
        let program = tollgate.command(&[]).get_program().to_owned();
        let made = std::process::Command::new(program)
            .args(["init", "--organization", "A", "--json", "--config", &config])
            .current_dir(&folder)
            .output()
            .unwrap();
        let made: serde_json::Value =
            serde_json::from_slice(&made.stdout).unwrap_or_else(|error| panic!("{error}: {made:?}"));
        let password = made["one_time_password"].as_str().unwrap().to_owned();
        assert!(password.len() >= 16, "a one-time password cannot be guessed: {} characters", password.len());
        assert!(known.insert(password));
    }
}

#[tokio::test]
async fn files_that_hold_secrets_are_for_their_owner_alone() {
    let scene = Scene::new().await;
    let account = scene.service_account().await;
    let key_file = account.created["private_key_file"].as_str().unwrap();
    assert_eq!(mode(Path::new(key_file)), 0o600);
    assert_eq!(mode(&scene.tollgate.file("tollgate.master.key")), 0o600);
    if scene.tollgate.database_url().starts_with("sqlite:") {
        for name in ["tollgate.db", "tollgate.db-wal", "tollgate.db-shm"] {
            assert_eq!(mode(&scene.tollgate.file(name)), 0o600, "{name}");
        }
        let copy = scene.tollgate.file("copy.db");
        assert_eq!(scene.tollgate.run(&["backup", &copy.display().to_string()]).code, Some(0));
        assert_eq!(mode(&copy), 0o600, "a backup holds what the database holds");
    } else {
        assert_eq!(mode(&scene.tollgate.file("tollgate.database-url")), 0o600);
    }
    let config = fs::read_to_string(scene.tollgate.file("tollgate.toml")).unwrap();
    let master_key = fs::read_to_string(scene.tollgate.file("tollgate.master.key")).unwrap();
    assert!(!config.contains(master_key.trim()), "the configuration may be read by others");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn without_being_told_otherwise_the_server_listens_on_this_machine_alone() {
    let tollgate = Tollgate::start().await;
    let process = format!("/proc/{}", tollgate.process_id());
    let sockets: BTreeSet<String> = fs::read_dir(format!("{process}/fd"))
        .unwrap()
        .filter_map(|entry| fs::read_link(entry.ok()?.path()).ok())
        .filter_map(|link| Some(link.to_str()?.strip_prefix("socket:[")?.trim_end_matches(']').to_owned()))
        .collect();
    let mut listening = 0;
    for (table, loopback) in [("tcp", "0100007F:"), ("tcp6", "00000000000000000000000001000000:"), ("udp", "0100007F:")]
    {
        for line in fs::read_to_string(format!("{process}/net/{table}")).unwrap().lines().skip(1) {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let is_open = fields[3] == if table == "udp" { "07" } else { "0A" };
            if is_open && sockets.contains(fields[9]) {
                listening += 1;
                assert!(fields[1].starts_with(loopback), "{table}: {line}");
            }
        }
    }
    assert_eq!(listening, 2, "identity and gateway, and nothing else");
    // The example and the defaults of the configuration say the same.
    let defaults = fs::read_to_string(tollgate.file("tollgate.toml")).unwrap();
    let listens: Vec<&str> =
        defaults.lines().filter(|line| line.trim_start_matches('#').starts_with("listen =")).collect();
    assert!(listens.len() == 2 && listens.iter().all(|line| line.contains("\"127.0.0.1:")), "{listens:?}");
}

#[tokio::test]
async fn no_credential_works_that_nobody_made() {
    let scene = Scene::new().await;
    for (id, secret) in [
        ("admin", "admin"),
        ("admin", "password"),
        ("admin", ""),
        ("tollgate", "tollgate"),
        ("root", "root"),
        ("test", "test"),
        ("edd1c9f034335f136f87ad84b625c8f1", "edd1c9f034335f136f87ad84b625c8f1"),
        (scene.credential.id(), ""),
        (scene.credential.id(), scene.credential.id()),
        (scene.credential.id(), "undefined"),
        (scene.credential.id(), "null"),
    ] {
        let form = [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)];
        let posted = scene.tollgate.post("/ims/token/v3", &form).await;
        assert!(matches!(posted.status, 400 | 401), "{id}: {posted:?}");
        let request = scene.tollgate.http.post(format!("{}/ims/token/v3", scene.tollgate.base_url));
        let basic = scene.tollgate.send(request.basic_auth(id, Some(secret)).form(&form[..1])).await;
        assert!(matches!(basic.status, 400 | 401), "{id}: {basic:?}");
        if id != scene.credential.id() {
            assert_eq!(scene.tollgate.call("/weather/x", id, None).await.status, 403, "{id}");
        }
    }
    for path in [
        "/console/",
        "/console/api/organizations",
        "/metrics",
        "/dev/x",
        "/v2/usermanagement",
        "/admin",
        "/apisix/admin/routes",
    ] {
        let answer = scene.tollgate.get(path).await;
        assert!(matches!(answer.status, 401 | 403 | 404), "{path}: {answer:?}");
    }
}

#[tokio::test]
async fn no_secret_or_token_is_written_to_the_log() {
    let mut tollgate = Tollgate::set_up();
    tollgate.serve_with(&[("TOLLGATE_LOG__FILTER", "trace")]).await;
    let echo = tollgate_acceptance::Echo::start().await;
    tollgate.create_service(
        "Campaign",
        "service_token",
        &echo.url(),
        &["--scopes", "campaign_sdk", "--metascopes", "ent_x"],
    );
    let server = tollgate.create_credential("oauth_server_to_server", &["Campaign"]).await;
    let account = tollgate.create_credential("service_account_jwt", &["Campaign"]).await;
    let token = server.token(&tollgate).await;
    let service_jwt = account.signed(&account.claims(&tollgate));
    account.exchange(&tollgate, &service_jwt).await;
    tollgate.call("/campaign/x", server.id(), Some(&token)).await;
    tollgate.call(&format!("/campaign/x?user_token={token}"), server.id(), None).await;
    tollgate.get(&format!("/ims/validate_token/v1?type=access_token&client_id={}&token={token}", server.id())).await;
    let request = tollgate.http.post(format!("{}/ims/introspect", tollgate.base_url));
    tollgate.send(request.basic_auth(server.id(), Some(server.secret())).form(&[("token", &token)])).await;
    let wrong =
        [("grant_type", "client_credentials"), ("client_id", server.id()), ("client_secret", "p8e-a-wrong-secret")];
    tollgate.post("/ims/token/v3", &wrong).await;
    tollgate.stop();
    let log = tollgate.log();
    assert!(log.lines().count() >= 5, "everything was logged: {log}");
    let basic = tollgate_crypto::base64url::encode(format!("{}:{}", server.id(), server.secret()).as_bytes());
    let signature = |token: &str| token.rsplit('.').next().unwrap().to_owned();
    for (what, secret) in [
        ("client secret", server.secret().to_owned()),
        ("client secret", account.secret().to_owned()),
        ("wrong secret", "p8e-a-wrong-secret".to_owned()),
        ("signature of a token", signature(&token)),
        ("signature of a service JWT", signature(&service_jwt)),
        ("Basic header", basic[..basic.len() - 4].to_owned()),
        ("master key", fs::read_to_string(tollgate.file("tollgate.master.key")).unwrap().trim().to_owned()),
    ] {
        let line = log.lines().find(|line| line.contains(&secret));
        assert!(line.is_none(), "{what}: {line:?}");
    }
}
