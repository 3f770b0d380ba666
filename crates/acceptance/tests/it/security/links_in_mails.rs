//! Mails, pages and cookies speak of the configured address, whatever a caller calls us (row 15).

use reqwest::Method;

use super::Town;

const POISON: &str = "poison.example";
const NAMES: [&str; 7] = [
    "x-forwarded-host",
    "x-host",
    "forwarded",
    "x-original-url",
    "x-rewrite-url",
    "x-forwarded-server",
    "x-forwarded-proto",
];

fn value(name: &str) -> &'static str {
    match name {
        "forwarded" => "host=poison.example;proto=https",
        "x-forwarded-proto" => "poison.example",
        "x-original-url" | "x-rewrite-url" => "https://poison.example/account",
        _ => POISON,
    }
}

#[tokio::test]
async fn a_link_in_a_mail_leads_to_the_configured_address_whatever_host_the_caller_names() {
    let town = Town::new().await;
    let mut count = 0;
    for host in [None, Some(POISON), Some("poison.example:443"), Some("127.0.0.1@poison.example")] {
        let mut browser = town.browser();
        let page = browser.open("/forgot").await;
        let token = page.form("email").value("form_token").unwrap().to_owned();
        let fields = [("form_token", token.as_str()), ("email", town.person.email.as_str())];
        let mut request = browser.request(Method::POST, "/forgot").form(&fields);
        for name in NAMES {
            request = request.header(name, value(name));
        }
        if let Some(host) = host {
            request = request.header("host", host);
        }
        let answer = browser.send(request).await;
        assert!(!answer.header("location").contains("poison") && !answer.text.contains("poison"), "{answer:?}");
        if answer.status == 303 {
            count += 1;
        }
    }
    assert!(count >= 1, "somebody was sent a code");
    for number in 1..=count {
        let mail = town.tollgate.mail_to(&town.person.email, number).await;
        assert!(mail.link().starts_with(&format!("{}/", town.tollgate.base_url)), "{mail:?}");
        assert!(!format!("{mail:?}").contains("poison"), "{mail:?}");
    }
}

#[tokio::test]
async fn a_host_that_the_caller_names_is_on_no_page_and_in_no_redirect() {
    let town = Town::new().await;
    let home = town.home().await;
    let application = town.app.request(&town.tollgate, &[]);
    for address in
        ["/sign-in", "/sign-up", "/forgot", "/account", "/device", "/sign-out", "/nothing", "/ims/logout", &application]
    {
        for browser in [town.browser(), home.clone()] {
            let mut request = browser.request(Method::GET, address);
            for name in NAMES {
                request = request.header(name, value(name));
            }
            let answer = browser.clone().send(request.header("host", POISON)).await;
            assert!(!answer.text.contains("poison"), "{address}: {answer:?}");
            for (name, value) in &answer.headers {
                assert!(!String::from_utf8_lossy(value.as_bytes()).contains("poison"), "{address}: {name}: {value:?}");
            }
        }
    }
}
