//! Usage: how many calls were counted, by credential, by service, by class of answer and by time.

use std::collections::{BTreeMap, HashSet};

use tollgate_model::{
    Timestamp,
    id::{ClientId, OrganizationId, ServiceCode},
};
use tollgate_store::usage::{self, UsageFilter};

pub use tollgate_store::usage::UsageSpan;

use crate::{Console, Error, PAGE_ROWS_MAX, Refusal};

/// Most lines of one report.
pub const LINES_MAX: usize = 10_000;

/// What a report shall tell.
#[derive(Debug, Clone)]
pub struct UsageQuestion {
    /// From this minute.
    pub from: Timestamp,
    /// Until before this minute.
    pub until: Timestamp,
    /// Of the credentials of this organization; `None` for all.
    pub organization: Option<OrganizationId>,
    /// Of this credential; `None` for all.
    pub client_id: Option<ClientId>,
    /// To this service; `None` for all.
    pub service: Option<ServiceCode>,
    /// One line for each such span of time.
    pub span: UsageSpan,
    /// One line for each credential.
    pub by_credential: bool,
    /// One line for each service.
    pub by_service: bool,
}

/// Counted calls by class of answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Calls {
    /// Calls answered with 1xx, 2xx, 3xx, 4xx and 5xx.
    pub by_status_class: [i64; 5],
}

impl Calls {
    /// All of them.
    pub fn total(&self) -> i64 {
        self.by_status_class.iter().sum()
    }

    fn add(&mut self, status_class: u8, calls: i64) {
        // Another class than 1 to 5 is not counted by the gateway, and would not be one of ours to report.
        if let Some(own) = self.by_status_class.get_mut(usize::from(status_class).wrapping_sub(1)) {
            *own += calls;
        }
    }
}

/// One line of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageLine {
    /// When its span begins; `None` when the report has one span only.
    pub at: Option<Timestamp>,
    /// Whose calls; `None` when credentials are not told apart.
    pub client_id: Option<ClientId>,
    /// Calls to what; `None` when services are not told apart.
    pub service: Option<ServiceCode>,
    /// How many.
    pub calls: Calls,
}

/// What was counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageReport {
    /// Lines with calls, by time, credential and service.
    pub lines: Vec<UsageLine>,
    /// All of them together.
    pub total: Calls,
}

impl Console {
    /// Counts calls as the question asks. Calls of the last seconds may not have been written down yet.
    pub async fn usage_report(&self, question: &UsageQuestion) -> Result<UsageReport, Error> {
        let seen = self.seen_in_usage(question.organization.as_ref()).await?;
        let filter = UsageFilter {
            from: question.from,
            until: question.until,
            client: question.client_id.as_ref(),
            service: question.service.as_ref(),
            span: question.span,
        };
        let mut lines = BTreeMap::<_, Calls>::new();
        let mut total = Calls::default();
        let mut last = None;
        loop {
            let page = usage::list(&self.db, filter, last.as_ref(), PAGE_ROWS_MAX).await?;
            for row in page.iter().filter(|row| seen.as_ref().is_none_or(|seen| seen.contains(&row.client_id))) {
                let line = (
                    (question.span != UsageSpan::Whole).then_some(row.minute),
                    question.by_credential.then(|| row.client_id.clone()),
                    question.by_service.then(|| row.service_code.clone()),
                );
                lines.entry(line).or_default().add(row.status_class, row.calls);
                total.add(row.status_class, row.calls);
            }
            if lines.len() > LINES_MAX {
                return Err(Refusal::ReportTooLong(LINES_MAX).into());
            }
            if page.len() < PAGE_ROWS_MAX as usize {
                break;
            }
            last = page.into_iter().last();
        }
        let lines = lines
            .into_iter()
            .map(|((at, client_id, service), calls)| UsageLine { at, client_id, service, calls })
            .collect();
        Ok(UsageReport { lines, total })
    }

    /// The credentials whose calls may be told; `None` for all, also those that are gone.
    async fn seen_in_usage(&self, organization: Option<&OrganizationId>) -> Result<Option<HashSet<ClientId>>, Error> {
        if organization.is_none() && self.border.is_none() {
            return Ok(None);
        }
        let own = self.credentials(organization, None).await?;
        Ok(Some(own.into_iter().map(|placed| placed.client.id).collect()))
    }
}
