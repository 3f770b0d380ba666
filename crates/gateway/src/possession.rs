//! Proof that a caller holds the key that its token is bound to (RFC 9449 section 7).
//!
//! A proof is good once. Those that were seen are remembered in memory, by each process for itself: a proof names one
//! method and one address, and is refused as old after a minute and a half.

use std::sync::atomic::{AtomicI64, Ordering};

use http::{HeaderMap, HeaderName, Method};
use tollgate_crypto::digest::sha256;
use tollgate_model::{Seconds, Timestamp, token::AccessToken};
use tollgate_oauth::{
    bearer::{Presented, TokenScheme},
    dpop::{DpopCall, DpopProof},
};
use tollgate_web::Instance;

use crate::{path::CanonicalPath, route::Route};

/// The header that carries a proof.
pub(crate) const DPOP: HeaderName = HeaderName::from_static("dpop");
/// Most proofs that are remembered; more than that is refused rather than let through unseen.
const REMEMBERED_PROOFS_MAX: usize = 200_000;
/// How often what is too old to be shown again is forgotten.
const SWEEP_SECONDS: Seconds = Seconds(30);

/// What a proof has to be made for.
pub(crate) struct Called<'a> {
    pub(crate) method: &'a Method,
    pub(crate) path: CanonicalPath<'a>,
    pub(crate) headers: &'a HeaderMap,
}

/// Why a token does not count as presented by its holder.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotHeld {
    /// It is bound to a key, and came alone.
    #[error("the token is bound to a key; send it as header Authorization: DPoP, with a proof in header DPoP")]
    Bearer,
    /// It is bound to no key, and came as if it were.
    #[error("the token is bound to no key; send it as header Authorization: Bearer")]
    NotBound,
    /// There is no proof, or there are several.
    #[error("send one proof, in one header DPoP")]
    NoProof,
    /// The proof proves something else.
    #[error("{0}")]
    Proof(String),
    /// The key is another.
    #[error("the DPoP proof is signed with another key than the one that the token is bound to")]
    OtherKey,
    /// The proof was shown before.
    #[error("the DPoP proof was used before; sign a new one, with a new jti, for each request")]
    Replayed,
    /// Too many proofs to remember another one.
    #[error("too many proofs at once; try again in a minute")]
    Crowded,
}

/// The proofs that were seen, until they are too old to be shown again.
#[derive(Default)]
pub(crate) struct Proofs {
    seen: papaya::HashMap<[u8; 32], Timestamp>,
    /// In microseconds.
    swept_at: AtomicI64,
}

impl Proofs {
    /// Whether whoever presents the token holds what it is bound to.
    pub(crate) fn check(
        &self,
        presented: Presented<'_>,
        token: &AccessToken,
        called: &Called<'_>,
        (route, instance): (&Route, &Instance),
        now: Timestamp,
    ) -> Result<(), NotHeld> {
        let bound_to = match (presented.scheme, &token.key_thumbprint) {
            (TokenScheme::Bearer, None) => return Ok(()),
            (TokenScheme::Bearer, Some(_)) => return Err(NotHeld::Bearer),
            (TokenScheme::Dpop, None) => return Err(NotHeld::NotBound),
            (TokenScheme::Dpop, Some(bound_to)) => bound_to,
        };
        let mut headers = called.headers.get_all(DPOP).iter();
        let (Some(Ok(text)), None) = (headers.next().map(|value| value.to_str()), headers.next()) else {
            return Err(NotHeld::NoProof);
        };
        let refused = |refusal: tollgate_oauth::OauthError| NotHeld::Proof(refusal.description().to_owned());
        let proof = DpopProof::parse(text).map_err(refused)?;
        if !proof.is_by(bound_to) {
            return Err(NotHeld::OtherKey);
        }
        let url = address(called.path, route, instance);
        let method = called.method.as_str();
        let call = DpopCall { method, url: &url, access_token: Some(presented.token), nonce: None, now };
        proof.check(&call).map_err(refused)?;
        self.remember(&proof, now)
    }

    fn remember(&self, proof: &DpopProof, now: Timestamp) -> Result<(), NotHeld> {
        let seen = self.seen.pin();
        let swept_at = self.swept_at.load(Ordering::Relaxed);
        let is_due = now >= Timestamp::from_micros(swept_at) + SWEEP_SECONDS;
        // One of many does it.
        if is_due
            && self.swept_at.compare_exchange(swept_at, now.micros(), Ordering::Relaxed, Ordering::Relaxed).is_ok()
        {
            seen.retain(|_, forgotten_at| now < *forgotten_at);
        }
        if seen.len() >= REMEMBERED_PROOFS_MAX {
            return Err(NotHeld::Crowded);
        }
        let name = sha256(format!("{}.{}", proof.thumbprint, proof.jti).as_bytes());
        seen.try_insert(name, proof.forgotten_at()).map(drop).map_err(|_| NotHeld::Replayed)
    }
}

/// The address as the caller knows it: the gateway's, or that of the host which the service asked for.
fn address(path: CanonicalPath<'_>, route: &Route, instance: &Instance) -> String {
    let base = &instance.gateway_url;
    match &route.service.host {
        None => format!("{base}{}", path.as_str()),
        Some(host) => {
            let scheme = base.split_once("://").map_or("https", |(scheme, _)| scheme);
            format!("{scheme}://{host}{}", path.as_str())
        }
    }
}
