//! A form, or the JSON of a script, taken only from a page that was made for this browser.

use std::time::Duration;

use axum::{
    body::to_bytes,
    extract::{FromRequest, FromRequestParts as _, Request},
};
use http::StatusCode;
use serde::Deserialize;
use serde_json::value::RawValue;
use tollgate_oauth::Params;
use tollgate_web::{
    Arrival,
    form_token::{FORM_TOKEN_FIELD, is_form_token, is_same_site_request},
    received::{BODY_BYTES_MAX, BODY_SECONDS_MAX},
};

use crate::{
    Account,
    halt::Halt,
    visit::{Visit, is_unstorable},
};

/// A form of a page before a sign-in: bound to the form cookie.
pub(crate) struct Form(pub(crate) Visit);

impl FromRequest<Account> for Form {
    type Rejection = Halt;

    async fn from_request(request: Request, account: &Account) -> Result<Self, Halt> {
        let visit = Visit::from_request(request, account).await?;
        check(&visit, visit.form_secret(), visit.typed(FORM_TOKEN_FIELD))?;
        Ok(Self(visit))
    }
}

/// Refuses what was not sent from a page of ours that was made for the browser with this secret.
pub(crate) fn check(visit: &Visit, secret: &str, token: &str) -> Result<(), Halt> {
    let house = visit.account.house();
    let own = is_same_site_request(visit.headers(), &house.instance) && is_form_token(&house.digest_key, secret, token);
    if own { Ok(()) } else { Err(Halt::form_refused()) }
}

/// What the script of a page sends. Whether it is ours is still to be checked, by [`check`], with the secret that the
/// page was bound to.
pub(crate) struct ScriptVisit {
    pub(crate) visit: Visit,
    pub(crate) sent: Sent,
}

/// The members that scripts send.
#[derive(Deserialize)]
pub(crate) struct Sent {
    #[serde(default)]
    pub(crate) form_token: String,
    pub(crate) request: Option<String>,
    pub(crate) ceremony: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) name: Option<String>,
    /// Whether a passkey is meant to complete a sign-in that has its password already.
    #[serde(default)]
    pub(crate) second_factor: bool,
    /// What the browser's `credential.toJSON()` gave; read by whoever checks it.
    pub(crate) credential: Option<Box<RawValue>>,
}

impl FromRequest<Account> for ScriptVisit {
    type Rejection = Halt;

    async fn from_request(request: Request, account: &Account) -> Result<Self, Halt> {
        let (mut parts, body) = request.into_parts();
        let arrival = Arrival::from_request_parts(&mut parts, account).await?;
        let arriving = tokio::time::timeout(Duration::from_secs(BODY_SECONDS_MAX), to_bytes(body, BODY_BYTES_MAX));
        let refused = |status| Halt::unreadable(status, None);
        let bytes = arriving.await.map_err(|_| refused(StatusCode::REQUEST_TIMEOUT))?;
        let bytes = bytes.map_err(|_| refused(StatusCode::PAYLOAD_TOO_LARGE))?;
        let sent: Sent = serde_json::from_slice(&bytes).map_err(|_| refused(StatusCode::BAD_REQUEST))?;
        if [&sent.request, &sent.ceremony, &sent.email, &sent.name]
            .into_iter()
            .flatten()
            .any(|text| is_unstorable(text))
        {
            return Err(refused(StatusCode::BAD_REQUEST));
        }
        let path = parts.uri.path().to_owned();
        Ok(Self { visit: Visit::new(account.clone(), arrival, parts.headers, path, Params::default()), sent })
    }
}
