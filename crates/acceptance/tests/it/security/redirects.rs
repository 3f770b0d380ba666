//! An answer goes to the registered address, byte for byte, and to nothing that only resembles it (row 1).

use tollgate_acceptance::{Application, Browser, Person, Tollgate, parameter};

use super::Town;

/// What reads like `https://app.example/callback` to somebody.
const ALTERED: [&str; 61] = [
    "https://app.example/callback/",
    "https://app.example/callback?x=1",
    "https://app.example/callback?",
    "https://app.example/callback#",
    "https://app.example/callback#x",
    "https://app.example/callback%23x",
    "https://app.example/Callback",
    "https://app.example/%63allback",
    "https://app.example/callback%20",
    "https://app.example/callback%00",
    "https://app.example/callback;x",
    "https://app.example/callback;",
    "https://app.example/callback/..",
    "https://app.example/callback/../callback",
    "https://app.example/./callback",
    "https://app.example//callback",
    "https://app.example/x/../callback",
    "https://app.example/x/%2e%2e/callback",
    "https://app.example/x/%252e%252e/callback",
    "https://app.example/x/..;/callback",
    "https://app.example/callback%2f..%2fadmin",
    "https://app.example/callback%252f..%252fadmin",
    "https://app.example/callback%5c..%5cadmin",
    "https://app.example/call\\back",
    "https://APP.example/callback",
    "HTTPS://app.example/callback",
    "https://app.example:443/callback",
    "https://app.example:/callback",
    "https://app.example:8443/callback",
    "https://app.example./callback",
    "http://app.example/callback",
    "https:app.example/callback",
    "https:/app.example/callback",
    "https:///app.example/callback",
    "https:\\\\app.example/callback",
    "//app.example/callback",
    "/callback",
    "callback",
    "app.example/callback",
    "https://app.example",
    "https://app.example/",
    "https://app.example/callbac",
    "https://user@app.example/callback",
    "https://app.example@evil.example/callback",
    "https://app.example:x@evil.example/callback",
    "https://app.example%40evil.example/callback",
    "https://app.example\\@evil.example/callback",
    "https://app.example\\.evil.example/callback",
    "https://app.example%2eevil.example/callback",
    "https://app.example.evil.example/callback",
    "https://evil.example/https://app.example/callback",
    "https://evil.example/?https://app.example/callback",
    "https://evilapp.example/callback",
    "https://appxexample/callback",
    "https://аpp.example/callback",
    "javascript:alert(1)",
    "JaVaScRiPt://app.example/callback%0aalert(1)",
    "data:text/html,https://app.example/callback",
    "https://app.example/callback\u{200b}",
    "https://app.example/callback\t",
    "https://app.example/callback\r\nlocation: https://evil.example/",
];

/// Asks with a redirect URI in a browser that is signed in: the code that is sent somewhere, and where to.
async fn sent_to(tollgate: &Tollgate, app: &Application, browser: &mut Browser, uri: &str) -> Option<String> {
    let answer = browser.ask(&app.request(tollgate, &[("redirect_uri", uri)])).await;
    if answer.header("location").is_empty() {
        assert_eq!(answer.status, 400, "{uri:?}: {answer:?}");
        assert!(answer.header("content-type").starts_with("text/html"), "{uri:?}: {answer:?}");
        assert!(!answer.text.contains("href=\"https://evil"), "{uri:?}: a refused address is no link: {answer:?}");
        assert!(!answer.text.contains("href=\"javascript"), "{uri:?}: a refused address is no link: {answer:?}");
        return None;
    }
    Some(answer.header("location").to_owned())
}

async fn signed_in(tollgate: &Tollgate, person: &Person) -> Browser {
    let mut browser = Browser::new(tollgate);
    browser.sign_in(person).await;
    browser
}

#[tokio::test]
async fn no_altered_redirect_uri_is_sent_anything() {
    let Town { tollgate, app, person } = Town::new().await;
    let mut browser = signed_in(&tollgate, &person).await;
    let sent = sent_to(&tollgate, &app, &mut browser, &app.redirect_uri).await.unwrap();
    assert!(sent.starts_with("https://app.example/callback?") && sent.contains("code="), "{sent}");
    for uri in ALTERED {
        assert_eq!(sent_to(&tollgate, &app, &mut browser, uri).await, None, "{uri:?}");
        let pushed = app.form(&[("response_type", "code"), ("scope", "openid")], &[("redirect_uri", uri)]);
        let refused = tollgate.post("/ims/par", &pushed).await;
        assert_eq!(refused.status, 400, "{uri:?}: {refused:?}");
    }
}

#[tokio::test]
async fn a_parameter_that_comes_twice_with_two_values_is_refused() {
    let Town { tollgate, app, person } = Town::new().await;
    let mut browser = signed_in(&tollgate, &person).await;
    let good = app.request(&tollgate, &[]);
    for (name, value) in [
        ("redirect_uri", "https://evil.example/"),
        ("redirect%5furi", "https://evil.example/"),
        ("client_id", "somebody"),
        ("state", "another"),
        ("response_type", "token"),
        ("response_mode", "fragment"),
        ("code_challenge", "another"),
        ("code_challenge_method", "plain"),
        ("scope", "openid"),
    ] {
        let doubled = if name == "response_mode" { format!("{good}&response_mode=query") } else { good.clone() };
        for address in [format!("{doubled}&{name}={value}"), doubled.replacen('?', &format!("?{name}={value}&"), 1)] {
            let answer = browser.ask(&address).await;
            let location = answer.header("location");
            assert!(!location.contains("code="), "{address}: {answer:?}");
            assert!(
                location.is_empty() || location.starts_with("https://app.example/callback?"),
                "{address}: {answer:?}"
            );
        }
    }
}

#[tokio::test]
async fn of_a_loopback_address_the_port_alone_may_differ_and_for_native_applications_alone() {
    let tollgate = Tollgate::start().await;
    let person = tollgate.create_person("ada");
    let uri = "http://127.0.0.1/callback";
    let native = tollgate.create_application("oauth_native_app", uri, &["--first-party", "true"]).await;
    let mut browser = signed_in(&tollgate, &person).await;
    for allowed in [uri, "http://127.0.0.1:1/callback", "http://127.0.0.1:51234/callback"] {
        let sent = sent_to(&tollgate, &native, &mut browser, allowed).await.unwrap_or_else(|| panic!("{allowed}"));
        assert!(sent.starts_with(&format!("{allowed}?")), "{sent}");
    }
    let altered = [
        "https://127.0.0.1:1/callback",
        "http://localhost:1/callback",
        "http://[::1]:1/callback",
        "http://127.0.0.2:1/callback",
        "http://127.1:1/callback",
        "http://2130706433/callback",
        "http://0x7f.0.0.1/callback",
        "http://127.0.0.1:1/callback?x",
        "http://127.0.0.1:1/callback/",
        "http://127.0.0.1:1/",
        "http://127.0.0.1:99999/callback",
        "http://127.0.0.1:-1/callback",
        "http://127.0.0.1:1.evil.example/callback",
        "http://127.0.0.1.evil.example/callback",
        "http://127.0.0.1:1@evil.example/callback",
        "http://evil.example:1/callback",
        "HTTP://127.0.0.1:1/callback",
    ];
    for uri in altered {
        assert_eq!(sent_to(&tollgate, &native, &mut browser, uri).await, None, "{uri}");
    }
    let web = tollgate.create_application("oauth_web_app", uri, &["--first-party", "true"]).await;
    assert!(sent_to(&tollgate, &web, &mut browser, uri).await.is_some());
    assert_eq!(sent_to(&tollgate, &web, &mut browser, "http://127.0.0.1:1/callback").await, None);
}

#[tokio::test]
async fn a_pattern_widens_the_path_and_nothing_else() {
    let tollgate = Tollgate::start().await;
    let person = tollgate.create_person("ada");
    let more = ["--first-party", "true", "--redirect-pattern", r"https://app\.example/teams/[a-z.]+/in"];
    let app = tollgate.create_application("oauth_web_app", "https://app.example/callback", &more).await;
    let mut browser = signed_in(&tollgate, &person).await;
    assert!(sent_to(&tollgate, &app, &mut browser, "https://app.example/teams/red/in").await.is_some());
    for uri in [
        "https://appxexample/teams/red/in",
        "https://app.example/teams//in",
        "https://app.example/teams/../in",
        "https://app.example/teams/./in",
        "https://app.example/teams/red/in/",
        "https://app.example/teams/red/in?x",
        "https://app.example/teams/red/in\n",
        "https://app.example/x/teams/red/in",
        "https://app.example/teams/red%2f/in",
        "https://app.example:444/teams/red/in",
        "https://app.example@evil.example/teams/red/in",
        "https://evil.example/https://app.example/teams/red/in",
        "http://app.example/teams/red/in",
    ] {
        assert_eq!(sent_to(&tollgate, &app, &mut browser, uri).await, None, "{uri:?}");
    }
    for pattern in
        [r"https://.*/callback", r"https://app\.example.*/x", ".*", r"https?://app\.example/x", "javascript:.*"]
    {
        let ran = tollgate.run(&[
            "credential",
            "create",
            "--type",
            "oauth_web_app",
            "--name",
            "wide",
            "--redirect-uri",
            "https://app.example/callback",
            "--redirect-pattern",
            pattern,
        ]);
        assert_eq!(ran.code, Some(2), "{pattern}: {ran:?}");
    }
    for uri in ["javascript:alert(1)", "data:text/html,x", "https://user@app.example/", "https://app.example/#x", "/x"]
    {
        let create = ["credential", "create", "--type", "oauth_web_app", "--name", "odd", "--redirect-uri", uri];
        assert_eq!(tollgate.run(&create).code, Some(2), "{uri}");
    }
}

#[tokio::test]
async fn an_answer_says_who_gives_it_and_errors_too() {
    let Town { tollgate, app, person } = Town::new().await;
    let mut browser = signed_in(&tollgate, &person).await;
    for changed in
        [&[][..], &[("prompt", "none")], &[("scope", "a b c d unknown_scope")], &[("response_type", "token")]]
    {
        let answer = browser.ask(&app.request(&tollgate, changed)).await;
        let url = answer.header("location").parse().unwrap_or_else(|_| panic!("{changed:?}: {answer:?}"));
        assert_eq!(parameter(&url, "iss").as_deref(), Some(tollgate.base_url.as_str()), "{changed:?}: {url}");
    }
}
