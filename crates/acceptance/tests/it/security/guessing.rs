//! Whoever tries one secret after the other is slowed down, at whichever door, and the second proof cannot be stepped
//! over (row 18).

use std::cell::Cell;

use tollgate_acceptance::{Browser, Page, Person, SESSION};

use super::{Town, now_seconds};

/// How many failures an account takes before it waits.
const FAILURES_MAX: usize = 10;
/// How long a one-time code is shown.
const STEP_SECONDS: u64 = 30;

/// A second factor as its owner has it.
pub(super) struct SecondFactor {
    totp: totp_rs::Totp,
    last_step: Cell<u64>,
    recovery_codes: Vec<String>,
}

impl SecondFactor {
    /// The code of the next step that was not used yet; a server takes those of one step around its own.
    pub(super) fn next_code(&self) -> String {
        let now = u64::try_from(now_seconds()).unwrap() / STEP_SECONDS;
        let step = now.max(self.last_step.get() + 1);
        self.last_step.set(step);
        self.totp.generate(step * STEP_SECONDS).to_string()
    }
}

/// Sets up one-time codes for whoever is signed in.
pub(super) async fn enrol(browser: &mut Browser) -> SecondFactor {
    let page = browser.open("/account/authenticator").await;
    let page = browser.submit(&page, &[("action", "start")]).await;
    let uri = page.attribute("otpauth://", "href").unwrap_or_else(|| panic!("no secret: {}", page.text()));
    let totp = totp_rs::Totp::from_url(&uri).unwrap();
    let factor = SecondFactor { totp, last_step: Cell::new(0), recovery_codes: Vec::new() };
    let page = browser.submit(&page, &[("action", "confirm"), ("code", &factor.next_code())]).await;
    assert_eq!(page.url.path(), "/account/recovery-codes", "{}", page.text());
    let codes = page.text().split("<li><code>").skip(1).filter_map(|part| part.split('<').next());
    SecondFactor { recovery_codes: codes.map(str::to_owned).collect(), ..factor }
}

/// Signs in up to the second proof.
async fn first_proof(browser: &mut Browser, person: &Person) -> Page {
    let page = browser.open("/sign-in").await;
    let page = browser.submit(&page, &[("email", &person.email)]).await;
    browser.submit(&page, &[("password", &person.password)]).await
}

fn says_too_many(page: &Page) -> bool {
    page.answer.status == 429 || page.parameter("problem").as_deref() == Some("too-many-attempts")
}

#[tokio::test]
async fn failures_at_the_password_the_code_and_the_recovery_code_count_together() {
    let town = Town::new().await;
    let mut home = town.home().await;
    let factor = enrol(&mut home).await;
    let mut browser = town.browser();
    let page = first_proof(&mut browser, &town.person).await;
    assert_eq!(page.url.path(), "/sign-in/second-factor", "{}", page.text());
    let mut refusals = 0;
    for number in 0..FAILURES_MAX + 3 {
        let page = match number % 3 {
            0 => {
                let mut other = town.browser();
                let wrong = Person { password: "not the password 1".to_owned(), ..town.person.clone() };
                first_proof(&mut other, &wrong).await
            }
            1 => {
                let page = browser.open("/sign-in/second-factor").await;
                browser.submit(&page, &[("code", "000000")]).await
            }
            _ => {
                let page = browser.open("/sign-in/second-factor?factor=recovery_code").await;
                browser.submit(&page, &[("code", "AAAA-AAAA")]).await
            }
        };
        refusals += usize::from(says_too_many(&page));
        assert!(number < FAILURES_MAX || says_too_many(&page), "attempt {number}: {}", page.url);
    }
    assert_eq!(refusals, 3, "the first ten were looked at");
    let page = browser.open("/sign-in/second-factor").await;
    let right = browser.submit(&page, &[("code", &factor.next_code())]).await;
    assert!(says_too_many(&right) && browser.session().is_none(), "the right code waits too: {}", right.url);
    let page = browser.open("/sign-in/second-factor?factor=recovery_code").await;
    let right = browser.submit(&page, &[("code", &factor.recovery_codes[0])]).await;
    assert!(says_too_many(&right) && browser.session().is_none(), "the right recovery code waits too: {}", right.url);
    let mut other = town.browser();
    let right = first_proof(&mut other, &town.person).await;
    assert!(says_too_many(&right), "so does the right password: {}", right.url);
    assert!(home.is_signed_in().await, "nobody can end somebody's session by guessing");
}

#[tokio::test]
async fn a_one_time_code_and_a_recovery_code_are_good_once() {
    let town = Town::new().await;
    let factor = enrol(&mut town.home().await).await;
    let one_time = factor.next_code();
    for code in [one_time.as_str(), &factor.recovery_codes[0]] {
        let kind = if code == one_time { "" } else { "?factor=recovery_code" };
        let mut signed_in = 0;
        for _ in 0..2 {
            let mut browser = town.browser();
            first_proof(&mut browser, &town.person).await;
            let page = browser.open(&format!("/sign-in/second-factor{kind}")).await;
            browser.submit(&page, &[("code", code)]).await;
            signed_in += usize::from(browser.session().is_some());
        }
        assert_eq!(signed_in, 1, "{code}");
    }
}

#[tokio::test]
async fn nothing_leads_around_the_second_proof() {
    let town = Town::new().await;
    enrol(&mut town.home().await).await;
    let mut browser = town.browser();
    let page = browser.open(&town.app.request(&town.tollgate, &[])).await;
    let page = browser.submit(&page, &[("email", &town.person.email)]).await;
    let page = browser.submit(&page, &[("password", &town.person.password)]).await;
    assert_eq!(page.url.path(), "/sign-in/second-factor");
    let request = page.parameter("request").unwrap();
    let ticket = browser.cookie("tollgate_sign_in").unwrap().to_owned();
    for address in [
        "/account".to_owned(),
        "/account/authenticator".to_owned(),
        "/account/recovery-codes".to_owned(),
        "/sign-in/new-password".to_owned(),
        format!("/ims/authorize/continue?request={request}"),
        format!("/consent?request={request}"),
        town.app.request(&town.tollgate, &[("prompt", "none")]),
    ] {
        for name in [None, Some(SESSION)] {
            let mut browser = browser.clone();
            if let Some(name) = name {
                browser.set_cookie(name, &ticket);
            }
            let answer = browser.ask(&address).await;
            assert!(!answer.header("location").contains("code="), "{address}: {answer:?}");
            assert!(answer.status != 200 || !answer.text.contains("/account/sessions"), "{address}: {answer:?}");
            for header in ["x-forwarded-uri", "x-original-url", "x-auth-user", "x-forwarded-user", "remote-user"] {
                let request = browser.request(reqwest::Method::GET, "/account").header(header, &town.person.email);
                assert_ne!(browser.clone().send(request).await.status, 200, "{header}");
            }
        }
    }
    // A new password does not stand in for the second proof either.
    let mut browser = town.browser();
    let page = browser.open("/forgot").await;
    let page = browser.submit(&page, &[("email", &town.person.email)]).await;
    let code = town.tollgate.mail_to(&town.person.email, 1).await.code();
    let page = browser.submit(&page, &[("code", &code)]).await;
    let person = Person { password: "a whole new orchard 7".to_owned(), ..town.person.clone() };
    let page = browser.submit(&page, &[("new_password", &person.password)]).await;
    assert_eq!(page.url.path(), "/sign-in", "{}", page.text());
    assert!(browser.session().is_none());
    assert_eq!(first_proof(&mut browser, &person).await.url.path(), "/sign-in/second-factor");
}

#[tokio::test]
async fn a_caller_with_ever_new_addresses_in_its_headers_is_one_caller() {
    let town = Town::new().await;
    let mut seen = Vec::new();
    for number in 0..FAILURES_MAX + 2 {
        let mut browser = town.browser();
        let page = browser.open("/sign-in").await;
        let page = browser.submit(&page, &[("email", &town.person.email)]).await;
        let token = page.form("password").value("form_token").unwrap().to_owned();
        let fields = [("form_token", &*token), ("email", &*town.person.email), ("password", "not the password 1")];
        let claimed = format!("203.0.113.{number}");
        let request = browser.request(reqwest::Method::POST, "/sign-in/password").form(&fields);
        let request = request.header("x-forwarded-for", &claimed).header("forwarded", format!("for={claimed}"));
        seen.push(browser.send(request).await.header("location").contains("too-many"));
    }
    assert_eq!(seen.iter().position(|too_many| *too_many), Some(FAILURES_MAX), "{seen:?}");
}
