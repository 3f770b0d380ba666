//! Readers of the cryptographic room.

use std::sync::LazyLock;

use tollgate_crypto::{Algorithm, Certificate, Compact, VerifyingKey, base64url as encoding};

const TOKEN_BYTES_MAX: usize = 8 * 1024;

/// The key of RFC 7515 appendix A.3, whose one example of a token is in the corpus.
static KEY: LazyLock<VerifyingKey> = LazyLock::new(|| {
    let jwk = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","alg":"ES256","use":"sig","kid":"a3"}"#;
    let jwk = serde_json::from_str(jwk).expect("the example is JSON");
    VerifyingKey::from_jwk(&jwk).expect("the example is a key on P-256")
});

/// What of the example is signed.
const SIGNED: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

/// A token that parses has one text, and verifies only if the key's owner signed it.
pub fn jws_compact(bytes: &[u8]) {
    let Some(text) = super::text(bytes) else { return };
    let Ok(token) = Compact::parse(text, TOKEN_BYTES_MAX) else { return };
    assert!(text.len() <= TOKEN_BYTES_MAX);
    assert_eq!(format!("{}.{}", token.signing_input, encoding::encode(&token.signature)), text);
    assert!(token.signing_input.ends_with(&format!(".{}", encoding::encode(&token.payload))));
    let verified = token.verify(&KEY, &Algorithm::ALL).is_ok();
    assert!(!verified || token.signing_input == SIGNED, "a forged token verifies");
    assert!(token.verify(&KEY, &[Algorithm::Rs256]).is_err());
}

/// A certificate that is read prints as text that reads as the same, and its key, if it is taken, is a strong one.
pub fn certificate_pem(bytes: &[u8]) {
    let Some(text) = super::text(bytes) else { return };
    let Ok(certificate) = Certificate::from_pem(text) else { return };
    assert!(!text.contains("PRIVATE KEY-----"), "a private key is never taken for a certificate");
    assert_eq!(Certificate::from_pem(certificate.pem()).as_ref(), Ok(&certificate));
    assert_eq!(certificate.fingerprint().len(), 40);
    assert!(certificate.subject().chars().count() <= 256 && !certificate.subject().contains('\n'));
    if let Ok(key) = certificate.verifying_key() {
        let again = VerifyingKey::from_spki_der(key.spki_der());
        assert_eq!(again.as_ref(), Ok(&key));
        assert!(!key.verify(Algorithm::Es256, b"message", &[0; 64]));
        assert!(!key.verify(Algorithm::Rs256, b"message", &[0; 256]));
    }
}

/// Bytes have one text, and a text that is accepted is that one.
pub fn base64url(bytes: &[u8]) {
    let encoded = encoding::encode(bytes);
    assert_eq!(encoded.len(), encoding::encoded_chars(bytes.len()));
    assert_eq!(encoding::decode(&encoded).as_deref(), Ok(bytes));
    let Some(text) = super::text(bytes) else { return };
    if let Ok(decoded) = encoding::decode(text) {
        assert_eq!(encoding::encode(&decoded), text);
    }
}
