//! What a person still has to do before a request can be answered. Pure: everything that counts is given.

use tollgate_model::{
    Timestamp,
    scope::ScopeSet,
    session::{Assurance, Session},
    user::User,
};
use tollgate_oauth::{ErrorCode, OauthError};
use tollgate_store::pending_requests::PendingRequest;

use super::asked::Asked;

/// A step of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// To sign in, perhaps again or more surely.
    SignIn,
    /// To say which account to use.
    Account,
    /// To agree to what the application asks for.
    Consent,
}

impl Need {
    /// What the application hears when it forbade to ask.
    pub(crate) fn refusal(self) -> OauthError {
        let (code, text) = match self {
            Self::SignIn => (ErrorCode::LoginRequired, "nobody is signed in as this request wants it"),
            Self::Account => (ErrorCode::AccountSelectionRequired, "the person has to choose an account"),
            Self::Consent => (ErrorCode::ConsentRequired, "the person has not agreed to these scopes"),
        };
        OauthError::new(code, text)
    }
}

/// Who sits in front of the browser, and what is known of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Present<'a> {
    pub(crate) session: &'a Session,
    pub(crate) user: &'a User,
    /// What the person agreed to before.
    pub(crate) agreed: Option<&'a ScopeSet>,
}

/// The first thing that is still to be done, `None` when the request can be answered. A step counts when it was done in
/// this session after the request began to wait.
pub(crate) fn first_need(
    asked: &Asked,
    present: Option<Present<'_>>,
    pending: Option<&PendingRequest>,
    now: Timestamp,
) -> Result<Option<Need>, OauthError> {
    let Some(present) = present else { return Ok(Some(Need::SignIn)) };
    let session = present.session;
    let signed_in_for_this = pending.is_some_and(|pending| session.authenticated_at >= pending.created_at);
    let same_session = pending.filter(|pending| pending.session_id.as_ref() == Some(&session.id));
    let prompts = asked.request.prompts;
    if !signed_in_for_this && (prompts.login || prompts.create || is_too_old(asked, session, now)) {
        return Ok(Some(Need::SignIn));
    }
    if !is_the_one(asked, present.user) {
        // Whoever signed in for this request will not be somebody else the next time.
        return if signed_in_for_this && !prompts.none { Err(Need::SignIn.refusal()) } else { Ok(Some(Need::SignIn)) };
    }
    if wants_more_assurance(asked, session) {
        if !signed_in_for_this && !prompts.none {
            return Ok(Some(Need::SignIn));
        }
        if asked.request.claims.acr_essential {
            let text = "the person cannot sign in as surely as this request demands it";
            return Err(OauthError::new(ErrorCode::UnmetAuthenticationRequirements, text));
        }
    }
    let account_chosen = same_session.is_some_and(|pending| pending.account_chosen_at.is_some());
    if prompts.select_account && !account_chosen && !signed_in_for_this {
        return Ok(Some(Need::Account));
    }
    let agreed_now = same_session.is_some_and(|pending| pending.consented_at.is_some());
    if !agreed_now && (prompts.consent || !is_agreed(asked, present)) {
        return Ok(Some(Need::Consent));
    }
    Ok(None)
}

fn is_too_old(asked: &Asked, session: &Session, now: Timestamp) -> bool {
    asked.request.max_age.is_some_and(|max_age| session.authenticated_at + max_age <= now)
}

fn is_the_one(asked: &Asked, user: &User) -> bool {
    asked.request.hinted_subject.as_deref().is_none_or(|subject| subject == user.id.as_str())
}

/// Whether the first class that we know is above what the session proves. That is a wish unless the request calls it
/// essential (OpenID Connect Core sections 3.1.2.1 and 5.5.1.1): who cannot do more goes on with less, and the `id_token`
/// says so.
fn wants_more_assurance(asked: &Asked, session: &Session) -> bool {
    let wanted = asked.request.acr_values.iter().find_map(|value| Assurance::parse(value));
    wanted.is_some_and(|wanted| session.methods.assurance() < wanted)
}

/// Nobody is asked about an application of their own organization that it runs itself.
fn is_agreed(asked: &Asked, present: Present<'_>) -> bool {
    let own = asked.options().first_party && present.user.organization_id == asked.client.organization.id;
    own || present.agreed.is_some_and(|agreed| agreed.contains_all(&asked.scope))
}
