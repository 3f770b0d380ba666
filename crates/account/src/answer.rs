//! How the answers of this wing look: pages that nobody keeps, frames, or loads anything foreign into.

use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{
        CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, VARY, X_FRAME_OPTIONS,
    },
};
use tollgate_oauth::Params;
use tollgate_pages::{content_security_policy, views::error::ErrorPage};
use tollgate_web::Arrival;

use crate::{
    Account,
    appearance::{self, Seen},
    errand::Errand,
    halt::Unwritten,
};

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// Put on every answer that does not set them itself.
const PAGE_HEADERS: [(HeaderName, HeaderValue); 4] = [
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    // Not `no-referrer`: with that, browsers name no origin on a form of ours either, and the origin is checked.
    (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (VARY, HeaderValue::from_static("Cookie, Accept-Language")),
];

/// Put on the pages of a person's account besides. Pages on the way to an application do without it: in a pop-up it would
/// take from the application the window that it opened, and waits for.
const OPENER_POLICY: (HeaderName, HeaderValue) =
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin"));

/// A page. Chromium holds the redirects after a form against the policy of the form's page, so the pages on the way to
/// an application allow its redirect URI.
pub(crate) fn html(text: String, errand: Option<&Errand>) -> Response {
    let target = errand.and_then(Errand::form_target);
    let policy = content_security_policy(&target.as_deref().into_iter().collect::<Vec<_>>());
    let mut response = Response::new(Body::from(text));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HTML);
    // The policy's own words are ASCII, and targets with other characters are left out of it.
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::try_from(policy).expect("a policy is header characters"));
    response
}

/// Writes the error pages that handlers left unwritten, and puts the same headers on every answer.
pub(crate) async fn dress(
    State(account): State<Account>,
    arrival: Arrival,
    headers: HeaderMap,
    request: Request,
    next: Next,
) -> Response {
    let params = Params::parse(request.uri().query(), None, None).unwrap_or_default();
    let wants_page = !request.headers().get(CONTENT_TYPE).is_some_and(|sent| sent.as_bytes().starts_with(JSON));
    let is_own_account = request.uri().path().starts_with("/account");
    let mut response = next.run(request).await;
    if let Some(unwritten) = response.extensions_mut().remove::<Unwritten>() {
        let seen = Seen { headers: &headers, params: &params, errand: None, signed_in: None };
        let frame = appearance::frame(&account, seen, arrival.at);
        let request_id = arrival.request_id.to_string();
        let page = ErrorPage { kind: unwritten.kind, request_id, particulars: unwritten.particulars };
        if wants_page {
            let written = html(page.render(&frame), None);
            response.headers_mut().remove(CONTENT_LENGTH);
            response.headers_mut().extend(written.headers().clone());
            *response.body_mut() = written.into_body();
        }
        *response.status_mut() = unwritten.status;
    }
    for (name, value) in PAGE_HEADERS.into_iter().chain(is_own_account.then_some(OPENER_POLICY)) {
        response.headers_mut().entry(name).or_insert(value);
    }
    response
}

/// What scripts send, and get back.
const JSON: &[u8] = b"application/json";
