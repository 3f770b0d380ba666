//! `/ims/exchange/jwt`: a service account's JWT becomes a token (contract sections 1.6 and 5).

use axum::{extract::State, response::Response};
use http::StatusCode;
use tollgate_model::Timestamp;
use tollgate_oauth::{answers::TokenAnswer, jwt_exchange::ExchangeRequest};
use tollgate_web::{Arrival, Received, Stop, answer, error::exchange_error_response};

use crate::{
    Identity,
    grants::service_account_jwt::{self, OneUse},
};

/// Exchanges a JWT, or refuses with 400; with 401 when the client's own credentials were refused.
pub(crate) async fn post(State(identity): State<Identity>, arrival: Arrival, received: Received) -> Response {
    let exchanged = exchange(&identity, arrival.at, &received).await;
    exchanged
        .unwrap_or_else(|stop| stop.into_response_with(|error| exchange_error_response(error, received.basic_used())))
}

async fn exchange(identity: &Identity, now: Timestamp, received: &Received) -> Result<Response, Stop> {
    let request = ExchangeRequest::parse(&received.params)?;
    let offered = received.client()?;
    let house = identity.house();
    let directory = house.directory_at(now)?;
    let authenticated = identity.authenticate_confidential(&directory, &offered, now).await?;
    let OneUse { granted, jti } = service_account_jwt::redeem(request, authenticated, &house.instance, now)?;
    let issued = identity.issue(&directory, granted, now)?;
    // Last, so that a JWT is not used up by a fault of ours, and before anything is given away.
    if let Some((jti, forgotten_at)) = jti
        && !identity.consume(offered.client_id(), jti.as_str(), forgotten_at, now).await?
    {
        return Err(service_account_jwt::used_before().into());
    }
    let body = TokenAnswer::of_exchange(&issued.access_token, issued.remaining);
    Ok(answer::json(StatusCode::OK, body.to_json()))
}
