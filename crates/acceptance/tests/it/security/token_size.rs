//! Tokens take no row and little room (pains 6 and 7).

use super::Scene;

/// What clients can store and send: half a cookie.
const TOKEN_BYTES_MAX: usize = 2_048;
/// Growth of the database that has other reasons: usage counts, when a secret was last used.
const BYTES_OF_COUNTS: u64 = 128 * 1_024;

#[tokio::test]
async fn a_token_never_grows_beyond_two_kilobytes_however_many_scopes_there_are() {
    let scene = Scene::new().await;
    let mut services = Vec::new();
    for number in 0..4 {
        let scopes: Vec<String> = (0..20).map(|own| format!("scope_of_service_{number}_with_number_{own}")).collect();
        let code = format!("Wide{number}");
        scene.tollgate.create_service(&code, "service_token", &scene.tap.url(), &["--scopes", &scopes.join(",")]);
        services.push(code);
    }
    let services: Vec<&str> = services.iter().map(String::as_str).collect();
    for count in 1..=services.len() {
        let credential = scene.tollgate.create_credential("oauth_server_to_server", &services[..count]).await;
        let answer = scene.tollgate.post("/ims/token/v3", &credential.client_credentials()).await;
        match answer.body["access_token"].as_str() {
            Some(token) => assert!(token.len() <= TOKEN_BYTES_MAX, "{} bytes", token.len()),
            None => assert_eq!((answer.status, &answer.body["error"]), (400, &"invalid_scope".into()), "{answer:?}"),
        }
        let small = [&credential.client_credentials()[..], &[("scope", "scope_of_service_0_with_number_1")]].concat();
        let answer = scene.tollgate.post("/ims/token/v3", &small).await;
        let token = answer.body["access_token"].as_str().unwrap_or_else(|| panic!("{answer:?}"));
        assert_eq!(scene.tollgate.call("/campaign/x", credential.id(), Some(token)).await.status, 403);
        assert!(token.len() < 1_200, "{} bytes", token.len());
    }
}

#[tokio::test]
async fn issuing_tokens_does_not_make_the_database_grow() {
    let scene = Scene::new().await;
    if !scene.tollgate.database_url().starts_with("sqlite:") {
        return;
    }
    let bytes = || {
        let names = ["tollgate.db", "tollgate.db-wal"];
        names.iter().map(|name| std::fs::metadata(scene.tollgate.file(name)).map_or(0, |file| file.len())).sum::<u64>()
    };
    scene.credential.token(&scene.tollgate).await;
    let before = bytes();
    for _ in 0..40 {
        let forms = scene.credential.client_credentials();
        let ask = || scene.tollgate.post("/ims/token/v3", &forms);
        let answers = tokio::join!(ask(), ask(), ask(), ask(), ask(), ask(), ask(), ask(), ask(), ask());
        assert_eq!((answers.0.status, answers.9.status), (200, 200));
    }
    let grown = bytes().saturating_sub(before);
    assert!(grown <= BYTES_OF_COUNTS, "400 tokens made the database {grown} bytes larger");
}
