//! `/ims/userinfo` (OpenID Connect Core section 5.3) and `/ims/profile` (contract sections 1.9 and 1.10): who the holder of
//! a token acts for.

use axum::{extract::State, response::Response};
use tollgate_model::{Timestamp, token::AccessToken};
use tollgate_oauth::person;
use tollgate_store::{StoreError, grants};
use tollgate_web::{Arrival, Received, Stop};

use super::cors::Origin;
use crate::{
    Identity,
    holder::{ActsAs, OLD_FIELD, Told},
};

/// Tells in the words of OpenID Connect.
pub(crate) async fn userinfo(
    State(identity): State<Identity>,
    arrival: Arrival,
    origin: Origin,
    received: Received,
) -> Response {
    let told = tell_userinfo(&identity, &received, arrival.at).await;
    identity.told(&received, &origin, told, arrival.at)
}

/// Tells in the words of IMS.
pub(crate) async fn profile(
    State(identity): State<Identity>,
    arrival: Arrival,
    origin: Origin,
    received: Received,
) -> Response {
    let told = tell_profile(&identity, &received, arrival.at).await;
    identity.told(&received, &origin, told, arrival.at)
}

async fn tell_userinfo(identity: &Identity, received: &Received, now: Timestamp) -> Result<Told, Stop> {
    let directory = identity.house().directory_at(now)?;
    let holder = identity.holder(&directory, received, &[], now).await?;
    let body = match &holder.acts_as {
        ActsAs::Person(user) => {
            holder.check_scope(&["openid"])?;
            let named = named_claims(identity, holder.token()).await?;
            person::userinfo(user, &holder.token().scope, &named)
        }
        ActsAs::Account(account) => person::userinfo_of_account(account),
    };
    Ok(Told { client: holder.client, body })
}

async fn tell_profile(identity: &Identity, received: &Received, now: Timestamp) -> Result<Told, Stop> {
    let directory = identity.house().directory_at(now)?;
    let holder = identity.holder(&directory, received, &[OLD_FIELD], now).await?;
    let body = match &holder.acts_as {
        ActsAs::Person(user) => person::profile(user, &holder.token().scope),
        ActsAs::Account(account) => person::profile_of_account(account, &holder.token().organization_id),
    };
    Ok(Told { client: holder.client, body })
}

/// The claims that the authorization request named, for the application that named them.
async fn named_claims(identity: &Identity, token: &AccessToken) -> Result<Vec<String>, StoreError> {
    let Some(sign_in) = token.sign_in.as_ref().filter(|_| token.acting_client.is_none()) else { return Ok(Vec::new()) };
    let grant = grants::find(&identity.house().db, &sign_in.grant_id).await?;
    Ok(grant
        .filter(|grant| grant.client_id == token.client_id)
        .map_or_else(Vec::new, |own| own.binding.userinfo_claims))
}
