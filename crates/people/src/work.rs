//! What happens beside the requests: mails are carried out, notes are written down, what has ended is deleted.

use std::{pin::pin, time::Duration};

use tokio::time::{MissedTickBehavior, interval};
use tollgate_model::Seconds;
use tollgate_store::{StoreError, activities, expiry, logout_notices, mails};
use tollgate_web::Report;

use crate::{
    People,
    mail::{Carrier, MAIL_PERIOD},
};

/// How often notes are written down.
const ASIDE_PERIOD: Duration = Duration::from_secs(2);
/// Shortest time between two looks at the outbox.
const MAIL_REST: Duration = Duration::from_millis(200);
/// How often what has ended is deleted.
const DELETION_PERIOD: Duration = Duration::from_mins(10);
/// How long mails and notices of sign-outs are kept.
const LETTERS_KEPT: Seconds = Seconds(30 * Seconds::DAY.0);
/// How long activities are kept.
const ACTIVITIES_KEPT: Seconds = Seconds(365 * Seconds::DAY.0);

impl People {
    /// Works until `shutdown` is ready, and writes the last notes before it returns. A fault is logged when it begins,
    /// and the same is tried again in the next round.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send) {
        let carrier = Carrier::of(&self.settings().mail.delivery).unwrap_or_else(|fault| {
            tracing::error!(%fault, "mail cannot be sent; it waits");
            Carrier::None
        });
        let mut writing = Report::of("writing down what happened to accounts");
        // A mail server may be slow; neither the other work nor the end waits for it. Both are polled all the time: one
        // that rests while it has its turn to write would keep the turn from the other.
        tokio::select! {
            () = self.rounds(shutdown, &mut writing) => {}
            () = self.carry_for_ever(&carrier) => {}
        }
        writing.note(&self.write_aside().await);
    }

    async fn rounds(&self, shutdown: impl Future<Output = ()> + Send, writing: &mut Report) {
        let mut shutdown = pin!(shutdown);
        let [mut asides, mut deletions] = [ASIDE_PERIOD, DELETION_PERIOD].map(|period| {
            let mut rounds = interval(period);
            rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
            rounds
        });
        // Nothing is in a hurry to go, and a start has enough to do.
        deletions.reset();
        let mut deleting = Report::of("deleting what has ended");
        loop {
            tokio::select! {
                () = &mut shutdown => break,
                _ = asides.tick() => writing.note(&self.write_aside().await),
                _ = deletions.tick() => tokio::select! {
                    () = &mut shutdown => break,
                    outcome = self.delete_ended() => deleting.note(&outcome),
                },
            }
        }
    }

    async fn carry_for_ever(&self, carrier: &Carrier) {
        let mut report = Report::of("sending mail");
        let mut wakes = self.house().db.wakes();
        loop {
            report.note(&self.carry_all(carrier).await);
            // Others than mails wake too, and often.
            tokio::time::sleep(MAIL_REST).await;
            // Whether it was a change or the time makes no difference.
            let _ = tokio::time::timeout(MAIL_PERIOD, wakes.woken()).await;
        }
    }

    async fn carry_all(&self, carrier: &Carrier) -> Result<(), tollgate_web::Fault> {
        while self.carry_mails(carrier, self.house().clock.now()).await? > 0 {}
        Ok(())
    }

    /// Deletes what has ended, each kind in a transaction of its own, so that nobody waits long behind it.
    pub(crate) async fn delete_ended(&self) -> Result<(), StoreError> {
        let db = &self.house().db;
        let now = self.house().clock.now();
        expiry::delete_ended(db, now).await?;
        db.transact::<_, StoreError>(async |tx| mails::delete_old(tx, now - LETTERS_KEPT).await).await?;
        db.transact::<_, StoreError>(async |tx| logout_notices::delete_old(tx, now - LETTERS_KEPT).await).await?;
        db.transact::<_, StoreError>(async |tx| activities::delete_before(tx, now - ACTIVITIES_KEPT).await).await?;
        Ok(())
    }
}
