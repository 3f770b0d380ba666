//! What is fuzzed: everything that reads strangers' bytes, each reader as a plain function that panics when a promise
//! of its is broken.
//!
//! The same functions run in two ways. `scripts/fuzz` builds a fuzzer around each (`fuzz_targets/`), where a nightly
//! toolchain is at hand. And [`corpus`] runs each over the inputs kept in `corpus/<target>/` and over many small changes
//! of them, in every `cargo test`, on stable.
//!
//! A new target is a function here, a line in [`TARGETS`], a `[[bin]]` in `Cargo.toml`, three lines in `fuzz_targets/`
//! and a dozen inputs in `corpus/`; a test compares the lists. An input that failed once is kept under a name that says
//! what was wrong.

pub mod crypto;
pub mod gateway;
pub mod model;
pub mod oauth;

#[cfg(test)]
mod corpus;

/// One reader under test.
pub type Target = fn(&[u8]);

/// Every target under the name of its fuzzer and its corpus.
pub const TARGETS: [(&str, Target); 19] = [
    ("access_token_claims", oauth::access_token_claims),
    ("allowed_origin", model::allowed_origin),
    ("authorization_header", oauth::authorization_header),
    ("authorize_request", oauth::authorize_request),
    ("base64url", crypto::base64url),
    ("certificate_pem", crypto::certificate_pem),
    ("client_authentication", oauth::client_authentication),
    ("dpop_proof", oauth::dpop_proof),
    ("gateway_path", model::gateway_path),
    ("id_token_hint", oauth::id_token_hint),
    ("jws_compact", crypto::jws_compact),
    ("multipart", oauth::multipart),
    ("params", oauth::params),
    ("query_credentials", gateway::query_credentials),
    ("redirect_uri", model::redirect_uri),
    ("reference_token", oauth::reference_token),
    ("request_path", gateway::request_path),
    ("scope_set", model::scope_set),
    ("service_jwt", oauth::service_jwt),
];

/// The bytes as text, for readers that are given text: HTTP refuses other bytes before them.
fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// The first line and the rest, for readers of two things.
fn head_and_body(bytes: &[u8]) -> (Option<&str>, &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    (text(&bytes[..end]), bytes.get(end + 1..).unwrap_or_default())
}
