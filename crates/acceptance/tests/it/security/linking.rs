//! An upstream provider signs in its own people and nobody else's (row 16). The provider is a second server process.

use tollgate_acceptance::{Application, Browser, Page, Person, Tollgate};
use tollgate_store::{StoreError, Transaction, users};

/// A server whose people another server signs in.
struct Federation {
    tollgate: Tollgate,
    upstream: Tollgate,
    at_upstream: Application,
    provider: String,
}

impl Federation {
    async fn new() -> Self {
        let (tollgate, upstream) = (Tollgate::start().await, Tollgate::start().await);
        let callback = format!("{}/sign-in/federated/callback", tollgate.base_url);
        let at_upstream = upstream.create_application("oauth_web_app", &callback, &["--first-party", "true"]).await;
        let secret = tollgate.secret_file("upstream-secret", at_upstream.credential.secret());
        let create = ["identity-provider", "create", "--name", "Head Office", "--issuer", &upstream.base_url];
        let with = ["--client-id", at_upstream.id(), "--client-secret-file", &secret];
        let made = tollgate.administer(&[&create[..], &with].concat());
        let provider = made["id"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
        let domain = ["identity-provider", "add-domain", "people.example", "--provider", &provider, "--verified"];
        tollgate.administer(&domain);
        Self { tollgate, upstream, at_upstream, provider }
    }

    fn browser(&self) -> Browser {
        Browser::new(&self.tollgate).also_at(&self.upstream)
    }

    /// Goes to the provider and signs in there; where the browser ends.
    async fn sign_in(&self, browser: &mut Browser, person: &Person) -> Page {
        let page = browser.open(&format!("/sign-in/federated/{}", self.provider)).await;
        assert!(page.url.as_str().starts_with(&self.upstream.base_url), "{}: {}", page.url, page.text());
        browser.go_through(page, person).await
    }

    /// Signs in at the provider up to the address that comes back here, which is not opened.
    async fn answer(&self, browser: &mut Browser, person: &Person) -> String {
        let started = browser.ask(&format!("/sign-in/federated/{}", self.provider)).await;
        assert_eq!(started.status, 303, "{started:?}");
        let mut there = Browser::new(&self.upstream);
        let page = there.open(started.header("location")).await;
        let page = there.go_through(page, person).await;
        assert!(page.is_elsewhere, "{}", page.text());
        page.url.into()
    }

    /// An account at the provider whose address it calls verified.
    async fn verified(&self, name: &str) -> Person {
        let person = self.upstream.create_person(name);
        self.set_verified(&person, true).await;
        person
    }

    async fn set_verified(&self, person: &Person, verified: bool) {
        let (db, id) = (self.upstream.open_database().await, person.id.parse().unwrap());
        let set = async |tx: &mut Transaction| users::set_email_verified(tx, &id, verified).await;
        assert!(db.transact::<_, StoreError>(set).await.unwrap(), "{person:?}");
    }

    fn account(&self, email: &str) -> Option<serde_json::Value> {
        let all = self.tollgate.administer(&["user", "list"]);
        all.as_array().unwrap().iter().find(|user| user["email"] == email).cloned()
    }
}

#[tokio::test]
async fn a_person_of_a_provider_gets_an_account_and_finds_it_again_on_the_way_to_an_application() {
    let federation = Federation::new().await;
    let person = federation.verified("ada").await;
    let app = federation.tollgate.create_web_app().await;
    let mut browser = federation.browser();
    // By the address: it leads to the provider.
    let page = browser.open(&app.request(&federation.tollgate, &[])).await;
    let page = browser.submit(&page, &[("email", &person.email)]).await;
    assert!(page.url.as_str().starts_with(&federation.upstream.base_url), "{}: {}", page.url, page.text());
    let page = browser.go_through(page, &person).await;
    assert!(page.is_elsewhere, "{}: {}", page.url, page.text());
    let code = page.parameter("code").unwrap();
    assert_eq!(app.redeem(&federation.tollgate, &code, &[]).await.status, 200);
    let account = federation.account(&person.email).unwrap();
    assert_eq!((account["account_type"].as_str(), account["email_verified"].as_bool()), (Some("type3"), Some(true)));

    let mut second = federation.browser();
    let page = federation.sign_in(&mut second, &person).await;
    assert_eq!(page.url.path(), "/account", "{}", page.text());
    assert_eq!(federation.account(&person.email).unwrap()["id"], account["id"]);
}

#[tokio::test]
async fn an_address_that_the_provider_did_not_verify_or_may_not_speak_for_makes_and_links_no_account() {
    let federation = Federation::new().await;
    let unverified = federation.upstream.create_person("grace");
    federation.set_verified(&unverified, false).await;
    let stranger = federation.upstream.create_person_with("mallory@elsewhere.example", &[]);
    federation.set_verified(&stranger, true).await;
    let own = federation.tollgate.create_person("ada");
    let impostor = federation.verified("ada").await;
    for person in [&unverified, &stranger, &impostor] {
        let mut browser = federation.browser();
        let before = federation.account(&person.email);
        let page = federation.sign_in(&mut browser, person).await;
        assert!(browser.session().is_none(), "{}: {}", person.email, page.url);
        assert_eq!(page.url.path(), "/sign-in", "{}", page.text());
        assert!(page.parameter("problem").is_some(), "{}", page.url);
        assert_eq!(federation.account(&person.email), before, "{}", person.email);
    }
    // Whoever has an account here still has it.
    let mut browser = Browser::new(&federation.tollgate);
    let page = browser.open("/sign-in/password").await;
    assert_eq!(page.url.path(), "/sign-in");
    assert_eq!(federation.account(&own.email).unwrap()["account_type"], "type2");
}

#[tokio::test]
async fn an_answer_of_a_provider_counts_in_the_browser_that_asked_and_once() {
    let federation = Federation::new().await;
    let (person, thief) = (federation.verified("ada").await, federation.verified("mallory").await);
    let mut browser = federation.browser();
    let answer = federation.answer(&mut browser, &person).await;
    let mut other = federation.browser();
    let page = other.open(&answer).await;
    assert!(other.session().is_none(), "an answer in another browser: {}", page.url);

    // A forged cookie, and a thief's answer in the victim's browser.
    let mut browser = federation.browser();
    let theirs = federation.answer(&mut federation.browser(), &thief).await;
    federation.answer(&mut browser, &person).await;
    browser.open(&theirs).await;
    assert!(browser.session().is_none(), "nobody is signed in as somebody else");
    let mut forger = federation.browser();
    let answer = federation.answer(&mut federation.browser(), &person).await;
    forger.set_cookie("tollgate_federated", "chosen-by-somebody-else");
    forger.open(&answer).await;
    assert!(forger.session().is_none());

    let mut browser = federation.browser();
    let answer = federation.answer(&mut browser, &person).await;
    let mut kept = browser.clone();
    for altered in
        [answer.replace("state=", "state=x"), answer.replace("code=", "code=x"), answer.replace("iss=", "iss=x")]
    {
        let mut tried = browser.clone();
        if altered.contains("state=x") {
            tried.open(&altered).await;
            assert!(tried.session().is_none(), "{altered}");
        }
    }
    let page = browser.open(&answer).await;
    assert!(browser.session().is_some(), "{}", page.url);
    kept.open(&answer).await;
    assert!(kept.session().is_none(), "an answer counts once");
}

#[tokio::test]
async fn a_disabled_provider_and_whoever_its_people_were_sign_nobody_in() {
    let federation = Federation::new().await;
    let person = federation.verified("ada").await;
    let mut browser = federation.browser();
    let answer = federation.answer(&mut browser, &person).await;
    federation.tollgate.administer(&["identity-provider", "disable", &federation.provider]);
    let page = browser.open(&answer).await;
    assert!(browser.session().is_none(), "{}", page.url);
    let started = federation.browser().ask(&format!("/sign-in/federated/{}", federation.provider)).await;
    assert!(!started.header("location").starts_with(&federation.upstream.base_url), "{started:?}");
    federation.tollgate.administer(&["identity-provider", "enable", &federation.provider]);

    let mut browser = federation.browser();
    federation.sign_in(&mut browser, &person).await;
    assert!(browser.is_signed_in().await);
    federation.tollgate.administer(&["user", "disable", &person.email]);
    assert!(!browser.is_signed_in().await);
    let mut again = federation.browser();
    federation.sign_in(&mut again, &person).await;
    assert!(again.session().is_none());
    assert_eq!(federation.at_upstream.redirect_uri.split('/').next_back(), Some("callback"));
}
