//! What a redirect URI must not get away with.

use proptest::prelude::*;

use super::*;

const DEFAULT: &str = "https://example.com/callback?tenant=1";

fn rules_of(default: &str, patterns: &[&str], credential_type: CredentialType) -> Result<RedirectRules, Invalid> {
    let mut redirects = Redirects::to(default)?;
    redirects.patterns = patterns.iter().map(|pattern| (*pattern).to_owned()).collect();
    RedirectRules::of(&redirects, credential_type)
}

fn web(patterns: &[&str]) -> RedirectRules {
    rules_of(DEFAULT, patterns, CredentialType::OauthWebApp).unwrap()
}

#[test]
fn without_patterns_only_the_default_is_allowed_byte_for_byte() {
    let rules = web(&[]);
    assert_eq!(rules.resolve(None), Ok(DEFAULT));
    assert_eq!(rules.resolve(Some(DEFAULT)), Ok(DEFAULT));
    for other in [
        "https://example.com/callback",
        "https://example.com/callback?tenant=1&x=2",
        "https://example.com/callback/?tenant=1",
        "https://example.com/Callback?tenant=1",
        "https://EXAMPLE.com/callback?tenant=1",
        "HTTPS://example.com/callback?tenant=1",
        "https://example.com:443/callback?tenant=1",
        "https://example.com./callback?tenant=1",
        "http://example.com/callback?tenant=1",
        "https://example.com/callback?tenant=1#",
        "https://example.com/%63allback?tenant=1",
        "",
    ] {
        assert!(rules.resolve(Some(other)).is_err(), "{other}");
    }
}

#[test]
fn a_pattern_matches_the_whole_path_and_nothing_else() {
    for doubled in [r"https://mysite\.com/(.*)", r"https://mysite\\.com/(.*)", r"^https:\/\/mysite\.com\/(.*)$"] {
        let rules = web(&[doubled]);
        for good in ["https://mysite.com/", "https://mysite.com/a/b", "https://mysite.com/a%20b"] {
            assert!(rules.allows(good), "{doubled} {good}");
        }
        for bad in [
            "https://mysite.com",
            "https://mysiteXcom/",
            "https://mysite.com.evil.test/",
            "https://mysite.com@evil.test/",
            "https://evil.test/https://mysite.com/",
            "https://mysite.com:8443/",
            "http://mysite.com/",
            "https://a.mysite.com/",
            "https://mysite.com/?x=1",
            "https://mysite.com/a?code=stolen",
        ] {
            assert!(!rules.allows(bad), "{doubled} {bad}");
        }
    }
    let one = web(&[r"https://mysite\.com/a|/b"]);
    assert!(one.allows("https://mysite.com/a") && one.allows("https://mysite.com/b"));
    assert!(!one.allows("https://mysite.com/ab") && !one.allows("https://mysite.com/a/b"));
}

#[test]
fn a_query_is_allowed_only_as_the_pattern_spells_it() {
    let rules = web(&[r"https://mysite\.com/cb\?next=home"]);
    assert!(rules.allows("https://mysite.com/cb?next=home"));
    assert!(!rules.allows("https://mysite.com/cb") && !rules.allows("https://mysite.com/cb?next=home&x=1"));
    assert!(rules_of(DEFAULT, &[r"https://mysite\.com/cb\?next=.*"], CredentialType::OauthWebApp).is_err());
}

#[test]
fn several_patterns_come_with_commas_between_them() {
    let rules = web(&[r"https://a\.test/x, https://b\.test:8443/y/[0-9]{1}", r"https://c\.test"]);
    for good in ["https://a.test/x", "https://b.test:8443/y/7", "https://c.test", DEFAULT] {
        assert!(rules.allows(good), "{good}");
    }
    assert!(!rules.allows("https://b.test:8443/y/77") && !rules.allows("https://c.test/"));
    assert_eq!(rules.origins(), ["https://example.com", "https://a.test", "https://b.test:8443", "https://c.test"]);
    assert_eq!(pattern_list(r"https://a\.test/x,https://c\.test").unwrap().len(), 2);
}

#[test]
fn a_pattern_whose_host_is_not_literal_is_refused_with_what_to_do() {
    for (bad, told) in [
        ("https://mysite.com/(.*)", "escape each dot"),
        (r"https://.*\.mysite\.com/", "escape each dot"),
        (r"https://[a-z]+\.mysite\.com/", "wildcards in the path only"),
        (r"https://(a|b)\.test/", "wildcards in the path only"),
        (r"https://mysite\.com(.*)", "wildcards in the path only"),
        (r"https://mysite\.com:\d+/", "only its dots"),
        (r"https://user@mysite\.com/", "wildcards in the path only"),
        (r"https://MySite\.com/", "lower case"),
        (r"https://mysite\.com:99999/", "host and port"),
        (r"https://2130706433/", "host and port"),
        (r"https?://mysite\.com/", "scheme without wildcards"),
        (".*", "scheme without wildcards"),
        (r"http://mysite\.com/", "https"),
        ("javascript:alert1", "https"),
        (r"https://mysite\.com/a)|(.*", "regular expression"),
        (r"https://mysite\.com/(", "regular expression"),
        (r"https://mysite\.com/((a{50}){50}){50}", "moderate size"),
        (r"https:///x", "host and port"),
    ] {
        let refused = rules_of(DEFAULT, &[bad], CredentialType::OauthWebApp).unwrap_err();
        assert!(refused.to_string().contains(told), "{bad}: {refused}");
        assert!(pattern_list(bad).is_err(), "{bad}");
    }
    let long = format!(r"https://mysite\.com/{}", "a".repeat(PATTERNS_CHARS_MAX));
    assert!(pattern_list(&long).unwrap_err().to_string().contains("512"));
}

#[test]
fn what_could_be_read_in_two_ways_is_refused_before_it_is_matched() {
    let rules = web(&[r"https://mysite\.com/(.*)"]);
    for bad in [
        "https://mysite.com/a#b",
        "https://user@mysite.com/a",
        "https://user:password@mysite.com/a",
        r"https://mysite.com\@evil.test/a",
        r"https://mysite.com/a\b",
        "https://mysite.com/a b",
        "https://mysite.com/a\tb",
        "https://mysite.com/a\nb",
        "https://mysite.com/../admin",
        "https://mysite.com/./a",
        "https://mysite.com/a/..",
        "https://mysite.com/%2e%2e/admin",
        "https://mysite.com/.%2E/admin",
        "https://mysite.com/%252e%252e/admin",
        "https://mysite.com/%25252e%25252e/admin",
        "https://mysite.com/..%2fadmin",
        "https://mysite.com/..;/admin",
        "https://mysite.com/..;a=b/admin",
        "https://mysite.com/%5cadmin",
        "https://mysite.com/%00",
        "https://mysite.com/a%0d%0aSet-Cookie:x",
        "https://mysite.com/é",
        "javascript:alert(1)//https://mysite.com/",
        "JavaScript:alert(1)",
        "data:text/html,x",
        "//mysite.com/a",
        "/a",
    ] {
        assert_eq!(rules.resolve(Some(bad)), Err(RedirectRefusal::Malformed), "{bad:?}");
    }
    let long = format!("https://mysite.com/{}", "a".repeat(REDIRECT_URI_BYTES_MAX));
    assert_eq!(rules.resolve(Some(&long)), Err(RedirectRefusal::Malformed));
}

#[test]
fn on_loopback_a_native_application_may_choose_its_port_and_nothing_else() {
    let native =
        |default: &str, patterns: &[&str]| rules_of(default, patterns, CredentialType::OauthNativeApp).unwrap();
    for host in ["localhost", "127.0.0.1", "[::1]"] {
        let rules = native(&format!("http://{host}/cb?x=1"), &[]);
        for port in ["", ":80", ":8888", ":65535"] {
            assert!(rules.allows(&format!("http://{host}{port}/cb?x=1")), "{host}{port}");
        }
        for bad in [
            format!("http://{host}:0/cb?x=1"),
            format!("http://{host}:65536/cb?x=1"),
            format!("http://{host}:8888/cb"),
            format!("http://{host}:8888/cb?x=2"),
            format!("http://{host}:8888/cb/?x=1"),
            format!("https://{host}:8888/cb?x=1"),
            format!("http://{host}.evil.test:8888/cb?x=1"),
            format!("http://{host}:8888@evil.test/cb?x=1"),
        ] {
            assert!(!rules.allows(&bad), "{bad}");
        }
    }
    let elsewhere = native("http://localhost/cb", &[]);
    assert!(!elsewhere.allows("http://127.0.0.1/cb") && !elsewhere.allows("http://[::1]/cb"));
    let custom = "adobe+0123456789012345678901234567890123456789://adobeid/abc";
    assert!(!native(custom, &[]).allows("http://localhost:8888"));
    let both = native(custom, &["http://localhost"]);
    assert!(both.allows("http://localhost:8888") && both.allows(custom));
    let on_the_web = rules_of("http://localhost:3000/cb", &[], CredentialType::OauthSinglePageApp).unwrap();
    assert!(!on_the_web.allows("http://localhost:3001/cb"));
}

#[test]
fn private_schemes_match_byte_for_byte() {
    let custom = "adobe+0123456789012345678901234567890123456789://adobeid/abc";
    let rules = rules_of(custom, &[r"com\.example\.app:/cb"], CredentialType::OauthNativeApp).unwrap();
    assert!(rules.allows(custom) && rules.allows("com.example.app:/cb"));
    for bad in
        ["adobe+0123456789012345678901234567890123456780://adobeid/abc", "com.example.app:/cb/", "comXexampleXapp:/cb"]
    {
        assert!(!rules.allows(bad), "{bad}");
    }
    assert!(rules.origins().is_empty());
    assert!(pattern_list(r"com\.example\.app:/.*").is_err());
}

#[test]
fn addresses_after_signing_out_match_byte_for_byte() {
    let registered = ["https://example.com/bye".to_owned()];
    assert!(is_registered(&registered, "https://example.com/bye"));
    assert!(!is_registered(&registered, "https://example.com/bye?x") && !is_registered(&[], ""));
}

proptest! {
    #[test]
    fn a_changed_default_is_no_longer_allowed(at in 0..DEFAULT.len(), with in "[ -~é]{0,3}", cut in 0_usize..3) {
        let end = (at + cut).min(DEFAULT.len());
        let changed = [&DEFAULT[..at], &with, &DEFAULT[end..]].concat();
        prop_assert_eq!(web(&[]).allows(&changed), changed == DEFAULT);
    }

    #[test]
    fn whatever_a_wildcard_allows_stays_on_its_host(tail in "[ -~]{0,30}", join in "[/.@:?#\\\\]?") {
        let rules = web(&[r"https://mysite\.com/(.*)"]);
        let uri = format!("https://mysite.com{join}{tail}");
        if rules.allows(&uri) {
            let read = url::Url::parse(&uri).unwrap();
            prop_assert_eq!(read.as_str(), &uri);
            prop_assert_eq!(read.origin().ascii_serialization(), "https://mysite.com");
            prop_assert!(read.query().is_none() && read.fragment().is_none());
        }
    }

    #[test]
    fn strangers_patterns_never_panic_and_never_leave_their_host(pattern in "https://[ -~]{0,60}", uri in "https://[ -~]{0,60}") {
        if let Ok(rules) = rules_of(DEFAULT, &[&pattern], CredentialType::OauthNativeApp)
            && rules.allows(&uri)
        {
            let origin = url::Url::parse(&uri).unwrap().origin().ascii_serialization();
            prop_assert!(rules.origins().contains(&origin));
        }
    }
}
