//! Counted calls: by credential, service and class of status, in memory until they are written.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
};

use http::StatusCode;
use papaya::HashMap;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tollgate_model::{
    Timestamp,
    id::{ClientId, SecretId, ServiceCode},
};
use tollgate_store::usage::UsageRow;

/// Every counter that was asked for since the start.
pub(crate) struct Usage {
    cells: HashMap<(ClientId, ServiceCode), Arc<UsageCell>>,
    changed: UnboundedSender<Arc<UsageCell>>,
    /// When secret keys were last accepted.
    secret_uses: HashMap<SecretId, SecretUse>,
}

/// Seconds since 1970 of the minute in which a secret key was last accepted, and of what is written of that.
#[derive(Default)]
struct SecretUse {
    used: AtomicI64,
    written: AtomicI64,
}

/// The calls of one credential to one service since they were last written.
pub(crate) struct UsageCell {
    client_id: ClientId,
    service_code: ServiceCode,
    /// By the first digit of the status.
    calls: [AtomicU64; 5],
    is_queued: AtomicBool,
    changed: UnboundedSender<Arc<Self>>,
}

impl Usage {
    /// No counters yet, and where they announce that they changed: each at most once between two writes.
    pub(crate) fn new() -> (Self, UnboundedReceiver<Arc<UsageCell>>) {
        let (changed, receiver) = unbounded_channel();
        (Self { cells: HashMap::new(), changed, secret_uses: HashMap::new() }, receiver)
    }

    pub(crate) fn cell(&self, client_id: &ClientId, service_code: &ServiceCode) -> Arc<UsageCell> {
        let new = || {
            Arc::new(UsageCell {
                client_id: client_id.clone(),
                service_code: service_code.clone(),
                calls: Default::default(),
                is_queued: AtomicBool::new(false),
                changed: self.changed.clone(),
            })
        };
        Arc::clone(self.cells.pin().get_or_insert_with((client_id.clone(), service_code.clone()), new))
    }

    /// Notes that a secret key was accepted.
    pub(crate) fn note_secret(&self, secret: &SecretId, now: Timestamp) {
        // To the minute is enough, and keeps a busy key from being written each second.
        let minute = now.seconds() - now.seconds().rem_euclid(60);
        let uses = self.secret_uses.pin();
        let noted = uses.get(secret).unwrap_or_else(|| uses.get_or_insert_with(secret.clone(), SecretUse::default));
        if noted.used.load(Ordering::Relaxed) != minute {
            noted.used.store(minute, Ordering::Release);
        }
    }

    /// The uses that are not written yet.
    pub(crate) fn secret_uses(&self) -> Vec<(SecretId, Timestamp)> {
        let unwritten = |noted: &SecretUse| {
            let used = noted.used.load(Ordering::Acquire);
            (used != noted.written.load(Ordering::Acquire)).then_some(Timestamp::from_seconds(used))
        };
        self.secret_uses.pin().iter().filter_map(|(secret, noted)| Some((secret.clone(), unwritten(noted)?))).collect()
    }

    /// Notes that these uses are written.
    pub(crate) fn note_written(&self, uses: &[(SecretId, Timestamp)]) {
        let noted = self.secret_uses.pin();
        for (secret, at) in uses {
            if let Some(noted) = noted.get(secret) {
                noted.written.store(at.seconds(), Ordering::Release);
            }
        }
    }
}

impl UsageCell {
    pub(crate) fn count(self: &Arc<Self>, status: StatusCode) {
        let class = usize::from(status.as_u16() / 100).clamp(1, 5) - 1;
        self.calls[class].fetch_add(1, Ordering::AcqRel);
        self.queue();
    }

    /// Takes the calls out, as of the minute of `minute`.
    pub(crate) fn drain(&self, minute: Timestamp) -> impl Iterator<Item = UsageRow> + '_ {
        // From here on a further call queues this cell again.
        self.is_queued.store(false, Ordering::Release);
        (1_u8..).zip(&self.calls).filter_map(move |(status_class, calls)| {
            let calls = i64::try_from(calls.swap(0, Ordering::AcqRel)).unwrap_or(i64::MAX);
            let row = || UsageRow {
                minute,
                client_id: self.client_id.clone(),
                service_code: self.service_code.clone(),
                status_class,
                calls,
            };
            (calls > 0).then(row)
        })
    }

    fn queue(self: &Arc<Self>) {
        if !self.is_queued.load(Ordering::Acquire) && !self.is_queued.swap(true, Ordering::AcqRel) {
            // The receiver lives as long as the gateway; without it there is nobody to write for.
            let _ = self.changed.send(Arc::clone(self));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_drained_once_by_class_of_status() {
        let (usage, mut changed) = Usage::new();
        let cell = usage.cell(&"one".parse().unwrap(), &"Weather".parse().unwrap());
        for status in [200, 204, 404, 503] {
            cell.count(StatusCode::from_u16(status).unwrap());
        }
        let queued = changed.try_recv().unwrap();
        assert!(changed.try_recv().is_err(), "queued once");
        let minute = Timestamp::from_seconds(60);
        let rows: Vec<_> = queued.drain(minute).map(|row| (row.status_class, row.calls)).collect();
        assert_eq!(rows, [(2, 2), (4, 1), (5, 1)]);
        assert_eq!(queued.drain(minute).count(), 0);
        cell.count(StatusCode::OK);
        assert!(changed.try_recv().is_ok(), "and again after it was drained");
    }

    #[test]
    fn a_secret_key_is_written_once_a_minute_however_often_it_is_used() {
        let (usage, _changed) = Usage::new();
        let secret: SecretId = "0".repeat(32).parse().unwrap();
        let at = Timestamp::from_seconds;
        usage.note_secret(&secret, at(61));
        usage.note_secret(&secret, at(119));
        let uses = usage.secret_uses();
        assert_eq!(uses, [(secret.clone(), at(60))]);
        usage.note_written(&uses);
        usage.note_secret(&secret, at(110));
        assert!(usage.secret_uses().is_empty());
        usage.note_secret(&secret, at(121));
        assert_eq!(usage.secret_uses(), [(secret, at(120))]);
    }
}
