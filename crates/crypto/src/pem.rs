//! Certificates and keys as text (RFC 7468).

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::CryptoError;

/// Longest text that is looked at.
pub(crate) const PEM_BYTES_MAX: usize = 64 * 1024;
const LINE_CHARS: usize = 64;

/// The bytes of the one block labelled `CERTIFICATE` in `text`. Text around the block, as `openssl x509 -text` writes it,
/// is ignored; any other block is refused.
pub(crate) fn decode_certificate(text: &str) -> Result<Vec<u8>, CryptoError> {
    if text.len() > PEM_BYTES_MAX {
        return Err(CryptoError::Certificate("the text is longer than 64 KiB"));
    }
    if text.contains("PRIVATE KEY-----") {
        // Said first and plainly, since whoever sent it has to replace the key now.
        return Err(CryptoError::Certificate(
            "the text holds a private key; keep that secret and give the certificate alone",
        ));
    }
    let mut lines = text.lines().map(str::trim);
    let begins = |line: &str| line.starts_with("-----BEGIN ");
    let first = lines.by_ref().find(|line| begins(line));
    match first {
        Some("-----BEGIN CERTIFICATE-----") => {}
        Some(_) => return Err(CryptoError::Certificate("the text holds something else than a certificate")),
        None => return Err(CryptoError::Certificate("there is no `-----BEGIN CERTIFICATE-----`")),
    }
    let unended = CryptoError::Certificate("there is no `-----END CERTIFICATE-----` after the first block");
    let mut body = String::with_capacity(text.len());
    loop {
        match lines.next() {
            Some("-----END CERTIFICATE-----") => break,
            Some(line) if !line.starts_with("-----") => body.push_str(line),
            _ => return Err(unended),
        }
    }
    if lines.any(begins) {
        return Err(CryptoError::Certificate(
            "the text holds more than one block; give the credential's own certificate alone",
        ));
    }
    STANDARD.decode(body).map_err(|_| CryptoError::Certificate("the block is not base64"))
}

/// `der` as a block labelled `label`, with lines of 64 characters.
pub(crate) fn encode(label: &str, der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    let mut text = format!("-----BEGIN {label}-----\n");
    for line in body.as_bytes().chunks(LINE_CHARS) {
        text.extend(line.iter().copied().map(char::from));
        text.push('\n');
    }
    text.push_str("-----END ");
    text.push_str(label);
    text.push_str("-----\n");
    text
}
