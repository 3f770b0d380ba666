//! The request of an application that a person's steps here belong to.

use std::sync::Arc;

use tollgate_model::{
    Timestamp,
    redirect_uri::RedirectRules,
    scope::ScopeSet,
    session::{Assurance, Session},
};
use tollgate_oauth::authorize::AuthorizeRequest;
use tollgate_people::SignedIn;
use tollgate_store::{DirectoryClient, pending_requests::PendingRequest};
use tollgate_web::Fault;
use url::Url;

use crate::Account;

/// A pending request, read.
pub(crate) struct Errand {
    pub(crate) pending: PendingRequest,
    pub(crate) asked: AuthorizeRequest,
    pub(crate) client: Arc<DirectoryClient>,
}

impl Errand {
    /// The pending request of this id, if it still waits and its application may still sign people in. A pushed request
    /// that no browser brought yet is none.
    pub(crate) async fn find(account: &Account, id: &str, now: Timestamp) -> Result<Option<Self>, Fault> {
        let pending = account.people().pending(id, now).await?;
        let Some(pending) = pending.filter(|pending| !pending.pushed) else { return Ok(None) };
        let directory = account.house().directory_at(now)?;
        let client = directory.client(pending.client_id.as_str()).filter(|client| client.is_enabled());
        let Some(client) = client.cloned() else { return Ok(None) };
        let asked = serde_json::from_str(&pending.request)
            .map_err(|cause| Fault::caused("a pending request in the database cannot be read", cause))?;
        Ok(Some(Self { pending, asked, client }))
    }

    /// What the application asks for; who names nothing asks for the sign-in itself, as the authorization endpoint has it.
    pub(crate) fn scope(&self) -> ScopeSet {
        self.asked.scope.clone().unwrap_or_else(|| "openid".parse().expect("a word is a scope"))
    }

    /// Whether the person shows again who they are, or that they are somebody else: the session is older than the request
    /// allows, or not of the person that the request is about.
    pub(crate) fn wants_fresh_sign_in(&self, present: &SignedIn, now: Timestamp) -> bool {
        let session = &present.session;
        let is_of_another = self.asked.hinted_subject.as_deref().is_some_and(|id| id != present.user.id.as_str());
        let too_old = self.asked.max_age.is_some_and(|age| session.authenticated_at + age <= now);
        let prompts = self.asked.prompts;
        let for_this = session.authenticated_at >= self.pending.created_at;
        is_of_another || (!for_this && (prompts.login || prompts.create || too_old))
    }

    /// Whether a second proof is wanted beside the one that the session has.
    pub(crate) fn wants_second_factor(&self, session: &Session) -> bool {
        let wanted = self.asked.acr_values.iter().find_map(|value| Assurance::parse(value));
        wanted.is_some_and(|wanted| session.methods.assurance() < wanted)
    }

    /// The checked redirect URI; `None` when it is no longer registered.
    pub(crate) fn redirect_uri(&self) -> Option<&str> {
        let rules: &RedirectRules = self.client.redirects()?;
        rules.resolve(self.asked.target.redirect_uri.as_deref()).ok()
    }

    /// What a policy for forms calls the place that the browser is redirected to in the end: an origin, or a scheme.
    pub(crate) fn form_target(&self) -> Option<String> {
        let uri = Url::parse(self.redirect_uri()?).ok()?;
        let has_origin = matches!(uri.scheme(), "http" | "https");
        Some(if has_origin { uri.origin().ascii_serialization() } else { format!("{}:", uri.scheme()) })
    }

    /// The place in words: the host, or the scheme of an installed application.
    pub(crate) fn destination(&self) -> String {
        let uri = self.redirect_uri().and_then(|uri| Url::parse(uri).ok());
        uri.map(|uri| uri.host_str().map_or_else(|| format!("{}:", uri.scheme()), str::to_owned)).unwrap_or_default()
    }
}
