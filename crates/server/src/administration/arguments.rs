//! Arguments that several commands share, and how their values are read.

use std::str::FromStr;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use tollgate_console::{Console, Contents, Error, limits::LimitsChange, projects::ProjectWithWorkspaces};
use tollgate_crypto::Algorithm;
use tollgate_model::{
    Invalid, Seconds, Timestamp,
    client::CredentialType,
    id::OrganizationId,
    limit::{Limits, Rate},
};

/// A value, or the word `none`, which lifts what was set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OrNone<T>(pub(super) Option<T>);

impl<T> OrNone<T> {
    fn into_inner(self) -> Option<T> {
        self.0
    }
}

impl<T: FromStr> FromStr for OrNone<T> {
    type Err = T::Err;

    fn from_str(text: &str) -> Result<Self, T::Err> {
        if text == "none" { Ok(Self(None)) } else { text.parse().map(|value| Self(Some(value))) }
    }
}

/// Limits on calls; each may be given alone.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct LimitArguments {
    /// How fast calls may come, as REQUESTS/SECONDS or REQUESTS/SECONDS+BURST, such as 100/1+20; `none` lifts it
    #[arg(long, value_name = "RATE")]
    rate: Option<OrNone<Rate>>,
    /// Accepted calls in one UTC day; `none` lifts it
    #[arg(long, value_name = "CALLS", value_parser = count)]
    calls_per_day_max: Option<OrNone<u64>>,
    /// Accepted calls in one UTC month; `none` lifts it
    #[arg(long, value_name = "CALLS", value_parser = count)]
    calls_per_month_max: Option<OrNone<u64>>,
}

impl LimitArguments {
    pub(super) fn change(self) -> LimitsChange {
        LimitsChange {
            rate: self.rate.map(OrNone::into_inner),
            calls_per_day_max: self.calls_per_day_max.map(OrNone::into_inner),
            calls_per_month_max: self.calls_per_month_max.map(OrNone::into_inner),
        }
    }

    pub(super) fn limits(self) -> Limits {
        self.change().applied_to(&Limits::default())
    }
}

/// Limits of each credential that is subscribed to a service.
#[expect(clippy::struct_field_names, reason = "a field has the name of its argument")]
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct CredentialLimitArguments {
    /// How fast calls of each subscribed credential may come; `none` lifts it
    #[arg(long, value_name = "RATE")]
    credential_rate: Option<OrNone<Rate>>,
    /// Accepted calls of each subscribed credential in one UTC day; `none` lifts it
    #[arg(long, value_name = "CALLS", value_parser = count)]
    credential_calls_per_day_max: Option<OrNone<u64>>,
    /// Accepted calls of each subscribed credential in one UTC month; `none` lifts it
    #[arg(long, value_name = "CALLS", value_parser = count)]
    credential_calls_per_month_max: Option<OrNone<u64>>,
}

impl CredentialLimitArguments {
    pub(super) fn change(self) -> LimitsChange {
        LimitsChange {
            rate: self.credential_rate.map(OrNone::into_inner),
            calls_per_day_max: self.credential_calls_per_day_max.map(OrNone::into_inner),
            calls_per_month_max: self.credential_calls_per_month_max.map(OrNone::into_inner),
        }
    }
}

fn count(text: &str) -> Result<OrNone<u64>, Invalid> {
    text.parse().map_err(|_| Invalid::new("number of calls", text, "give a whole number, or `none`"))
}

/// Whether what something holds is deleted with it.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Recursive {
    /// Delete what it holds too
    #[arg(long)]
    recursive: bool,
}

impl From<Recursive> for Contents {
    fn from(argument: Recursive) -> Self {
        if argument.recursive { Self::GoToo } else { Self::MustBeNone }
    }
}

/// Reads one of a few words, which help and completion list.
pub(super) fn one_of<T: FromStr<Err: std::error::Error + Send + Sync + 'static> + Clone + Send + Sync + 'static>(
    words: impl IntoIterator<Item = &'static str>,
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(words.into_iter().collect::<Vec<_>>()).try_map(|word| word.parse::<T>())
}

/// Reads a type of credential.
pub(super) fn credential_type() -> impl TypedValueParser<Value = CredentialType> {
    one_of(CredentialType::ALL.map(CredentialType::as_str))
}

/// Reads how access tokens are signed: with an algorithm that the house has keys for.
pub(super) fn token_algorithm() -> impl TypedValueParser<Value = Algorithm> {
    one_of(["ES256", "RS256"])
}

/// Like [`token_algorithm`]; `none` is for as the instance does.
pub(super) fn token_algorithm_or_none() -> impl TypedValueParser<Value = OrNone<Algorithm>> {
    one_of(["ES256", "RS256", "none"])
}

/// Reads an instant: `2026-12-31T23:59:59Z`, or `2026-12-31` for the beginning of that UTC day.
pub(super) fn instant(text: &str) -> Result<Timestamp, Invalid> {
    let begins_day = text.parse::<jiff::civil::Date>().ok().and_then(|day| day.to_zoned(jiff::tz::TimeZone::UTC).ok());
    let read = match begins_day {
        Some(midnight) if !text.contains('T') => Some(midnight.timestamp()),
        _ => text.parse::<jiff::Timestamp>().ok(),
    };
    read.map(|read| Timestamp::from_micros(read.as_microsecond()))
        .ok_or_else(|| Invalid::new("time", text, "write it like 2026-12-31 or 2026-12-31T23:59:59Z"))
}

/// Reads a length of time: a whole number and `s`, `m`, `h` or `d`, such as `90d`; at most ten years.
pub(super) fn length(text: &str) -> Result<Seconds, Invalid> {
    const LENGTH_MAX: Seconds = Seconds(10 * 366 * Seconds::DAY.0);
    let unit = match text.chars().last() {
        Some('s') => 1,
        Some('m') => 60,
        Some('h') => 3_600,
        Some('d') => 86_400,
        _ => 0,
    };
    let number = text.get(..text.len().saturating_sub(1)).and_then(|digits| digits.parse::<u32>().ok());
    number
        .map(|number| i64::from(number) * unit)
        .filter(|seconds| (1..=LENGTH_MAX.0).contains(seconds))
        .map(Seconds)
        .ok_or_else(|| Invalid::new("length of time", text, "write it like 90d, 12h or 30m, at most ten years"))
}

/// The organization that an argument names; when it is absent, the only one there is.
pub(super) async fn organization_or_only(console: &Console, name: Option<&str>) -> Result<OrganizationId, Error> {
    Ok(match name {
        Some(name) => console.organization(name).await?.id,
        None => console.only_organization().await?.id,
    })
}

/// The organization that an argument names, if it is given.
pub(super) async fn organization_if_named(
    console: &Console,
    name: Option<&str>,
) -> Result<Option<OrganizationId>, Error> {
    match name {
        Some(name) => Ok(Some(console.organization(name).await?.id)),
        None => Ok(None),
    }
}

/// The project that an argument names by number or name; when it is absent, the only one there is.
pub(super) async fn project_or_only(
    console: &Console,
    name: Option<&str>,
    organization: Option<&OrganizationId>,
) -> Result<ProjectWithWorkspaces, Error> {
    match name {
        Some(name) => console.project(name, organization).await,
        None => console.only_project(organization).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_a_number_and_a_unit() {
        assert_eq!(length("90d"), Ok(Seconds(90 * 86_400)));
        assert_eq!(length("30m"), Ok(Seconds(1_800)));
        for bad in ["", "d", "90", "0d", "-1d", "1.5h", "90 d", "99999d", "9d9", "é"] {
            assert!(length(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_instant_is_a_day_or_a_time_with_an_offset() {
        assert_eq!(instant("2026-12-31").unwrap().to_string(), "2026-12-31T00:00:00Z");
        assert_eq!(instant("2026-12-31T23:59:59Z").unwrap().to_string(), "2026-12-31T23:59:59Z");
        assert_eq!(instant("2026-12-31T23:59:59+01:00").unwrap().to_string(), "2026-12-31T22:59:59Z");
        for bad in ["", "yesterday", "2026-13-01", "2026-12-31T23:59:59", "1700000000"] {
            assert!(instant(bad).is_err(), "{bad}");
        }
    }
}
