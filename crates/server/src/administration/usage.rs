//! `tollgate usage`

use std::collections::{BTreeMap, HashMap};

use clap::builder::TypedValueParser;
use serde::Serialize;
use tollgate_console::{
    Console,
    usage::{Calls, UsageLine, UsageQuestion, UsageReport, UsageSpan},
};
use tollgate_model::{
    Seconds, Timestamp,
    id::{ClientId, ServiceCode},
};

use super::{
    Form,
    arguments::{instant, one_of, organization_if_named},
    table::{Fit, Table},
    words::minute,
};
use crate::{error::CommandError, output::Output};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// From this time on, such as 2026-12-01; by default the last 24 hours
    #[arg(long, value_name = "TIME", value_parser = instant)]
    from: Option<Timestamp>,
    /// Until before this time; until now when left out
    #[arg(long, value_name = "TIME", value_parser = instant)]
    until: Option<Timestamp>,
    /// Of one credential only: client id or credential id
    #[arg(long)]
    credential: Option<String>,
    /// To one service only, by code
    #[arg(long, value_name = "CODE")]
    service: Option<ServiceCode>,
    /// Of the credentials of one organization only: id, number or name
    #[arg(long)]
    organization: Option<String>,
    /// One line for each span of time
    #[arg(long, value_name = "SPAN", value_parser = one_of::<Span>(["minute", "hour", "day"]))]
    per: Option<Span>,
    /// One line for each of these
    #[arg(long, value_name = "WHAT", value_delimiter = ',', value_parser = axis())]
    #[arg(default_value = "credential,service")]
    by: Vec<Axis>,
    #[command(flatten)]
    form: Form,
}

#[derive(Debug, Clone, Copy)]
struct Span(UsageSpan);

impl std::str::FromStr for Span {
    type Err = std::convert::Infallible;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Ok(Self(match word {
            "minute" => UsageSpan::Minute,
            "hour" => UsageSpan::Hour,
            _ => UsageSpan::Day,
        }))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Axis {
    Credential,
    Service,
    Nothing,
}

impl std::str::FromStr for Axis {
    type Err = std::convert::Infallible;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Ok(match word {
            "credential" => Self::Credential,
            "service" => Self::Service,
            _ => Self::Nothing,
        })
    }
}

fn axis() -> impl TypedValueParser<Value = Axis> {
    one_of(["credential", "service", "nothing"])
}

pub(super) async fn run(arguments: Arguments, console: &Console) -> Result<(), CommandError> {
    let organization = organization_if_named(console, arguments.organization.as_deref()).await?;
    let client_id = match arguments.credential {
        Some(name) => Some(console.client(&name).await?.id),
        None => None,
    };
    if let Some(code) = &arguments.service {
        console.service(code).await?;
    }
    let until = arguments.until.unwrap_or_else(|| next_minute(console.now()));
    let question = UsageQuestion {
        from: arguments.from.unwrap_or(until - Seconds::DAY),
        until,
        organization,
        client_id,
        service: arguments.service,
        span: arguments.per.map_or(UsageSpan::Whole, |Span(span)| span),
        by_credential: arguments.by.contains(&Axis::Credential),
        by_service: arguments.by.contains(&Axis::Service),
    };
    if question.from >= question.until {
        return Err(CommandError::bad_input(format_args!(
            "--from {} is not before --until {}: give an earlier time",
            question.from, question.until
        )));
    }
    let report = console.usage_report(&question).await?;
    let output = arguments.form.output();
    if output.is_json() {
        return output.json(&ReportView::new(&question, &report));
    }
    print(&question, &report, &names(console).await?, output)
}

/// The end of the minute that is being counted.
const fn next_minute(now: Timestamp) -> Timestamp {
    Timestamp::from_seconds((now.seconds().div_euclid(60) + 1) * 60)
}

/// The names of the credentials that still exist.
async fn names(console: &Console) -> Result<HashMap<ClientId, String>, CommandError> {
    let all = console.credentials(None, None).await?;
    Ok(all.into_iter().map(|placed| (placed.client.id, placed.client.name)).collect())
}

fn print(
    question: &UsageQuestion,
    report: &UsageReport,
    names: &HashMap<ClientId, String>,
    output: Output,
) -> Result<(), CommandError> {
    let mut table = Table::new([
        ("from", Fit::Whole),
        ("client id", Fit::Whole),
        ("name", Fit::Spare),
        ("service", Fit::Whole),
        ("2xx", Fit::Number),
        ("3xx", Fit::Number),
        ("4xx", Fit::Number),
        ("5xx", Fit::Number),
        ("calls", Fit::Number),
    ]);
    for UsageLine { at, client_id, service, calls } in &report.lines {
        let [_, success, redirect, refused, failed] = calls.by_status_class.map(|calls| calls.to_string());
        table.row([
            at.map(minute).unwrap_or_default(),
            client_id.as_ref().map(ToString::to_string).unwrap_or_default(),
            client_id.as_ref().and_then(|id| names.get(id)).cloned().unwrap_or_default(),
            service.as_ref().map(ToString::to_string).unwrap_or_default(),
            success,
            redirect,
            refused,
            failed,
            calls.total().to_string(),
        ]);
    }
    let span = format!("from {} until before {}", question.from, question.until);
    table.without_empty_columns().print(output, &format!("No calls {span}."))?;
    if report.lines.len() > 1 {
        output.line(format_args!("\n{} calls {span}.", report.total.total()))?;
    }
    Ok(())
}

#[derive(Serialize)]
struct ReportView<'a> {
    from: String,
    until: String,
    total: CallsView,
    lines: Vec<LineView<'a>>,
}

#[derive(Serialize)]
struct LineView<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<&'a ClientId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<&'a ServiceCode>,
    #[serde(flatten)]
    calls: CallsView,
}

#[derive(Serialize)]
struct CallsView {
    calls: i64,
    by_status: BTreeMap<&'static str, i64>,
}

impl From<&Calls> for CallsView {
    fn from(calls: &Calls) -> Self {
        let classes = ["1xx", "2xx", "3xx", "4xx", "5xx"].into_iter().zip(calls.by_status_class);
        Self { calls: calls.total(), by_status: classes.filter(|(_, calls)| *calls > 0).collect() }
    }
}

impl<'a> ReportView<'a> {
    fn new(question: &UsageQuestion, report: &'a UsageReport) -> Self {
        let line = |line: &'a UsageLine| LineView {
            at: line.at.map(|at| at.to_string()),
            client_id: line.client_id.as_ref(),
            service: line.service.as_ref(),
            calls: CallsView::from(&line.calls),
        };
        Self {
            from: question.from.to_string(),
            until: question.until.to_string(),
            total: CallsView::from(&report.total),
            lines: report.lines.iter().map(line).collect(),
        }
    }
}
