//! What the provider says about itself.

use std::{path::Path, process::Command};

use tollgate_acceptance::{Person, Tollgate};

use super::Provider;

#[tokio::test]
async fn the_discovery_document_is_complete_and_every_address_in_it_answers() {
    let provider = Provider::new().await;
    let tollgate = &provider.tollgate;
    let document = tollgate.get("/.well-known/openid-configuration").await;
    assert_eq!(document.status, 200, "{document:?}");
    assert!(document.header("content-type").starts_with("application/json"), "{document:?}");
    let document = document.body;
    assert_eq!(document["issuer"], tollgate.base_url);
    for name in [
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "jwks_uri",
        "end_session_endpoint",
        "pushed_authorization_request_endpoint",
        "device_authorization_endpoint",
        "revocation_endpoint",
        "introspection_endpoint",
    ] {
        let address = document[name].as_str().unwrap_or_else(|| panic!("{name}: {document}"));
        let path = address.strip_prefix(&tollgate.base_url).unwrap_or_else(|| panic!("{name}: {address}"));
        assert_ne!(tollgate.get(path).await.status, 404, "{name}");
    }
    let holds = |name: &str, word: &str| document[name].as_array().is_some_and(|all| all.iter().any(|own| own == word));
    for (name, word) in [
        ("response_types_supported", "code"),
        ("response_modes_supported", "form_post"),
        ("subject_types_supported", "public"),
        ("id_token_signing_alg_values_supported", "RS256"),
        ("token_endpoint_auth_methods_supported", "client_secret_basic"),
        ("token_endpoint_auth_methods_supported", "client_secret_post"),
        ("scopes_supported", "openid"),
        ("grant_types_supported", "authorization_code"),
        ("grant_types_supported", "refresh_token"),
        ("code_challenge_methods_supported", "S256"),
        ("claims_supported", "sub"),
    ] {
        assert!(holds(name, word), "{name} lacks {word}: {document}");
    }
    assert!(!holds("code_challenge_methods_supported", "plain") && !holds("response_types_supported", "token"));
    assert_eq!(document["backchannel_logout_supported"], true);
    assert_eq!(document["backchannel_logout_session_supported"], true);
}

#[tokio::test]
async fn the_set_up_of_the_suite_makes_two_clients_and_two_people_that_work() {
    let tollgate = Tollgate::start().await;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance/set-up");
    let config = tollgate.file("tollgate.toml");
    let ran = Command::new("python3")
        .arg(script)
        .args(["--issuer", &tollgate.base_url, "--tollgate"])
        .arg(tollgate.program())
        .arg("--config")
        .arg(config)
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let made: serde_json::Value = serde_json::from_slice(&ran.stdout).unwrap();
    assert_ne!(made["client"]["client_id"], made["client2"]["client_id"]);
    let document = made["server"]["discoveryUrl"].as_str().unwrap();
    assert_eq!(tollgate.get(document.strip_prefix(&tollgate.base_url).unwrap()).await.status, 200);
    for client in ["client", "client2"] {
        tollgate.wait_until_known(made[client]["client_id"].as_str().unwrap()).await;
    }
    for known in made["people"].as_array().unwrap() {
        let text = |name: &str| known[name].as_str().unwrap().to_owned();
        let person = Person { id: String::new(), email: text("email"), password: text("password") };
        tollgate_acceptance::Browser::new(&tollgate).sign_in(&person).await;
    }
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let redirect = "https%3A%2F%2Flocalhost.emobix.co.uk%3A8443%2Ftest%2Fa%2Ftollgate%2Fcallback%3Fdummy1%3Dlorem%26dummy2%3Dipsum";
    let client = made["client"]["client_id"].as_str().unwrap();
    let address = format!(
        "/ims/authorize/v2?client_id={client}&response_type=code&scope=openid&redirect_uri={redirect}\
         &code_challenge={challenge}&code_challenge_method=S256"
    );
    let page = tollgate_acceptance::Browser::new(&tollgate).open(&address).await;
    assert_eq!(page.url.path(), "/sign-in", "{}", page.text());
}
