//! Proofs that a caller holds a key (`DPoP`, RFC 9449): a token that is bound to a key is worth nothing without one.
//!
//! A proof is a JWT that is signed with the very key that it carries. That the key is good for anything is never decided
//! here: its thumbprint is compared with the one that the token is bound to.

use tollgate_crypto::{Algorithm, Compact, base64url, constant_time_eq, digest::sha256, jws::embedded_key};
use tollgate_model::{Seconds, Timestamp};

use crate::{
    ErrorCode, OauthError,
    assertion::{JTI_BYTES_MAX, seconds},
    json::Members,
};

/// Longest proof, in bytes.
pub const PROOF_BYTES_MAX: usize = 4 * 1024;
/// How old a proof may be.
pub const PROOF_AGE_MAX: Seconds = Seconds(60);
/// How far the caller's clock may be ahead or behind.
pub const CLOCK_SKEW: Seconds = Seconds(30);
/// The algorithms that a proof may be signed with, as metadata lists them.
pub const ALGORITHMS: [Algorithm; 3] = [Algorithm::Es256, Algorithm::Ps256, Algorithm::Rs256];
/// The word of the `typ` header (RFC 9449 section 4.2).
const HEADER_TYPE: &str = "dpop+jwt";
const URL_BYTES_MAX: usize = 2_048;
const NONCE_BYTES_MAX: usize = 256;
const METHOD_BYTES_MAX: usize = 16;

/// A proof whose signature is that of the key it carries. What it proves is said by [`check`](Self::check).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DpopProof {
    /// The SHA-256 thumbprint of the key (RFC 7638): `jkt`.
    pub thumbprint: String,
    /// Its id. A proof is good once, and whoever takes it remembers the id until [`forgotten_at`](Self::forgotten_at).
    pub jti: String,
    /// When it was made.
    pub issued_at: Timestamp,
    method: String,
    url: String,
    access_token_digest: Option<String>,
    nonce: Option<String>,
}

/// The call that a proof came with.
#[derive(Debug, Clone, Copy)]
pub struct DpopCall<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// The address as the caller knows it; a query counts for nothing.
    pub url: &'a str,
    /// The token that the call presents, if it presents one.
    pub access_token: Option<&'a str>,
    /// The nonce that the proof must carry, if it must.
    pub nonce: Option<&'a str>,
    /// The time.
    pub now: Timestamp,
}

impl DpopProof {
    /// Reads a `DPoP` header, and checks its signature.
    pub fn parse(proof: &str) -> Result<Self, OauthError> {
        let compact = Compact::parse(proof, PROOF_BYTES_MAX).map_err(|cause| refused(&cause.to_string()))?;
        if compact.header.typ.as_deref() != Some(HEADER_TYPE) {
            return Err(refused("its typ is not dpop+jwt"));
        }
        let key = embedded_key(&compact).map_err(|cause| refused(&cause.to_string()))?;
        compact.verify(&key, &ALGORITHMS).map_err(|cause| refused(&cause.to_string()))?;
        let claims = Members::parse(&compact.payload).ok_or_else(|| refused("its claims are not one JSON object"))?;
        let optional = |name: &'static str, bytes_max: usize| match claims.get(name) {
            None => Ok(None),
            Some(value) => match value.as_str() {
                Some(text) if (1..=bytes_max).contains(&text.len()) => Ok(Some(text.to_owned())),
                _ => Err(refused(&format!("its {name} is not a text of at most {bytes_max} bytes"))),
            },
        };
        let text = |name: &'static str, bytes_max: usize| {
            optional(name, bytes_max)?.ok_or_else(|| refused(&format!("it has no {name}")))
        };
        Ok(Self {
            thumbprint: key.thumbprint(),
            jti: text("jti", JTI_BYTES_MAX)?,
            issued_at: claims
                .get("iat")
                .and_then(seconds)
                .ok_or_else(|| refused("its iat is not a time in seconds"))?,
            method: text("htm", METHOD_BYTES_MAX)?,
            url: text("htu", URL_BYTES_MAX)?,
            access_token_digest: optional("ath", JTI_BYTES_MAX)?,
            nonce: optional("nonce", NONCE_BYTES_MAX)?,
        })
    }

    /// Checks that the proof was made for this call, just now.
    pub fn check(&self, call: &DpopCall<'_>) -> Result<(), OauthError> {
        if self.method != call.method {
            return Err(refused("its htm is not the method of the request"));
        }
        let same_address = match (address(&self.url), address(call.url)) {
            (Some(proved), Some(called)) => proved == called,
            _ => false,
        };
        if !same_address {
            return Err(refused("its htu is not the address of the request"));
        }
        if self.issued_at > call.now + CLOCK_SKEW || call.now >= self.forgotten_at() {
            return Err(refused("its iat is not now; make a new one for each request, and check the clock"));
        }
        if let Some(expected) = call.nonce
            && !self.nonce.as_ref().is_some_and(|own| constant_time_eq(own.as_bytes(), expected.as_bytes()))
        {
            let text = "repeat the request with the nonce of the header DPoP-Nonce in the proof";
            return Err(OauthError::new(ErrorCode::UseDpopNonce, text));
        }
        if let Some(token) = call.access_token {
            let expected = base64url::encode(&sha256(token.as_bytes()));
            if !self
                .access_token_digest
                .as_ref()
                .is_some_and(|own| constant_time_eq(own.as_bytes(), expected.as_bytes()))
            {
                return Err(refused("its ath is not the digest of the token"));
            }
        }
        Ok(())
    }

    /// From this instant on the proof is refused as old, so its id need not be remembered longer.
    pub fn forgotten_at(&self) -> Timestamp {
        self.issued_at + PROOF_AGE_MAX + CLOCK_SKEW
    }

    /// Whether the proof was made with the key that a token is bound to.
    pub fn is_by(&self, thumbprint: &str) -> bool {
        constant_time_eq(self.thumbprint.as_bytes(), thumbprint.as_bytes())
    }
}

/// An address in the one form of its kind (RFC 3986 section 6.2), without query and fragment (RFC 9449 section 4.3).
fn address(text: &str) -> Option<url::Url> {
    let mut url = url::Url::parse(text).ok()?;
    url.set_query(None);
    url.set_fragment(None);
    (url.has_host() && url.username().is_empty() && url.password().is_none()).then_some(url)
}

fn refused(what: &str) -> OauthError {
    OauthError::new(ErrorCode::InvalidDpopProof, format!("the DPoP proof is refused: {what}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use tollgate_crypto::{SigningKey, jws};

    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_760_000_000);
    const URL: &str = "https://ims.test/ims/token/v3";

    fn call() -> DpopCall<'static> {
        DpopCall { method: "POST", url: URL, access_token: None, nonce: None, now: NOW }
    }

    fn claims() -> Value {
        json!({"jti": "-BwC3ESc6acc2lTc", "htm": "POST", "htu": URL, "iat": NOW.seconds()})
    }

    fn header(key: &SigningKey) -> Value {
        let jwk = serde_json::to_value(key.public_jwk("x").key).unwrap();
        json!({"typ": "dpop+jwt", "alg": key.algorithm().as_str(), "jwk": jwk})
    }

    fn signed(header: &Value, claims: &Value, key: &SigningKey) -> String {
        let header = base64url::encode(header.to_string().as_bytes());
        jws::sign(&header, claims.to_string().as_bytes(), key).unwrap()
    }

    fn key() -> SigningKey {
        SigningKey::generate(Algorithm::Es256).unwrap()
    }

    #[test]
    fn the_example_of_the_standard_has_the_thumbprint_that_it_names() {
        // RFC 9449 sections 5 and 6.1.
        let proof = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";
        let proof = DpopProof::parse(proof).unwrap();
        assert_eq!(proof.thumbprint, "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
        let now = Timestamp::from_seconds(1_562_262_616);
        assert!(proof.check(&DpopCall { url: "https://server.example.com/token", now, ..call() }).is_ok());
    }

    #[test]
    fn a_proof_is_good_for_its_call_alone() {
        let key = key();
        let proof = DpopProof::parse(&signed(&header(&key), &claims(), &key)).unwrap();
        assert!(proof.check(&call()).is_ok());
        assert!(proof.check(&DpopCall { url: "HTTPS://IMS.test:443/ims/token/v3?x=1", ..call() }).is_ok());
        assert!(proof.is_by(&proof.thumbprint) && !proof.is_by("x"));
        for other in [
            DpopCall { method: "GET", ..call() },
            DpopCall { method: "post", ..call() },
            DpopCall { url: "https://ims.test/ims/token/v2", ..call() },
            DpopCall { url: "https://ims.test/ims/token/v3/", ..call() },
            DpopCall { url: "http://ims.test/ims/token/v3", ..call() },
            DpopCall { url: "https://ims.test:8443/ims/token/v3", ..call() },
            DpopCall { now: NOW + Seconds(90), ..call() },
            DpopCall { now: NOW - Seconds(31), ..call() },
            DpopCall { access_token: Some("t"), ..call() },
        ] {
            assert_eq!(proof.check(&other).unwrap_err().code(), ErrorCode::InvalidDpopProof, "{other:?}");
        }
        let nonce = proof.check(&DpopCall { nonce: Some("n"), ..call() }).unwrap_err();
        assert_eq!(nonce.code(), ErrorCode::UseDpopNonce);
    }

    #[test]
    fn a_token_is_proved_by_its_digest_and_a_nonce_by_itself() {
        let key = key();
        let mut claims = claims();
        // RFC 9449 section 7.1.
        claims["ath"] = json!("fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo");
        claims["nonce"] = json!("n");
        let proof = DpopProof::parse(&signed(&header(&key), &claims, &key)).unwrap();
        let token = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
        assert!(proof.check(&DpopCall { access_token: Some(token), nonce: Some("n"), ..call() }).is_ok());
        assert!(proof.check(&DpopCall { access_token: Some("other"), ..call() }).is_err());
        assert!(proof.check(&DpopCall { nonce: Some("m"), ..call() }).is_err());
    }

    #[test]
    fn headers_that_say_something_else_are_refused() {
        let (own, other) = (key(), key());
        for (name, value) in [
            ("typ", json!("JWT")),
            ("typ", json!(null)),
            ("alg", json!("none")),
            ("alg", json!("HS256")),
            ("alg", json!("RS256")),
            ("crit", json!(["jwk"])),
            ("jwk", json!(null)),
            ("jwk", json!({})),
            ("jwk", json!({"kty": "oct", "k": "AA"})),
            ("jwk", header(&other)["jwk"].clone()),
        ] {
            let mut header = header(&own);
            header[name] = value;
            let refused = DpopProof::parse(&signed(&header, &claims(), &own)).unwrap_err();
            assert_eq!(refused.code(), ErrorCode::InvalidDpopProof, "{name}");
        }
        let mut private = header(&own);
        private["jwk"]["d"] = json!("AA");
        assert!(DpopProof::parse(&signed(&private, &claims(), &own)).is_err());
        let mut without = header(&own);
        without.as_object_mut().unwrap().remove("jwk");
        without["kid"] = json!("ims");
        assert!(DpopProof::parse(&signed(&without, &claims(), &own)).is_err());
    }

    #[test]
    fn claims_that_are_missing_or_of_another_type_are_refused() {
        let key = key();
        for (name, value) in [
            ("jti", json!(7)),
            ("jti", json!("")),
            ("jti", json!("x".repeat(JTI_BYTES_MAX + 1))),
            ("htm", json!(null)),
            ("htu", json!(["x"])),
            ("iat", json!("1760000000")),
            ("iat", json!(1.5)),
            ("ath", json!(7)),
            ("nonce", json!("")),
        ] {
            let mut claims = claims();
            claims[name] = value;
            assert!(DpopProof::parse(&signed(&header(&key), &claims, &key)).is_err(), "{name}");
        }
        let long = "x".repeat(PROOF_BYTES_MAX + 1);
        assert!(DpopProof::parse(&long).is_err());
    }

    proptest! {
        #[test]
        fn strangers_text_never_panics(proof in "[A-Za-z0-9_.-]{0,200}") {
            prop_assert!(DpopProof::parse(&proof).is_err());
        }
    }
}
