//! The bodies that pass through: never collected, bounded on the way in, with their trailers.

use std::{
    error::Error,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering},
    },
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, Full, combinators::UnsyncBoxBody};
use hyper::body::Incoming;
use thiserror::Error;
use tokio::time::Instant;

use crate::{rewrite, upstream::Arriving};

/// Any error, as hyper passes it on.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// The body of a request as the listener gives it.
pub enum Inbound {
    /// Straight from hyper.
    Direct(Incoming),
    /// From a layer in front that has a body type of its own.
    Boxed(UnsyncBoxBody<Bytes, BoxError>),
}

impl Inbound {
    /// Takes the body of another HTTP layer, such as a router that has this gateway as its fallback.
    pub fn boxed<B>(body: B) -> Self
    where
        B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        Self::Boxed(body.map_err(Into::into).boxed_unsync())
    }
}

impl From<Incoming> for Inbound {
    fn from(body: Incoming) -> Self {
        Self::Direct(body)
    }
}

impl Body for Inbound {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match self.get_mut() {
            Self::Direct(body) => Pin::new(body).poll_frame(cx).map_err(Into::into),
            Self::Boxed(body) => Pin::new(body).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Direct(body) => body.is_end_stream(),
            Self::Boxed(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Direct(body) => body.size_hint(),
            Self::Boxed(body) => body.size_hint(),
        }
    }
}

/// How far the upload of a request body has got, as the one who waits for the answer sees it.
#[derive(Debug)]
pub(crate) struct Upload {
    began: Instant,
    moved_after_millis: AtomicU64,
    state: AtomicU8,
    waits_for_caller: AtomicBool,
}

/// The end of an upload, or that it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum UploadState {
    Flowing,
    Finished,
    TooLarge,
    Broken,
}

impl Upload {
    fn new() -> Self {
        Self {
            began: Instant::now(),
            moved_after_millis: AtomicU64::new(0),
            state: AtomicU8::new(UploadState::Flowing as u8),
            waits_for_caller: AtomicBool::new(true),
        }
    }

    pub(crate) fn state(&self) -> UploadState {
        match self.state.load(Ordering::Acquire) {
            0 => UploadState::Flowing,
            1 => UploadState::Finished,
            2 => UploadState::TooLarge,
            _ => UploadState::Broken,
        }
    }

    /// Whether the next part must come from the caller, rather than be taken by the upstream.
    pub(crate) fn waits_for_caller(&self) -> bool {
        self.waits_for_caller.load(Ordering::Acquire)
    }

    /// When the last part moved.
    pub(crate) fn moved_at(&self) -> Instant {
        self.began + std::time::Duration::from_millis(self.moved_after_millis.load(Ordering::Acquire))
    }

    fn moved(&self) {
        let millis = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.moved_after_millis.store(millis, Ordering::Release);
    }

    fn end(&self, state: UploadState) {
        self.moved();
        self.state.store(state as u8, Ordering::Release);
    }
}

/// Why a request body stopped on its way to the upstream.
#[derive(Debug, Error)]
pub(crate) enum UploadError {
    #[error("the request body is larger than the service allows")]
    TooLarge,
    #[error("the request body broke off")]
    Broken(#[source] BoxError),
}

/// The body of a request on its way to an upstream, cut off beyond its bound.
pub(crate) struct Outbound(Option<Uploading>);

struct Uploading {
    body: Inbound,
    bytes_left: u64,
    upload: Arc<Upload>,
}

impl Outbound {
    /// No body.
    pub(crate) const fn empty() -> Self {
        Self(None)
    }

    /// At most `bytes_max` of `body`, with a view of its progress; `None` when there is nothing to upload.
    pub(crate) fn bounded(body: Inbound, bytes_max: u64) -> (Self, Option<Arc<Upload>>) {
        if body.is_end_stream() {
            return (Self::empty(), None);
        }
        let upload = Arc::new(Upload::new());
        (Self(Some(Uploading { body, bytes_left: bytes_max, upload: Arc::clone(&upload) })), Some(upload))
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_none()
    }
}

impl Body for Outbound {
    type Data = Bytes;
    type Error = UploadError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, UploadError>>> {
        let Some(uploading) = &mut self.0 else { return Poll::Ready(None) };
        let upload = &uploading.upload;
        let Poll::Ready(frame) = Pin::new(&mut uploading.body).poll_frame(cx) else {
            upload.waits_for_caller.store(true, Ordering::Release);
            return Poll::Pending;
        };
        upload.waits_for_caller.store(false, Ordering::Release);
        Poll::Ready(match frame {
            Some(Ok(mut frame)) => {
                if let Some(trailers) = frame.trailers_mut() {
                    rewrite::drop_from_trailers(trailers);
                }
                let bytes = frame.data_ref().map_or(0, |part| part.len() as u64);
                let Some(left) = uploading.bytes_left.checked_sub(bytes) else {
                    upload.end(UploadState::TooLarge);
                    return Poll::Ready(Some(Err(UploadError::TooLarge)));
                };
                uploading.bytes_left = left;
                if uploading.body.is_end_stream() {
                    upload.end(UploadState::Finished);
                } else {
                    upload.moved();
                }
                Some(Ok(frame))
            }
            Some(Err(cause)) => {
                upload.end(UploadState::Broken);
                Some(Err(UploadError::Broken(cause)))
            }
            None => {
                upload.end(UploadState::Finished);
                None
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(|uploading| uploading.body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.0.as_ref().map_or_else(|| SizeHint::with_exact(0), |uploading| uploading.body.size_hint())
    }
}

/// Why the body of an answer broke off; the connection to the caller is then cut, so that nobody takes it for whole.
#[derive(Debug, Error)]
pub enum BodyError {
    /// The upstream broke off.
    #[error("the upstream broke off its answer")]
    Broken(#[source] hyper::Error),
    /// The upstream fell silent.
    #[error("the upstream was silent for too long in the middle of its answer")]
    Silent,
}

/// The body of an answer: our own few bytes, or what arrives from an upstream.
pub struct GatewayBody(Answering);

enum Answering {
    Own(Full<Bytes>),
    Arriving(Arriving),
}

impl GatewayBody {
    /// No body.
    pub fn empty() -> Self {
        Self::own(Bytes::new())
    }

    pub(crate) fn own(bytes: impl Into<Bytes>) -> Self {
        Self(Answering::Own(Full::new(bytes.into())))
    }

    pub(crate) const fn arriving(body: Arriving) -> Self {
        Self(Answering::Arriving(body))
    }
}

impl Body for GatewayBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match &mut self.get_mut().0 {
            Answering::Own(body) => Pin::new(body).poll_frame(cx).map_err(|never| match never {}),
            Answering::Arriving(body) => Pin::new(body).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Answering::Own(body) => body.is_end_stream(),
            Answering::Arriving(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Answering::Own(body) => body.size_hint(),
            Answering::Arriving(body) => body.size_hint(),
        }
    }
}
