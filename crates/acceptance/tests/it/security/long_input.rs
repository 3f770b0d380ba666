//! Every field of a sign-in has an end, and what is beyond it is refused soon and hurts nobody (row 22).

use std::time::{Duration, Instant};

use reqwest::Method;
use tollgate_acceptance::{Answer, Browser, Page, STATE};

use super::Town;

/// Longest wait for a refusal, on a machine that is busy with other tests.
const REFUSAL_SECONDS_MAX: u64 = 3;

/// Asks, and sees to it that the answer comes soon and is no fault.
async fn asked(what: &str, answer: impl Future<Output = Answer>) -> Answer {
    let began = Instant::now();
    let answer = answer.await;
    assert!(answer.status < 500, "{what}: {answer:?}");
    assert!(began.elapsed() < Duration::from_secs(REFUSAL_SECONDS_MAX), "{what} took {:?}", began.elapsed());
    answer
}

#[tokio::test]
async fn an_authorization_request_with_a_field_that_is_too_long_gets_no_code() {
    let town = Town::new().await;
    let browser = town.home().await;
    let scopes = (0..101).map(|number| format!("scope{number}")).collect::<Vec<_>>().join(" ");
    let claims = format!("{}1{}", r#"{"userinfo":{"a":"#.repeat(400), "}".repeat(800));
    let wide =
        format!(r#"{{"id_token":{{{}}}}}"#, (0..900).map(|n| format!(r#""c{n}":null"#)).collect::<Vec<_>>().join(","));
    let long = |count: usize| "a".repeat(count);
    for (name, value) in [
        ("state", long(4_097)),
        ("nonce", long(513)),
        ("redirect_uri", format!("https://app.example/{}", long(3_000))),
        ("client_id", long(3_000)),
        ("scope", long(129)),
        ("scope", scopes),
        ("login_hint", long(4_000)),
        ("id_token_hint", long(15_000)),
        ("max_age", long(500)),
        ("max_age", "9".repeat(40)),
        ("prompt", "login ".repeat(1_000)),
        ("claims", claims),
        ("claims", wide),
        ("claims", "[".repeat(8_000)),
        ("resource", format!("https://x/{}", long(5_000))),
        ("code_challenge", long(129)),
        ("code_challenge_method", long(3_000)),
        ("response_type", "code ".repeat(1_000)),
        ("response_mode", long(3_000)),
        ("request", long(8_000)),
        ("request_uri", long(8_000)),
        ("dpop_jkt", long(3_000)),
        ("unknown", long(20_000)),
    ] {
        let address = town.app.request(&town.tollgate, &[(name, &value)]);
        let mut other = browser.clone();
        let answer = asked(name, other.ask(&address)).await;
        assert!(!answer.header("location").contains("code="), "{name}: {answer:?}");
        assert!(answer.text.len() < 20_000, "{name}: a refusal does not echo");
    }
    let longest = [("state", &*long(4_096)), ("nonce", &*long(512))];
    let answer = browser.clone().ask(&town.app.request(&town.tollgate, &longest)).await;
    assert!(answer.header("location").contains("code="), "what is allowed is taken: {answer:?}");
    assert_ne!(longest[0].1, STATE);
}

/// Sends a form with one field as it is given, and the others as they should be.
async fn sent(browser: &Browser, page: &Page, fields: &[(&str, &str)]) -> Answer {
    let mut browser = browser.clone();
    let form = page.form(fields[0].0);
    let own = form.fields.iter().filter(|own| own.is_hidden && !fields.iter().any(|(name, _)| *name == own.name));
    let own: Vec<_> = own.map(|own| (own.name.as_str(), own.value.as_str())).collect();
    let target = page.url.join(&form.action).unwrap();
    let body = [&own[..], fields].concat();
    asked(fields[0].0, async { browser.post(target.as_str(), &body).await }).await
}

#[tokio::test]
async fn a_form_with_a_field_that_is_too_long_changes_nothing() {
    let town = Town::new().await;
    let tollgate = &town.tollgate;
    let long = |count: usize| "a".repeat(count);
    let address = format!("{}@people.example", long(400));
    let mut browser = town.browser();
    let first = browser.open("/sign-in").await;
    let password = browser.submit(&first, &[("email", &town.person.email)]).await;
    let forgot = browser.open("/forgot").await;
    let code = browser.submit(&forgot, &[("email", &town.person.email)]).await;
    let tests = [
        (&first, vec![("email", address.as_str())]),
        (&password, vec![("password", "pass")]),
        (&forgot, vec![("email", &address)]),
        (&code, vec![("code", "1")]),
    ];
    for (page, fields) in tests {
        for count in [300, 1_100, 15_000, 17_000, 70_000] {
            let text = long(count);
            let mut fields = fields.clone();
            if fields[0].0 != "email" || count > 300 {
                fields[0].1 = &text;
            }
            let answer = sent(&browser, page, &fields).await;
            assert!(answer.status != 200 && browser.session().is_none(), "{}: {answer:?}", page.url);
            assert!(!answer.header("location").contains("/forgot/password"), "{answer:?}");
        }
        for field in ["form_token", "request"] {
            let text = long(10_000);
            let answer = sent(&browser, page, &[fields[0], (field, &text)]).await;
            assert!((300..500).contains(&answer.status), "{}: {answer:?}", page.url);
        }
    }
    let mut home = town.home().await;
    let profile = home.open("/account").await;
    for count in [81, 3_000, 17_000] {
        sent(&home, &profile, &[("name", &long(count)), ("language", "en"), ("country", "")]).await;
        sent(&home, &profile, &[("name", "Ada"), ("language", &long(count)), ("country", "")]).await;
        sent(&home, &profile, &[("name", "Ada"), ("language", "en"), ("country", &long(count))]).await;
    }
    let shown = tollgate.administer(&["user", "show", &town.person.email]);
    assert!(shown["name"].as_str().unwrap().len() <= 80, "{shown}");
    // A password of any length is either too long or taken whole: two that differ at their end are two.
    let changing = home.open("/account/password").await;
    let fields = [("new_password", long(257)), ("password", town.person.password.clone())];
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = sent(&home, &changing, &fields).await;
    assert!(answer.header("location").contains("problem="), "{answer:?}");
}

#[tokio::test]
async fn scripts_that_send_something_long_or_deep_are_refused_soon() {
    let town = Town::new().await;
    let browser = town.browser();
    let deep = format!("{}{}", r#"{"credential":"#.repeat(5_000), "}".repeat(5_000));
    for path in ["/sign-in/passkey/options", "/sign-in/passkey", "/account/passkeys/options", "/account/passkeys/add"] {
        for body in [
            deep.clone(),
            "[".repeat(50_000),
            format!(r#"{{"email":"{}"}}"#, "a".repeat(60_000)),
            format!(r#"{{"form_token":"{}"}}"#, "a".repeat(60_000)),
            "\u{0}".repeat(1_000),
            "{".to_owned(),
            String::new(),
        ] {
            let request = browser.request(Method::POST, path).header("content-type", "application/json").body(body);
            let mut browser = browser.clone();
            let answer = asked(path, browser.send(request)).await;
            assert!(answer.status >= 300, "{path}: {answer:?}");
        }
    }
    let cookie = "a".repeat(30_000);
    for name in ["tollgate_session", "tollgate_sign_in", "tollgate_email", "tollgate_form", "tollgate_typed"] {
        let request = browser.request(Method::GET, "/sign-in").header("cookie", format!("{name}={cookie}"));
        asked(name, browser.clone().send(request)).await;
    }
    assert_eq!(town.tollgate.get("/health/ready").await.status, 200);
}
