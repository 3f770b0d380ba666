//! The circuit breaker of one upstream: after so many failures in a row it is left alone for a while, then tried with
//! one request.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// When a breaker opens and for how long; zero failures means never.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    pub(crate) failures_max: u32,
    pub(crate) open_millis: u64,
}

/// Times are milliseconds of one steady clock.
#[derive(Debug, Default)]
pub(crate) struct Breaker {
    failures: AtomicU32,
    open_until_millis: AtomicU64,
}

impl Breaker {
    /// Whether a request may go to the upstream. Once the time is over, one request may, and the others wait for how it
    /// ends, or for the same time again.
    pub(crate) fn admits(&self, patience: Patience, now_millis: impl FnOnce() -> u64) -> bool {
        if !self.is_tripped(patience) {
            return true;
        }
        let now = now_millis();
        let until = self.open_until_millis.load(Ordering::Acquire);
        let again = now + patience.open_millis;
        until <= now
            && self.open_until_millis.compare_exchange(until, again, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// How long until the next request may try.
    pub(crate) fn wait_millis(&self, patience: Patience, now_millis: u64) -> u64 {
        if !self.is_tripped(patience) {
            return 0;
        }
        self.open_until_millis.load(Ordering::Acquire).saturating_sub(now_millis)
    }

    pub(crate) fn succeeded(&self) {
        // Read first: on the ordinary path nothing is written that other cores would have to fetch again.
        if self.failures.load(Ordering::Relaxed) != 0 {
            self.failures.store(0, Ordering::Release);
        }
    }

    /// Whether this failure opened the breaker.
    pub(crate) fn failed(&self, patience: Patience, now_millis: u64) -> bool {
        let failures = self.failures.fetch_add(1, Ordering::AcqRel).saturating_add(1);
        if !self.is_tripped(patience) {
            return false;
        }
        self.open_until_millis.store(now_millis + patience.open_millis, Ordering::Release);
        failures == patience.failures_max
    }

    fn is_tripped(&self, patience: Patience) -> bool {
        patience.failures_max > 0 && self.failures.load(Ordering::Acquire) >= patience.failures_max
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Patience = Patience { failures_max: 2, open_millis: 1_000 };

    #[test]
    fn failures_in_a_row_open_it_and_one_probe_closes_it() {
        let breaker = Breaker::default();
        assert!(!breaker.failed(PATIENCE, 0));
        assert!(breaker.admits(PATIENCE, || 0));
        assert!(breaker.failed(PATIENCE, 0));
        assert!(!breaker.admits(PATIENCE, || 999));
        assert_eq!(breaker.wait_millis(PATIENCE, 400), 600);
        assert!(breaker.admits(PATIENCE, || 1_000), "the probe");
        assert!(!breaker.admits(PATIENCE, || 1_000), "the others wait for the probe");
        breaker.succeeded();
        assert!(breaker.admits(PATIENCE, || 1_001));
        assert_eq!(breaker.wait_millis(PATIENCE, 1_001), 0);
    }

    #[test]
    fn a_failed_probe_keeps_it_open_and_a_lost_one_only_for_the_same_time() {
        let breaker = Breaker::default();
        breaker.failed(PATIENCE, 0);
        breaker.failed(PATIENCE, 0);
        assert!(breaker.admits(PATIENCE, || 1_500));
        breaker.failed(PATIENCE, 1_600);
        assert!(!breaker.admits(PATIENCE, || 2_599));
        assert!(breaker.admits(PATIENCE, || 2_600), "this probe is lost with its caller");
        assert!(!breaker.admits(PATIENCE, || 3_599));
        assert!(breaker.admits(PATIENCE, || 3_600));
    }

    #[test]
    fn a_success_between_failures_starts_the_count_again_and_zero_means_never() {
        let breaker = Breaker::default();
        breaker.failed(PATIENCE, 0);
        breaker.succeeded();
        breaker.failed(PATIENCE, 0);
        assert!(breaker.admits(PATIENCE, || 0));
        let never = Patience { failures_max: 0, open_millis: 1_000 };
        assert!(!breaker.failed(never, 0));
        assert!(breaker.admits(never, || 0));
    }
}
