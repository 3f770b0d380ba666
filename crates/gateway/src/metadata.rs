//! Where a client of a token service learns how to get a token for it (RFC 9728).

use bytes::Bytes;
use http::{HeaderValue, Response, header};
use serde::Serialize;
use tollgate_crypto::Algorithm;
use tollgate_model::scope::Scope;
use tollgate_oauth::dpop::ALGORITHMS;
use tollgate_web::Instance;

use crate::{body::GatewayBody, path::CanonicalPath, route::Route};

/// RFC 9728 section 3.1: this stands between the host and the path of the resource.
const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

#[derive(Serialize)]
struct ProtectedResource<'a> {
    resource: String,
    authorization_servers: [&'a str; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scopes_supported: Vec<&'a str>,
    bearer_methods_supported: [&'a str; 1],
    dpop_signing_alg_values_supported: [&'a str; 3],
    resource_name: &'a str,
}

/// The address of the metadata of the service at `gateway_path`.
pub(crate) fn url(gateway_url: &str, gateway_path: &str) -> String {
    format!("{gateway_url}{WELL_KNOWN}{gateway_path}")
}

/// The path of the service whose metadata is asked for, if `path` asks for metadata.
pub(crate) fn resource_path(path: CanonicalPath<'_>) -> Option<CanonicalPath<'_>> {
    path.below(WELL_KNOWN).and_then(|resource| CanonicalPath::parse(resource).ok())
}

/// The metadata of a service.
pub(crate) fn answer(route: &Route, instance: &Instance) -> Response<GatewayBody> {
    let service = &route.service;
    let metadata = ProtectedResource {
        resource: format!("{}{}", instance.gateway_url, route.prefix),
        authorization_servers: [&instance.issuer],
        scopes_supported: service.required_scopes.iter().map(Scope::as_str).collect(),
        bearer_methods_supported: ["header"],
        dpop_signing_alg_values_supported: ALGORITHMS.map(Algorithm::as_str),
        resource_name: &service.name,
    };
    let body = serde_json::to_vec(&metadata).expect("strings are JSON");
    let mut response = Response::new(GatewayBody::own(Bytes::from(body)));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
