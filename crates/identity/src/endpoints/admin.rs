//! `/ims/admin_profile` and `/ims/admin_organizations`: what a service may read of the people of its own organization
//! (contract section 1.12). Everybody else is as unknown as who never existed.

use axum::{extract::State, response::Response};
use tollgate_model::{Timestamp, scope::ScopeSet, user::User};
use tollgate_oauth::{ErrorCode, OauthError, person};
use tollgate_store::{Directory, users};
use tollgate_web::{Arrival, Received, Stop};

use super::{
    cors::Origin,
    organizations::{SERVICE_SCOPES, joined, of_person, service, unknown},
};
use crate::{
    Identity,
    holder::{Holder, Told},
};

/// The profile of a person.
pub(crate) async fn profile(
    State(identity): State<Identity>,
    arrival: Arrival,
    origin: Origin,
    received: Received,
) -> Response {
    let told =
        tell(&identity, &received, arrival.at, |_, holder, user| person::profile(user, &whole(&holder.token().scope)));
    identity.told(&received, &origin, told.await, arrival.at)
}

/// The organizations of a person.
pub(crate) async fn organizations(
    State(identity): State<Identity>,
    arrival: Arrival,
    origin: Origin,
    received: Received,
) -> Response {
    let told = tell(&identity, &received, arrival.at, |directory, _, user| of_person(directory, user));
    identity.told(&received, &origin, told.await, arrival.at)
}

async fn tell(
    identity: &Identity,
    received: &Received,
    now: Timestamp,
    body: impl FnOnce(&Directory, &Holder, &User) -> Vec<u8>,
) -> Result<Told, Stop> {
    let directory = identity.house().directory_at(now)?;
    let holder = identity.holder(&directory, received, &[], now).await?;
    service(&holder)?;
    check_named(received, &holder)?;
    let id = joined(received, "guid")?.parse().map_err(|_| unknown())?;
    let found = users::find(&identity.house().db, &id).await?;
    let user = found.filter(|user| user.organization_id == holder.token().organization_id).ok_or_else(unknown)?;
    let body = body(&directory, &holder, &user);
    Ok(Told { client: holder.client, body })
}

/// The client may be named beside the token, which says the same.
fn check_named(received: &Received, holder: &Holder) -> Result<(), OauthError> {
    let named = [received.params.get("client_id"), received.client_header()];
    if named.into_iter().flatten().all(|named| named == holder.token().client_id.as_str()) {
        return Ok(());
    }
    Err(OauthError::new(ErrorCode::InvalidRequest, "client_id is not the client of the token"))
}

/// With the scopes that release the whole profile.
fn whole(scope: &ScopeSet) -> ScopeSet {
    let mut whole = scope.clone();
    whole.extend(SERVICE_SCOPES.iter().map(|name| name.parse().expect("a word is a scope")));
    whole
}
