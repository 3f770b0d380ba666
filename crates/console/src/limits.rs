//! Limits, changed one by one.

use tollgate_model::limit::{Limits, Rate};

/// What is to change of some limits: `None` leaves one as it is, `Some(None)` lifts it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LimitsChange {
    /// How fast.
    pub rate: Option<Option<Rate>>,
    /// Accepted calls in one UTC day.
    pub calls_per_day_max: Option<Option<u64>>,
    /// Accepted calls in one UTC month.
    pub calls_per_month_max: Option<Option<u64>>,
}

impl LimitsChange {
    /// The limits as they are after the change.
    pub fn applied_to(self, limits: &Limits) -> Limits {
        Limits {
            rate: self.rate.unwrap_or(limits.rate),
            calls_per_day_max: self.calls_per_day_max.unwrap_or(limits.calls_per_day_max),
            calls_per_month_max: self.calls_per_month_max.unwrap_or(limits.calls_per_month_max),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_that_is_not_named_stays_and_one_named_with_nothing_is_lifted() {
        let limits = Limits { calls_per_day_max: Some(5), calls_per_month_max: Some(50), ..Limits::default() };
        let change = LimitsChange {
            rate: Some(Some("9/1".parse().unwrap())),
            calls_per_day_max: Some(None),
            ..LimitsChange::default()
        };
        let changed = change.applied_to(&limits);
        assert_eq!((changed.calls_per_day_max, changed.calls_per_month_max), (None, Some(50)));
        assert_eq!(changed.rate.unwrap().requests, 9);
    }
}
