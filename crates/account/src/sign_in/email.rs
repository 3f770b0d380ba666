//! `/sign-in`: the e-mail address, or the choice among accounts.

use axum::response::Response;
use tollgate_model::user::EmailAddress;
use tollgate_pages::{
    Account as ShownAccount, Problem,
    views::sign_in::{ChooseAccount, ProviderChoice, SignIn},
};
use tollgate_people::SignedIn;

use super::{after, carried_email};
use crate::{
    appearance::shown_account,
    carried::{EMAIL, RETURN, Return, STEP_LIFETIME, encoded},
    errand::Errand,
    form::Form,
    halt::Halt,
    onward::Onward,
    visit::Visit,
};

/// What a browser that asks to sign in is shown.
enum Shown {
    /// Who is signed in, to go on as.
    Choice(ShownAccount),
    /// The e-mail address, with one to begin with.
    Email(String),
}

/// Shows the first step, or sends on whoever has nothing to do here.
pub(crate) async fn show(visit: Visit) -> Result<Response, Halt> {
    let errand = visit.errand().await?;
    let signed_in = visit.signed_in().await?;
    let shown = match (&errand, signed_in) {
        (None, Some(signed_in)) => own_step(&visit, &signed_in)?,
        (Some(errand), Some(signed_in)) => step_for(&visit, errand, &signed_in).await?,
        (Some(errand), None) => Shown::Email(first_email(&visit, errand.asked.login_hint.as_deref())),
        (None, None) => Shown::Email(first_email(&visit, None)),
    };
    let mut response = match shown {
        Shown::Choice(account) => {
            let view = ChooseAccount { account };
            visit.page(errand.as_ref(), |frame| view.render(frame))
        }
        Shown::Email(email) => {
            let view = sign_in_view(&visit, errand.as_ref(), email).await?;
            visit.page(errand.as_ref(), |frame| view.render(frame))
        }
    };
    if let Some(place) =
        visit.params.get("return").and_then(|path| Return::of_path(path, visit.params.get("user_code")))
    {
        let kept = visit.cookies().write(RETURN, &place.cookie_value(), Some(STEP_LIFETIME));
        response.headers_mut().append(http::header::SET_COOKIE, kept);
    }
    send_to_provider(&visit, &mut response);
    Ok(response)
}

/// A person who is signed in already comes here to prove it again, to change accounts, or for nothing.
fn own_step(visit: &Visit, signed_in: &SignedIn) -> Result<Shown, Halt> {
    if visit.params.get("choice") == Some("another") {
        return Ok(Shown::Email(String::new()));
    }
    if visit.params.get("return").is_some() || visit.params.get("problem").is_some() {
        return Ok(Shown::Email(signed_in.user.email.to_string()));
    }
    Err(Onward::to("/account").into())
}

/// What an application's request still wants of a person who is signed in.
async fn step_for(visit: &Visit, errand: &Errand, signed_in: &SignedIn) -> Result<Shown, Halt> {
    let another = visit.params.get("choice") == Some("another");
    let hinted = errand.asked.login_hint.clone().unwrap_or_default();
    if another || visit.params.get("problem").is_some() || visit.params.get("provider").is_some() {
        return Ok(Shown::Email(if another { String::new() } else { hinted }));
    }
    if errand.wants_fresh_sign_in(signed_in, visit.now()) {
        return Ok(Shown::Email(signed_in.user.email.to_string()));
    }
    if errand.wants_second_factor(&signed_in.session) {
        return match visit.people().step_up(signed_in, visit.now()).await? {
            Some(step) => Err(after(visit, step, visit.request()).into()),
            None => Ok(Shown::Email(signed_in.user.email.to_string())),
        };
    }
    Ok(Shown::Choice(shown_account(signed_in)))
}

fn first_email(visit: &Visit, hinted: Option<&str>) -> String {
    let typed = carried_email(visit).filter(|_| visit.params.get("problem").is_some());
    typed.or_else(|| hinted.map(str::to_owned)).unwrap_or_default()
}

async fn sign_in_view(visit: &Visit, errand: Option<&Errand>, email: String) -> Result<SignIn, Halt> {
    let mut providers = Vec::new();
    if let Some(errand) = errand {
        let own = visit.people().identity_providers(&errand.client.organization.id).await?;
        let enabled = own.into_iter().filter(|provider| provider.enabled);
        providers = enabled.map(|provider| ProviderChoice { id: provider.id, name: provider.name }).collect();
    }
    if let Some(provider) = routed_provider(visit).await?
        && !providers.iter().any(|own: &ProviderChoice| own.id == provider.id)
    {
        providers.push(provider);
    }
    let client = errand.map(|errand| &errand.client.client.id);
    let sign_up = visit.people().sign_up_organization(client, visit.now())?.is_some();
    Ok(SignIn { email, providers, passkeys: visit.people().passkeys_available(), sign_up })
}

/// The provider that the e-mail address was routed to in the step before.
async fn routed_provider(visit: &Visit) -> Result<Option<ProviderChoice>, Halt> {
    let Some(email) = visit.params.get("provider").and_then(|_| carried_email(visit)) else { return Ok(None) };
    let Ok(email) = email.parse::<EmailAddress>() else { return Ok(None) };
    let Some(id) = visit.people().provider_for(&email).await? else { return Ok(None) };
    let name = email.as_str().rsplit_once('@').map_or(email.as_str(), |(_, domain)| domain).to_owned();
    Ok(Some(ProviderChoice { id, name }))
}

/// Sends the browser on from the page to the provider. A redirect would not do: Chromium holds redirects after a form
/// against the policy of the form's page, and that page could not know the provider.
fn send_to_provider(visit: &Visit, response: &mut Response) {
    let Some(Ok(provider)) = visit.params.get("provider").map(str::parse) else { return };
    let onward = Onward::to_provider(&provider).for_request(visit.request());
    if let Ok(refresh) = http::HeaderValue::try_from(format!("0; url={}", onward.location())) {
        response.headers_mut().insert(http::header::REFRESH, refresh);
    }
}

/// Takes the e-mail address, or the choice. What follows does not depend on whether anybody has that address.
pub(crate) async fn take(Form(visit): Form) -> Result<Response, Halt> {
    match visit.params.get("choice") {
        Some("continue") => return go_on(&visit).await,
        Some(_) => {
            let anew = Onward::to("/sign-in").for_request(visit.request()).with("choice", "another");
            return Ok(anew.see_other());
        }
        None => {}
    }
    let typed = visit.typed("email").trim();
    let kept = encoded(visit.cookies(), EMAIL, typed);
    let Ok(email) = typed.parse::<EmailAddress>() else {
        let onward = Onward::to("/sign-in").for_request(visit.request()).problem(Problem::EmailInvalid);
        return Ok(kept.into_iter().fold(onward, Onward::cookie).see_other());
    };
    let onward = match visit.people().provider_for(&email).await? {
        Some(provider) => Onward::to("/sign-in").for_request(visit.request()).with("provider", provider.as_str()),
        None => Onward::to("/sign-in/password").for_request(visit.request()),
    };
    Ok(kept.into_iter().fold(onward, Onward::cookie).see_other())
}

/// Goes on as the person who is signed in.
async fn go_on(visit: &Visit) -> Result<Response, Halt> {
    let (errand, signed_in) = (visit.errand().await?, visit.signed_in().await?);
    Ok(match (errand, signed_in) {
        (Some(errand), Some(signed_in)) => {
            let id = errand.pending.id;
            if !visit.people().mark_account_chosen(&id, &signed_in, visit.now()).await? {
                return Err(Halt::request_expired());
            }
            Onward::to_application(&id)
        }
        (None, Some(_)) => Onward::to("/account"),
        (_, None) => Onward::to("/sign-in").for_request(visit.request()),
    }
    .see_other())
}
