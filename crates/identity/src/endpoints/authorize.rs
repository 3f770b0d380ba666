//! `/ims/authorize` and `/ims/authorize/continue`: a person lets an application act for them (contract section 1.3).
//!
//! A request is checked from the outside in: whom an answer goes to, then what is asked, then what the person still has to
//! do. Until the first is known, errors are pages; a browser is never sent to an address that is not registered.

use axum::{extract::State, response::Response};
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{CONTENT_TYPE, LOCATION},
};
use tollgate_crypto::{base64url, entropy};
use tollgate_model::{Seconds, Timestamp};
use tollgate_oauth::{
    ErrorCode, OauthError,
    authorize::{AuthorizeRequest, AuthorizeTarget},
    authorize_answer::{AuthorizeAnswer, Delivery},
    pushed::parse_request_uri,
};
use tollgate_pages::views::error::{ErrorKind, Particular};
use tollgate_people::SignedIn;
use tollgate_store::{
    Directory, StoreError, consents,
    pending_requests::{self, PendingRequest},
};
use tollgate_web::{
    Arrival, Fault, Received, answer,
    cookies::{Cookies, SESSION_COOKIE},
};

use crate::{
    Identity,
    authorize::{
        Halt,
        asked::{Asked, find_way, options},
        needs::{Need, Present, first_need},
    },
    page::Reader,
};

/// Where the authorization endpoint answers (contract section 1.3): one thing under four names.
pub(crate) const ADDRESSES: [&str; 4] =
    ["/ims/authorize", "/ims/authorize/v1", "/ims/authorize/v2", "/ims/authorize/v3"];
/// Where the pages send a browser back to when the person has done a step.
pub(crate) const CONTINUE_PATH: &str = "/ims/authorize/continue";
/// How long a request waits for the person.
const WAITING_LIFETIME: Seconds = Seconds(1_800);

/// Answers a request, or sends the person to the step that is missing.
pub(crate) async fn ask(
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
    let outcome = authorize(&identity, &arrival, &headers, &received).await;
    let redirect = if received.method() == http::Method::POST { StatusCode::SEE_OTHER } else { StatusCode::FOUND };
    respond(&identity, outcome, &reader, redirect)
}

/// Goes on with a request after the person has done a step.
pub(crate) async fn go_on(
    State(identity): State<Identity>,
    arrival: Arrival,
    headers: HeaderMap,
    received: Result<Received, Response>,
) -> Response {
    let reader = Reader { arrival: &arrival, headers: &headers };
    let outcome = match &received {
        Ok(received) => resume(&identity, &arrival, &headers, received).await,
        Err(_) => Err(Halt::Page(ErrorKind::RequestInvalid, Vec::new())),
    };
    respond(&identity, outcome, &reader, StatusCode::FOUND)
}

/// What the browser is told.
enum Turn {
    /// An answer goes to the application of this name.
    Answered(Delivery, String),
    /// The person has a step to do at this address.
    Step(String),
}

fn respond(identity: &Identity, outcome: Result<Turn, Halt>, reader: &Reader<'_>, redirect: StatusCode) -> Response {
    let turn = match outcome {
        Err(Halt::Refusal(way, refusal)) => {
            Turn::Answered(identity.deliver(AuthorizeAnswer::error(&refusal), &way), way.application)
        }
        Err(Halt::Page(kind, particulars)) => return reader.error(StatusCode::BAD_REQUEST, kind, particulars),
        Err(Halt::Fault(fault)) => return fault_page(fault, reader),
        Ok(turn) => turn,
    };
    match turn {
        Turn::Step(location) | Turn::Answered(Delivery::Redirect(location), _) => to(redirect, &location, reader),
        Turn::Answered(Delivery::FormPost { action, fields }, application) => {
            reader.form_post(action, fields, &application)
        }
    }
}

fn to(redirect: StatusCode, location: &str, reader: &Reader<'_>) -> Response {
    let Ok(location) = HeaderValue::try_from(location) else {
        let particulars = vec![Particular::RedirectUri(location.chars().take(200).collect())];
        return reader.error(StatusCode::BAD_REQUEST, ErrorKind::RedirectUriMismatch, particulars);
    };
    let mut response = answer::empty(redirect);
    response.headers_mut().insert(LOCATION, location);
    response
}

/// A fault that a person sees: logged and 503 like any other, with a page in place of JSON.
pub(super) fn fault_page(fault: Fault, reader: &Reader<'_>) -> Response {
    use axum::response::IntoResponse as _;
    let mut response = fault.into_response();
    let page = reader.error(response.status(), ErrorKind::Fault, Vec::new());
    let (parts, body) = page.into_parts();
    *response.body_mut() = body;
    for (name, value) in &parts.headers {
        response.headers_mut().insert(name, value.clone());
    }
    debug_assert!(response.headers().contains_key(CONTENT_TYPE), "a page says that it is HTML");
    response
}

async fn authorize(
    identity: &Identity,
    arrival: &Arrival,
    headers: &HeaderMap,
    received: &Received,
) -> Result<Turn, Halt> {
    let now = arrival.at;
    let target = AuthorizeTarget::parse(&received.params).map_err(|refusal| Halt::page_of(&refusal))?;
    let house = identity.house();
    let directory = house.directory_at(now)?;
    let (asked, pushed) = if let Some(uri) = target.request_uri.as_deref() {
        let row = pushed_request(identity, uri, &target, now).await?;
        (read_again(&directory, identity, &row)?, Some(row))
    } else {
        let (client, way) = find_way(&directory, &target)?;
        let refused = |refusal| Halt::Refusal(Box::new(way.clone()), refusal);
        let request = AuthorizeRequest::parse(&received.params).map_err(refused)?;
        if options(&client).pushed_requests_required {
            let text = "requests of this client must be pushed to /ims/par first";
            return Err(refused(OauthError::invalid_request(text)));
        }
        (Asked::check(client, way, request, &directory, &house.instance)?, None)
    };
    proceed(identity, &directory, Case { asked, row: pushed }, headers, now).await
}

async fn resume(
    identity: &Identity,
    arrival: &Arrival,
    headers: &HeaderMap,
    received: &Received,
) -> Result<Turn, Halt> {
    let now = arrival.at;
    let id = received.params.get("request").ok_or_else(Halt::expired)?;
    let house = identity.house();
    let row = pending_requests::find(&house.db, id, now).await?.filter(|row| !row.pushed);
    let row = row.ok_or_else(Halt::expired)?;
    let directory = house.directory_at(now)?;
    let asked = read_again(&directory, identity, &row)?;
    proceed(identity, &directory, Case { asked, row: Some(row) }, headers, now).await
}

/// A request, and the row in which it was pushed or waits.
struct Case {
    asked: Asked,
    row: Option<PendingRequest>,
}

async fn pushed_request(
    identity: &Identity,
    uri: &str,
    target: &AuthorizeTarget,
    now: Timestamp,
) -> Result<PendingRequest, Halt> {
    let id = parse_request_uri(uri).ok_or_else(Halt::expired)?;
    let row = pending_requests::find(&identity.house().db, id, now).await?;
    row.filter(|row| row.pushed && row.client_id == target.client_id).ok_or_else(Halt::expired)
}

/// A request that was kept is checked again: the credential may have changed meanwhile.
fn read_again(directory: &Directory, identity: &Identity, row: &PendingRequest) -> Result<Asked, Halt> {
    let request: AuthorizeRequest = serde_json::from_str(&row.request)
        .map_err(|cause| Halt::Fault(Fault::caused("a kept authorization request cannot be read", cause)))?;
    let (client, way) = find_way(directory, &request.target)?;
    Asked::check(client, way, request, directory, &identity.house().instance)
}

/// Answers, refuses, or asks for the next step.
async fn proceed(
    identity: &Identity,
    directory: &Directory,
    case: Case,
    headers: &HeaderMap,
    now: Timestamp,
) -> Result<Turn, Halt> {
    let Case { asked, row } = &case;
    let waiting = row.as_ref().filter(|row| !row.pushed);
    let signed_in = signed_in(identity, headers, now).await?;
    let agreed = match &signed_in {
        Some(present) => consents::find(&identity.house().db, &present.user.id, &asked.client.client.id).await?,
        None => None,
    };
    let present = signed_in.as_ref().map(|SignedIn { session, user }| Present {
        session,
        user,
        agreed: agreed.as_ref().map(|consent| &consent.scope),
    });
    let need = if waiting.is_some_and(|waiting| waiting.refused_at.is_some()) {
        Err(OauthError::new(ErrorCode::AccessDenied, "the person did not allow it"))
    } else {
        first_need(asked, present, waiting, now)
    };
    match need {
        Err(refusal) => refuse(identity, &case, refusal, now).await,
        Ok(Some(need)) if asked.request.prompts.none => refuse(identity, &case, need.refusal(), now).await,
        Ok(Some(need)) => wait(identity, &case, need, now).await.map(Turn::Step),
        Ok(None) => {
            let SignedIn { session, user } = signed_in.as_ref().expect("who is not signed in needs to");
            let id = row.as_ref().map(|row| row.id.as_str());
            let delivery = identity.answer_request(directory, asked, (session, user), id, now).await?;
            Ok(Turn::Answered(delivery, asked.way.application.clone()))
        }
    }
}

async fn signed_in(identity: &Identity, headers: &HeaderMap, now: Timestamp) -> Result<Option<SignedIn>, Fault> {
    let cookies = Cookies::of(&identity.house().instance);
    match cookies.read(headers, SESSION_COOKIE) {
        Some(secret) => identity.people().session(secret, now).await,
        None => Ok(None),
    }
}

/// Tells the application no. That uses the request up like any other answer.
async fn refuse(identity: &Identity, case: &Case, refusal: OauthError, now: Timestamp) -> Result<Turn, Halt> {
    if let Some(row) = &case.row {
        let consume = async |tx: &mut tollgate_store::Transaction| pending_requests::consume(tx, &row.id, now).await;
        if identity.house().db.transact::<_, StoreError>(consume).await?.is_none() {
            return Err(Halt::expired());
        }
    }
    Err(Halt::Refusal(Box::new(case.asked.way.clone()), refusal))
}

/// Lets the request wait for the person, and names the page of the step. `redirect_uri` is repeated because clients of IMS
/// look for it there; the pages do not read it.
async fn wait(identity: &Identity, case: &Case, need: Need, now: Timestamp) -> Result<String, Halt> {
    let id = match &case.row {
        Some(row) if !row.pushed => row.id.clone(),
        pushed => keep(identity, &case.asked, pushed.as_ref(), now).await?,
    };
    let page = match need {
        Need::SignIn if case.asked.request.prompts.create => "sign-up",
        Need::SignIn | Need::Account => "sign-in",
        Need::Consent => "consent",
    };
    let redirect_uri = escaped(&case.asked.way.redirect_uri);
    Ok(format!("{}/{page}?request={id}&redirect_uri={redirect_uri}", identity.house().instance.issuer))
}

async fn keep(
    identity: &Identity,
    asked: &Asked,
    pushed: Option<&PendingRequest>,
    now: Timestamp,
) -> Result<String, Halt> {
    let row = PendingRequest {
        id: new_id(identity),
        client_id: asked.client.client.id.clone(),
        pushed: false,
        request: serde_json::to_string(&asked.request).expect("texts and lists are always JSON"),
        created_at: now,
        expires_at: now + WAITING_LIFETIME,
        session_id: None,
        consented_at: None,
        refused_at: None,
        account_chosen_at: None,
    };
    let store = async |tx: &mut tollgate_store::Transaction| -> Result<bool, StoreError> {
        if let Some(pushed) = pushed
            && pending_requests::consume(tx, &pushed.id, now).await?.is_none()
        {
            return Ok(false);
        }
        pending_requests::insert(tx, &row).await?;
        Ok(true)
    };
    if identity.house().db.transact(store).await? { Ok(row.id) } else { Err(Halt::expired()) }
}

/// The name of a kept request, which nobody can guess.
pub(crate) fn new_id(identity: &Identity) -> String {
    base64url::encode(&entropy::bytes::<24>(&*identity.house().entropy))
}

pub(super) fn escaped(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::with_capacity(text.len() + 16), |mut escaped, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(byte.into());
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
        escaped
    })
}
