//! The exchange of a service account's JWT for a token (contract section 5).

use tollgate_crypto::Compact;
use tollgate_model::{
    Timestamp,
    client::{Client, ClientKind},
    scope::{Scope, ScopeSet},
};
use tollgate_oauth::{
    ErrorCode, OauthError,
    assertion::{ASSERTION_BYTES_MAX, Jti},
    jwt_exchange::{ExchangeRequest, ServiceJwt, invalid_token, metascopes_not_granted, no_certificate_matches},
};
use tollgate_web::Instance;

use crate::{client_auth::Authenticated, granted::Granted, signer};

/// A grant that holds once the JWT's id has been used up.
#[derive(Debug)]
pub(crate) struct OneUse {
    /// What is granted then.
    pub granted: Granted,
    /// The id, and until when it must be remembered; `None` when the JWT has none and needs none.
    pub jti: Option<(Jti, Timestamp)>,
}

/// Checks the JWT: signature, audience, issuer, subject, times, id, metascopes, in this order, so that nothing of an
/// unsigned JWT is talked about.
pub(crate) fn redeem(
    request: ExchangeRequest,
    authenticated: Authenticated,
    instance: &Instance,
    now: Timestamp,
) -> Result<OneUse, OauthError> {
    let client = authenticated.client;
    let (subject, jti_required) = service_account(&client.client)?;
    let jws = Compact::parse(request.jwt.reveal(), ASSERTION_BYTES_MAX)
        .map_err(|error| invalid_token(&format!("cannot be read: {error}")))?;
    signer::find(&jws, &client.certificates, &instance.assertion_algorithms, now)
        .map_err(|no_signer| no_certificate_matches(&no_signer.to_string()))?;
    let jwt = ServiceJwt::parse(&jws.payload)?;
    jwt.check_audience(&instance.base_urls, &client.client.id)?;
    check_parties(&jwt, &client.client, subject)?;
    jwt.check_validity(now)?;
    let scope = granted_scope(&jwt, client.allowed_metascopes(), instance)?;
    let audience = super::audience(instance, request.resources)?;
    let jti = match jwt.jti {
        Some(jti) => {
            if !jti.is_integer() {
                tracing::debug!(client_id = %client.client.id, "a JWT has text as its jti; IMS documents an integer");
            }
            Some((jti, jwt.validity.forgotten_at()))
        }
        None if jti_required => {
            return Err(bad_request(
                "has no jti, which this credential requires; add an integer that is never used twice",
            ));
        }
        None => None,
    };
    let subject = subject.to_owned();
    Ok(OneUse { granted: Granted::to_service(client, subject, scope, audience), jti })
}

/// The refusal of a JWT that was exchanged before.
pub(crate) fn used_before() -> OauthError {
    invalid_token("has a jti that was used before; sign a new JWT with a new jti for each exchange")
}

fn service_account(client: &Client) -> Result<(&str, bool), OauthError> {
    match &client.kind {
        ClientKind::ServiceAccountJwt { technical_account, jti_required } => {
            Ok((technical_account.id.as_str(), *jti_required))
        }
        other => Err(OauthError::new(
            ErrorCode::InvalidClient,
            format!(
                "a credential of type {} cannot exchange JWTs; use one of type service_account_jwt",
                other.credential_type()
            ),
        )
        .with_credentials_refused()),
    }
}

fn check_parties(jwt: &ServiceJwt, client: &Client, subject: &str) -> Result<(), OauthError> {
    if jwt.issuer != client.organization_id {
        return Err(bad_request(&format!(
            "must have as iss the organization of this credential, {}",
            client.organization_id
        )));
    }
    if jwt.subject.as_str() != subject {
        return Err(bad_request(&format!("must have as sub the technical account of this credential, {subject}")));
    }
    Ok(())
}

/// The metascopes asked for, which subscriptions must allow, and the scopes that say who it is.
fn granted_scope(jwt: &ServiceJwt, allowed: &ScopeSet, instance: &Instance) -> Result<ScopeSet, OauthError> {
    let mut scope = jwt.scope(&instance.base_urls)?;
    if !allowed.contains_all(&scope) {
        return Err(metascopes_not_granted(&scope.without(allowed), allowed));
    }
    scope.extend(["openid", "AdobeID"].map(|basic| basic.parse::<Scope>().expect("basic scopes are scopes")));
    Ok(scope)
}

fn bad_request(what: &str) -> OauthError {
    OauthError::new(ErrorCode::BadRequest, format!("the JWT {what}"))
}
