//! Signed assertions for somebody else, for ever, or for the second time (row 5).
//!
//! One `jti` by many at once and on two nodes stands in `two_at_once`; one `jti` and `kill -9` in `durability`.

use serde_json::{Map, Value, json};
use tollgate_acceptance::{Answer, Credential, Tollgate, jwt};

use super::{Scene, now_seconds};

const HEADER: &str = r#"{"alg":"RS256"}"#;

async fn exchange(tollgate: &Tollgate, account: &Credential, claims: &Map<String, Value>) -> Answer {
    account.exchange(tollgate, &account.signed(claims)).await
}

#[tokio::test]
async fn a_service_jwt_must_name_us_and_its_own_credential_as_its_audience_and_nobody_else() {
    let scene = Scene::new().await;
    let (account, other) = (scene.service_account().await, scene.service_account().await);
    let (base, id) = (&scene.tollgate.base_url, account.id());
    let own = format!("{base}/c/{id}");
    let also_known = format!("https://ims-na1.adobelogin.com/c/{id}");
    let mut claims = account.claims(&scene.tollgate);
    for good in [json!(own), json!(also_known), json!([own]), json!([own, also_known])] {
        claims.insert("aud".to_owned(), good.clone());
        assert_eq!(exchange(&scene.tollgate, &account, &claims).await.status, 200, "{good}");
    }
    for bad in [
        json!(base),
        json!(format!("{base}/ims/exchange/jwt")),
        json!(format!("{base}/ims/token/v3")),
        json!(format!("{base}/c/{}", other.id())),
        json!(format!("{own}/")),
        json!(format!("{own}x")),
        json!(format!("{base}//c/{id}")),
        json!(format!("{base}/C/{id}")),
        json!(format!("{base}/c/x/c/{id}")),
        json!(format!("{base}.example.com/c/{id}")),
        json!(format!("https://example.com/c/{id}")),
        json!(format!("https://ims-na1.adobelogin.com@example.com/c/{id}")),
        json!(id),
        json!([own, "https://example.com"]),
        json!([own, format!("{base}/c/{}", other.id())]),
        json!(vec![own.clone(); 50]),
        json!([]),
        json!([[own]]),
        json!({"0": own}),
        json!(7),
        Value::Null,
    ] {
        claims.insert("aud".to_owned(), bad.clone());
        let refused = exchange(&scene.tollgate, &account, &claims).await;
        assert!(matches!(refused.status, 400 | 401), "{bad}: {refused:?}");
    }
    claims.remove("aud");
    assert_eq!(exchange(&scene.tollgate, &account, &claims).await.status, 400);
}

#[tokio::test]
async fn a_service_jwt_lives_a_day_at_most_and_its_times_are_whole_seconds() {
    let scene = Scene::new().await;
    let account = scene.service_account().await;
    let now = now_seconds();
    let claims = account.claims(&scene.tollgate);
    for (claim, value) in [
        ("exp", json!(now + 25 * 3_600)),
        ("exp", json!(now + 10 * 365 * 86_400)),
        ("exp", json!((now + 300) * 1_000)),
        ("exp", json!(i64::MAX)),
        ("exp", json!(u64::MAX)),
        ("exp", json!(1e300)),
        ("exp", json!(now - 60)),
        ("exp", json!(0)),
        ("exp", json!(-1)),
        ("exp", json!((now + 300).to_string())),
        ("exp", serde_json::from_str(&format!("{}.5", now + 300)).unwrap()),
        ("exp", Value::Null),
        ("exp", json!(true)),
        ("iat", json!(now + 300)),
        ("nbf", json!(now + 300)),
        ("iat", json!("now")),
        ("jti", json!(1.5)),
        ("jti", json!([1])),
        ("jti", json!({})),
        ("jti", json!("x".repeat(5_000))),
    ] {
        let mut claims = claims.clone();
        claims.insert(claim.to_owned(), value.clone());
        let refused = exchange(&scene.tollgate, &account, &claims).await;
        assert_eq!(refused.status, 400, "{claim} {value}: {refused:?}");
    }
    let mut without = claims.clone();
    without.remove("exp");
    assert_eq!(exchange(&scene.tollgate, &account, &without).await.status, 400);
    // The same claim twice: two readers would disagree.
    let text = Value::Object(claims).to_string().replacen('{', &format!(r#"{{"exp":{},"#, now + 300), 1);
    let twice = account.exchange(&scene.tollgate, &jwt::signed(HEADER, &text, account.key())).await;
    assert_eq!(twice.status, 400, "{twice:?}");
}

#[tokio::test]
async fn a_service_jwt_speaks_for_its_own_organization_and_account_only() {
    let scene = Scene::new().await;
    let (account, other) = (scene.service_account().await, scene.service_account().await);
    let claims = account.claims(&scene.tollgate);
    for (claim, value) in [
        ("iss", json!("0123456789ABCDEF01234567@AdobeOrg")),
        ("iss", json!(account.id())),
        ("sub", other.created["technical_account_id"].clone()),
        ("sub", json!(account.id())),
        ("sub", Value::Null),
    ] {
        let mut claims = claims.clone();
        claims.insert(claim.to_owned(), value.clone());
        assert_eq!(exchange(&scene.tollgate, &account, &claims).await.status, 400, "{claim} {value}");
    }
    // Somebody else's good JWT, with one's own client id and secret.
    let stolen = account.signed(&claims);
    assert!(matches!(other.exchange(&scene.tollgate, &stolen).await.status, 400 | 401));
    // The JWT alone is half of the proof.
    let form = [("client_id", account.id()), ("client_secret", other.secret()), ("jwt_token", &stolen)];
    assert!(matches!(scene.tollgate.post("/ims/exchange/jwt", &form).await.status, 400 | 401));
    let form = [("client_id", account.id()), ("jwt_token", &stolen)];
    assert!(matches!(scene.tollgate.post("/ims/exchange/jwt", &form).await.status, 400 | 401));
}

#[tokio::test]
async fn the_jti_of_an_assertion_is_used_up_once_whatever_its_spelling_and_after_a_restart() {
    let mut scene = Scene::new().await;
    let (account, other) = (scene.service_account().await, scene.service_account().await);
    let mut claims = account.claims(&scene.tollgate);
    claims.insert("jti".to_owned(), json!(7));
    assert_eq!(exchange(&scene.tollgate, &account, &claims).await.status, 200);
    let mut others = other.claims(&scene.tollgate);
    others.insert("jti".to_owned(), json!(7));
    assert_eq!(exchange(&scene.tollgate, &other, &others).await.status, 200, "ids are of each credential");

    let assertion = json!({
        "iss": account.id(), "sub": account.id(), "aud": scene.tollgate.base_url, "exp": now_seconds() + 60, "jti": "once",
    });
    let assertion = jwt::signed(HEADER, &assertion.to_string(), account.key());
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", account.id()),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", &assertion),
    ];
    assert_eq!(scene.tollgate.post("/ims/token/v3", &form).await.status, 200);
    for restarts in [false, true] {
        if restarts {
            scene.tollgate.kill();
            scene.tollgate.serve().await;
        }
        for again in [json!(7), json!("7")] {
            claims.insert("jti".to_owned(), again.clone());
            // A new JWT around the old id is the same replay.
            claims.insert("exp".to_owned(), json!(now_seconds() + 200));
            let refused = exchange(&scene.tollgate, &account, &claims).await;
            assert_eq!(refused.status, 400, "{again} after restart {restarts}: {refused:?}");
        }
        let replayed = scene.tollgate.post("/ims/token/v3", &form).await;
        assert_eq!((replayed.status, &replayed.body["error"]), (400, &json!("invalid_client")), "{replayed:?}");
    }
}

#[tokio::test]
async fn a_client_assertion_is_for_this_server_and_signed_by_the_client_that_it_names() {
    let scene = Scene::new().await;
    let (account, other) = (scene.service_account().await, scene.service_account().await);
    let base = scene.tollgate.base_url.clone();
    let now = now_seconds();
    let good = json!({"iss": account.id(), "sub": account.id(), "aud": base, "exp": now + 60});
    let ask = async |claims: &Value, named: &Credential, signer: &Credential| {
        let assertion = jwt::signed(HEADER, &claims.to_string(), signer.key());
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", named.id()),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", &assertion),
        ];
        scene.tollgate.post("/ims/token/v3", &form).await.status
    };
    assert_eq!(ask(&good, &account, &account).await, 200);
    assert_eq!(ask(&good, &account, &other).await, 400);
    assert_eq!(ask(&good, &other, &account).await, 400);
    assert_eq!(ask(&good, &other, &other).await, 400);
    for (claim, value) in [
        ("aud", json!("https://example.com")),
        ("aud", json!([base, "https://example.com"])),
        ("aud", json!([])),
        ("aud", json!(format!("{base}.example.com"))),
        ("iss", json!(other.id())),
        ("sub", json!(other.id())),
        ("exp", json!(now + 2 * 86_400)),
        ("exp", json!(now - 60)),
        ("exp", Value::Null),
    ] {
        let mut claims = good.clone();
        claims[claim] = value.clone();
        assert_eq!(ask(&claims, &account, &account).await, 400, "{claim} {value}");
    }
}
