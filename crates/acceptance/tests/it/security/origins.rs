//! A page reads an answer if it is one of the application that asks, by what that registered, and by nothing that it says
//! itself (row 21).

use reqwest::Method;
use tollgate_acceptance::{Answer, Application, Browser};

use super::Town;

const OWN: &str = "https://page.example";
const OTHER: &str = "https://other.example";

const FOREIGN: [&str; 9] = [
    "https://evil.example",
    "null",
    "http://page.example",
    "https://page.example:8443",
    "https://page.example.evil.example",
    "https://evilpage.example",
    "https://PAGE.example",
    "https://page.example/",
    "*",
];

fn readable(answer: &Answer) -> Option<&str> {
    let values: Vec<_> = answer.headers.get_all("access-control-allow-origin").iter().collect();
    assert!(values.len() <= 1, "{answer:?}");
    values.first().map(|value| value.to_str().unwrap())
}

struct Pages {
    town: Town,
    own: Application,
    other: Application,
}

impl Pages {
    async fn new() -> Self {
        let town = Town::new().await;
        let more = ["--first-party", "true"];
        let own = town.tollgate.create_application("oauth_single_page_app", &format!("{OWN}/"), &more).await;
        let other = town.tollgate.create_application("oauth_single_page_app", &format!("{OTHER}/"), &more).await;
        Self { town, own, other }
    }

    async fn asked(&self, method: Method, path: &str, origin: &str, token: &str, form: &[(&str, &str)]) -> Answer {
        let url = format!("{}{path}", self.town.tollgate.base_url);
        let request = self.town.tollgate.http.request(method.clone(), url).header("origin", origin);
        let request = if method == Method::POST { request.form(form) } else { request };
        let request = if token.is_empty() { request } else { request.bearer_auth(token) };
        self.town.tollgate.send(request).await
    }
}

#[tokio::test]
async fn a_page_reads_the_answers_of_its_own_application_alone() {
    let pages = Pages::new().await;
    let tollgate = &pages.town.tollgate;
    let mut browser = pages.town.home().await;
    let tokens = pages.own.sign_in(tollgate, &mut browser, &pages.town.person).await;
    let form = |app: &Application| {
        vec![
            ("grant_type", "refresh_token".to_owned()),
            ("client_id", app.id().to_owned()),
            ("refresh_token", "x".to_owned()),
        ]
    };
    let own_form = form(&pages.own);
    let own_form: Vec<_> = own_form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    for (method, path) in [
        (Method::GET, "/ims/userinfo/v2"),
        (Method::GET, "/ims/profile/v1"),
        (Method::POST, "/ims/token/v3"),
        (Method::POST, "/ims/revoke"),
    ] {
        let token = if path.contains("token") || path.contains("revoke") { "" } else { &tokens.access };
        let answer = pages.asked(method.clone(), path, OWN, token, &own_form).await;
        assert_eq!(readable(&answer), Some(OWN), "{path}: {answer:?}");
        assert!(answer.header("vary").to_ascii_lowercase().contains("origin"), "{path}: {answer:?}");
        assert!(answer.header("access-control-allow-credentials").is_empty(), "{path}: {answer:?}");
        for origin in FOREIGN.into_iter().chain([OTHER]) {
            let answer = pages.asked(method.clone(), path, origin, token, &own_form).await;
            assert_eq!(readable(&answer), None, "{path} from {origin}: {answer:?}");
        }
    }
    // What a page says of itself in a token or a parameter counts for nothing.
    let forged = tollgate_acceptance::jwt::with_signature(
        r#"{"alg":"RS256"}"#,
        &format!(r#"{{"client_id":"{}","allowed-origins":["https://evil.example"]}}"#, pages.own.id()),
        b"x",
    );
    let answer = pages.asked(Method::GET, "/ims/userinfo/v2", "https://evil.example", &forged, &[]).await;
    assert_eq!(readable(&answer), None, "{answer:?}");
    let answer = pages.asked(Method::GET, "/ims/keys", "https://evil.example", "", &[]).await;
    assert_eq!(readable(&answer), Some("*"), "what is public is public");
    assert!(answer.header("access-control-allow-credentials").is_empty(), "{answer:?}");
}

#[tokio::test]
async fn a_preflight_from_a_page_of_nobody_allows_nothing() {
    let pages = Pages::new().await;
    for path in ["/ims/token/v3", "/ims/userinfo/v2", "/ims/check/v6/token", "/ims/revoke", "/ims/logout/v1/token"] {
        for origin in FOREIGN {
            let url = format!("{}{path}", pages.town.tollgate.base_url);
            let request = pages.town.tollgate.http.request(Method::OPTIONS, url).header("origin", origin);
            let request = request.header("access-control-request-method", "POST");
            let answer = pages.town.tollgate.send(request).await;
            assert!(answer.status < 500, "{answer:?}");
            let wild = readable(&answer).is_some_and(|allowed| allowed == origin);
            assert!(!wild, "{path} from {origin}: {answer:?}");
            assert!(answer.header("access-control-allow-credentials").is_empty(), "{path} from {origin}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn a_page_gets_the_tokens_of_its_visitor_for_its_own_application_alone() {
    let pages = Pages::new().await;
    let browser = pages.town.home().await;
    let check = async |browser: &Browser, app: &Application, origin: Option<&str>| {
        let form = [("client_id", app.id()), ("scope", "openid")];
        let request = browser.request(Method::POST, "/ims/check/v6/token").form(&form);
        let request = origin.into_iter().fold(request, |request, origin| request.header("origin", origin));
        browser.clone().send(request).await
    };
    let given = check(&browser, &pages.own, Some(OWN)).await;
    assert!(given.body["access_token"].is_string(), "{given:?}");
    assert_eq!(readable(&given), Some(OWN), "{given:?}");
    for origin in FOREIGN.into_iter().chain([OTHER]).map(Some).chain([None]) {
        let refused = check(&browser, &pages.own, origin).await;
        assert!(refused.body["access_token"].is_null(), "{origin:?}: {refused:?}");
        assert_eq!(readable(&refused), None, "{origin:?}: {refused:?}");
    }
    let crossed = check(&browser, &pages.other, Some(OWN)).await;
    assert!(crossed.body["access_token"].is_null(), "{crossed:?}");
    let nobody = check(&pages.town.browser(), &pages.own, Some(OWN)).await;
    assert!(nobody.body["access_token"].is_null(), "{nobody:?}");
}
