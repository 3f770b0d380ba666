//! The path that was matched is the path that is sent on, byte for byte, or nothing is (row 23).

use std::collections::BTreeSet;

use tollgate_acceptance::{Credential, Tap, Tollgate, raw::converse};

/// Ways to write what some reader takes for a slash, a dot, or the end.
const TRICKS: [&str; 54] = [
    "..",
    ".",
    "%2e%2e",
    "%2E%2E",
    ".%2e",
    "%2e.",
    "%2e",
    "..%2f",
    "%2e%2e%2f",
    "..%5c",
    "%2e%2e%5c",
    "..\\",
    "..;",
    "..;x",
    ";",
    ";x=y",
    "%3b",
    "..%3b",
    "%2f",
    "%2F",
    "%5c",
    "%5C",
    "\\",
    "%00",
    "..%00",
    "%0a",
    "%0d%0a",
    "%09",
    "%20",
    "%7f",
    "#",
    "?",
    "%23",
    "%3f",
    "%252e%252e",
    "%252f",
    "%25252e",
    "%c0%ae%c0%ae",
    "%c0%af",
    "%e0%80%af",
    "%c1%9c",
    "%ef%bc%8f",
    "%e2%81%84",
    "%u002e%u002e",
    "%",
    "%2",
    "%zz",
    "..%c0%af",
    "....",
    "...",
    "..../",
    "*",
    "~",
    "%61",
];

/// Places for a trick, between the service that is open and the one that is not.
const PLACES: [&str; 12] = [
    "/open/{}/guarded",
    "/open/{}guarded",
    "/open{}/guarded",
    "/open/x/{}/guarded",
    "/open/{}/{}/guarded",
    "/open/{}",
    "/open/{}/",
    "/{}/open/guarded",
    "/open/x/{}/{}/other/x",
    "/open/{}/other/x",
    "/{}other/x",
    "/open/guarded{}/x",
];

const WHOLE: [&str; 22] = [
    "//open/x",
    "/open//x",
    "/open/x//",
    "///guarded",
    "/OPEN/x",
    "/open/GUARDED/x",
    "/Open/guarded",
    "open/x",
    "*",
    "",
    "?x",
    "/open?/../other",
    "/open/x?..%2fother",
    "http://HOST/open/x",
    "http://HOST/open/../other",
    "http://HOST//open/x",
    "https://HOST/open/x",
    "http://HOST",
    "http://HOST/open#/../other",
    "ftp://HOST/open/x",
    "http:/open/x",
    "HOST/open/x",
];

struct Place {
    tollgate: Tollgate,
    open: Tap,
    closed: Tap,
    credential: Credential,
}

/// `/open` takes the key alone; `/open/guarded` demands a token, and the credential is not subscribed to `/other`.
async fn place() -> Place {
    let (tollgate, open, closed) = (Tollgate::start().await, Tap::start().await, Tap::start().await);
    tollgate.create_service("Open", "api_key", &open.url(), &[]);
    tollgate.create_service("Other", "api_key", &closed.url(), &[]);
    let guarded = ["service", "create", "--code", "Guarded", "--name", "Guarded", "--authorization", "service_token"];
    tollgate.administer(
        &[&guarded[..], &["--path", "/open/guarded", "--upstream", &closed.url(), "--scopes", "guarded_sdk"]].concat(),
    );
    let credential = tollgate.create_credential("oauth_server_to_server", &["Open", "Guarded"]).await;
    Place { tollgate, open, closed, credential }
}

fn targets(host: &str) -> BTreeSet<String> {
    let tricks = PLACES.iter().flat_map(|place| TRICKS.iter().map(move |trick| place.replace("{}", trick)));
    tricks.chain(WHOLE.iter().map(|whole| whole.replace("HOST", host))).collect()
}

/// Where a reader that decodes, cuts, merges and resolves everything would end up. `%23` and `%3f` are part of a name to
/// every reader of paths.
fn as_the_laxest_reader_takes_it(path: &str) -> String {
    let mut path = path.to_ascii_lowercase();
    for _ in 0..3 {
        for (written, read) in [("%2f", "/"), ("%5c", "/"), ("\\", "/"), ("%2e", "."), ("%3b", ";"), ("%25", "%")] {
            path = path.replace(written, read);
        }
    }
    let path = path.split(['#', '?']).next().unwrap_or_default();
    let path = path.split("%00").next().unwrap_or_default();
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/').map(|segment| segment.split(';').next().unwrap_or_default()) {
        match segment {
            "" | "." => {}
            ".." => drop(kept.pop()),
            other => kept.push(other),
        }
    }
    format!("/{}", kept.join("/"))
}

#[tokio::test]
async fn a_path_is_forwarded_byte_for_byte_as_it_was_matched_or_refused() {
    let Place { tollgate, open, closed, credential } = place().await;
    let host = tollgate.gateway_url.trim_start_matches("http://").to_owned();
    let mut forwarded = 0;
    let targets = targets(&host);
    for base in [&tollgate.gateway_url, &tollgate.base_url] {
        for target in &targets {
            let host = if target.contains("://") { host.as_str() } else { base.trim_start_matches("http://") };
            let key = credential.id();
            let request =
                format!("GET {target} HTTP/1.1\r\nhost: {host}\r\nx-api-key: {key}\r\nconnection: close\r\n\r\n");
            let answer = converse(base, request.as_bytes()).await;
            let tapped = open.take();
            assert!(closed.take().is_empty(), "{target} came to a service whose demand was not met");
            assert_eq!(answer.status() == 200, tapped.len() == 1, "{target}: {}", answer.text());
            if answer.status() == 303 && base == &tollgate.base_url {
                // The root of the main port is the account's, and only that.
                let rest = target.split_once("://").map_or(target.as_str(), |(_, rest)| rest);
                let path = rest.find('/').map_or("/", |at| &rest[at..]);
                assert_eq!(path.split(['#', '?']).next(), Some("/"), "{target}: {}", answer.text());
                continue;
            }
            if answer.status() != 200 {
                assert!((400..500).contains(&answer.status()), "{target}: {}", answer.text());
                continue;
            }
            forwarded += 1;
            // An absolute target is sent on as its path, and what follows `#` belongs to the client (RFC 9110 section 7.1).
            let sent = target.split_once("://").map_or(target.as_str(), |(_, rest)| &rest[rest.find('/').unwrap()..]);
            let sent = sent.split('#').next().unwrap();
            assert_eq!(tapped[0].target(), sent, "{target}");
            let path = sent.split('?').next().unwrap();
            let lax = as_the_laxest_reader_takes_it(path);
            assert!(lax == "/open" || lax.starts_with("/open/"), "{target} leads to {lax}");
            assert!(
                lax != "/open/guarded" && !lax.starts_with("/open/guarded/") || path.contains("GUARDED"),
                "{target} leads to {lax}"
            );
        }
    }
    assert!(forwarded >= 10, "harmless paths are forwarded: {forwarded}");
}

#[tokio::test]
async fn a_path_that_is_taken_off_leaves_nothing_that_leads_elsewhere() {
    let (tollgate, tap) = (Tollgate::start().await, Tap::start().await);
    let upstream = format!("{}/base", tap.url());
    tollgate.create_service("Open", "api_key", &upstream, &["--strip-path"]);
    let credential = tollgate.create_credential("api_key", &["Open"]).await;
    for target in targets("gateway.example") {
        let key = credential.id();
        let request =
            format!("GET {target} HTTP/1.1\r\nhost: gateway.example\r\nx-api-key: {key}\r\nconnection: close\r\n\r\n");
        let answer = converse(&tollgate.gateway_url, request.as_bytes()).await;
        for tapped in tap.take() {
            assert_eq!(answer.status(), 200, "{target}");
            let lax = as_the_laxest_reader_takes_it(tapped.target());
            assert!(lax == "/base" || lax.starts_with("/base/"), "{target} leads to {}", tapped.target());
        }
    }
}
