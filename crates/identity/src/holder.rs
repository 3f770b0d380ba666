//! Who holds an access token that is presented to us, and how such addresses refuse (RFC 6750, RFC 9449 section 7).

use std::sync::Arc;

use axum::response::Response;
use http::{
    HeaderValue, Method, StatusCode,
    header::{CONTENT_TYPE, WWW_AUTHENTICATE},
};
use tollgate_model::{
    Timestamp,
    client::TechnicalAccount,
    token::{AccessToken, Actor},
    user::User,
};
use tollgate_oauth::{
    ErrorCode, OauthError,
    bearer::{Authorization, BearerChallenge, DpopChallenge, Presented, TokenScheme, invalid_token},
};
use tollgate_store::{Directory, DirectoryClient, users};
use tollgate_web::{Received, Stop, VerifiedToken, answer, error::bearer_error_response, verify_access_token};

use crate::{Identity, endpoints::cors::Origin, grants::check_person};

/// Where a token is sent by clients that cannot set headers: the standard's form field (RFC 6750 section 2.2).
const FORM_FIELD: &str = "access_token";
/// The same in old clients of IMS, in the query (contract section 1.10).
pub(crate) const OLD_FIELD: &str = "bearer_token";

/// Whoever holds a good token.
#[derive(Debug)]
pub(crate) struct Holder {
    verified: VerifiedToken,
    /// The credential that the token was issued to.
    pub(crate) client: Arc<DirectoryClient>,
    /// As whom it acts.
    pub(crate) acts_as: ActsAs,
}

/// As whom a token acts.
#[derive(Debug)]
pub(crate) enum ActsAs {
    /// A person, who is let in.
    Person(Box<User>),
    /// A credential's own account.
    Account(TechnicalAccount),
}

impl Holder {
    pub(crate) const fn token(&self) -> &AccessToken {
        self.verified.token()
    }

    /// Refuses a token that has none of these scopes.
    pub(crate) fn check_scope(&self, any_of: &[&str]) -> Result<(), OauthError> {
        if any_of.iter().any(|scope| self.token().scope.contains(scope)) {
            return Ok(());
        }
        let text = format!("the token needs the scope {}", any_of.join(" or "));
        Err(OauthError::new(ErrorCode::InsufficientScope, text))
    }
}

impl Identity {
    /// Checks the token that a request presents, and finds out who holds it. `others` are parameters that may hold it beside
    /// the standard's places.
    pub(crate) async fn holder(
        &self,
        directory: &Directory,
        received: &Received,
        others: &[&str],
        now: Timestamp,
    ) -> Result<Holder, Stop> {
        let house = self.house();
        let presented = presented(received, others)?;
        let verified = verify_access_token(house, directory, presented.token, now).map_err(|_| invalid_token())?;
        let token = verified.token();
        self.check_presented(received, presented, token, now).await?;
        let client = Arc::clone(directory.client(token.client_id.as_str()).ok_or_else(invalid_token)?);
        let acts_as = match token.actor {
            Actor::User => {
                let id = token.subject.parse().map_err(|_| invalid_token())?;
                let user = check_person(directory, users::find(&house.db, &id).await?).map_err(|_| invalid_token())?;
                ActsAs::Person(Box::new(user))
            }
            Actor::TechnicalAccount => {
                let account = client.client.kind.technical_account().ok_or_else(invalid_token)?;
                ActsAs::Account(account.clone())
            }
        };
        Ok(Holder { verified, client, acts_as })
    }
}

/// The token of a request, from one place alone (RFC 6750 section 2).
fn presented<'a>(received: &'a Received, others: &[&str]) -> Result<Presented<'a>, OauthError> {
    let in_header = Authorization::presented(received.authorization())?;
    let in_form = received.params.get(FORM_FIELD).filter(|_| received.method() == Method::POST);
    let elsewhere = others.iter().find_map(|name| received.params.get(name));
    let in_params = in_form.or(elsewhere).map(|token| Presented { token, scheme: TokenScheme::Bearer });
    match (in_header, in_params) {
        (Some(_), Some(_)) => Err(OauthError::invalid_request("send the token in one place, best as a Bearer header")),
        (Some(presented), None) | (None, Some(presented)) => Ok(presented),
        (None, None) => Err(invalid_token()),
    }
}

/// What an address for holders of tokens answers, readable for pages of the token's credential.
pub(crate) struct Told {
    pub(crate) client: Arc<DirectoryClient>,
    pub(crate) body: Vec<u8>,
}

impl Identity {
    /// The response of an address for holders of tokens. A refusal says nothing of anybody, so it may be read by pages of
    /// every client: whose token it was is not known then.
    pub(crate) fn told(
        &self,
        received: &Received,
        origin: &Origin,
        told: Result<Told, Stop>,
        now: Timestamp,
    ) -> Response {
        match told {
            Ok(Told { client, body }) => origin.may_read(origin.is_of(&client), answer::json(StatusCode::OK, body)),
            Err(stop) => {
                let directory = self.house().directory_at(now);
                let allowed = directory.is_ok_and(|directory| origin.is_of_any(&directory));
                let response = stop.into_response_with(|error| refused(error, received));
                debug_assert!(response.headers().contains_key(CONTENT_TYPE), "a refusal is JSON");
                origin.may_read(allowed, response)
            }
        }
    }
}

/// A refusal with the challenge of the scheme that was tried.
fn refused(error: &OauthError, received: &Received) -> Response {
    let scheme = Authorization::presented(received.authorization()).ok().flatten().map(|presented| presented.scheme);
    let mut response = bearer_error_response(error);
    if matches!(error.code(), ErrorCode::InvalidDpopProof | ErrorCode::UseDpopNonce) {
        *response.status_mut() = StatusCode::UNAUTHORIZED;
    }
    let has_token = scheme.is_some() || [FORM_FIELD, OLD_FIELD].iter().any(|name| received.params.get(name).is_some());
    let challenge = match scheme {
        Some(TokenScheme::Dpop) => DpopChallenge { error, scope: None }.to_header(),
        // Whoever shows nothing is told nothing but the scheme (RFC 6750 section 3.1).
        _ => BearerChallenge { error: Some(error).filter(|_| has_token), ..BearerChallenge::default() }.to_header(),
    };
    if let Ok(challenge) = HeaderValue::try_from(challenge) {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}
