//! Upstreams: the servers behind the gateway, each with its own connections, breaker and bound.
//!
//! Read in this order: this file (one upstream, one attempt), `balance` (several upstreams, several attempts), `lane`
//! (one connection), `arriving` (the body of the answer), `tunnel` (after a 101).

mod alarm;
mod arriving;
mod balance;
mod breaker;
mod lane;
mod socket;
mod tunnel;

use std::{
    future::poll_fn,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    task::Poll,
    time::Duration,
};

use arc_swap::ArcSwapOption;
use http::{
    HeaderValue, Request, Response, StatusCode, Uri, Version, header,
    uri::{Authority, PathAndQuery, Scheme},
};
use hyper::{client::conn::http2, upgrade::OnUpgrade};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::{
    sync::watch,
    time::{Instant, timeout},
};
use tollgate_model::{Invalid, service::Forwarding};

pub(crate) use arriving::Arriving;
pub(crate) use balance::{Attempts, Balance};
pub(crate) use socket::TlsSettings;

use self::{
    alarm::Alarm,
    breaker::Breaker,
    lane::{IdleLanes, Lane, SendError, poll_overdue},
    socket::{ConnectError, Encryption, Socket, Versions},
    tunnel::Tunnel,
};
use crate::body::{GatewayBody, Outbound, Upload, UploadState};

/// A kept connection that rested this long may have been closed by the other side without our having heard yet.
const RESTED: Duration = Duration::from_millis(500);
/// Silence after which a shared HTTP/2 connection is asked whether it is still there.
const PING_AFTER: Duration = Duration::from_secs(20);

/// Why a call got no answer from an upstream; the whole list of what [`crate::error`] has codes for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// No connection could be made.
    Unreachable,
    /// No connection in time.
    ConnectTimedOut,
    /// The connection broke, or what came was not HTTP.
    Broken,
    /// No head of an answer in time.
    TimedOut,
    /// Every upstream has as many requests as it may.
    Busy,
    /// Every upstream failed lately and is left alone for so long.
    Resting { seconds: u32 },
    /// The caller's body is larger than allowed.
    UploadTooLarge,
    /// The caller stopped in the middle of its body.
    UploadStalled,
    /// The caller's body broke off.
    UploadBroken,
}

/// One call on its way: what every attempt needs beside the request itself.
pub(crate) struct Call<'a> {
    pub(crate) forwarding: &'a Forwarding,
    /// Path and query as forwarded, before an upstream's own path prefix.
    pub(crate) target: &'a PathAndQuery,
    pub(crate) upload: Option<Arc<Upload>>,
    /// The caller's side, when it asked for another protocol.
    pub(crate) upgrade: Option<OnUpgrade>,
    pub(crate) stopping: &'a watch::Receiver<bool>,
    /// For the log.
    pub(crate) request_id: &'a HeaderValue,
}

/// How one attempt failed, with the request where it can be tried again.
pub(crate) struct Attempted {
    failure: Failure,
    again: Option<Box<Request<Outbound>>>,
    /// A kept connection was found closed: no sign against the upstream.
    was_stale: bool,
}

/// One server.
pub(crate) struct Upstream {
    address: tollgate_model::service::Upstream,
    host: HeaderValue,
    authority: Authority,
    encryption: Option<Encryption>,
    idle: IdleLanes,
    shared: ArcSwapOption<http2::SendRequest<Outbound>>,
    breaker: Breaker,
    in_flight: AtomicU32,
    began: Instant,
}

impl Upstream {
    pub(crate) fn new(
        address: tollgate_model::service::Upstream,
        tls: &TlsSettings,
        idle_connections_max: usize,
    ) -> Result<Self, Invalid> {
        let refused = || {
            Invalid::new(
                "upstream",
                &address.to_string(),
                "give a host name or address that can stand in a Host header",
            )
        };
        let text = address.authority();
        Ok(Self {
            host: HeaderValue::from_str(&text).map_err(|_| refused())?,
            authority: text.parse().map_err(|_| refused())?,
            encryption: if address.is_tls() {
                Some(Encryption::towards(address.host(), tls).ok_or_else(refused)?)
            } else {
                None
            },
            idle: IdleLanes::new(idle_connections_max),
            shared: ArcSwapOption::empty(),
            breaker: Breaker::default(),
            in_flight: AtomicU32::new(0),
            began: Instant::now(),
            address,
        })
    }

    pub(crate) const fn address(&self) -> &tollgate_model::service::Upstream {
        &self.address
    }

    /// Closes connections that nobody needs any more.
    pub(crate) fn sweep(&self, idle_max: Duration) {
        self.idle.sweep(idle_max);
        if self.shared.load().as_ref().is_some_and(|shared| shared.is_closed()) {
            self.shared.store(None);
        }
    }

    fn now_millis(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// A place for one more request, while there are fewer than `requests_max`.
    fn enter(self: &Arc<Self>, requests_max: u32) -> Option<Place> {
        if self.in_flight.fetch_add(1, Ordering::AcqRel) < requests_max {
            return Some(Place(Arc::clone(self)));
        }
        self.in_flight.fetch_sub(1, Ordering::AcqRel);
        None
    }

    /// Names this upstream in the request line, over HTTP/1.1.
    fn address_http1(&self, request: &mut Request<Outbound>, target: &PathAndQuery) -> Option<()> {
        *request.version_mut() = Version::HTTP_11;
        *request.uri_mut() = Uri::from(self.with_prefix(target)?);
        request.headers_mut().insert(header::HOST, self.host.clone());
        Some(())
    }

    /// The same over HTTP/2, where the host is part of the URI.
    fn address_http2(&self, request: &mut Request<Outbound>, target: &PathAndQuery) -> Option<()> {
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(Scheme::HTTPS);
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(self.with_prefix(target)?);
        *request.version_mut() = Version::HTTP_2;
        *request.uri_mut() = Uri::from_parts(parts).ok()?;
        request.headers_mut().remove(header::HOST);
        // HTTP/2 has no such header, and hyper would take out what it names: `te`, which stays (RFC 9113 section 8.2.2).
        request.headers_mut().remove(header::CONNECTION);
        Some(())
    }

    fn with_prefix(&self, target: &PathAndQuery) -> Option<PathAndQuery> {
        let prefix = self.address.path_prefix();
        if prefix.is_empty() {
            return Some(target.clone());
        }
        PathAndQuery::from_maybe_shared([prefix, target.as_str()].concat()).ok()
    }
}

/// One of the requests that an upstream may have at a time; gives it back when dropped.
pub(crate) struct Place(Arc<Upstream>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Place {
    /// Keeps a connection for the next request and gives the place back.
    fn park(self, lane: Box<Lane>) {
        self.0.idle.park(lane);
    }

    /// Sends the request once and waits for the head of the answer.
    async fn attempt(
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
