use std::sync::LazyLock;

use aws_lc_rs::hmac;
use proptest::prelude::*;

use super::*;
use crate::{Certificate, JwkKey, PublicJwk};

static P256: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::generate(Algorithm::Es256).unwrap());
static RSA: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::generate(Algorithm::Rs256).unwrap());

const BYTES_MAX: usize = 8 * 1024;
const PAYLOAD: &[u8] = br#"{"sub":"me"}"#;

fn rsa_under(algorithm: Algorithm) -> SigningKey {
    SigningKey::from_pkcs8(algorithm, RSA.to_pkcs8().reveal()).unwrap()
}

fn token(header: &str, key: &SigningKey) -> String {
    sign(&base64url::encode(header.as_bytes()), PAYLOAD, key).unwrap()
}

fn parse(token: &str) -> Result<Compact<'_>, JwsError> {
    Compact::parse(token, BYTES_MAX)
}

fn verdict(token: &str, key: &SigningKey) -> Result<(), JwsError> {
    parse(token)?.verify(&key.public(), &Algorithm::ALL)
}

fn with_signature(token: &str, signature: &[u8]) -> String {
    format!("{}.{}", token.rsplit_once('.').unwrap().0, base64url::encode(signature))
}

#[test]
fn a_token_verifies_under_every_algorithm_with_its_own_key() {
    for algorithm in Algorithm::ALL {
        let key = if algorithm.is_rsa() { rsa_under(algorithm) } else { SigningKey::generate(algorithm).unwrap() };
        let token = token(&format!(r#"{{"typ":"JWT","alg":"{algorithm}","kid":"ims-1"}}"#), &key);
        let parsed = parse(&token).unwrap();
        assert_eq!(parsed.verify(&key.public(), &[algorithm]), Ok(()));
        assert_eq!((parsed.header.algorithm(), parsed.header.typ.as_deref()), (Some(algorithm), Some("JWT")));
        assert_eq!(parsed.payload, PAYLOAD);
    }
}

#[test]
fn the_example_of_rfc_7515_appendix_a_3_verifies() {
    let token = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    let jwk = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","alg":"ES256","use":"sig","kid":"a3"}"#;
    let key = VerifyingKey::from_jwk(&serde_json::from_str(jwk).unwrap()).unwrap();
    assert_eq!(parse(token).unwrap().verify(&key, &[Algorithm::Es256]), Ok(()));
}

#[test]
fn signatures_made_by_openssl_verify_under_their_own_algorithm_only() {
    let rsa = Certificate::from_pem(include_str!("../../fixtures/rsa2048.pem")).unwrap().verifying_key().unwrap();
    let p256 = Certificate::from_pem(include_str!("../../fixtures/p256.pem")).unwrap().verifying_key().unwrap();
    let lines = include_str!("../../fixtures/signatures.txt").lines().filter(|line| !line.starts_with('#'));
    let mut algorithms_seen = 0;
    for line in lines {
        let [name, certificate, signature] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let key = if certificate == "p256" { &p256 } else { &rsa };
        let signature = base64url::decode(signature).unwrap();
        for algorithm in Algorithm::ALL {
            assert_eq!(
                key.verify(algorithm, b"the message", &signature),
                algorithm.as_str() == name,
                "{algorithm} {name}"
            );
            assert!(!key.verify(algorithm, b"the massage", &signature));
        }
        algorithms_seen += 1;
    }
    assert_eq!(algorithms_seen, Algorithm::ALL.len());
}

#[test]
fn an_unsigned_token_never_verifies() {
    for alg in ["none", "None", "NONE", "nOnE", ""] {
        let header = base64url::encode(format!(r#"{{"alg":"{alg}"}}"#).as_bytes());
        let body = base64url::encode(PAYLOAD);
        assert_eq!(verdict(&format!("{header}.{body}."), &P256), Err(JwsError::Algorithm(alg.into())));
        assert_eq!(
            verdict(&token(&format!(r#"{{"alg":"{alg}"}}"#), &P256), &P256),
            Err(JwsError::Algorithm(alg.into()))
        );
    }
    let signed = token(r#"{"alg":"ES256"}"#, &P256);
    assert_eq!(verdict(&with_signature(&signed, b""), &P256), Err(JwsError::Signature));
    assert_eq!(verdict(signed.rsplit_once('.').unwrap().0, &P256), Err(JwsError::Parts));
}

#[test]
fn a_public_key_is_never_taken_for_a_shared_secret() {
    for alg in ["HS256", "HS384", "HS512"] {
        for key in [&*P256, &*RSA] {
            let public = key.public();
            let pem = crate::pem::encode("PUBLIC KEY", public.spki_der());
            let jwk = serde_json::to_string(&key.public_jwk("ims-1")).unwrap();
            for secret in [public.spki_der(), pem.as_bytes(), pem.trim().as_bytes(), jwk.as_bytes(), b""] {
                let header = base64url::encode(format!(r#"{{"alg":"{alg}"}}"#).as_bytes());
                let input = format!("{header}.{}", base64url::encode(PAYLOAD));
                let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), input.as_bytes());
                let forged = format!("{input}.{}", base64url::encode(tag.as_ref()));
                assert_eq!(verdict(&forged, key), Err(JwsError::Algorithm(alg.into())));
            }
        }
    }
}

#[test]
fn a_key_refuses_the_algorithms_of_another_family() {
    assert_eq!(verdict(&token(r#"{"alg":"RS256"}"#, &P256), &P256), Err(JwsError::KeyFamily));
    assert_eq!(verdict(&token(r#"{"alg":"ES256"}"#, &RSA), &RSA), Err(JwsError::KeyFamily));
    assert_eq!(verdict(&token(r#"{"alg":"RS256"}"#, &RSA), &P256), Err(JwsError::KeyFamily));
    assert!(!P256.public().verify(Algorithm::Rs256, b"m", &P256.sign(b"m").unwrap()));
    assert!(SigningKey::from_pkcs8(Algorithm::Rs256, P256.to_pkcs8().reveal()).is_err());
    assert!(SigningKey::from_pkcs8(Algorithm::Es256, RSA.to_pkcs8().reveal()).is_err());
}

#[test]
fn an_algorithm_that_the_caller_does_not_allow_is_refused_even_when_the_signature_is_right() {
    let signed = token(r#"{"alg":"ES256"}"#, &P256);
    let parsed = parse(&signed).unwrap();
    assert_eq!(parsed.verify(&P256.public(), &[Algorithm::Rs256]), Err(JwsError::Algorithm("ES256".into())));
    assert_eq!(parsed.verify(&P256.public(), &[]), Err(JwsError::Algorithm("ES256".into())));
    let other_padding = token(r#"{"alg":"PS256"}"#, &RSA);
    assert_eq!(verdict(&other_padding, &RSA), Err(JwsError::Signature), "signed with RS256, announced as PS256");
    let other_hash = token(r#"{"alg":"RS512"}"#, &RSA);
    assert_eq!(verdict(&other_hash, &RSA), Err(JwsError::Signature));
}

#[test]
fn a_token_signed_by_another_key_or_altered_is_refused() {
    let other = SigningKey::generate(Algorithm::Es256).unwrap();
    let signed = token(r#"{"alg":"ES256"}"#, &P256);
    assert_eq!(verdict(&signed, &other), Err(JwsError::Signature));
    let parts: Vec<_> = signed.split('.').collect();
    let grown = base64url::encode(br#"{"sub":"admin"}"#);
    assert_eq!(verdict(&format!("{}.{grown}.{}", parts[0], parts[2]), &P256), Err(JwsError::Signature));
    let header = base64url::encode(br#"{"alg":"ES256","kid":"x"}"#);
    assert_eq!(verdict(&format!("{header}.{}.{}", parts[1], parts[2]), &P256), Err(JwsError::Signature));
}

#[test]
fn critical_compressed_and_unencoded_tokens_are_refused_by_name() {
    for (member, header) in [
        ("crit", r#"{"alg":"ES256","crit":["exp"],"exp":1}"#),
        ("crit", r#"{"crit":[],"alg":"ES256"}"#),
        ("zip", r#"{"alg":"ES256","zip":"DEF"}"#),
        ("b64", r#"{"alg":"ES256","b64":false}"#),
        ("b64", r#"{"alg":"ES256","b64":true,"crit":["b64"]}"#),
        ("crit", r#"{"alg":"ES256","\u0063rit":["exp"]}"#),
    ] {
        assert_eq!(verdict(&token(header, &P256), &P256), Err(JwsError::Unsupported(member)), "{header}");
    }
}

#[test]
fn a_header_that_is_not_one_object_with_each_member_once_is_refused() {
    for header in [
        r#"{"alg":"ES256","alg":"none"}"#,
        r#"{"alg":"none","alg":"ES256"}"#,
        r#"{"alg":"ES256","\u0061lg":"ES256"}"#,
        r#"{"alg":"ES256","kid":"a","kid":"a"}"#,
        r#"{"alg":"ES256","x":1,"x":2}"#,
        r#"{"kid":"a"}"#,
        r#"{"alg":null}"#,
        r#"{"alg":["ES256"]}"#,
        r#"{"alg":256}"#,
        r#"{"alg":"ES256","kid":1}"#,
        r#"{"alg":"ES256","kid":null}"#,
        r#"{"alg":"ES256","typ":{}}"#,
        r#"["ES256"]"#,
        r#""ES256""#,
        r#"{"alg":"ES256"}{"alg":"none"}"#,
        r#"{"alg":"ES256"},"#,
        r#"{"alg":"ES256",}"#,
        "",
        "{}",
        "null",
    ] {
        assert_eq!(verdict(&token(header, &P256), &P256), Err(JwsError::Header), "{header}");
    }
    let many: Vec<_> = (0..40).map(|n| format!(r#""m{n}":1"#)).collect();
    assert_eq!(
        verdict(&token(&format!(r#"{{"alg":"ES256",{}}}"#, many.join(",")), &P256), &P256),
        Err(JwsError::Header)
    );
    let not_utf8 = sign(&base64url::encode(b"{\"alg\":\"ES256\",\"kid\":\"\xff\"}"), PAYLOAD, &P256).unwrap();
    assert_eq!(verdict(&not_utf8, &P256), Err(JwsError::Header));
}

#[test]
fn a_kid_is_a_text_and_keys_that_a_token_brings_along_are_not_looked_at() {
    for kid in ["../../dev/null", "' or 1=1 --", "/etc/passwd", "http://evil.test/key", "a\\u0000b", "💥"] {
        let signed = token(&format!(r#"{{"alg":"ES256","kid":"{kid}"}}"#), &P256);
        assert_eq!(parse(&signed).unwrap().header.kid.unwrap(), kid.replace("\\u0000", "\0"));
        assert_eq!(verdict(&signed, &P256), Ok(()));
    }
    let attacker = SigningKey::generate(Algorithm::Es256).unwrap();
    let jwk = serde_json::to_string(&attacker.public_jwk("mine")).unwrap();
    let brought =
        format!(r#"{{"alg":"ES256","jwk":{jwk},"jku":"http://evil.test/","x5u":"http://evil.test/","x5c":["AAAA"]}}"#);
    assert_eq!(verdict(&token(&brought, &attacker), &P256), Err(JwsError::Signature));
    assert_eq!(verdict(&token(&brought, &P256), &P256), Ok(()));
}

#[test]
fn more_or_fewer_than_three_parts_are_refused() {
    let signed = token(r#"{"alg":"ES256"}"#, &P256);
    for bad in [
        String::new(),
        ".".into(),
        "abc".into(),
        "a.b".into(),
        format!("{signed}."),
        format!(".{signed}"),
        format!("{signed}.{signed}"),
        format!("{signed}.AA.AA"),
    ] {
        assert_eq!(parse(&bad), Err(JwsError::Parts), "{bad}");
    }
    assert_eq!(parse(".."), Err(JwsError::Header));
}

#[test]
fn a_part_has_one_accepted_form() {
    let signed = token(r#"{"alg":"ES256"}"#, &P256);
    let [header, payload, signature] = signed.split('.').collect::<Vec<_>>()[..] else { panic!() };
    for bad in [
        format!("{header}=.{payload}.{signature}"),
        format!("{header}.{payload}=.{signature}"),
        format!("{header}.{payload}.{signature}=="),
        format!("{header}.{payload}.{signature}\n"),
        format!(" {header}.{payload}.{signature}"),
        format!("{header}.{}.{signature}", payload.replacen('e', "+", 1)),
        format!("{header}.{payload}%2E.{signature}"),
    ] {
        assert!(matches!(parse(&bad), Err(JwsError::Encoding(_))), "{bad}");
    }
    assert!(verdict(&format!("{signed}A"), &P256).is_err());
    // The last of the 86 characters of an ES256 signature carries two bits of it; the other four have to be zero.
    let last = signature.chars().next_back().unwrap();
    for stray in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".chars().filter(|c| *c != last) {
        assert!(verdict(&format!("{}{stray}", &signed[..signed.len() - 1]), &P256).is_err(), "{stray}");
    }
}

#[test]
fn a_token_longer_than_the_caller_takes_is_refused_before_it_is_read() {
    let signed = token(r#"{"alg":"ES256"}"#, &P256);
    assert!(Compact::parse(&signed, signed.len()).is_ok());
    let bytes_max = signed.len() - 1;
    assert_eq!(Compact::parse(&signed, bytes_max), Err(JwsError::TooLong { bytes_max }));
}

#[test]
fn an_es256_signature_of_another_length_or_form_or_out_of_range_is_refused() {
    const ORDER: &str = "_____wAAAAD__________7zm-q2nF56E87nKwvxjJVE";
    let signed = token(r#"{"alg":"ES256"}"#, &P256);
    let right = parse(&signed).unwrap().signature;
    assert_eq!(right.len(), 64);
    let order = base64url::decode(ORDER).unwrap();
    let one = [&[0; 31][..], &[1]].concat();
    // The same two numbers in the form that certificates use (RFC 3279), which JOSE does not (RFC 7518 section 3.4).
    let der = [&[0x30, 70, 2, 33, 0][..], &right[..32], &[2, 33, 0], &right[32..]].concat();
    for wrong in [
        right[..63].to_vec(),
        [&right[..], &[0]].concat(),
        [&[0][..], &right].concat(),
        [&right[..], &right].concat(),
        [&right[32..], &right[..32]].concat(),
        der,
        vec![0; 64],
        [&[0; 32][..], &one].concat(),
        [&one[..], &[0; 32]].concat(),
        [&order[..], &order].concat(),
        [&order[..], &one].concat(),
        [&one[..], &one].concat(),
        vec![0xff; 64],
    ] {
        assert_eq!(verdict(&with_signature(&signed, &wrong), &P256), Err(JwsError::Signature), "{wrong:?}");
    }
}

#[test]
fn an_rsa_signature_of_another_length_is_refused() {
    let signed = token(r#"{"alg":"RS256"}"#, &RSA);
    let right = parse(&signed).unwrap().signature;
    assert_eq!(right.len(), 256);
    for wrong in [
        right[..255].to_vec(),
        [&[0][..], &right].concat(),
        [&right[..], &[0]].concat(),
        vec![0; 256],
        vec![0xff; 256],
        vec![1],
    ] {
        assert_eq!(verdict(&with_signature(&signed, &wrong), &RSA), Err(JwsError::Signature));
    }
}

#[test]
fn a_key_survives_its_json_form_and_a_broken_one_is_refused() {
    for key in [&*P256, &*RSA] {
        let jwk = key.public_jwk("ims-1");
        let json = serde_json::to_string(&jwk).unwrap();
        let read: PublicJwk = serde_json::from_str(&json).unwrap();
        assert_eq!(VerifyingKey::from_jwk(&read).unwrap(), key.public());
        assert!(!json.contains("\"d\""), "{json}");
    }
    let ec = serde_json::to_value(P256.public_jwk("ims-1")).unwrap();
    let mut members: Vec<_> = ec.as_object().unwrap().keys().cloned().collect();
    members.sort();
    assert_eq!(members, ["alg", "crv", "kid", "kty", "use", "x", "y"]);
    let jwk = |key| PublicJwk { alg: Algorithm::Es256, key, usage: "sig".into(), kid: "x".into() };
    let JwkKey::Ec { x, y, .. } = P256.public_jwk("x").key else { panic!() };
    let ec = |crv: &str, x: &str, y: &str| jwk(JwkKey::Ec { crv: crv.into(), x: x.into(), y: y.into() });
    let rsa = |n: &[u8], e: &str| jwk(JwkKey::Rsa { e: e.into(), n: base64url::encode(n) });
    for bad in [
        ec("P-384", &x, &y),
        ec("P-256", &y, &x),
        ec("P-256", &x, ""),
        ec("P-256", &base64url::encode(&[0; 32]), &base64url::encode(&[0; 32])),
        rsa(&[0xff; 128], "AQAB"),
        rsa(&[0xff; 1025], "AQAB"),
        rsa(&[0xff; 256], "AQ"),
        rsa(&[0xff; 256], ""),
        rsa(&[], "AQAB"),
    ] {
        assert!(VerifyingKey::from_jwk(&bad).is_err(), "{bad:?}");
    }
}

proptest! {
    #[test]
    fn whatever_parses_is_the_one_text_of_its_parts(text in "[A-Za-z0-9_-]{0,30}(\\.[A-Za-z0-9_=-]{0,30}){0,4}") {
        let text = format!("{}{text}", base64url::encode(br#"{"alg":"ES256"}"#));
        if let Ok(parsed) = parse(&text) {
            let payload = base64url::encode(&parsed.payload);
            prop_assert!(parsed.signing_input.ends_with(&payload));
            prop_assert_eq!(format!("{}.{}", parsed.signing_input, base64url::encode(&parsed.signature)), text);
        }
    }

    #[test]
    fn parsing_strangers_text_never_panics(text in "\\PC{0,200}", json in "\\PC{0,100}") {
        let _ = parse(&text);
        let _ = parse(&format!("{}.AA.AA", base64url::encode(json.as_bytes())));
        let _ = parse(&format!("{}.AA.AA", base64url::encode(format!(r#"{{"alg":"ES256",{json}}}"#).as_bytes())));
    }

    #[test]
    fn a_token_with_one_changed_character_never_verifies(place in any::<proptest::sample::Index>(), replacement in "[A-Za-z0-9_.=-]") {
        let signed = token(r#"{"alg":"ES256","kid":"ims-1"}"#, &P256);
        let at = place.index(signed.len());
        let changed = format!("{}{replacement}{}", &signed[..at], &signed[at + 1..]);
        prop_assume!(changed != signed);
        prop_assert!(verdict(&changed, &P256).is_err());
    }

    #[test]
    fn reading_a_damaged_key_never_panics(changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..4)) {
        for key in [&*P256, &*RSA] {
            let (mut public, mut private) = (key.public().spki_der().to_vec(), key.to_pkcs8().reveal().to_vec());
            for (place, byte) in &changes {
                let (at, there) = (place.index(public.len()), place.index(private.len()));
                (public[at], private[there]) = (*byte, *byte);
            }
            let _ = VerifyingKey::from_spki_der(&public);
            let _ = SigningKey::from_pkcs8(key.algorithm(), &private);
        }
    }
}
