//! `/ims/introspect`: what a token says, told to credentials of the organization that it belongs to (RFC 7662).

use axum::{extract::State, response::Response};
use http::StatusCode;
use tollgate_model::Timestamp;
use tollgate_oauth::{answers, introspection::IntrospectionRequest};
use tollgate_web::{Arrival, Received, Stop, answer, error::oauth_error_response, verify_access_token};

use crate::Identity;

/// Answers what the token says; `active` is false for every token that is not the caller's to know about, whatever the
/// reason.
pub(crate) async fn post(State(identity): State<Identity>, arrival: Arrival, received: Received) -> Response {
    let told = introspect(&identity, arrival.at, &received).await;
    told.unwrap_or_else(|stop| stop.into_response_with(|error| oauth_error_response(error, received.basic_used())))
}

async fn introspect(identity: &Identity, now: Timestamp, received: &Received) -> Result<Response, Stop> {
    let request = IntrospectionRequest::parse(&received.params)?;
    let offered = received.client()?;
    let house = identity.house();
    let directory = house.directory_at(now)?;
    let caller = identity.authenticate_confidential(&directory, &offered, now).await?.client;
    let text = request.token.reveal();
    if let Some(read) = identity.read_reference(text) {
        let is_callers = directory
            .client(read.client_id.as_str())
            .is_some_and(|client| client.organization.id == caller.organization.id);
        let body = match identity.check_reference(&directory, &read, text, now).await? {
            Ok(scope) if is_callers => answers::active_reference(&read, &scope, &house.instance.issuer),
            _ => answers::inactive_token(),
        };
        return Ok(answer::json(StatusCode::OK, body));
    }
    let body = match verify_access_token(house, &directory, text, now) {
        Ok(verified) if verified.token().organization_id == caller.organization.id => {
            answers::active_token(verified.token(), &house.instance.issuer)
        }
        _ => answers::inactive_token(),
    };
    Ok(answer::json(StatusCode::OK, body))
}
