//! Several upstreams of one service, and several attempts at one call.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use http::{Request, Response};
use tollgate_model::service::Forwarding;

use super::{Call, Failure, Place, Upstream, attempt::Attempted, breaker};
use crate::body::{GatewayBody, Outbound};

/// The upstreams of one service, taken in turn.
pub(crate) struct Balance {
    upstreams: Box<[Arc<Upstream>]>,
    next: AtomicUsize,
}

/// How many attempts a call took, for the log.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Attempts(pub(crate) u32);

impl Balance {
    pub(crate) fn new(upstreams: Vec<Arc<Upstream>>) -> Self {
        Self { upstreams: upstreams.into(), next: AtomicUsize::new(0) }
    }

    /// Forwards a call to the next upstream that can take it, and to a further one as long as nothing was sent.
    ///
    /// What was not sent cannot be done twice, whatever its method. What was sent on a connection that had rested, and
    /// was closed without a word, is sent again when its method is idempotent and it has no body (RFC 9110 section 9.2.2).
    pub(crate) async fn forward(
        &self,
        mut request: Box<Request<Outbound>>,
        call: &mut Call<'_>,
        attempts: &mut Attempts,
    ) -> Result<Response<GatewayBody>, Failure> {
        let patience = patience(call.forwarding);
        let mut retries_left = call.forwarding.retries_max;
        let mut failed_at = None;
        let mut fresh = false;
        loop {
            attempts.0 += 1;
            let place = self.choose(call.forwarding, failed_at.as_ref())?;
            let upstream = Arc::clone(&place.0);
            let Attempted { failure, again, was_stale } = match place.attempt(request, call, fresh).await {
                Ok(response) => return Ok(response),
                Err(attempted) => attempted,
            };
            if is_upstreams_fault(failure) && !was_stale && upstream.breaker.failed(patience, upstream.now_millis()) {
                tracing::warn!(upstream = %upstream.address, "too many failures in a row: left alone for a while");
            }
            request = match again {
                // A connection found closed when it was to be used again is no attempt of its own.
                Some(again) if was_stale && !fresh => again,
                Some(again) if retries_left > 0 => {
                    retries_left -= 1;
                    failed_at = Some(upstream);
                    again
                }
                _ => return Err(failure),
            };
            fresh = fresh || was_stale;
        }
    }

    /// The next upstream in turn that is not resting and not full; another than the one that just failed, if there is one.
    fn choose(&self, forwarding: &Forwarding, failed_at: Option<&Arc<Upstream>>) -> Result<Place, Failure> {
        let count = self.upstreams.len();
        if count == 0 {
            return Err(Failure::Unreachable);
        }
        let patience = patience(forwarding);
        let start = if count == 1 { 0 } else { self.next.fetch_add(1, Ordering::Relaxed) };
        let mut is_full = false;
        let others = (0..count).map(|offset| &self.upstreams[(start + offset) % count]);
        let others = others.filter(|upstream| failed_at.is_none_or(|failed| !Arc::ptr_eq(failed, upstream)));
        for upstream in others.chain(failed_at) {
            if is_full_or_resting(upstream, forwarding, patience, &mut is_full) {
                continue;
            }
            match upstream.enter(forwarding.concurrent_requests_max) {
                Some(place) => return Ok(place),
                None => is_full = true,
            }
        }
        Err(if is_full { Failure::Busy } else { Failure::Resting { seconds: self.rest_seconds(patience) } })
    }

    fn rest_seconds(&self, patience: breaker::Patience) -> u32 {
        let waits = self.upstreams.iter().map(|upstream| upstream.breaker.wait_millis(patience, upstream.now_millis()));
        u32::try_from(waits.min().unwrap_or(0).div_ceil(1_000)).unwrap_or(u32::MAX).max(1)
    }

    /// All of them, for the sweeper.
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Arc<Upstream>> {
        self.upstreams.iter()
    }
}

/// Looks at the bound first: a full upstream must not use up the one probe that a resting one admits.
fn is_full_or_resting(
    upstream: &Upstream,
    forwarding: &Forwarding,
    patience: breaker::Patience,
    is_full: &mut bool,
) -> bool {
    if upstream.in_flight.load(Ordering::Acquire) >= forwarding.concurrent_requests_max {
        *is_full = true;
        return true;
    }
    !upstream.breaker.admits(patience, || upstream.now_millis())
}

const fn is_upstreams_fault(failure: Failure) -> bool {
    matches!(failure, Failure::Unreachable | Failure::ConnectTimedOut | Failure::Broken | Failure::TimedOut)
}

fn patience(forwarding: &Forwarding) -> breaker::Patience {
    breaker::Patience {
        failures_max: forwarding.breaker_failures_max,
        open_millis: u64::from(forwarding.breaker_open_seconds) * 1_000,
    }
}
