//! API keys for owners whose service needs proof: digested, with a checksum, two at a time (pain 5).

use tollgate_acceptance::{Credential, Tollgate};

use super::{Scene, until};

/// A service that demands a secret key, a credential, and two keys of it.
async fn house() -> (Scene, Credential, [String; 2]) {
    let scene = Scene::new().await;
    scene.tollgate.create_service("Vault", "api_key", &scene.tap.url(), &["--key", "secret_key"]);
    let credential = scene.tollgate.create_credential("api_key", &["Vault", "Weather"]).await;
    let keys = [new_key(&scene.tollgate, &credential), new_key(&scene.tollgate, &credential)];
    let both_work = until(|statuses| *statuses == [200, 200], async || statuses(&scene, &keys).await).await;
    assert_eq!(both_work, [200, 200]);
    scene.tap.take();
    (scene, credential, keys)
}

fn new_key(tollgate: &Tollgate, credential: &Credential) -> String {
    let arguments = ["secret", "create", "--credential", credential.id(), "--kind", "secret_key"];
    tollgate.administer(&arguments)["secret_key"].as_str().expect("a new key is shown once").to_owned()
}

async fn statuses(scene: &Scene, keys: &[String; 2]) -> [u16; 2] {
    let call = |key| scene.tollgate.call("/vault/x", key, None);
    [call(&keys[0]).await.status, call(&keys[1]).await.status]
}

#[tokio::test]
async fn a_secret_key_proves_its_credential_and_goes_no_further() {
    let (scene, credential, keys) = house().await;
    assert_eq!(statuses(&scene, &keys).await, [200, 200]);
    for tapped in scene.tap.take() {
        assert_eq!(tapped.values("x-client-id"), [credential.id()]);
        assert!(!format!("{tapped:?}").contains(&keys[0]) && !format!("{tapped:?}").contains(&keys[1]), "{tapped:?}");
    }
    let public = scene.tollgate.call("/vault/x", credential.id(), None).await;
    assert_eq!((public.status, public.body["error_code"].as_str()), (403, Some("403003")), "{public:?}");
    for (place, other) in [(5, 'A'), (20, 'B'), (keys[0].len() - 1, 'C')] {
        let mut mistyped: Vec<char> = keys[0].chars().collect();
        mistyped[place] = if mistyped[place] == other { 'D' } else { other };
        let mistyped: String = mistyped.into_iter().collect();
        let refused = scene.tollgate.call("/vault/x", &mistyped, None).await;
        assert!(refused.status == 403 && refused.text.contains("mistyped"), "{refused:?}");
        assert!(!refused.text.contains(&mistyped), "{refused:?}");
    }
    // A key for the gateway is no client secret, and the reverse.
    let form = [("grant_type", "client_credentials"), ("client_id", credential.id()), ("client_secret", &keys[0])];
    assert_eq!(scene.tollgate.post("/ims/token/v3", &form).await.status, 400);
    assert_eq!(scene.tollgate.call("/vault/x", scene.credential.secret(), None).await.status, 403);
}

#[tokio::test]
async fn two_secret_keys_overlap_and_whoever_finds_one_can_end_it() {
    let (scene, credential, keys) = house().await;
    let third = scene.tollgate.run(&["secret", "create", "--credential", credential.id(), "--kind", "secret_key"]);
    assert_eq!(third.code, Some(2), "{third:?}");
    let ended = scene.tollgate.post("/ims/revoke", &[("token", &keys[0])]).await;
    assert_eq!((ended.status, ended.text.as_str()), (200, ""));
    assert_eq!(statuses(&scene, &keys).await, [403, 200], "at the very next request");
    let unknown = scene.tollgate.post("/ims/revoke", &[("token", &keys[0])]).await;
    assert_eq!((unknown.status, unknown.text.as_str()), (200, ""), "nothing tells whether a key is known");
}

#[tokio::test]
async fn no_secret_can_be_read_from_the_database_or_listed_again() {
    let (scene, credential, keys) = house().await;
    let account = scene.service_account().await;
    let private_key = std::fs::read_to_string(account.created["private_key_file"].as_str().unwrap()).unwrap();
    let secrets =
        [&keys[0], &keys[1], scene.credential.secret(), account.secret(), private_key.lines().nth(3).unwrap()];
    let mut shown = String::new();
    for arguments in [
        &["secret", "list", "--credential", credential.id()][..],
        &["secret", "list", "--credential", scene.credential.id()],
        &["credential", "show", credential.id()],
        &["credential", "show", account.id()],
        &["credential", "list"],
        &["certificate", "list", "--credential", account.id()],
    ] {
        shown += &scene.tollgate.administer(arguments).to_string();
    }
    assert!(secrets.iter().all(|secret| !shown.contains(secret)), "{shown}");
    if !scene.tollgate.database_url().starts_with("sqlite:") {
        return;
    }
    let signing_key = scene.tollgate.own_signing_key(tollgate_crypto::Algorithm::Es256).await.to_pkcs8();
    let mut stored = Vec::new();
    for name in ["tollgate.db", "tollgate.db-wal"] {
        stored.extend(std::fs::read(scene.tollgate.file(name)).unwrap());
    }
    let holds = |bytes: &[u8]| stored.windows(bytes.len()).any(|window| window == bytes);
    assert!(holds(credential.id().as_bytes()), "the database was read");
    for secret in secrets {
        assert!(!holds(secret.as_bytes()), "a secret stands readable in the database");
    }
    assert!(!holds(&signing_key.reveal()[40..]), "a signing key stands readable in the database");
}
