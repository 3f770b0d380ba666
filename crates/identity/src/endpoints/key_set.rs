//! What verifiers of tokens read: the key set and the certificates of its keys (contract sections 1.2 and 2.1).

use axum::{
    extract::{Path, State},
    response::Response,
};
use http::{HeaderValue, header::CONTENT_TYPE};
use serde::Serialize;
use tollgate_crypto::PublicJwk;
use tollgate_web::{Arrival, Fault, answer, error::not_found};

use super::cors;
use crate::{Identity, issue::certificate_file};

/// How long verifiers may keep keys and certificates. New keys are published much longer before they sign.
const KEPT_SECONDS: u32 = 300;
const PEM: HeaderValue = HeaderValue::from_static("application/x-pem-file");

/// `/ims/keys`: every key that a living token may be signed with, and those that will sign next.
pub(crate) async fn keys(State(identity): State<Identity>, arrival: Arrival) -> Result<Response, Fault> {
    #[derive(Serialize)]
    struct KeySet<'a> {
        keys: Vec<&'a PublicJwk>,
    }
    let directory = identity.house().directory_at(arrival.at)?;
    let keys = directory.keys.published(arrival.at).map(|key| &key.jwk).collect();
    let body = serde_json::to_vec(&KeySet { keys }).expect("public keys are always JSON");
    Ok(cors::public(answer::public_json(body, KEPT_SECONDS)))
}

/// `/keys/prod/<file name>`: the certificate that the `x5u` of a token names.
pub(crate) async fn certificate(
    State(identity): State<Identity>,
    arrival: Arrival,
    Path(name): Path<String>,
) -> Result<Response, Fault> {
    let directory = identity.house().directory_at(arrival.at)?;
    let Some(key) = directory.keys.published(arrival.at).find(|key| certificate_file(key) == name) else {
        return Ok(not_found());
    };
    let mut response = answer::public_json(key.certificate_pem.clone().into_bytes(), KEPT_SECONDS);
    response.headers_mut().insert(CONTENT_TYPE, PEM);
    Ok(response)
}
