//! `/ims/device_authorization`: a device without a browser asks for a code that a person types elsewhere (RFC 8628).

use axum::{extract::State, response::Response};
use http::StatusCode;
use tollgate_model::token::TokenType;
use tollgate_oauth::device::{DEVICE_LIFETIME, DeviceAnswer, DeviceRequest, POLL_INTERVAL, UserCode};
use tollgate_store::{StoreError, device_requests};
use tollgate_web::{Arrival, Fault, Received, Stop, answer, error::oauth_error_response};

use crate::{
    Identity,
    authorize::asked::usual_scope,
    grants::{audience, check_scope, people_do_not_sign_in},
    reference::Referred,
};

/// Where people type the code.
const VERIFICATION_PATH: &str = "/device";
/// How often another code is drawn when one is taken; there are 25 milliards of them.
const ATTEMPTS_MAX: usize = 5;

/// Gives a device its two codes.
pub(crate) async fn post(State(identity): State<Identity>, arrival: Arrival, received: Received) -> Response {
    let given = begin(&identity, &arrival, &received).await;
    given.unwrap_or_else(|stop| stop.into_response_with(|error| oauth_error_response(error, received.basic_used())))
}

async fn begin(identity: &Identity, arrival: &Arrival, received: &Received) -> Result<Response, Stop> {
    let now = arrival.at;
    let asked = DeviceRequest::parse(&received.params)?;
    let offered = received.client()?;
    let house = identity.house();
    let directory = house.directory_at(now)?;
    let client = identity.authenticate(&directory, &offered, now).await?.client;
    client.client.kind.redirects().ok_or_else(people_do_not_sign_in)?;
    audience(&house.instance, asked.resources.clone())?;
    let scope = asked.scope.unwrap_or_else(usual_scope);
    check_scope(&scope, client.allowed_scopes())?;
    let key_thumbprint = identity.proven_key(received, None, now).await?;
    let expires_at = now + DEVICE_LIFETIME;
    let device_code = identity.write_reference(
        Referred {
            token_type: TokenType::DeviceToken,
            client_id: &client.client.id,
            user_id: "",
            grant_id: None,
            expires_at,
        },
        now,
    );
    let mut row = device_requests::DeviceRequest {
        digest: device_code.digest.clone(),
        user_code: String::new(),
        client_id: client.client.id.clone(),
        scope,
        resources: asked.resources,
        key_thumbprint,
        interval: POLL_INTERVAL,
        created_at: now,
        expires_at,
    };
    for _ in 0..ATTEMPTS_MAX {
        let user_code = UserCode::generate(&*house.entropy);
        user_code.as_str().clone_into(&mut row.user_code);
        let is_new = house.db.transact::<_, StoreError>(async |tx| device_requests::insert(tx, &row).await).await?;
        if is_new {
            let body = DeviceAnswer {
                device_code: device_code.text.reveal(),
                user_code: &user_code,
                verification_uri: &format!("{}{VERIFICATION_PATH}", house.instance.issuer),
                lifetime: DEVICE_LIFETIME,
                interval: POLL_INTERVAL,
            };
            return Ok(answer::json(StatusCode::OK, body.to_json()));
        }
    }
    Err(Fault::new("no free user code was found").into())
}
