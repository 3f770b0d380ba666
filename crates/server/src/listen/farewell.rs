//! Telling all connections of a port to finish.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::atomic::{AtomicBool, Ordering},
};

use tokio_util::sync::CancellationToken;

/// Said once, heard by every conversation.
#[derive(Default)]
pub(super) struct Farewell {
    /// Set before the token is cancelled. A conversation waits for the token once, which then wakes it, and from there on
    /// looks at this alone: each look at the token takes a lock.
    is_said: AtomicBool,
    token: CancellationToken,
}

impl Farewell {
    pub(super) fn say(&self) {
        self.is_said.store(true, Ordering::Release);
        self.token.cancel();
    }

    /// Runs a conversation, and tells it to `finish` when the farewell is said.
    ///
    /// In a box, since a conversation is large and would be copied from one future into the next. Belongs to the task
    /// that polls it first, whose waker is kept.
    pub(super) async fn heard_by<C: Future>(
        &self,
        mut conversation: Pin<Box<C>>,
        finish: impl Fn(Pin<&mut C>),
    ) -> C::Output {
        let mut said = pin!(self.token.cancelled());
        let (mut is_waiting, mut is_told) = (false, false);
        poll_fn(|context| {
            if !is_told && (!is_waiting || self.is_said.load(Ordering::Acquire)) {
                is_waiting = true;
                if said.as_mut().poll(context).is_ready() {
                    is_told = true;
                    finish(conversation.as_mut());
                }
            }
            conversation.as_mut().poll(context)
        })
        .await
    }
}
