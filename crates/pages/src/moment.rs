//! Instants as people read them.

use tollgate_model::Timestamp;

use crate::texts::Texts;

const MINUTE_SECONDS: i64 = 60;
const HOUR_SECONDS: i64 = 60 * MINUTE_SECONDS;
const DAY_SECONDS: i64 = 24 * HOUR_SECONDS;
/// From this age on a date says more than a number of days.
const RELATIVE_SECONDS_MAX: i64 = 7 * DAY_SECONDS;

/// Day, month in words, year.
pub(crate) fn date(texts: Texts, at: Timestamp) -> String {
    let day = at.day();
    let mut parts = day.split('-').map(|part| part.trim_start_matches('0').to_owned());
    let mut next = || parts.next().unwrap_or_default();
    let (year, month, day) = (next(), format!("m{}", next()), next());
    texts.with_all("moment-date", [("year", year), ("month", texts.text_of_month(&month)), ("day", day)])
}

/// The date and the time of day, in UTC.
pub(crate) fn date_and_time(texts: Texts, at: Timestamp) -> String {
    let text = at.to_string();
    let time = text.split_once('T').and_then(|(_, time)| time.get(..5)).unwrap_or_default().to_owned();
    texts.with_all("moment-date-time", [("date", date(texts, at)), ("time", time)])
}

/// How long ago, while that is short; else the date.
pub(crate) fn relative(texts: Texts, at: Timestamp, now: Timestamp) -> String {
    let seconds = now.seconds_since(at).0;
    match seconds {
        ..MINUTE_SECONDS => texts.text("moment-now"),
        MINUTE_SECONDS..HOUR_SECONDS => texts.counted("moment-minutes", seconds / MINUTE_SECONDS),
        HOUR_SECONDS..DAY_SECONDS => texts.counted("moment-hours", seconds / HOUR_SECONDS),
        DAY_SECONDS..RELATIVE_SECONDS_MAX => texts.counted("moment-days", seconds / DAY_SECONDS),
        _ => date(texts, at),
    }
}

impl Texts {
    fn text_of_month(self, month: &str) -> String {
        self.with("moment-month", "month", month)
    }
}

#[cfg(test)]
mod tests {
    use tollgate_model::Seconds;

    use super::*;
    use crate::Language;

    #[test]
    fn dates_are_written_as_the_language_writes_them() {
        let at = Timestamp::from_seconds(1_798_761_599);
        let told = Language::ALL.map(|language| date_and_time(Texts::of(language), at));
        assert_eq!(
            told,
            [
                "31 December 2026, 23:59 UTC",
                "31. Dezember 2026, 23:59 UTC",
                "31 décembre 2026 à 23:59 UTC",
                "31 de diciembre de 2026, 23:59 UTC",
                "2026年12月31日 23:59 UTC",
            ]
        );
    }

    #[test]
    fn what_is_recent_is_told_by_its_age() {
        let (texts, now) = (Texts::of(Language::En), Timestamp::from_seconds(1_798_761_599));
        let told = |seconds| relative(texts, now - Seconds(seconds), now);
        assert_eq!(told(0), "just now");
        assert_eq!(told(-50), "just now");
        assert_eq!(told(60), "1 minute ago");
        assert_eq!(told(7_300), "2 hours ago");
        assert_eq!(told(86_400), "yesterday");
        assert_eq!(told(3 * 86_400), "3 days ago");
        assert_eq!(told(30 * 86_400), "1 December 2026");
    }
}
