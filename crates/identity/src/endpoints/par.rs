//! `/ims/par`: an application sends its authorization request itself (RFC 9126), and the browser brings only its name.

use axum::{extract::State, response::Response};
use http::StatusCode;
use tollgate_oauth::{
    OauthError,
    authorize::AuthorizeRequest,
    pushed::{PUSHED_LIFETIME, pushed_answer, request_uri},
};
use tollgate_store::{
    StoreError,
    pending_requests::{self, PendingRequest},
};
use tollgate_web::{Arrival, Received, Stop, answer, error::oauth_error_response};

use super::authorize::new_id;
use crate::{Identity, authorize::asked::check};

/// Keeps a request for a short while, if nothing is wrong with it.
pub(crate) async fn post(State(identity): State<Identity>, arrival: Arrival, received: Received) -> Response {
    let kept = push(&identity, &arrival, &received).await;
    kept.unwrap_or_else(|stop| stop.into_response_with(|error| oauth_error_response(error, received.basic_used())))
}

async fn push(identity: &Identity, arrival: &Arrival, received: &Received) -> Result<Response, Stop> {
    let now = arrival.at;
    let offered = received.client()?;
    let house = identity.house();
    let directory = house.directory_at(now)?;
    let client = identity.authenticate(&directory, &offered, now).await?.client;
    let mut request = AuthorizeRequest::parse_pushed(&received.params)?;
    if request.target.client_id != client.client.id {
        return Err(OauthError::invalid_request("client_id is not the client that this request comes from").into());
    }
    let rules = client.redirects().ok_or_else(crate::grants::people_do_not_sign_in)?;
    rules
        .resolve(request.target.redirect_uri.as_deref())
        .map_err(|refusal| OauthError::invalid_request(refusal.to_string()))?;
    check(&client, &mut request, &directory, &house.instance)?;
    let proven = identity.proven_key(received, None, now).await?;
    if let (Some(named), Some(proven)) = (&request.key_thumbprint, &proven)
        && named != proven
    {
        return Err(OauthError::invalid_request("dpop_jkt is not the key that signed the DPoP proof").into());
    }
    request.key_thumbprint = request.key_thumbprint.or(proven);
    let row = PendingRequest {
        id: new_id(identity),
        client_id: client.client.id.clone(),
        pushed: true,
        request: serde_json::to_string(&request).expect("texts and lists are always JSON"),
        created_at: now,
        expires_at: now + PUSHED_LIFETIME,
        session_id: None,
        consented_at: None,
        refused_at: None,
        account_chosen_at: None,
    };
    house.db.transact::<_, StoreError>(async |tx| pending_requests::insert(tx, &row).await).await?;
    Ok(answer::json(StatusCode::CREATED, pushed_answer(&request_uri(&row.id), PUSHED_LIFETIME)))
}
