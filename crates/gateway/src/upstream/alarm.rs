//! A deadline that is moved with every request and hardly ever touches the runtime's timers.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::time::{Instant, Sleep, sleep_until};

/// One timer for the whole life of a connection. Moving the deadline to a later time only writes it down; the timer
/// goes off at the earlier one, sees that, and is set again. So a timer is set about once per time-out, not once per
/// request.
pub(crate) struct Alarm {
    timer: Pin<Box<Sleep>>,
    deadline: Instant,
}

impl Alarm {
    pub(crate) fn at(deadline: Instant) -> Self {
        Self { timer: Box::pin(sleep_until(deadline)), deadline }
    }

    pub(crate) fn set(&mut self, deadline: Instant) {
        self.deadline = deadline;
        if deadline < self.timer.deadline() {
            self.timer.as_mut().reset(deadline);
        }
    }

    /// Ready once the deadline is reached; set it anew before polling again.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while self.timer.as_mut().poll(cx).is_ready() {
            if self.deadline <= Instant::now() {
                return Poll::Ready(());
            }
            self.timer.as_mut().reset(self.deadline);
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, time::Duration};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_goes_off_at_the_deadline_that_was_set_last() {
        let start = Instant::now();
        let mut alarm = Alarm::at(start + Duration::from_secs(1));
        alarm.set(start + Duration::from_secs(5));
        poll_fn(|cx| alarm.poll(cx)).await;
        assert_eq!(start.elapsed().as_secs(), 5);
        alarm.set(Instant::now() + Duration::from_mins(1));
        alarm.set(Instant::now() + Duration::from_secs(2));
        poll_fn(|cx| alarm.poll(cx)).await;
        assert_eq!(start.elapsed().as_secs(), 7);
    }
}
