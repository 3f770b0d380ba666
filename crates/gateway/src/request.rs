//! The life of a request, on one screen: [`answer`], then [`decide`], then [`forward`].

use std::{
    convert::Infallible,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, header, uri::PathAndQuery};
use http_body::Body;
use hyper::upgrade::OnUpgrade;
use tollgate_model::{
    Timestamp,
    service::{IdentityForwarding, Service},
};
use tollgate_web::PeerAddress;

use crate::{
    Shared,
    admit::{Admitted, Gatekeeper},
    body::{GatewayBody, Inbound, Outbound, Upload},
    caller::Caller,
    error::{Code, Refused},
    host::named_host,
    identity::Identity,
    limit::{Gates, Standing},
    metadata,
    passage::Passage,
    path::CanonicalPath,
    possession::Called,
    presented::{QueryCredentials, without_credentials},
    rewrite::{self, Bearer, CallerHeaders, TokenHeaders, X_REQUEST_ID},
    route::Route,
    snapshot::Snapshot,
    upstream::{Attempts, Call},
};

/// Answers one request. What needs no waiting is decided before this returns, so that the future, which is copied on its
/// way to the connection, holds no more than what is needed for forwarding.
pub(crate) fn answer(
    gateway: Arc<Shared>,
    request: Request<Inbound>,
    peer: PeerAddress,
) -> impl Future<Output = Result<Response<GatewayBody>, Infallible>> + Send {
    let now = gateway.house.clock.now();
    let request_id = gateway.request_ids.of(&request);
    let mut line = LogLine::begin(&request);
    let decided = unless_it_panics(|| decide(&gateway, request, &request_id, peer, now));
    async move {
        let mut response = match decided {
            Ok(Decision::Forward(passing, request)) => {
                forward(&gateway, passing, request, &request_id, &mut line).await
            }
            Ok(Decision::Answer(response)) => *response,
            Err(refused) => line.refused(refused),
        };
        line.write(&gateway, &response, &request_id, now);
        response.headers_mut().insert(X_REQUEST_ID, request_id);
        Ok(response)
    }
}

/// What is done with a request.
enum Decision {
    Answer(Box<Response<GatewayBody>>),
    Forward(Box<Passing>, Box<Request<Outbound>>),
}

/// A request that passes, as it is forwarded.
struct Passing {
    route: Arc<Route>,
    /// `None` for a preflight, which names nobody.
    admitted: Option<Admitted>,
    standing: Option<Standing>,
    target: PathAndQuery,
    upgrade: Option<OnUpgrade>,
    upload: Option<Arc<Upload>>,
}

impl Passing {
    const fn new(route: Arc<Route>, admitted: Option<Admitted>, target: PathAndQuery) -> Self {
        Self { route, admitted, standing: None, target, upgrade: None, upload: None }
    }

    fn count(&self, status: StatusCode) {
        if let Some(admitted) = &self.admitted {
            admitted.subscription.usage.count(status);
        }
    }

    fn gates(&self) -> &Gates {
        self.admitted.as_ref().map_or(&self.route.gates, |admitted| &admitted.subscription.gates)
    }
}

/// The decision about a request, each step where it must stand.
fn decide(
    gateway: &Shared,
    mut request: Request<Inbound>,
    request_id: &HeaderValue,
    peer: PeerAddress,
    now: Timestamp,
) -> Result<Decision, Refused> {
    let (uri, headers) = (request.uri(), request.headers());

    // The reading of the request comes before all else: whatever is decided holds for one path and one host alone.
    let host = named_host(request.version(), uri, headers)?;
    let path = CanonicalPath::parse(uri.path())?;
    let query = uri.query().map_or(Ok(QueryCredentials::default()), QueryCredentials::parse)?;
    check_method(request.method())?;

    // One state of the directory for the whole request, and none rather than a stale one.
    let snapshot = gateway.snapshots.at(&gateway.house, &gateway.ledger, now).map_err(|fault| {
        tracing::error!(request_id = text(request_id), %fault, "no call is let through");
        let demands_token = gateway.snapshots.last().routes.find(host, path).is_some_and(|route| route.demands_token());
        Refused::fault(if demands_token { Code::TokenFault } else { Code::KeyFault })
    })?;
    if let Some(resource) = metadata::resource_path(path) {
        let route = find(&snapshot, host, resource)?;
        return Ok(Decision::Answer(Box::new(metadata::answer(route, &gateway.house.instance))));
    }
    let route = find(&snapshot, host, path)?;
    check_service(&route.service, announced_bytes(headers)?)?;

    // Credentials before limits: a stranger must not use up what belongs to somebody.
    let is_preflight = rewrite::is_preflight(&request) && request.body().is_end_stream();
    let gatekeeper = Gatekeeper { gateway, snapshot: &snapshot, now };
    let asked = Called { method: request.method(), path, headers };
    let admitted = if is_preflight { None } else { Some(gatekeeper.admit(route, &asked, &query)?) };
    let target = target(route, path, uri, &query)?;
    let caller = caller_headers(gateway, &snapshot, route, admitted.as_ref(), now)?;
    let bearer = bearer(route, admitted.as_ref(), &query);
    let mut passage = Passage::read(request_id.clone(), headers, host, peer, gateway.proxies);
    passage.switches = request.body().is_end_stream() && rewrite::asks_for_websocket(&request);

    // Limits last: only what is forwarded counts.
    let mut passing = Box::new(Passing::new(Arc::clone(route), admitted, target));
    passing.standing = passing.gates().pass(now).inspect_err(|refused| passing.count(refused.code().status()))?;

    if passage.switches {
        passing.upgrade = request.extensions_mut().remove();
    }
    rewrite::request_headers(request.headers_mut(), passage, caller, bearer);
    let (mut parts, body) = request.into_parts();
    parts.extensions.clear();
    let (body, upload) = Outbound::bounded(body, passing.route.service.forwarding.body_bytes_max);
    passing.upload = upload;
    Ok(Decision::Forward(passing, Box::new(Request::from_parts(parts, body))))
}

/// Forwards a request that passes, and counts how it ended.
async fn forward(
    gateway: &Shared,
    mut passing: Box<Passing>,
    request: Box<Request<Outbound>>,
    request_id: &HeaderValue,
    line: &mut LogLine,
) -> Response<GatewayBody> {
    let (upload, upgrade) = (passing.upload.take(), passing.upgrade.take());
    let passing = &*passing;
    let mut outcome = Outcome { passing, status: StatusCode::BAD_REQUEST };
    line.passing(passing);
    let route = &passing.route;
    let mut call = Call {
        forwarding: &route.service.forwarding,
        target: &passing.target,
        upload,
        upgrade,
        stopping: &gateway.stopping,
        request_id,
    };
    let mut response = match route.balance.forward(request, &mut call, &mut line.attempts).await {
        Ok(mut response) => {
            rewrite::response_headers(&mut response);
            response
        }
        Err(failure) => {
            passing.gates().give_back_quota();
            line.refused(failure.into())
        }
    };
    if let Some(standing) = passing.standing {
        passing.gates().describe(standing, response.headers_mut());
    }
    outcome.status = response.status();
    response
}

/// A panic is a fault like any other: it lets nothing pass and refuses nobody.
fn unless_it_panics<T>(decide: impl FnOnce() -> Result<T, Refused>) -> Result<T, Refused> {
    catch_unwind(AssertUnwindSafe(decide)).unwrap_or_else(|_| {
        tracing::error!("a request made the gateway panic; the line before this one says where");
        Err(Refused::fault(Code::KeyFault))
    })
}

fn find<'a>(snapshot: &'a Snapshot, host: Option<&str>, path: CanonicalPath<'_>) -> Result<&'a Arc<Route>, Refused> {
    snapshot
        .routes
        .find(host, path)
        .ok_or_else(|| Refused::new(Code::NoService, "no service answers at this host and path"))
}

/// CONNECT would open a tunnel past the path, TRACE would send credentials back.
fn check_method(method: &Method) -> Result<(), Refused> {
    if matches!(*method, Method::CONNECT | Method::TRACE) {
        return Err(Refused::new(Code::MethodNotAllowed, format!("{method} is not forwarded")));
    }
    Ok(())
}

/// The one length that a request announces. HTTP/2 frames a body by itself and lets more through, an empty length and one
/// that is repeated among it, which HTTP/1.1 behind the gateway would take for its framing.
fn announced_bytes(headers: &HeaderMap) -> Result<Option<u64>, Refused> {
    let mut lengths = headers.get_all(header::CONTENT_LENGTH).iter();
    let Some(length) = lengths.next() else { return Ok(None) };
    let is_number = !length.is_empty() && length.as_bytes().iter().all(u8::is_ascii_digit);
    let bytes = length.to_str().ok().and_then(|text| text.parse().ok());
    if bytes.is_none() || !is_number || lengths.next().is_some() {
        return Err(Refused::new(Code::AmbiguousRequest, "the Content-Length header must be one whole number"));
    }
    Ok(bytes)
}

/// Refuses what the service does not take at all: anything while it is switched off, and a body that is announced as too
/// large before any of it is read.
fn check_service(service: &Service, announced: Option<u64>) -> Result<(), Refused> {
    if !service.enabled {
        return Err(Refused::new(Code::ServiceUnavailable, format!("service {} is switched off", service.code)));
    }
    let bytes_max = service.forwarding.body_bytes_max;
    if announced.is_some_and(|bytes| bytes > bytes_max) {
        let detail = format!("the request body is larger than the {bytes_max} bytes that this service allows");
        return Err(Refused::new(Code::BodyTooLarge, detail));
    }
    Ok(())
}

/// What is asked of the upstream: the path that was matched, byte for byte, perhaps without the gateway path, and the
/// query without credentials.
fn target(
    route: &Route,
    path: CanonicalPath<'_>,
    uri: &Uri,
    query: &QueryCredentials<'_>,
) -> Result<PathAndQuery, Refused> {
    let strips = route.service.forwarding.strip_path;
    if !strips
        && !query.occur
        && let Some(unchanged) = uri.path_and_query()
    {
        return Ok(unchanged.clone());
    }
    let path =
        if strips { path.below(&route.prefix).filter(|rest| !rest.is_empty()).unwrap_or("/") } else { path.as_str() };
    let mut target = String::with_capacity(path.len() + uri.query().map_or(0, str::len) + 1);
    target.push_str(path);
    let query = uri.query().map(|text| if query.occur { without_credentials(text) } else { text.to_owned() });
    if let Some(query) = query.filter(|text| !text.is_empty()) {
        target.push('?');
        target.push_str(&query);
    }
    PathAndQuery::try_from(target)
        .map_err(|_| Refused::new(Code::AmbiguousPath, "the path or query cannot be forwarded as it is"))
}

fn bearer(route: &Route, admitted: Option<&Admitted>, query: &QueryCredentials<'_>) -> Bearer {
    if admitted.is_none() || !route.demands_token() {
        return Bearer::Drop;
    }
    match &query.token {
        Some(token) => HeaderValue::try_from(format!("Bearer {token}")).map_or(Bearer::Drop, Bearer::Set),
        None => Bearer::Keep,
    }
}

fn caller_headers(
    gateway: &Shared,
    snapshot: &Snapshot,
    route: &Route,
    admitted: Option<&Admitted>,
    now: Timestamp,
) -> Result<CallerHeaders, Refused> {
    let Some(Admitted { caller, subscription, token }) = admitted else { return Ok(CallerHeaders::Nobody) };
    let client_id = caller.client_id.clone();
    if route.service.forwarding.identity == IdentityForwarding::Headers {
        let token =
            token.as_ref().map(|token| TokenHeaders { user_id: token.user_id.clone(), scope: token.scope.clone() });
        return Ok(CallerHeaders::Plain { client_id, organization_id: caller.organization_id.clone(), token });
    }
    let identity = Identity {
        issuer: &gateway.house.instance.issuer,
        service_code: &route.service.code,
        caller: &caller.entry,
        token: token.as_ref().map(|token| token.token()),
    };
    let kept = token.as_ref().map_or(&subscription.identity, |token| &token.identity);
    let identity = kept.header(&identity, &snapshot.directory, now).map_err(|fault| {
        tracing::error!(%fault, "a call could not be signed");
        Refused::fault(Code::ServiceUnavailable)
    })?;
    Ok(CallerHeaders::Signed { client_id, identity })
}

fn text(value: &HeaderValue) -> &str {
    value.to_str().unwrap_or_default()
}

/// Counts a call when it ends, also when the caller hangs up before it has an answer.
struct Outcome<'a> {
    passing: &'a Passing,
    status: StatusCode,
}

impl Drop for Outcome<'_> {
    fn drop(&mut self) {
        self.passing.count(self.status);
    }
}

/// The line that the log gets for each request; gathered only when somebody reads it. The query is left out, because it
/// may hold secrets.
struct LogLine {
    said: Option<Box<Said>>,
    attempts: Attempts,
    code: Option<Code>,
}

struct Said {
    method: Method,
    uri: Uri,
    route: Option<Arc<Route>>,
    caller: Option<Arc<Caller>>,
}

impl LogLine {
    fn begin(request: &Request<Inbound>) -> Self {
        let said = tracing::enabled!(tracing::Level::INFO).then(|| {
            Box::new(Said { method: request.method().clone(), uri: request.uri().clone(), route: None, caller: None })
        });
        Self { said, attempts: Attempts::default(), code: None }
    }

    fn passing(&mut self, passing: &Passing) {
        if let Some(said) = &mut self.said {
            said.route = Some(Arc::clone(&passing.route));
            said.caller = passing.admitted.as_ref().map(|admitted| Arc::clone(&admitted.caller));
        }
    }

    fn refused(&mut self, refused: Refused) -> Response<GatewayBody> {
        self.code = Some(refused.code());
        refused.into_response()
    }

    fn write(self, gateway: &Shared, response: &Response<GatewayBody>, request_id: &HeaderValue, began: Timestamp) {
        let Some(said) = self.said else { return };
        let Said { method, uri, route, caller } = *said;
        tracing::info!(
            request_id = text(request_id),
            %method,
            path = uri.path(),
            status = response.status().as_u16(),
            code = self.code.map(Code::as_str),
            service = route.as_ref().map(|route| route.service.code.as_str()),
            client_id = caller.as_ref().map(|caller| caller.entry.client.id.as_str()),
            attempts = self.attempts.0,
            micros = gateway.house.clock.now().micros() - began.micros(),
            "call"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_in_the_decision_is_a_fault_and_lets_nothing_pass() {
        let decided = unless_it_panics(|| -> Result<(), Refused> { panic!("a defect") });
        assert_eq!(decided.map_err(|refused| refused.code()), Err(Code::KeyFault));
    }
}
