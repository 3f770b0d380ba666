//! A service of our own behind the gateway: it answers what it received and counts.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::{
    Router,
    body::Bytes,
    extract::{Request, State},
};
use serde_json::{Value, json};

/// An upstream on a loopback port that stops with its value.
pub struct Echo {
    /// Where it listens.
    pub address: SocketAddr,
    calls: Arc<AtomicU64>,
    server: tokio::task::JoinHandle<()>,
}

impl Echo {
    /// Starts one.
    pub async fn start() -> Self {
        let calls = Arc::new(AtomicU64::new(0));
        let router = Router::new().fallback(answer).with_state(Arc::clone(&calls));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
        let address = listener.local_addr().expect("a bound listener has an address");
        let server = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("the echo serves until it is dropped");
        });
        Self { address, calls, server }
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many calls reached it.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::SeqCst)
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn answer(State(calls): State<Arc<AtomicU64>>, request: Request) -> String {
    calls.fetch_add(1, Ordering::SeqCst);
    let (head, body) = request.into_parts();
    let body: Bytes = axum::body::to_bytes(axum::body::Body::new(body), 1 << 24).await.unwrap_or_default();
    let headers: serde_json::Map<String, Value> = head
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), json!(String::from_utf8_lossy(value.as_bytes()))))
        .collect();
    json!({
        "method": head.method.as_str(),
        "path": head.uri.path(),
        "query": head.uri.query(),
        "headers": headers,
        "body": String::from_utf8_lossy(&body),
    })
    .to_string()
}
