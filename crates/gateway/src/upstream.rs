//! Upstreams: the servers behind the gateway, each with its own connections, breaker and bound.
//!
//! Read in this order: this file (one upstream), `attempt` (one attempt at a call), `balance` (several upstreams, several
//! attempts), `lane` (one connection), `arriving` (the body of the answer), `tunnel` (after a 101).

mod alarm;
mod arriving;
mod attempt;
mod balance;
mod breaker;
mod lane;
mod socket;
mod tunnel;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwapOption;
use http::{
    HeaderValue, Request, Uri, Version, header,
    uri::{Authority, PathAndQuery, Scheme},
};
use hyper::{client::conn::http2, upgrade::OnUpgrade};
use tokio::{sync::watch, time::Instant};
use tollgate_model::{Invalid, service::Forwarding};

pub(crate) use arriving::Arriving;
pub(crate) use balance::{Attempts, Balance};
pub(crate) use socket::TlsSettings;

use self::{breaker::Breaker, lane::IdleLanes, socket::Encryption};
use crate::body::{Outbound, Upload};

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
