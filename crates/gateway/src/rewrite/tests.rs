use proptest::prelude::*;

use super::*;

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap());
    }
    headers
}

fn kept(pairs: &[(&str, &str)]) -> Vec<String> {
    let mut headers = headers(pairs);
    drop_unforwardable(&mut headers);
    let mut names: Vec<_> = headers.keys().map(ToString::to_string).collect();
    names.sort();
    names
}

fn passage() -> Passage {
    Passage {
        request_id: HeaderValue::from_static("id"),
        client: HeaderValue::from_static("10.0.0.1"),
        way: HeaderValue::from_static("10.0.0.1"),
        host: Some(HeaderValue::from_static("api.test")),
        scheme: HeaderValue::from_static("http"),
        switches: false,
    }
}

#[test]
fn every_spelling_of_our_headers_is_dropped() {
    for name in [
        "X-Client-Id",
        "x-user-id",
        "X-OAuth-Scope",
        "x-organization-id",
        "x-user-email",
        "x-tollgate-identity",
        "x-tollgate-anything",
        "x_client_id",
        "X.Client.Id",
        "x-client_id",
        "x_tollgate.identity",
        "x-forwarded-for",
        "X-Forwarded-User",
        "x_forwarded_proto",
        "forwarded",
        "x-real-ip",
        "x_real_ip",
        "x_api_key",
        "x.api.key",
        "content_length",
        "transfer_encoding",
        "x.request.id",
    ] {
        assert!(kept(&[(name, "forged")]).is_empty(), "{name}");
    }
    assert_eq!(
        kept(&[("x-api-key", "a"), ("accept", "b"), ("x_custom", "c"), ("x-clientid", "d")]),
        ["accept", "x-api-key", "x-clientid", "x_custom"]
    );
}

#[test]
fn what_concerns_one_connection_stays_there() {
    let sent = [
        ("connection", "close, X-Once ,te"),
        ("x-once", "1"),
        ("keep-alive", "timeout=5"),
        ("proxy-connection", "x"),
        ("te", "gzip"),
        ("transfer-encoding", "chunked"),
        ("upgrade", "h2c"),
        ("http2-settings", "x"),
        ("proxy-authorization", "Basic x"),
        ("expect", "100-continue"),
        ("accept", "*/*"),
    ];
    assert_eq!(kept(&sent), ["accept"]);
}

#[test]
fn connection_cannot_name_what_security_or_framing_depend_on() {
    let sent = [
        ("connection", "x-api-key, authorization, host, content-length, cookie, x-client-id"),
        ("x-api-key", "k"),
        ("authorization", "Bearer t"),
        ("host", "h"),
        ("content-length", "5"),
        ("cookie", "c"),
    ];
    assert_eq!(kept(&sent), ["authorization", "content-length", "cookie", "host", "x-api-key"]);
    let mut headers = headers(&sent);
    let caller = CallerHeaders::Plain {
        client_id: HeaderValue::from_static("me"),
        organization_id: HeaderValue::from_static("us"),
        token: None,
    };
    request_headers(&mut headers, passage(), caller, Bearer::Keep);
    assert_eq!(headers["x-client-id"], "me");
    assert_eq!(headers["x-forwarded-for"], "10.0.0.1");
}

#[test]
fn a_secret_key_and_a_token_for_nobody_do_not_go_on() {
    let mut sent = headers(&[("x-api-key", "tgk_secret"), ("authorization", "Bearer t"), ("via", "1.0 front")]);
    let caller = CallerHeaders::Plain {
        client_id: HeaderValue::from_static("me"),
        organization_id: HeaderValue::from_static("us"),
        token: None,
    };
    request_headers(&mut sent, passage(), caller, Bearer::Drop);
    assert_eq!(sent["x-api-key"], "me");
    assert!(!sent.contains_key("authorization"));
    assert_eq!(sent.get_all("via").iter().collect::<Vec<_>>(), ["1.0 front", "1.1 tollgate"]);
}

#[test]
fn a_preflight_goes_on_without_credentials() {
    let mut sent =
        headers(&[("x-api-key", "k"), ("cookie", "c"), ("authorization", "Bearer t"), ("origin", "https://a.test")]);
    request_headers(&mut sent, passage(), CallerHeaders::Nobody, Bearer::Drop);
    for name in ["x-api-key", "cookie", "authorization", "x-client-id"] {
        assert!(!sent.contains_key(name), "{name}");
    }
    assert_eq!(sent["origin"], "https://a.test");
}

#[test]
fn only_websocket_is_switched_to_and_only_when_connection_says_so() {
    let asks = |version, pairs: &[(&str, &str)]| {
        let mut request = Request::new(());
        *request.version_mut() = version;
        *request.headers_mut() = headers(pairs);
        asks_for_websocket(&request)
    };
    assert!(asks(Version::HTTP_11, &[("connection", "keep-alive, Upgrade"), ("upgrade", "WebSocket")]));
    assert!(!asks(Version::HTTP_11, &[("upgrade", "websocket")]));
    assert!(!asks(Version::HTTP_11, &[("connection", "upgrade"), ("upgrade", "h2c")]));
    assert!(!asks(Version::HTTP_11, &[("connection", "upgrade"), ("upgrade", "websocket"), ("upgrade", "h2c")]));
    assert!(!asks(Version::HTTP_10, &[("connection", "upgrade"), ("upgrade", "websocket")]));
}

#[test]
fn an_answer_with_two_framings_loses_the_length_and_keeps_the_rest() {
    let mut response = Response::new(());
    *response.headers_mut() = headers(&[
        ("transfer-encoding", "chunked"),
        ("content-length", "5"),
        ("connection", "x-once, content-type"),
        ("x-once", "1"),
        ("content-type", "text/plain"),
        ("keep-alive", "x"),
        ("upgrade", "h2c"),
        ("etag", "e"),
    ]);
    response_headers(&mut response);
    let mut names: Vec<_> = response.headers().keys().map(ToString::to_string).collect();
    names.sort();
    assert_eq!(names, ["content-type", "etag"]);
}

#[test]
fn trailers_cannot_say_what_headers_may_not() {
    let mut trailers = headers(&[
        ("x-client-id", "forged"),
        ("x_user.id", "forged"),
        ("content-length", "1"),
        ("authorization", "x"),
        ("x-checksum", "1"),
    ]);
    drop_from_trailers(&mut trailers);
    assert_eq!(trailers.keys().map(ToString::to_string).collect::<Vec<_>>(), ["x-checksum"]);
}

proptest! {
    #[test]
    fn no_forged_identity_is_left_however_it_is_spelled(
        name in "(x|X)[-_.](client|user|oauth|organization|tollgate|forwarded|real)[-_.](id|ID|scope|identity|ip|for|host)",
        nominated in "[a-z-]{0,12}",
    ) {
        let mut sent = headers(&[(&name, "forged"), ("connection", &nominated)]);
        let caller = CallerHeaders::Plain { client_id: HeaderValue::from_static("me"), organization_id: HeaderValue::from_static("us"), token: None };
        request_headers(&mut sent, passage(), caller, Bearer::Drop);
        // `x-user-scope` and the like are nobody's.
        let spelled = name.to_ascii_lowercase().replace(['_', '.'], "-");
        if meaning(&spelled) == Meaning::Ours {
            prop_assert!(sent.values().all(|value| value != "forged"));
        }
        prop_assert_eq!(sent.get_all("x-client-id").iter().count(), 1);
    }
}
