//! What is written down beside the requests: when sessions were last used, and failed sign-ins.
//!
//! Neither may be on the way of a request: the first would make every request write, the second would tell by the time
//! whether an account exists.

use std::{
    collections::HashMap,
    mem,
    sync::{Mutex, PoisonError},
};

use tollgate_model::{Seconds, Timestamp, id::SessionId, session::Session};
use tollgate_store::{
    StoreError,
    activities::{self, Activity},
    sessions,
};

use crate::People;

/// How old the note of a session's last use may get.
const TOUCH_AFTER: Seconds = Seconds(300);
/// Most sessions and most activities that wait to be written; further ones are noted at their next use, or lost.
const WAITING_MAX: usize = 10_000;
/// Most rows written in one transaction.
const BATCH_ROWS_MAX: usize = 200;

/// What waits to be written.
#[derive(Debug, Default)]
pub(crate) struct Aside(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    seen: HashMap<SessionId, Timestamp>,
    activities: Vec<Activity>,
}

impl Aside {
    /// Notes the use of a session, at most every five minutes.
    pub(crate) fn seen(&self, session: &Session, now: Timestamp) {
        if now < session.last_seen_at + TOUCH_AFTER {
            return;
        }
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.seen.len() < WAITING_MAX {
            waiting.seen.insert(session.id.clone(), now);
        }
    }

    /// Notes an activity.
    pub(crate) fn happened(&self, activity: Activity) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.activities.len() < WAITING_MAX {
            waiting.activities.push(activity);
        }
    }

    fn take(&self) -> Waiting {
        mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl People {
    /// Writes down what waits. What a fault keeps from being written is lost: a session is noted again at its next use.
    pub(crate) async fn write_aside(&self) -> Result<(), StoreError> {
        let Waiting { seen, activities } = self.0.aside.take();
        let db = &self.house().db;
        let seen: Vec<_> = seen.into_iter().collect();
        for batch in seen.chunks(BATCH_ROWS_MAX) {
            let touched = db.transact::<_, StoreError>(async |tx| {
                for (session, at) in batch {
                    sessions::touch(tx, session, *at).await?;
                }
                Ok(())
            });
            touched.await?;
        }
        for activity in activities {
            match db.transact::<_, StoreError>(async |tx| activities::insert(tx, &activity).await).await {
                // The account was deleted meanwhile.
                Ok(()) | Err(StoreError::MissingReference { .. }) => {}
                Err(fault) => return Err(fault),
            }
        }
        Ok(())
    }
}
