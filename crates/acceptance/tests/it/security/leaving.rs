//! After a sign-out a browser goes to a registered address, byte for byte, or stays with us (row 12).

use tollgate_acceptance::{Browser, Tokens};

use super::Town;

const AFTERWARDS: &str = "https://app.example/bye";

const ALTERED: [&str; 20] = [
    "https://app.example/bye/",
    "https://app.example/bye?x=1",
    "https://app.example/bye#",
    "https://app.example/Bye",
    "https://app.example/bye/../bye",
    "https://app.example/bye%2f..%2fx",
    "https://APP.example/bye",
    "https://app.example:443/bye",
    "https://app.example:8443/bye",
    "http://app.example/bye",
    "https://app.example@evil.example/bye",
    "https://app.example\\@evil.example/bye",
    "https://app.example.evil.example/bye",
    "https://evil.example/?https://app.example/bye",
    "//evil.example/bye",
    "/\\evil.example/bye",
    "javascript:alert(1)",
    "data:text/html,x",
    "https://app.example/bye\r\nx: y",
    "https://evil.example/",
];

struct Leaving {
    town: Town,
    app: tollgate_acceptance::Application,
}

impl Leaving {
    async fn new() -> Self {
        let town = Town::new().await;
        let more = ["--first-party", "true", "--post-logout-redirect-uri", AFTERWARDS];
        let app = town.tollgate.create_application("oauth_web_app", "https://app.example/callback", &more).await;
        Self { town, app }
    }

    async fn signed_in(&self) -> (Browser, Tokens) {
        let mut browser = self.town.home().await;
        let tokens = self.app.sign_in(&self.town.tollgate, &mut browser, &self.town.person).await;
        (browser, tokens)
    }

    fn address(&self, parameters: &[(&str, &str)]) -> String {
        let address = format!("{}/ims/logout/v1", self.town.tollgate.base_url);
        reqwest::Url::parse_with_params(&address, parameters).unwrap().into()
    }
}

#[tokio::test]
async fn an_unregistered_or_altered_address_after_a_sign_out_is_a_page_of_ours() {
    let leaving = Leaving::new().await;
    let (mut browser, tokens) = leaving.signed_in().await;
    for uri in ALTERED {
        for name in ["post_logout_redirect_uri", "redirect_uri"] {
            for parameters in [
                &[("id_token_hint", tokens.id.as_str()), (name, uri)][..],
                &[("client_id", leaving.app.id()), (name, uri)],
                &[(name, uri)],
            ] {
                let page = browser.open(&leaving.address(parameters)).await;
                assert!(!page.is_elsewhere, "{parameters:?} leads to {}", page.url);
                for attribute in ["href", "src", "action", "content"] {
                    let held = format!("{attribute}=\"{uri}");
                    assert!(!page.text().contains(&held), "{parameters:?}: {}", page.text());
                }
            }
        }
    }
}

#[tokio::test]
async fn a_registered_address_gets_the_browser_and_the_state_back_after_the_sign_out() {
    let leaving = Leaving::new().await;
    let (mut browser, tokens) = leaving.signed_in().await;
    let parameters = [("id_token_hint", &*tokens.id), ("post_logout_redirect_uri", AFTERWARDS), ("state", "a b&c")];
    let page = browser.open(&leaving.address(&parameters)).await;
    assert!(page.is_elsewhere, "{}", page.text());
    assert_eq!(page.url.as_str().split('?').next(), Some(AFTERWARDS));
    assert_eq!(page.parameter("state").as_deref(), Some("a b&c"));
    assert!(browser.session().is_none());

    // Without a hint the person is asked; the way back is a link that they may take.
    let (mut browser, _) = leaving.signed_in().await;
    let parameters = [("client_id", leaving.app.id()), ("post_logout_redirect_uri", AFTERWARDS), ("state", "xyz")];
    let page = browser.open(&leaving.address(&parameters)).await;
    assert_eq!(page.url.path(), "/sign-out");
    let page = browser.submit(&page, &[("decision", "sign_out")]).await;
    assert_eq!(page.url.path(), "/signed-out", "{}", page.text());
    assert!(page.text().contains(&format!("href=\"{AFTERWARDS}?state=xyz\"")), "{}", page.text());
}

#[tokio::test]
async fn the_address_of_one_application_is_none_of_another() {
    let leaving = Leaving::new().await;
    let (mut browser, _) = leaving.signed_in().await;
    let other = leaving.town.app.sign_in(&leaving.town.tollgate, &mut browser, &leaving.town.person).await;
    for parameters in [
        [("id_token_hint", other.id.as_str()), ("post_logout_redirect_uri", AFTERWARDS)],
        [("client_id", leaving.town.app.id()), ("post_logout_redirect_uri", AFTERWARDS)],
    ] {
        let page = browser.open(&leaving.address(&parameters)).await;
        assert!(!page.is_elsewhere, "{parameters:?} leads to {}", page.url);
    }
}
