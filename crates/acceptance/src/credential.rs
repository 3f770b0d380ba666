//! A credential as the command line made it, and what its owner does with it.

use rustls_pki_types::{PrivatePkcs8KeyDer, pem::PemObject};
use serde_json::{Map, Value, json};
use tollgate_crypto::{Algorithm, SigningKey, base64url, jws};

use crate::{Answer, Tollgate};

/// A credential under test.
pub struct Credential {
    /// The answer of `tollgate credential create --json`.
    pub created: Value,
    /// The private key of a service account.
    key: Option<SigningKey>,
}

impl Credential {
    /// Takes what the command line printed, and the private key file that it wrote, if any.
    pub fn new(created: Value, private_key_pem: Option<&str>) -> Self {
        let key = private_key_pem.map(|text| {
            let der = PrivatePkcs8KeyDer::from_pem_slice(text.as_bytes()).expect("the file holds one PKCS#8 key");
            SigningKey::from_pkcs8(Algorithm::Rs256, der.secret_pkcs8_der()).expect("the file holds an RSA key")
        });
        Self { created, key }
    }

    fn text(&self, name: &str) -> &str {
        self.created[name].as_str().unwrap_or_else(|| panic!("{name} is not in {}", self.created))
    }

    /// Its client id.
    pub fn id(&self) -> &str {
        self.text("client_id")
    }

    /// Its first secret.
    pub fn secret(&self) -> &str {
        self.text("client_secret")
    }

    /// The form of a client credentials request.
    pub fn client_credentials(&self) -> Vec<(&str, &str)> {
        vec![("grant_type", "client_credentials"), ("client_id", self.id()), ("client_secret", self.secret())]
    }

    /// Gets a token by client credentials.
    pub async fn token(&self, tollgate: &Tollgate) -> String {
        let answer = tollgate.post("/ims/token/v3", &self.client_credentials()).await;
        answer.body["access_token"].as_str().unwrap_or_else(|| panic!("no token: {answer:?}")).to_owned()
    }

    /// The claims that its service JWT has when nothing is wrong with it.
    pub fn claims(&self, tollgate: &Tollgate) -> Map<String, Value> {
        let base = &tollgate.base_url;
        let mut claims = json!({
            "iss": self.text("organization_id"),
            "sub": self.text("technical_account_id"),
            "aud": format!("{base}/c/{}", self.id()),
            "exp": tollgate_model::Clock::now(&tollgate_model::SystemClock).seconds() + 300,
        });
        let claims = claims.as_object_mut().expect("just made as one");
        for metascope in self.created["metascopes"].as_array().into_iter().flatten() {
            let name = metascope.as_str().expect("metascopes are text");
            claims.insert(format!("{base}/s/{name}"), json!(true));
        }
        claims.clone()
    }

    /// The private key of a service account.
    pub fn key(&self) -> &SigningKey {
        self.key.as_ref().expect("a service account has a key")
    }

    /// Signs claims with its key.
    pub fn signed(&self, claims: &Map<String, Value>) -> String {
        let key = self.key();
        let payload = serde_json::to_vec(claims).expect("claims are JSON");
        jws::sign(&base64url::encode(br#"{"alg":"RS256"}"#), &payload, key).expect("an RSA key signs")
    }

    /// Exchanges a service JWT.
    pub async fn exchange(&self, tollgate: &Tollgate, jwt: &str) -> Answer {
        let form = [("client_id", self.id()), ("client_secret", self.secret()), ("jwt_token", jwt)];
        tollgate.post("/ims/exchange/jwt", &form).await
    }
}
