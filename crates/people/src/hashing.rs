//! The pool in which passwords are hashed: as many at once as there are processors, and a bounded queue before it.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::sync::Semaphore;
use tollgate_web::Fault;

use crate::settings::HashingSettings;

/// Runs slow work on threads that may take their time.
#[derive(Debug)]
pub(crate) struct HashingPool {
    permits: Arc<Semaphore>,
    present: AtomicUsize,
    present_max: usize,
}

impl HashingPool {
    pub(crate) fn new(settings: HashingSettings) -> Self {
        let threads = settings.threads.max(1);
        Self {
            permits: Arc::new(Semaphore::new(threads)),
            present: AtomicUsize::new(0),
            present_max: threads + settings.waiting_max,
        }
    }

    /// Runs `work` when its turn comes. A full queue is our fault and not the caller's.
    pub(crate) async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
        let _present = self.enter()?;
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        let permit = permit.map_err(|_| Fault::new("the pool that hashes passwords is closed"))?;
        let worked = tokio::task::spawn_blocking(move || {
            // Kept until the work is done, also when nobody waits for it any more.
            let _permit = permit;
            work()
        });
        worked.await.map_err(|fault| Fault::caused("the hashing of a password was ended", fault))
    }

    fn enter(&self) -> Result<Present<'_>, Fault> {
        if self.present.fetch_add(1, Ordering::Relaxed) >= self.present_max {
            self.present.fetch_sub(1, Ordering::Relaxed);
            return Err(Fault::new("more passwords wait to be hashed than are allowed to"));
        }
        Ok(Present(&self.present))
    }
}

/// Counts as one who works or waits until dropped.
struct Present<'a>(&'a AtomicUsize);

impl Drop for Present<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, time::Duration};

    use super::*;

    #[tokio::test]
    async fn beyond_the_queue_the_caller_is_told_to_come_back_and_the_others_are_served() {
        let pool = Arc::new(HashingPool::new(HashingSettings { threads: 1, waiting_max: 1 }));
        let (release, held) = mpsc::channel::<()>();
        let working = tokio::spawn({
            let pool = Arc::clone(&pool);
            async move { pool.run(move || held.recv().is_ok()).await }
        });
        let waiting = tokio::spawn({
            let pool = Arc::clone(&pool);
            async move {
                tokio::time::sleep(Duration::from_millis(20)).await;
                pool.run(|| true).await
            }
        });
        tokio::time::sleep(Duration::from_millis(60)).await;
        assert!(pool.run(|| true).await.is_err());
        release.send(()).unwrap();
        assert!(working.await.unwrap().unwrap());
        assert!(waiting.await.unwrap().unwrap());
        assert!(pool.run(|| true).await.unwrap());
    }
}
