//! One HTTP/1.1 connection to an upstream.
//!
//! hyper splits a client connection into a sender and a future that must be driven. A task of its own for that future
//! would cost two wake-ups per request, so whoever has borrowed the lane drives it: first the request that waits for the
//! head of the answer, then the body that arrives. Only the lane's own future is polled with the real waker; what it
//! feeds (the answer, the parts of a body) can become ready in no other way and is polled with one that does nothing.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Waker},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use hyper::{
    body::Incoming,
    client::conn::{TrySendError, http1},
};
use hyper_util::rt::TokioIo;
use tokio::time::Instant;

use super::{
    alarm::Alarm,
    socket::{ConnectError, Socket},
};
use crate::body::{Outbound, Upload, UploadState};

/// How long each step of a call may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// For the head of the answer, from when the whole request is sent.
    pub(crate) response: Duration,
    /// Between two parts of a body, either way.
    pub(crate) idle: Duration,
}

/// Why a request that was given to a connection got no answer.
pub(crate) enum SendError {
    /// Not a byte of it was sent, and here it is again.
    Unsent(Box<Request<Outbound>>, hyper::Error),
    /// It was sent, at least in part.
    Broken(hyper::Error),
    /// No head of an answer in time.
    TimedOut,
    /// The caller stopped sending its body.
    UploadStalled,
}

/// What hyper says about a request that was handed to it.
type Answer = Result<Response<Incoming>, TrySendError<Request<Outbound>>>;

/// A connection that carries one request at a time.
pub(crate) struct Lane {
    sender: http1::SendRequest<Outbound>,
    connection: Option<http1::Connection<TokioIo<Socket>, Outbound>>,
    is_closed: bool,
    alarm: Alarm,
    used_at: Instant,
}

impl Lane {
    pub(crate) async fn open(socket: Socket) -> Result<Box<Self>, ConnectError> {
        let (sender, connection) =
            http1::Builder::new().handshake(TokioIo::new(socket)).await.map_err(ConnectError::Handshake)?;
        let now = Instant::now();
        Ok(Box::new(Self {
            sender,
            connection: Some(connection),
            is_closed: false,
            alarm: Alarm::at(now),
            used_at: now,
        }))
    }

    /// Hands `request` to the connection. The head of the answer then comes from [`Lane::poll_answer`].
    pub(crate) fn send(
        &mut self,
        request: Request<Outbound>,
        patience: Patience,
        now: Instant,
    ) -> impl Future<Output = Answer> + use<> {
        self.used_at = now;
        self.alarm.set(now + patience.response);
        self.sender.try_send_request(request)
    }

    /// Moves the connection on until `answer`, which [`Lane::send`] gave, is there or too late.
    pub(crate) fn poll_answer(
        &mut self,
        cx: &mut Context<'_>,
        mut answer: Pin<&mut impl Future<Output = Answer>>,
        upload: Option<&Upload>,
        patience: Patience,
    ) -> Poll<Result<Response<Incoming>, SendError>> {
        self.drive(cx);
        let mut outcome = answer.as_mut().poll(&mut unwoken());
        if outcome.is_pending() && self.is_closed {
            // Closed before it took the request up: dropping it hands the request back.
            self.connection = None;
            outcome = answer.poll(&mut unwoken());
        }
        if let Poll::Ready(outcome) = outcome {
            return Poll::Ready(outcome.map_err(SendError::from));
        }
        poll_overdue(&mut self.alarm, cx, upload, patience).map(Err)
    }

    /// Moves the connection on; whatever it feeds is to be polled after that.
    pub(crate) fn drive(&mut self, cx: &mut Context<'_>) {
        if let (false, Some(connection)) = (self.is_closed, &mut self.connection) {
            self.is_closed = Pin::new(connection).poll(cx).is_ready();
        }
    }

    /// Ready once nothing has arrived for `idle` since [`Self::expect_within`].
    pub(crate) fn poll_silence(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.alarm.poll(cx)
    }

    pub(crate) fn expect_within(&mut self, idle: Duration) {
        self.alarm.set(Instant::now() + idle);
    }

    /// Whether the next request may be sent: the last answer is complete and the other side has not hung up.
    ///
    /// Polled without a waker on purpose: a parked lane must not wake the task of its last request.
    pub(crate) fn is_free(&mut self) -> bool {
        self.drive(&mut unwoken());
        !self.is_closed && self.sender.is_ready()
    }

    /// Time since the last request was sent.
    pub(crate) fn idle_time(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.used_at)
    }

    /// The socket after a 101, and what the upstream already said in the new protocol.
    pub(crate) async fn into_socket(mut self: Box<Self>) -> Option<(Socket, Bytes)> {
        std::future::poll_fn(|cx| {
            self.drive(cx);
            if self.is_closed { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        let parts = self.connection.take()?.into_parts();
        Some((parts.io.into_inner(), parts.read_buf))
    }
}

/// A context for what cannot become ready on its own.
pub(crate) fn unwoken() -> Context<'static> {
    Context::from_waker(Waker::noop())
}

/// Ready when the answer is too late.
pub(crate) fn poll_overdue(
    alarm: &mut Alarm,
    cx: &mut Context<'_>,
    upload: Option<&Upload>,
    patience: Patience,
) -> Poll<SendError> {
    while alarm.poll(cx).is_ready() {
        match overdue(upload, patience) {
            Ok(later) => alarm.set(later),
            Err(error) => return Poll::Ready(error),
        }
    }
    Poll::Pending
}

/// The deadline went by: a later one if the request was still on its way until lately.
fn overdue(upload: Option<&Upload>, patience: Patience) -> Result<Instant, SendError> {
    let Some(upload) = upload else { return Err(SendError::TimedOut) };
    let later = match upload.state() {
        UploadState::Finished => upload.moved_at() + patience.response,
        UploadState::Flowing => upload.moved_at() + patience.idle,
        UploadState::TooLarge | UploadState::Broken => return Err(SendError::TimedOut),
    };
    if later > Instant::now() {
        return Ok(later);
    }
    let is_callers_turn = upload.state() == UploadState::Flowing && upload.waits_for_caller();
    Err(if is_callers_turn { SendError::UploadStalled } else { SendError::TimedOut })
}

impl From<TrySendError<Request<Outbound>>> for SendError {
    fn from(mut refused: TrySendError<Request<Outbound>>) -> Self {
        match refused.take_message() {
            Some(request) => Self::Unsent(Box::new(request), refused.into_error()),
            None => Self::Broken(refused.into_error()),
        }
    }
}

type Shelf = Vec<Box<Lane>>;

/// Lanes that wait for a request, taken last-in first-out, so that those not needed grow old and are closed.
///
/// No one ever waits for a lock here: each core tends to use its own shelf, and a shelf that is busy is passed by.
pub(crate) struct IdleLanes {
    shelves: Box<[Mutex<Shelf>]>,
    lanes_per_shelf_max: usize,
}

impl IdleLanes {
    pub(crate) fn new(lanes_max: usize) -> Self {
        let shelves = std::thread::available_parallelism().map_or(1, usize::from).next_power_of_two().min(64);
        Self {
            shelves: (0..shelves).map(|_| Mutex::default()).collect(),
            lanes_per_shelf_max: lanes_max.div_ceil(shelves),
        }
    }

    /// The lane that was used last. Should the other side have closed it meanwhile, it hands the request back unsent.
    pub(crate) fn take(&self) -> Option<Box<Lane>> {
        self.own_shelf_first().find_map(|mut shelf| shelf.pop())
    }

    /// Keeps a lane whose [`Lane::is_free`] was just seen.
    pub(crate) fn park(&self, lane: Box<Lane>) {
        for mut shelf in self.own_shelf_first() {
            if shelf.len() < self.lanes_per_shelf_max {
                shelf.push(lane);
                return;
            }
        }
    }

    /// Closes what was not used for `idle_max` and what the other side has closed.
    pub(crate) fn sweep(&self, idle_max: Duration) {
        let now = Instant::now();
        for mut shelf in self.own_shelf_first() {
            shelf.retain_mut(|lane| lane.idle_time(now) < idle_max && lane.is_free());
        }
    }

    fn own_shelf_first(&self) -> impl Iterator<Item = MutexGuard<'_, Shelf>> {
        let own = thread_number();
        let count = self.shelves.len();
        (0..count).filter_map(move |offset| self.shelves[(own + offset) & (count - 1)].try_lock().ok())
    }
}

/// A number that differs between threads.
fn thread_number() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static OWN: usize = NEXT.fetch_add(1, Ordering::Relaxed);
    }
    OWN.with(|own| *own)
}
