//! What tests sign: service JWTs and other tokens, with keys that are made once.

use std::sync::OnceLock;

use serde_json::{Value, json};
use tollgate_crypto::{Algorithm, Certificate, SigningKey, base64url, certificate, jws};
use tollgate_model::{Seconds, Timestamp, client::ClientCertificate};

use crate::fixture::{ISSUER, ORGANIZATION, SERVICE, START, TECHNICAL_ACCOUNT};

/// The claims of a service JWT.
pub(crate) fn claims(now: Timestamp, changes: &Value) -> Value {
    let mut claims = json!({
        "iss": ORGANIZATION,
        "sub": TECHNICAL_ACCOUNT,
        "aud": format!("{ISSUER}/c/{SERVICE}"),
        "exp": (now + Seconds(300)).seconds(),
        format!("{ISSUER}/s/ent_campaign_sdk"): true,
    });
    change(&mut claims, changes);
    claims
}

/// Puts members in; `null` takes one out.
pub(crate) fn change(object: &mut Value, changes: &Value) {
    let object = object.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            object.remove(name);
        } else {
            object.insert(name.clone(), value.clone());
        }
    }
}

pub(crate) fn sign(key: &SigningKey, claims: &Value) -> String {
    sign_under(&json!({"alg": key.algorithm().as_str(), "typ": "JWT"}), key, claims)
}

pub(crate) fn sign_under(header: &Value, key: &SigningKey, claims: &Value) -> String {
    jws::sign(&base64url::encode(header.to_string().as_bytes()), claims.to_string().as_bytes(), key).unwrap()
}

/// The parts of a token, header and payload read.
pub(crate) fn read(token: &str) -> (Value, Value) {
    let mut parts = token.split('.').map(|part| base64url::decode(part).unwrap());
    let mut json = || serde_json::from_slice(&parts.next().unwrap()).unwrap();
    (json(), json())
}

/// RSA keys, made once for all tests because that takes long.
pub(crate) fn key(number: usize) -> &'static SigningKey {
    static KEYS: [OnceLock<SigningKey>; 3] = [const { OnceLock::new() }; 3];
    KEYS[number].get_or_init(|| SigningKey::generate(Algorithm::Rs256).unwrap())
}

/// A certificate of `key`, valid from `from` until `until`.
pub(crate) fn certificate(client_id: &str, key: &SigningKey, from: Timestamp, until: Timestamp) -> ClientCertificate {
    let pem = certificate::self_signed(key, "test", from.seconds(), until.seconds()).unwrap();
    let read = Certificate::from_pem(&pem).unwrap();
    ClientCertificate {
        client_id: client_id.parse().unwrap(),
        fingerprint: read.fingerprint().to_owned(),
        pem: read.pem().to_owned(),
        subject: read.subject().to_owned(),
        not_before: Timestamp::from_seconds(read.not_before()),
        not_after: Timestamp::from_seconds(read.not_after()),
        created_at: START,
    }
}
