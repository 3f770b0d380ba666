//! A person with a browser, and applications that want something of them.

use std::collections::HashMap;

use axum::body::Body;
use http::Request;
use serde_json::Value;
use tollgate_crypto::{Algorithm, SigningKey, base64url, digest::sha256, jws};
use tollgate_model::{
    client::{Client, ClientKind, Redirects},
    grant::Consent,
    pkce,
    session::{Method, Methods, Session},
};
use tollgate_people::{SignInStep, Visitor};
use tollgate_store::{clients, consents, pending_requests, users};

use crate::fixture::*;

/// A verifier of PKCE; its challenge is [`challenge`].
pub(crate) const VERIFIER: &str = "a-verifier-of-43-characters-or-rather-more-of-them";

pub(crate) fn challenge() -> String {
    pkce::s256(VERIFIER)
}

/// What a signed-in browser holds.
#[derive(Debug, Clone)]
pub(crate) struct Browser {
    pub(crate) session: Session,
    pub(crate) cookie: String,
}

/// A redirect, taken apart.
#[derive(Debug)]
pub(crate) struct Landing {
    /// Without query and fragment.
    pub(crate) address: String,
    pub(crate) fields: HashMap<String, String>,
    pub(crate) in_fragment: bool,
}

impl Landing {
    pub(crate) fn of(answer: &Answer) -> Self {
        assert!(answer.status.is_redirection(), "{}: {}", answer.status, answer.body);
        let location = answer.headers["location"].to_str().unwrap();
        let (address, rest, in_fragment) = match (location.split_once('#'), location.split_once('?')) {
            (Some((address, rest)), _) => (address, rest, true),
            (None, Some((address, rest))) => (address, rest, false),
            (None, None) => (location, "", false),
        };
        let fields = rest
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), String::from_utf8(unescaped(value).collect()).unwrap()));
        Self { address: address.to_owned(), fields: fields.collect(), in_fragment }
    }

    pub(crate) fn field(&self, name: &str) -> &str {
        self.fields.get(name).unwrap_or_else(|| panic!("no {name}: {self:?}"))
    }

    /// The error that the application hears.
    pub(crate) fn error(&self) -> &str {
        self.field("error")
    }
}

fn unescaped(text: &str) -> impl Iterator<Item = u8> + '_ {
    let mut bytes = text.bytes();
    std::iter::from_fn(move || match bytes.next()? {
        b'%' => {
            let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
            Some(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap())
        }
        byte => Some(byte),
    })
}

impl World {
    /// Signs [`ADA`] in with a passkey.
    pub(crate) async fn sign_in(&self) -> Browser {
        self.sign_in_as(ADA, Method::Passkey, None).await
    }

    pub(crate) async fn sign_in_as(&self, user: &str, method: Method, current: Option<&Session>) -> Browser {
        let user = users::find(&self.house.db, &user.parse().unwrap()).await.unwrap().unwrap();
        let visitor = Visitor::new("127.0.0.1".parse().unwrap(), Some("test"));
        let step = self.people.complete(user, Methods::one(method), &visitor, current, self.now()).await.unwrap();
        let SignInStep::Complete(new) = step else { panic!("one factor is enough here") };
        Browser { session: new.session, cookie: format!("__Host-tollgate_session={}", new.secret.reveal()) }
    }

    /// What [`ADA`] agrees to once and for all.
    pub(crate) async fn agree(&self, client_id: &str, scope: &str) {
        let consent = Consent {
            user_id: ADA.parse().unwrap(),
            client_id: client_id.parse().unwrap(),
            scope: scope.parse().unwrap(),
            created_at: self.now(),
            updated_at: self.now(),
        };
        self.change(async |tx| consents::grant(tx, &consent).await).await;
    }

    /// Opens an address of ours in a browser.
    pub(crate) async fn open(&self, address: &str, browser: Option<&Browser>) -> Answer {
        let mut request = Request::get(address);
        if let Some(browser) = browser {
            request = request.header("cookie", &browser.cookie);
        }
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn authorize(&self, fields: &[(&str, &str)], browser: Option<&Browser>) -> Answer {
        self.open(&format!("/ims/authorize/v2?{}", encoded(fields)), browser).await
    }

    /// Marks the waiting request as the pages do when the person agreed, and goes on.
    pub(crate) async fn go_on(&self, id: &str, browser: &Browser) -> Answer {
        self.open(&format!("/ims/authorize/continue?request={id}"), Some(browser)).await
    }

    pub(crate) async fn mark_consented(&self, id: &str, browser: &Browser) {
        let now = self.now();
        assert!(self.change(async |tx| pending_requests::mark_consented(tx, id, &browser.session.id, now).await).await);
    }

    /// A code of [`WEB_APP`] for these scopes.
    pub(crate) async fn code(&self, scope: &str) -> String {
        self.code_with(&[("client_id", WEB_APP), ("scope", scope)]).await
    }

    /// A code of [`PUBLIC`] for these scopes, with the challenge of [`VERIFIER`].
    pub(crate) async fn public_code(&self, scope: &str) -> String {
        let challenge = challenge();
        self.code_with(&[
            ("client_id", PUBLIC),
            ("scope", scope),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ])
        .await
    }

    /// A code for a request of a person who is signed in and agreed to everything.
    pub(crate) async fn code_with(&self, fields: &[(&str, &str)]) -> String {
        let browser = self.sign_in().await;
        let of = |name: &str| fields.iter().find(|(own, _)| *own == name).map(|(_, value)| *value);
        self.agree(of("client_id").unwrap(), of("scope").unwrap_or("openid")).await;
        let landing = Landing::of(&self.authorize(fields, Some(&browser)).await);
        landing.field("code").to_owned()
    }

    /// Redeems a code of [`WEB_APP`].
    pub(crate) async fn redeem(&self, code: &str) -> Answer {
        self.post("/ims/token/v3", &redemption(code)).await
    }

    pub(crate) async fn refresh(&self, refresh_token: &str) -> Answer {
        self.post("/ims/token/v3", &refreshing(refresh_token)).await
    }

    /// Changes how people sign in to a credential.
    pub(crate) async fn change_redirects(&self, client_id: &str, change: impl FnOnce(&mut Redirects)) {
        let mut client: Client = stored_client(self, client_id).await;
        let (ClientKind::OauthWebApp(redirects)
        | ClientKind::OauthSinglePageApp(redirects)
        | ClientKind::OauthNativeApp(redirects)) = &mut client.kind
        else {
            panic!("people do not sign in to {client_id}")
        };
        change(redirects);
        self.change(async |tx| clients::update(tx, &client).await).await;
    }
}

pub(crate) fn redemption(code: &str) -> [(&str, &str); 4] {
    [("grant_type", "authorization_code"), ("client_id", WEB_APP), ("client_secret", WEB_SECRET), ("code", code)]
}

pub(crate) fn refreshing(refresh_token: &str) -> [(&str, &str); 4] {
    [
        ("grant_type", "refresh_token"),
        ("client_id", WEB_APP),
        ("client_secret", WEB_SECRET),
        ("refresh_token", refresh_token),
    ]
}

/// The refresh token of an answer.
pub(crate) fn refresh_token(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()["refresh_token"].as_str().expect("a refresh token").to_owned()
}

/// A key that proofs are signed with.
pub(crate) struct Holder(SigningKey);

impl Holder {
    pub(crate) fn new() -> Self {
        Self(SigningKey::generate(Algorithm::Es256).unwrap())
    }

    pub(crate) fn thumbprint(&self) -> String {
        self.0.public().thumbprint()
    }

    /// A proof for a POST to `path`, with its claims changed.
    pub(crate) fn proof(&self, world: &World, path: &str, changes: &Value) -> String {
        let mut jwk = serde_json::to_value(self.0.public_jwk("own")).unwrap();
        jwk.as_object_mut().unwrap().retain(|name, _| matches!(name.as_str(), "kty" | "crv" | "x" | "y"));
        let jti = base64url::encode(&sha256(jwk.to_string().as_bytes())[..6]);
        let mut claims = serde_json::json!({
            "jti": format!("{jti}{}", next_number()), "htm": "POST", "htu": format!("{ISSUER}{path}"),
            "iat": world.now().seconds(),
        });
        change(&mut claims, changes);
        let header = serde_json::json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk});
        jws::sign(&base64url::encode(header.to_string().as_bytes()), claims.to_string().as_bytes(), &self.0).unwrap()
    }
}

fn next_number() -> u32 {
    static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
}
