//! Signed tokens that are right in all but one respect, for attacks on those who check them.

use serde_json::Value;
use tollgate_crypto::{Algorithm, MasterKey, SigningKey, base64url, digest::sha256, jws};
use tollgate_store::{Db, signing_keys};

use crate::Tollgate;

/// Block size of SHA-256 in HMAC (RFC 2104).
const BLOCK_BYTES: usize = 64;

/// Header and claims of a token.
pub fn open(token: &str) -> (Value, Value) {
    let part = |number: usize| {
        let text = token.split('.').nth(number).expect("a token has three parts");
        let json = base64url::decode(text).expect("the parts of a token are base64url");
        serde_json::from_slice(&json).expect("header and claims are JSON")
    };
    (part(0), part(1))
}

/// What is signed of a token.
pub fn signing_input(header: &str, claims: &str) -> String {
    format!("{}.{}", base64url::encode(header.as_bytes()), base64url::encode(claims.as_bytes()))
}

/// A token with any text as its header, signed with a key whatever that header says.
pub fn signed(header: &str, claims: &str, key: &SigningKey) -> String {
    jws::sign(&base64url::encode(header.as_bytes()), claims.as_bytes(), key).expect("a key signs")
}

/// A token with any bytes as its signature.
pub fn with_signature(header: &str, claims: &str, signature: &[u8]) -> String {
    format!("{}.{}", signing_input(header, claims), base64url::encode(signature))
}

/// A token with an HMAC-SHA256 in the place of its signature.
pub fn signed_by_secret(header: &str, claims: &str, secret: &[u8]) -> String {
    let mut block = [0; BLOCK_BYTES];
    if secret.len() > BLOCK_BYTES {
        block[..32].copy_from_slice(&sha256(secret));
    } else {
        block[..secret.len()].copy_from_slice(secret);
    }
    let input = signing_input(header, claims);
    let inner = sha256(&[&block.map(|byte| byte ^ 0x36)[..], input.as_bytes()].concat());
    let outer = sha256(&[&block.map(|byte| byte ^ 0x5c)[..], &inner].concat());
    with_signature(header, claims, &outer)
}

impl Tollgate {
    /// The newest key of its own that signs tokens with an algorithm: what a thief of database and master key has.
    pub async fn own_signing_key(&self, algorithm: Algorithm) -> SigningKey {
        let db = self.open_database().await;
        let rows = signing_keys::list(&db).await.expect("the keys can be read");
        let own = rows.iter().filter(|row| row.algorithm == algorithm);
        let row = own.max_by_key(|row| row.created_at);
        let row = row.expect("a running server has a key of each algorithm");
        let master_key = std::fs::read_to_string(self.file("tollgate.master.key")).expect("the owner reads the key");
        let master_key = MasterKey::from_text(master_key.trim()).expect("the file holds the master key");
        let private = master_key.open(&signing_keys::seal_purpose(&row.key_id), &row.sealed_private);
        SigningKey::from_pkcs8(algorithm, private.expect("the key is sealed with it").reveal())
            .expect("the seal holds a key")
    }

    /// The database of this installation, opened beside the server.
    pub async fn open_database(&self) -> Db {
        let url = self.database_url().parse().expect("the URL of an installation is one");
        Db::open(&url).await.expect("the database can be opened twice")
    }
}
