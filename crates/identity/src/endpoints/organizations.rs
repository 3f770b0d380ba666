//! `/ims/organizations` and what goes with it: the organization of whoever asks, and the people in it (contract section
//! 1.11). Nobody is told whether another organization exists.

use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::Serialize;
use tollgate_model::{
    Timestamp,
    client::TechnicalAccount,
    organization::Organization,
    user::{Role, User},
};
use tollgate_oauth::{
    ErrorCode, OauthError,
    organizations::{Membership, group_number, members, organization, organizations},
};
use tollgate_store::{Directory, users};
use tollgate_web::{Arrival, Received, Stop};

use super::cors::Origin;
use crate::{
    Identity,
    holder::{ActsAs, Holder, Told},
};

/// The scopes with which a person lets an application see organizations.
const SCOPES: [&str; 2] = ["read_organizations", "org.read"];
/// The scopes with which a service sees people: those that tell who somebody is.
pub(super) const SERVICE_SCOPES: [&str; 2] = ["openid", "AdobeID"];
/// Most people on one page (contract section 1.11).
const PAGE_USERS_MAX: u32 = 50;
/// The largest index at which a page may begin.
const START_INDEX_MAX: u32 = 1_000_000;

/// The organizations of the holder: there is one.
pub(crate) async fn list(
    State(identity): State<Identity>,
    arrival: Arrival,
    origin: Origin,
    received: Received,
) -> Response {
    let told = tell_list(&identity, &received, arrival.at).await;
    identity.told(&received, &origin, told, arrival.at)
}

/// One organization.
pub(crate) async fn one(
    State(identity): State<Identity>,
    arrival: Arrival,
    origin: Origin,
    Path(id): Path<String>,
    received: Received,
) -> Response {
    let told = tell_one(&identity, &received, &id, arrival.at).await;
    identity.told(&received, &origin, told, arrival.at)
}

/// The people of the one group that an organization has.
pub(crate) async fn group_members(
    State(identity): State<Identity>,
    arrival: Arrival,
    origin: Origin,
    Path((id, group)): Path<(String, String)>,
    received: Received,
) -> Response {
    let told = tell_members(&identity, &received, (&id, &group), arrival.at).await;
    identity.told(&received, &origin, told, arrival.at)
}

/// What the organization's service may call: `/ims/fetch_pc_by_org/v1`.
pub(crate) async fn product_contexts(
    State(identity): State<Identity>,
    arrival: Arrival,
    origin: Origin,
    received: Received,
) -> Response {
    let told = tell_product_contexts(&identity, &received, arrival.at).await;
    identity.told(&received, &origin, told, arrival.at)
}

/// The profiles of the same person: `/ims/account_cluster/v2`. There is one for each person here.
pub(crate) async fn account_cluster(
    State(identity): State<Identity>,
    arrival: Arrival,
    origin: Origin,
    received: Received,
) -> Response {
    let told = tell_cluster(&identity, &received, arrival.at).await;
    identity.told(&received, &origin, told, arrival.at)
}

async fn tell_list(identity: &Identity, received: &Received, now: Timestamp) -> Result<Told, Stop> {
    let directory = identity.house().directory_at(now)?;
    let holder = identity.holder(&directory, received, &[], now).await?;
    let body = own_organizations(&directory, &holder)?;
    Ok(Told { client: holder.client, body })
}

fn own_organizations(directory: &Directory, holder: &Holder) -> Result<Vec<u8>, OauthError> {
    Ok(match &holder.acts_as {
        ActsAs::Person(user) => {
            holder.check_scope(&SCOPES)?;
            of_person(directory, user)
        }
        ActsAs::Account(_) => {
            organizations(&[Membership { organization: &holder.client.organization, role: Role::Member }])
        }
    })
}

/// The body of `organizations` for a person.
pub(super) fn of_person(directory: &Directory, user: &User) -> Vec<u8> {
    let own = directory.organization(user.organization_id.as_str());
    let memberships = own.iter().map(|organization| Membership { organization, role: user.role });
    organizations(&memberships.collect::<Vec<_>>())
}

async fn tell_one(identity: &Identity, received: &Received, id: &str, now: Timestamp) -> Result<Told, Stop> {
    let directory = identity.house().directory_at(now)?;
    let holder = identity.holder(&directory, received, &[], now).await?;
    let (own, role) = match &holder.acts_as {
        ActsAs::Person(user) => {
            holder.check_scope(&SCOPES)?;
            (directory.organization(user.organization_id.as_str()).ok_or_else(unknown)?, user.role)
        }
        ActsAs::Account(_) => (&holder.client.organization, Role::Member),
    };
    check_own(own, id)?;
    let body = organization(&Membership { organization: own, role });
    Ok(Told { client: holder.client, body })
}

async fn tell_members(
    identity: &Identity,
    received: &Received,
    (id, group): (&str, &str),
    now: Timestamp,
) -> Result<Told, Stop> {
    let directory = identity.house().directory_at(now)?;
    let holder = identity.holder(&directory, received, &[], now).await?;
    service(&holder)?;
    let own = &holder.client.organization;
    check_own(own, id)?;
    if group != group_number(own) {
        return Err(unknown().into());
    }
    let start = number(received, "startIndex", START_INDEX_MAX)?.unwrap_or(0);
    let batch = number(received, "batchSize", PAGE_USERS_MAX)?.unwrap_or(PAGE_USERS_MAX);
    let db = &identity.house().db;
    let total = users::count(db, Some(&own.id)).await?;
    let page = users::page(db, &own.id, start, batch).await?;
    let body = members(start as usize, batch as usize, usize::try_from(total).unwrap_or_default(), &page);
    Ok(Told { client: holder.client, body })
}

async fn tell_product_contexts(identity: &Identity, received: &Received, now: Timestamp) -> Result<Told, Stop> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Contexts<'a> {
        product_contexts: Vec<Context<'a>>,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Context<'a> {
        service_code: &'a str,
        params: Parameters<'a>,
    }
    #[derive(Serialize)]
    struct Parameters<'a> {
        tenant_id: &'a str,
    }
    let directory = identity.house().directory_at(now)?;
    let holder = identity.holder(&directory, received, &[], now).await?;
    service(&holder)?;
    let own = &holder.client.organization;
    check_own(own, &joined(received, "org_id")?)?;
    let tenant_id = own.console_id.as_str();
    let services = holder.client.subscriptions.iter();
    let context = |code| Context { service_code: code, params: Parameters { tenant_id } };
    let product_contexts = services.map(|service| context(service.code.as_str())).collect();
    let body = serde_json::to_vec(&Contexts { product_contexts }).expect("texts are always JSON");
    Ok(Told { client: holder.client, body })
}

async fn tell_cluster(identity: &Identity, received: &Received, now: Timestamp) -> Result<Told, Stop> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Profile<'a> {
        user_id: &'a str,
        auth_id: &'a str,
        #[serde(rename = "account_type")]
        account_type: &'a str,
        owner_org: &'a str,
    }
    let directory = identity.house().directory_at(now)?;
    let holder = identity.holder(&directory, received, &[], now).await?;
    let ActsAs::Person(user) = &holder.acts_as else {
        return Err(OauthError::new(ErrorCode::InsufficientScope, "send the token of a person").into());
    };
    holder.check_scope(&SERVICE_SCOPES)?;
    let id = user.id.as_str();
    let own = Profile {
        user_id: id,
        auth_id: id,
        account_type: user.account_type.as_str(),
        owner_org: user.organization_id.as_str(),
    };
    let body = serde_json::to_vec(&[own]).expect("texts are always JSON");
    Ok(Told { client: holder.client, body })
}

/// Refuses all but a service: the account of a credential.
pub(super) fn service(holder: &Holder) -> Result<&TechnicalAccount, OauthError> {
    let ActsAs::Account(account) = &holder.acts_as else {
        let text = "send a service token: one that a credential of type oauth_server_to_server gets for itself";
        return Err(OauthError::new(ErrorCode::InsufficientScope, text));
    };
    holder.check_scope(&SERVICE_SCOPES)?;
    Ok(account)
}

/// An id whose halves are sent as two parameters; the second, `auth_src`, may be part of the first.
pub(super) fn joined(received: &Received, name: &str) -> Result<String, OauthError> {
    let first = received.params.required(name)?;
    Ok(match received.params.get("auth_src") {
        Some(authority) if !first.contains('@') => format!("{first}@{authority}"),
        _ => first.to_owned(),
    })
}

fn check_own(own: &Organization, id: &str) -> Result<(), OauthError> {
    if id == own.id.as_str() || id == own.id.ident() { Ok(()) } else { Err(unknown()) }
}

/// `not_found`, also for what belongs to others.
pub(super) fn unknown() -> OauthError {
    OauthError::new(ErrorCode::NotFound, "there is nothing of this id in the organization of the token")
}

fn number(received: &Received, name: &'static str, max: u32) -> Result<Option<u32>, OauthError> {
    let Some(text) = received.params.get(name) else { return Ok(None) };
    let number = text.parse::<u32>().ok().filter(|number| *number <= max);
    number.map(Some).ok_or_else(|| OauthError::invalid_request(format!("{name} must be a number up to {max}")))
}
