//! Requests to the token endpoint (contract sections 1.4 and 1.5).

use tollgate_model::{id::OrganizationId, scope::ScopeSet};

use crate::{ErrorCode, OauthError, Params};

/// The grants that the token endpoint takes.
pub const GRANT_TYPES_SUPPORTED: [&str; 1] = ["client_credentials"];
/// Most `resource` parameters of one request.
pub const RESOURCES_MAX: usize = 8;

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
}

/// What a client asks the token endpoint for; one variant for each grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenRequest {
    /// A token of the client's own technical account (RFC 6749 section 4.4).
    ClientCredentials {
        /// The scopes asked for; `None` for all that the client has.
        scope: Option<ScopeSet>,
        /// The organization that the client believes it belongs to.
        organization_id: Option<OrganizationId>,
        /// For whom the token shall be meant (RFC 8707); empty for the gateway.
        resources: Vec<String>,
    },
}

impl TokenRequest {
    /// Reads the parameters.
    pub fn parse(params: &Params) -> Result<Self, OauthError> {
        match params.required("grant_type")? {
            "client_credentials" => Ok(Self::ClientCredentials {
                scope: scope(params)?,
                organization_id: match params.get("org_id") {
                    Some(id) => Some(id.parse().map_err(|_| {
                        OauthError::invalid_request(
                            "org_id is not an organization id such as 0123456789ABCDEF01234567@AdobeOrg",
                        )
                    })?),
                    None => None,
                },
                resources: resources(params)?,
            }),
            other => Err(OauthError::new(
                ErrorCode::UnsupportedGrantType,
                format!(
                    "grant_type {} is not offered; use {}",
                    crate::error::shown(other),
                    GRANT_TYPES_SUPPORTED.join(", ")
                ),
            )),
        }
    }
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
        if !absolute || resources.len() >= RESOURCES_MAX {
            let text = format!(
                "resource {} is not one of at most {RESOURCES_MAX} absolute URIs without fragment",
                crate::error::shown(resource)
            );
            return Err(OauthError::new(ErrorCode::InvalidTarget, text));
        }
        resources.push(resource.to_owned());
    }
    Ok(resources)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(query: &str) -> Result<TokenRequest, OauthError> {
        TokenRequest::parse(&Params::parse(Some(query), None, None).unwrap())
    }

    #[test]
    fn scopes_come_with_commas_spaces_or_both_and_may_be_left_away() {
        for scope in ["openid,AdobeID", "openid+AdobeID", "openid,+AdobeID"] {
            let TokenRequest::ClientCredentials { scope, .. } =
                parse(&format!("grant_type=client_credentials&scope={scope}")).unwrap();
            assert_eq!(scope.unwrap().comma_separated(), "openid,AdobeID");
        }
        let expected = TokenRequest::ClientCredentials { scope: None, organization_id: None, resources: vec![] };
        assert_eq!(parse("grant_type=client_credentials&scope=undefined").unwrap(), expected);
        assert_eq!(parse("grant_type=client_credentials&scope=,").unwrap(), expected);
    }

    #[test]
    fn a_foreign_grant_is_refused_with_those_that_are_offered() {
        let refused = parse("grant_type=password").unwrap_err();
        assert_eq!(refused.code(), ErrorCode::UnsupportedGrantType);
        assert!(refused.description().contains("password") && refused.description().contains("client_credentials"));
        assert_eq!(parse("scope=openid").unwrap_err(), OauthError::missing_parameter("grant_type"));
    }

    #[test]
    fn bad_scopes_organizations_and_resources_are_refused_by_name() {
        for (query, code) in [
            ("scope=a%22b", ErrorCode::InvalidScope),
            ("org_id=123", ErrorCode::InvalidRequest),
            ("resource=relative", ErrorCode::InvalidTarget),
            ("resource=https://a.test/%23x", ErrorCode::InvalidTarget),
        ] {
            let refused = parse(&format!("grant_type=client_credentials&{query}")).unwrap_err();
            assert_eq!(refused.code(), code, "{query}");
        }
        let many = (0..=RESOURCES_MAX).map(|n| format!("resource=https://r{n}.test")).collect::<Vec<_>>().join("&");
        assert!(parse(&format!("grant_type=client_credentials&{many}")).is_err());
    }

    #[test]
    fn versions_one_and_none_differ_from_the_later_ones() {
        assert_eq!(TokenVersion::parse(None), Some(TokenVersion::V1));
        assert_eq!(TokenVersion::parse(Some("v1")), Some(TokenVersion::V1));
        assert_eq!(TokenVersion::parse(Some("v4")), Some(TokenVersion::V2));
        assert_eq!(TokenVersion::parse(Some("v5")), None);
    }
}
