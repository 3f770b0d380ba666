//! Accepted calls of a day or a month, counted in memory and written in batches.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicI64, Ordering},
};

use arc_swap::ArcSwap;
use tokio::sync::mpsc::UnboundedSender;
use tollgate_model::Timestamp;
use tollgate_store::quotas::{QuotaCount, ScopeKind};

/// Whose calls are counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Scope {
    pub(crate) kind: ScopeKind,
    pub(crate) id: Box<str>,
}

/// Over what time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Span {
    Day,
    Month,
}

impl Span {
    pub(crate) fn period(self, now: Timestamp) -> String {
        match self {
            Self::Day => now.day(),
            Self::Month => now.month(),
        }
    }

    pub(crate) fn end(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Day => now.next_day(),
            Self::Month => now.next_month(),
        }
    }
}

/// The calls of one scope in one period.
#[derive(Debug)]
pub(crate) struct Count {
    scope: Arc<Scope>,
    period: String,
    ends_at: Timestamp,
    calls: AtomicI64,
    /// How many of the calls the database has; touched by the one writer alone.
    written: AtomicI64,
    is_queued: AtomicBool,
}

impl Count {
    fn new(scope: Arc<Scope>, span: Span, now: Timestamp) -> Self {
        Self {
            scope,
            period: span.period(now),
            ends_at: span.end(now),
            calls: AtomicI64::new(0),
            written: AtomicI64::new(0),
            is_queued: AtomicBool::new(false),
        }
    }

    /// Scope and period, as the database names them.
    pub(crate) fn key(&self) -> (ScopeKind, String, String) {
        (self.scope.kind, self.scope.id.to_string(), self.period.clone())
    }

    /// What the database lacks.
    pub(crate) fn unwritten(&self) -> QuotaCount {
        // From here on a further call queues this count again.
        self.is_queued.store(false, Ordering::Release);
        let calls = self.calls.load(Ordering::Acquire) - self.written.load(Ordering::Acquire);
        QuotaCount {
            scope_kind: self.scope.kind,
            scope_id: self.scope.id.to_string(),
            period: self.period.clone(),
            calls,
        }
    }

    /// Takes in that `added` was written and gave `total`, the calls of other nodes among them.
    pub(crate) fn note_written(&self, added: i64, total: i64) {
        let own = self.written.load(Ordering::Acquire) + added;
        self.calls.fetch_add(total - own, Ordering::AcqRel);
        self.written.store(total, Ordering::Release);
    }
}

/// A counter that begins anew with each period.
#[derive(Debug)]
pub(crate) struct Quota {
    span: Span,
    current: ArcSwap<Count>,
    changed: UnboundedSender<Arc<Count>>,
}

/// Why a call is not accepted: the quota is used up until then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct UsedUp {
    pub(crate) seconds: u64,
}

/// What is left after a call was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct QuotaLeft {
    pub(crate) calls: u64,
    pub(crate) seconds: u64,
}

impl Quota {
    /// A counter at zero. `changed` receives each count at most once between two writes, so it never holds more than
    /// there are counters.
    pub(crate) fn new(scope: Scope, span: Span, now: Timestamp, changed: UnboundedSender<Arc<Count>>) -> Self {
        let current = ArcSwap::from_pointee(Count::new(Arc::new(scope), span, now));
        Self { span, current, changed }
    }

    /// Takes in what the database has already.
    pub(crate) fn load(&self, total: i64, now: Timestamp) {
        self.at(now).note_written(0, total);
    }

    /// Accepts a call while there are fewer than `calls_max` in the period.
    pub(crate) fn take(&self, calls_max: u64, now: Timestamp) -> Result<QuotaLeft, UsedUp> {
        let count = self.at(now);
        let seconds = u64::try_from(count.ends_at.micros() - now.micros()).unwrap_or(0).div_ceil(1_000_000);
        let most = i64::try_from(calls_max).unwrap_or(i64::MAX);
        let before = count
            .calls
            .try_update(Ordering::AcqRel, Ordering::Acquire, |calls| (calls < most).then(|| calls + 1))
            .map_err(|_| UsedUp { seconds })?;
        self.queue(count);
        Ok(QuotaLeft { calls: u64::try_from(most - before - 1).unwrap_or(0), seconds })
    }

    /// Undoes one [`Quota::take`].
    pub(crate) fn give_back(&self) {
        let count = self.current.load_full();
        count.calls.fetch_sub(1, Ordering::AcqRel);
        self.queue(count);
    }

    /// Asks the writer to read the count of all nodes back.
    pub(crate) fn refresh(&self, now: Timestamp) {
        self.queue(self.at(now));
    }

    fn queue(&self, count: Arc<Count>) {
        if !count.is_queued.swap(true, Ordering::AcqRel) {
            // The receiver lives as long as the gateway; without it there is nobody to write for.
            let _ = self.changed.send(count);
        }
    }

    fn at(&self, now: Timestamp) -> Arc<Count> {
        let count = self.current.load();
        if now < count.ends_at {
            return Arc::clone(&count);
        }
        let next = Arc::new(Count::new(Arc::clone(&count.scope), self.span, now));
        // Whoever comes first begins the period; the old count is with the writer if it still has something to write.
        self.current.compare_and_swap(&*count, next);
        self.current.load_full()
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;

    fn quota(now: Timestamp, written: i64) -> (Quota, mpsc::UnboundedReceiver<Arc<Count>>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let scope = Scope { kind: ScopeKind::Client, id: "one".into() };
        let quota = Quota::new(scope, Span::Day, now, sender);
        quota.load(written, now);
        (quota, receiver)
    }

    const NOON: Timestamp = Timestamp::from_seconds(1_800_014_400 - 1_800_014_400 % 86_400 + 43_200);

    #[test]
    fn calls_are_accepted_up_to_the_quota_and_again_from_midnight() {
        let (quota, _changed) = quota(NOON, 0);
        assert_eq!(quota.take(2, NOON), Ok(QuotaLeft { calls: 1, seconds: 43_200 }));
        assert!(quota.take(2, NOON).is_ok());
        assert_eq!(quota.take(2, NOON), Err(UsedUp { seconds: 43_200 }));
        assert!(quota.take(2, NOON.next_day()).is_ok());
    }

    #[test]
    fn what_was_counted_before_a_restart_and_by_other_nodes_counts() {
        let (quota, mut changed) = quota(NOON, 7);
        assert!(quota.take(10, NOON).is_ok());
        assert!(quota.take(10, NOON).is_ok());
        let count = changed.try_recv().unwrap();
        assert!(changed.try_recv().is_err(), "one count is queued once");
        assert_eq!(count.unwritten().calls, 2);
        // Another node wrote one more: 7 + 2 + 1.
        count.note_written(2, 10);
        assert!(quota.take(10, NOON).is_err());
        assert_eq!(count.unwritten().calls, 0);
    }

    #[test]
    fn calls_during_a_write_are_neither_lost_nor_counted_twice() {
        let (quota, mut changed) = quota(NOON, 0);
        quota.take(10, NOON).unwrap();
        let count = changed.try_recv().unwrap();
        let first = count.unwritten();
        quota.take(10, NOON).unwrap();
        count.note_written(first.calls, 1);
        let again = changed.try_recv().unwrap();
        assert_eq!(again.unwritten().calls, 1);
        quota.give_back();
        assert_eq!(count.unwritten().calls, 0);
    }

    #[test]
    fn the_last_calls_of_a_day_are_still_written_after_midnight() {
        let (quota, mut changed) = quota(NOON, 0);
        quota.take(10, NOON).unwrap();
        quota.take(10, NOON.next_day()).unwrap();
        let counts = [changed.try_recv().unwrap().unwritten(), changed.try_recv().unwrap().unwritten()];
        assert_eq!(
            counts.each_ref().map(|count| count.period.as_str()),
            [NOON.day().as_str(), NOON.next_day().day().as_str()]
        );
        assert_eq!(counts.map(|count| count.calls), [1, 1]);
    }
}
