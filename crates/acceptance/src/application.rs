//! An application that people sign in to, as its developer wrote it.

use reqwest::Url;
use serde_json::Value;
use tollgate_crypto::{base64url, digest::sha256};

use crate::{Answer, Browser, Credential, Page, Person, Tollgate};

/// What an application asks for, if nothing else is said.
pub const SCOPE: &str = "openid email profile offline_access";
/// What it proves the redemption of its codes with.
pub const VERIFIER: &str = "a-verifier-that-is-as-long-as-it-has-to-be-0123456789";
/// What it wants to hear again.
pub const STATE: &str = "state-of-the-application";

/// An application with its credential.
pub struct Application {
    /// What it proves itself with.
    pub credential: Credential,
    /// Where people come back to.
    pub redirect_uri: String,
    is_public: bool,
}

/// What an application has of a person who signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens {
    /// Opens APIs.
    pub access: String,
    /// Gets new tokens.
    pub refresh: String,
    /// Says who signed in.
    pub id: String,
}

impl Tokens {
    /// Those of an answer.
    pub fn of(answer: &Answer) -> Self {
        assert_eq!(answer.status, 200, "no tokens: {answer:?}");
        let text = |name: &str| answer.body[name].as_str().unwrap_or_default().to_owned();
        Self { access: text("access_token"), refresh: text("refresh_token"), id: text("id_token") }
    }
}

impl Tollgate {
    /// Makes a web application that the organization runs itself, so that nobody is asked for consent.
    pub async fn create_web_app(&self) -> Application {
        let more = ["--first-party", "true"];
        self.create_application("oauth_web_app", "https://app.example/callback", &more).await
    }

    /// Makes an application of a type.
    pub async fn create_application(&self, credential_type: &str, redirect_uri: &str, more: &[&str]) -> Application {
        let arguments = [&["--redirect-uri", redirect_uri][..], more].concat();
        let credential = self.create_credential_with(credential_type, &[], &arguments).await;
        let is_public = credential.created["client_secret"].is_null();
        Application { credential, redirect_uri: redirect_uri.to_owned(), is_public }
    }
}

impl Application {
    /// Its client id.
    pub fn id(&self) -> &str {
        self.credential.id()
    }

    /// An authorization request, with parameters in the place of the usual ones; an empty one is left out.
    pub fn request(&self, tollgate: &Tollgate, changed: &[(&str, &str)]) -> String {
        let challenge = base64url::encode(&sha256(VERIFIER.as_bytes()));
        let usual = [
            ("client_id", self.id()),
            ("response_type", "code"),
            ("redirect_uri", &self.redirect_uri),
            ("scope", SCOPE),
            ("state", STATE),
            ("nonce", "nonce-of-the-application"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        let kept = usual.into_iter().filter(|(name, _)| !changed.iter().any(|(other, _)| other == name));
        let given = changed.iter().copied().filter(|(_, value)| !value.is_empty());
        let address = format!("{}/ims/authorize/v2", tollgate.base_url);
        let url = Url::parse_with_params(&address, kept.chain(given)).expect("the address of a server is a URL");
        url.into()
    }

    /// Has a person who may still have to sign in and to agree answer a request; where the browser is sent.
    pub async fn asks(
        &self,
        tollgate: &Tollgate,
        browser: &mut Browser,
        person: &Person,
        changed: &[(&str, &str)],
    ) -> Page {
        let page = browser.open(&self.request(tollgate, changed)).await;
        browser.go_through(page, person).await
    }

    /// Gets a code.
    pub async fn code(&self, tollgate: &Tollgate, browser: &mut Browser, person: &Person) -> String {
        let page = self.asks(tollgate, browser, person, &[]).await;
        page.parameter("code").unwrap_or_else(|| panic!("no code: {} {}", page.url, page.text()))
    }

    /// What proves that it is itself, with fields in the place of others; an empty one is left out.
    pub fn form<'a>(&'a self, own: &[(&'a str, &'a str)], changed: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        let mut usual = own.to_vec();
        usual.push(("client_id", self.id()));
        if !self.is_public {
            usual.push(("client_secret", self.credential.secret()));
        }
        let mut form: Vec<_> =
            usual.into_iter().filter(|(name, _)| !changed.iter().any(|(other, _)| other == name)).collect();
        form.extend(changed.iter().copied().filter(|(_, value)| !value.is_empty()));
        form
    }

    /// Redeems a code, with fields in the place of others.
    pub async fn redeem(&self, tollgate: &Tollgate, code: &str, changed: &[(&str, &str)]) -> Answer {
        let own = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &*self.redirect_uri),
            ("code_verifier", VERIFIER),
        ];
        tollgate.post("/ims/token/v3", &self.form(&own, changed)).await
    }

    /// Gets new tokens for a refresh token.
    pub async fn refresh(&self, tollgate: &Tollgate, token: &str) -> Answer {
        let own = [("grant_type", "refresh_token"), ("refresh_token", token)];
        tollgate.post("/ims/token/v3", &self.form(&own, &[])).await
    }

    /// Signs a person in and takes the tokens.
    pub async fn sign_in(&self, tollgate: &Tollgate, browser: &mut Browser, person: &Person) -> Tokens {
        let code = self.code(tollgate, browser, person).await;
        Tokens::of(&self.redeem(tollgate, &code, &[]).await)
    }

    /// What introspection says of a token.
    pub async fn introspect(&self, tollgate: &Tollgate, token: &str) -> Value {
        tollgate.post("/ims/introspect", &self.form(&[("token", token)], &[])).await.body
    }
}

/// What `/ims/userinfo` answers to a token.
pub async fn userinfo(tollgate: &Tollgate, token: &str) -> Answer {
    tollgate.send(tollgate.http.get(format!("{}/ims/userinfo/v2", tollgate.base_url)).bearer_auth(token)).await
}
