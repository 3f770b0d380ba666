//! What happens beside the requests: uses are written down, keys are rotated, what has ended is deleted.

use std::{pin::pin, time::Duration};

use tokio::time::{MissedTickBehavior, interval};
use tollgate_store::{StoreError, assertions, revocations};
use tollgate_web::Report;

use crate::{
    Identity, keys,
    last_used::{FLUSH_PERIOD, Flush},
};

/// How often it is looked whether a key is old enough to be followed, or its last token dead.
const KEYS_PERIOD: Duration = Duration::from_mins(1);
/// How often ended assertions and revocations are deleted.
const DELETION_PERIOD: Duration = Duration::from_mins(10);

impl Identity {
    /// Works until `shutdown` is ready, and writes down the last uses before it returns. A fault is logged when it
    /// begins, and the same is tried again in the next round.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send) {
        let mut flush = Flush::default();
        let mut flushing = Report::of("writing down when secrets were used");
        // Both are polled all the time: one that rests while it has its turn to write would keep the turn from the other.
        tokio::select! {
            () = self.rounds(shutdown, &mut flush, &mut flushing) => {}
            () = self.carry_notices() => {}
        }
        flushing.note(&self.flush(&mut flush).await);
    }

    async fn rounds(&self, shutdown: impl Future<Output = ()> + Send, flush: &mut Flush, flushing: &mut Report) {
        let mut shutdown = pin!(shutdown);
        let [mut flushes, mut key_rounds, mut deletions] = [FLUSH_PERIOD, KEYS_PERIOD, DELETION_PERIOD].map(|period| {
            let mut rounds = interval(period);
            rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
            rounds
        });
        let [mut rotating, mut deleting] = ["rotating keys", "deleting what has ended"].map(Report::of);
        loop {
            tokio::select! {
                () = &mut shutdown => break,
                _ = flushes.tick() => flushing.note(&self.flush(flush).await),
                _ = key_rounds.tick() => rotating.note(&keys::tend(self.house()).await),
                _ = deletions.tick() => deleting.note(&self.delete_ended().await),
            }
        }
    }

    async fn flush(&self, flush: &mut Flush) -> Result<(), StoreError> {
        let house = self.house();
        flush.round(&self.0.last_used, &house.db, house.clock.now()).await
    }

    async fn delete_ended(&self) -> Result<(), StoreError> {
        let house = self.house();
        let now = house.clock.now();
        house.db.transact::<_, StoreError>(async |tx| assertions::delete_expired(tx, now).await).await?;
        house.db.transact::<_, StoreError>(async |tx| revocations::delete_expired(tx, now).await).await?;
        Ok(())
    }
}
