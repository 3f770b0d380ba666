//! What another site has a browser send changes nothing (row 11).

use reqwest::Method;
use tollgate_acceptance::{Answer, Browser, Page, Tokens};

use super::Town;

/// Sends a form as it stands, but with other headers and perhaps without its token, from a clone of the browser.
async fn forged(
    browser: &Browser,
    page: &Page,
    fields: &[(&str, &str)],
    headers: &[(&str, &str)],
    token: Option<&str>,
) -> Answer {
    let form = page.form(fields[0].0);
    let own: Vec<_> = form.fields.iter().filter(|field| field.is_hidden && field.name != "form_token").collect();
    let mut sent: Vec<_> = own.iter().map(|field| (field.name.as_str(), field.value.as_str())).collect();
    sent.extend(fields);
    sent.extend(token.map(|token| ("form_token", token)));
    let target = page.url.join(&form.action).unwrap();
    let mut request = browser.request(Method::POST, target.as_str()).form(&sent);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    browser.clone().send(request).await
}

/// Every way in which another site can have the form sent: each must be refused, with a page that says so.
async fn refuse_all(browser: &Browser, page: &Page, fields: &[(&str, &str)], foreign: &str) {
    let token = page.form(fields[0].0).value("form_token").unwrap();
    let cross = [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")];
    let own = [("sec-fetch-site", "same-origin")];
    for (what, headers, token) in [
        ("no token", &own[..], None),
        ("an empty token", &own[..], Some("")),
        ("a token of another browser", &own[..], Some(foreign)),
        ("a token and more", &own[..], Some(&*format!("{token}x"))),
        ("another site", &cross[..], Some(token)),
        ("a sister site", &[("sec-fetch-site", "same-site")][..], Some(token)),
        ("a foreign origin", &[("origin", "https://evil.example")][..], Some(token)),
        ("no origin", &[("origin", "null")][..], Some(token)),
        (
            "a longer origin",
            &[("origin", &*format!("{}.evil.example", page.url.origin().ascii_serialization()))][..],
            Some(token),
        ),
    ] {
        let answer = forged(browser, page, fields, headers, token).await;
        assert_eq!(answer.status, 403, "{what} at {}: {answer:?}", page.url);
        assert!(answer.header("content-type").starts_with("text/html"), "{what}: {answer:?}");
    }
}

#[tokio::test]
async fn sign_in_consent_and_sign_out_take_no_form_without_its_token_or_from_another_site() {
    let town = Town::new().await;
    let tollgate = &town.tollgate;
    let app = tollgate.create_application("oauth_web_app", "https://app.example/callback", &[]).await;
    let mut other = town.browser();
    let foreign = other.open("/sign-in").await.form("email").value("form_token").unwrap().to_owned();

    let mut browser = town.browser();
    let page = browser.open(&app.request(tollgate, &[])).await;
    refuse_all(&browser, &page, &[("email", &town.person.email)], &foreign).await;
    let page = browser.submit(&page, &[("email", &town.person.email)]).await;
    refuse_all(&browser, &page, &[("password", &town.person.password)], &foreign).await;
    assert!(browser.session().is_none());
    let page = browser.submit(&page, &[("password", &town.person.password)]).await;
    assert_eq!(page.url.path(), "/consent", "{}", page.text());
    refuse_all(&browser, &page, &[("decision", "allow")], &foreign).await;
    let request = page.form("decision").value("request").unwrap().to_owned();
    let skipped = browser.clone().open(&format!("/ims/authorize/continue?request={request}")).await;
    assert_eq!(skipped.url.path(), "/consent", "nothing was agreed to");

    let leaving = browser.open("/sign-out").await;
    refuse_all(&browser, &leaving, &[("decision", "sign_out")], &foreign).await;
    for address in ["/account", "/account/password"] {
        let page = browser.open(address).await;
        let field = if address == "/account" { "name" } else { "new_password" };
        refuse_all(&browser, &page, &[(field, "something else entirely 5")], &foreign).await;
    }
    assert!(browser.is_signed_in().await);
    let mine = leaving.form("decision").value("form_token").unwrap().to_owned();
    let done =
        forged(&browser, &leaving, &[("decision", "sign_out")], &[("sec-fetch-site", "same-origin")], Some(&mine))
            .await;
    assert_eq!(done.status, 303, "{done:?}");
    assert!(!browser.is_signed_in().await);
}

#[tokio::test]
async fn a_request_that_shows_no_token_of_this_sign_in_signs_nobody_out() {
    let town = Town::new().await;
    let (tollgate, app) = (&town.tollgate, &town.app);
    let stranger = tollgate.create_person("mallory");
    let theirs = app.sign_in(tollgate, &mut town.browser(), &stranger).await;
    let mut browser = town.home().await;
    let tokens: Tokens = app.sign_in(tollgate, &mut browser, &town.person).await;
    let header = r#"{"alg":"none","typ":"JWT"}"#;
    let (_, claims) = tollgate_acceptance::jwt::open(&tokens.id);
    let unsigned = tollgate_acceptance::jwt::with_signature(header, &claims.to_string(), b"");
    for query in [
        String::new(),
        format!("client_id={}", app.id()),
        "id_token_hint=nonsense".to_owned(),
        format!("id_token_hint={unsigned}"),
        format!("id_token_hint={}", theirs.id),
        format!("id_token_hint={}x", tokens.id),
        format!("access_token={}", theirs.access),
    ] {
        let answer = browser.clone().ask(&format!("/ims/logout/v1?{query}")).await;
        assert!(browser.is_signed_in().await, "{query}: {answer:?}");
        let stands = [answer.header("location"), &*answer.text].concat();
        assert!(answer.status == 400 || stands.contains("/sign-out"), "the person is asked: {query}: {answer:?}");
        let posted =
            browser.request(Method::POST, "/ims/logout/v1").header("content-type", "application/x-www-form-urlencoded");
        let posted =
            posted.header("origin", "https://evil.example").header("sec-fetch-site", "cross-site").body(query.clone());
        browser.clone().send(posted).await;
        assert!(browser.is_signed_in().await, "posted {query}");
    }
    let gone = browser.clone().ask(&format!("/ims/logout/v1?id_token_hint={}", tokens.id)).await;
    assert!(matches!(gone.status, 302 | 303), "{gone:?}");
    assert!(!browser.is_signed_in().await, "a hint of this very sign-in is enough");
}
