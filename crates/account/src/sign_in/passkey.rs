//! `/sign-in/passkey`: the two halves of a sign-in with a passkey, in JSON.

use axum::response::Response;
use http::{StatusCode, header::SET_COOKIE};
use serde_json::{Value, json};
use tollgate_people::{PasskeyOptions, PasskeyRefused};
use tollgate_web::{Fault, answer};

use super::after;
use crate::{
    carried::TICKET,
    form::{self, ScriptVisit},
    halt::Halt,
    onward::Onward,
    setback,
};

/// What the browser shall ask the authenticator. An unknown address gets options that look like any other's.
pub(crate) async fn options(ScriptVisit { visit, sent }: ScriptVisit) -> Result<Response, Halt> {
    form::check(&visit, visit.form_secret(), &sent.form_token)?;
    let started = match visit.cookie(TICKET).filter(|_| sent.second_factor) {
        Some(ticket) => visit.people().start_passkey_second_factor(ticket, visit.now()).await,
        None => visit.people().start_passkey_sign_in(sent.email.as_deref(), visit.now()).await,
    };
    started.map_or_else(|refused| Ok(setback::to_script(refused)), |options| answered(&options))
}

/// Takes the authenticator's answer.
pub(crate) async fn finish(ScriptVisit { visit, sent }: ScriptVisit) -> Result<Response, Halt> {
    form::check(&visit, visit.form_secret(), &sent.form_token)?;
    let (Some(ceremony), Some(credential)) = (&sent.ceremony, &sent.credential) else {
        return Ok(setback::to_script(PasskeyRefused::NotAccepted));
    };
    let (people, by, now) = (visit.people(), visit.visitor(), visit.now());
    let (credential, current) = (credential.get().as_bytes(), visit.session().await?);
    let finished = match visit.cookie(TICKET).filter(|_| sent.second_factor) {
        Some(ticket) => {
            people.finish_passkey_second_factor(ticket, ceremony, credential, &by, current.as_ref(), now).await
        }
        None => people.finish_passkey_sign_in(ceremony, credential, &by, current.as_ref(), now).await,
    };
    match finished {
        Ok(step) => Ok(told(after(&visit, step, sent.request.as_deref()))),
        Err(refused) => Ok(setback::to_script(refused)),
    }
}

/// The options with the ceremony beside them, which the script sends back.
pub(crate) fn answered(options: &PasskeyOptions) -> Result<Response, Halt> {
    let mut body: Value = serde_json::from_str(&options.options)
        .map_err(|cause| Fault::caused("passkey options are not the JSON that they should be", cause))?;
    body["ceremony"] = json!(options.ceremony);
    Ok(answer::json(StatusCode::OK, body.to_string().into_bytes()))
}

/// Where the script shall go, with the cookies of the step.
pub(crate) fn told(onward: Onward) -> Response {
    let body = json!({ "location": onward.location() });
    let mut response = answer::json(StatusCode::OK, body.to_string().into_bytes());
    onward.dress(&mut response);
    debug_assert!(response.headers().get_all(SET_COOKIE).iter().all(http::HeaderValue::is_sensitive));
    response
}
