//! Time as Tollgate keeps it: a count of microseconds since 1970, read once at the door of a request.

use std::{
    fmt,
    ops::{Add, Sub},
    time::{SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};

/// Where the present comes from. Read it once per request or command and pass the [`Timestamp`] on.
pub trait Clock: Send + Sync {
    /// The present.
    fn now(&self) -> Timestamp;
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> Timestamp {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX))
    }
}

/// An instant in microseconds since 1970-01-01T00:00:00Z, the only form in which times are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The instant `micros` microseconds after 1970.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// The instant `seconds` seconds after 1970; saturates.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// Microseconds since 1970, as stored.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole milliseconds since 1970, as IMS tokens carry them.
    pub const fn millis(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// Whole seconds since 1970, as JWT claims carry them (RFC 7519 section 2).
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// Seconds from `earlier` to this instant; zero when `earlier` is later.
    pub fn seconds_since(self, earlier: Self) -> Seconds {
        Seconds((self.0.saturating_sub(earlier.0) / 1_000_000).max(0))
    }

    /// The UTC day of this instant as `YYYY-MM-DD`, the period of a daily quota.
    pub fn day(self) -> String {
        self.civil().date().to_string()
    }

    /// The UTC month of this instant as `YYYY-MM`, the period of a monthly quota.
    pub fn month(self) -> String {
        self.day()[..7].to_owned()
    }

    /// The first instant of the UTC day after this one.
    pub const fn next_day(self) -> Self {
        const DAY_MICROS: i64 = 86_400 * 1_000_000;
        Self((self.0.div_euclid(DAY_MICROS) + 1) * DAY_MICROS)
    }

    /// The first instant of the UTC month after this one.
    pub fn next_month(self) -> Self {
        let first = self.civil().date().first_of_month();
        let next = first.saturating_add(jiff::Span::new().months(1));
        let zoned = next.to_zoned(jiff::tz::TimeZone::UTC);
        zoned.map_or(Self(i64::MAX), |instant| Self(instant.timestamp().as_microsecond()))
    }

    fn civil(self) -> jiff::civil::DateTime {
        let instant = jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::MAX);
        instant.to_zoned(jiff::tz::TimeZone::UTC).datetime()
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC, to the second.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}Z", self.civil().round(jiff::Unit::Second).unwrap_or(self.civil()))
    }
}

impl Add<Seconds> for Timestamp {
    type Output = Self;

    fn add(self, seconds: Seconds) -> Self {
        Self(self.0.saturating_add(seconds.0.saturating_mul(1_000_000)))
    }
}

impl Sub<Seconds> for Timestamp {
    type Output = Self;

    fn sub(self, seconds: Seconds) -> Self {
        Self(self.0.saturating_sub(seconds.0.saturating_mul(1_000_000)))
    }
}

/// A length of time in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seconds(pub i64);

impl Seconds {
    /// One day.
    pub const DAY: Self = Self(86_400);

    /// The same length in milliseconds, as the IMS token answers of version 1 give it.
    pub const fn millis(self) -> i64 {
        self.0.saturating_mul(1_000)
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_of_quotas_end_at_midnight_and_at_the_end_of_the_month_in_utc() {
        let new_years_eve = Timestamp::from_seconds(1_798_761_599);
        assert_eq!(new_years_eve.to_string(), "2026-12-31T23:59:59Z");
        assert_eq!(new_years_eve.day(), "2026-12-31");
        assert_eq!(new_years_eve.month(), "2026-12");
        assert_eq!(new_years_eve.next_day().to_string(), "2027-01-01T00:00:00Z");
        assert_eq!(new_years_eve.next_month(), new_years_eve.next_day());
    }

    #[test]
    fn seconds_since_a_later_instant_are_zero() {
        let now = Timestamp::from_seconds(100);
        assert_eq!(now.seconds_since(now + Seconds(5)), Seconds(0));
        assert_eq!((now + Seconds(5)).seconds_since(now), Seconds(5));
    }
}
