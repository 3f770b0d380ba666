//! Who is signed in to the example application: in memory, since an example need not outlive its process.

use std::collections::HashMap;

use tokio::sync::Mutex;

use super::{
    random,
    relying_party::{ApiAnswer, Attempt, SignedIn},
};

/// Most visits that are remembered; the oldest makes room.
const VISITS_MAX: usize = 1_000;

/// One browser in which somebody is signed in here.
#[derive(Clone)]
pub(super) struct Visit {
    pub(super) signed_in: SignedIn,
    pub(super) form_token: String,
    pub(super) answer: Option<ApiAnswer>,
    pub(super) refreshed: u32,
}

impl Visit {
    pub(super) fn new(signed_in: SignedIn) -> Self {
        Self { signed_in, form_token: random(), answer: None, refreshed: 0 }
    }
}

enum Stage {
    Away(Attempt),
    Here(Box<Visit>),
}

/// All visits by the secret of their cookie.
#[derive(Default)]
pub(super) struct Visits(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    stages: HashMap<String, Stage>,
    order: std::collections::VecDeque<String>,
}

impl Kept {
    fn put(&mut self, id: String, stage: Stage) {
        if self.stages.insert(id.clone(), stage).is_none() {
            self.order.push_back(id);
        }
        while self.order.len() > VISITS_MAX {
            if let Some(oldest) = self.order.pop_front() {
                self.stages.remove(&oldest);
            }
        }
    }
}

impl Visits {
    /// Somebody is sent away to sign in.
    pub(super) async fn begin(&self, id: String, attempt: Attempt) {
        self.0.lock().await.put(id, Stage::Away(attempt));
    }

    /// What somebody was sent away with; once.
    pub(super) async fn take_attempt(&self, id: Option<&str>) -> Option<Attempt> {
        let mut kept = self.0.lock().await;
        match kept.stages.remove(id?)? {
            Stage::Away(attempt) => Some(attempt),
            here @ Stage::Here(_) => {
                kept.stages.insert(id?.to_owned(), here);
                None
            }
        }
    }

    pub(super) async fn put(&self, id: String, visit: Visit) {
        self.0.lock().await.put(id, Stage::Here(Box::new(visit)));
    }

    pub(super) async fn of(&self, id: Option<&str>) -> Option<Visit> {
        match self.0.lock().await.stages.get(id?)? {
            Stage::Here(visit) => Some(Visit::clone(visit)),
            Stage::Away(_) => None,
        }
    }

    pub(super) async fn forget(&self, id: &str) {
        self.0.lock().await.stages.remove(id);
    }

    /// The person signed out of the session that these visits came of.
    pub(super) async fn forget_session(&self, session: &str) {
        let came_of_it =
            |stage: &Stage| matches!(stage, Stage::Here(visit) if visit.signed_in.session.as_deref() == Some(session));
        self.0.lock().await.stages.retain(|_, stage| !came_of_it(stage));
    }
}
