//! The door that every request to identity and console comes through: it names the request, holds back addresses that ask
//! too often, catches panics, logs faults, and puts the same headers on every answer.
//!
//! It is one function around a router rather than a tower of layers: at tens of thousands of requests a second each layer
//! is felt.

use std::{net::IpAddr, panic::AssertUnwindSafe, sync::Arc};

use axum::{Router, body::Body, extract::FromRequestParts, response::Response};
use futures_util::FutureExt as _;
use http::{
    HeaderName, HeaderValue, Method, Request, Uri,
    header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS},
    request::Parts,
};
use tollgate_crypto::Entropy;
use tollgate_model::{Clock, Seconds, Timestamp, id::RequestId, limit::Rate};
use tower::Service as _;

use crate::{
    Fault, PeerAddress, TrustedProxies, error,
    fault::{Noted, unavailable},
    rate::AddressLimiter,
};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The name under which clients of IMS read the request's id (contract section 1.0).
const X_DEBUG_ID: HeaderName = HeaderName::from_static("x-debug-id");

/// Put on every answer that does not set them itself, as pages do: what is no page loads nothing and is not framed.
const SECURITY_HEADERS: [(HeaderName, HeaderValue); 3] = [
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")),
];

/// Settings of the door.
#[derive(Debug, Clone, Copy, Default)]
pub struct FrontSettings {
    /// Proxies of our own in front.
    pub proxies: TrustedProxies,
    /// How fast one address may ask; `None` for as fast as it likes.
    pub address_rate: Option<Rate>,
    /// How long browsers shall insist on TLS; `None` to leave that to them, as on loopback.
    pub strict_transport: Option<Seconds>,
}

/// What the door knows of a request, for those behind it: an extractor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// The request's name in logs and answers.
    pub request_id: RequestId,
    /// Who asks, behind all proxies of our own.
    pub client: IpAddr,
    /// When the request came: the clock, read once.
    pub at: Timestamp,
}

impl<S: Send + Sync> FromRequestParts<S> for Arrival {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        parts
            .extensions
            .get()
            .cloned()
            .ok_or(Fault::new("a request came to an endpoint without coming through the front"))
    }
}

/// The door. Clones share everything.
#[derive(Clone)]
pub struct Front {
    router: Router,
    shared: Arc<Shared>,
}

struct Shared {
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    proxies: TrustedProxies,
    limiter: Option<AddressLimiter>,
    strict_transport: Option<HeaderValue>,
}

impl Front {
    /// Puts the door in front of a router, and JSON answers for unknown addresses and methods behind it.
    pub fn new(router: Router, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>, settings: FrontSettings) -> Self {
        let router = router
            .fallback(|| async { error::not_found() })
            .method_not_allowed_fallback(|| async { error::method_not_allowed() });
        let strict_transport = settings
            .strict_transport
            .map(|seconds| HeaderValue::try_from(format!("max-age={seconds}")).expect("digits are header characters"));
        let limiter = settings.address_rate.map(AddressLimiter::new);
        Self {
            router,
            shared: Arc::new(Shared { clock, entropy, proxies: settings.proxies, limiter, strict_transport }),
        }
    }

    /// Answers a request that came over a connection from `peer`.
    pub async fn answer(&self, mut request: Request<Body>, peer: PeerAddress) -> Response {
        let arrival = self.shared.arrival(&request, peer);
        let request_id = HeaderValue::from_str(arrival.request_id.as_str()).expect("a request id is header characters");
        let refused = self.shared.limiter.as_ref().and_then(|limiter| limiter.admit(arrival.client, arrival.at).err());
        let mut response = if let Some(retry_after) = refused {
            error::too_many_requests(retry_after)
        } else {
            let place = Place::of(&request, &request_id);
            request.extensions_mut().insert(arrival);
            self.route(request, &place).await
        };
        self.shared.dress(&mut response, request_id);
        response
    }

    /// Runs the router. A panic is a fault like any other: it answers 503 and lets nothing pass.
    async fn route(&self, request: Request<Body>, place: &Place) -> Response {
        let mut router = self.router.clone();
        let outcome = AssertUnwindSafe(async move { router.call(request).await }).catch_unwind().await;
        let mut response = match outcome {
            Ok(Ok(response)) => response,
            Ok(Err(never)) => match never {},
            Err(_) => {
                place.log(&"a request made the program panic; the line before this one says where");
                return unavailable();
            }
        };
        if let Some(Noted(fault)) = response.extensions_mut().remove() {
            place.log(&fault);
        }
        response
    }
}

/// What a log line says of a request. The query is left out: it may hold secrets.
struct Place {
    method: Method,
    uri: Uri,
    request_id: HeaderValue,
}

impl Place {
    fn of(request: &Request<Body>, request_id: &HeaderValue) -> Self {
        Self { method: request.method().clone(), uri: request.uri().clone(), request_id: request_id.clone() }
    }

    fn log(&self, fault: &dyn std::fmt::Display) {
        let request_id = self.request_id.to_str().unwrap_or_default();
        tracing::error!(request_id, method = %self.method, path = self.uri.path(), "{fault}");
    }
}

impl Shared {
    fn arrival(&self, request: &Request<Body>, peer: PeerAddress) -> Arrival {
        let given = request.headers().get(X_REQUEST_ID).and_then(|value| value.to_str().ok()?.parse().ok());
        Arrival {
            request_id: given.unwrap_or_else(|| RequestId::generate(&*self.entropy)),
            client: self.proxies.client_address(peer, request.headers()),
            at: self.clock.now(),
        }
    }

    fn dress(&self, response: &mut Response, request_id: HeaderValue) {
        let headers = response.headers_mut();
        for (name, value) in SECURITY_HEADERS {
            headers.entry(name).or_insert(value);
        }
        if let Some(strict_transport) = &self.strict_transport {
            headers.insert(STRICT_TRANSPORT_SECURITY, strict_transport.clone());
        }
        headers.insert(X_DEBUG_ID, request_id.clone());
        headers.insert(X_REQUEST_ID, request_id);
    }
}

#[cfg(test)]
mod tests {
    use axum::{
        response::IntoResponse as _,
        routing::{get, post},
    };
    use http::{
        StatusCode,
        header::{ALLOW, CONTENT_TYPE, RETRY_AFTER},
    };
    use http_body_util::BodyExt as _;
    use tollgate_crypto::SystemEntropy;

    use super::*;

    struct Noon;

    impl Clock for Noon {
        fn now(&self) -> Timestamp {
            Timestamp::from_seconds(1_700_000_000)
        }
    }

    fn front(settings: FrontSettings) -> Front {
        let router = Router::new()
            .route("/who", get(async |arrival: Arrival| format!("{} {}", arrival.request_id, arrival.client)))
            .route("/only-post", post(async || "done"))
            .route("/panic", get(async || -> Response { panic!("a defect") }))
            .route("/fault", get(async || Fault::new("broken").into_response()))
            .route("/own-policy", get(async || [(CONTENT_SECURITY_POLICY, "default-src 'self'")]));
        Front::new(router, Arc::new(Noon), Arc::new(SystemEntropy), settings)
    }

    async fn ask(front: &Front, path: &str, headers: &[(&str, &str)]) -> (Response, String) {
        let mut request = Request::builder().uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let peer = PeerAddress { socket: "10.0.0.1:4711".parse().unwrap(), is_tls: false };
        let response = front.answer(request.body(Body::empty()).unwrap(), peer).await;
        let (parts, body) = response.into_parts();
        let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        (Response::from_parts(parts, Body::empty()), text)
    }

    #[tokio::test]
    async fn a_request_keeps_a_plain_id_that_it_brings_and_gets_one_otherwise() {
        let front = front(FrontSettings::default());
        let (response, text) = ask(&front, "/who", &[("x-request-id", "abc-1")]).await;
        assert_eq!(text, "abc-1 10.0.0.1");
        assert_eq!(response.headers()[X_REQUEST_ID], "abc-1");
        assert_eq!(response.headers()[X_DEBUG_ID], "abc-1");
        for strange in ["a b", "<script>", ""] {
            let (response, _) = ask(&front, "/who", &[("x-request-id", strange)]).await;
            assert_eq!(response.headers()[X_REQUEST_ID].len(), 32, "{strange}");
        }
    }

    #[tokio::test]
    async fn every_answer_carries_security_headers_unless_it_has_its_own() {
        let settings = FrontSettings { strict_transport: Some(Seconds(60)), ..FrontSettings::default() };
        let front = front(settings);
        for path in ["/who", "/nowhere", "/panic"] {
            let (response, _) = ask(&front, path, &[]).await;
            assert_eq!(response.headers()[X_CONTENT_TYPE_OPTIONS], "nosniff", "{path}");
            assert_eq!(response.headers()[STRICT_TRANSPORT_SECURITY], "max-age=60", "{path}");
        }
        let (response, _) = ask(&front, "/own-policy", &[]).await;
        assert_eq!(response.headers()[CONTENT_SECURITY_POLICY], "default-src 'self'");
    }

    #[tokio::test]
    async fn a_panic_and_a_fault_are_503_with_retry_after_and_say_nothing_of_the_cause() {
        let front = front(FrontSettings::default());
        for path in ["/panic", "/fault"] {
            let (response, text) = ask(&front, path, &[]).await;
            assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE, "{path}");
            assert_eq!(response.headers()[RETRY_AFTER], "5", "{path}");
            assert!(
                text.contains("temporarily_unavailable") && !text.contains("defect") && !text.contains("broken"),
                "{text}"
            );
            assert!(response.extensions().get::<Noted>().is_none());
        }
    }

    #[tokio::test]
    async fn unknown_addresses_and_methods_are_answered_in_json() {
        let front = front(FrontSettings::default());
        let (response, text) = ask(&front, "/nowhere", &[]).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
        assert!(text.contains("not_found"), "{text}");
        let (response, text) = ask(&front, "/only-post", &[]).await;
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(response.headers()[ALLOW], "POST");
        assert_eq!(response.headers()[CONTENT_TYPE], "application/json;charset=UTF-8");
        assert!(text.contains("method_not_allowed"), "{text}");
    }

    #[tokio::test]
    async fn an_address_that_asks_too_often_waits_and_others_do_not() {
        let front = front(FrontSettings {
            proxies: TrustedProxies(1),
            address_rate: Some("1/60+1".parse().unwrap()),
            strict_transport: None,
        });
        let (response, _) = ask(&front, "/who", &[("x-forwarded-for", "1.2.3.4")]).await;
        assert_eq!(response.status(), StatusCode::OK);
        let (response, text) = ask(&front, "/who", &[("x-forwarded-for", "1.2.3.4")]).await;
        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(response.headers()[RETRY_AFTER], "60");
        assert!(response.headers().contains_key(X_REQUEST_ID), "{text}");
        let (response, _) = ask(&front, "/who", &[("x-forwarded-for", "1.2.3.5")]).await;
        assert_eq!(response.status(), StatusCode::OK);
    }
}
