//! `/sign-in/federated`: to an upstream identity provider, and back from it.

use axum::{extract::Path, response::Response};
use http::{
    HeaderValue, StatusCode,
    header::{LOCATION, SET_COOKIE},
};
use tollgate_model::id::ProviderId;
use tollgate_people::{FederatedCallback, FederatedStart};
use tollgate_web::answer;

use super::{after, carried_email};
use crate::{
    carried::{FEDERATED, FEDERATED_REQUEST, decoded, encoded},
    halt::Halt,
    onward::Onward,
    setback,
    visit::Visit,
};

/// Sends the browser to a provider. The one redirect that leaves this server: the address comes from the provider's own
/// discovery document, checked by whoever keeps it.
pub(crate) async fn start(Path(provider): Path<String>, visit: Visit) -> Result<Response, Halt> {
    let provider: ProviderId = provider.parse().map_err(|_| Halt::not_found())?;
    let asked = FederatedStart {
        login_hint: carried_email(&visit).filter(|email| !email.is_empty()),
        request: visit.request().map(str::to_owned),
    };
    let redirect = match visit.people().start_federated_sign_in(&provider, asked, visit.now()).await {
        Ok(redirect) => redirect,
        Err(refused) => {
            let problem = setback::of_federation(refused)?;
            return Err(Onward::to("/sign-in").for_request(visit.request()).problem(problem).into());
        }
    };
    let mut response = answer::empty(StatusCode::SEE_OTHER);
    let location = HeaderValue::try_from(redirect.location).map_err(|_| Halt::not_found())?;
    response.headers_mut().insert(LOCATION, location);
    let kept = visit.cookies().write(FEDERATED, redirect.browser_secret.reveal(), Some(redirect.lifetime));
    // Should the provider refuse, the person is still on the way to the application.
    let request = visit.request().and_then(|request| encoded(visit.cookies(), FEDERATED_REQUEST, request));
    for cookie in [Some(kept), request].into_iter().flatten() {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Takes what the provider says of the person.
pub(crate) async fn callback(visit: Visit) -> Result<Response, Halt> {
    let told = |name| visit.params.get(name).map(str::to_owned);
    let callback =
        FederatedCallback { state: told("state"), code: told("code"), error: told("error"), iss: told("iss") };
    let current = visit.session().await?;
    let secret = visit.cookie(FEDERATED);
    let finished = visit
        .people()
        .finish_federated_sign_in(callback, secret, &visit.visitor(), current.as_ref(), visit.now())
        .await;
    let onward = match finished {
        Ok(signed_in) => after(&visit, signed_in.step, signed_in.request.as_deref()),
        Err(refused) => {
            let request = visit.cookie(FEDERATED_REQUEST).and_then(decoded);
            Onward::to("/sign-in").for_request(request.as_deref()).problem(setback::of_federation(refused)?)
        }
    };
    let forgotten = [FEDERATED, FEDERATED_REQUEST].map(|name| visit.cookies().delete(name));
    Ok(forgotten.into_iter().fold(onward, Onward::cookie).see_other())
}
