//! Requests to the token endpoint (contract sections 1.4 and 1.5).

use tollgate_crypto::SecretText;
use tollgate_model::{
    Seconds,
    id::{OrganizationId, UserId},
    scope::ScopeSet,
};

use crate::{ErrorCode, OauthError, Params, error::shown};

/// The grants that the token endpoint takes.
pub const GRANT_TYPES_SUPPORTED: [&str; 8] = [
    "authorization_code",
    "refresh_token",
    "client_credentials",
    DEVICE_CODE,
    TOKEN_EXCHANGE,
    "cluster_at_exchange",
    "promise",
    "promise_exchange",
];
/// The grant of a device (RFC 8628 section 3.4).
pub const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// The grant for a token in exchange for another (RFC 8693 section 2.1).
pub const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
/// The one type of token that is exchanged and given (RFC 8693 section 3).
pub const ACCESS_TOKEN_TYPE: &str = "urn:ietf:params:oauth:token-type:access_token";
/// Longest token, code or device code in a request, in bytes.
pub const GRANT_BYTES_MAX: usize = 4 * 1024;
/// Longest `promise_definition_id`, in bytes.
pub const PROMISE_DEFINITION_BYTES_MAX: usize = 128;
/// Most `resource` parameters of one request.
pub const RESOURCES_MAX: usize = 8;
/// Longest `resource` and `audience`, in bytes.
pub const AUDIENCE_BYTES_MAX: usize = 512;

/// The versions under which the token endpoint answers; they differ in the unit of `expires_in` alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenVersion {
    /// `/ims/token` and `/ims/token/v1`.
    V1,
    /// `/ims/token/v2`, `v3` and `v4`.
    V2,
}

impl TokenVersion {
    /// Reads the last segment of the address, `None` for none; an unknown version is no version.
    pub fn parse(segment: Option<&str>) -> Option<Self> {
        match segment {
            None | Some("v1") => Some(Self::V1),
            Some("v2" | "v3" | "v4") => Some(Self::V2),
            Some(_) => None,
        }
    }

    /// A duration as answers of this version give it.
    pub(crate) const fn duration(self, lifetime: Seconds) -> i64 {
        match self {
            Self::V1 => lifetime.millis(),
            Self::V2 => lifetime.0,
        }
    }
}

/// What a client asks the token endpoint for; one variant for each grant.
#[derive(Debug)]
pub enum TokenRequest {
    /// The first tokens after a sign-in (RFC 6749 section 4.1.3).
    AuthorizationCode {
        /// The code.
        code: SecretText,
        /// The redirect URI of the authorization request, for the clients that repeat it.
        redirect_uri: Option<String>,
        /// What the code challenge was made of (RFC 7636).
        code_verifier: Option<SecretText>,
        /// Fewer scopes than were granted; `None` for all.
        scope: Option<ScopeSet>,
        /// Fewer audiences than were asked for.
        resources: Vec<String>,
    },
    /// New tokens for a refresh token (RFC 6749 section 6).
    RefreshToken {
        /// The refresh token.
        refresh_token: SecretText,
        /// Fewer scopes than were granted; `None` for all.
        scope: Option<ScopeSet>,
        /// Fewer audiences than were asked for.
        resources: Vec<String>,
    },
    /// A token of the client's own technical account (RFC 6749 section 4.4).
    ClientCredentials {
        /// The scopes asked for; `None` for all that the client has.
        scope: Option<ScopeSet>,
        /// The organization that the client believes it belongs to.
        organization_id: Option<OrganizationId>,
        /// For whom the token shall be meant (RFC 8707); empty for the gateway.
        resources: Vec<String>,
    },
    /// The first tokens of a device, once the person agreed elsewhere (RFC 8628 section 3.4).
    DeviceCode {
        /// What the device was given.
        device_code: SecretText,
    },
    /// A token that acts for the person of another token (RFC 8693, on-behalf-of).
    TokenExchange {
        /// An access token of the person.
        subject_token: SecretText,
        /// An access token of whoever acts; `None` for the client itself.
        actor_token: Option<SecretText>,
        /// The scopes asked for.
        scope: Option<ScopeSet>,
        /// For whom the token shall be meant (RFC 8707).
        resources: Vec<String>,
        /// The same by logical names (RFC 8693 section 2.1).
        audience: Vec<String>,
    },
    /// A token of another profile of the same person (contract section 1.5).
    ClusterExchange {
        /// An access token of the person.
        user_token: SecretText,
        /// Which profile.
        target: ClusterTarget,
        /// The scopes asked for.
        scope: Option<ScopeSet>,
        /// For whom the token shall be meant (RFC 8707).
        resources: Vec<String>,
    },
    /// A token that a worker keeps, to act for a person later (contract section 1.5).
    Promise {
        /// What kind of promise, as the client registered it.
        promise_definition_id: String,
        /// An access token of the person.
        authenticating_token: SecretText,
        /// The scopes asked for.
        scope: Option<ScopeSet>,
    },
    /// A short-lived access token for a promise (contract section 1.5).
    PromiseExchange {
        /// The promise.
        promise_token: SecretText,
    },
}

/// Which profile of a person is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClusterTarget {
    /// The one with this id.
    User(UserId),
    /// The one that this organization owns.
    Organization(OrganizationId),
}

impl TokenRequest {
    /// Reads the parameters.
    pub fn parse(params: &Params) -> Result<Self, OauthError> {
        match params.required("grant_type")? {
            "authorization_code" => Ok(Self::AuthorizationCode {
                code: secret(params, "code")?,
                redirect_uri: params.get("redirect_uri").map(str::to_owned),
                code_verifier: optional_secret(params, "code_verifier")?,
                scope: scope(params)?,
                resources: resources(params)?,
            }),
            "refresh_token" => Ok(Self::RefreshToken {
                refresh_token: secret(params, "refresh_token")?,
                scope: scope(params)?,
                resources: resources(params)?,
            }),
            "client_credentials" => Ok(Self::ClientCredentials {
                scope: scope(params)?,
                organization_id: organization_id(params, "org_id")?,
                resources: resources(params)?,
            }),
            DEVICE_CODE => Ok(Self::DeviceCode { device_code: secret(params, "device_code")? }),
            TOKEN_EXCHANGE => Self::parse_exchange(params),
            "cluster_at_exchange" => Ok(Self::ClusterExchange {
                user_token: secret(params, "user_token")?,
                target: ClusterTarget::parse(params)?,
                scope: scope(params)?,
                resources: resources(params)?,
            }),
            "promise" => Ok(Self::Promise {
                promise_definition_id: promise_definition_id(params)?,
                authenticating_token: secret(params, "authenticating_token")?,
                scope: scope(params)?,
            }),
            "promise_exchange" => Ok(Self::PromiseExchange { promise_token: secret(params, "promise_token")? }),
            other => Err(OauthError::new(
                ErrorCode::UnsupportedGrantType,
                format!("grant_type {} is not offered; use one of {}", shown(other), GRANT_TYPES_SUPPORTED.join(", ")),
            )),
        }
    }

    fn parse_exchange(params: &Params) -> Result<Self, OauthError> {
        let of_access_token = |name: &str| match params.get(name) {
            None | Some(ACCESS_TOKEN_TYPE) => Ok(()),
            Some(other) => {
                Err(OauthError::invalid_request(format!("{name} {} is not {ACCESS_TOKEN_TYPE}", shown(other))))
            }
        };
        params.required("subject_token_type")?;
        ["subject_token_type", "requested_token_type", "actor_token_type"].into_iter().try_for_each(of_access_token)?;
        let actor_token = optional_secret(params, "actor_token")?;
        if actor_token.is_some() != params.get("actor_token_type").is_some() {
            let text = "actor_token and actor_token_type come together (RFC 8693 section 2.1)";
            return Err(OauthError::invalid_request(text));
        }
        Ok(Self::TokenExchange {
            subject_token: secret(params, "subject_token")?,
            actor_token,
            scope: scope(params)?,
            resources: resources(params)?,
            audience: audience(params)?,
        })
    }
}

impl ClusterTarget {
    fn parse(params: &Params) -> Result<Self, OauthError> {
        match (params.get("user_id"), organization_id(params, "owning_org_id")?) {
            (Some(id), None) => id.parse().map(Self::User).map_err(|_| {
                OauthError::invalid_request("user_id is not a user id such as 0123456789ABCDEF01234567@AdobeID")
            }),
            (None, Some(id)) => Ok(Self::Organization(id)),
            _ => Err(OauthError::invalid_request("give exactly one of user_id and owning_org_id")),
        }
    }
}

fn optional_secret(params: &Params, name: &str) -> Result<Option<SecretText>, OauthError> {
    match params.get(name) {
        Some(text) if text.len() > GRANT_BYTES_MAX => {
            Err(OauthError::invalid_request(format!("parameter {name} is longer than {GRANT_BYTES_MAX} bytes")))
        }
        text => Ok(text.map(|text| SecretText::from(text.to_owned()))),
    }
}

fn secret(params: &Params, name: &str) -> Result<SecretText, OauthError> {
    optional_secret(params, name)?.ok_or_else(|| OauthError::missing_parameter(name))
}

fn organization_id(params: &Params, name: &str) -> Result<Option<OrganizationId>, OauthError> {
    params.get(name).map(str::parse).transpose().map_err(|_| {
        OauthError::invalid_request(format!(
            "{name} is not an organization id such as 0123456789ABCDEF01234567@AdobeOrg"
        ))
    })
}

fn promise_definition_id(params: &Params) -> Result<String, OauthError> {
    let id = params.required("promise_definition_id")?;
    let plain = id.len() <= PROMISE_DEFINITION_BYTES_MAX && id.bytes().all(|byte| byte.is_ascii_graphic());
    if plain { Ok(id.to_owned()) } else { Err(OauthError::invalid_request("promise_definition_id is not readable")) }
}

/// The `audience` parameters: names that the caller and we agree on.
fn audience(params: &Params) -> Result<Vec<String>, OauthError> {
    let names: Vec<_> = params.all("audience").map(str::to_owned).collect();
    if names.len() > RESOURCES_MAX || names.iter().any(|name| name.len() > AUDIENCE_BYTES_MAX) {
        let text = format!("give at most {RESOURCES_MAX} audiences of at most {AUDIENCE_BYTES_MAX} bytes");
        return Err(OauthError::new(ErrorCode::InvalidTarget, text));
    }
    Ok(names)
}

/// The scopes that a request names, separated by commas, spaces, or both.
pub(crate) fn scope(params: &Params) -> Result<Option<ScopeSet>, OauthError> {
    let parsed = params.get("scope").map(str::parse::<ScopeSet>).transpose();
    let scope = parsed.map_err(|refused| OauthError::new(ErrorCode::InvalidScope, refused.to_string()))?;
    Ok(scope.filter(|scope| !scope.is_empty()))
}

/// The `resource` parameters: absolute URIs without fragment (RFC 8707 section 2).
pub(crate) fn resources(params: &Params) -> Result<Vec<String>, OauthError> {
    let mut resources = Vec::new();
    for resource in params.all("resource") {
        let absolute = url::Url::parse(resource).is_ok_and(|url| url.fragment().is_none() && url.has_host());
        if !absolute || resource.len() > AUDIENCE_BYTES_MAX || resources.len() >= RESOURCES_MAX {
            let text = format!(
                "resource {} is not one of at most {RESOURCES_MAX} absolute URIs without fragment",
                shown(resource)
            );
            return Err(OauthError::new(ErrorCode::InvalidTarget, text));
        }
        resources.push(resource.to_owned());
    }
    Ok(resources)
}

#[cfg(test)]
mod tests;
