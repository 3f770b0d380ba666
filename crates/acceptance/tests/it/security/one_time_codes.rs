//! What comes by mail is good once, for a short time, for one purpose (row 17).

use tollgate_acceptance::{Browser, Page, Tollgate};

use super::Town;

const NEW: &str = "a whole new orchard 7";

/// A server where anybody may make an account.
async fn open_server() -> Tollgate {
    let mut tollgate = Tollgate::set_up();
    let organizations = tollgate.administer(&["organization", "list"]);
    let id = organizations[0]["id"].as_str().unwrap_or_else(|| panic!("{organizations}")).to_owned();
    tollgate.administer(&["organization", "update", &id, "--self-sign-up", "true"]);
    tollgate.serve_with(&[("TOLLGATE_SIGN_IN__SIGN_UP_ORGANIZATION", &id)]).await;
    tollgate
}

async fn forget(browser: &mut Browser, email: &str) -> Page {
    let page = browser.open("/forgot").await;
    browser.submit(&page, &[("email", email)]).await
}

async fn sign_up(browser: &mut Browser, email: &str) -> Page {
    let page = browser.open("/sign-up").await;
    let fields = [("email", email), ("name", "Grace"), ("country", "NZ"), ("new_password", NEW)];
    browser.submit(&page, &fields).await
}

#[tokio::test]
async fn a_code_for_a_new_password_is_good_once_and_for_its_own_request_alone() {
    let town = Town::new().await;
    let (mut first, mut second) = (town.browser(), town.browser());
    let old_page = forget(&mut first, &town.person.email).await;
    town.tollgate.mail_to(&town.person.email, 1).await;
    let page = forget(&mut second, &town.person.email).await;
    let mail = town.tollgate.mail_to(&town.person.email, 2).await;
    let refused = first.submit(&old_page, &[("code", &mail.code())]).await;
    assert_ne!(refused.url.path(), "/forgot/password", "a code belongs to the request that it was sent for");
    // Opening the link uses nothing up: programs that check mails do it too.
    for _ in 0..2 {
        assert_eq!(town.browser().open(mail.link()).await.answer.status, 200);
    }
    let next = second.submit(&page, &[("code", &mail.code())]).await;
    assert_eq!(next.url.path(), "/forgot/password", "{}", next.text());
    let mut thief = town.browser();
    let opened = thief.open(mail.link()).await;
    let stolen = thief.submit(&opened, &[("code", &mail.code())]).await;
    assert_ne!(stolen.url.path(), "/forgot/password", "a code is good once");
    let kept = second.clone();
    let done = second.submit(&next, &[("new_password", NEW)]).await;
    assert_eq!(done.url.path(), "/sign-in", "{}", done.text());
    let again = kept.clone().submit(&next, &[("new_password", "another meadow with 9 hares")]).await;
    assert_eq!(again.url.path(), "/forgot", "the right that it gave is good once too");
    let mut browser = town.browser();
    browser.sign_in(&tollgate_acceptance::Person { password: NEW.to_owned(), ..town.person.clone() }).await;
}

#[tokio::test]
async fn five_wrong_codes_end_the_right_one() {
    let town = Town::new().await;
    let mut browser = town.browser();
    let page = forget(&mut browser, &town.person.email).await;
    let code = town.tollgate.mail_to(&town.person.email, 1).await.code();
    for number in 0..5 {
        let wrong = if code == "00000000" { "11111111" } else { "00000000" };
        let refused = browser.submit(&page, &[("code", wrong)]).await;
        assert_ne!(refused.url.path(), "/forgot/password", "{number}");
    }
    let late = browser.submit(&page, &[("code", &code)]).await;
    assert_ne!(late.url.path(), "/forgot/password", "{}", late.text());
}

#[tokio::test]
async fn a_code_for_one_purpose_opens_nothing_else() {
    let tollgate = open_server().await;
    let person = tollgate.create_person("ada");
    let mut browser = Browser::new(&tollgate);
    let reset = forget(&mut browser, &person.email).await;
    let reset_code = tollgate.mail_to(&person.email, 1).await.code();
    let flow = browser.cookie("tollgate_reset_code").unwrap().to_owned();
    let page = sign_up(&mut browser, "grace@people.example").await;
    let sign_up_code = tollgate.mail_to("grace@people.example", 1).await.code();
    let sign_up_flow = browser.cookie("tollgate_sign_up").unwrap().to_owned();

    let mut swapped = browser.clone();
    swapped.set_cookie("tollgate_sign_up", &flow);
    swapped.submit(&page, &[("code", &reset_code)]).await;
    assert!(swapped.session().is_none(), "a reset code makes no account");
    let mut swapped = browser.clone();
    swapped.set_cookie("tollgate_reset_code", &sign_up_flow);
    let opened = swapped.submit(&reset, &[("code", &sign_up_code)]).await;
    assert_ne!(opened.url.path(), "/forgot/password", "a sign-up code sets no password");
    let invited = browser.clone().open(&format!("/invitation?token={flow}.{reset_code}")).await;
    assert_eq!(invited.answer.status, 400, "{}", invited.text());

    let mut kept = browser.clone();
    browser.submit(&page, &[("code", &sign_up_code)]).await;
    assert!(browser.is_signed_in().await, "the right code at its own place");
    kept.submit(&page, &[("code", &sign_up_code)]).await;
    assert!(kept.session().is_none(), "once");
}

#[tokio::test]
async fn an_invitation_and_an_administrators_link_are_good_once() {
    let town = Town::new().await;
    let create = ["user", "create", "--email", "grace@people.example", "--name", "Grace", "--invite"];
    let invited = town.tollgate.administer(&create);
    let link = invited["invitation"].as_str().unwrap();
    assert!(link.starts_with(&format!("{}/invitation?", town.tollgate.base_url)), "{link}");
    let (mut browser, mut late) = (town.browser(), town.browser());
    let (page, other) = (browser.open(link).await, late.open(link).await);
    let page = browser.submit(&page, &[("name", "Grace"), ("new_password", NEW)]).await;
    assert!(browser.is_signed_in().await, "{}", page.text());
    let again = late.submit(&other, &[("name", "Mallory"), ("new_password", "another meadow with 9 hares")]).await;
    assert!(late.session().is_none() && again.answer.status == 400, "{}", again.text());
    assert_eq!(late.open(link).await.answer.status, 400);

    let made = town.tollgate.administer(&["user", "reset-password", &town.person.email]);
    let link = made["link"].as_str().unwrap().to_owned();
    let (mut browser, mut late) = (town.browser(), town.browser());
    let (page, other) = (browser.open(&link).await, late.open(&link).await);
    let submit = async |browser: &mut Browser, page: &Page| {
        let code = page.form("code").value("code").unwrap().to_owned();
        browser.submit(page, &[("code", &code)]).await
    };
    assert_eq!(submit(&mut browser, &page).await.url.path(), "/forgot/password");
    assert_ne!(submit(&mut late, &other).await.url.path(), "/forgot/password");
}
