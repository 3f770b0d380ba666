//! `/ims/validate_token`: whether a token is good, asked by whoever holds it (contract section 1.7).

use axum::{extract::State, response::Response};
use http::StatusCode;
use tollgate_model::{Timestamp, token::TokenType};
use tollgate_oauth::{
    answers::{self, InvalidReason},
    validation::ValidationRequest,
};
use tollgate_web::{Arrival, Received, Stop, VerifiedToken, answer, error::oauth_error_response, verify_access_token};

use crate::Identity;

/// Answers 200 whether the token is valid or not; 400 only for a question that cannot be understood.
pub(crate) async fn ask(State(identity): State<Identity>, arrival: Arrival, received: Received) -> Response {
    let told = validate(&identity, arrival.at, &received).await;
    told.unwrap_or_else(|stop| stop.into_response_with(|error| oauth_error_response(error, false)))
}

async fn validate(identity: &Identity, now: Timestamp, received: &Received) -> Result<Response, Stop> {
    let request = ValidationRequest::parse(&received.params, received.bearer()?, received.client_header())?;
    let house = identity.house();
    let directory = house.directory_at(now)?;
    let text = request.token.reveal();
    if let Some(read) = identity.read_reference(text) {
        let checked = if read.token_type != request.token_type {
            Err(InvalidReason::WrongType)
        } else if request.client_id.as_ref().is_some_and(|named| *named != read.client_id) {
            Err(InvalidReason::WrongClient)
        } else {
            identity.check_reference(&directory, &read, text, now).await?
        };
        let body = match checked {
            Ok(scope) => answers::valid_reference(&read, &scope, &house.instance.region),
            Err(reason) => answers::invalid_token(reason),
        };
        return Ok(answer::json(StatusCode::OK, body));
    }
    let body = match verify_access_token(house, &directory, text, now) {
        Ok(verified) => match mismatch(&request, &verified) {
            None => answers::valid_token(&verified.claims),
            Some(reason) => answers::invalid_token(reason),
        },
        Err(refusal) => answers::invalid_token(refusal.reason()),
    };
    Ok(answer::json(StatusCode::OK, body))
}

/// How a good token is not the one that the caller takes it for.
fn mismatch(request: &ValidationRequest, verified: &VerifiedToken) -> Option<InvalidReason> {
    if request.token_type != TokenType::AccessToken {
        return Some(InvalidReason::WrongType);
    }
    let named = request.client_id.as_ref();
    named.filter(|named| **named != verified.token().client_id).map(|_| InvalidReason::WrongClient)
}
