//! After a 101: bytes both ways until one side ends, falls silent, or the gateway stops.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf, copy_bidirectional_with_sizes},
    sync::watch,
    time::{Instant, sleep_until},
};

use super::{Place, socket::Socket};

const BUFFER_BYTES: usize = 16 * 1024;

/// Both ends of a switched connection.
pub(crate) struct Tunnel {
    pub(crate) caller: OnUpgrade,
    pub(crate) upstream: Socket,
    /// What the upstream said right after its 101.
    pub(crate) first_words: Bytes,
    /// Longest silence of both sides together.
    pub(crate) idle: Duration,
    /// Turns true when the gateway stops.
    pub(crate) stopping: watch::Receiver<bool>,
    /// Held as long as the tunnel stands.
    pub(crate) place: Place,
}

impl Tunnel {
    /// Runs until it ends. A tunnel outlives the request that opened it, so it has a task of its own.
    pub(crate) async fn run(self) {
        let Self { caller, upstream, first_words, idle, mut stopping, place } = self;
        // Only now, with the 101 written, does the caller's side become a stream of bytes.
        let Ok(caller) = caller.await else { return };
        let activity = Arc::new(Activity { began: Instant::now(), last_after_millis: AtomicU64::new(0) });
        let mut caller = Watched { inner: TokioIo::new(caller), activity: Arc::clone(&activity) };
        let mut upstream = Watched { inner: upstream, activity: Arc::clone(&activity) };
        let carry = async {
            caller.write_all(&first_words).await?;
            copy_bidirectional_with_sizes(&mut caller, &mut upstream, BUFFER_BYTES, BUFFER_BYTES).await
        };
        tokio::select! {
            carried = carry => {
                if let Err(cause) = carried {
                    tracing::debug!(%cause, "a tunnel broke off");
                }
            }
            () = activity.silence_of(idle) => tracing::debug!("a tunnel was silent for too long and is closed"),
            _ = stopping.wait_for(|stopping| *stopping) => {}
        }
        drop(place);
    }
}

struct Activity {
    began: Instant,
    last_after_millis: AtomicU64,
}

impl Activity {
    fn note(&self) {
        let millis = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last_after_millis.store(millis, Ordering::Relaxed);
    }

    async fn silence_of(&self, idle: Duration) {
        loop {
            let end = self.began + Duration::from_millis(self.last_after_millis.load(Ordering::Relaxed)) + idle;
            if end <= Instant::now() {
                return;
            }
            sleep_until(end).await;
        }
    }
}

/// A stream that notes when bytes arrive.
struct Watched<S> {
    inner: S,
    activity: Arc<Activity>,
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.inner).poll_read(cx, buffer))?;
        self.activity.note();
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
