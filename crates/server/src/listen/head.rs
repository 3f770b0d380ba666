//! The time that a client has for the head of its next request, kept by one timer for each connection.
//!
//! hyper wants a timer anew for every head and drops it when the head is there, which with timers of the runtime is a
//! registration, a lock and their undoing per request. Here hyper's wish is only noted; the one timer of the connection
//! looks at the note when it goes off, and sets itself to what it finds there.

use std::{
    future::Future,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::{Duration, Instant},
};

use hyper::rt::{Sleep, Timer};
use tokio::time::{Sleep as Alarm, sleep_until};

/// No head is awaited.
const NONE: u64 = u64::MAX;
/// The time for the head is over.
const OVER: u64 = 0;

/// What hyper takes for a timer of its own. Serves one connection, whose task alone touches it.
#[derive(Clone)]
pub(super) struct HeadTimer(Arc<Note>);

struct Note {
    origin: Instant,
    /// When the head has to be there, in microseconds from the origin; or [`NONE`], or [`OVER`].
    due_micros: AtomicU64,
}

impl HeadTimer {
    pub(super) fn new() -> Self {
        Self(Arc::new(Note { origin: Instant::now(), due_micros: AtomicU64::new(NONE) }))
    }

    fn note(&self, deadline: Instant) {
        let micros = deadline.saturating_duration_since(self.0.origin).as_micros();
        let micros = u64::try_from(micros).unwrap_or(NONE).clamp(OVER + 1, NONE - 1);
        self.0.due_micros.store(micros, Ordering::Relaxed);
    }

    /// Marks the time as over when it is, and tells when to look again.
    fn look(&self, rest: Duration) -> Result<Instant, Over> {
        let now = Instant::now();
        match self.0.due_micros.load(Ordering::Relaxed) {
            NONE => Ok(now + rest),
            OVER => Err(Over),
            due => {
                let due = self.0.origin + Duration::from_micros(due);
                if due > now {
                    return Ok(due);
                }
                self.0.due_micros.store(OVER, Ordering::Relaxed);
                Err(Over)
            }
        }
    }
}

/// The client did not send its head in time.
struct Over;

impl Timer for HeadTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(Instant::now() + duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        self.note(deadline);
        Box::pin(Awaited(Arc::clone(&self.0)))
    }

    fn reset(&self, _: &mut Pin<Box<dyn Sleep>>, deadline: Instant) {
        self.note(deadline);
    }
}

/// What hyper polls while it awaits a head, and drops when the head is there.
struct Awaited(Arc<Note>);

impl Sleep for Awaited {}

impl Future for Awaited {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        // No waker is kept: whoever marks the time as over polls hyper after it.
        if self.0.due_micros.load(Ordering::Relaxed) == OVER { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        self.0.due_micros.store(NONE, Ordering::Relaxed);
    }
}

/// Runs `conversation`, and polls it once more when the time that it noted with `timer` is over. `rest` is no longer than
/// the time that hyper is told to give, so that no note falls due before the timer looks.
pub(super) async fn within<C: Future>(conversation: C, timer: HeadTimer, rest: Duration) -> C::Output {
    let mut conversation = pin!(conversation);
    let mut alarm = pin!(sleep_until((Instant::now() + rest).into()));
    let mut is_set = false;
    std::future::poll_fn(|context| {
        if let Poll::Ready(ended) = conversation.as_mut().poll(context) {
            return Poll::Ready(ended);
        }
        // A timer that is set wakes this task by itself, so it need not be polled with each part of the conversation.
        if is_set && !alarm.is_elapsed() {
            return Poll::Pending;
        }
        is_set = true;
        if wait(alarm.as_mut(), &timer, rest, context).is_ready() {
            return conversation.as_mut().poll(context);
        }
        Poll::Pending
    })
    .await
}

/// Sets the timer to the noted time, however often that was changed; ready when it is over.
fn wait(mut alarm: Pin<&mut Alarm>, timer: &HeadTimer, rest: Duration, context: &mut Context<'_>) -> Poll<Over> {
    while alarm.as_mut().poll(context).is_ready() {
        match timer.look(rest) {
            Ok(later) => alarm.as_mut().reset(later.into()),
            Err(over) => return Poll::Ready(over),
        }
    }
    Poll::Pending
}
