//! Every address of this wing.

use axum::{
    Router,
    middleware::from_fn_with_state,
    response::Redirect,
    routing::{get, post},
};

use crate::{
    Account, answer, asset_files, consent, dev_mail, device, forgot, halt::Halt, invitation, own, sign_in, sign_out,
    sign_up,
};

/// The routes, each with the headers of pages on its answers.
pub(crate) fn router(account: Account) -> Router {
    let shows_mail = account.shows_mail();
    let mut router = sign_in_routes().merge(own_routes()).merge(flow_routes());
    if shows_mail {
        router = router.route("/dev/mail", get(dev_mail::list)).route("/dev/mail/{id}", get(dev_mail::one));
    }
    router.layer(from_fn_with_state(account.clone(), answer::dress)).merge(asset_files::routes()).with_state(account)
}

fn sign_in_routes() -> Router<Account> {
    Router::new()
        .route("/sign-in", get(sign_in::email::show).post(sign_in::email::take))
        .route("/sign-in/password", get(sign_in::password::show).post(sign_in::password::take))
        .route("/sign-in/second-factor", get(sign_in::second_factor::show).post(sign_in::second_factor::take))
        .route("/sign-in/new-password", get(sign_in::new_password::show).post(sign_in::new_password::take))
        .route("/sign-in/passkey/options", post(sign_in::passkey::options))
        .route("/sign-in/passkey", post(sign_in::passkey::finish))
        .route("/sign-in/federated/callback", get(sign_in::federated::callback))
        .route("/sign-in/federated/{provider_id}", get(sign_in::federated::start))
        .route("/sign-in/{*rest}", get(nothing_here))
}

fn flow_routes() -> Router<Account> {
    Router::new()
        .route("/sign-up", get(sign_up::show).post(sign_up::take))
        .route("/sign-up/verify", get(sign_up::show_code).post(sign_up::take_code))
        .route("/forgot", get(forgot::show).post(forgot::take))
        .route("/forgot/code", get(forgot::show_code).post(forgot::take_code))
        .route("/forgot/password", get(forgot::show_password).post(forgot::take_password))
        .route("/invitation", get(invitation::show).post(invitation::take))
        .route("/consent", get(consent::show).post(consent::take))
        .route("/device", get(device::show).post(device::take))
        .route("/device/confirm", get(device::show_confirm).post(device::take_confirm))
        .route("/device/done", get(device::show_done))
        .route("/sign-out", get(sign_out::show).post(sign_out::take))
        .route("/signed-out", get(sign_out::show_done))
}

fn own_routes() -> Router<Account> {
    Router::new()
        .route("/", get(async || Redirect::to("/account")))
        .route("/account", get(own::profile::show).post(own::profile::take))
        .route("/account/password", get(own::password::show).post(own::password::take))
        .route("/account/passkeys", get(own::passkeys::show).post(own::passkeys::take))
        .route("/account/passkeys/options", post(own::passkeys::options))
        .route("/account/passkeys/add", post(own::passkeys::add))
        .route("/account/authenticator", get(own::authenticator::show).post(own::authenticator::take))
        .route("/account/recovery-codes", get(own::recovery_codes::show).post(own::recovery_codes::take))
        .route("/account/sessions", get(own::sessions::show).post(own::sessions::take))
        .route("/account/applications", get(own::applications::show).post(own::applications::take))
        .route("/account/activity", get(own::activity::show))
        .route("/account/{*rest}", get(nothing_here))
}

async fn nothing_here() -> Halt {
    Halt::not_found()
}
