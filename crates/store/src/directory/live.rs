//! The current directory and revocations, kept up with the database.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use arc_swap::{ArcSwap, Guard};
use tokio::sync::Mutex;
use tollgate_crypto::MasterKey;
use tollgate_model::{Clock, Seconds, Timestamp, token::Revocation};

use super::{Directory, build::Rows};
use crate::{
    Db, StoreError, generations,
    revocation_set::RevocationSet,
    revocations::{self, REVOCATIONS_MAX},
};

/// From this age on, what was last confirmed is too old to let anybody in by.
pub const STALE_SECONDS_MAX: i64 = 60;
/// How often the directory is confirmed when nothing changes.
const CONFIRM_SECONDS: u64 = 5;
/// How often expired revocations are dropped.
const SWEEP_SECONDS: Seconds = Seconds(60);
/// Longest rest after a refresh; it lasts as long as the refresh did, so that many changes in a row leave half of a
/// processor free.
const REST_MILLIS_MAX: u64 = 500;

/// The current [`Directory`] and [`RevocationSet`]. Clones share them.
#[derive(Clone)]
pub struct LiveDirectory(Arc<Live>);

struct Live {
    db: Db,
    master_key: Arc<MasterKey>,
    clock: Arc<dyn Clock>,
    current: ArcSwap<Directory>,
    revocations: RevocationSet,
    /// When the database last said that this is current, in microseconds.
    confirmed_at: AtomicI64,
    /// Held by the one refresh that runs.
    progress: Mutex<Progress>,
}

struct Progress {
    /// The sequence of the last revocation that was loaded.
    sequence: i64,
    /// When expired revocations were last dropped.
    swept_at: Timestamp,
}

impl LiveDirectory {
    /// Loads the directory and the revocations. To follow later changes, [`LiveDirectory::run`] must run.
    pub async fn open(db: Db, master_key: Arc<MasterKey>, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        let now = clock.now();
        let directory = load(&db, &master_key, None, now).await?;
        let live = Self(Arc::new(Live {
            db,
            master_key,
            clock,
            current: ArcSwap::from_pointee(directory),
            revocations: RevocationSet::default(),
            confirmed_at: AtomicI64::new(i64::MIN),
            progress: Mutex::new(Progress { sequence: 0, swept_at: now }),
        }));
        live.refresh().await?;
        Ok(live)
    }

    /// The current directory. Take it once for a request and decide everything by it.
    pub fn current(&self) -> Guard<Arc<Directory>> {
        self.0.current.load()
    }

    /// The current revocations.
    pub fn revocations(&self) -> &RevocationSet {
        &self.0.revocations
    }

    /// Whether the directory and the revocations were confirmed at most [`STALE_SECONDS_MAX`] before `now`. When not,
    /// the database has been out of reach for so long that nothing may be let through.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        let confirmed_at = Timestamp::from_micros(self.0.confirmed_at.load(Ordering::Acquire));
        now <= confirmed_at + Seconds(STALE_SECONDS_MAX)
    }

    /// Ends a token, or many, before their time. When this returns `Ok`, the revocation is on the disk and every
    /// request to this process is decided by it; other processes follow when they are woken.
    pub async fn revoke(&self, revocation: &Revocation) -> Result<(), StoreError> {
        self.0.db.transact(async |tx| revocations::insert(tx, revocation).await).await?;
        self.0.revocations.insert(revocation);
        Ok(())
    }

    /// Takes in all that was committed before this was called. One refresh runs at a time; when nothing has changed it
    /// reads one row. On a fault everything stays as it was.
    pub async fn refresh(&self) -> Result<(), StoreError> {
        let live = &*self.0;
        let mut progress = live.progress.lock().await;
        let now = live.clock.now();
        let numbers = generations::read(&live.db).await?;
        if numbers.revocations != progress.sequence {
            // A smaller number than the last: the database was put back to an earlier state.
            let after = if numbers.revocations < progress.sequence { 0 } else { progress.sequence };
            progress.sequence = load_revocations(live, after).await?.max(numbers.revocations);
        }
        let current = live.current.load_full();
        if numbers.directory != current.generation || current.keys.iter().any(|key| !key.is_published(now)) {
            let directory = load(&live.db, &live.master_key, Some(current), now).await?;
            live.current.store(Arc::new(directory));
        }
        if now >= progress.swept_at + SWEEP_SECONDS {
            live.revocations.drop_expired(now);
            progress.swept_at = now;
        }
        live.confirmed_at.store(now.micros(), Ordering::Release);
        Ok(())
    }

    /// Follows the database until it is dropped: refreshes when woken by a change, and every few seconds to confirm.
    pub async fn run(self) {
        let mut wakes = self.0.db.wakes();
        let mut failing = false;
        loop {
            let began = Instant::now();
            let outcome = self.refresh().await;
            // Only the first of many equal faults is an incident.
            match &outcome {
                Ok(()) if failing => tracing::info!("the directory is refreshed again"),
                Ok(()) => {}
                Err(fault) if failing => tracing::debug!(%fault, "the directory still cannot be refreshed"),
                Err(fault) => tracing::error!(%fault, "the directory cannot be refreshed; the earlier one stays"),
            }
            failing = outcome.is_err();
            tokio::time::sleep(began.elapsed().min(Duration::from_millis(REST_MILLIS_MAX))).await;
            // Whether it was a change or the time makes no difference.
            let _ = tokio::time::timeout(Duration::from_secs(CONFIRM_SECONDS), wakes.woken()).await;
        }
    }
}

impl std::fmt::Debug for LiveDirectory {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "LiveDirectory(generation {})", self.current().generation)
    }
}

/// Reads a directory and builds it on a thread of its own, because parsing many keys takes long.
async fn load(
    db: &Db,
    master_key: &Arc<MasterKey>,
    before: Option<Arc<Directory>>,
    now: Timestamp,
) -> Result<Directory, StoreError> {
    let rows = Rows::read(db).await?;
    let master_key = Arc::clone(master_key);
    let built = tokio::task::spawn_blocking(move || rows.build(before.as_deref(), &master_key, now));
    built.await.map_err(|fault| StoreError::Unavailable(format!("the directory was not built: {fault}")))?
}

/// Takes in every revocation after `sequence`; answers the last one's, or `sequence` when there is none.
async fn load_revocations(live: &Live, mut sequence: i64) -> Result<i64, StoreError> {
    loop {
        let page = revocations::list_after(&live.db, sequence).await?;
        for (number, revocation) in &page {
            live.revocations.insert(revocation);
            sequence = *number;
        }
        if page.len() < REVOCATIONS_MAX {
            return Ok(sequence);
        }
    }
}
