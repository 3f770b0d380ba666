//! The grant `authorization_code`.

use tollgate_store::{subscriptions, users};

use crate::fixture::*;

#[tokio::test]
async fn a_code_gives_the_tokens_of_the_person() {
    let world = World::new().await;
    let code = world.code("openid email AdobeID offline_access campaign_sdk").await;
    let answer = world.redeem(&code).await;
    let token = answer.access_token();
    let (_, claims) = read(&token);
    for (name, value) in [
        ("user_id", ADA),
        ("sub", ADA),
        ("aa_id", ADA),
        ("client_id", WEB_APP),
        ("org_id", ORGANIZATION),
        ("scope", "openid,email,AdobeID,offline_access,campaign_sdk"),
        ("aud", GATEWAY),
    ] {
        assert_eq!(claims[name], value, "{name}");
    }
    assert!(claims["rtid"].is_string() && claims["sid"].is_string(), "{claims}");
    assert_eq!(world.validity(&token).await, "valid");
    let body = answer.json();
    assert_eq!((&body["token_type"], &body["expires_in"]), (&"bearer".into(), &86_399.into()));
    assert_eq!(body["sub"], ADA);
    let (header, refresh) = read(&refresh_token(&answer));
    assert_eq!(
        (&header["itt"], &refresh["type"], &refresh["rtid"]),
        (&"rt".into(), &"refresh_token".into(), &claims["rtid"])
    );
    assert_eq!(refresh["expires_in"], (14 * 86_400_000_i64).to_string());
    let (header, id_token) = read(body["id_token"].as_str().unwrap());
    assert_eq!((&header["alg"], &header["typ"]), (&"RS256".into(), &"JWT".into()));
    for (name, value) in [("iss", ISSUER), ("sub", ADA), ("aud", WEB_APP), ("acr", "2"), ("email", "ada@example.com")] {
        assert_eq!(id_token[name], value, "{name}");
    }
    assert_eq!((&id_token["sid"], &id_token["amr"][0]), (&claims["sid"], &"hwk".into()));
    assert_eq!(id_token["auth_time"], START.seconds());
    assert!(id_token["at_hash"].is_string());
}

#[tokio::test]
async fn a_refresh_token_comes_with_offline_access_alone_and_an_id_token_with_openid_alone() {
    let world = World::new().await;
    let body = world.redeem(&world.code("openid").await).await.json();
    assert!(body.get("refresh_token").is_none() && body["id_token"].is_string(), "{body}");
    let body = world.redeem(&world.code("campaign_sdk offline_access").await).await.json();
    assert!(body["refresh_token"].is_string() && body.get("id_token").is_none(), "{body}");
}

#[tokio::test]
async fn the_nonce_and_the_claims_that_were_asked_for_are_in_the_id_token() {
    let world = World::new().await;
    let claims = r#"{"id_token":{"given_name":null}}"#;
    let code =
        world.code_with(&[("client_id", WEB_APP), ("scope", "openid"), ("nonce", "n-1"), ("claims", claims)]).await;
    let (_, id_token) = read(world.redeem(&code).await.json()["id_token"].as_str().unwrap());
    assert_eq!((&id_token["nonce"], &id_token["given_name"]), (&"n-1".into(), &"Ada".into()));
    assert!(id_token.get("email").is_none());
}

#[tokio::test]
async fn a_code_used_twice_is_refused_and_ends_what_the_first_use_gave() {
    let world = World::new().await;
    let code = world.code("openid offline_access").await;
    let first = world.redeem(&code).await;
    let (token, refresh) = (first.access_token(), refresh_token(&first));
    let (status, error, text) = world.redeem(&code).await.refusal();
    assert_eq!((status, error.as_str()), (400, "invalid_grant"));
    assert!(text.contains("used before"), "{text}");
    assert_eq!(world.validity(&token).await, "revoked_token");
    assert_eq!(world.refresh(&refresh).await.refusal().1, "invalid_grant");
    assert_eq!(world.second_node().await.validity(&token).await, "revoked_token", "durably");
}

#[tokio::test]
async fn on_the_first_version_a_bad_code_is_access_denied() {
    let world = World::new().await;
    for (path, error) in [
        ("/ims/token", "access_denied"),
        ("/ims/token/v1", "access_denied"),
        ("/ims/token/v2", "invalid_grant"),
        ("/ims/token/v4", "invalid_grant"),
    ] {
        for code in ["nonsense", "a.b.c"] {
            let answer = world.post(path, &redemption(code)).await;
            assert_eq!((answer.refusal().0, answer.refusal().1.as_str()), (400, error), "{path}");
        }
    }
}

#[tokio::test]
async fn whatever_is_wrong_with_its_redemption_a_code_is_used_up() {
    let world = World::new().await;
    for (case, change) in [
        ("another redirect URI", vec![("redirect_uri", "https://app.test/other")]),
        ("an unexpected verifier", vec![("code_verifier", VERIFIER)]),
        ("a scope that was not granted", vec![("scope", "openid campaign_sdk")]),
        ("a resource that is not ours", vec![("resource", "https://elsewhere.test/")]),
    ] {
        let code = world.code("openid").await;
        let mut form = redemption(&code).to_vec();
        form.extend(change);
        assert_eq!(world.post("/ims/token/v3", &form).await.status, 400, "{case}");
        assert_eq!(world.redeem(&code).await.refusal().1, "invalid_grant", "{case}");
    }
    let code = world.public_code("openid").await;
    assert_eq!(world.redeem(&code).await.refusal().1, "invalid_grant", "another client");
    let own =
        [("grant_type", "authorization_code"), ("client_id", PUBLIC), ("code", &code), ("code_verifier", VERIFIER)];
    assert_eq!(world.post("/ims/token/v3", &own).await.refusal().1, "invalid_grant", "used up by another client");
}

#[tokio::test]
async fn the_redirect_uri_need_not_be_repeated_but_must_be_the_same() {
    let world = World::new().await;
    for (named, status) in
        [(None, 200), (Some(CALLBACK), 200), (Some("undefined"), 200), (Some("https://app.test/"), 400)]
    {
        let code = world.code("openid").await;
        let mut form = redemption(&code).to_vec();
        form.extend(named.map(|named| ("redirect_uri", named)));
        assert_eq!(world.post("/ims/token/v3", &form).await.status, status, "{named:?}");
    }
}

#[tokio::test]
async fn the_verifier_table() {
    let world = World::new().await;
    let (good, wrong) = (VERIFIER, "another-verifier-of-43-characters-or-rather-more");
    let challenge = challenge();
    let s256 = [("code_challenge", challenge.as_str()), ("code_challenge_method", "S256")];
    for (asked, verifier, status) in [
        (&[][..], None, 200),
        (&[], Some(good), 400),
        (&s256, Some(good), 200),
        (&s256, None, 400),
        (&s256, Some(""), 400),
        (&s256, Some(wrong), 400),
        (&s256, Some(challenge.as_str()), 400),
    ] {
        let mut fields = vec![("client_id", WEB_APP), ("scope", "openid")];
        fields.extend_from_slice(asked);
        let code = world.code_with(&fields).await;
        let mut form = redemption(&code).to_vec();
        form.extend(verifier.map(|verifier| ("code_verifier", verifier)));
        let answer = world.post("/ims/token/v3", &form).await;
        assert_eq!(answer.status, status, "{asked:?} {verifier:?}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_public_client_redeems_with_its_verifier_alone() {
    let world = World::new().await;
    let code = world.public_code("openid offline_access").await;
    let form = [("grant_type", "authorization_code"), ("code", &code), ("code_verifier", VERIFIER)];
    let answer = world.post("/ims/token/v3?client_id=single-page-app", &form).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let code = world.public_code("openid").await;
    let with_secret = [
        ("grant_type", "authorization_code"),
        ("client_id", PUBLIC),
        ("client_secret", "p8e-anything"),
        ("code", &code),
        ("code_verifier", VERIFIER),
    ];
    assert!(world.post("/ims/token/v3", &with_secret).await.refusal().2.contains("unexpected client_secret"));
}

#[tokio::test]
async fn a_code_lasts_for_five_minutes() {
    let world = World::new().await;
    let [early, late] = [world.code("openid").await, world.code("openid").await];
    world.pass(299).await;
    assert_eq!(world.redeem(&early).await.status, 200);
    world.pass(1).await;
    let (_, error, text) = world.redeem(&late).await.refusal();
    assert_eq!(error, "invalid_grant");
    assert!(text.contains("expired"), "{text}");
}

#[tokio::test]
async fn a_code_is_worth_nothing_when_the_person_or_the_session_is_gone() {
    for fate in ["disabled", "deleted", "signed out", "disconnected"] {
        let world = World::new().await;
        let code = world.code("openid").await;
        let now = world.now();
        let ada = ADA.parse().unwrap();
        match fate {
            "disabled" => {
                world.change(async |tx| users::set_enabled(tx, &ada, false).await).await;
            }
            "deleted" => world.people.delete_account(&ada, now).await.unwrap(),
            "signed out" => {
                world.people.end_all_sessions(&ada, now).await.unwrap();
            }
            _ => {
                let visitor = tollgate_people::Visitor::new("127.0.0.1".parse().unwrap(), None);
                world.people.disconnect(&ada, &WEB_APP.parse().unwrap(), Some(&visitor), now).await.unwrap();
            }
        }
        assert_eq!(world.redeem(&code).await.refusal().1, "invalid_grant", "{fate}");
    }
}

#[tokio::test]
async fn a_scope_that_the_client_lost_meanwhile_is_not_given() {
    let world = World::new().await;
    let code = world.code("openid campaign_sdk").await;
    let (client, service) = (WEB_APP.parse().unwrap(), "Campaign".parse().unwrap());
    world.change(async |tx| subscriptions::delete(tx, &client, &service).await).await;
    assert_eq!(read(&world.redeem(&code).await.access_token()).1["scope"], "openid");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_64_uses_of_one_code_at_once_on_two_nodes_at_most_one_is_answered() {
    let world = World::new().await;
    let nodes = [world.clone(), world.second_node().await];
    let code = world.code("openid offline_access").await;
    let attempts: Vec<_> = (0..64)
        .map(|n| {
            let (node, code) = (nodes[n % 2].clone(), code.clone());
            tokio::spawn(async move { node.redeem(&code).await })
        })
        .collect();
    let mut tokens = Vec::new();
    for attempt in attempts {
        let answer = attempt.await.unwrap();
        match answer.status.as_u16() {
            200 => tokens.push(answer.access_token()),
            status => assert_eq!(status, 400, "{}", answer.body),
        }
    }
    assert_eq!(tokens.len(), 1);
    world.house.directory.refresh().await.unwrap();
    assert_eq!(world.validity(&tokens[0]).await, "revoked_token", "it was used more than once");
}

#[tokio::test]
async fn the_profile_beside_the_token_follows_version_and_scope() {
    let world = World::new().await;
    let first = world.code("openid AdobeID").await;
    let body = world.post("/ims/token/v1", &redemption(&first)).await.json();
    assert_eq!(
        (&body["userId"], &body["email"], &body["expires_in"]),
        (&ADA.into(), &"ada@example.com".into(), &86_399_000.into())
    );
    let later = world.code("openid").await;
    let body = world.redeem(&later).await.json();
    assert!(body.get("email").is_none(), "{body}");
}
