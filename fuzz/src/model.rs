//! Readers of the model.

use tollgate_model::{
    client::{AllowedOrigin, CredentialType, Redirects},
    redirect_uri::{PATTERNS_CHARS_MAX, REDIRECT_URI_BYTES_MAX, RedirectRules},
    scope::{SCOPES_MAX, ScopeSet},
    service::{GatewayPath, RESERVED_SEGMENTS},
};

/// Scopes that parse print, with commas or spaces, as text that parses to the same, each once.
pub fn scope_set(bytes: &[u8]) {
    let Some(text) = super::text(bytes) else { return };
    let Ok(scopes) = text.parse::<ScopeSet>() else { return };
    assert!(scopes.len() <= SCOPES_MAX);
    assert_eq!(scopes.comma_separated().parse().as_ref(), Ok(&scopes));
    assert_eq!(scopes.space_separated().parse().as_ref(), Ok(&scopes));
    for scope in &scopes {
        assert_eq!(scopes.iter().filter(|other| *other == scope).count(), 1);
        assert!(text.contains(scope.as_str()) && !scope.as_str().contains([',', ' ', '"', '\\']));
    }
    assert!(scopes.contains_all(&scopes) && scopes.without(&scopes).is_empty());
}

/// A gateway path is canonical, needs no decoding, and is not one of Tollgate's own.
pub fn gateway_path(bytes: &[u8]) {
    let Some(text) = super::text(bytes) else { return };
    let Ok(path) = text.parse::<GatewayPath>() else { return };
    assert_eq!(path.as_str(), text);
    assert!(text.starts_with('/') && !text.ends_with('/') && !text.contains("//"));
    assert!(!text.contains(['%', ';', '?', '#', '\\', ' ']) && text.is_ascii());
    let mut segments = text.split('/').skip(1);
    assert!(segments.clone().all(|segment| !segment.is_empty() && segment != "." && segment != ".."));
    assert!(segments.next().is_some_and(|first| !RESERVED_SEGMENTS.contains(&first)));
}

/// An origin matches what it prints as, and a wildcard matches nothing outside of its domain. The first line is what a
/// credential allows, the second the `Origin` header of a request.
pub fn allowed_origin(bytes: &[u8]) {
    let (Some(allowed), origin) = super::head_and_body(bytes) else { return };
    let Ok(parsed) = allowed.parse::<AllowedOrigin>() else { return };
    let printed = parsed.to_string();
    assert_eq!(printed.parse().as_ref(), Ok(&parsed));
    let Some(origin) = super::text(origin) else { return };
    if !parsed.matches(origin) {
        return;
    }
    let under =
        |text: &str| text.split("://").last().unwrap_or_default().split(':').next().unwrap_or_default().to_owned();
    let (host, domain) = (under(origin), under(&printed));
    match domain.strip_prefix("*.") {
        Some(domain) => assert!(host.ends_with(&format!(".{domain}")), "{origin} is not under {domain}"),
        None => assert_eq!(host, domain),
    }
    assert!(origin.starts_with("http") && !origin.contains(|c: char| c.is_ascii_uppercase() || "@?#% ".contains(c)));
}

/// Whatever a redirect pattern allows is on the host that the pattern names, as a browser reads it, and says the same to
/// every reader. The first line is the patterns, the rest the URI that a request names.
pub fn redirect_uri(bytes: &[u8]) {
    const DEFAULT: &str = "https://default.test/cb";
    let (Some(patterns), uri) = super::head_and_body(bytes) else { return };
    let mut redirects = Redirects::to(DEFAULT).expect("the default is a good one");
    redirects.patterns = vec![patterns.to_owned()];
    let Ok(rules) = RedirectRules::of(&redirects, CredentialType::OauthNativeApp) else { return };
    assert!(patterns.chars().count() <= PATTERNS_CHARS_MAX && rules.allows(DEFAULT));
    let Some(uri) = super::text(uri) else { return };
    if !rules.allows(uri) {
        return;
    }
    assert!(uri.len() <= REDIRECT_URI_BYTES_MAX && uri.bytes().all(|byte| byte.is_ascii_graphic()));
    assert!(!uri.contains(['\\', '#', '"', '<', '>']) && !uri.contains("/../") && !uri.starts_with("javascript"));
    if let Some((scheme @ ("https" | "http"), rest)) = uri.split_once("://") {
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        assert!(!authority.contains('@'));
        let host = |origin: &str| {
            origin
                .rsplit_once(':')
                .filter(|(_, port)| !port.contains(['/', ']']))
                .map_or(origin.to_owned(), |(host, _)| host.to_owned())
        };
        let own = host(&format!("{scheme}://{authority}"));
        assert!(rules.origins().iter().any(|origin| host(origin) == own), "{uri} is on none of the hosts");
    }
}
