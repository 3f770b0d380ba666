//! Known ways to fail, each tried from outside. `docs/security-tests.md` says which file holds which class.

#![expect(clippy::unwrap_used, reason = "what is missing here fails the test, also in what several tests share")]

mod assertions;
mod codes;
mod cross_site;
mod defaults;
mod disabled;
mod disabled_people;
mod downgrades;
mod exchanges;
mod faults;
mod faults_of_people;
mod guessing;
mod headers;
mod hosts;
mod isolation;
mod leaving;
mod lengths;
mod linking;
mod links_in_mails;
mod long_input;
mod markup;
mod one_time_codes;
mod origins;
mod paths;
mod pkce;
mod redirects;
mod refreshing;
mod remembered;
mod secret_keys;
mod sessions;
mod signatures;
mod smuggling;
mod strangers;
mod token_size;

use std::time::{Duration, Instant};

use tollgate_acceptance::{AT_ONCE, Answer, Application, Browser, Credential, Person, Tap, Tokens, Tollgate};

/// A running server with one API that demands a token (`/campaign`), one that demands a key (`/weather`), and a
/// credential that is subscribed to both.
struct Scene {
    tollgate: Tollgate,
    tap: Tap,
    credential: Credential,
}

impl Scene {
    async fn new() -> Self {
        let (tollgate, tap) = (Tollgate::start().await, Tap::start().await);
        let scopes = ["--scopes", "campaign_sdk", "--metascopes", "ent_campaign_sdk"];
        tollgate.create_service("Campaign", "service_token", &tap.url(), &scopes);
        tollgate.create_service("Weather", "api_key", &tap.url(), &[]);
        let credential = tollgate.create_credential("oauth_server_to_server", &["Campaign", "Weather"]).await;
        Self { tollgate, tap, credential }
    }

    async fn service_account(&self) -> Credential {
        self.tollgate.create_credential("service_account_jwt", &["Campaign"]).await
    }

    /// Which doors a token opens together with the key of its holder: the gateway, `validate_token`, and `introspect`
    /// when `witness`, a credential of the same organization, asks.
    async fn opened(&self, token: &str, holder: &Credential, witness: &Credential) -> Vec<&'static str> {
        let called = self.tollgate.call("/campaign/x", holder.id(), Some(token)).await;
        let validated = self.validate(token, holder).await;
        let introspected = self.introspect(token, witness).await;
        for answer in [&called, &validated, &introspected] {
            assert!(answer.status < 500, "a bad token is no fault of ours: {token}: {answer:?}");
        }
        let doors = [
            ("gateway", called.status == 200),
            ("validate", validated.body["valid"] != false),
            ("introspect", introspected.body["active"] != false),
        ];
        doors.into_iter().filter(|(_, is_open)| *is_open).map(|(door, _)| door).collect()
    }

    async fn validate(&self, token: &str, holder: &Credential) -> Answer {
        let form = [("type", "access_token"), ("client_id", holder.id()), ("token", token)];
        self.tollgate.post("/ims/validate_token/v1", &form).await
    }

    async fn introspect(&self, token: &str, asking: &Credential) -> Answer {
        introspect(&self.tollgate, token, asking).await
    }

    async fn revoke(&self, token: &str) -> Answer {
        let form = [("token", token), ("client_id", self.credential.id()), ("client_secret", self.credential.secret())];
        self.tollgate.post("/ims/revoke", &form).await
    }
}

/// A running server with a person, and a web application that the organization runs itself.
struct Town {
    tollgate: Tollgate,
    app: Application,
    person: Person,
}

impl Town {
    async fn new() -> Self {
        let tollgate = Tollgate::start().await;
        let app = tollgate.create_web_app().await;
        let person = tollgate.create_person("ada");
        Self { tollgate, app, person }
    }

    /// A browser in which nobody is signed in.
    fn browser(&self) -> Browser {
        Browser::new(&self.tollgate)
    }

    /// A browser in which the person is signed in.
    async fn home(&self) -> Browser {
        let mut browser = self.browser();
        browser.sign_in(&self.person).await;
        browser
    }

    /// Tokens of the person.
    async fn tokens(&self) -> Tokens {
        self.app.sign_in(&self.tollgate, &mut self.browser(), &self.person).await
    }

    async fn redeem(&self, code: &str) -> Answer {
        self.app.redeem(&self.tollgate, code, &[]).await
    }

    async fn refresh(&self, token: &str) -> Answer {
        self.app.refresh(&self.tollgate, token).await
    }
}

/// Whether an answer is the refusal with this error code.
fn assert_refused(answer: &Answer, error: &str) {
    assert_eq!((answer.status, answer.body["error"].as_str()), (400, Some(error)), "{answer:?}");
}

async fn introspect(tollgate: &Tollgate, token: &str, asking: &Credential) -> Answer {
    let form = [("token", token), ("client_id", asking.id()), ("client_secret", asking.secret())];
    tollgate.post("/ims/introspect", &form).await
}

/// Asks again until the answer is as expected, for the time that a running server may take to notice what another program
/// wrote; the last answer.
async fn until<T>(is_expected: impl Fn(&T) -> bool, ask: impl AsyncFn() -> T) -> T {
    let deadline = Instant::now() + AT_ONCE;
    loop {
        let answer = ask().await;
        if is_expected(&answer) || Instant::now() > deadline {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn now_seconds() -> i64 {
    tollgate_model::Clock::now(&tollgate_model::SystemClock).seconds()
}

const ALL_DOORS: [&str; 3] = ["gateway", "validate", "introspect"];
