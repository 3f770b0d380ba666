//! What identity answers. Each endpoint is a list of named steps that fits one screen.

pub(crate) mod authorize;
mod device;
mod discovery;
mod exchange;
mod health;
mod introspect;
mod key_set;
mod par;
mod revoke;
pub(crate) mod token;
mod validate;

use axum::{
    Router,
    routing::{get, post},
};

use crate::{Identity, issue::CERTIFICATE_PATH};

/// Every address with its methods. Each answers with and without a slash at its end (contract section 0.3, line 9).
pub(crate) fn router(identity: Identity) -> Router {
    let mut router = Router::new();
    for (path, version) in token::ADDRESSES {
        router = both(router, path, || {
            post(async move |identity, arrival, received| token::post(identity, arrival, received, version).await)
        });
    }
    for path in authorize::ADDRESSES {
        router = both(router, path, || get(authorize::ask).post(authorize::ask));
    }
    router = both(router, authorize::CONTINUE_PATH, || get(authorize::go_on));
    router = both(router, "/ims/par", || post(par::post));
    router = both(router, "/ims/device_authorization", || post(device::post));
    for path in ["/ims/exchange/jwt", "/ims/exchange/v1/jwt", "/ims/exchange/v2/jwt"] {
        router = both(router, path, || post(exchange::post));
    }
    for path in ["/ims/validate_token", "/ims/validate_token/v1", "/ims/validate_token/v2"] {
        router = both(router, path, || get(validate::ask).post(validate::ask));
    }
    for path in ["/ims/invalidate_token", "/ims/invalidate_token/v1", "/ims/invalidate_token/v2"] {
        router = both(router, path, || post(revoke::invalidate));
    }
    router = both(router, "/ims/revoke", || post(revoke::post));
    router = both(router, "/ims/introspect", || post(introspect::post));
    router = both(router, "/ims/keys", || get(key_set::keys));
    for path in discovery::addresses(&identity.house().instance.issuer) {
        router = both(router, &path, || get(discovery::metadata));
    }
    router
        .route(&format!("{CERTIFICATE_PATH}/{{name}}"), get(key_set::certificate))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .with_state(identity)
}

fn both(
    router: Router<Identity>,
    path: &str,
    methods: impl Fn() -> axum::routing::MethodRouter<Identity>,
) -> Router<Identity> {
    router.route(path, methods()).route(&format!("{path}/"), methods())
}
