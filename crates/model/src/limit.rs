//! Limits on calls: rates (how fast) and quotas (how many a day and a month).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{Invalid, Seconds};

/// So many calls in so many seconds, evenly spread, with room for a burst.
///
/// Parses from and prints as `REQUESTS/SECONDS` or `REQUESTS/SECONDS+BURST`, such as `100/1+20`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Rate {
    /// Calls allowed in one period, 1 to 1,000,000.
    pub requests: u32,
    /// Length of the period, 1 second to one day.
    pub period: Seconds,
    /// Calls that may come at once on top of the even pace; at least 1.
    pub burst: u32,
}

const REQUESTS_MAX: u32 = 1_000_000;

impl FromStr for Rate {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let parsed = || {
            let (requests, rest) = text.split_once('/')?;
            let (period, burst) = match rest.split_once('+') {
                Some((period, burst)) => (period, Some(burst.parse().ok()?)),
                None => (rest, None),
            };
            let requests: u32 = requests.parse().ok()?;
            let period: i64 = period.parse().ok()?;
            Some(Self { requests, period: Seconds(period), burst: burst.unwrap_or(requests) })
        };
        parsed()
            .filter(|rate| {
                (1..=REQUESTS_MAX).contains(&rate.requests)
                    && (1..=REQUESTS_MAX).contains(&rate.burst)
                    && (1..=Seconds::DAY.0).contains(&rate.period.0)
            })
            .ok_or_else(|| {
                Invalid::new("rate", text, "write REQUESTS/SECONDS or REQUESTS/SECONDS+BURST, such as 100/1+20")
            })
    }
}

impl TryFrom<String> for Rate {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl From<Rate> for String {
    fn from(rate: Rate) -> Self {
        rate.to_string()
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}+{}", self.requests, self.period, self.burst)
    }
}

/// The limits of one credential, service or organization; what is absent is unlimited.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// How fast.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
    /// Accepted calls in one UTC day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calls_per_day_max: Option<u64>,
    /// Accepted calls in one UTC month.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calls_per_month_max: Option<u64>,
}

impl Limits {
    /// Whether nothing is limited.
    pub fn is_unlimited(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_prints_as_it_parses_and_nonsense_is_refused() {
        let rate: Rate = "100/1+20".parse().unwrap();
        assert_eq!(rate, Rate { requests: 100, period: Seconds(1), burst: 20 });
        assert_eq!(rate.to_string(), "100/1+20");
        assert_eq!("5/60".parse::<Rate>().unwrap().burst, 5);
        for bad in ["", "5", "0/1", "5/0", "5/1+0", "-1/1", "9999999999/1", "5/1+x", "5/100000"] {
            assert!(bad.parse::<Rate>().is_err(), "{bad}");
        }
    }
}
