//! Values in words, as tables and lists for people show them.

use serde_json::Value;
use tollgate_model::{Timestamp, limit::Limits, scope::ScopeSet, service::Forwarding};

/// Whether something works, in a word.
pub(super) fn state(enabled: bool) -> String {
    if enabled { "enabled" } else { "disabled" }.to_owned()
}

/// For what has no end, or has not happened.
pub(super) fn never() -> String {
    "never".to_owned()
}

/// An instant to the minute in UTC, as narrow as a table needs it: `2026-12-31 23:59Z`.
pub(super) fn minute(instant: Timestamp) -> String {
    let text = instant.to_string();
    text.get(..16).map_or_else(|| text.clone(), |minute| format!("{}Z", minute.replace('T', " ")))
}

/// Scopes, one a line.
pub(super) fn scopes(scopes: &ScopeSet) -> String {
    scopes.iter().map(tollgate_model::scope::Scope::as_str).collect::<Vec<_>>().join("\n")
}

/// Things that print, one a line.
pub(super) fn lines<T: ToString>(all: impl IntoIterator<Item = T>) -> String {
    all.into_iter().map(|one| one.to_string()).collect::<Vec<_>>().join("\n")
}

/// How calls are passed on, as far as it is not the default, one setting a line.
pub(super) fn forwarding(forwarding: &Forwarding) -> String {
    let settings = |forwarding: &Forwarding| match serde_json::to_value(forwarding) {
        Ok(Value::Object(settings)) => settings,
        _ => serde_json::Map::new(),
    };
    let usual = settings(&Forwarding::default());
    let own = settings(forwarding);
    let told = own.iter().filter(|(name, value)| usual.get(*name) != Some(*value));
    lines(
        told.map(|(name, value)| format!("{name} {}", value.as_str().map_or_else(|| value.to_string(), str::to_owned))),
    )
}

/// Limits, one a line; empty when nothing is limited.
pub(super) fn limits(limits: &Limits) -> String {
    let rate = limits.rate.map(|rate| format!("{} calls in {} s, {} at once", rate.requests, rate.period, rate.burst));
    let day = limits.calls_per_day_max.map(|calls| format!("{calls} calls a day"));
    let month = limits.calls_per_month_max.map(|calls| format!("{calls} calls a month"));
    lines([rate, day, month].into_iter().flatten())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_in_a_table_is_told_to_the_minute() {
        assert_eq!(minute(Timestamp::from_seconds(1_798_761_599)), "2026-12-31 23:59Z");
    }

    #[test]
    fn only_what_is_not_the_default_is_told_of_forwarding() {
        assert_eq!(forwarding(&Forwarding::default()), "");
        let changed = Forwarding { strip_path: true, retries_max: 3, ..Forwarding::default() };
        assert_eq!(forwarding(&changed), "retries_max 3\nstrip_path true");
    }
}
