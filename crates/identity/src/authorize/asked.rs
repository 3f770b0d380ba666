//! A request that may be answered: who asks is known, and so is where the answer goes.

use std::sync::Arc;

use tollgate_crypto::Compact;
use tollgate_model::{
    client::SignInOptions,
    scope::{Scope, ScopeSet},
};
use tollgate_oauth::{
    ErrorCode, OauthError,
    assertion::ASSERTION_BYTES_MAX,
    authorize::{AuthorizeRequest, AuthorizeTarget},
    id_token::IdTokenHint,
    response_type::ResponseMode,
};
use tollgate_pages::views::error::{ErrorKind, Particular};
use tollgate_store::{Directory, DirectoryClient};
use tollgate_web::Instance;

use super::Halt;
use crate::grants;

/// Where an answer goes, and how. It is made only of addresses that the application has registered.
#[derive(Debug, Clone)]
pub(crate) struct Return {
    pub(crate) redirect_uri: String,
    pub(crate) mode: ResponseMode,
    pub(crate) state: Option<String>,
    /// What the person knows the application by.
    pub(crate) application: String,
}

/// A request in which nothing is wrong.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) client: Arc<DirectoryClient>,
    pub(crate) request: AuthorizeRequest,
    /// What is asked for, with what stands in when nothing is named.
    pub(crate) scope: ScopeSet,
    pub(crate) way: Return,
}

/// The credential that a target names, and the way back to it. Whatever is wrong here is told to the person.
pub(crate) fn find_way(
    directory: &Directory,
    target: &AuthorizeTarget,
) -> Result<(Arc<DirectoryClient>, Return), Halt> {
    let named = || vec![Particular::ClientId(target.client_id.to_string())];
    let client =
        directory.client(target.client_id.as_str()).ok_or_else(|| Halt::Page(ErrorKind::ClientUnknown, named()))?;
    let rules = client.redirects().ok_or_else(|| Halt::Page(ErrorKind::ClientRefused, named()))?;
    if !client.is_enabled() {
        return Err(Halt::Page(ErrorKind::ClientRefused, named()));
    }
    let redirect_uri = rules.resolve(target.redirect_uri.as_deref()).map_err(|refusal| {
        let mut particulars = named();
        particulars.extend(target.redirect_uri.clone().map(Particular::RedirectUri));
        particulars.push(Particular::Description(refusal.to_string()));
        Halt::Page(ErrorKind::RedirectUriMismatch, particulars)
    })?;
    let way = Return {
        redirect_uri: redirect_uri.to_owned(),
        mode: target.response_mode,
        state: target.state.clone(),
        application: client.client.name.clone(),
    };
    Ok((Arc::clone(client), way))
}

impl Asked {
    /// Checks all that does not depend on the person.
    pub(crate) fn check(
        client: Arc<DirectoryClient>,
        way: Return,
        mut request: AuthorizeRequest,
        directory: &Directory,
        instance: &Instance,
    ) -> Result<Self, Halt> {
        let outcome = check(&client, &mut request, directory, instance);
        match outcome {
            Ok(scope) => Ok(Self { client, request, scope, way }),
            Err(refusal) => Err(Halt::Refusal(Box::new(way), refusal)),
        }
    }

    /// How people sign in to the application.
    pub(crate) fn options(&self) -> &SignInOptions {
        options(&self.client)
    }
}

/// How people sign in to an application; the strict way for a credential that nobody signs in to.
pub(crate) fn options(client: &DirectoryClient) -> &SignInOptions {
    static STRICT: SignInOptions = SignInOptions {
        post_logout_redirect_uris: Vec::new(),
        backchannel_logout_uri: None,
        first_party: false,
        legacy: false,
        pushed_requests_required: false,
        bound_tokens_required: false,
        logo_uri: None,
    };
    client.client.kind.redirects().map_or(&STRICT, |redirects| &redirects.options)
}

/// The checks that a pushed request and one in the browser share; answers the scopes.
pub(crate) fn check(
    client: &DirectoryClient,
    request: &mut AuthorizeRequest,
    directory: &Directory,
    instance: &Instance,
) -> Result<ScopeSet, OauthError> {
    let options = options(client);
    let public = !client.client.credential_type().has_client_secret();
    request.check_for(public, options.legacy)?;
    if options.bound_tokens_required && request.response_type.has_token() {
        let text = "tokens of this client are bound to a key, which they cannot be on the way through a browser";
        return Err(OauthError::new(ErrorCode::UnsupportedResponseType, text));
    }
    grants::audience(instance, request.resources.clone())?;
    if let Some(hint) = request.id_token_hint.take() {
        request.hinted_subject = Some(hinted_subject(directory, instance, hint.reveal())?);
    }
    let scope = request.scope.clone().unwrap_or_else(usual_scope);
    grants::check_scope(&scope, client.allowed_scopes())?;
    Ok(scope)
}

/// What a request that names no scope is taken to ask for.
pub(crate) fn usual_scope() -> ScopeSet {
    let mut scope = ScopeSet::empty();
    scope.insert("openid".parse::<Scope>().expect("a word is a scope"));
    scope
}

/// The person whom an earlier `id_token` of ours names; it may have expired (OpenID Connect Core section 3.1.2.1).
fn hinted_subject(directory: &Directory, instance: &Instance, hint: &str) -> Result<String, OauthError> {
    let refused = || OauthError::invalid_request("id_token_hint is not an id_token of this server");
    let jws = Compact::parse(hint, ASSERTION_BYTES_MAX).map_err(|_| refused())?;
    let key = jws.header.kid.as_deref().and_then(|kid| directory.keys.find(kid)).ok_or_else(refused)?;
    jws.verify(&key.verifying, &[key.algorithm]).map_err(|_| refused())?;
    let hint = IdTokenHint::parse(&jws.payload)?;
    if hint.issuer != instance.issuer {
        return Err(refused());
    }
    Ok(hint.subject)
}
