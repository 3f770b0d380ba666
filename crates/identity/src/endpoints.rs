//! What identity answers. Each endpoint is a list of named steps that fits one screen.

mod admin;
pub(crate) mod authorize;
mod check;
pub(crate) mod cors;
mod device;
mod discovery;
mod exchange;
mod health;
mod introspect;
mod key_set;
mod logout;
mod organizations;
mod par;
mod revoke;
pub(crate) mod token;
mod userinfo;
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
            cors::post(async move |identity, arrival, received| token::post(identity, arrival, received, version).await)
        });
    }
    for path in authorize::ADDRESSES {
        router = both(router, path, || get(authorize::ask).post(authorize::ask));
    }
    router = both(router, authorize::CONTINUE_PATH, || get(authorize::go_on));
    router = both(router, "/ims/par", || cors::post(par::post));
    router = both(router, "/ims/device_authorization", || cors::post(device::post));
    for path in ["/ims/exchange/jwt", "/ims/exchange/v1/jwt", "/ims/exchange/v2/jwt"] {
        router = both(router, path, || post(exchange::post));
    }
    for path in ["/ims/validate_token", "/ims/validate_token/v1", "/ims/validate_token/v2"] {
        router = both(router, path, || cors::get_or_post(validate::ask));
    }
    for path in ["/ims/invalidate_token", "/ims/invalidate_token/v1", "/ims/invalidate_token/v2"] {
        router = both(router, path, || cors::post(revoke::invalidate));
    }
    router = both(router, "/ims/revoke", || cors::post(revoke::post));
    router = both(router, "/ims/introspect", || post(introspect::post));
    router = both(router, "/ims/keys", || get(key_set::keys).options(cors::preflight_of_anyone));
    for path in discovery::addresses(&identity.house().instance.issuer) {
        router = both(router, &path, || get(discovery::metadata).options(cors::preflight_of_anyone));
    }
    sessions(holders(router))
        .route(&format!("{CERTIFICATE_PATH}/{{name}}"), get(key_set::certificate))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .with_state(identity)
}

/// The addresses for whoever holds an access token.
fn holders(mut router: Router<Identity>) -> Router<Identity> {
    for version in ["", "/v1", "/v2", "/v3"] {
        let userinfo = || get(userinfo::userinfo).post(userinfo::userinfo).options(cors::preflight);
        router = both(router, &format!("/ims/userinfo{version}"), userinfo);
        let profile = || get(userinfo::profile).post(userinfo::profile).options(cors::preflight);
        router = both(router, &format!("/ims/profile{version}"), profile);
    }
    for version in ["", "/v1", "/v2", "/v3", "/v4", "/v5", "/v6"] {
        let list = || get(organizations::list).options(cors::preflight);
        router = both(router, &format!("/ims/organizations{version}"), list);
    }
    router = both(router, "/ims/organizations/{organization}/v2", || get(organizations::one));
    let members = "/ims/organizations/{organization}/groups/{group}/members";
    router = both(router, members, || get(organizations::group_members));
    router = both(router, "/ims/fetch_pc_by_org/v1", || post(organizations::product_contexts));
    let cluster = || get(organizations::account_cluster).options(cors::preflight);
    router = both(router, "/ims/account_cluster/v2", cluster);
    for version in ["v1", "v2", "v3"] {
        router = both(router, &format!("/ims/admin_profile/{version}"), || post(admin::profile));
    }
    for version in ["v1", "v2", "v3", "v4", "v5", "v6"] {
        router = both(router, &format!("/ims/admin_organizations/{version}"), || post(admin::organizations));
    }
    router
}

/// The addresses where a browser's session is asked about or ends.
fn sessions(mut router: Router<Identity>) -> Router<Identity> {
    for path in check::TOKEN_ADDRESSES {
        router = both(router, path, || post(check::token).options(cors::preflight_as_person));
    }
    router = both(router, check::STATUS_ADDRESS, || post(check::status).options(cors::preflight_as_person));
    for path in logout::ADDRESSES {
        router = both(router, path, || get(logout::leave).post(logout::leave));
    }
    let end_token = || get(logout::end_token).post(logout::end_token).options(cors::preflight);
    both(router, "/ims/logout/v1/token", end_token)
}

fn both(
    router: Router<Identity>,
    path: &str,
    methods: impl Fn() -> axum::routing::MethodRouter<Identity>,
) -> Router<Identity> {
    router.route(path, methods()).route(&format!("{path}/"), methods())
}
