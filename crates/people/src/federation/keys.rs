//! The keys of a provider (RFC 7517), read liberally: keys of other kinds and members that we do not know are left out.

use serde::Deserialize;
use serde_json::Value;
use tollgate_crypto::{Algorithm, Compact, JwkKey, PublicJwk, VerifyingKey};

use super::TokenFault;

/// What identity tokens may be signed with.
const ALGORITHMS: [Algorithm; 3] = [Algorithm::Rs256, Algorithm::Es256, Algorithm::Ps256];
const KEYS_MAX: usize = 100;

/// The keys of a provider that can verify signatures.
#[derive(Debug, Default)]
pub(super) struct UpstreamKeys(Vec<UpstreamKey>);

#[derive(Debug)]
struct UpstreamKey {
    id: Option<String>,
    /// The one algorithm it is meant for, if it says so.
    algorithm: Option<String>,
    key: VerifyingKey,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Described {
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    #[serde(flatten)]
    key: JwkKey,
}

impl UpstreamKeys {
    /// Reads a key set; `None` when it is none at all.
    pub(super) fn parse(json: &[u8]) -> Option<Self> {
        let set: KeySet = serde_json::from_slice(json).ok()?;
        Some(Self(set.keys.into_iter().take(KEYS_MAX).filter_map(usable).collect()))
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The one key that `token` can have been signed with: that of its key id, or the only one if it names none (OpenID
    /// Connect Core section 10.1).
    pub(super) fn of(&self, token: &Compact<'_>) -> Option<&VerifyingKey> {
        let algorithm = token.header.algorithm()?;
        let named = token.header.kid.as_deref();
        let mut fitting = self.0.iter().filter(|own| {
            own.key.supports(algorithm)
                && own.algorithm.as_deref().is_none_or(|meant| meant == algorithm.as_str())
                && (named.is_none() || own.id.as_deref() == named)
        });
        let first = fitting.next()?;
        fitting.next().is_none().then_some(&first.key)
    }

    /// Verifies the signature of `token`.
    pub(super) fn verify(&self, token: &Compact<'_>) -> Result<(), TokenFault> {
        let key = self.of(token).ok_or(TokenFault::UnknownKey)?;
        token.verify(key, &ALGORITHMS).map_err(|_| TokenFault::Signature)
    }
}

fn usable(value: Value) -> Option<UpstreamKey> {
    let described: Described = serde_json::from_value(value).ok()?;
    if described.usage.is_some_and(|usage| usage != "sig") {
        return None;
    }
    let kid = described.kid.clone().unwrap_or_default();
    // The name and algorithm of this value are not looked at, only the key in it.
    let jwk = PublicJwk { alg: Algorithm::Es256, key: described.key, usage: "sig".to_owned(), kid };
    let key = VerifyingKey::from_jwk(&jwk).ok()?;
    Some(UpstreamKey { id: described.kid, algorithm: described.alg, key })
}
