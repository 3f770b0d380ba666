//! One attempt at a call: over a connection from earlier or a new one, up to the head of the answer.

use std::{future::poll_fn, pin::pin, sync::Arc, task::Poll, time::Duration};

use http::{Request, Response, StatusCode};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::time::{Instant, timeout};
use tollgate_model::service::Forwarding;

use super::{
    Arriving, Call, Failure, Place,
    alarm::Alarm,
    lane::{self, Lane, SendError, poll_overdue},
    socket::{ConnectError, Socket, Versions},
    tunnel::Tunnel,
};
use crate::body::{GatewayBody, Outbound, UploadState};

/// A kept connection that rested this long may have been closed by the other side without our having heard yet.
const RESTED: Duration = Duration::from_millis(500);
/// Silence after which a shared HTTP/2 connection is asked whether it is still there.
const PING_AFTER: Duration = Duration::from_secs(20);

/// How one attempt failed, with the request where it can be tried again.
pub(super) struct Attempted {
    pub(super) failure: Failure,
    pub(super) again: Option<Box<Request<Outbound>>>,
    /// A kept connection was found closed: no sign against the upstream.
    pub(super) was_stale: bool,
}

impl Place {
    /// Keeps a connection for the next request and gives the place back.
    pub(super) fn park(self, lane: Box<Lane>) {
        self.0.idle.park(lane);
    }

    /// Sends the request once and waits for the head of the answer.
    pub(super) async fn attempt(
        self,
        request: Box<Request<Outbound>>,
        call: &mut Call<'_>,
        fresh: bool,
    ) -> Result<Response<GatewayBody>, Attempted> {
        let kept = if fresh { None } else { self.kept(call) };
        let is_kept = kept.is_some();
        let opened = match kept {
            Some(kept) => Ok(kept),
            // Boxed, like all that is rarely done: the future of a request is copied several times on its way, and should
            // be small.
            None => Box::pin(self.connect(call)).await,
        };
        match opened {
            Ok(Opened::Lane(lane)) => self.over_lane(lane, request, call, is_kept).await,
            Ok(Opened::Shared(shared)) => Box::pin(self.over_shared(shared, request, call, is_kept)).await,
            Err(failure) => Err(Attempted { failure, again: Some(request), was_stale: false }),
        }
    }

    /// A connection from earlier that is free now.
    fn kept(&self, call: &Call<'_>) -> Option<Opened> {
        if let Some(lane) = self.0.idle.take() {
            return Some(Opened::Lane(lane));
        }
        // Only HTTP/1.1 can switch protocols.
        let shared = if call.upgrade.is_some() { None } else { self.0.shared.load_full() };
        shared.filter(|shared| !shared.is_closed()).map(|shared| Opened::Shared((*shared).clone()))
    }

    async fn connect(&self, call: &Call<'_>) -> Result<Opened, Failure> {
        let limit = Duration::from_millis(call.forwarding.connect_timeout_millis.into());
        let versions = if call.upgrade.is_some() { Versions::Http1 } else { Versions::Any };
        let opened = timeout(limit, self.open(versions)).await.unwrap_or(Err(ConnectError::TimedOut));
        opened.map_err(|cause| {
            let upstream = &self.0.address;
            tracing::warn!(request_id = ?call.request_id, %upstream, cause = &cause as &dyn std::error::Error, "no connection");
            if matches!(cause, ConnectError::TimedOut) { Failure::ConnectTimedOut } else { Failure::Unreachable }
        })
    }

    async fn open(&self, versions: Versions) -> Result<Opened, ConnectError> {
        let upstream = &self.0;
        let (host, port) = (upstream.address.host(), upstream.address.port());
        let socket = Socket::connect(host, port, upstream.encryption.as_ref(), versions).await?;
        if !socket.speaks_http2() {
            return Lane::open(socket).await.map(Opened::Lane);
        }
        let (sender, connection) = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .keep_alive_interval(PING_AFTER)
            .handshake(TokioIo::new(socket))
            .await
            .map_err(ConnectError::Handshake)?;
        tokio::spawn(async move {
            if let Err(cause) = connection.await {
                tracing::debug!(%cause, "a shared connection to an upstream ended");
            }
        });
        upstream.shared.store(Some(Arc::new(sender.clone())));
        Ok(Opened::Shared(sender))
    }

    async fn over_lane(
        self,
        mut lane: Box<Lane>,
        mut request: Box<Request<Outbound>>,
        call: &mut Call<'_>,
        is_kept: bool,
    ) -> Result<Response<GatewayBody>, Attempted> {
        // A copy costs as much as a hundredth of the whole request, so it is made only where it may be needed.
        let now = Instant::now();
        let may_be_closed = is_kept && lane.idle_time(now) >= RESTED;
        let copy = (may_be_closed && request.method().is_idempotent() && request.body().is_empty())
            .then(|| Box::new(head_of(&request)));
        if self.0.address_http1(&mut request, call.target).is_none() {
            return Err(Attempted { failure: Failure::Broken, again: None, was_stale: false });
        }
        let patience = patience(call.forwarding);
        let mut answer = pin!(lane.send(*request, patience, now));
        let upload = call.upload.as_deref();
        let answered = poll_fn(|cx| lane.poll_answer(cx, answer.as_mut(), upload, patience)).await;
        let response = match answered {
            Ok(response) => response,
            Err(error) => return Err(self.failed(error, call, copy, is_kept)),
        };
        self.0.breaker.succeeded();
        if response.status() == StatusCode::SWITCHING_PROTOCOLS {
            return Box::pin(self.switch(lane, response.map(drop), call)).await;
        }
        let idle = patience.idle;
        Ok(response.map(|body| GatewayBody::arriving(Arriving::over_lane(body, lane, self, idle))))
    }

    async fn over_shared(
        self,
        mut shared: http2::SendRequest<Outbound>,
        mut request: Box<Request<Outbound>>,
        call: &Call<'_>,
        is_kept: bool,
    ) -> Result<Response<GatewayBody>, Attempted> {
        if self.0.address_http2(&mut request, call.target).is_none() {
            return Err(Attempted { failure: Failure::Broken, again: None, was_stale: false });
        }
        let patience = patience(call.forwarding);
        let mut alarm = Alarm::at(Instant::now() + patience.response);
        let mut answer = pin!(shared.try_send_request(*request));
        let upload = call.upload.as_deref();
        let answered = poll_fn(|cx| match answer.as_mut().poll(cx) {
            Poll::Ready(answered) => Poll::Ready(answered.map_err(SendError::from)),
            Poll::Pending => poll_overdue(&mut alarm, cx, upload, patience).map(Err),
        });
        let response = match answered.await {
            Ok(response) => response,
            Err(error) => return Err(self.failed(error, call, None, is_kept)),
        };
        self.0.breaker.succeeded();
        Ok(response.map(|body| GatewayBody::arriving(Arriving::over_shared(body, self, patience.idle))))
    }

    /// Joins the caller's connection with the upstream's once the 101 is on its way.
    async fn switch(
        self,
        lane: Box<Lane>,
        response: Response<()>,
        call: &mut Call<'_>,
    ) -> Result<Response<GatewayBody>, Attempted> {
        let broken = Attempted { failure: Failure::Broken, again: None, was_stale: false };
        let Some(caller) = call.upgrade.take() else {
            tracing::warn!(request_id = ?call.request_id, upstream = %self.0.address, "the upstream switched protocols unasked");
            return Err(broken);
        };
        let Some((upstream, first_words)) = lane.into_socket().await else { return Err(broken) };
        let idle = patience(call.forwarding).idle;
        let tunnel = Tunnel { caller, upstream, first_words, idle, stopping: call.stopping.clone(), place: self };
        tokio::spawn(tunnel.run());
        Ok(response.map(|()| GatewayBody::empty()))
    }

    fn failed(
        &self,
        error: SendError,
        call: &Call<'_>,
        copy: Option<Box<Request<Outbound>>>,
        is_kept: bool,
    ) -> Attempted {
        let (failure, again, cause) = match error {
            SendError::Unsent(request, cause) => (Failure::Broken, Some(request), Some(cause)),
            SendError::Broken(cause) => (Failure::Broken, copy, Some(cause)),
            SendError::TimedOut => (Failure::TimedOut, None, None),
            SendError::UploadStalled => (Failure::UploadStalled, None, None),
        };
        // hyper reports a body that failed as a failed connection; the upload itself knows better.
        let failure = match call.upload.as_ref().map(|upload| upload.state()) {
            Some(UploadState::TooLarge) => Failure::UploadTooLarge,
            Some(UploadState::Broken) => Failure::UploadBroken,
            _ => failure,
        };
        let was_stale = is_kept && again.is_some();
        let cause = cause.as_ref().map(|cause| cause as &dyn std::error::Error);
        if was_stale {
            tracing::debug!(upstream = %self.0.address, cause, "a kept connection had been closed");
        } else {
            tracing::warn!(request_id = ?call.request_id, upstream = %self.0.address, ?failure, cause, "no answer");
        }
        Attempted { failure, again, was_stale }
    }
}

enum Opened {
    Lane(Box<Lane>),
    Shared(http2::SendRequest<Outbound>),
}

fn patience(forwarding: &Forwarding) -> lane::Patience {
    lane::Patience {
        response: Duration::from_millis(forwarding.response_timeout_millis.into()),
        idle: Duration::from_millis(forwarding.idle_timeout_millis.into()),
    }
}

/// A second copy of a request without a body.
fn head_of(request: &Request<Outbound>) -> Request<Outbound> {
    let mut copy = Request::new(Outbound::empty());
    request.method().clone_into(copy.method_mut());
    request.uri().clone_into(copy.uri_mut());
    request.headers().clone_into(copy.headers_mut());
    copy
}
