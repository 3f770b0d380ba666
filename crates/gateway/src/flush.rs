//! From memory to the database: usage, quotas and the last uses of secret keys, every second and at the end.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use tokio::sync::{Mutex, mpsc::UnboundedReceiver};
use tollgate_model::{
    Seconds, Timestamp,
    id::{ClientId, ServiceCode},
};
use tollgate_store::{
    Db, StoreError,
    quotas::{self, QuotaCount, ScopeKind},
    secrets,
    usage::{self, UsageRow},
};

use crate::{
    limit::{Count, Ledger},
    usage::{Usage, UsageCell},
};

/// How long usage is kept by the minute.
const USAGE_KEPT: Seconds = Seconds(400 * Seconds::DAY.0);

/// Takes what was counted and writes it. One writer at a time.
pub(crate) struct Writer(Mutex<Pending>);

/// What is not written yet. Nothing leaves it before the database has it, so a fault or a stop in the middle loses
/// nothing.
struct Pending {
    changed_usage: UnboundedReceiver<Arc<UsageCell>>,
    changed_counts: UnboundedReceiver<Arc<Count>>,
    usage: BTreeMap<(Timestamp, ClientId, ServiceCode, u8), i64>,
    counts: HashMap<(ScopeKind, String, String), Arc<Count>>,
    /// Calls are put down to the minute in which the last write began: at most one second early.
    since: Timestamp,
    /// The day on which old rows were last deleted.
    cleared_on: Option<String>,
}

impl Writer {
    pub(crate) fn new(
        changed_usage: UnboundedReceiver<Arc<UsageCell>>,
        changed_counts: UnboundedReceiver<Arc<Count>>,
        now: Timestamp,
    ) -> Self {
        Self(Mutex::new(Pending {
            changed_usage,
            changed_counts,
            usage: BTreeMap::new(),
            counts: HashMap::new(),
            since: now,
            cleared_on: None,
        }))
    }

    /// Writes everything that was counted before this was called.
    pub(crate) async fn write(&self, db: &Db, usage: &Usage, now: Timestamp) -> Result<(), StoreError> {
        let mut pending = self.0.lock().await;
        pending.gather(now);
        let calls: Vec<_> = pending.usage.iter().map(usage_row).collect();
        let counts: Vec<_> = pending.counts.values().map(|count| count.unwritten()).collect();
        let uses = usage.secret_uses();
        if calls.is_empty() && counts.is_empty() && uses.is_empty() {
            return Ok(());
        }
        let (added, touched) = (counts.clone(), uses.clone());
        let totals = db
            .transact(async move |tx| {
                usage::add(tx, calls).await?;
                let totals = quotas::add(tx, added).await?;
                if !touched.is_empty() {
                    secrets::touch_last_used(tx, &touched).await?;
                }
                Ok::<_, StoreError>(totals)
            })
            .await?;
        pending.settle(counts, totals);
        usage.note_written(&uses);
        Ok(())
    }

    /// Deletes what is too old to be asked for, once a day.
    pub(crate) async fn clear(&self, db: &Db, now: Timestamp) -> Result<(), StoreError> {
        let mut pending = self.0.lock().await;
        if pending.cleared_on.as_deref() == Some(now.day().as_str()) {
            return Ok(());
        }
        let deleted = db
            .transact(async move |tx| {
                Ok::<_, StoreError>(
                    quotas::delete_past(tx, now).await? + usage::delete_before(tx, now - USAGE_KEPT).await?,
                )
            })
            .await?;
        tracing::debug!(deleted, "old counts are deleted");
        pending.cleared_on = Some(now.day());
        Ok(())
    }
}

impl Pending {
    fn gather(&mut self, now: Timestamp) {
        let minute = Timestamp::from_seconds(self.since.seconds() - self.since.seconds().rem_euclid(60));
        while let Ok(cell) = self.changed_usage.try_recv() {
            for UsageRow { minute, client_id, service_code, status_class, calls } in cell.drain(minute) {
                *self.usage.entry((minute, client_id, service_code, status_class)).or_default() += calls;
            }
        }
        while let Ok(count) = self.changed_counts.try_recv() {
            self.counts.insert(count.key(), count);
        }
        self.since = now;
    }

    /// Takes in that all of it was written.
    fn settle(&mut self, added: Vec<QuotaCount>, totals: Vec<QuotaCount>) {
        self.usage.clear();
        let mut totals: HashMap<_, _> =
            totals.into_iter().map(|total| ((total.scope_kind, total.scope_id, total.period), total.calls)).collect();
        for QuotaCount { scope_kind, scope_id, period, calls } in added {
            let key = (scope_kind, scope_id, period);
            if let (Some(count), Some(total)) = (self.counts.remove(&key), totals.remove(&key)) {
                count.note_written(calls, total);
            }
        }
    }
}

fn usage_row(
    ((minute, client_id, service_code, status_class), calls): (&(Timestamp, ClientId, ServiceCode, u8), &i64),
) -> UsageRow {
    let (client_id, service_code) = (client_id.clone(), service_code.clone());
    UsageRow { minute: *minute, client_id, service_code, status_class: *status_class, calls: *calls }
}

/// Reads what was counted in the running day and month, by this node before a restart and by others.
pub(crate) async fn load(db: &Db, ledger: &Ledger, now: Timestamp) -> Result<(), StoreError> {
    for period in [now.day(), now.month()] {
        let mut after = None;
        loop {
            let page = quotas::load(db, &period, after.as_ref()).await?;
            let is_last = page.len() < quotas::COUNTS_MAX;
            after = page.last().cloned();
            for count in page {
                ledger.load(count, now);
            }
            if is_last {
                break;
            }
        }
    }
    Ok(())
}
