//! A small identity provider on this machine, which can be made to lie.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode, header::AUTHORIZATION},
    routing::{get, post},
};
use serde_json::{Value, json};
use tollgate_crypto::{Algorithm, SigningKey, base64url, jws};
use tollgate_model::{Timestamp, pkce};
use url::Url;

pub(super) const CLIENT_ID: &str = "tollgate/at:example";
pub(super) const SECRET: &str = "a secret+with:signs";

pub(super) struct FakeProvider {
    pub(super) issuer: String,
    pub(super) state: Arc<Mutex<Behaviour>>,
}

pub(super) struct Behaviour {
    issuer: String,
    pub(super) now: Timestamp,
    /// What is published, by key id.
    pub(super) keys: HashMap<String, Arc<SigningKey>>,
    /// What tokens are signed with, and the key id they name.
    pub(super) signer: (Option<String>, Arc<SigningKey>),
    /// Instead of the header that goes with the signer.
    pub(super) header: Option<String>,
    /// Members of the metadata and claims that are changed; null removes.
    pub(super) metadata: Value,
    pub(super) claims: Value,
    pub(super) userinfo: Value,
    nonce: String,
    challenge: String,
    pub(super) keys_fetched: usize,
    pub(super) codes_exchanged: usize,
}

type Shared = Arc<Mutex<Behaviour>>;

fn lock(state: &Shared) -> MutexGuard<'_, Behaviour> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl FakeProvider {
    pub(super) async fn start(now: Timestamp) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let key = Arc::new(SigningKey::generate(Algorithm::Es256).unwrap());
        let state = Arc::new(Mutex::new(Behaviour {
            issuer: issuer.clone(),
            now,
            keys: HashMap::from([("key-1".to_owned(), key.clone())]),
            signer: (Some("key-1".to_owned()), key),
            header: None,
            metadata: json!({}),
            claims: json!({}),
            userinfo: json!({}),
            nonce: String::new(),
            challenge: String::new(),
            keys_fetched: 0,
            codes_exchanged: 0,
        }));
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(metadata))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .route("/userinfo", get(userinfo))
            .with_state(Arc::clone(&state));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { issuer, state }
    }

    pub(super) fn behaviour(&self) -> MutexGuard<'_, Behaviour> {
        lock(&self.state)
    }

    /// Signs a person in: takes the nonce and the challenge of the request, and answers its parameters.
    pub(super) fn visit(&self, location: &str) -> HashMap<String, String> {
        let query: HashMap<_, _> = Url::parse(location).unwrap().query_pairs().into_owned().collect();
        let mut behaviour = self.behaviour();
        behaviour.nonce.clone_from(&query["nonce"]);
        behaviour.challenge.clone_from(&query["code_challenge"]);
        query
    }
}

/// `own` with the members of `changes`; null removes one.
fn changed(mut own: Value, changes: &Value) -> String {
    for (member, value) in changes.as_object().unwrap() {
        own[member] = value.clone();
    }
    own.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    own.to_string()
}

async fn metadata(State(state): State<Shared>) -> String {
    let behaviour = lock(&state);
    let issuer = &behaviour.issuer;
    let own = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize?tenant=a"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "response_types_supported": ["code"],
    });
    changed(own, &behaviour.metadata)
}

async fn keys(State(state): State<Shared>) -> String {
    let mut behaviour = lock(&state);
    behaviour.keys_fetched += 1;
    let mut keys = vec![json!({ "kty": "OKP", "crv": "Ed25519", "x": "AAAA", "kid": "another kind" })];
    for (kid, key) in &behaviour.keys {
        keys.push(serde_json::to_value(key.public_jwk(kid)).unwrap());
    }
    json!({ "keys": keys }).to_string()
}

async fn token(State(state): State<Shared>, headers: HeaderMap, body: String) -> (StatusCode, String) {
    let mut behaviour = lock(&state);
    behaviour.codes_exchanged += 1;
    let form: HashMap<_, _> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    // RFC 6749 section 2.3.1: both parts are form-encoded before they are joined.
    let basic = "Basic dG9sbGdhdGUlMkZhdCUzQWV4YW1wbGU6YStzZWNyZXQlMkJ3aXRoJTNBc2lnbnM=";
    let is_client = headers.get(AUTHORIZATION).is_some_and(|value| value == basic);
    let is_code = form.get("code").is_some_and(|code| code == "code-1")
        && form.get("code_verifier").is_some_and(|verifier| pkce::s256(verifier) == behaviour.challenge)
        && form.get("redirect_uri").is_some_and(|uri| uri.ends_with("/sign-in/federated/callback"));
    if !is_client || !is_code {
        let error = if is_client { "invalid_grant" } else { "invalid_client" };
        return (StatusCode::BAD_REQUEST, json!({ "error": error }).to_string());
    }
    let now = behaviour.now.seconds();
    let own = json!({
        "iss": behaviour.issuer, "aud": CLIENT_ID, "sub": "person-1", "nonce": behaviour.nonce,
        "iat": now, "exp": now + 300, "email": "ada@example.com", "email_verified": true,
        "name": "Ada Example", "locale": "de-CH",
    });
    let claims = changed(own, &behaviour.claims);
    let (kid, key) = &behaviour.signer;
    let header = json!({ "alg": key.algorithm().as_str(), "kid": kid }).to_string();
    let header = behaviour.header.clone().unwrap_or_else(|| header.replace(r#","kid":null"#, ""));
    let id_token = jws::sign(&base64url::encode(header.as_bytes()), claims.as_bytes(), key).unwrap();
    (StatusCode::OK, json!({ "id_token": id_token, "access_token": "at-1", "token_type": "Bearer" }).to_string())
}

async fn userinfo(State(state): State<Shared>, headers: HeaderMap) -> (StatusCode, String) {
    let is_bearer = headers.get(AUTHORIZATION).is_some_and(|value| value == "Bearer at-1");
    let status = if is_bearer { StatusCode::OK } else { StatusCode::UNAUTHORIZED };
    (status, lock(&state).userinfo.to_string())
}
