//! The data plane: match, admit, limit, rewrite, forward, meter.
//!
//! This room stands between strangers and the services of the catalogue. It knows HTTP on both sides, the directory in
//! memory, and nothing of how tokens are issued or credentials made. On the way of a request there is no database, no lock
//! that anybody waits for, and no allocation in proportion to a body.
//!
//! Read it in this order: `request` (the life of a request on one screen); then the steps as they come there: [`host`] and
//! [`path`] (the one reading of a request), `snapshot` and `route` (which service answers), [`presented`], `admit`,
//! `possession` and `tokens` (who may pass), [`limit`] (how often), [`rewrite`] and `identity` (what goes on), `upstream` (forwarding),
//! `usage` and `flush` (counting); [`error`] holds every code.
//!
//! What a service gets of a call's credentials: `x-api-key` and `x-client-id` are the client id, also when the caller
//! proved itself with a secret key, which never goes on. `Authorization` goes on where the service demands a token, and
//! nowhere else. `api_key` and `user_token` are taken out of the query.

mod admit;
mod body;
mod caller;
pub mod error;
mod flush;
pub mod host;
mod identity;
pub mod limit;
mod metadata;
mod passage;
pub mod path;
mod possession;
pub mod presented;
mod request;
pub mod rewrite;
mod route;
mod settings;
mod snapshot;
#[cfg(test)]
mod testing;
mod tokens;
mod upstream;
mod usage;

use std::{convert::Infallible, sync::Arc, time::Duration};

use http::{Request, Response};
use tokio::{sync::watch, time::MissedTickBehavior};
use tollgate_store::StoreError;
use tollgate_web::{House, PeerAddress, TrustedProxies};

pub use body::{BodyError, BoxError, GatewayBody, Inbound};
pub use settings::{GatewaySettings, UpstreamAuthorities};

use flush::Writer;
use limit::Ledger;
use passage::RequestIds;
use possession::Proofs;
use snapshot::Snapshots;
use tokens::Tokens;
use usage::Usage;

/// How often counts are written and idle connections looked at.
const WRITE_EVERY: Duration = Duration::from_secs(1);
/// How long a connection to an upstream is kept without a request.
const IDLE_CONNECTION_MAX: Duration = Duration::from_mins(1);

/// The gateway. Clones share everything.
///
/// Make it with [`Gateway::new`], read the counts with [`Gateway::load`], keep [`Gateway::run`] running, give each request
/// to [`Gateway::call`], and end with [`Gateway::shutdown`].
#[derive(Clone)]
pub struct Gateway(Arc<Shared>);

/// What all requests share.
pub(crate) struct Shared {
    house: House,
    proxies: TrustedProxies,
    snapshots: Snapshots,
    tokens: Tokens,
    proofs: Proofs,
    ledger: Ledger,
    usage: Usage,
    request_ids: RequestIds,
    writer: Writer,
    stop: watch::Sender<bool>,
    stopping: watch::Receiver<bool>,
}

impl Gateway {
    /// A gateway for the services of this house.
    pub fn new(house: House, settings: GatewaySettings) -> Self {
        let GatewaySettings { proxies, remembered_tokens_max, idle_connections_max, upstream_authorities } = settings;
        let now = house.clock.now();
        let (ledger, changed_counts) = Ledger::new();
        let (usage, changed_usage) = Usage::new();
        let (stop, stopping) = watch::channel(false);
        Self(Arc::new(Shared {
            snapshots: Snapshots::new(&house, &ledger, upstream_authorities.into_tls(), idle_connections_max, now),
            proxies,
            tokens: Tokens::new(remembered_tokens_max),
            proofs: Proofs::default(),
            request_ids: RequestIds::new(&*house.entropy),
            writer: Writer::new(changed_usage, changed_counts, now),
            ledger,
            usage,
            stop,
            stopping,
            house,
        }))
    }

    /// Reads the accepted calls of the running day and month, so that quotas hold across a restart. To be called before the
    /// first request.
    pub async fn load(&self) -> Result<(), StoreError> {
        flush::load(&self.0.house.db, &self.0.ledger, self.0.house.clock.now()).await
    }

    /// Answers one request. Serves as a hyper service with the body that hyper gives, and as the fallback of a router with
    /// [`Inbound::boxed`].
    pub fn call<B: Into<Inbound>>(
        &self,
        request: Request<B>,
        peer: PeerAddress,
    ) -> impl Future<Output = Result<Response<GatewayBody>, Infallible>> + Send + use<B> {
        request::answer(Arc::clone(&self.0), request.map(Into::into), peer)
    }

    /// Writes what was counted, every second, and closes idle connections, until [`Gateway::shutdown`].
    pub async fn run(self) {
        let gateway = &*self.0;
        let mut stopping = gateway.stopping.clone();
        let mut ticks = tokio::time::interval(WRITE_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut is_failing = false;
        loop {
            tokio::select! {
                biased;
                _ = stopping.wait_for(|stopping| *stopping) => return,
                _ = ticks.tick() => {}
            }
            // A task of its own, so that a write which has begun is not cut off when this future is dropped.
            let writing = self.clone();
            let Ok(outcome) = tokio::spawn(async move { writing.0.write().await }).await else { return };
            // Only the first of many equal faults is an incident.
            match &outcome {
                Err(fault) if !is_failing => {
                    tracing::error!(%fault, "counts cannot be written; they are kept and tried again");
                }
                Err(fault) => tracing::debug!(%fault, "counts still cannot be written"),
                Ok(()) if is_failing => tracing::info!("counts are written again"),
                Ok(()) => {}
            }
            is_failing = outcome.is_err();
            for route in gateway.snapshots.last().routes.iter() {
                route.balance.iter().for_each(|upstream| upstream.sweep(IDLE_CONNECTION_MAX));
            }
        }
    }

    /// Ends tunnels and [`Gateway::run`], and writes what was counted. To be called when no request runs any more.
    pub async fn shutdown(&self) -> Result<(), StoreError> {
        self.0.stop.send_replace(true);
        let now = self.0.house.clock.now();
        self.0.writer.write(&self.0.house.db, &self.0.usage, now).await
    }
}

impl Shared {
    async fn write(&self) -> Result<(), StoreError> {
        let now = self.house.clock.now();
        self.writer.write(&self.house.db, &self.usage, now).await?;
        self.writer.clear(&self.house.db, now).await
    }
}
