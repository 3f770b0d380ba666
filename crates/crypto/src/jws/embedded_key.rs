//! The key that a token carries itself, for the one kind of token where that makes sense: a proof that its sender holds
//! *some* key (RFC 9449). Everywhere else such a key is ignored.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Compact, JwsError};
use crate::{JwkKey, PublicJwk, VerifyingKey, base64url};

/// Members of a key that only its owner may know (RFC 7518 section 6), the key of an HMAC among them.
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

#[derive(Deserialize)]
struct KeyHeader {
    jwk: Map<String, Value>,
}

/// The public key in the header of a token, which proves nothing but that whoever signed the token has its other half.
pub fn embedded_key(token: &Compact<'_>) -> Result<VerifyingKey, JwsError> {
    let header = token.signing_input.split('.').next().unwrap_or_default();
    let header = base64url::decode(header).map_err(|_| JwsError::Encoding("header"))?;
    let KeyHeader { jwk } = serde_json::from_slice(&header).map_err(|_| JwsError::Header)?;
    let algorithm =
        token.header.algorithm().ok_or_else(|| JwsError::Algorithm(crate::error::shown(&token.header.alg)))?;
    if PRIVATE_MEMBERS.iter().any(|member| jwk.contains_key(*member)) {
        return Err(JwsError::Header);
    }
    let key: JwkKey = serde_json::from_value(Value::Object(jwk)).map_err(|_| JwsError::Header)?;
    let jwk = PublicJwk { alg: algorithm, key, usage: "sig".into(), kid: String::new() };
    VerifyingKey::from_jwk(&jwk).map_err(|_| JwsError::Header)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Algorithm, SigningKey, jws};

    fn token(header: &Value, key: &SigningKey) -> String {
        jws::sign(&base64url::encode(header.to_string().as_bytes()), b"{}", key).unwrap()
    }

    #[test]
    fn the_key_that_a_token_carries_is_read_and_verifies_it() {
        for algorithm in [Algorithm::Es256, Algorithm::Ps256] {
            let key = SigningKey::generate(algorithm).unwrap();
            let jwk = serde_json::to_value(key.public_jwk("x").key).unwrap();
            let token = token(&json!({"alg": algorithm, "jwk": jwk}), &key);
            let parsed = Compact::parse(&token, 4_096).unwrap();
            let embedded = embedded_key(&parsed).unwrap();
            assert!(embedded == key.public());
            assert_eq!(parsed.verify(&embedded, &[algorithm]), Ok(()));
        }
    }

    #[test]
    fn a_private_key_or_none_is_refused() {
        let key = SigningKey::generate(Algorithm::Es256).unwrap();
        let jwk = serde_json::to_value(key.public_jwk("x").key).unwrap();
        let mut private = jwk.clone();
        private["d"] = json!("AA");
        let mut weak = jwk;
        weak["crv"] = json!("P-192");
        for bad in
            [json!({"alg": "ES256"}), json!({"alg": "ES256", "jwk": private}), json!({"alg": "ES256", "jwk": weak})]
        {
            let token = token(&bad, &key);
            assert!(embedded_key(&Compact::parse(&token, 4_096).unwrap()).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_thumbprint_is_the_one_of_the_standard() {
        // RFC 7638 section 3.1.
        let jwk = json!({"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "x", "e": "AQAB", "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"});
        let key = VerifyingKey::from_jwk(&serde_json::from_value(jwk).unwrap()).unwrap();
        assert_eq!(key.thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }
}
