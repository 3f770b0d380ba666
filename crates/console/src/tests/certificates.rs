use tollgate_model::{
    Seconds,
    client::{CERTIFICATES_MAX, CredentialType},
};

use super::{Fixture, refused};
use crate::{Noun, Refusal, certificates::GENERATED_CERTIFICATE_DAYS, credentials::NewKind};

/// An RSA key of 1024 bits, valid until 2126.
const WEAK: &str = include_str!("weak.pem");

#[tokio::test]
async fn a_generated_certificate_lasts_a_year_and_is_found_by_its_fingerprint() {
    let fixture = Fixture::new().await;
    let made = fixture.service_account().await;
    let certificate = &made.certificates[0];
    let year = Seconds(i64::from(GENERATED_CERTIFICATE_DAYS) * Seconds::DAY.0);
    assert_eq!(certificate.not_after.seconds_since(fixture.console.now()), year);
    let colons = certificate
        .fingerprint
        .to_uppercase()
        .as_bytes()
        .chunks(2)
        .map(String::from_utf8_lossy)
        .collect::<Vec<_>>()
        .join(":");
    for name in [certificate.fingerprint.clone(), colons] {
        assert_eq!(fixture.console.certificate(&certificate.client_id, &name).await.unwrap(), *certificate, "{name}");
    }
}

#[tokio::test]
async fn a_certificate_is_added_once_and_up_to_eight() {
    let fixture = Fixture::new().await;
    let made = fixture.service_account().await;
    let client_id = &made.credential.placed.client.id;
    let again = refused(fixture.console.add_certificate(client_id, &made.certificates[0].pem).await);
    assert!(matches!(again, Refusal::CertificateKnown { .. }), "{again}");
    for _ in 1..CERTIFICATES_MAX {
        let pem = fixture.console.generate_key_pair("test").await.unwrap().certificate_pem;
        fixture.console.add_certificate(client_id, &pem).await.unwrap();
    }
    let pem = fixture.console.generate_key_pair("test").await.unwrap().certificate_pem;
    assert_eq!(
        refused(fixture.console.add_certificate(client_id, &pem).await),
        Refusal::CertificatesFull(client_id.clone())
    );
    fixture.console.delete_certificate(client_id, &made.certificates[0].fingerprint).await.unwrap();
    fixture.console.add_certificate(client_id, &pem).await.unwrap();
    assert_eq!(fixture.console.certificates(client_id).await.unwrap().len(), CERTIFICATES_MAX);
}

#[tokio::test]
async fn what_cannot_be_trusted_or_read_is_refused_in_its_own_words() {
    let fixture = Fixture::new().await;
    let console = &fixture.console;
    let client_id = fixture.service_account().await.credential.placed.client.id;
    let pair = console.generate_key_pair("test").await.unwrap();

    let both = format!("{}{}", pair.certificate_pem, pair.private_key_pem.reveal());
    assert_eq!(refused(console.add_certificate(&client_id, &both).await), Refusal::PrivateKeyGiven);
    let two = format!("{}{}", pair.certificate_pem, pair.certificate_pem);
    for unreadable in ["", "hello", two.as_str(), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        let refusal = refused(console.add_certificate(&client_id, unreadable).await);
        assert!(matches!(refusal, Refusal::CertificateUnreadable(_)), "{refusal}");
    }
    assert!(matches!(refused(console.add_certificate(&client_id, WEAK).await), Refusal::CertificateKey(_)));
    fixture.wait(Seconds(i64::from(GENERATED_CERTIFICATE_DAYS) * Seconds::DAY.0));
    let expired = refused(console.add_certificate(&client_id, &pair.certificate_pem).await);
    assert!(matches!(expired, Refusal::CertificateExpired { .. }), "{expired}");
    assert_eq!(console.certificates(&client_id).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_public_client_takes_no_certificate_and_a_server_does() {
    let fixture = Fixture::new().await;
    let pem = fixture.console.generate_key_pair("test").await.unwrap().certificate_pem;
    let by_key = fixture.create(fixture.credential(NewKind::ApiKey(Vec::new()))).await.credential.placed.client.id;
    let refusal = refused(fixture.console.add_certificate(&by_key, &pem).await);
    assert_eq!(refusal, Refusal::NoCertificates(CredentialType::ApiKey));
    let server = fixture.server_to_server().await;
    fixture.console.add_certificate(&server, &pem).await.unwrap();
}

#[tokio::test]
async fn a_certificate_that_is_not_there_cannot_be_deleted() {
    let fixture = Fixture::new().await;
    let client_id = fixture.service_account().await.credential.placed.client.id;
    let refusal = refused(fixture.console.delete_certificate(&client_id, "00").await);
    assert!(matches!(refusal, Refusal::Unknown { noun: Noun::Certificate, .. }), "{refusal}");
}
