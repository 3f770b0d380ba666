//! `/ims/token`: every grant, every version (contract sections 1.4 and 1.5).

use axum::{extract::State, response::Response};
use http::StatusCode;
use tollgate_model::Timestamp;
use tollgate_oauth::{
    answers::TokenAnswer,
    token::{TokenRequest, TokenVersion},
};
use tollgate_web::{Arrival, Received, Stop, answer, error::oauth_error_response};

use crate::{Identity, grants::client_credentials};

/// Where the token endpoint answers, and in which units.
pub(crate) const ADDRESSES: [(&str, TokenVersion); 5] = [
    ("/ims/token", TokenVersion::V1),
    ("/ims/token/v1", TokenVersion::V1),
    ("/ims/token/v2", TokenVersion::V2),
    ("/ims/token/v3", TokenVersion::V2),
    ("/ims/token/v4", TokenVersion::V2),
];

/// Answers a token request, or refuses it with 400; with 401 when HTTP Basic was used and failed.
pub(crate) async fn post(
    State(identity): State<Identity>,
    arrival: Arrival,
    received: Received,
    version: TokenVersion,
) -> Response {
    let granted = grant(&identity, arrival.at, &received, version).await;
    granted.unwrap_or_else(|stop| stop.into_response_with(|error| oauth_error_response(error, received.basic_used())))
}

async fn grant(
    identity: &Identity,
    now: Timestamp,
    received: &Received,
    version: TokenVersion,
) -> Result<Response, Stop> {
    let request = TokenRequest::parse(&received.params)?;
    let offered = received.client()?;
    let house = identity.house();
    let directory = house.directory_at(now)?;
    let authenticated = identity.authenticate(&directory, &offered, now).await?;
    let (granted, chosen_here) = match request {
        TokenRequest::ClientCredentials { scope, organization_id, resources } => {
            let chosen_here = scope.is_none();
            let asked = client_credentials::Asked { scope, organization_id, resources };
            (client_credentials::redeem(asked, authenticated, &house.instance)?, chosen_here)
        }
    };
    let issued = identity.issue(&directory, granted, now)?;
    let scope = chosen_here.then_some(&issued.scope);
    let body = TokenAnswer::of_token(version, &issued.access_token, issued.remaining, scope);
    Ok(answer::json(StatusCode::OK, body.to_json()))
}
