//! What unit tests of several files are made of.

use tollgate_model::{
    Timestamp,
    limit::Limits,
    scope::ScopeSet,
    service::{Authorization, Forwarding, KeyDemand, Service},
};

/// A service that takes any key.
pub(crate) fn service(code: &str, path: &str) -> Service {
    Service {
        code: code.parse().unwrap(),
        name: code.to_owned(),
        description: String::new(),
        authorization: Authorization::ApiKey,
        key: KeyDemand::ClientId,
        credential_types: Vec::new(),
        scopes: ScopeSet::empty(),
        required_scopes: ScopeSet::empty(),
        metascopes: ScopeSet::empty(),
        host: None,
        gateway_path: Some(path.parse().unwrap()),
        upstreams: Vec::new(),
        forwarding: Forwarding::default(),
        limits: Limits::default(),
        credential_limits: Limits::default(),
        enabled: true,
        created_at: Timestamp::from_seconds(0),
    }
}
