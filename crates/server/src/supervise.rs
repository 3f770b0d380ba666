//! The workers of a running house: started by name, started again when they fail, stopped in the order of their floors.

use std::{future::Future, time::Duration};

use tokio::time::Instant;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

/// First pause before a failed worker is started again; doubles up to the most.
const PAUSE_LEAST: Duration = Duration::from_millis(100);
const PAUSE_MOST: Duration = Duration::from_secs(10);

/// The running workers, the one started first at the front.
#[derive(Default)]
pub(crate) struct Workers {
    running: Vec<Worker>,
}

struct Worker {
    name: &'static str,
    stop: CancellationToken,
    task: AbortOnDropHandle<()>,
}

impl Workers {
    /// Starts a worker. `run` makes its future, again after each failure; the future must end soon after the token that it
    /// is given is cancelled, and an earlier end counts as a failure.
    pub(crate) fn start<F, Fut>(&mut self, name: &'static str, mut run: F)
    where
        F: FnMut(CancellationToken) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let task = tokio::spawn(async move {
            let mut pause = PAUSE_LEAST;
            loop {
                let ended = AbortOnDropHandle::new(tokio::spawn(run(stopped.clone()))).await;
                if stopped.is_cancelled() {
                    return;
                }
                tracing::error!(worker = name, panicked = ended.is_err(), "a worker ended early and is started again");
                if stopped.run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
                    return;
                }
                pause = (pause * 2).min(PAUSE_MOST);
            }
        });
        self.running.push(Worker { name, stop, task: AbortOnDropHandle::new(task) });
    }

    /// Stops the workers one after the other, the last one first, all together within `patience`.
    pub(crate) async fn stop(self, patience: Duration) {
        let deadline = Instant::now() + patience;
        for worker in self.running.into_iter().rev() {
            worker.stop.cancel();
            if tokio::time::timeout_at(deadline, worker.task).await.is_err() {
                tracing::warn!(worker = worker.name, "a worker did not stop in time");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    };

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_worker_that_panics_is_started_again_and_stops_when_told() {
        let starts = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&starts);
        let mut workers = Workers::default();
        workers.start("test", move |stop| {
            let nth = counted.fetch_add(1, Ordering::SeqCst);
            async move {
                assert!(nth >= 2, "fails twice");
                stop.cancelled().await;
            }
        });
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert_eq!(starts.load(Ordering::SeqCst), 3);
        workers.stop(Duration::from_secs(1)).await;
    }

    #[tokio::test]
    async fn workers_stop_in_the_opposite_order_of_their_start() {
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut workers = Workers::default();
        for name in ["first", "second"] {
            let order = Arc::clone(&order);
            workers.start(name, move |stop| {
                let order = Arc::clone(&order);
                async move {
                    stop.cancelled().await;
                    order.lock().unwrap().push(name);
                }
            });
        }
        tokio::task::yield_now().await;
        workers.stop(Duration::from_secs(1)).await;
        assert_eq!(*order.lock().unwrap(), ["second", "first"]);
    }
}
