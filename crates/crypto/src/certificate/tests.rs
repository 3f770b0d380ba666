use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use proptest::prelude::*;
use x509_parser::extensions::{GeneralName, ParsedExtension};

use super::*;
use crate::{Algorithm, SigningKey};

const RSA: &str = include_str!("../../fixtures/rsa2048.pem");
const P256: &str = include_str!("../../fixtures/p256.pem");
const NOW: i64 = 1_800_000_000;
const DAY: i64 = 86_400;

fn pem_contents(pem: &str) -> Vec<u8> {
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    base64::Engine::decode(&base64::engine::general_purpose::STANDARD, body).unwrap()
}

fn refusal(text: &str) -> String {
    Certificate::from_pem(text).unwrap_err().to_string()
}

#[test]
fn the_fingerprint_is_the_one_that_openssl_prints() {
    for (pem, fingerprint) in [
        (RSA, "69668848ecd92f5b440ed56fbf149660b04579f9"),
        (P256, "10930e59d1cadd479ef98098ea4be3a285e7458d"),
        (include_str!("../../fixtures/expired.pem"), "97f6d133b23576984946 09a46f102fcc91a4479e"),
    ] {
        let certificate = Certificate::from_pem(pem).unwrap();
        assert_eq!(certificate.fingerprint(), fingerprint.replace(' ', ""));
    }
}

#[test]
fn subject_validity_and_text_are_those_of_the_certificate() {
    let certificate = Certificate::from_pem(RSA).unwrap();
    assert_eq!(certificate.subject(), "C=DE, O=Example, CN=weather");
    assert_eq!((certificate.not_before(), certificate.not_after()), (1_735_689_600, 2_051_222_400));
    assert_eq!(certificate.pem(), RSA);
    assert_eq!(certificate.der(), pem_contents(RSA));
}

#[test]
fn an_expired_certificate_is_read_and_its_end_told() {
    let certificate = Certificate::from_pem(include_str!("../../fixtures/expired.pem")).unwrap();
    assert_eq!(certificate.not_after(), 1_293_840_000);
    assert!(certificate.verifying_key().is_ok());
}

#[test]
fn text_around_the_block_line_endings_and_indentation_do_not_matter() {
    let plain = Certificate::from_pem(P256).unwrap();
    for text in [
        include_str!("../../fixtures/p256_with_text.pem").to_owned(),
        P256.replace('\n', "\r\n"),
        P256.trim().to_owned(),
        P256.replace('\n', " \n   "),
    ] {
        assert_eq!(Certificate::from_pem(&text).as_ref(), Ok(&plain));
    }
}

#[test]
fn a_private_key_beside_the_certificate_is_refused_in_plain_words() {
    for label in ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY"] {
        let key = format!("-----BEGIN {label}-----\nAAAA\n-----END {label}-----\n");
        for text in [format!("{RSA}{key}"), format!("{key}{RSA}"), key] {
            assert!(refusal(&text).contains("private key"), "{label}");
        }
    }
}

#[test]
fn anything_but_one_certificate_is_refused() {
    assert!(refusal(&format!("{RSA}{P256}")).contains("more than one"));
    assert!(refusal(&format!("{RSA}{RSA}")).contains("more than one"));
    assert!(refusal("").contains("BEGIN CERTIFICATE"));
    assert!(refusal("weather.crt").contains("BEGIN CERTIFICATE"));
    assert!(refusal(&RSA.replace("CERTIFICATE", "CERTIFICATE REQUEST")).contains("something else"));
    assert!(refusal(&RSA.replace("-----END CERTIFICATE-----", "")).contains("END CERTIFICATE"));
    assert!(refusal(&RSA.replacen("MIID", "M!ID", 1)).contains("base64"));
    assert!(refusal(&RSA.replacen("MIID", "", 1)).contains("X.509"));
    assert!(refusal(&format!("{}{RSA}", "x".repeat(64 * 1024))).contains("64 KiB"));
}

#[test]
fn bytes_after_the_certificate_in_its_block_are_refused() {
    let mut der = pem_contents(P256);
    der.push(0);
    assert!(refusal(&pem::encode("CERTIFICATE", &der)).contains("X.509"));
}

#[test]
fn weak_and_foreign_keys_are_told_apart_from_unreadable_certificates() {
    for (pem, reason) in [
        (include_str!("../../fixtures/rsa1024.pem"), "at least 2048 bits"),
        (include_str!("../../fixtures/p384.pem"), "on P-256"),
        (include_str!("../../fixtures/ed25519.pem"), "use an RSA key"),
    ] {
        let refused = Certificate::from_pem(pem).unwrap().verifying_key().unwrap_err().to_string();
        assert!(refused.contains(reason), "{refused}");
    }
}

#[test]
fn a_generated_key_signs_what_its_certificate_verifies_for_exactly_the_days_asked_for() {
    let made = generate_key_pair("weather", NOW, 365).unwrap();
    let certificate = Certificate::from_pem(&made.certificate_pem).unwrap();
    assert_eq!(certificate.subject(), "CN=weather");
    assert_eq!((certificate.not_before(), certificate.not_after()), (NOW, NOW + 365 * DAY));
    let key = SigningKey::from_pkcs8(Algorithm::Rs256, &pem_contents(made.private_key_pem.reveal())).unwrap();
    let signature = key.sign(b"message").unwrap();
    assert!(certificate.verifying_key().unwrap().verify(Algorithm::Rs256, b"message", &signature));
    assert_eq!(certificate.verifying_key().unwrap(), key.public());
    // The end of the key is a coefficient of its private half; the beginning is public and stands in the certificate.
    let shown = format!("{made:?}");
    assert!(made.private_key_pem.reveal().lines().rev().nth(1).is_some_and(|line| !shown.contains(line)));
}

#[test]
fn a_long_or_many_lined_name_still_gives_a_certificate() {
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let pem = self_signed(&key, &format!("Wetter für\nalle {}", "ü".repeat(100)), NOW, NOW + DAY).unwrap();
    let certificate = Certificate::from_pem(&pem).unwrap();
    assert_eq!(certificate.subject().chars().count(), "CN=".len() + 64);
    assert_eq!(certificate.verifying_key().unwrap(), key.public());
}

#[test]
fn a_validity_that_ends_before_it_begins_or_leaves_the_calendar_is_refused() {
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    for (from, to) in [(NOW, NOW - 1), (-1, NOW), (NOW, i64::MAX)] {
        assert!(self_signed(&key, "x", from, to).is_err(), "{from} to {to}");
    }
    assert!(self_signed(&key, "x", 0, 253_402_300_799).is_ok());
}

fn hosts(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

#[test]
fn a_server_certificate_has_all_that_strict_clients_demand() {
    let authority = DevelopmentAuthority::generate(NOW).unwrap();
    let issued = authority.issue(&hosts(&["localhost", "*.tollgate.localhost", "127.0.0.1", "::1"]), NOW).unwrap();
    let (authority_der, leaf_der) = (pem_contents(authority.certificate_pem()), pem_contents(&issued.certificate_pem));
    let (_, root) = X509Certificate::from_der(&authority_der).unwrap();
    let (_, leaf) = X509Certificate::from_der(&leaf_der).unwrap();

    let usage = root.key_usage().unwrap().unwrap();
    assert!(root.is_ca() && usage.critical && usage.value.key_cert_sign());
    assert!(root.basic_constraints().unwrap().unwrap().critical);
    assert_eq!(leaf.issuer(), root.subject());
    let signer = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &root.public_key().subject_public_key.data);
    assert!(signer.verify(leaf.tbs_certificate.as_ref(), &leaf.signature_value.data).is_ok());

    assert!(!leaf.is_ca() && leaf.key_usage().unwrap().unwrap().value.digital_signature());
    assert!(leaf.extended_key_usage().unwrap().unwrap().value.server_auth);
    let names = &leaf.subject_alternative_name().unwrap().unwrap().value.general_names;
    assert_eq!(names[0], GeneralName::DNSName("localhost"));
    assert_eq!(names[1], GeneralName::DNSName("*.tollgate.localhost"));
    assert_eq!(names[2], GeneralName::IPAddress(&[127, 0, 0, 1]));
    assert_eq!(names[3], GeneralName::IPAddress(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]));

    let subject_key_id = |certificate: &X509Certificate<'_>| {
        certificate.extensions().iter().find_map(|extension| match extension.parsed_extension() {
            ParsedExtension::SubjectKeyIdentifier(id) => Some(id.0.to_vec()),
            _ => None,
        })
    };
    let authority_key_id = leaf.extensions().iter().find_map(|extension| match extension.parsed_extension() {
        ParsedExtension::AuthorityKeyIdentifier(id) => id.key_identifier.as_ref().map(|id| id.0.to_vec()),
        _ => None,
    });
    assert!(authority_key_id.is_some() && subject_key_id(&leaf).is_some());
    assert_eq!(authority_key_id, subject_key_id(&root));

    let validity = leaf.validity();
    assert!(validity.not_before.timestamp() < NOW, "clients whose clock is late accept it");
    assert!(validity.not_after.timestamp() - validity.not_before.timestamp() <= 397 * DAY);
    assert_ne!(leaf.raw_serial(), root.raw_serial());
}

#[test]
fn an_authority_reads_back_and_goes_on_issuing_under_the_same_name_and_key() {
    let made = DevelopmentAuthority::generate(NOW).unwrap();
    let again = DevelopmentAuthority::from_pem(made.certificate_pem(), made.key_pem().reveal()).unwrap();
    assert_eq!(again.certificate_pem(), made.certificate_pem());
    let root_der = pem_contents(made.certificate_pem());
    let (_, root) = X509Certificate::from_der(&root_der).unwrap();
    let leaf_der = pem_contents(&again.issue(&hosts(&["localhost"]), NOW).unwrap().certificate_pem);
    let (_, leaf) = X509Certificate::from_der(&leaf_der).unwrap();
    let signer = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &root.public_key().subject_public_key.data);
    assert!(signer.verify(leaf.tbs_certificate.as_ref(), &leaf.signature_value.data).is_ok());
    assert!(!format!("{made:?}").contains("PRIVATE"));
}

#[test]
fn an_authority_with_a_foreign_key_or_a_leaf_for_a_certificate_is_refused() {
    let (one, two) = (DevelopmentAuthority::generate(NOW).unwrap(), DevelopmentAuthority::generate(NOW).unwrap());
    assert!(DevelopmentAuthority::from_pem(one.certificate_pem(), two.key_pem().reveal()).is_err());
    let leaf = one.issue(&hosts(&["localhost"]), NOW).unwrap();
    assert!(DevelopmentAuthority::from_pem(&leaf.certificate_pem, leaf.private_key_pem.reveal()).is_err());
    assert!(DevelopmentAuthority::from_pem(one.certificate_pem(), "").is_err());
}

#[test]
fn only_host_names_and_addresses_get_a_certificate() {
    let authority = DevelopmentAuthority::generate(NOW).unwrap();
    for good in ["localhost", "Example.COM", "*.example.com", "[::1]", "10.0.0.1", "a_b.local"] {
        assert!(authority.issue(&hosts(&[good]), NOW).is_ok(), "{good}");
    }
    for bad in ["", "*", "*.", "a..b", "http://x", "x:8443", "a b", "é.example", "*.*.x", "x.", &"a".repeat(64)] {
        assert!(matches!(authority.issue(&hosts(&[bad]), NOW), Err(CryptoError::Host(_))), "{bad}");
    }
    assert!(authority.issue(&[], NOW).is_err());
    assert!(authority.issue(&vec!["localhost".to_owned(); 101], NOW).is_err());
}

proptest! {
    #[test]
    fn reading_a_damaged_certificate_never_panics(
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..6),
        kept in any::<proptest::sample::Index>(),
    ) {
        for pem in [RSA, P256] {
            let mut der = pem_contents(pem);
            for (place, byte) in &changes {
                let at = place.index(der.len());
                der[at] = *byte;
            }
            let cut = &der[..kept.index(der.len())];
            for bytes in [&der[..], cut] {
                if let Ok(certificate) = Certificate::from_pem(&pem::encode("CERTIFICATE", bytes)) {
                    prop_assert_eq!(certificate.der(), bytes);
                    let _ = certificate.verifying_key();
                }
            }
        }
    }

    #[test]
    fn reading_strangers_text_never_panics(text in "(-----(BEGIN|END) (CERTIFICATE|X509 CRL)-----|[A-Za-z0-9+/=]{0,9}|\\PC{0,9}|\n){0,12}") {
        if let Ok(certificate) = Certificate::from_pem(&text) {
            prop_assert_eq!(&Certificate::from_pem(certificate.pem()).unwrap(), &certificate);
        }
    }
}
