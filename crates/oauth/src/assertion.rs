//! What every signed assertion carries, a service JWT as well as a client assertion: times, an audience, a `jti`.

use serde_json::Value;
use tollgate_model::{Seconds, Timestamp};

/// Longest assertion in compact form, in bytes.
pub const ASSERTION_BYTES_MAX: usize = 8 * 1024;
/// Longest time that an assertion may be valid from now on (contract section 11, line 23).
pub const LIFETIME_MAX: Seconds = Seconds::DAY;
/// How far the caller's clock may be off (contract section 5).
pub const CLOCK_SKEW: Seconds = Seconds(30);
/// Longest `jti`, in bytes.
pub const JTI_BYTES_MAX: usize = 128;
/// Most entries of an `aud` array.
pub const AUDIENCES_MAX: usize = 8;

/// Later times are nonsense. It is the year 10000 in milliseconds, so that a time in milliseconds by mistake is read, and
/// refused with a text that speaks of the unit.
const SECONDS_END: i64 = 253_402_300_800_000;

/// The unique id of an assertion.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Jti {
    text: String,
    is_integer: bool,
}

impl Jti {
    /// The id as text; `7` and `"7"` are the same id.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it came as an integer, as IMS documents it; text is accepted, with a note in the log (contract section
    /// 11, line 19).
    pub const fn is_integer(&self) -> bool {
        self.is_integer
    }
}

/// From when until when an assertion is valid, as it says itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// `exp`.
    pub expires_at: Timestamp,
    /// `iat`.
    pub issued_at: Option<Timestamp>,
    /// `nbf`.
    pub not_before: Option<Timestamp>,
}

/// Why an assertion is not valid at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ValidityRefusal {
    /// It has ended.
    #[error("expired at {0}; sign a new one for each exchange")]
    Expired(Timestamp),
    /// It begins later.
    #[error("is not valid before {0}; check the clock of the machine that signed it")]
    NotYetValid(Timestamp),
    /// It is valid for too long.
    #[error("is valid until {0}, which is more than 24 hours away; exp is in seconds since 1970")]
    TooLong(Timestamp),
}

impl Validity {
    /// Checks the times against `now`, with [`CLOCK_SKEW`] to the caller's favour.
    pub fn check(&self, now: Timestamp) -> Result<(), ValidityRefusal> {
        if now >= self.forgotten_at() {
            return Err(ValidityRefusal::Expired(self.expires_at));
        }
        if self.expires_at > now + LIFETIME_MAX + CLOCK_SKEW {
            return Err(ValidityRefusal::TooLong(self.expires_at));
        }
        for start in [self.issued_at, self.not_before].into_iter().flatten() {
            if start > now + CLOCK_SKEW {
                return Err(ValidityRefusal::NotYetValid(start));
            }
        }
        Ok(())
    }

    /// From this instant on the assertion is refused as expired, so its `jti` need not be remembered longer.
    pub fn forgotten_at(&self) -> Timestamp {
        self.expires_at + CLOCK_SKEW
    }
}

/// Reads a time in seconds since 1970: an integer, neither a fraction nor text.
pub(crate) fn seconds(value: &Value) -> Option<Timestamp> {
    value.as_i64().filter(|seconds| (0..SECONDS_END).contains(seconds)).map(Timestamp::from_seconds)
}

/// Reads a `jti`: an integer, or text of bounded length.
pub(crate) fn jti(value: &Value) -> Option<Jti> {
    match value {
        Value::Number(number) if number.is_i64() || number.is_u64() => {
            Some(Jti { text: number.to_string(), is_integer: true })
        }
        Value::String(text) if (1..=JTI_BYTES_MAX).contains(&text.len()) => {
            Some(Jti { text: text.clone(), is_integer: false })
        }
        _ => None,
    }
}

/// Reads an `aud`: one text, or a short array of texts (RFC 7519 section 4.1.3).
pub(crate) fn audience(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(one) => Some(vec![one.clone()]),
        Value::Array(several) if (1..=AUDIENCES_MAX).contains(&several.len()) => {
            several.iter().map(|entry| entry.as_str().map(str::to_owned)).collect()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);

    fn until(expires_at: Timestamp) -> Validity {
        Validity { expires_at, issued_at: None, not_before: None }
    }

    #[test]
    fn an_assertion_is_valid_up_to_thirty_seconds_after_its_end_and_at_most_a_day_ahead() {
        assert_eq!(until(NOW - Seconds(29)).check(NOW), Ok(()));
        assert_eq!(until(NOW - Seconds(30)).check(NOW), Err(ValidityRefusal::Expired(NOW - Seconds(30))));
        assert_eq!(until(NOW + Seconds(86_430)).check(NOW), Ok(()));
        let far = NOW + Seconds(86_431);
        assert_eq!(until(far).check(NOW), Err(ValidityRefusal::TooLong(far)));
    }

    #[test]
    fn an_assertion_from_the_future_is_refused_beyond_thirty_seconds() {
        let begins = |start| Validity { expires_at: NOW + Seconds(300), issued_at: Some(start), not_before: Some(NOW) };
        assert_eq!(begins(NOW + Seconds(30)).check(NOW), Ok(()));
        assert_eq!(begins(NOW + Seconds(31)).check(NOW), Err(ValidityRefusal::NotYetValid(NOW + Seconds(31))));
    }

    #[test]
    fn times_are_integers_and_ids_integers_or_text() {
        assert_eq!(seconds(&json!(1_700_000_000)), Some(NOW));
        for bad in [json!("1700000000"), json!(1.7e9), json!(-1), json!(u64::MAX), json!(null), json!([])] {
            assert_eq!(seconds(&bad), None, "{bad}");
        }
        assert_eq!(jti(&json!(7)).unwrap().as_str(), jti(&json!("7")).unwrap().as_str());
        assert!(jti(&json!(7)).unwrap().is_integer());
        assert!(!jti(&json!("7")).unwrap().is_integer());
        for bad in [json!(7.5), json!(""), json!("x".repeat(JTI_BYTES_MAX + 1)), json!(true), json!({})] {
            assert_eq!(jti(&bad), None, "{bad}");
        }
    }

    #[test]
    fn an_audience_is_one_text_or_a_short_array_of_texts() {
        assert_eq!(audience(&json!("a")), Some(vec!["a".to_owned()]));
        assert_eq!(audience(&json!(["a", "b"])).unwrap().len(), 2);
        for bad in [json!([]), json!(["a", 1]), json!(1), json!(vec!["a"; AUDIENCES_MAX + 1])] {
            assert_eq!(audience(&bad), None, "{bad}");
        }
    }
}
