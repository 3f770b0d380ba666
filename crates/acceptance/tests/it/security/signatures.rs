//! Tokens whose algorithm, key, type or claims are not what they say (row 3).

use serde_json::{Value, json};
use tollgate_acceptance::{Credential, Tollgate, jwt};
use tollgate_crypto::{Algorithm, SigningKey, base64url, certificate};
use tollgate_store::{StoreError, signing_keys};

use super::{ALL_DOORS, Scene, now_seconds, until};

/// Everything public that a lazy verifier might take for an HMAC secret.
fn public_texts(jwk: &Value, certificate_pem: &str) -> Vec<Vec<u8>> {
    let parsed = tollgate_crypto::Certificate::from_pem(certificate_pem).unwrap();
    let spki = parsed.verifying_key().unwrap().spki_der().to_vec();
    let mut texts = vec![
        Vec::new(),
        b"\0".to_vec(),
        b"secret".to_vec(),
        certificate_pem.into(),
        certificate_pem.trim_end().into(),
        parsed.der().to_vec(),
        spki,
        jwk.to_string().into_bytes(),
    ];
    for member in ["x", "y", "n", "kid"].iter().filter_map(|member| jwk[*member].as_str()) {
        texts.push(member.into());
        texts.extend(base64url::decode(member).ok());
    }
    texts
}

/// `header` with one member more, or with another value of one.
fn with(header: &Value, member: &str, value: Value) -> String {
    let mut header = header.clone();
    header[member] = value;
    header.to_string()
}

/// Headers that bring a key along, or lead to one.
fn leading_headers(header: &Value, thief: &SigningKey) -> Vec<String> {
    let jwk = serde_json::to_value(thief.public_jwk("mine")).unwrap();
    let certificate = certificate::self_signed(thief, "mine", 0, 4_000_000_000).unwrap();
    let der = certificate.lines().filter(|line| !line.starts_with('-')).collect::<String>();
    let mut headers = vec![
        with(header, "jwk", jwk),
        with(header, "jku", json!("http://127.0.0.1:9/keys")),
        with(header, "x5u", json!("http://127.0.0.1:9/mine.cer")),
        with(header, "x5u", json!("../../../tmp/mine.cer")),
        with(header, "x5c", json!([der])),
    ];
    for kid in [
        "mine",
        "",
        "../../../../../../dev/null",
        "/dev/null",
        "' or '1'='1",
        "x' union select 'secret' --",
        "\"; drop table signing_keys; --",
        "|id",
        "\u{0}",
        "http://127.0.0.1:9/key",
    ] {
        headers.push(with(header, "kid", json!(kid)));
    }
    let mut without = header.clone();
    without.as_object_mut().unwrap().remove("kid");
    headers.push(without.to_string());
    headers.push(header.to_string());
    headers
}

/// The published key and certificate that `header` names.
async fn published(tollgate: &Tollgate, header: &Value) -> (Value, String) {
    let keys = tollgate.get("/ims/keys").await.body;
    let jwk = keys["keys"].as_array().unwrap().iter().find(|jwk| jwk["kid"] == header["kid"]).cloned().unwrap();
    let certificate = tollgate.get(&format!("/keys/prod/{}", header["x5u"].as_str().unwrap())).await.text;
    (jwk, certificate)
}

#[tokio::test]
async fn an_access_token_that_no_key_of_ours_signed_opens_nothing() {
    let scene = Scene::new().await;
    let witness = scene.tollgate.create_credential("oauth_server_to_server", &[]).await;
    let genuine = scene.credential.token(&scene.tollgate).await;
    assert_eq!(scene.opened(&genuine, &scene.credential, &witness).await, ALL_DOORS);
    let (header, claims) = jwt::open(&genuine);
    let claims = claims.to_string();
    let (jwk, certificate_pem) = published(&scene.tollgate, &header).await;

    let mut forged = Vec::new();
    let signature = base64url::decode(genuine.rsplit('.').next().unwrap()).unwrap();
    for none in ["none", "None", "NONE", "nOnE", ""] {
        let header = with(&header, "alg", json!(none));
        forged.extend([&b""[..], &signature].map(|signature| jwt::with_signature(&header, &claims, signature)));
    }
    for secret in public_texts(&jwk, &certificate_pem) {
        for hmac in ["HS256", "hs256"] {
            forged.push(jwt::signed_by_secret(&with(&header, "alg", json!(hmac)), &claims, &secret));
        }
        forged.push(jwt::signed_by_secret(&header.to_string(), &claims, &secret));
    }
    for algorithm in [Algorithm::Es256, Algorithm::Rs256] {
        let thief = SigningKey::generate(algorithm).unwrap();
        let mut header = header.clone();
        for named in [algorithm.as_str(), "ES256", "RS256", "PS256"] {
            header["alg"] = json!(named);
            forged.push(jwt::signed(&header.to_string(), &claims, &thief));
        }
        header["alg"] = json!(algorithm.as_str());
        forged.extend(leading_headers(&header, &thief).iter().map(|header| jwt::signed(header, &claims, &thief)));
    }
    // Signatures that hold for everything where zero is not refused, and forms that are not the one of JOSE.
    for signature in
        [vec![0; 64], vec![0xff; 64], signature[..63].to_vec(), [&signature[..], &[0]].concat(), der(&signature)]
    {
        forged.push(jwt::with_signature(&header.to_string(), &claims, &signature));
    }
    for token in forged {
        let opened = scene.opened(&token, &scene.credential, &witness).await;
        assert!(opened.is_empty(), "{opened:?} for {token}: {:?}", jwt::open(&token).0);
    }
    assert_eq!(scene.tap.take().len(), 1);
}

/// A signature of two halves in the DER form that other formats use.
fn der(signature: &[u8]) -> Vec<u8> {
    let integer = |half: &[u8]| [&[2, 33, 0][..], half].concat();
    let body = [integer(&signature[..32]), integer(&signature[32..])].concat();
    [&[0x30, u8::try_from(body.len()).unwrap()][..], &body].concat()
}

#[tokio::test]
async fn a_token_of_ours_of_another_type_issuer_audience_or_time_opens_nothing() {
    let scene = Scene::new().await;
    let witness = scene.tollgate.create_credential("oauth_server_to_server", &[]).await;
    let (header, claims) = jwt::open(&scene.credential.token(&scene.tollgate).await);
    let key = scene.tollgate.own_signing_key(Algorithm::Es256).await;
    let control = jwt::signed(&header.to_string(), &claims.to_string(), &key);
    assert_eq!(scene.opened(&control, &scene.credential, &witness).await, ALL_DOORS, "the forge makes good tokens");

    let mut wrong = Vec::new();
    for typ in ["JWT", "jwt", "id_token", "id+jwt", "rt+jwt", "logout+jwt", "tollgate-identity+jwt", "at+jwt;x", ""] {
        wrong.push((with(&header, "typ", json!(typ)), claims.to_string()));
    }
    for (member, value) in [("crit", json!(["exp"])), ("crit", json!([])), ("b64", json!(false)), ("zip", json!("DEF"))]
    {
        wrong.push((with(&header, member, value), claims.to_string()));
    }
    let text = header.to_string();
    wrong.push((text.replacen('{', r#"{"alg":"none","#, 1), claims.to_string()));
    wrong.push((text.clone(), claims.to_string().replacen('{', r#"{"scope":"all","#, 1)));
    let now = now_seconds();
    for (claim, value) in [
        ("iss", json!("https://ims-na1.adobelogin.com")),
        ("iss", json!(format!("{}/", scene.tollgate.base_url))),
        ("iss", Value::Null),
        ("aud", json!("https://api.example.com")),
        ("aud", json!([])),
        ("aud", Value::Null),
        ("exp", json!(now - 1)),
        ("exp", json!((now + 600).to_string())),
        ("exp", Value::Null),
        ("nbf", json!(now + 600)),
        ("iat", json!(now + 600)),
        ("type", json!("id_token")),
        ("type", json!("refresh_token")),
        ("type", json!("authorization_code")),
        ("sub", json!("0123456789ABCDEF01234567@techacct.adobe.com")),
        ("client_id", json!(witness.id())),
        ("client_id", json!("nobody")),
        ("org_id", json!("0123456789ABCDEF01234567@AdobeOrg")),
    ] {
        let mut claims = claims.clone();
        claims[claim] = value;
        wrong.push((text.clone(), claims.to_string()));
    }
    for (header, claims) in wrong {
        let opened = scene.opened(&jwt::signed(&header, &claims, &key), &scene.credential, &witness).await;
        assert!(opened.is_empty(), "{opened:?} for {header} {claims}");
    }
}

#[tokio::test]
async fn a_token_of_a_key_that_is_published_no_more_opens_nothing() {
    let scene = Scene::new().await;
    let witness = scene.tollgate.create_credential("oauth_server_to_server", &[]).await;
    let token = scene.credential.token(&scene.tollgate).await;
    assert_eq!(scene.opened(&token, &scene.credential, &witness).await, ALL_DOORS);
    let kid = jwt::open(&token).0["kid"].as_str().unwrap().parse().unwrap();
    let db = scene.tollgate.open_database().await;
    let past = tollgate_model::Timestamp::from_seconds(now_seconds() - 1);
    db.transact::<_, StoreError>(async |tx| signing_keys::retire(tx, &kid, past, past).await).await.unwrap();
    let opened = until(Vec::is_empty, async || scene.opened(&token, &scene.credential, &witness).await).await;
    assert!(opened.is_empty(), "{opened:?}");
    let keys = scene.tollgate.get("/ims/keys").await;
    assert!(!keys.text.contains(kid.as_str()), "{keys:?}");
}

/// Sends a JWT to every place where a service account may show one, and says which took it.
async fn took(scene: &Scene, account: &Credential, jwt: &str) -> Vec<&'static str> {
    let exchanged = account.exchange(&scene.tollgate, jwt).await;
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", account.id()),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", jwt),
    ];
    let asserted = scene.tollgate.post("/ims/token/v3", &form).await;
    for answer in [&exchanged, &asserted] {
        assert!(matches!(answer.status, 200 | 400 | 401), "{answer:?}");
    }
    let places = [("exchange", exchanged.status == 200), ("token", asserted.status == 200)];
    places.into_iter().filter(|(_, is_taken)| *is_taken).map(|(place, _)| place).collect()
}

#[tokio::test]
async fn a_service_jwt_that_the_key_of_no_certificate_signed_gets_no_token() {
    let scene = Scene::new().await;
    let account = scene.service_account().await;
    let exchange = Value::Object(account.claims(&scene.tollgate));
    let assertion = json!({
        "iss": account.id(), "sub": account.id(), "aud": scene.tollgate.base_url, "exp": now_seconds() + 60,
    });
    let key = account.key();
    let good = json!({"alg": "RS256"}).to_string();
    assert_eq!(took(&scene, &account, &jwt::signed(&good, &exchange.to_string(), key)).await, ["exchange"]);
    assert_eq!(took(&scene, &account, &jwt::signed(&good, &assertion.to_string(), key)).await, ["token"]);

    let certificate_pem = certificate::self_signed(key, "x", 0, 4_000_000_000).unwrap();
    let jwk = serde_json::to_value(key.public_jwk("x")).unwrap();
    let thief = SigningKey::generate(Algorithm::Rs256).unwrap();
    let header = json!({"alg": "RS256"});
    for claims in [exchange.to_string(), assertion.to_string()] {
        let mut forged: Vec<String> =
            leading_headers(&header, &thief).iter().map(|header| jwt::signed(header, &claims, &thief)).collect();
        for none in ["none", "None", "NONE"] {
            forged.push(jwt::with_signature(&with(&header, "alg", json!(none)), &claims, b""));
        }
        for secret in public_texts(&jwk, &certificate_pem) {
            forged.push(jwt::signed_by_secret(&with(&header, "alg", json!("HS256")), &claims, &secret));
        }
        // What the right key signs, but under an algorithm that is not accepted, or with more than is understood.
        for alg in ["RS384", "RS512", "PS256", "ES256", "rs256", ""] {
            forged.push(jwt::signed(&with(&header, "alg", json!(alg)), &claims, key));
        }
        for (member, value) in [("crit", json!(["exp"])), ("zip", json!("DEF")), ("b64", json!(false))] {
            forged.push(jwt::signed(&with(&header, member, value), &claims, key));
        }
        forged.push(jwt::with_signature(&header.to_string(), &claims, &[0; 256]));
        for jwt in forged {
            let took = took(&scene, &account, &jwt).await;
            assert!(took.is_empty(), "{took:?}: {:?}", jwt::open(&jwt));
        }
    }
}

#[tokio::test]
async fn the_name_of_a_key_in_a_service_jwt_is_looked_up_nowhere() {
    let scene = Scene::new().await;
    let account = scene.service_account().await;
    let claims = Value::Object(account.claims(&scene.tollgate)).to_string();
    for kid in ["../../../../etc/passwd", "' or 1=1 --", "http://127.0.0.1:9/", "\u{0}"] {
        let jwt = jwt::signed(&json!({"alg": "RS256", "kid": kid}).to_string(), &claims, account.key());
        assert_eq!(account.exchange(&scene.tollgate, &jwt).await.status, 200, "the certificates decide, not {kid:?}");
    }
}
