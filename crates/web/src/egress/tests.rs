//! Ways around the rules that have been used elsewhere, each of which must be refused.

use axum::{Router, response::Redirect, routing::get};

use super::*;

const REFUSED: [&str; 42] = [
    "http://example.com/",
    "ftp://example.com/",
    "file:///etc/passwd",
    "gopher://example.com/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.0.0.1/",
    "https://0177.0.0.1/",
    "https://127.0.0.1.:443/",
    "https://%31%32%37.0.0.1/",
    "https://127。0。0。1/",
    "https://①②⑦.0.0.1/",
    "https://0/",
    "https://0.0.0.0/",
    "https://localhost/",
    "https://LOCALHOST./",
    "https://a.localhost/",
    "https://10.0.0.1/",
    "https://172.31.255.255/",
    "https://192.168.1.1/",
    "https://100.64.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://0xa9fea9fe/",
    "https://192.0.2.1/",
    "https://198.18.0.1/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:8.8.8.8]/",
    "https://[::127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[64:ff9b:1::a00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[2001:0:7f00:1::]/",
    "https://[fe80::1]/",
    "https://[fe80::1%25eth0]/",
    "https://[fd00::1]/",
    "https://[2001:db8::1]/",
];

#[test]
fn every_spelling_of_an_address_that_is_not_public_is_refused() {
    for url in REFUSED {
        let refused = check_url(url, &Allowance::default());
        assert!(refused.is_err_and(|error| error.is_refusal()), "{url}");
    }
    for url in
        ["https://user@example.com/", "https://user:word@example.com/", "https:///", "example.com", "", "https://"]
    {
        assert!(check_url(url, &Allowance::default()).is_err(), "{url}");
    }
    let long = format!("https://example.com/{}", "a".repeat(URL_BYTES_MAX));
    assert!(check_url(&long, &Allowance::default()).is_err());
}

#[test]
fn public_addresses_over_https_are_called_without_their_fragment() {
    for url in [
        "https://example.com/a?b=c",
        "https://8.8.8.8/",
        "https://[2606:4700::1111]:8443/",
        "https://localhost.example/",
    ] {
        assert!(check_url(url, &Allowance::default()).is_ok(), "{url}");
    }
    assert_eq!(check_url("https://example.com/a#b", &Allowance::default()).unwrap().as_str(), "https://example.com/a");
}

#[test]
fn plain_http_goes_to_this_machine_alone_and_an_allowed_private_network_is_still_no_cloud_metadata() {
    let open = Allowance { loopback: true, private: true, extra_roots_pem: None };
    for url in
        ["http://127.0.0.1:1/", "http://localhost:1/", "http://[::1]:1/", "https://127.0.0.1/", "https://10.0.0.1/"]
    {
        assert!(check_url(url, &open).is_ok(), "{url}");
    }
    for url in [
        "http://10.0.0.1/",
        "http://example.com/",
        "https://169.254.169.254/",
        "https://[fe80::1]/",
        "https://0.0.0.0/",
    ] {
        assert!(check_url(url, &open).is_err(), "{url}");
    }
    let loopback = Allowance { loopback: true, ..Allowance::default() };
    assert!(check_url("https://10.0.0.1/", &loopback).is_err());
}

#[test]
fn trusted_certificates_that_cannot_be_read_are_an_error_and_not_ignored() {
    let pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_owned();
    let refused = Egress::new(&Allowance { extra_roots_pem: Some(pem), ..Allowance::default() });
    assert!(matches!(refused, Err(EgressError::Roots)));
}

async fn neighbour() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new()
        .route("/short", get(|| async { "hello" }))
        .route("/long", get(|| async { "x".repeat(100_000) }))
        .route("/away", get(|| async { Redirect::to("/short") }))
        .route("/never", get(std::future::pending::<String>));
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

fn open() -> Egress {
    Egress::new(&Allowance { loopback: true, ..Allowance::default() }).unwrap()
}

#[tokio::test]
async fn an_answer_is_read_up_to_its_limit_and_redirects_are_not_followed() {
    let base = neighbour().await;
    let egress = open();
    let reply = egress.get(&format!("{base}/short"), &[], 5).await.unwrap();
    assert_eq!((reply.status, &reply.body[..]), (StatusCode::OK, &b"hello"[..]));
    let short = egress.get(&format!("{base}/short"), &[], 4).await;
    assert!(matches!(short, Err(EgressError::TooLong { bytes_max: 4 })));
    let long = egress.get(&format!("{base}/long"), &[], 99_999).await;
    assert!(matches!(long, Err(EgressError::TooLong { .. })));
    assert_eq!(egress.get(&format!("{base}/away"), &[], 100).await.unwrap().status, StatusCode::SEE_OTHER);
}

#[tokio::test(start_paused = true)]
async fn a_silent_host_is_given_up() {
    let base = neighbour().await;
    assert!(matches!(open().get(&format!("{base}/never"), &[], 5).await, Err(EgressError::Timeout)));
}

#[tokio::test]
async fn a_name_is_refused_by_the_address_it_leads_to() {
    let resolver = CheckedResolver { allowance: Arc::default() };
    let client = Client::builder().dns_resolver(resolver).no_proxy().build().unwrap();
    let error = client.get("http://localhost:1/").send().await.unwrap_err();
    assert!(matches!(failed(error), EgressError::Refused(_)));
}
