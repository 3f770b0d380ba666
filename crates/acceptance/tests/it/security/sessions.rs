//! A session that somebody else prepared or kept is never the one that a person signs in to (row 10).

use tollgate_acceptance::{Browser, SESSION};

use super::Town;

/// Cookies that a page of ours never made, and one of somebody else's session.
#[tokio::test]
async fn the_cookie_of_a_session_changes_at_each_sign_in_and_a_planted_one_becomes_nobodys() {
    let town = Town::new().await;
    let stranger = town.tollgate.create_person("mallory");
    let mut planted = town.browser();
    planted.sign_in(&stranger).await;
    let theirs = planted.session().unwrap();
    for cookie in [theirs.as_str(), "chosen-by-somebody-else", ""] {
        let mut browser = town.browser();
        browser.set_cookie(SESSION, cookie);
        let page = browser.open("/sign-in?return=/account/sessions").await;
        let page = if page.forms.iter().any(|form| form.has("choice")) {
            browser.submit(&page, &[("choice", "another")]).await
        } else {
            page
        };
        browser.go_through(page, &town.person).await;
        let own = browser.session().unwrap();
        assert_ne!(own, cookie);
        let mut other = town.browser();
        other.set_cookie(SESSION, cookie);
        let page = other.open("/account").await;
        assert!(!page.text().contains(&town.person.email), "{cookie:?} opens the account of somebody else");
    }
    let mut browser = town.home().await;
    let first = browser.session().unwrap();
    let page = browser.open("/sign-in?choice=another").await;
    browser.go_through(page, &town.person).await;
    assert_ne!(browser.session().unwrap(), first);
    assert!(!is_live(&town, &first).await, "the old secret is dead");
}

#[tokio::test]
async fn the_cookie_changes_with_the_password_and_with_a_second_factor_and_the_old_ones_are_dead() {
    let town = Town::new().await;
    let mut elsewhere = town.home().await;
    let mut browser = town.home().await;
    let first = browser.session().unwrap();
    let page = browser.open("/account/password").await;
    let new = "another meadow with 9 hares";
    let page = browser.submit(&page, &[("password", &town.person.password), ("new_password", new)]).await;
    assert_eq!(page.answer.status, 200, "{}", page.text());
    let second = browser.session().unwrap();
    assert_ne!(second, first);
    assert!(!is_live(&town, &first).await && is_live(&town, &second).await);
    assert!(!elsewhere.is_signed_in().await, "the other sessions end");

    let factor = super::guessing::enrol(&mut browser).await;
    let before = browser.session().unwrap();
    let changed = [("acr_values", "2"), ("prompt", "login")];
    let page = browser.open(&town.app.request(&town.tollgate, &changed)).await;
    let person = tollgate_acceptance::Person { password: new.to_owned(), ..town.person.clone() };
    let page = browser.go_through(page, &person).await;
    assert_eq!(page.url.path(), "/sign-in/second-factor", "{}", page.text());
    let page = browser.submit(&page, &[("code", &factor.next_code())]).await;
    assert!(page.parameter("code").is_some(), "{}", page.url);
    assert_ne!(browser.session().unwrap(), before);
    assert!(!is_live(&town, &before).await);
}

#[tokio::test]
async fn a_fresh_sign_in_that_an_application_wants_is_not_satisfied_by_an_old_one() {
    let town = Town::new().await;
    let mut browser = town.home().await;
    for changed in [[("prompt", "login")], [("max_age", "0")]] {
        let page = browser.open(&town.app.request(&town.tollgate, &changed)).await;
        assert_eq!(page.url.path(), "/sign-in", "{changed:?}: {}", page.url);
        let request = page.url.query_pairs().find(|(name, _)| name == "request").unwrap().1.into_owned();
        let skipped = browser.ask(&format!("/ims/authorize/continue?request={request}")).await;
        assert!(!skipped.header("location").contains("code="), "{changed:?}: {skipped:?}");
        let page = browser.go_through(page, &town.person).await;
        assert!(page.parameter("code").is_some(), "{changed:?}: {}", page.url);
    }
}

async fn is_live(town: &Town, secret: &str) -> bool {
    let mut browser = Browser::new(&town.tollgate);
    browser.set_cookie(SESSION, secret);
    browser.is_signed_in().await
}

#[tokio::test]
async fn a_session_cookie_is_for_this_server_and_for_no_script_and_its_secret_is_in_no_database() {
    let town = Town::new().await;
    let mut browser = town.browser();
    let page = browser.open("/sign-in").await;
    let page = browser.submit(&page, &[("email", &town.person.email)]).await;
    let token = page.form("password").value("form_token").unwrap().to_owned();
    let fields = [("form_token", token.as_str()), ("password", &town.person.password), ("email", &town.person.email)];
    let answer = browser.post("/sign-in/password", &fields).await;
    let lines: Vec<_> = answer.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap()).collect();
    let line = lines.iter().find(|line| line.starts_with("tollgate_session=")).unwrap_or_else(|| panic!("{lines:?}"));
    for word in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(line.contains(word), "{line}");
    }
    assert!(!line.to_ascii_lowercase().contains("domain="), "{line}");
    assert!(!town.tollgate.log().contains(&browser.session().unwrap()));
    if town.tollgate.database_url().starts_with("sqlite:") {
        for name in ["tollgate.db", "tollgate.db-wal"] {
            let bytes = std::fs::read(town.tollgate.file(name)).unwrap_or_default();
            let secret = browser.session().unwrap();
            assert!(
                !bytes.windows(secret.len()).any(|part| part == secret.as_bytes()),
                "{name} holds a session secret"
            );
        }
    }
}
