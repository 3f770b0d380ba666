//! A rate with a burst in one number: the generic cell rate algorithm.
//!
//! Each accepted call moves a point in time, the theoretical arrival of the next call at an even pace, onwards by one
//! interval. The point may run ahead of the present by as many intervals as the burst allows, and no further.

use std::sync::atomic::{AtomicU64, Ordering};

use tollgate_model::{Timestamp, limit::Rate};

/// A rate as the algorithm needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    interval_nanos: u64,
    /// How far the point may run ahead.
    lead_nanos: u64,
}

impl From<Rate> for Pace {
    fn from(rate: Rate) -> Self {
        let period_nanos = u64::try_from(rate.period.0).unwrap_or(1).saturating_mul(1_000_000_000);
        // Rounded up: a pace a little too slow keeps the promise of the rate, one too fast does not.
        let interval_nanos = period_nanos.div_ceil(u64::from(rate.requests.max(1)));
        Self { interval_nanos, lead_nanos: interval_nanos.saturating_mul(u64::from(rate.burst.max(1))) }
    }
}

/// What is left after a call was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// Calls that could follow at once.
    pub calls: u64,
    /// Seconds until the whole burst is there again, rounded up.
    pub full_seconds: u64,
}

/// The point in time of one rate, in nanoseconds since 1970.
#[derive(Debug, Default)]
pub struct Gcra(AtomicU64);

impl Gcra {
    /// Accepts a call at `now`, or says in how many nanoseconds one would be accepted. Never waits for anybody.
    pub fn take(&self, pace: Pace, now: Timestamp) -> Result<Left, u64> {
        let now = nanos(now);
        let ahead = |point: u64| {
            // A point beyond what the lead allows comes of a clock that was set back; it counts as a full burst.
            let begin = point.clamp(now, now.saturating_add(pace.lead_nanos));
            begin.saturating_add(pace.interval_nanos) - now
        };
        let accepted = self.0.try_update(Ordering::AcqRel, Ordering::Acquire, |point| {
            let ahead = ahead(point);
            (ahead <= pace.lead_nanos).then(|| now + ahead)
        });
        match accepted {
            Ok(before) => {
                let ahead = ahead(before);
                let calls = (pace.lead_nanos - ahead) / pace.interval_nanos.max(1);
                Ok(Left { calls, full_seconds: ahead.div_ceil(1_000_000_000) })
            }
            Err(before) => Err(ahead(before) - pace.lead_nanos),
        }
    }

    /// Undoes one [`Gcra::take`] at about the same time.
    pub fn give_back(&self, pace: Pace) {
        self.0.fetch_sub(pace.interval_nanos, Ordering::AcqRel);
    }
}

fn nanos(instant: Timestamp) -> u64 {
    u64::try_from(instant.micros()).unwrap_or(0).saturating_mul(1_000)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tollgate_model::Seconds;

    use super::*;

    const START: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn pace(text: &str) -> Pace {
        Pace::from(text.parse::<Rate>().unwrap())
    }

    #[test]
    fn a_burst_passes_at_once_and_then_the_even_pace() {
        let (cell, pace) = (Gcra::default(), pace("2/1+3"));
        assert_eq!(cell.take(pace, START), Ok(Left { calls: 2, full_seconds: 1 }));
        assert_eq!(cell.take(pace, START), Ok(Left { calls: 1, full_seconds: 1 }));
        assert_eq!(cell.take(pace, START), Ok(Left { calls: 0, full_seconds: 2 }));
        assert_eq!(cell.take(pace, START), Err(500_000_000));
        let later = Timestamp::from_micros(START.micros() + 500_000);
        assert!(cell.take(pace, later).is_ok());
        assert_eq!(cell.take(pace, later), Err(500_000_000));
    }

    #[test]
    fn a_call_given_back_can_be_taken_again() {
        let (cell, pace) = (Gcra::default(), pace("1/60+1"));
        assert!(cell.take(pace, START).is_ok());
        assert!(cell.take(pace, START).is_err());
        cell.give_back(pace);
        assert!(cell.take(pace, START).is_ok());
    }

    #[test]
    fn a_clock_set_back_shuts_nobody_out_for_longer_than_the_rate_would() {
        let (cell, pace) = (Gcra::default(), pace("1/1+1"));
        assert!(cell.take(pace, START + Seconds::DAY).is_ok());
        assert_eq!(cell.take(pace, START), Err(1_000_000_000));
    }

    #[test]
    fn two_cores_together_get_no_more_than_the_burst() {
        let (cell, pace) = (Gcra::default(), pace("1/1000+500"));
        let taken: usize = std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..4).map(|_| scope.spawn(|| (0..500).filter(|_| cell.take(pace, START).is_ok()).count())).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(taken, 500);
    }

    proptest! {
        #[test]
        fn never_more_than_rate_times_time_plus_burst(
            requests in 1_u32..2_000_000, period in 1_i64..86_400, burst in 1_u32..50,
            gaps in proptest::collection::vec(0_i64..2_000_000, 1..200),
        ) {
            let rate = Rate { requests: requests.min(1_000_000), period: Seconds(period), burst };
            let (cell, pace) = (Gcra::default(), Pace::from(rate));
            let mut now = START;
            let mut accepted = Vec::new();
            for gap in gaps {
                now = Timestamp::from_micros(now.micros() + gap);
                if cell.take(pace, now).is_ok() {
                    accepted.push(now.micros());
                }
            }
            // In every window between two accepted calls, not only from the start.
            for (at, begin) in accepted.iter().enumerate() {
                for (count, end) in accepted[at..].iter().enumerate() {
                    let even = i128::from(rate.requests) * i128::from(end - begin) / (i128::from(period) * 1_000_000);
                    prop_assert!((count as i128) < even + i128::from(burst));
                }
            }
        }
    }
}
