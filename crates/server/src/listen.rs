//! The listeners: from an open port to a service that is called once per request.
//!
//! Own accept loop, because four things must be in our hands: how many connections are open, how long a client may
//! take to say something, which certificate is shown now, and that everything ends in order within a deadline.

mod farewell;
mod head;
mod sniff;
mod socket;
mod tls;

use std::{convert::Infallible, error::Error, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use hyper::{
    Request, Response,
    body::{Body, Incoming},
    server::conn::{http1, http2},
    service::Service,
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

pub use socket::{BindError, bind};
pub use tls::{CertificateFiles, Certificates, TlsError};

use crate::config::NetworkSection;
use farewell::Farewell;
use head::HeadTimer;
use sniff::Protocol;

/// Concurrent requests on one HTTP/2 connection.
const STREAMS_MAX: u32 = 256;
/// Silence after which an HTTP/2 connection is asked whether it is still there.
const PING_AFTER: Duration = Duration::from_secs(30);
/// Pause after the system had no room for another connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The bounds that all listeners of a process share.
#[derive(Clone)]
pub struct Bounds {
    connections: Arc<Semaphore>,
    header_read_timeout: Duration,
    handshake_timeout: Duration,
    header_bytes_max: u32,
    shutdown_timeout: Duration,
}

impl Bounds {
    /// The bounds that `[network]` sets.
    pub fn of(network: &NetworkSection) -> Self {
        Self {
            connections: Arc::new(Semaphore::new(network.connections_max as usize)),
            header_read_timeout: Duration::from_secs(network.header_read_timeout_seconds.into()),
            handshake_timeout: Duration::from_secs(network.handshake_timeout_seconds.into()),
            header_bytes_max: network.header_bytes_max,
            shutdown_timeout: Duration::from_millis(network.shutdown_timeout_millis.into()),
        }
    }
}

/// An open port, its certificate if it has one, and its bounds.
pub struct Listener {
    /// The open port.
    pub socket: TcpListener,
    /// What it proves itself with; `None` for plain HTTP.
    pub certificates: Option<Certificates>,
    /// Shared with the other ports.
    pub bounds: Bounds,
}

impl Listener {
    /// Serves until `stop` is cancelled, then lets running requests finish within the shutdown time-out.
    ///
    /// `service_for` makes the service of one connection from the address of its other end.
    pub async fn serve<F, S, B>(self, service_for: F, stop: CancellationToken)
    where
        F: Fn(SocketAddr) -> S,
        S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Send + 'static,
        S::Future: Send + 'static,
        B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
    {
        let conversations = Arc::new(Conversations::within(&self.bounds));
        let mut connections = JoinSet::new();
        while let Some((stream, peer, permit)) = self.accept(&stop, &mut connections).await {
            let connection = Connection {
                certificates: self.certificates.clone(),
                conversations: Arc::clone(&conversations),
                stop: stop.clone(),
                _permit: permit,
            };
            connections.spawn(connection.run(stream, service_for(peer)));
        }
        drop(self.socket);
        conversations.farewell.say();
        let ended = async { while connections.join_next().await.is_some() {} };
        if timeout(self.bounds.shutdown_timeout, ended).await.is_err() {
            tracing::warn!("some requests had not finished in time and were cut off");
        }
        // Whatever still runs ends here, with the set.
    }

    /// The next connection; forgets meanwhile those that have ended.
    async fn accept(
        &self,
        stop: &CancellationToken,
        connections: &mut JoinSet<()>,
    ) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
        let next = async {
            let permit =
                Arc::clone(&self.bounds.connections).acquire_owned().await.expect("the semaphore is never closed");
            loop {
                match self.socket.accept().await {
                    Ok((stream, peer)) => return (stream, peer, permit),
                    Err(cause) if socket::concerns_one_connection(&cause) => {}
                    Err(cause) => {
                        tracing::error!(%cause, "cannot accept connections");
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                    }
                }
            }
        };
        // Where one connection comes on the heels of another, those that ended are not waited for below.
        while connections.try_join_next().is_some() {}
        // Waited for in one piece, because it has a place in the line for a permit.
        let mut next = pin!(stop.run_until_cancelled(next));
        loop {
            tokio::select! {
                biased;
                accepted = &mut next => return accepted,
                Some(_ended) = connections.join_next() => {}
            }
        }
    }
}

/// How HTTP is spoken once its version is known.
struct Conversations {
    http1: http1::Builder,
    http2: http2::Builder<TokioExecutor>,
    farewell: Farewell,
    header_read_timeout: Duration,
    handshake_timeout: Duration,
}

impl Conversations {
    fn within(bounds: &Bounds) -> Self {
        let mut http1 = http1::Builder::new();
        http1.header_read_timeout(bounds.header_read_timeout).max_buf_size(bounds.header_bytes_max as usize);
        let mut http2 = http2::Builder::new(TokioExecutor::new());
        http2
            .timer(TokioTimer::new())
            .max_concurrent_streams(STREAMS_MAX)
            .max_header_list_size(bounds.header_bytes_max)
            .keep_alive_interval(PING_AFTER)
            .keep_alive_timeout(bounds.handshake_timeout);
        Self {
            http1,
            http2,
            farewell: Farewell::default(),
            header_read_timeout: bounds.header_read_timeout,
            handshake_timeout: bounds.handshake_timeout,
        }
    }
}

/// One connection from its first byte to its last; gives its place back when dropped.
struct Connection {
    certificates: Option<Certificates>,
    conversations: Arc<Conversations>,
    stop: CancellationToken,
    _permit: OwnedSemaphorePermit,
}

impl Connection {
    async fn run<S, B>(self, stream: TcpStream, service: S)
    where
        S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Send + 'static,
        S::Future: Send + 'static,
        B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
    {
        // Fails only on a connection that is gone already, which the first read will tell.
        let _ = stream.set_nodelay(true);
        // Before its first request a connection has nothing to finish, so a stop ends it at once.
        let Some(certificates) = self.certificates.clone() else {
            let first_words = timeout(self.conversations.header_read_timeout, sniff::protocol(&stream));
            if let Some(Ok(Ok(protocol))) = self.stop.run_until_cancelled(first_words).await {
                self.converse(stream, protocol, service).await;
            }
            return;
        };
        let handshake = timeout(self.conversations.handshake_timeout, certificates.accept(stream));
        match self.stop.run_until_cancelled(handshake).await {
            Some(Ok(Ok((stream, protocol)))) => self.converse(stream, protocol, service).await,
            Some(Ok(Err(cause))) => tracing::debug!(%cause, "TLS handshake failed"),
            Some(Err(_)) => tracing::debug!("TLS handshake took too long"),
            None => {}
        }
    }

    async fn converse<I, S, B>(self, stream: I, protocol: Protocol, service: S)
    where
        I: AsyncRead + AsyncWrite + Send + Unpin + 'static,
        S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Send + 'static,
        S::Future: Send + 'static,
        B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
    {
        let stream = TokioIo::new(stream);
        let Conversations { http1, http2, farewell, header_read_timeout, .. } = &*self.conversations;
        let ended = match protocol {
            Protocol::Http1 => {
                let timer = HeadTimer::new();
                let conversation = http1.clone().timer(timer.clone()).serve_connection(stream, service).with_upgrades();
                head::within(
                    farewell.heard_by(Box::pin(conversation), http1::UpgradeableConnection::graceful_shutdown),
                    timer,
                    *header_read_timeout,
                )
                .await
            }
            Protocol::Http2 => {
                farewell
                    .heard_by(Box::pin(http2.serve_connection(stream, service)), http2::Connection::graceful_shutdown)
                    .await
            }
        };
        if let Err(cause) = ended {
            tracing::debug!(%cause, "connection ended early");
        }
    }
}

#[cfg(test)]
mod tests;
