//! `/ims/check`: a page of an application asks, with the browser's cookie, for a token of whoever is signed in (contract
//! section 1.14). Nothing is shown to the person, so nothing is given that they did not agree to before.
//!
//! The browser says which page asks (`Origin`); only the application's own pages may, and only they can read the answer.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use http::{HeaderMap, StatusCode};
use tollgate_model::{
    Timestamp,
    grant::{CODE_LIFETIME, CodeBinding, Grant, REFRESH_LIFETIME, SignInFacts},
    id::GrantId,
    redirect_uri::RedirectRules,
    scope::{Scope, ScopeSet},
};
use tollgate_oauth::{ErrorCode, OauthError, answers::TokenAnswer, token::TokenVersion};
use tollgate_people::SignedIn;
use tollgate_store::{Directory, DirectoryClient, StoreError, grants};
use tollgate_web::{
    Arrival, Received, Stop, answer,
    cookies::{Cookies, SESSION_COOKIE},
    error::oauth_error_response,
};

use super::cors::Origin;
use crate::{
    Identity,
    authorize::asked::{options, usual_scope},
    granted::Granted,
    grants::{audience, authorization_code::OFFLINE_ACCESS, check_scope, people_do_not_sign_in},
};

/// Where a page asks for a token: one thing under three names.
pub(crate) const TOKEN_ADDRESSES: [&str; 3] = ["/ims/check/v4/token", "/ims/check/v5/token", "/ims/check/v6/token"];
/// Where a page asks whether it would get one.
pub(crate) const STATUS_ADDRESS: &str = "/ims/check/v1/status";

/// Gives a token, or says which step the person would have to do.
pub(crate) async fn token(
    State(identity): State<Identity>,
    arrival: Arrival,
    headers: HeaderMap,
    origin: Origin,
    received: Received,
) -> Response {
    answer_page(&identity, &arrival, &headers, &origin, &received, Asked::Token).await
}

/// Tells whether there would be a token.
pub(crate) async fn status(
    State(identity): State<Identity>,
    arrival: Arrival,
    headers: HeaderMap,
    origin: Origin,
    received: Received,
) -> Response {
    answer_page(&identity, &arrival, &headers, &origin, &received, Asked::Status).await
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Token,
    Status,
}

async fn answer_page(
    identity: &Identity,
    arrival: &Arrival,
    headers: &HeaderMap,
    origin: &Origin,
    received: &Received,
    asked: Asked,
) -> Response {
    let refusal = |stop: Stop| stop.into_response_with(|error| oauth_error_response(error, false));
    let page = match page(identity, origin, received, arrival.at) {
        Ok(page) => page,
        Err(stop) => return origin.may_read(false, refusal(stop)),
    };
    let answered = match asked {
        Asked::Token => page.token(identity, headers, received, arrival.at).await,
        Asked::Status => page.status(identity, headers, received, arrival.at).await,
    };
    let body = answered.map(|body| answer::json(StatusCode::OK, body));
    origin.may_read_as_person(true, body.unwrap_or_else(refusal))
}

/// A page that is known to be one of an application.
struct Page {
    directory: Arc<Directory>,
    client: Arc<DirectoryClient>,
}

fn page(identity: &Identity, origin: &Origin, received: &Received, now: Timestamp) -> Result<Page, Stop> {
    let directory = identity.house().directory_at(now)?;
    let named = received.params.get("client_id").or(received.client_header());
    let named = named.ok_or_else(|| OauthError::missing_parameter("client_id"))?;
    let client = directory.client(named).filter(|client| client.is_enabled()).ok_or_else(OauthError::unknown_client)?;
    if client.redirects().is_none() {
        return Err(people_do_not_sign_in().into());
    }
    if !origin.is_of(client) {
        let text =
            "this is asked by pages on an origin of the client's redirect URIs alone; register a redirect URI there";
        return Err(OauthError::new(ErrorCode::AccessDenied, text).into());
    }
    let client = Arc::clone(client);
    Ok(Page { directory: Arc::clone(&directory), client })
}

impl Page {
    async fn token(
        &self,
        identity: &Identity,
        headers: &HeaderMap,
        received: &Received,
        now: Timestamp,
    ) -> Result<Vec<u8>, Stop> {
        let (signed_in, scope) = self.agreed(identity, headers, received, now).await?;
        let grant = self.grant(identity, &signed_in, scope, now);
        let audience = audience(&identity.house().instance, Vec::new())?;
        let granted = Granted::of_grant(Arc::clone(&self.client), &grant, audience);
        let issued = identity.issue(&self.directory, granted, now)?;
        identity.house().db.transact::<_, StoreError>(async |tx| grants::insert(tx, &grant).await).await?;
        // As the first version of the token endpoint answers: milliseconds, and the fields of the person.
        let answer =
            TokenAnswer::of_token(TokenVersion::V1, &issued.access_token, issued.remaining, Some(&issued.scope));
        Ok(answer.with_person(&signed_in.user, &issued.scope).to_json())
    }

    /// Whoever did not agree to anything is not told of: that would say who is signed in to any page that asks.
    async fn status(
        &self,
        identity: &Identity,
        headers: &HeaderMap,
        received: &Received,
        now: Timestamp,
    ) -> Result<Vec<u8>, Stop> {
        self.agreed(identity, headers, received, now).await?;
        Ok(br#"{"signed_in":true}"#.to_vec())
    }

    /// Who is signed in, and what the application may have without asking.
    async fn agreed(
        &self,
        identity: &Identity,
        headers: &HeaderMap,
        received: &Received,
        now: Timestamp,
    ) -> Result<(SignedIn, ScopeSet), Stop> {
        let options = options(&self.client);
        if options.bound_tokens_required || options.pushed_requests_required {
            let text = "this client gets its tokens by pushed requests or bound to a key, which cannot be had here";
            return Err(OauthError::new(ErrorCode::UnauthorizedClient, text).into());
        }
        let scope = self.scope(received)?;
        let login_required = || OauthError::new(ErrorCode::LoginRequired, "nobody is signed in in this browser");
        let cookies = Cookies::of(&identity.house().instance);
        let secret = cookies.read(headers, SESSION_COOKIE).ok_or_else(login_required)?;
        let signed_in = identity.people().session(secret, now).await?.ok_or_else(login_required)?;
        let user = &signed_in.user;
        if received.params.get("user_id").is_some_and(|named| named != user.id.as_str()) {
            return Err(OauthError::new(ErrorCode::LoginRequired, "somebody else is signed in in this browser").into());
        }
        let is_own = options.first_party && user.organization_id == self.client.organization.id;
        let missing = identity.people().missing_scopes(&user.id, &self.client.client.id, &scope).await?;
        if is_own || missing.is_empty() {
            return Ok((signed_in, scope));
        }
        let text = "the person did not agree yet; send the browser to /ims/authorize/v2";
        Err(OauthError::new(ErrorCode::ConsentRequired, text).into())
    }

    /// What is asked for, without what needs a refresh token: a page gets none here.
    fn scope(&self, received: &Received) -> Result<ScopeSet, OauthError> {
        let asked = match received.params.get("scope") {
            Some(text) => text.parse::<ScopeSet>().map_err(|invalid| {
                OauthError::new(ErrorCode::InvalidScope, format!("Invalid scope value. {invalid}"))
            })?,
            None => usual_scope(),
        };
        check_scope(&asked, self.client.allowed_scopes())?;
        let mut offline = ScopeSet::empty();
        offline.insert(OFFLINE_ACCESS.parse::<Scope>().expect("a word is a scope"));
        let scope = asked.without(&offline);
        Ok(if scope.is_empty() { usual_scope() } else { scope })
    }

    /// The row by which the token ends when the person takes back what they allowed.
    fn grant(&self, identity: &Identity, signed_in: &SignedIn, scope: ScopeSet, now: Timestamp) -> Grant {
        let session = &signed_in.session;
        let redirects = self.client.redirects().map(RedirectRules::default_uri);
        Grant {
            id: GrantId::generate(&*identity.house().entropy, now),
            client_id: self.client.client.id.clone(),
            user_id: signed_in.user.id.clone(),
            sign_in: SignInFacts {
                session_id: Some(session.id.clone()),
                authenticated_at: session.authenticated_at,
                methods: session.methods.clone(),
            },
            scope,
            resources: Vec::new(),
            binding: CodeBinding {
                redirect_uri: redirects.unwrap_or_default().to_owned(),
                redirect_uri_named: false,
                code_challenge: None,
                nonce: None,
                id_token_claims: Vec::new(),
                userinfo_claims: Vec::new(),
            },
            key_thumbprint: None,
            code_digest: None,
            code_expires_at: now + CODE_LIFETIME,
            created_at: now,
            expires_at: now + REFRESH_LIFETIME,
        }
    }
}
