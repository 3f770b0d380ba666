//! Whoever is disabled or deleted gets through no door that people's tokens open (row 8).

use tollgate_acceptance::{Application, Browser, Echo, Person, Tokens, Tollgate, userinfo};

use super::until;

/// The doors, in the order in which they are tried.
const DOORS: [&str; 7] = ["session", "code", "refresh", "userinfo", "introspection", "gateway", "new code"];

/// A person who is signed in at an application, with everything that the two have.
struct Subject<'a> {
    tollgate: &'a Tollgate,
    app: Application,
    witness: Application,
    person: Person,
    browser: Browser,
    tokens: Tokens,
    codes: Vec<String>,
}

/// An application that calls the API `Photos` in people's names.
async fn application(tollgate: &Tollgate) -> Application {
    let more = ["--first-party", "true", "--service", "Photos"];
    tollgate.create_application("oauth_web_app", "https://app.example/callback", &more).await
}

impl<'a> Subject<'a> {
    async fn new(tollgate: &'a Tollgate, name: &str) -> Self {
        let (app, witness) = (application(tollgate).await, application(tollgate).await);
        let person = tollgate.create_person(name);
        let mut browser = Browser::new(tollgate);
        let page = app.asks(tollgate, &mut browser, &person, &[("scope", "openid offline_access photos")]).await;
        let code = page.parameter("code").unwrap_or_else(|| panic!("no code: {} {}", page.url, page.text()));
        let tokens = Tokens::of(&app.redeem(tollgate, &code, &[]).await);
        let mut subject = Self { tollgate, app, witness, person, browser, tokens, codes: Vec::new() };
        for _ in 0..2 {
            subject.codes.push(subject.app.code(tollgate, &mut subject.browser.clone(), &subject.person).await);
        }
        assert_eq!(subject.open_doors(0).await, DOORS, "before the change");
        subject
    }

    /// Which doors are open; each time with another code, and with the same refresh token within its grace.
    async fn open_doors(&self, time: usize) -> Vec<&'static str> {
        let Self { tollgate, app, witness, browser, tokens, codes, .. } = self;
        let asked = browser.clone().ask(&app.request(tollgate, &[("prompt", "none")])).await;
        let open = [
            browser.clone().is_signed_in().await,
            app.redeem(tollgate, &codes[time], &[]).await.status == 200,
            app.refresh(tollgate, &tokens.refresh).await.status == 200,
            userinfo(tollgate, &tokens.access).await.status == 200,
            witness.introspect(tollgate, &tokens.access).await["active"] != false,
            tollgate.call("/photos/x", app.id(), Some(&tokens.access)).await.status == 200,
            asked.header("location").contains("code="),
        ];
        DOORS.into_iter().zip(open).filter(|(_, is_open)| *is_open).map(|(door, _)| door).collect()
    }
}

async fn server() -> (Tollgate, Echo) {
    let (tollgate, echo) = (Tollgate::start().await, Echo::start().await);
    tollgate.create_service("Photos", "user_token", &echo.url(), &["--scopes", "photos"]);
    (tollgate, echo)
}

#[tokio::test]
async fn a_disabled_or_deleted_person_gets_through_no_door() {
    let (tollgate, _echo) = server().await;
    for action in ["disable", "delete"] {
        let subject = Subject::new(&tollgate, action).await;
        tollgate.administer(&["user", action, &subject.person.email]);
        let open = until(|open: &Vec<_>| open.is_empty(), || subject.open_doors(1)).await;
        assert!(open.is_empty(), "{action}: {open:?}");
        let mut browser = Browser::new(&tollgate);
        let page = browser.open("/sign-in").await;
        let page = browser.submit(&page, &[("email", &subject.person.email)]).await;
        let page = browser.submit(&page, &[("password", &subject.person.password)]).await;
        assert!(browser.session().is_none() && page.url.path() != "/account", "{action}: {}", page.url);
        if action == "disable" {
            tollgate.administer(&["user", "enable", &subject.person.email]);
            assert!(!subject.browser.clone().is_signed_in().await, "what ended does not come back");
            assert_ne!(userinfo(&tollgate, &subject.tokens.access).await.status, 200);
            assert_eq!(subject.app.refresh(&tollgate, &subject.tokens.refresh).await.status, 400);
        }
    }
}

#[tokio::test]
async fn an_ended_session_and_a_withdrawn_consent_leave_no_token_behind() {
    let (tollgate, _echo) = server().await;
    let subject = Subject::new(&tollgate, "session").await;
    tollgate.administer(&["session", "end", "--user", &subject.person.email, "--all"]);
    let open = until(|open: &Vec<_>| open.is_empty(), || subject.open_doors(1)).await;
    assert!(open.is_empty(), "{open:?}");

    let subject = Subject::new(&tollgate, "consent").await;
    let (user, client) = (&subject.person.email, subject.app.id());
    tollgate.administer(&["consent", "revoke", "--user", user, "--credential", client]);
    let expected = ["session", "new code"];
    let open = until(|open: &Vec<_>| *open == expected, || subject.open_doors(1)).await;
    assert_eq!(open, expected, "the person stays, and nobody asks about an application of their own organization");
}

#[tokio::test]
async fn people_of_a_disabled_or_deleted_application_or_organization_get_through_no_door() {
    let (tollgate, _echo) = server().await;
    for action in ["disable", "delete"] {
        let subject = Subject::new(&tollgate, action).await;
        tollgate.administer(&["credential", action, subject.app.id()]);
        // The person is not the application.
        let open = until(|open: &Vec<_>| *open == ["session"], || subject.open_doors(1)).await;
        assert_eq!(open, ["session"], "{action}");
    }
    let subject = Subject::new(&tollgate, "organization").await;
    tollgate.administer(&["organization", "disable", "Weather Works"]);
    // Whoever asked is disabled too, and hears so.
    let open = until(|open: &Vec<_>| *open == ["introspection"], || subject.open_doors(1)).await;
    assert_eq!(open, ["introspection"], "organization");
    let told = subject.witness.introspect(&tollgate, &subject.tokens.access).await;
    assert!(told["active"].is_null() && told["error"].is_string(), "{told}");
}
