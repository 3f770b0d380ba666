//! Rates: the generic cell rate algorithm, and a limiter of addresses that cannot be made to grow.

use std::{
    collections::{HashMap, hash_map::RandomState},
    hash::BuildHasher,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
};

use tollgate_model::{Seconds, Timestamp, limit::Rate};

/// Most addresses that are told apart at a time; all further ones share one allowance for each shard.
pub const ADDRESSES_MAX: usize = SHARDS * ADDRESSES_PER_SHARD_MAX;

const SHARDS: usize = 16;
const ADDRESSES_PER_SHARD_MAX: usize = 4_096;
const NANOS_PER_SECOND: i64 = 1_000_000_000;

/// A rate as the algorithm needs it. The state of one caller is a single number, the *theoretical arrival time* of its
/// next call in nanoseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gcra {
    interval_nanos: i64,
    tolerance_nanos: i64,
}

impl Gcra {
    /// A rate of `rate.requests` in `rate.period`, evenly spread, of which `rate.burst` may come at once.
    pub fn new(rate: Rate) -> Self {
        let interval_nanos = (rate.period.0.saturating_mul(NANOS_PER_SECOND) / i64::from(rate.requests.max(1))).max(1);
        Self { interval_nanos, tolerance_nanos: interval_nanos.saturating_mul(i64::from(rate.burst.max(1))) }
    }

    /// Decides on a call at `now`: the new state when it is let through, and otherwise how long to wait, at least a
    /// second. `state` is 0 for a caller that was never seen.
    pub fn admit(&self, state: i64, now: Timestamp) -> Result<i64, Seconds> {
        let now = nanos(now);
        let next = state.max(now).saturating_add(self.interval_nanos);
        let excess = next.saturating_sub(now).saturating_sub(self.tolerance_nanos);
        if excess <= 0 {
            Ok(next)
        } else {
            Err(Seconds(excess.saturating_add(NANOS_PER_SECOND - 1) / NANOS_PER_SECOND))
        }
    }

    /// Calls that a caller in this state has left at `now`.
    pub fn remaining(&self, state: i64, now: Timestamp) -> i64 {
        let used = state.saturating_sub(nanos(now)).max(0);
        self.tolerance_nanos.saturating_sub(used).max(0) / self.interval_nanos
    }
}

const fn nanos(now: Timestamp) -> i64 {
    now.micros().saturating_mul(1_000)
}

/// Limits requests by address. An IPv6 address counts as its /64 network, which is what one subscriber gets.
#[derive(Debug)]
pub struct AddressLimiter {
    rate: Gcra,
    hasher: RandomState,
    shards: [Mutex<Shard>; SHARDS],
}

#[derive(Debug, Default)]
struct Shard {
    states: HashMap<IpAddr, i64>,
    swept_at_seconds: i64,
    overflow: i64,
}

impl AddressLimiter {
    /// A limiter that lets each address through at `rate`.
    pub fn new(rate: Rate) -> Self {
        Self { rate: Gcra::new(rate), hasher: RandomState::new(), shards: Default::default() }
    }

    /// Lets a request through, or says how long to wait.
    pub fn admit(&self, address: IpAddr, now: Timestamp) -> Result<(), Seconds> {
        let network = network(address);
        let shard = usize::try_from(self.hasher.hash_one(network) % SHARDS as u64).unwrap_or_default();
        let mut shard = self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(state) = shard.states.get_mut(&network) {
            *state = self.rate.admit(*state, now)?;
            return Ok(());
        }
        shard.sweep(now);
        if shard.states.len() < ADDRESSES_PER_SHARD_MAX {
            let state = self.rate.admit(0, now)?;
            shard.states.insert(network, state);
        } else {
            shard.overflow = self.rate.admit(shard.overflow, now)?;
        }
        Ok(())
    }
}

impl Shard {
    /// Forgets addresses whose allowance is whole again; at most once a second, so that a flood of addresses does not
    /// make every request walk the table.
    fn sweep(&mut self, now: Timestamp) {
        if self.states.len() >= ADDRESSES_PER_SHARD_MAX && self.swept_at_seconds != now.seconds() {
            self.swept_at_seconds = now.seconds();
            let now = nanos(now);
            self.states.retain(|_, state| *state > now);
        }
    }
}

fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);

    #[test]
    fn a_burst_passes_at_once_and_the_pace_after_it() {
        let gcra = Gcra::new("2/1+3".parse().unwrap());
        let mut state = 0;
        for left in [2, 1, 0] {
            state = gcra.admit(state, NOW).unwrap();
            assert_eq!(gcra.remaining(state, NOW), left);
        }
        assert_eq!(gcra.admit(state, NOW), Err(Seconds(1)));
        let later = Timestamp::from_micros(NOW.micros() + 500_000);
        state = gcra.admit(state, later).unwrap();
        assert!(gcra.admit(state, later).is_err());
    }

    #[test]
    fn each_address_has_its_own_allowance_and_an_ipv6_network_one_for_all() {
        let limiter = AddressLimiter::new("1/60+1".parse().unwrap());
        for address in ["1.2.3.4", "1.2.3.5", "2001:db8:0:1::1", "2001:db8:0:2::1"] {
            assert_eq!(limiter.admit(address.parse().unwrap(), NOW), Ok(()), "{address}");
        }
        for address in ["1.2.3.4", "::ffff:1.2.3.4", "2001:db8:0:1::2"] {
            assert_eq!(limiter.admit(address.parse().unwrap(), NOW), Err(Seconds(60)), "{address}");
        }
    }

    #[test]
    fn more_addresses_than_the_limit_share_an_allowance_and_are_forgotten_when_they_rest() {
        let limiter = AddressLimiter::new("1/60+1".parse().unwrap());
        let address = |n: u32| IpAddr::from(Ipv4Addr::from(n));
        let many = u32::try_from(2 * ADDRESSES_MAX).unwrap();
        let admitted = (0..many).filter(|n| limiter.admit(address(*n), NOW).is_ok()).count();
        assert!((ADDRESSES_MAX - ADDRESSES_PER_SHARD_MAX..=ADDRESSES_MAX + SHARDS).contains(&admitted), "{admitted}");
        let kept = |limiter: &AddressLimiter| {
            limiter.shards.iter().map(|shard| shard.lock().unwrap().states.len()).sum::<usize>()
        };
        assert!(kept(&limiter) <= ADDRESSES_MAX);
        assert_eq!(limiter.admit(address(many + 1), NOW + Seconds(61)), Ok(()));
    }

    proptest! {
        #[test]
        fn over_any_span_no_more_pass_than_burst_and_pace_allow(
            requests in 1_u32..50, period in 1_i64..20, burst in 1_u32..50,
            gaps in prop::collection::vec(0_i64..400_000, 1..300),
        ) {
            let gcra = Gcra::new(Rate { requests, period: Seconds(period), burst });
            let (mut state, mut now, mut passed) = (0, NOW.micros(), 0_i64);
            for gap in gaps {
                now += gap;
                if let Ok(next) = gcra.admit(state, Timestamp::from_micros(now)) {
                    state = next;
                    passed += 1;
                }
            }
            let elapsed_nanos = (now - NOW.micros()) * 1_000;
            prop_assert!(passed <= i64::from(burst) + elapsed_nanos / gcra.interval_nanos);
        }
    }
}
