//! What strangers name themselves stays text, and nothing on a page runs that is not ours (row 20).

use tollgate_acceptance::{Answer, Browser};

use super::Town;

/// A name with all that breaks out of text, attributes, scripts and styles.
const NAME: &str = r#""'><script>alert(1)</script><img src=x onerror=alert(2)>{{1787*9973}}"#;

/// Whether a page is ours alone, whatever it holds.
fn assert_harmless(address: &str, answer: &Answer) {
    if !answer.header("content-type").starts_with("text/html") {
        assert!(!answer.text.contains("<script>alert"), "{address}: {answer:?}");
        return;
    }
    let policy = answer.header("content-security-policy");
    let directives: Vec<_> = policy.split(';').map(str::trim).collect();
    for directive in
        ["default-src 'none'", "script-src 'self'", "style-src 'self'", "base-uri 'none'", "frame-ancestors 'none'"]
    {
        assert!(directives.contains(&directive), "{address}: {policy}");
    }
    assert!(!policy.contains("unsafe") && !policy.contains(" * "), "{address}: {policy}");
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{address}");
    assert!(answer.header("cache-control").contains("no-store"), "{address}: {answer:?}");
    for tag in answer.text.split('<').skip(1).map(|part| part.split('>').next().unwrap_or_default()) {
        if tag.starts_with("script") {
            assert!(tag.contains(" src=\"/assets/pages/"), "{address}: <{tag}>");
        }
        // Without what stands between quotes, which is text.
        let bare: String = tag.split('"').step_by(2).collect();
        assert!(!tag.starts_with("style") && !bare.contains(" style="), "{address}: <{tag}>");
        let handles = bare.split_whitespace().skip(1).any(|word| word.starts_with("on") && word.contains('='));
        assert!(!handles, "{address}: <{tag}>");
        assert!(!tag.to_ascii_lowercase().contains("=\"javascript:"), "{address}: <{tag}>");
    }
    assert!(!answer.text.contains("<img src=x"), "{address}: {}", answer.text);
    assert!(!answer.text.contains("17821751"), "{address}: nothing is computed from a name: {}", answer.text);
}

async fn visit(browser: &mut Browser, addresses: &[String]) -> String {
    let mut texts = String::new();
    for address in addresses {
        let answer = browser.clone().ask(address).await;
        assert_harmless(address, &answer);
        texts.push_str(&answer.text);
    }
    texts
}

#[tokio::test]
async fn names_of_people_applications_and_organizations_are_text_on_every_page() {
    let town = Town::new().await;
    let tollgate = &town.tollgate;
    tollgate.administer(&["organization", "update", "Weather Works", "--name", NAME]);
    let person = tollgate.create_person_with("mallory@people.example", &["--name", NAME]);
    let more = ["--name", NAME, "--post-logout-redirect-uri", "https://app.example/bye"];
    let create = ["credential", "create", "--type", "oauth_web_app", "--redirect-uri", "https://app.example/callback"];
    tollgate.administer(&["project", "create", "--name", "Odd"]);
    let created = tollgate.administer(&[&create[..], &["--project", "Odd"], &more].concat());
    let client = created["client_id"].as_str().unwrap();
    tollgate.wait_until_known(client).await;
    let request = town.app.request(tollgate, &[("client_id", client)]);
    let mut browser = town.browser();
    let page = browser.open(&request).await;
    assert_harmless("sign-in", &page.answer);
    let page = browser.submit(&page, &[("email", &person.email)]).await;
    assert_harmless("password", &page.answer);
    let page = browser.submit(&page, &[("password", &person.password)]).await;
    assert_eq!(page.url.path(), "/consent");
    assert_harmless("consent", &page.answer);
    assert!(page.text().contains("&lt;script&gt;") || page.text().contains("&#60;script&#62;"), "{}", page.text());
    let page = browser.submit(&page, &[("decision", "allow")]).await;
    assert!(page.parameter("code").is_some(), "{}", page.url);
    let own =
        ["", "/password", "/passkeys", "/authenticator", "/recovery-codes", "/sessions", "/applications", "/activity"];
    let mut addresses: Vec<_> = own.iter().map(|room| format!("/account{room}")).collect();
    addresses.push(format!("/sign-out?client_id={client}"));
    addresses.push("/device".to_owned());
    addresses.push(town.app.request(tollgate, &[("client_id", client), ("response_mode", "form_post")]));
    let texts = visit(&mut browser, &addresses).await;
    assert!(texts.matches("script&").count() > 5, "the name was shown");
}

#[tokio::test]
async fn what_a_link_to_us_says_is_repeated_as_text_or_not_at_all() {
    let town = Town::new().await;
    let mut home = town.home().await;
    let payload = "%22%27%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E%3Cimg%20src%3Dx%20onerror%3Dalert(2)%3E";
    let client = town.app.id();
    let mut addresses = Vec::new();
    for path in [
        "/sign-in",
        "/sign-in/password",
        "/sign-in/second-factor",
        "/sign-up",
        "/sign-up/verify",
        "/forgot",
        "/forgot/code",
        "/forgot/password",
        "/invitation",
        "/consent",
        "/device",
        "/device/confirm",
        "/sign-out",
        "/signed-out",
        "/account",
        "/account/sessions",
        "/nothing",
        "/ims/nothing",
        "/sign-in/federated/callback",
        "/ims/authorize",
        "/ims/authorize/continue",
        "/ims/logout",
    ] {
        addresses.push(path.to_owned());
        for name in [
            "problem",
            "notice",
            "request",
            "error",
            "error_description",
            "email",
            "code",
            "flow",
            "token",
            "user_code",
            "ui_locales",
            "return",
            "state",
            "client_id",
        ] {
            addresses.push(format!("{path}?{name}={payload}"));
        }
    }
    addresses.extend([
        format!("/ims/authorize?client_id={client}&redirect_uri={payload}"),
        format!("/ims/authorize?client_id={client}&redirect_uri=javascript:alert(1)"),
        format!("/ims/logout?client_id={client}&post_logout_redirect_uri={payload}"),
        format!("/ims/authorize?client_id={client}&response_mode=form_post&state={payload}&scope=openid"),
        format!("/ims/logout/v1/token?access_token=x&callback={payload}"),
        format!("/{payload}"),
        format!("/account/{payload}"),
        format!("/sign-in/federated/{payload}"),
    ]);
    visit(&mut town.browser(), &addresses).await;
    visit(&mut home, &addresses).await;
}
