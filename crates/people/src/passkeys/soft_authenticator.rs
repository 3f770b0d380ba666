//! A passkey in software, with all the ways in which one can lie.

use serde_json::{Value, json};
use tollgate_crypto::{Algorithm, JwkKey, SigningKey, SystemEntropy, base64url, digest::sha256, entropy};

use crate::scene::ISSUER;

const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const ATTESTED: u8 = 0x40;

pub(super) struct SoftAuthenticator {
    key: SigningKey,
    pub(super) id: Vec<u8>,
    pub(super) handle: Option<String>,
    pub(super) counter: u32,
    pub(super) verifies: bool,
    pub(super) origin: String,
    pub(super) rp_id: String,
    pub(super) kind: Option<&'static str>,
}

impl SoftAuthenticator {
    pub(super) fn new() -> Self {
        Self {
            key: SigningKey::generate(Algorithm::Es256).unwrap(),
            id: entropy::bytes::<20>(&SystemEntropy).to_vec(),
            handle: None,
            counter: 1,
            verifies: true,
            origin: ISSUER.to_owned(),
            rp_id: "localhost".to_owned(),
            kind: None,
        }
    }

    /// Answers the options of a registration.
    pub(super) fn register(&mut self, options: &str) -> Vec<u8> {
        let options: Value = serde_json::from_str(options).unwrap();
        self.handle = Some(options["publicKey"]["user"]["id"].as_str().unwrap().to_owned());
        let client = self.client(&options, "webauthn.create");
        let mut authenticator = self.authenticator(ATTESTED);
        authenticator.extend([0; 16]);
        authenticator.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
        authenticator.extend(&self.id);
        authenticator.extend(self.cose_key());
        let mut attestation = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59".to_vec();
        attestation.extend(u16::try_from(authenticator.len()).unwrap().to_be_bytes());
        attestation.extend(authenticator);
        let response = json!({
            "attestationObject": base64url::encode(&attestation),
            "clientDataJSON": base64url::encode(&client),
        });
        self.credential(&response)
    }

    /// Answers the options of a sign-in.
    pub(super) fn sign_in(&mut self, options: &str) -> Vec<u8> {
        let options: Value = serde_json::from_str(options).unwrap();
        self.counter = self.counter.wrapping_add(1);
        let client = self.client(&options, "webauthn.get");
        let authenticator = self.authenticator(0);
        let signed = [&authenticator[..], &sha256(&client)].concat();
        let signature = der(&self.key.sign(&signed).unwrap());
        let mut response = json!({
            "authenticatorData": base64url::encode(&authenticator),
            "clientDataJSON": base64url::encode(&client),
            "signature": base64url::encode(&signature),
        });
        if let Some(handle) = &self.handle {
            response["userHandle"] = json!(handle);
        }
        self.credential(&response)
    }

    fn client(&self, options: &Value, kind: &str) -> Vec<u8> {
        let challenge = &options["publicKey"]["challenge"];
        let kind = self.kind.unwrap_or(kind);
        json!({ "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false }).to_string().into()
    }

    fn authenticator(&self, more: u8) -> Vec<u8> {
        let verified = if self.verifies { USER_VERIFIED } else { 0 };
        let mut bytes = sha256(self.rp_id.as_bytes()).to_vec();
        bytes.push(USER_PRESENT | verified | more);
        bytes.extend(self.counter.to_be_bytes());
        bytes
    }

    fn cose_key(&self) -> Vec<u8> {
        let JwkKey::Ec { x, y, .. } = self.key.public_jwk("").key else { unreachable!("the key is made for ES256") };
        let [x, y] = [x, y].map(|coordinate| base64url::decode(&coordinate).unwrap());
        [&b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20"[..], &x, b"\x22\x58\x20", &y].concat()
    }

    fn credential(&self, response: &Value) -> Vec<u8> {
        let id = base64url::encode(&self.id);
        let whole = json!({
            "id": id, "rawId": id, "type": "public-key", "response": response, "clientExtensionResults": {},
        });
        whole.to_string().into()
    }
}

/// A signature as Web Authentication wants it: two integers in DER.
fn der(fixed: &[u8]) -> Vec<u8> {
    let integer = |bytes: &[u8]| {
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        let bytes = &bytes[zeros..];
        let sign: &[u8] = if bytes[0] >= 0x80 { &[0] } else { &[] };
        [&[2, u8::try_from(sign.len() + bytes.len()).unwrap()], sign, bytes].concat()
    };
    let (r, s) = fixed.split_at(32);
    let both = [integer(r), integer(s)].concat();
    [&[0x30, u8::try_from(both.len()).unwrap()], &both[..]].concat()
}
