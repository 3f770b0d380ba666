//! Sign-ins at a provider: who gets in, and who must not.

mod linking;
mod provider;

use std::{collections::HashMap, sync::Arc};

use serde_json::{Value, json};
use tollgate_crypto::{Algorithm, SigningKey};
use tollgate_model::{session::Method, user::User};
use tollgate_store::identity_providers::IdentityProvider;

use self::provider::{CLIENT_ID, FakeProvider, SECRET};
use super::{administration::NewProvider, *};
use crate::scene::{Scene, visitor};

struct Federation {
    scene: Scene,
    fake: FakeProvider,
    provider: IdentityProvider,
}

/// A sign-in that came back to the browser.
struct Returned {
    callback: FederatedCallback,
    browser: SecretText,
    query: HashMap<String, String>,
}

impl Federation {
    /// A provider that signs in the people of `example.com`.
    async fn new() -> Self {
        let scene = Scene::new().await;
        let fake = FakeProvider::start(scene.now()).await;
        let new = NewProvider {
            organization_id: scene.organization.id.clone(),
            name: "Example".to_owned(),
            issuer: fake.issuer.clone(),
            client_id: CLIENT_ID.to_owned(),
            secret: Some(SecretText::from(SECRET.to_owned())),
        };
        let provider = scene.people.add_identity_provider(new, scene.now()).await.unwrap();
        let people = &scene.people;
        people.add_domain("example.com", &scene.organization.id, Some(&provider.id), scene.now()).await.unwrap();
        assert!(people.verify_domain("Example.com", scene.now()).await.unwrap());
        Self { scene, fake, provider }
    }

    /// Lets time pass for everybody.
    async fn wait(&self, seconds: i64) {
        self.scene.pass(seconds);
        self.scene.people.house().directory.refresh().await.unwrap();
        self.fake.behaviour().now = self.scene.now();
    }

    async fn visit(&self, start: FederatedStart) -> Returned {
        let begun = self.scene.people.start_federated_sign_in(&self.provider.id, start, self.scene.now()).await;
        let begun = begun.unwrap();
        let query = self.fake.visit(&begun.location);
        let callback = FederatedCallback {
            state: Some(query["state"].clone()),
            code: Some("code-1".to_owned()),
            ..FederatedCallback::default()
        };
        Returned { callback, browser: begun.browser_secret, query }
    }

    async fn finish(
        &self,
        callback: FederatedCallback,
        browser: Option<&str>,
    ) -> Result<FederatedSignIn, FederationRefused> {
        self.scene.people.finish_federated_sign_in(callback, browser, &visitor(), None, self.scene.now()).await
    }

    /// A whole sign-in.
    async fn sign_in(&self) -> Result<User, FederationRefused> {
        let returned = self.visit(FederatedStart::default()).await;
        let finished = self.finish(returned.callback, Some(returned.browser.reveal())).await?;
        let SignInStep::Complete(new) = finished.step else { panic!("a session") };
        assert_eq!(new.session.methods.iter().collect::<Vec<_>>(), [Method::Federated]);
        Ok(new.user)
    }

    /// A whole sign-in in which the provider's claims are changed.
    async fn sign_in_with(&self, claims: Value) -> Result<User, FederationRefused> {
        self.fake.behaviour().claims = claims;
        self.sign_in().await
    }
}

fn fault(outcome: Result<User, FederationRefused>) -> TokenFault {
    match outcome {
        Err(FederationRefused::Token(fault)) => fault,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_way_there_carries_state_nonce_and_a_challenge_and_the_way_back_the_pending_request() {
    let federation = Federation::new().await;
    let hint = Some("ada@example.com".to_owned());
    let start = FederatedStart { login_hint: hint, request: Some("request-1".to_owned()) };
    let returned = federation.visit(start).await;
    let query = &returned.query;
    assert_eq!((query["response_type"].as_str(), query["code_challenge_method"].as_str()), ("code", "S256"));
    assert_eq!((query["client_id"].as_str(), query["tenant"].as_str()), (CLIENT_ID, "a"));
    assert_eq!(query["redirect_uri"], "http://localhost:8080/sign-in/federated/callback");
    assert_eq!((query["scope"].as_str(), query["login_hint"].as_str()), ("openid email profile", "ada@example.com"));
    assert!(query["state"].len() >= 43 && query["nonce"].len() >= 43 && query["state"] != query["nonce"]);
    let finished = federation.finish(returned.callback, Some(returned.browser.reveal())).await.unwrap();
    assert_eq!(finished.request.as_deref(), Some("request-1"));
}

#[tokio::test]
async fn an_address_of_a_verified_domain_leads_to_its_provider() {
    let federation = Federation::new().await;
    let (people, id) = (&federation.scene.people, &federation.provider.id);
    let provider_for = async |email: &str| people.provider_for(&email.parse().unwrap()).await.unwrap();
    assert_eq!(provider_for("Ada@Example.com").await.as_ref(), Some(id));
    assert_eq!(provider_for("ada@sub.example.com").await, None);
    people
        .add_domain("other.example", &federation.scene.organization.id, Some(id), federation.scene.now())
        .await
        .unwrap();
    assert_eq!(provider_for("ada@other.example").await, None, "not verified yet");
    people.set_identity_provider_enabled(id, false).await.unwrap();
    assert_eq!(provider_for("ada@example.com").await, None);
    let start = people.start_federated_sign_in(id, FederatedStart::default(), federation.scene.now()).await;
    assert!(matches!(start, Err(FederationRefused::UnknownProvider)));
}

#[tokio::test]
async fn an_answer_counts_once_in_time_and_in_the_browser_that_began() {
    let federation = Federation::new().await;
    let returned = federation.visit(FederatedStart::default()).await;
    let browser = Some(returned.browser.reveal());
    assert!(federation.finish(returned.callback.clone(), browser).await.is_ok());
    let twice = federation.finish(returned.callback, browser).await;
    assert!(matches!(twice, Err(FederationRefused::CeremonyOver)));
    for secret in [None, Some(""), Some("made up"), browser] {
        let other = federation.visit(FederatedStart::default()).await;
        let outcome = federation.finish(other.callback.clone(), secret).await;
        assert!(matches!(outcome, Err(FederationRefused::OtherBrowser)), "{secret:?}");
        let after = federation.finish(other.callback, Some(other.browser.reveal())).await;
        assert!(matches!(after, Err(FederationRefused::CeremonyOver)), "the failed one used it up");
    }
    let late = federation.visit(FederatedStart::default()).await;
    federation.scene.pass(601);
    let outcome = federation.finish(late.callback, Some(late.browser.reveal())).await;
    assert!(matches!(outcome, Err(FederationRefused::CeremonyOver)));
    assert_eq!(federation.fake.behaviour().codes_exchanged, 1, "the provider hears of none of the others");
}

#[tokio::test]
async fn without_state_or_code_nothing_is_asked_of_the_provider() {
    let federation = Federation::new().await;
    let returned = federation.visit(FederatedStart::default()).await;
    let stateless = FederatedCallback { state: None, ..returned.callback.clone() };
    let browser = Some(returned.browser.reveal());
    assert!(matches!(federation.finish(stateless, browser).await, Err(FederationRefused::CeremonyOver)));
    let codeless = FederatedCallback { code: None, ..returned.callback };
    assert!(matches!(federation.finish(codeless, browser).await, Err(FederationRefused::Upstream(_))));
    assert_eq!(federation.fake.behaviour().codes_exchanged, 0);
}

#[tokio::test]
async fn the_refusal_of_a_provider_is_told_without_its_markup() {
    let federation = Federation::new().await;
    let returned = federation.visit(FederatedStart::default()).await;
    let error = Some("access_denied<script>".to_owned());
    let callback = FederatedCallback { error, code: None, ..returned.callback };
    let outcome = federation.finish(callback, Some(returned.browser.reveal())).await;
    assert!(matches!(outcome, Err(FederationRefused::Upstream(code)) if code == "access_deniedscript"));
}

#[tokio::test]
async fn an_answer_in_the_name_of_another_provider_is_refused_before_its_code_is_sent_anywhere() {
    let federation = Federation::new().await;
    let answer = async |iss: Option<String>| {
        let returned = federation.visit(FederatedStart::default()).await;
        let callback = FederatedCallback { iss, ..returned.callback };
        federation.finish(callback, Some(returned.browser.reveal())).await
    };
    let other = answer(Some("https://other.example.com".to_owned())).await;
    assert!(matches!(other, Err(FederationRefused::Token(TokenFault::Issuer))));
    assert!(answer(Some(federation.fake.issuer.clone())).await.is_ok());
    federation.fake.behaviour().metadata = json!({ "authorization_response_iss_parameter_supported": true });
    federation.wait(3601).await;
    let silent = answer(None).await;
    assert!(matches!(silent, Err(FederationRefused::Token(TokenFault::Issuer))), "a provider that always names itself");
    assert_eq!(federation.fake.behaviour().codes_exchanged, 1);
}

#[tokio::test]
async fn tokens_with_wrong_claims_sign_nobody_in() {
    let federation = Federation::new().await;
    let now = federation.scene.now().seconds();
    for (claims, expected) in [
        (json!({ "iss": "https://other.example.com" }), TokenFault::Issuer),
        (json!({ "aud": "other" }), TokenFault::Audience),
        (json!({ "aud": [CLIENT_ID, "other"] }), TokenFault::Audience),
        (json!({ "azp": "other" }), TokenFault::Audience),
        (json!({ "exp": now - 100 }), TokenFault::Time),
        (json!({ "iat": now + 100 }), TokenFault::Time),
        (json!({ "nonce": "other" }), TokenFault::Nonce),
        (json!({ "nonce": null }), TokenFault::Nonce),
        (json!({ "sub": null }), TokenFault::Malformed),
    ] {
        assert_eq!(fault(federation.sign_in_with(claims.clone()).await), expected, "{claims}");
    }
    assert!(federation.sign_in_with(json!({})).await.is_ok());
}

#[tokio::test]
async fn forged_tokens_sign_nobody_in() {
    let federation = Federation::new().await;
    let stranger = Arc::new(SigningKey::generate(Algorithm::Es256).unwrap());
    federation.fake.behaviour().signer = (Some("key-1".to_owned()), stranger.clone());
    assert_eq!(fault(federation.sign_in().await), TokenFault::Signature);
    federation.fake.behaviour().signer = (None, stranger);
    assert_eq!(fault(federation.sign_in().await), TokenFault::Signature);
    for (header, expected) in [
        (r#"{"alg":"none"}"#, TokenFault::UnknownKey),
        (r#"{"alg":"HS256","kid":"key-1"}"#, TokenFault::UnknownKey),
        (r#"{"alg":"RS256","kid":"key-1"}"#, TokenFault::UnknownKey),
        (r#"{"alg":"ES256","kid":"unknown"}"#, TokenFault::UnknownKey),
        (r#"{"alg":"ES256","kid":"key-1","typ":"at+jwt"}"#, TokenFault::Malformed),
        (r#"{"alg":"ES256","kid":"key-1","crit":["exp"],"exp":1}"#, TokenFault::Malformed),
    ] {
        federation.fake.behaviour().header = Some(header.to_owned());
        assert_eq!(fault(federation.sign_in().await), expected, "{header}");
    }
}

#[tokio::test]
async fn rsa_keys_are_taken_with_both_paddings() {
    let federation = Federation::new().await;
    let rsa = SigningKey::generate(Algorithm::Rs256).unwrap();
    let pss = SigningKey::from_pkcs8(Algorithm::Ps256, rsa.to_pkcs8().reveal()).unwrap();
    for (kid, key) in [("rsa", rsa), ("pss", pss)] {
        let key = Arc::new(key);
        {
            let mut behaviour = federation.fake.behaviour();
            behaviour.keys.insert(kid.to_owned(), Arc::clone(&key));
            behaviour.signer = (Some(kid.to_owned()), key);
        }
        federation.wait(61).await;
        assert!(federation.sign_in().await.is_ok(), "{kid}");
    }
}

#[tokio::test]
async fn a_new_key_is_fetched_when_it_is_first_named_but_made_up_names_do_not_make_us_knock() {
    let federation = Federation::new().await;
    assert!(federation.sign_in().await.is_ok());
    assert!(federation.sign_in().await.is_ok());
    assert_eq!(federation.fake.behaviour().keys_fetched, 1, "keys are kept");
    federation.wait(61).await;
    let next = Arc::new(SigningKey::generate(Algorithm::Es256).unwrap());
    {
        let mut behaviour = federation.fake.behaviour();
        behaviour.keys.insert("key-2".to_owned(), next.clone());
        behaviour.signer = (Some("key-2".to_owned()), next);
    }
    assert!(federation.sign_in().await.is_ok());
    assert_eq!(federation.fake.behaviour().keys_fetched, 2);
    for _ in 0..5 {
        federation.fake.behaviour().header = Some(r#"{"alg":"ES256","kid":"made up"}"#.to_owned());
        assert_eq!(fault(federation.sign_in().await), TokenFault::UnknownKey);
    }
    assert_eq!(federation.fake.behaviour().keys_fetched, 2, "at most once in a minute");
}

#[tokio::test]
async fn many_first_sign_ins_at_once_fetch_the_keys_once() {
    let federation = Federation::new().await;
    let people = &federation.scene.people;
    let (egress, now) = (&people.settings().egress, federation.scene.now());
    let metadata = people.upstreams().metadata(egress, &federation.fake.issuer, now).await.unwrap();
    let at_once = (0..8).map(|_| {
        let (people, metadata) = (people.clone(), Arc::clone(&metadata));
        tokio::spawn(async move {
            let egress = &people.settings().egress;
            people.upstreams().keys(egress, &metadata, |keys| !keys.is_empty(), now).await.unwrap().is_empty()
        })
    });
    for one in at_once.collect::<Vec<_>>() {
        assert!(!one.await.unwrap());
    }
    assert_eq!(federation.fake.behaviour().keys_fetched, 1);
}

#[tokio::test]
async fn a_provider_that_fails_is_left_alone_for_a_moment() {
    let federation = Federation::new().await;
    federation.fake.behaviour().metadata = json!({ "issuer": "https://other.example.com" });
    federation.wait(3601).await;
    let start = async || {
        let (people, id) = (&federation.scene.people, &federation.provider.id);
        people.start_federated_sign_in(id, FederatedStart::default(), federation.scene.now()).await
    };
    assert!(matches!(start().await, Err(FederationRefused::Unreachable(_))));
    federation.fake.behaviour().metadata = json!({});
    assert!(matches!(start().await, Err(FederationRefused::Unreachable(_))), "not asked again at once");
    federation.wait(6).await;
    assert!(start().await.is_ok());
}

#[tokio::test]
async fn a_provider_is_added_only_if_it_is_who_it_says_and_lies_where_calls_may_go() {
    let federation = Federation::new().await;
    let people = &federation.scene.people;
    let add = async |issuer: &str| {
        let new = NewProvider {
            organization_id: federation.scene.other_organization().await.id,
            name: "Another".to_owned(),
            issuer: issuer.to_owned(),
            client_id: "tollgate".to_owned(),
            secret: None,
        };
        people.add_identity_provider(new, federation.scene.now()).await
    };
    for issuer in ["http://10.0.0.1", "https://169.254.169.254", "file:///etc/passwd", "no address", ""] {
        assert!(matches!(add(issuer).await, Err(FederationRefused::Unreachable(_))), "{issuer}");
    }
    let slash = format!("{}/", federation.fake.issuer);
    assert!(matches!(add(&slash).await, Err(FederationRefused::Unreachable(_))), "another issuer by one character");
    for (member, value) in [
        ("issuer", json!("https://other.example.com")),
        ("authorization_endpoint", json!("javascript:alert(1)")),
        ("token_endpoint", json!("https://10.0.0.1/token")),
        ("jwks_uri", json!("file:///etc/passwd")),
        ("jwks_uri", json!(null)),
    ] {
        federation.fake.behaviour().metadata = json!({ member: value });
        assert!(matches!(add(&federation.fake.issuer).await, Err(FederationRefused::Unreachable(_))), "{member}");
    }
    federation.fake.behaviour().metadata = json!({});
    assert!(add(&federation.fake.issuer).await.is_ok());
}
