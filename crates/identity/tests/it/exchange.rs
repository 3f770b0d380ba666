//! `/ims/exchange/jwt`.

use serde_json::{Value, json};
use tollgate_crypto::{Algorithm, SigningKey, base64url};
use tollgate_model::{Seconds, client::ClientKind};
use tollgate_store::{certificates, clients};

use crate::fixture::*;

#[tokio::test]
async fn every_address_exchanges_a_jwt_and_answers_in_milliseconds() {
    let world = World::new().await;
    for path in ["/ims/exchange/jwt", "/ims/exchange/v1/jwt", "/ims/exchange/v2/jwt"] {
        for slash in ["", "/"] {
            let answer = world.post(&format!("{path}{slash}"), &exchange_form(&world.service_jwt(&json!({})))).await;
            assert_eq!(answer.json()["expires_in"], 86_399_000, "{path}{slash}: {}", answer.body);
            assert_eq!(answer.json()["token_type"], "bearer");
            let (_, claims) = read(&answer.access_token());
            assert_eq!(claims["user_id"], TECHNICAL_ACCOUNT);
            assert_eq!(claims["client_id"], SERVICE);
            assert_eq!(claims["scope"], "ent_campaign_sdk,openid,AdobeID");
            assert_eq!(world.validity(&answer.access_token()).await, "valid");
        }
    }
    assert_eq!(world.get("/ims/exchange/jwt").await.status, 405);
}

#[tokio::test]
async fn each_of_our_base_urls_may_stand_in_audience_and_metascopes() {
    let world = World::new().await;
    let old = json!({"aud": format!("https://old.test/c/{SERVICE}"), "https://old.test/s/ent_campaign_sdk": true});
    world.exchange(&world.service_jwt(&old)).await.access_token();
}

#[tokio::test]
async fn refused_jwts_have_the_codes_and_words_of_the_contract() {
    let world = World::new().await;
    let aud = |audience: &str| json!({"aud": audience});
    for (changes, status, error, words) in [
        (aud("https://ims.test/c/other"), 400, "invalid_client", "aud"),
        (aud("https://evil.test/c/service"), 400, "invalid_client", "aud"),
        (aud("https://ims.test/ims/token/v3"), 400, "invalid_client", "aud"),
        (json!({"aud": ["https://ims.test/c/service", "https://evil.test"]}), 400, "invalid_client", "aud"),
        (json!({"iss": OTHER_ORGANIZATION}), 400, "bad_request", "iss"),
        (json!({"iss": "me"}), 400, "bad_request", "iss"),
        (json!({"sub": "DDDDDDDDDDDDDDDDDDDDDDDD@techacct.adobe.com"}), 400, "bad_request", "sub"),
        (json!({"sub": "me@techacct.adobe.com"}), 400, "bad_request", "sub"),
        (json!({"exp": null}), 400, "invalid_token", "exp"),
        (json!({"exp": "1760000300"}), 400, "invalid_token", "exp"),
        (json!({"exp": START.seconds() - 31}), 400, "invalid_token", "expired"),
        (json!({"exp": START.seconds() + 86_431}), 400, "bad_request", "24 hours"),
        (json!({"exp": START.millis() + 300_000}), 400, "bad_request", "seconds"),
        (json!({"iat": START.seconds() + 60}), 400, "invalid_token", "clock"),
        (json!({"jti": 1.5}), 400, "invalid_token", "jti"),
        (json!({"https://ims.test/s/ent_campaign_sdk": null}), 400, "invalid_scope", "metascope"),
        (
            json!({"https://ims.test/s/ent_marketing_sdk": true}),
            400,
            "invalid_scope",
            "The metascopes in the JWT are not a subset of the metascopes in the binding.",
        ),
        (json!({"https://evil.test/s/ent_campaign_sdk": true}), 400, "invalid_scope", "evil.test"),
    ] {
        let (own_status, own_error, text) = world.exchange(&world.service_jwt(&changes)).await.refusal();
        assert_eq!((own_status, own_error.as_str()), (status, error), "{changes}: {text}");
        assert!(text.contains(words), "{changes}: {text}");
    }
    let (_, _, text) =
        world.exchange(&world.service_jwt(&json!({"https://ims.test/s/ent_marketing_sdk": true}))).await.refusal();
    assert!(text.contains("Not granted: ent_marketing_sdk. Granted: ent_campaign_sdk."), "{text}");
}

#[tokio::test]
async fn clocks_may_differ_by_thirty_seconds_and_a_jwt_may_live_for_a_day() {
    let world = World::new().await;
    for changes in [
        json!({"exp": START.seconds() - 29}),
        json!({"exp": START.seconds() + 86_430}),
        json!({"iat": START.seconds() + 30}),
    ] {
        world.exchange(&world.service_jwt(&changes)).await.access_token();
    }
}

#[tokio::test]
async fn the_client_must_prove_itself_before_the_jwt_is_looked_at() {
    let world = World::new().await;
    let jwt = world.service_jwt(&json!({}));
    for (client_id, secret, status, words) in [
        (SERVICE, "p8e-wrong", 401, "invalid client_secret parameter"),
        ("unknown", SERVICE_SECRET, 400, "invalid client_id parameter"),
        (SERVICE, "", 400, "missing client authentication"),
        (PUBLIC, SECRET, 400, "unexpected client_secret parameter"),
        (SERVER, SECRET, 401, "service_account_jwt"),
    ] {
        let form = [("client_id", client_id), ("client_secret", secret), ("jwt_token", jwt.as_str())];
        let (own_status, error, text) = world.post("/ims/exchange/jwt", &form).await.refusal();
        assert_eq!((own_status, error.as_str()), (status, "invalid_client"), "{client_id}: {text}");
        assert!(text.contains(words), "{client_id}: {text}");
    }
    let public = world.post("/ims/exchange/jwt", &[("client_id", PUBLIC), ("jwt_token", &jwt)]).await;
    assert_eq!(public.refusal().1, "invalid_client");
    let basic = basic(SERVICE, SERVICE_SECRET);
    let answer = world.post_with("/ims/exchange/jwt", &[("authorization", &basic)], &[("jwt_token", &jwt)]).await;
    answer.access_token();
}

#[tokio::test]
async fn what_is_not_a_signed_jwt_of_an_accepted_algorithm_is_invalid_token() {
    let world = World::new().await;
    let good = world.service_jwt(&json!({}));
    let claims = claims(START, &json!({}));
    let unsigned =
        format!("{}.{}.", base64url::encode(br#"{"alg":"none"}"#), base64url::encode(claims.to_string().as_bytes()));
    let es256 = SigningKey::generate(Algorithm::Es256).unwrap();
    let (head, signature) = good.rsplit_once('.').unwrap();
    let swapped = if signature.starts_with('A') { "B" } else { "A" };
    for (jwt, words) in [
        ("not a jwt".to_owned(), "cannot be read"),
        ("a.b.c.d".to_owned(), "cannot be read"),
        (unsigned, "Could not match JWT signature to any of the bindings"),
        (sign(&es256, &claims), "algorithm ES256"),
        (sign_under(&json!({"alg": "RS512"}), key(0), &claims), "accepted are RS256"),
        (sign_under(&json!({"alg": "HS256"}), key(0), &claims), "algorithm HS256"),
        (sign_under(&json!({"alg": "RS256", "crit": ["exp"]}), key(0), &claims), "crit"),
        (
            sign_under(&json!({"alg": "RS256", "jwk": key(1).public_jwk("x")}), key(1), &claims),
            "Could not match JWT signature to any of the bindings",
        ),
        (
            sign_under(&json!({"alg": "RS256", "kid": "../../etc/passwd' or 1=1"}), key(1), &claims),
            "Could not match JWT signature to any of the bindings",
        ),
        (format!("{head}.{swapped}{}", &signature[1..]), "Could not match JWT signature to any of the bindings"),
    ] {
        let (status, error, text) = world.exchange(&jwt).await.refusal();
        assert_eq!((status, error.as_str()), (400, "invalid_token"), "{text}");
        assert!(text.contains(words), "{text} lacks {words}");
    }
    let missing = world.post("/ims/exchange/jwt", &exchange_form("")).await;
    assert_eq!(missing.refusal().1, "invalid_token");
}

#[tokio::test]
async fn other_algorithms_are_accepted_where_the_instance_allows_them() {
    let world = World::with(|instance| instance.assertion_algorithms = Algorithm::ALL.to_vec()).await;
    let es256 = SigningKey::generate(Algorithm::Es256).unwrap();
    let added = certificate(SERVICE, &es256, START - Seconds::DAY, START + Seconds::DAY);
    world.change(async |tx| certificates::insert(tx, &added).await).await;
    world.exchange(&sign(&es256, &claims(START, &json!({})))).await.access_token();
    for algorithm in [Algorithm::Rs384, Algorithm::Rs512, Algorithm::Ps256] {
        let key = SigningKey::from_pkcs8(algorithm, key(0).to_pkcs8().reveal()).unwrap();
        world.exchange(&sign(&key, &claims(START, &json!({})))).await.access_token();
    }
}

#[tokio::test]
async fn every_valid_certificate_is_tried_and_an_expired_one_is_named_to_who_knows_the_secret() {
    let world = World::new().await;
    let expired = certificate(SERVICE, key(1), START - Seconds(2 * 86_400), START - Seconds(60));
    let future = certificate(SERVICE, key(2), START + Seconds(3_600), START + Seconds::DAY);
    world
        .change(async |tx| {
            certificates::insert(tx, &expired).await?;
            certificates::insert(tx, &future).await
        })
        .await;
    world.service_token().await;

    let of_expired = sign(key(1), &claims(START, &json!({})));
    let (status, error, text) = world.exchange(&of_expired).await.refusal();
    assert_eq!((status, error.as_str()), (400, "invalid_token"));
    assert!(text.contains(&expired.fingerprint) && text.contains("2025-10-09T08:52:20Z"), "{text}");
    let form = [("client_id", SERVICE), ("client_secret", "wrong"), ("jwt_token", &of_expired)];
    let without_secret = world.post("/ims/exchange/jwt", &form).await;
    assert!(!without_secret.body.contains(&expired.fingerprint), "{}", without_secret.body);

    let of_future = sign(key(2), &claims(START, &json!({})));
    let (_, _, text) = world.exchange(&of_future).await.refusal();
    assert!(text.contains(&future.fingerprint) && text.contains("not valid before"), "{text}");
    world.pass(3_600).await;
    world.exchange(&sign(key(2), &claims(world.now(), &json!({})))).await.access_token();
}

#[tokio::test]
async fn a_mismatch_names_the_certificates_that_were_tried() {
    let world = World::new().await;
    let (_, _, text) = world.exchange(&sign(key(1), &claims(START, &json!({})))).await.refusal();
    let own = certificates::list(&world.house.db, &SERVICE.parse().unwrap()).await.unwrap().remove(0);
    assert!(text.starts_with("Could not match JWT signature to any of the bindings"), "{text}");
    assert!(text.contains(&own.fingerprint) && text.contains("algorithm RS256"), "{text}");
}

#[tokio::test]
async fn a_jwt_without_jti_may_be_exchanged_again_and_one_with_jti_once() {
    let world = World::new().await;
    let without = world.service_jwt(&json!({}));
    for _ in 0..2 {
        world.exchange(&without).await.access_token();
    }
    for jti in [json!(1_479_490_921), json!("as-text")] {
        let once = world.service_jwt(&json!({"jti": jti}));
        world.exchange(&once).await.access_token();
        let (status, error, text) = world.exchange(&once).await.refusal();
        assert_eq!((status, error.as_str()), (400, "invalid_token"), "{text}");
        assert!(text.contains("jti"), "{text}");
    }
    let restarted = world.second_node().await;
    let same_id = world.service_jwt(&json!({"jti": 1_479_490_921, "iat": START.seconds()}));
    assert_eq!(restarted.exchange(&same_id).await.refusal().1, "invalid_token");
}

#[tokio::test]
async fn a_refused_jwt_does_not_use_its_jti_up() {
    let world = World::new().await;
    let refused = world.service_jwt(&json!({"jti": 7, "https://ims.test/s/ent_marketing_sdk": true}));
    assert_eq!(world.exchange(&refused).await.status, 400);
    world.exchange(&world.service_jwt(&json!({"jti": 7}))).await.access_token();
}

#[tokio::test]
async fn a_credential_may_require_a_jti() {
    let world = World::new().await;
    let mut client = stored_client(&world, SERVICE).await;
    let ClientKind::ServiceAccountJwt { jti_required, .. } = &mut client.kind else { panic!("a service account") };
    *jti_required = true;
    world.change(async |tx| clients::update(tx, &client).await).await;
    let (status, error, text) = world.exchange(&world.service_jwt(&json!({}))).await.refusal();
    assert_eq!((status, error.as_str()), (400, "bad_request"), "{text}");
    world.exchange(&world.service_jwt(&json!({"jti": 1}))).await.access_token();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_64_exchanges_of_one_jti_at_once_on_two_nodes_exactly_one_wins() {
    let world = World::new().await;
    let nodes = [world.clone(), world.second_node().await];
    for round in 0..4 {
        let jwt = world.service_jwt(&json!({"jti": round}));
        let attempts: Vec<_> = (0..64)
            .map(|n| {
                let (node, jwt) = (nodes[n % 2].clone(), jwt.clone());
                tokio::spawn(async move { node.exchange(&jwt).await.status.as_u16() })
            })
            .collect();
        let mut won = 0;
        for attempt in attempts {
            match attempt.await.unwrap() {
                200 => won += 1,
                status => assert_eq!(status, 400),
            }
        }
        assert_eq!(won, 1, "round {round}");
    }
}

#[tokio::test]
async fn a_huge_jwt_is_refused_before_it_is_read() {
    let world = World::new().await;
    let padding: Value = json!({"padding": "x".repeat(9_000)});
    assert_eq!(world.exchange(&world.service_jwt(&padding)).await.refusal().1, "invalid_token");
}
