//! `/ims/token`.

use axum::body::Body;
use http::Request;
use tollgate_crypto::Algorithm;
use tollgate_model::{Seconds, token::TOKEN_BYTES_MAX};
use tollgate_store::{clients, secrets, services, subscriptions};

use crate::fixture::*;

#[tokio::test]
async fn every_version_answers_with_and_without_slash_in_its_own_unit() {
    let world = World::new().await;
    for (path, expires_in) in [
        ("/ims/token", 86_399_000),
        ("/ims/token/v1", 86_399_000),
        ("/ims/token/v2", 86_399),
        ("/ims/token/v3", 86_399),
        ("/ims/token/v4", 86_399),
    ] {
        for slash in ["", "/"] {
            let answer = world.post(&format!("{path}{slash}"), &credentials(SERVER, SECRET)).await;
            assert_eq!(answer.status, 200, "{path}{slash}: {}", answer.body);
            assert_eq!(answer.json()["expires_in"], expires_in, "{path}{slash}");
            assert_eq!(answer.json()["token_type"], "bearer");
            assert_eq!(answer.headers["content-type"], "application/json;charset=UTF-8");
            assert_eq!(answer.headers["cache-control"], "no-store");
            assert!(answer.headers.contains_key("x-debug-id"));
        }
    }
    assert_eq!(world.post("/ims/token/v5", &credentials(SERVER, SECRET)).await.status, 404);
}

#[tokio::test]
async fn parameters_come_in_the_query_a_form_multipart_or_beside_meaningless_json() {
    let world = World::new().await;
    let form = encoded(&credentials(SERVER, SECRET));
    let boundary = "------boundary";
    let part = |(name, value): (&str, &str)| {
        format!("{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let parts = format!("{}{boundary}--\r\n", credentials(SERVER, SECRET).map(part).concat());
    let multipart = "multipart/form-data; boundary=----boundary";
    let urlencoded = "application/x-www-form-urlencoded";
    for (query, content_type, body) in [
        (form.as_str(), "", ""),
        (form.as_str(), "application/json", r#"{"headers":{"cache-control":"no-cache"}}"#),
        ("", urlencoded, form.as_str()),
        ("", urlencoded, &format!("&{form}")),
        (form.as_str(), urlencoded, form.as_str()),
        ("client_id=server", urlencoded, form.as_str()),
        ("", multipart, parts.as_str()),
        ("client_id=server&scope=undefined", multipart, parts.as_str()),
    ] {
        let mut request = Request::post(format!("/ims/token/v4?{query}"));
        if !content_type.is_empty() {
            request = request.header("content-type", content_type);
        }
        let answer = world.send(request.body(Body::from(body.to_owned())).unwrap()).await;
        assert_eq!(answer.status, 200, "{query} {content_type}: {}", answer.body);
    }
    let twice = world.post("/ims/token/v3?client_id=other", &credentials(SERVER, SECRET)).await;
    assert_eq!(twice.refusal().1, "invalid_request");
}

#[tokio::test]
async fn a_get_is_405_because_secrets_do_not_belong_in_addresses() {
    let world = World::new().await;
    let answer = world.get(&format!("/ims/token/v3?{}", encoded(&credentials(SERVER, SECRET)))).await;
    assert_eq!(answer.refusal().0, 405);
    assert_eq!(answer.headers["allow"], "POST,OPTIONS");
}

#[tokio::test]
async fn a_token_has_the_claims_of_ims_and_of_rfc_9068_and_a_header_that_names_its_certificate() {
    let world = World::new().await;
    let token = world.server_token().await;
    let (header, claims) = read(&token);
    assert_eq!(header["alg"], "ES256");
    assert_eq!(header["typ"], "at+jwt");
    assert_eq!(header["itt"], "at");
    assert_eq!(header["kid"], "ims_na1-key-at-1");
    assert_eq!(header["x5u"], "ims_na1-key-at-1.cer");
    for (name, value) in [
        ("type", "access_token"),
        ("client_id", SERVER),
        ("user_id", "BBBBBBBBBBBBBBBBBBBBBBBB@techacct.adobe.com"),
        ("sub", "BBBBBBBBBBBBBBBBBBBBBBBB@techacct.adobe.com"),
        ("as", "ims-na1"),
        ("org_id", ORGANIZATION),
        ("scope", "openid,AdobeID,campaign_sdk"),
        ("created_at", "1760000000000"),
        ("expires_in", "86400000"),
        ("iss", ISSUER),
        ("aud", GATEWAY),
    ] {
        assert_eq!(claims[name], value, "{name}");
    }
    assert_eq!(claims["exp"], 1_760_086_400);
    assert_eq!(claims["iat"], 1_760_000_000);
    assert_eq!(claims["jti"], claims["id"]);
    assert!(token.len() < 1_280, "{} characters do not fit the credential stores of some systems", token.len());
    assert_ne!(world.server_token().await, token);
}

#[tokio::test]
async fn scopes_are_all_those_allowed_or_those_asked_for_with_commas_or_spaces() {
    let world = World::new().await;
    for (asked, granted) in [
        (None, "openid,AdobeID,campaign_sdk"),
        (Some("undefined"), "openid,AdobeID,campaign_sdk"),
        (Some("campaign_sdk"), "campaign_sdk"),
        (Some("openid,AdobeID"), "openid,AdobeID"),
        (Some("openid AdobeID campaign_sdk"), "openid,AdobeID,campaign_sdk"),
        (Some("openid, campaign_sdk"), "openid,campaign_sdk"),
    ] {
        let mut form = credentials(SERVER, SECRET).to_vec();
        form.extend(asked.map(|asked| ("scope", asked)));
        let answer = world.post("/ims/token/v3", &form).await;
        assert_eq!(read(&answer.access_token()).1["scope"], granted, "{asked:?}");
        // Only who did not choose is told (RFC 6749 section 5.1).
        let told = matches!(asked, None | Some("undefined")).then_some("openid AdobeID campaign_sdk");
        assert_eq!(answer.json()["scope"].as_str(), told, "{asked:?}");
    }
}

#[tokio::test]
async fn a_scope_that_is_not_allowed_is_named_together_with_those_that_are() {
    let world = World::new().await;
    let mut form = credentials(SERVER, SECRET).to_vec();
    form.push(("scope", "openid,target_sdk,nonsense"));
    let (status, error, text) = world.post("/ims/token/v3", &form).await.refusal();
    assert_eq!((status, error.as_str()), (400, "invalid_scope"));
    assert!(text.contains("Not allowed: target_sdk,nonsense. Allowed: openid,AdobeID,campaign_sdk."), "{text}");
}

#[tokio::test]
async fn both_secrets_work_until_one_is_deleted_or_ends() {
    let world = World::new().await;
    for secret in [SECRET, SECOND_SECRET] {
        world.post("/ims/token/v4", &credentials(SERVER, secret)).await.access_token();
    }
    let id = SERVER.parse().unwrap();
    let first = secrets::list(&world.house.db, &id).await.unwrap().remove(0);
    let first_secret =
        if first.visible_prefix == SECRET[..8] { (SECRET, SECOND_SECRET) } else { (SECOND_SECRET, SECRET) };
    world.change(async |tx| secrets::delete(tx, &id, &first.id).await).await;
    let refused = world.post("/ims/token/v4", &credentials(SERVER, first_secret.0)).await;
    assert_eq!(refused.body, r#"{"error":"invalid_client","error_description":"invalid client_secret parameter"}"#);
    world.post("/ims/token/v4", &credentials(SERVER, first_secret.1)).await.access_token();

    let brief = tollgate_model::secret::StoredSecret {
        expires_at: Some(START + Seconds(60)),
        ..stored_secret(&world.house, SERVER, "p8e-lives-for-a-minute")
    };
    world.change(async |tx| secrets::insert_if_fewer(tx, &brief, 2).await).await;
    world.post("/ims/token/v4", &credentials(SERVER, "p8e-lives-for-a-minute")).await.access_token();
    world.pass(60).await;
    assert_eq!(world.post("/ims/token/v4", &credentials(SERVER, "p8e-lives-for-a-minute")).await.status, 400);
}

#[tokio::test]
async fn refusals_have_the_codes_and_words_of_the_contract() {
    let world = World::new().await;
    for (form, status, error, words) in [
        (credentials(SERVER, "p8e-wrong"), 400, "invalid_client", "invalid client_secret parameter"),
        (credentials("unknown", SECRET), 400, "invalid_client", "invalid client_id parameter"),
        (credentials("not/an id", SECRET), 400, "invalid_client", "invalid client_id parameter"),
        (credentials(SERVER, ""), 400, "invalid_client", "missing client authentication"),
        (credentials("", SECRET), 400, "invalid_client", "missing client authentication"),
        (credentials(PUBLIC, SECRET), 400, "invalid_client", "unexpected client_secret parameter"),
        (credentials(API_KEY, SECRET), 400, "invalid_client", "unexpected client_secret parameter"),
        (credentials(PUBLIC, ""), 400, "unauthorized_client", "oauth_single_page_app"),
        (credentials(WEB_APP, WEB_SECRET), 400, "unauthorized_client", "oauth_web_app"),
        (credentials(SERVICE, SERVICE_SECRET), 400, "unauthorized_client", "/ims/exchange/jwt"),
        (
            [("grant_type", "password"), ("client_id", SERVER), ("client_secret", SECRET)],
            400,
            "unsupported_grant_type",
            "client_credentials",
        ),
        ([("grant_type", ""), ("client_id", SERVER), ("client_secret", SECRET)], 400, "invalid_request", "grant_type"),
    ] {
        for path in ["/ims/token", "/ims/token/v3", "/ims/token/v4"] {
            let answer = world.post(path, &form).await;
            let (own_status, own_error, text) = answer.refusal();
            assert_eq!((own_status, own_error.as_str()), (status, error), "{form:?}: {text}");
            assert!(text.contains(words), "{form:?}: {text}");
            assert!(!answer.body.contains("p8e-"), "no secret is repeated");
        }
    }
    let exact = world.post("/ims/token/v3", &credentials("unknown", SECRET)).await;
    assert_eq!(exact.body, r#"{"error":"invalid_client","error_description":"invalid client_id parameter"}"#);
}

#[tokio::test]
async fn http_basic_works_and_its_failure_is_401_with_a_challenge() {
    let world = World::new().await;
    let grant = [("grant_type", "client_credentials")];
    let good = basic(SERVER, SECRET);
    world.post_with("/ims/token/v3", &[("authorization", &good)], &grant).await.access_token();
    let agreeing = credentials(SERVER, SECRET);
    world.post_with("/ims/token/v3", &[("authorization", &good)], &agreeing).await.access_token();
    let differing = credentials(SERVER, SECOND_SECRET);
    let refused = world.post_with("/ims/token/v3", &[("authorization", &good)], &differing).await;
    assert_eq!(refused.refusal().1, "invalid_request");
    for bad in [basic(SERVER, "wrong"), basic("unknown", SECRET)] {
        let refused = world.post_with("/ims/token/v3", &[("authorization", &bad)], &grant).await;
        assert_eq!(refused.refusal().0, 401);
        assert!(refused.headers["www-authenticate"].to_str().unwrap().starts_with("Basic "));
    }
}

#[tokio::test]
async fn the_organization_may_be_named_and_must_then_be_right() {
    let world = World::new().await;
    for (named, status) in [(ORGANIZATION, 200), ("undefined", 200), (OTHER_ORGANIZATION, 400), ("17", 400)] {
        let mut form = credentials(SERVER, SECRET).to_vec();
        form.push(("org_id", named));
        let answer = world.post("/ims/token/v2", &form).await;
        assert_eq!(answer.status, status, "{named}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_resource_must_be_an_audience_of_this_instance() {
    let world = World::with(|instance| instance.audience.push("https://api.test".into())).await;
    let mut form = credentials(SERVER, SECRET).to_vec();
    form.push(("resource", "https://api.test"));
    let token = world.post("/ims/token/v4", &form).await.access_token();
    assert_eq!(read(&token).1["aud"], "https://api.test");
    form.push(("resource", "https://elsewhere.test"));
    assert_eq!(world.post("/ims/token/v4", &form).await.refusal().1, "invalid_target");
}

#[tokio::test]
async fn a_credential_or_an_instance_may_sign_with_rs256() {
    let world = World::new().await;
    let mut client = stored_client(&world, SERVER).await;
    client.token_algorithm = Some(Algorithm::Rs256);
    world.change(async |tx| clients::update(tx, &client).await).await;
    let token = world.server_token().await;
    assert_eq!(read(&token).0["alg"], "RS256");
    assert_eq!(world.validity(&token).await, "valid");

    let world = World::with(|instance| {
        instance.token_algorithm = Algorithm::Rs256;
        instance.x5u = tollgate_web::X5u::Url;
    })
    .await;
    let (header, _) = read(&world.server_token().await);
    assert_eq!(header["alg"], "RS256");
    assert_eq!(header["x5u"], "https://ims.test/keys/prod/ims_na1-key-at-2.cer");
}

#[tokio::test]
async fn a_token_that_would_be_too_long_is_refused_and_the_caller_told_to_name_fewer_scopes() {
    let world = World::new().await;
    let scope = (0..40).map(|n| format!("a_scope_with_a_rather_long_name_{n:032}")).collect::<Vec<_>>().join(",");
    let verbose = service("Verbose", &scope, "");
    world
        .change(async |tx| {
            services::insert(tx, &verbose).await?;
            subscriptions::insert(tx, &SERVER.parse().unwrap(), &verbose.code, START).await
        })
        .await;
    let answer = world.post("/ims/token/v3", &credentials(SERVER, SECRET)).await;
    let (status, error, description) = answer.refusal();
    assert_eq!((status, error.as_str()), (400, "invalid_scope"), "{description}");
    assert!(description.contains("name fewer scopes"), "{description}");
    let mut fewer = credentials(SERVER, SECRET).to_vec();
    fewer.push(("scope", "campaign_sdk"));
    assert!(world.post("/ims/token/v3", &fewer).await.access_token().len() <= TOKEN_BYTES_MAX);
}
