//! Which pages may read an answer in a browser (the Fetch standard's CORS).
//!
//! What is public is public for pages too. Everything else may be read by pages of the client that asks, and their origins
//! come from where it registered its redirect URIs, never from a token or from the request. A preflight does not say who will
//! ask, so it allows every origin that some client has; the answer itself then does not.

use std::convert::Infallible;

use axum::{
    extract::{FromRequestParts, State},
    response::Response,
    routing::MethodRouter,
};
use http::{
    HeaderValue, StatusCode,
    header::{
        ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
        ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ORIGIN, VARY,
    },
    request::Parts,
};
use tollgate_oauth::client_authentication::ClientAuthentication;
use tollgate_store::{Directory, DirectoryClient};
use tollgate_web::{Arrival, Fault, Received, answer};

use crate::Identity;

const ANYONE: HeaderValue = HeaderValue::from_static("*");
const METHODS: HeaderValue = HeaderValue::from_static("GET, POST");
const HEADERS: HeaderValue =
    HeaderValue::from_static("Authorization, Content-Type, DPoP, X-Api-Key, X-IMS-ClientId, X-Request-Id");
const EXPOSED: HeaderValue =
    HeaderValue::from_static("WWW-Authenticate, DPoP-Nonce, Retry-After, x-request-id, x-debug-id");
/// How long browsers may remember a preflight.
const REMEMBERED_SECONDS: HeaderValue = HeaderValue::from_static("600");

/// The page that asks, as its browser tells: an extractor.
#[derive(Debug, Clone)]
pub(crate) struct Origin(Option<HeaderValue>);

impl<S: Send + Sync> FromRequestParts<S> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let mut origins = parts.headers.get_all(ORIGIN).iter();
        // Two of them are the word of no browser.
        Ok(Self(origins.next().filter(|_| origins.next().is_none()).cloned()))
    }
}

impl Origin {
    /// Whether this is a page of the client: on an origin of its redirect URIs.
    pub(crate) fn is_of(&self, client: &DirectoryClient) -> bool {
        let Some(origin) = self.0.as_ref().and_then(|origin| origin.to_str().ok()) else { return false };
        let registered = client.redirects().map_or(&[][..], |rules| rules.origins());
        client.is_enabled() && registered.iter().any(|own| own == origin)
    }

    /// Whether this is a page of some client.
    pub(crate) fn is_of_any(&self, directory: &Directory) -> bool {
        self.0.is_some() && directory.clients.values().any(|client| self.is_of(client))
    }

    /// Lets the page read the answer if `allowed`. Caches are told that this depends on who asks.
    pub(crate) fn may_read(&self, allowed: bool, mut response: Response) -> Response {
        let headers = response.headers_mut();
        headers.append(VARY, HeaderValue::from_name(ORIGIN));
        if let Some(origin) = self.0.as_ref().filter(|_| allowed) {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        }
        response
    }

    /// Like [`Origin::may_read`], also when the browser sent its cookies along.
    pub(crate) fn may_read_as_person(&self, allowed: bool, response: Response) -> Response {
        let mut response = self.may_read(allowed, response);
        if response.headers().contains_key(ACCESS_CONTROL_ALLOW_ORIGIN) {
            response.headers_mut().insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
        response
    }
}

/// Lets every page read an answer that holds nothing but what is public.
pub(crate) fn public(mut response: Response) -> Response {
    response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, ANYONE);
    response.headers_mut().insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    response
}

/// The preflight of a public address.
pub(crate) async fn preflight_of_anyone() -> Response {
    asked_first(public(answer::empty(StatusCode::NO_CONTENT)))
}

/// The preflight of an address for pages of clients.
pub(crate) async fn preflight(
    State(identity): State<Identity>,
    arrival: Arrival,
    origin: Origin,
) -> Result<Response, Fault> {
    let allowed = origin.is_of_any(&*identity.house().directory_at(arrival.at)?);
    let response = origin.may_read(allowed, answer::empty(StatusCode::NO_CONTENT));
    Ok(if allowed { asked_first(response) } else { response })
}

/// The preflight of an address to which browsers send their cookies.
pub(crate) async fn preflight_as_person(
    State(identity): State<Identity>,
    arrival: Arrival,
    origin: Origin,
) -> Result<Response, Fault> {
    let allowed = origin.is_of_any(&*identity.house().directory_at(arrival.at)?);
    let response = origin.may_read_as_person(allowed, answer::empty(StatusCode::NO_CONTENT));
    Ok(if allowed { asked_first(response) } else { response })
}

fn asked_first(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
    headers.insert(ACCESS_CONTROL_MAX_AGE, REMEMBERED_SECONDS);
    response
}

/// An endpoint by `POST` that pages of the client that the request names may call.
pub(crate) fn post<E, A>(endpoint: E) -> MethodRouter<Identity>
where
    E: FnOnce(State<Identity>, Arrival, Received) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Response> + Send + 'static,
{
    axum::routing::post(readable(endpoint)).options(preflight)
}

/// The same by `GET` too.
pub(crate) fn get_or_post<E, A>(endpoint: E) -> MethodRouter<Identity>
where
    E: FnOnce(State<Identity>, Arrival, Received) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Response> + Send + 'static,
{
    post(endpoint.clone()).get(readable(endpoint))
}

fn readable<E, A>(
    endpoint: E,
) -> impl FnOnce(State<Identity>, Arrival, Origin, Received) -> BoxedAnswer + Clone + Send + Sync + 'static
where
    E: FnOnce(State<Identity>, Arrival, Received) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Response> + Send + 'static,
{
    move |State(identity), arrival, origin, received| {
        Box::pin(async move {
            let allowed = is_named_clients(&identity, &arrival, &origin, &received);
            origin.may_read(allowed, endpoint(State(identity), arrival, received).await)
        })
    }
}

type BoxedAnswer = std::pin::Pin<Box<dyn Future<Output = Response> + Send>>;

/// Whether the page is one of the client that the request names. Naming proves nothing; but a page learns nothing from an
/// answer to its own request, and no other page can read it.
fn is_named_clients(identity: &Identity, arrival: &Arrival, origin: &Origin, received: &Received) -> bool {
    if origin.0.is_none() {
        return false;
    }
    let Ok(directory) = identity.house().directory_at(arrival.at) else { return false };
    let named = match received.client() {
        // Whom an assertion names is not known before it is verified, and pages cannot sign one.
        Ok(ClientAuthentication::Assertion { .. }) => None,
        Ok(offered) => directory.client(offered.client_id().as_str()),
        Err(_) => received.params.get("client_id").or(received.client_header()).and_then(|id| directory.client(id)),
    };
    named.is_some_and(|client| origin.is_of(client))
}
