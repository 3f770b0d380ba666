//! What the OpenID Foundation's certification asks of a provider, one test for each of its modules, through the front
//! door. `conformance/checklist.md` says which test holds which module.

#![expect(clippy::unwrap_used, reason = "what is missing here fails the test, also in what several tests share")]

mod basic;
mod discovery;
mod form_post;
mod logout;
mod requests;
mod scopes;

use serde_json::Value;
use tollgate_acceptance::{Application, Browser, Page, Person, Tokens, Tollgate, jwt};

/// A running server with two people and two applications, as the certification wants them.
struct Provider {
    tollgate: Tollgate,
    app: Application,
    person: Person,
}

impl Provider {
    async fn new() -> Self {
        let tollgate = Tollgate::start().await;
        let more = ["--first-party", "true", "--post-logout-redirect-uri", "https://app.example/bye"];
        let app = tollgate.create_application("oauth_web_app", "https://app.example/callback", &more).await;
        let person = tollgate.create_person("ada");
        Self { tollgate, app, person }
    }

    fn browser(&self) -> Browser {
        Browser::new(&self.tollgate)
    }

    /// Asks with these parameters, signs in and agrees; where the browser ends.
    async fn asks(&self, browser: &mut Browser, changed: &[(&str, &str)]) -> Page {
        self.app.asks(&self.tollgate, browser, &self.person, changed).await
    }

    /// The same, down to the tokens.
    async fn tokens(&self, browser: &mut Browser, changed: &[(&str, &str)]) -> Tokens {
        let page = self.asks(browser, changed).await;
        let code = page.parameter("code").unwrap_or_else(|| panic!("no code: {} {}", page.url, page.text()));
        Tokens::of(&self.app.redeem(&self.tollgate, &code, &[]).await)
    }
}

/// The claims of a token.
fn claims(token: &str) -> Value {
    jwt::open(token).1
}

fn now_seconds() -> i64 {
    tollgate_model::Clock::now(&tollgate_model::SystemClock).seconds()
}
