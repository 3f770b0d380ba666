//! Passkeys through the addresses that scripts use, with a passkey in software.

use std::cell::Cell;

use http::StatusCode;
use serde_json::{Value, json};
use tollgate_crypto::{Algorithm, JwkKey, SigningKey, SystemEntropy, base64url, digest::sha256, entropy};
use tollgate_model::Seconds;

use crate::{browser::*, world::*};

/// A passkey that does all that it should.
struct SoftPasskey {
    key: SigningKey,
    id: Vec<u8>,
    handle: String,
    counter: Cell<u32>,
}

impl SoftPasskey {
    /// Answers the options of a registration with a new passkey.
    fn register(options: &Value) -> (Self, Value) {
        let key = SigningKey::generate(Algorithm::Es256).unwrap();
        let handle = options["publicKey"]["user"]["id"].as_str().unwrap().to_owned();
        let own = Self { key, id: entropy::bytes::<20>(&SystemEntropy).to_vec(), handle, counter: Cell::new(0) };
        let mut seen = own.seen(0x45);
        seen.extend([0; 16]);
        seen.extend([0, 20]);
        seen.extend(&own.id);
        seen.extend(own.cose_key());
        let mut attestation = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59".to_vec();
        attestation.extend(u16::try_from(seen.len()).unwrap().to_be_bytes());
        attestation.extend(seen);
        let response = json!({
            "attestationObject": base64url::encode(&attestation),
            "clientDataJSON": base64url::encode(&client(options, "webauthn.create")),
        });
        let credential = own.credential(&response);
        (own, credential)
    }

    /// Answers the options of a sign-in.
    fn sign_in(&self, options: &Value) -> Value {
        let (client, seen) = (client(options, "webauthn.get"), self.seen(0x05));
        let signature = self.key.sign(&[&seen[..], &sha256(&client)].concat()).unwrap();
        self.credential(&json!({
            "authenticatorData": base64url::encode(&seen),
            "clientDataJSON": base64url::encode(&client),
            "signature": base64url::encode(&der(&signature)),
            "userHandle": self.handle,
        }))
    }

    fn seen(&self, flags: u8) -> Vec<u8> {
        self.counter.set(self.counter.get() + 1);
        let host = ISSUER.trim_start_matches("https://");
        [&sha256(host.as_bytes())[..], &[flags], &self.counter.get().to_be_bytes()].concat()
    }

    fn cose_key(&self) -> Vec<u8> {
        let JwkKey::Ec { x, y, .. } = self.key.public_jwk("").key else { unreachable!("the key is made for ES256") };
        let [x, y] = [x, y].map(|coordinate| base64url::decode(&coordinate).unwrap());
        [&b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20"[..], &x, b"\x22\x58\x20", &y].concat()
    }

    fn credential(&self, response: &Value) -> Value {
        let id = base64url::encode(&self.id);
        json!({ "id": id, "rawId": id, "type": "public-key", "response": response, "clientExtensionResults": {} })
    }
}

fn client(options: &Value, kind: &str) -> Vec<u8> {
    let challenge = &options["publicKey"]["challenge"];
    json!({ "type": kind, "challenge": challenge, "origin": ISSUER, "crossOrigin": false }).to_string().into()
}

/// A signature as Web Authentication wants it: two integers in DER.
fn der(fixed: &[u8]) -> Vec<u8> {
    let integer = |bytes: &[u8]| {
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        let sign: &[u8] = if bytes[zeros] >= 0x80 { &[0] } else { &[] };
        [&[2, u8::try_from(sign.len() + bytes.len() - zeros).unwrap()], sign, &bytes[zeros..]].concat()
    };
    let (r, s) = fixed.split_at(32);
    let both = [integer(r), integer(s)].concat();
    [&[0x30, u8::try_from(both.len()).unwrap()], &both[..]].concat()
}

/// Asks for options and answers them; what the script would have sent is answered too, to be sent again.
async fn ceremony(
    browser: &mut Browser,
    [first, second]: [&str; 2],
    more: &str,
    answer: impl FnOnce(&Value) -> Value,
) -> (Answer, String) {
    let started = browser.post_json(first, more).await;
    assert_eq!(started.status, StatusCode::OK, "{}", started.body);
    let options: Value = serde_json::from_str(&started.body).unwrap();
    let (ceremony, credential) = (&options["ceremony"], answer(&options));
    let members = format!("{more},\"name\":\"Phone\",\"ceremony\":{ceremony},\"credential\":{credential}");
    (browser.post_json(second, &members).await, members)
}

const ADD: [&str; 2] = ["/account/passkeys/options", "/account/passkeys/add"];
const SIGN_IN: [&str; 2] = ["/sign-in/passkey/options", "/sign-in/passkey"];

/// Adds a passkey to the account that is signed in.
async fn add(browser: &mut Browser) -> SoftPasskey {
    browser.get("/account/passkeys").await;
    let mut made = None;
    let (added, _) = ceremony(browser, ADD, "", |options| {
        let (passkey, credential) = SoftPasskey::register(options);
        made = Some(passkey);
        credential
    })
    .await;
    assert_eq!(location(&added), "/account/passkeys?notice=passkey-added");
    made.unwrap()
}

fn location(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    serde_json::from_str::<Value>(&answer.body).unwrap()["location"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_passkey_signs_in_with_and_without_an_address_and_its_answer_is_good_once() {
    let world = World::new().await;
    let passkey = add(&mut Browser::signed_in(&world, ADA).await).await;
    let id = world.pending("scope=openid").await;
    for more in [String::new(), format!(",\"email\":\"{ADA}\""), format!(",\"request\":\"{id}\"")] {
        let mut browser = Browser::new(&world);
        browser.get("/sign-in").await;
        let (answer, sent) = ceremony(&mut browser, SIGN_IN, &more, |options| passkey.sign_in(options)).await;
        let expected =
            if more.contains("request") { format!("/ims/authorize/continue?request={id}") } else { "/account".into() };
        assert_eq!(location(&answer), expected);
        assert!(browser.get("/account").await.body.contains("Ada Lovelace"));
        let mut thief = Browser::new(&world);
        thief.get("/sign-in").await;
        assert_eq!(thief.post_json(SIGN_IN[1], &sent).await.status, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn a_passkey_stands_in_for_the_second_step() {
    let world = World::new().await;
    let passkey = add(&mut Browser::signed_in(&world, ADA).await).await;
    world.pass(Seconds(60)).await;
    let mut browser = Browser::signed_in(&world, ADA).await;
    let old = browser.cookies[SESSION].clone();
    let id = world.pending("scope=openid&acr_values=2").await;
    let answer = browser.get(&format!("/sign-in?request={id}")).await;
    assert_eq!(answer.location(), format!("/sign-in/second-factor?request={id}"));
    let page = browser.follow(&answer).await;
    assert!(
        page.body.contains("data-passkey=\"second-factor\"") && !page.body.contains("name=\"code\""),
        "{}",
        page.body
    );
    let more = format!(",\"second_factor\":true,\"request\":\"{id}\"");
    let (answer, _) = ceremony(&mut browser, SIGN_IN, &more, |options| passkey.sign_in(options)).await;
    assert_eq!(location(&answer), format!("/ims/authorize/continue?request={id}"));
    assert_ne!(browser.cookies[SESSION], old);
    assert_eq!(browser.get("/account").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_passkey_is_renamed_and_removed_by_its_owner_alone() {
    let world = World::new().await;
    let mut owner = Browser::signed_in(&world, ADA).await;
    let passkey = add(&mut owner).await;
    let id = owner.get("/account/passkeys").await.hidden("id").unwrap();
    let mut stranger = Browser::signed_in(&world, GRACE).await;
    stranger.get("/account/passkeys").await;
    let theft = stranger.post("/account/passkeys", &[("action", "remove"), ("id", &id)]).await;
    assert_eq!(theft.status, StatusCode::NOT_FOUND);
    let fields = [("action", "rename"), ("id", id.as_str()), ("name", "<i>Key</i> of Ada")];
    let renamed = owner.post("/account/passkeys", &fields).await;
    assert_eq!(renamed.location(), "/account/passkeys?notice=passkey-renamed");
    let page = owner.follow(&renamed).await;
    assert!(page.body.contains("of Ada") && !page.body.contains("<i>Key"), "{}", page.body);
    let removed = owner.post("/account/passkeys", &[("action", "remove"), ("id", &id)]).await;
    assert_eq!(removed.location(), "/account/passkeys?notice=passkey-removed");
    let mut browser = Browser::new(&world);
    browser.get("/sign-in").await;
    let (answer, _) = ceremony(&mut browser, SIGN_IN, "", |options| passkey.sign_in(options)).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}
