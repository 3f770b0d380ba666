//! `/ims/token`: every grant, every version (contract sections 1.4 and 1.5).

use axum::{extract::State, response::Response};
use http::StatusCode;
use tollgate_model::Timestamp;
use tollgate_oauth::{
    answers::TokenAnswer,
    token::{TokenRequest, TokenVersion},
};
use tollgate_web::{Arrival, Received, Stop, answer, error::oauth_error_response};

use crate::{
    Identity,
    authorize::asked::options,
    give::answer_type,
    grants::{
        Call, authorization_code, client_credentials, cluster, device_code, promise, refresh_token, token_exchange,
    },
    possession::not_proved,
};

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
    let proven = identity.proven_key(received, None, now).await?;
    if proven.is_none() && options(&authenticated.client).bound_tokens_required {
        return Err(not_proved("the tokens of this client are bound to a key; send a DPoP proof").into());
    }
    let call = Call { identity, directory: &directory, authenticated, proven, version, now };
    let body = redeem(call, request).await?;
    Ok(answer::json(StatusCode::OK, body))
}

async fn redeem(call: Call<'_>, request: TokenRequest) -> Result<Vec<u8>, Stop> {
    match request {
        TokenRequest::ClientCredentials { scope, organization_id, resources } => {
            to_service(call, client_credentials::Asked { scope, organization_id, resources })
        }
        TokenRequest::AuthorizationCode { code, redirect_uri, code_verifier, scope, resources } => {
            let asked = authorization_code::Asked { code, redirect_uri, code_verifier, scope, resources };
            authorization_code::redeem(&call, asked).await
        }
        TokenRequest::RefreshToken { refresh_token, scope, resources } => {
            refresh_token::redeem(&call, refresh_token::Asked { refresh_token, scope, resources }).await
        }
        TokenRequest::DeviceCode { device_code } => device_code::redeem(&call, &device_code).await,
        TokenRequest::TokenExchange { subject_token, actor_token, scope, mut resources, audience } => {
            resources.extend(audience);
            token_exchange::redeem(&call, token_exchange::Asked { subject_token, actor_token, scope, resources }).await
        }
        TokenRequest::ClusterExchange { user_token, target, scope, resources } => {
            cluster::redeem(&call, cluster::Asked { user_token, target, scope, resources }).await
        }
        TokenRequest::Promise { promise_definition_id, authenticating_token, scope } => {
            tracing::debug!(promise_definition_id, "a promise is asked for");
            promise::give(&call, &authenticating_token, scope).await
        }
        TokenRequest::PromiseExchange { promise_token } => promise::redeem(&call, &promise_token).await,
    }
}

fn to_service(call: Call<'_>, asked: client_credentials::Asked) -> Result<Vec<u8>, Stop> {
    let chosen_here = asked.scope.is_none();
    let Call { identity, directory, authenticated, proven, version, now } = call;
    let granted = client_credentials::redeem(asked, authenticated, &identity.house().instance)?.bound_to(proven);
    let issued = identity.issue(directory, granted, now)?;
    let scope = chosen_here.then_some(&issued.scope);
    let answer = TokenAnswer::of_token(version, &issued.access_token, issued.remaining, scope);
    Ok(answer.with_type(answer_type(&issued)).to_json())
}
