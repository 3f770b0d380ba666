//! Rates and quotas of credentials, services and organizations.
//!
//! Everything is decided in memory without a lock. Rates are kept by each node; quotas are counted together, by writing
//! and reading back every second, so that several nodes may overshoot by what they accept in one second.

mod gcra;
mod quota;

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue};
use papaya::HashMap;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tollgate_model::{Timestamp, limit::Limits};
use tollgate_store::quotas::{QuotaCount, ScopeKind};

pub use gcra::{Gcra, Left, Pace};
pub(crate) use quota::{Count, Scope};
use quota::{Quota, QuotaLeft, Span, UsedUp};

use crate::error::{Code, Refused};

/// What common clients are willing to wait (contract, console section 5.5).
const RETRY_AFTER_SECONDS_MAX: u64 = 60;
/// draft-ietf-httpapi-ratelimit-headers-10.
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Every rate and quota that was asked for since the start, by whose it is. Settings may change; the counts stay.
pub(crate) struct Ledger {
    rates: HashMap<Scope, Arc<Gcra>>,
    quotas: HashMap<(Scope, Span), Arc<Quota>>,
    changed: UnboundedSender<Arc<Count>>,
}

impl Ledger {
    /// An empty ledger, and where it announces counts to be written.
    pub(crate) fn new() -> (Self, UnboundedReceiver<Arc<Count>>) {
        let (changed, receiver) = unbounded_channel();
        (Self { rates: HashMap::new(), quotas: HashMap::new(), changed }, receiver)
    }

    /// Takes in what the database has of the current day or month.
    pub(crate) fn load(&self, count: QuotaCount, now: Timestamp) {
        let span = if count.period == Span::Day.period(now) { Span::Day } else { Span::Month };
        let scope = Scope { kind: count.scope_kind, id: count.scope_id.into() };
        self.quota(&scope, span, now).load(count.calls, now);
    }

    fn rate(&self, scope: &Scope) -> Arc<Gcra> {
        Arc::clone(self.rates.pin().get_or_insert_with(scope.clone(), Arc::default))
    }

    fn quota(&self, scope: &Scope, span: Span, now: Timestamp) -> Arc<Quota> {
        let quotas = self.quotas.pin();
        let new = || {
            let quota = Quota::new(scope.clone(), span, now, self.changed.clone());
            // Other nodes, or this one under an earlier quota, may have counted already.
            quota.refresh(now);
            Arc::new(quota)
        };
        Arc::clone(quotas.get_or_insert_with((scope.clone(), span), new))
    }
}

/// The limits of one holder, by name.
pub(crate) struct Holder<'a> {
    pub(crate) kind: ScopeKind,
    pub(crate) id: &'a str,
    pub(crate) limits: &'a Limits,
}

/// All limits that one credential meets at one service.
#[derive(Default)]
pub(crate) struct Gates {
    gates: Box<[Gate]>,
    /// The value of `RateLimit-Policy`, which is the same for every call.
    policy: Option<HeaderValue>,
}

struct Gate {
    holder: ScopeKind,
    kind: GateKind,
}

enum GateKind {
    Rate { cell: Arc<Gcra>, pace: Pace },
    Quota { quota: Arc<Quota>, span: Span, calls_max: u64 },
}

/// How the caller stands with the limit that is nearest to its end.
#[derive(Clone, Copy)]
pub(crate) struct Standing {
    gate: usize,
    calls: u64,
    seconds: u64,
}

impl Gates {
    pub(crate) fn new(ledger: &Ledger, holders: &[Holder<'_>], now: Timestamp) -> Self {
        let mut gates = Vec::new();
        let mut policies = Vec::new();
        for Holder { kind, id, limits } in holders {
            let scope = Scope { kind: *kind, id: (*id).into() };
            if let Some(rate) = limits.rate {
                policies.push(format!("\"{}\";q={};w={}", policy_name(*kind, None), rate.requests, rate.period));
                let kind_of_gate = GateKind::Rate { cell: ledger.rate(&scope), pace: rate.into() };
                gates.push(Gate { holder: *kind, kind: kind_of_gate });
            }
            for (span, calls_max, seconds) in
                [(Span::Day, limits.calls_per_day_max, 86_400), (Span::Month, limits.calls_per_month_max, 2_592_000)]
            {
                if let Some(calls_max) = calls_max {
                    policies.push(format!("\"{}\";q={calls_max};w={seconds}", policy_name(*kind, Some(span))));
                    let quota = ledger.quota(&scope, span, now);
                    gates.push(Gate { holder: *kind, kind: GateKind::Quota { quota, span, calls_max } });
                }
            }
        }
        let policy = (!policies.is_empty()).then(|| HeaderValue::try_from(policies.join(", ")).ok()).flatten();
        Self { gates: gates.into(), policy }
    }

    /// Accepts a call at every gate or at none. `None` when nothing is limited.
    pub(crate) fn pass(&self, now: Timestamp) -> Result<Option<Standing>, Refused> {
        let mut nearest: Option<Standing> = None;
        for (at, gate) in self.gates.iter().enumerate() {
            match gate.take(now) {
                Ok((calls, seconds)) => {
                    if nearest.is_none_or(|nearest| calls < nearest.calls) {
                        nearest = Some(Standing { gate: at, calls, seconds });
                    }
                }
                Err((code, seconds)) => {
                    self.gates[..at].iter().for_each(Gate::give_back);
                    return Err(self.refusal(at, code, seconds));
                }
            }
        }
        Ok(nearest)
    }

    /// Takes a call back that was not answered through no fault of the caller. The pace is not given back: the call was
    /// made, and trying again at once is what a pace is to prevent.
    pub(crate) fn give_back_quota(&self) {
        self.gates.iter().filter(|gate| matches!(gate.kind, GateKind::Quota { .. })).for_each(Gate::give_back);
    }

    /// Says how the caller stands, in the answer to an accepted call.
    pub(crate) fn describe(&self, standing: Standing, headers: &mut HeaderMap) {
        if let Some(policy) = &self.policy {
            headers.insert(RATE_LIMIT_POLICY, policy.clone());
        }
        if let Ok(value) = HeaderValue::try_from(self.standing_text(standing)) {
            headers.insert(RATE_LIMIT, value);
        }
    }

    fn standing_text(&self, standing: Standing) -> String {
        let name = self.gates[standing.gate].policy_name();
        format!("\"{name}\";r={};t={}", standing.calls, standing.seconds)
    }

    fn refusal(&self, at: usize, code: Code, seconds: u64) -> Refused {
        let detail = match &self.gates[at].kind {
            GateKind::Rate { .. } => {
                format!("the rate of {} is exceeded; call again in {seconds} s, more slowly", self.gates[at].whose())
            }
            GateKind::Quota { span: Span::Day, calls_max, .. } => {
                format!(
                    "the {calls_max} calls a day of {} are used up; the next day begins in {seconds} s (UTC)",
                    self.gates[at].whose()
                )
            }
            GateKind::Quota { span: Span::Month, calls_max, .. } => {
                format!(
                    "the {calls_max} calls a month of {} are used up; the next month begins in {seconds} s (UTC)",
                    self.gates[at].whose()
                )
            }
        };
        let retry_after = if code == Code::TooManyRequests { seconds.min(RETRY_AFTER_SECONDS_MAX) } else { seconds };
        let mut refused = Refused::new(code, detail).retry_after(u32::try_from(retry_after).unwrap_or(u32::MAX));
        self.describe(Standing { gate: at, calls: 0, seconds }, refused.headers());
        refused
    }
}

impl Gate {
    /// Calls and seconds that are left, or the code and the wait.
    fn take(&self, now: Timestamp) -> Result<(u64, u64), (Code, u64)> {
        match &self.kind {
            GateKind::Rate { cell, pace } => match cell.take(*pace, now) {
                Ok(Left { calls, full_seconds }) => Ok((calls, full_seconds)),
                Err(wait_nanos) => Err((Code::TooManyRequests, wait_nanos.div_ceil(1_000_000_000).max(1))),
            },
            GateKind::Quota { quota, calls_max, .. } => match quota.take(*calls_max, now) {
                Ok(QuotaLeft { calls, seconds }) => Ok((calls, seconds)),
                Err(UsedUp { seconds }) => {
                    let code =
                        if self.holder == ScopeKind::Service { Code::ServiceQuota } else { Code::CredentialQuota };
                    Err((code, seconds))
                }
            },
        }
    }

    fn give_back(&self) {
        match &self.kind {
            GateKind::Rate { cell, pace } => cell.give_back(*pace),
            GateKind::Quota { quota, .. } => quota.give_back(),
        }
    }

    const fn whose(&self) -> &'static str {
        match self.holder {
            ScopeKind::ClientService => "this credential at this service",
            ScopeKind::Client => "this credential",
            ScopeKind::Organization => "this organization",
            ScopeKind::Service => "this service",
        }
    }

    const fn policy_name(&self) -> &'static str {
        match self.kind {
            GateKind::Rate { .. } => policy_name(self.holder, None),
            GateKind::Quota { span, .. } => policy_name(self.holder, Some(span)),
        }
    }
}

const fn policy_name(holder: ScopeKind, span: Option<Span>) -> &'static str {
    match (holder, span) {
        (ScopeKind::ClientService, None) => "subscription",
        (ScopeKind::ClientService, Some(Span::Day)) => "subscription-day",
        (ScopeKind::ClientService, Some(Span::Month)) => "subscription-month",
        (ScopeKind::Client, None) => "credential",
        (ScopeKind::Client, Some(Span::Day)) => "credential-day",
        (ScopeKind::Client, Some(Span::Month)) => "credential-month",
        (ScopeKind::Organization, None) => "organization",
        (ScopeKind::Organization, Some(Span::Day)) => "organization-day",
        (ScopeKind::Organization, Some(Span::Month)) => "organization-month",
        (ScopeKind::Service, None) => "service",
        (ScopeKind::Service, Some(Span::Day)) => "service-day",
        (ScopeKind::Service, Some(Span::Month)) => "service-month",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn limits(rate: &str, calls_per_day_max: u64) -> Limits {
        Limits {
            rate: Some(rate.parse().unwrap()),
            calls_per_day_max: Some(calls_per_day_max),
            calls_per_month_max: None,
        }
    }

    fn gates(ledger: &Ledger, credential: &Limits, service: &Limits) -> Gates {
        let holders = [
            Holder { kind: ScopeKind::Client, id: "one", limits: credential },
            Holder { kind: ScopeKind::Service, id: "Weather", limits: service },
        ];
        Gates::new(ledger, &holders, NOW)
    }

    #[test]
    fn a_call_that_one_gate_refuses_is_counted_at_none() {
        let (ledger, _changed) = Ledger::new();
        let gates = gates(&ledger, &limits("1000/1", 5), &limits("1000/1", 2));
        assert!(gates.pass(NOW).is_ok());
        assert!(gates.pass(NOW).is_ok());
        for _ in 0..10 {
            assert_eq!(gates.pass(NOW).map(drop).unwrap_err().code(), Code::ServiceQuota);
        }
        let credential = &gates.gates[1];
        assert_eq!(credential.take(NOW).map(|(calls, _)| calls), Ok(2), "5 a day, 2 counted, and this one");
    }

    #[test]
    fn the_answer_names_the_limit_that_is_nearest_to_its_end() {
        let (ledger, _changed) = Ledger::new();
        let gates = gates(&ledger, &limits("100/10+7", 1_000), &limits("500/10", 1_000));
        let standing = gates.pass(NOW).unwrap_or_else(|_| panic!("accepted")).unwrap();
        let mut headers = HeaderMap::new();
        gates.describe(standing, &mut headers);
        assert_eq!(headers["ratelimit"], "\"credential\";r=6;t=1");
        assert_eq!(
            headers["ratelimit-policy"],
            "\"credential\";q=100;w=10, \"credential-day\";q=1000;w=86400, \"service\";q=500;w=10, \"service-day\";q=1000;w=86400"
        );
    }

    #[test]
    fn the_wait_is_at_most_a_minute_for_a_rate_and_true_for_a_quota() {
        let (ledger, _changed) = Ledger::new();
        let slow = gates(&ledger, &limits("1/3600", 10), &Limits::default());
        assert!(slow.pass(NOW).is_ok());
        let mut refused = slow.pass(NOW).map(drop).unwrap_err();
        assert_eq!((refused.code(), refused.headers()["retry-after"].to_str().unwrap()), (Code::TooManyRequests, "60"));
        assert_eq!(refused.headers()["ratelimit"], "\"credential\";r=0;t=3600");
    }

    #[test]
    fn changed_limits_keep_what_was_counted() {
        let (ledger, _changed) = Ledger::new();
        assert!(gates(&ledger, &limits("1000/1", 1), &Limits::default()).pass(NOW).is_ok());
        let wider = gates(&ledger, &limits("1000/1", 2), &Limits::default());
        assert!(wider.pass(NOW).is_ok());
        assert_eq!(wider.pass(NOW).map(drop).unwrap_err().code(), Code::CredentialQuota);
    }
}
