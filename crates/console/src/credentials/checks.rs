//! What a credential may be told to be.

use tollgate_crypto::Algorithm;
use tollgate_model::{
    Invalid,
    client::{ALLOWED_ORIGINS_MAX, AllowedOrigin, Client, ClientKind, Redirects},
    redirect_uri::RedirectRules,
};

use crate::Refusal;

/// Checks the redirect patterns and the other addresses of a credential that people sign in with.
pub(super) fn check_redirects(kind: &ClientKind) -> Result<(), Invalid> {
    let Some(redirects) = kind.redirects() else { return Ok(()) };
    RedirectRules::of(redirects, kind.credential_type())?;
    redirects.options.check()
}

pub(super) fn check_origins(origins: &[AllowedOrigin]) -> Result<(), Invalid> {
    if origins.len() <= ALLOWED_ORIGINS_MAX {
        return Ok(());
    }
    let given = origins.len().to_string();
    Err(Invalid::new("number of allowed origins", &given, format!("give at most {ALLOWED_ORIGINS_MAX}")))
}

/// Checks how access tokens shall be signed: with an algorithm that the house has keys for.
pub(super) fn check_algorithm(algorithm: Option<Algorithm>) -> Result<(), Invalid> {
    match algorithm {
        None | Some(Algorithm::Es256 | Algorithm::Rs256) => Ok(()),
        Some(other) => Err(Invalid::new("token algorithm", other.as_str(), "use ES256 or RS256")),
    }
}

/// The kind of `old` with what is to change of it.
pub(super) fn changed_kind(
    old: &Client,
    origins: Option<Vec<AllowedOrigin>>,
    redirects: Option<Redirects>,
) -> Result<ClientKind, Refusal> {
    let misplaced = |what, remedy: &str| Invalid::new(what, old.credential_type().as_str(), remedy);
    let mut kind = old.kind.clone();
    if let Some(origins) = origins {
        let ClientKind::ApiKey { allowed_origins } = &mut kind else {
            return Err(misplaced("credential type", "allowed origins are for credentials of type api_key").into());
        };
        *allowed_origins = origins;
    }
    if let Some(redirects) = redirects {
        match &mut kind {
            ClientKind::OauthWebApp(own) | ClientKind::OauthSinglePageApp(own) | ClientKind::OauthNativeApp(own) => {
                *own = redirects;
            }
            _ => {
                let remedy = "a redirect URI is for oauth_web_app, oauth_single_page_app and oauth_native_app";
                return Err(misplaced("credential type", remedy).into());
            }
        }
    }
    check_redirects(&kind)?;
    Ok(kind)
}
