//! `/sign-up`: an account of one's own, and the code that proves its e-mail address.

use axum::response::Response;
use serde::{Deserialize, Serialize};
use tollgate_model::{id::OrganizationId, user::EmailAddress};
use tollgate_pages::{
    Notice, Problem,
    views::{
        recovery::{CodePurpose as ShownPurpose, EnterCode},
        sign_up::SignUp as SignUpPage,
    },
};
use tollgate_people::{CodePurpose, Flow, Refused, sign_up::SignUp};
use tollgate_web::Fault;

use crate::{
    carried::{EMAIL, SIGN_UP, STEP_LIFETIME, TYPED, decoded, encoded},
    errand::Errand,
    form::Form,
    halt::Halt,
    onward::Onward,
    passwords::{self, advice, with_strength},
    setback,
    sign_in::after,
    visit::Visit,
};

/// What was typed, kept for the form when it has to be shown again; the password is not.
#[derive(Default, Serialize, Deserialize)]
struct Typed {
    name: String,
    email: String,
    country: String,
}

impl Typed {
    fn of(visit: &Visit) -> Self {
        let typed = |name| visit.typed(name).trim().to_owned();
        Self { name: typed("name"), email: typed("email"), country: typed("country") }
    }

    fn carried(visit: &Visit) -> Option<Self> {
        serde_json::from_str(&decoded(visit.cookie(TYPED)?)?).ok()
    }

    /// The page again, with what was typed and why it was refused.
    fn again(&self, visit: &Visit, problem: Problem) -> Onward {
        let onward = Onward::to("/sign-up").for_request(visit.request()).problem(problem);
        let text = serde_json::to_string(self).unwrap_or_default();
        encoded(visit.cookies(), TYPED, &text).into_iter().fold(onward, Onward::cookie)
    }
}

/// Shows the form, where there is an organization that lets people make accounts.
pub(crate) async fn show(visit: Visit) -> Result<Response, Halt> {
    let errand = visit.errand().await?;
    match (open_organization(&visit, errand.as_ref())?, &errand) {
        (Some(_), _) => {}
        // The application wished for an account to be made; who has one goes on all the same.
        (None, Some(_)) => return Err(Onward::to("/sign-in").for_request(visit.request()).into()),
        (None, None) => return Err(Halt::forbidden()),
    }
    let refused = visit.params.get("problem").is_some();
    let typed = Typed::carried(&visit).filter(|_| refused).unwrap_or_default();
    let view = SignUpPage { name: typed.name, email: typed.email, country: typed.country, advice: advice(&visit) };
    Ok(visit.page(errand.as_ref(), |frame| view.render(frame)))
}

/// The organization in which whoever comes from this application may make an account.
fn open_organization(visit: &Visit, errand: Option<&Errand>) -> Result<Option<OrganizationId>, Fault> {
    let client = errand.map(|errand| &errand.client.client.id);
    let organization = visit.people().sign_up_organization(client, visit.now())?;
    Ok(organization.map(|organization| organization.id.clone()))
}

/// Takes the form and sends a code. The answer is the same when the address has an account already; then its owner gets a
/// mail that says so.
pub(crate) async fn take(Form(visit): Form) -> Result<Response, Halt> {
    let errand = visit.errand().await?;
    let organization_id = open_organization(&visit, errand.as_ref())?.ok_or(Halt::forbidden())?;
    let typed = Typed::of(&visit);
    let Ok(email) = typed.email.parse::<EmailAddress>() else {
        return Ok(typed.again(&visit, Problem::EmailInvalid).see_other());
    };
    let asked = SignUp {
        organization_id,
        email,
        name: typed.name.clone(),
        country: (!typed.country.is_empty()).then(|| typed.country.clone()),
        language: Some(visit.language(errand.as_ref()).tag().to_owned()),
        password: passwords::typed(&visit, "new_password"),
    };
    match visit.people().begin_sign_up(asked, &visit.visitor(), visit.now()).await {
        Ok(flow) => {
            let onward = Onward::to("/sign-up/verify").for_request(visit.request());
            Ok(carrying(&visit, SIGN_UP, &flow, onward).cookie(visit.cookies().delete(TYPED)).see_other())
        }
        Err(refused) => {
            let flawed = matches!(refused, Refused::Password(_));
            let again = typed.again(&visit, setback::problem(&visit, refused)?);
            let personal = [typed.name.as_str(), typed.email.as_str()];
            let password = passwords::typed(&visit, "new_password");
            Ok(if flawed { with_strength(again, &password, &personal) } else { again }.see_other())
        }
    }
}

/// Lets the browser carry on with a mailed code.
pub(crate) fn carrying(visit: &Visit, name: &'static str, flow: &Flow, onward: Onward) -> Onward {
    let cookies = visit.cookies();
    let email = encoded(cookies, EMAIL, flow.email.as_str());
    let onward = email.into_iter().fold(onward, Onward::cookie);
    let wait = onward.with("wait", &flow.resend_after.0.to_string());
    wait.cookie(cookies.write(name, &flow.id, Some(STEP_LIFETIME)))
}

/// How long to wait before another code, as the step before told.
pub(crate) fn resend_seconds(visit: &Visit) -> u32 {
    const SECONDS_MAX: u32 = 3_600;
    visit.params.get("wait").and_then(|wait| wait.parse().ok()).unwrap_or(0).min(SECONDS_MAX)
}

/// Asks for the code.
pub(crate) async fn show_code(visit: Visit) -> Result<Response, Halt> {
    let errand = visit.errand().await?;
    let (Some(email), Some(_)) = (visit.cookie(EMAIL).and_then(decoded), visit.cookie(SIGN_UP)) else {
        return Err(Onward::to("/sign-up").for_request(visit.request()).problem(Problem::FormExpired).into());
    };
    let view =
        EnterCode { purpose: ShownPurpose::SignUp, email, resend_seconds: resend_seconds(&visit), code: String::new() };
    Ok(visit.page(errand.as_ref(), |frame| view.render(frame)))
}

/// Takes the code, or sends another.
pub(crate) async fn take_code(Form(visit): Form) -> Result<Response, Halt> {
    let Some(flow) = visit.cookie(SIGN_UP) else {
        return Err(Onward::to("/sign-up").for_request(visit.request()).problem(Problem::FormExpired).into());
    };
    let here = Onward::to("/sign-up/verify").for_request(visit.request());
    let (by, now) = (visit.visitor(), visit.now());
    if visit.params.get("resend").is_some() {
        return Ok(match visit.people().resend_code(flow, CodePurpose::SignUp, &by, now).await {
            Ok(flow) => carrying(&visit, SIGN_UP, &flow, here.notice(Notice::CodeSent)),
            Err(refused) => here.problem(setback::problem(&visit, refused)?),
        }
        .see_other());
    }
    let current = visit.session().await?;
    let finished = visit.people().finish_sign_up(flow, visit.typed("code"), &by, current.as_ref(), now).await;
    Ok(match finished {
        Ok(step) => after(&visit, step, visit.request()).cookie(visit.cookies().delete(SIGN_UP)),
        Err(refused) => here.problem(setback::problem(&visit, refused)?),
    }
    .see_other())
}
