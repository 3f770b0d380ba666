//! `/ims/logout`: a person leaves, led here by an application, or an application's server ends a token (OpenID Connect
//! RP-Initiated Logout 1.0, contract section 1.13).
//!
//! Any site can lead a browser here. So nobody is signed out without being asked, unless the application shows an
//! `id_token` or access token of this very sign-in; and a browser is sent on to nothing but registered addresses. What is
//! said to have ended has ended durably.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use http::{
    HeaderMap, HeaderValue, Method, StatusCode,
    header::{CONTENT_TYPE, LOCATION, SET_COOKIE, USER_AGENT},
};
use tollgate_crypto::SecretText;
use tollgate_model::{Timestamp, id::ClientId, redirect_uri::is_registered};
use tollgate_oauth::{
    OauthError,
    logout::{LogoutRequest, with_state},
};
use tollgate_pages::views::error::{ErrorKind, Particular};
use tollgate_people::{SignedIn, Visitor};
use tollgate_store::{Directory, DirectoryClient};
use tollgate_web::{
    Arrival, Fault, Received, Stop, answer,
    cookies::{Cookies, SESSION_COOKIE},
    error::oauth_error_response,
    form_token::is_same_site_request,
};

use super::{
    authorize::{escaped, fault_page},
    cors::Origin,
};
use crate::{
    Identity,
    authorize::{Halt, asked::options},
    departure::{client_of, fits, read_hint},
    page::Reader,
};

/// Where people leave.
pub(crate) const ADDRESSES: [&str; 2] = ["/ims/logout", "/ims/logout/v1"];
/// The value of `redirect_uri` that means our own page.
const SELF: &str = "self";
const SCRIPT: HeaderValue = HeaderValue::from_static("text/javascript;charset=UTF-8");

/// Signs a person out, or asks whether to; for a client with its secret, ends a token.
pub(crate) async fn leave(
    State(identity): State<Identity>,
    arrival: Arrival,
    headers: HeaderMap,
    received: Result<Received, Response>,
) -> Response {
    let reader = Reader { arrival: &arrival, headers: &headers };
    let received = match received {
        Ok(received) => received,
        Err(refused) => return reader.error(refused.status(), ErrorKind::RequestInvalid, Vec::new()),
    };
    if shows_secret(&received) {
        let ended = end_for_client(&identity, arrival.at, &received).await;
        return ended.unwrap_or_else(|stop| {
            stop.into_response_with(|error| oauth_error_response(error, received.basic_used()))
        });
    }
    match front_channel(&identity, &arrival, &headers, &received).await {
        Ok(response) => response,
        Err(Halt::Page(kind, particulars)) => reader.error(StatusCode::BAD_REQUEST, kind, particulars),
        Err(Halt::Refusal(_, refusal)) => oauth_error_response(&refusal, false),
        Err(Halt::Fault(fault)) => fault_page(fault, &reader),
    }
}

/// `/ims/logout/v1/token`: ends a token without leading anywhere; the answer may be a script that calls a function.
pub(crate) async fn end_token(
    State(identity): State<Identity>,
    arrival: Arrival,
    headers: HeaderMap,
    origin: Origin,
    received: Received,
) -> Response {
    let ended = end_shown(&identity, arrival.at, &headers, &origin, &received).await;
    ended.unwrap_or_else(|stop| {
        origin.may_read(false, stop.into_response_with(|error| oauth_error_response(error, received.basic_used())))
    })
}

async fn end_shown(
    identity: &Identity,
    now: Timestamp,
    headers: &HeaderMap,
    origin: &Origin,
    received: &Received,
) -> Result<Response, Stop> {
    let request = LogoutRequest::parse(&received.params)?;
    let in_header = received.bearer()?;
    let text = request.access_token.as_ref().map(SecretText::reveal).or(in_header);
    let text = text.ok_or_else(|| OauthError::missing_parameter("access_token"))?;
    let directory = identity.house().directory_at(now)?;
    let mut client = request.client_id.as_ref().and_then(|id| directory.client(id.as_str()));
    if let Some(token) = identity.live_token(&directory, text, now)
        && request.client_id.as_ref().is_none_or(|named| *named == token.client_id)
    {
        identity.end_sign_in(&token, now).await?;
        client = client.or_else(|| directory.client(token.client_id.as_str()));
    }
    let allowed = client.is_some_and(|client| origin.is_of(client));
    let mut response = match &request.callback {
        None => answer::json(StatusCode::OK, b"{}".to_vec()),
        Some(callback) => {
            let mut script = answer::json(StatusCode::OK, callback.wrap("{}"));
            script.headers_mut().insert(CONTENT_TYPE, SCRIPT);
            script
        }
    };
    if signed_in(identity, headers, now).await?.is_none() {
        forget_session(identity, headers, &mut response);
    }
    Ok(origin.may_read(allowed, response))
}

/// Whether the caller offers to prove that it is a client: then it is no browser.
fn shows_secret(received: &Received) -> bool {
    let given = ["client_secret", "client_assertion"].iter().any(|name| received.params.get(name).is_some());
    given || received.basic_used()
}

async fn end_for_client(identity: &Identity, now: Timestamp, received: &Received) -> Result<Response, Stop> {
    let request = LogoutRequest::parse(&received.params)?;
    let offered = received.client()?;
    let directory = identity.house().directory_at(now)?;
    let client = identity.authenticate(&directory, &offered, now).await?.client;
    let text = request.access_token.ok_or_else(|| OauthError::missing_parameter("access_token"))?;
    // A token of another client, or one that opens nothing: there is nothing to end, and nothing to tell.
    if let Some(token) = identity.live_token(&directory, text.reveal(), now)
        && token.client_id == client.client.id
    {
        identity.end_sign_in(&token, now).await?;
    }
    Ok(answer::json(StatusCode::OK, b"{}".to_vec()))
}

/// Where the browser goes afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Onward {
    /// To our page.
    Ours,
    /// To an address that the application registered for this.
    PostLogout(String),
    /// To one of its redirect URIs, as clients of IMS ask.
    Redirect(String),
}

async fn front_channel(
    identity: &Identity,
    arrival: &Arrival,
    headers: &HeaderMap,
    received: &Received,
) -> Result<Response, Halt> {
    let now = arrival.at;
    let house = identity.house();
    let request = LogoutRequest::parse(&received.params).map_err(|refusal| Halt::page_of(&refusal))?;
    let directory = house.directory_at(now)?;
    let hint = request.id_token_hint.as_ref().map(|text| read_hint(&directory, &house.instance, text.reveal()));
    // A hint that is not ours, or was given to another application than the one that is named, is as good as none.
    let hint = hint
        .flatten()
        .filter(|hint| request.client_id.as_ref().is_none_or(|named| hint.is_for(&house.instance.issuer, named)));
    let token = request.access_token.as_ref().and_then(|text| identity.live_token(&directory, text.reveal(), now));
    let token = token.filter(|token| request.client_id.as_ref().is_none_or(|named| *named == token.client_id));
    let client_id = request.client_id.clone().or_else(|| hint.as_ref().and_then(client_of));
    let client_id = client_id.or_else(|| token.as_ref().map(|token| token.client_id.clone()));
    let client = find_client(&directory, client_id.as_ref())?;
    let onward = onward(&request, client.as_deref())?;
    if received.method() == Method::POST && comes_without_cookies(identity, headers) && token.is_none() {
        return Ok(redirect(StatusCode::SEE_OTHER, &same_by_get(received)));
    }
    let status = if received.method() == Method::POST { StatusCode::SEE_OTHER } else { StatusCode::FOUND };
    if let Some(token) = &token {
        identity.end_sign_in(token, now).await?;
    }
    match signed_in(identity, headers, now).await? {
        Some(present) if !hint.as_ref().is_some_and(|hint| fits(hint, &present)) => {
            let address = asking(identity, client.as_deref(), &onward, &request);
            Ok(redirect(status, &address))
        }
        present => {
            if let Some(present) = present {
                let agent = headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
                identity.people().sign_out(&present, &Visitor::new(arrival.client, agent), now).await?;
            }
            let mut response = redirect(status, &destination(identity, &onward, &request));
            forget_session(identity, headers, &mut response);
            Ok(response)
        }
    }
}

/// The credential that is named; a name that nobody has is a mistake of the application.
fn find_client(directory: &Directory, id: Option<&ClientId>) -> Result<Option<Arc<DirectoryClient>>, Halt> {
    let Some(id) = id else { return Ok(None) };
    let unknown = || Halt::Page(ErrorKind::ClientUnknown, vec![Particular::ClientId(id.to_string())]);
    Ok(Some(Arc::clone(directory.client(id.as_str()).ok_or_else(unknown)?)))
}

/// Where the browser goes afterwards; an address that is not registered is a page, and then nothing ends.
fn onward(request: &LogoutRequest, client: Option<&DirectoryClient>) -> Result<Onward, Halt> {
    let refused = |uri: &str| {
        let mut particulars: Vec<_> =
            client.iter().map(|own| Particular::ClientId(own.client.id.to_string())).collect();
        particulars.push(Particular::RedirectUri(uri.chars().take(200).collect()));
        Halt::Page(ErrorKind::RedirectUriMismatch, particulars)
    };
    let enabled = client.filter(|client| client.is_enabled());
    let is_for_leaving =
        |uri: &str| enabled.is_some_and(|client| is_registered(&options(client).post_logout_redirect_uris, uri));
    match (&request.post_logout_redirect_uri, &request.redirect_uri) {
        // Nobody says whose address it is, so nobody is sent there; the person may leave all the same.
        (Some(_), _) if client.is_none() => Ok(Onward::Ours),
        (Some(uri), _) if is_for_leaving(uri) => Ok(Onward::PostLogout(uri.clone())),
        (Some(uri), _) => Err(refused(uri)),
        (None, Some(uri)) if uri == SELF => Ok(Onward::Ours),
        (None, Some(uri)) if is_for_leaving(uri) => Ok(Onward::PostLogout(uri.clone())),
        (None, Some(uri)) => {
            let rules = enabled.and_then(|client| client.redirects());
            let allowed = rules.is_some_and(|rules| rules.allows(uri));
            if allowed { Ok(Onward::Redirect(uri.clone())) } else { Err(refused(uri)) }
        }
        (None, None) => Ok(Onward::Ours),
    }
}

fn destination(identity: &Identity, onward: &Onward, request: &LogoutRequest) -> String {
    match onward {
        Onward::Ours => format!("{}/signed-out", identity.house().instance.issuer),
        Onward::PostLogout(uri) | Onward::Redirect(uri) => with_state(uri, request.state.as_deref()),
    }
}

/// The page that asks the person. It checks the address again.
fn asking(identity: &Identity, client: Option<&DirectoryClient>, onward: &Onward, request: &LogoutRequest) -> String {
    let mut fields = Vec::new();
    if let Some(client) = client {
        fields.push(("client_id", client.client.id.as_str()));
    }
    match onward {
        Onward::Ours => {}
        Onward::PostLogout(uri) => fields.push(("post_logout_redirect_uri", uri)),
        Onward::Redirect(uri) => fields.push(("redirect_uri", uri)),
    }
    if let (Some(state), true) = (&request.state, *onward != Onward::Ours) {
        fields.push(("state", state));
    }
    fields.extend(request.locales.first().map(|locale| ("ui_locales", locale.as_str())));
    with_fields(format!("{}/sign-out", identity.house().instance.issuer), fields)
}

/// Browsers keep our cookies back when a form of another site is posted here, and send them when the same is asked for by
/// `GET`. An application may do either (RP-Initiated Logout section 2).
fn comes_without_cookies(identity: &Identity, headers: &HeaderMap) -> bool {
    let instance = &identity.house().instance;
    Cookies::of(instance).read(headers, SESSION_COOKIE).is_none() && !is_same_site_request(headers, instance)
}

fn same_by_get(received: &Received) -> String {
    let params = &received.params;
    let fields = params.names().filter_map(|name| Some((name, params.get(name)?)));
    with_fields(received.path().to_owned(), fields.collect())
}

fn with_fields(address: String, fields: Vec<(&str, &str)>) -> String {
    let fields = fields.into_iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value)));
    let query = fields.collect::<Vec<_>>().join("&");
    if query.is_empty() { address } else { format!("{address}?{query}") }
}

async fn signed_in(identity: &Identity, headers: &HeaderMap, now: Timestamp) -> Result<Option<SignedIn>, Fault> {
    match Cookies::of(&identity.house().instance).read(headers, SESSION_COOKIE) {
        Some(secret) => identity.people().session(secret, now).await,
        None => Ok(None),
    }
}

/// Makes the browser forget a cookie that opens nothing any more.
fn forget_session(identity: &Identity, headers: &HeaderMap, response: &mut Response) {
    let cookies = Cookies::of(&identity.house().instance);
    if cookies.read(headers, SESSION_COOKIE).is_some() {
        response.headers_mut().append(SET_COOKIE, cookies.delete(SESSION_COOKIE));
    }
}

fn redirect(status: StatusCode, location: &str) -> Response {
    let mut response = answer::empty(status);
    // What is registered, or escaped by us, is header characters.
    if let Ok(location) = HeaderValue::try_from(location) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}
