//! The settings that identity and gateway share. The configuration file is read elsewhere; this is what comes of it.

use tollgate_crypto::Algorithm;
use tollgate_model::{Seconds, token::ACCESS_TOKEN_LIFETIME};

/// What stands behind the `@` of generated ids (contract section 3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorities {
    /// Of organizations.
    pub organization: String,
    /// Of people.
    pub user: String,
    /// Of technical accounts.
    pub technical_account: String,
}

impl Default for Authorities {
    fn default() -> Self {
        Self { organization: "AdobeOrg".into(), user: "AdobeID".into(), technical_account: "techacct.adobe.com".into() }
    }
}

/// How the header of a token names the certificate of its key (contract sections 2.1 and 9, line 8).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum X5u {
    /// A bare file name, as clients of IMS expect it.
    #[default]
    FileName,
    /// An absolute URL, as RFC 7515 wants it.
    Url,
    /// Not at all.
    Omit,
}

/// The settings of an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// Base URL of identity, without a slash at the end; `iss` of its tokens.
    pub issuer: String,
    /// Base URLs under which clients may know this instance: what they put in front of `/c/` and `/s/` in a service JWT.
    /// The issuer is among them.
    pub base_urls: Vec<String>,
    /// Base URL of the gateway, without a slash at the end.
    pub gateway_url: String,
    /// For whom access tokens are meant (`aud`); a token is accepted here when it names one of them.
    pub audience: Vec<String>,
    /// `as` of tokens; clients of IMS know `ims-na1` and `ims-na1-stg1`.
    pub region: String,
    /// What stands behind the `@` of generated ids.
    pub authorities: Authorities,
    /// How access tokens are signed unless their credential says otherwise.
    pub token_algorithm: Algorithm,
    /// How long access tokens are valid.
    pub access_token_lifetime: Seconds,
    /// What a service JWT or client assertion may be signed with.
    pub assertion_algorithms: Vec<Algorithm>,
    /// How tokens name the certificate of their key.
    pub x5u: X5u,
    /// Age at which a signing key is followed by a new one.
    pub key_rotation_age: Seconds,
    /// How long a new signing key is published before it signs.
    pub key_publication_lead: Seconds,
}

impl Instance {
    /// The default settings of an instance with these two base URLs; a slash at their end is taken off.
    pub fn new(issuer: &str, gateway_url: &str) -> Self {
        let issuer = issuer.trim_end_matches('/').to_owned();
        let gateway_url = gateway_url.trim_end_matches('/').to_owned();
        Self {
            base_urls: vec![issuer.clone()],
            issuer,
            audience: vec![gateway_url.clone()],
            gateway_url,
            region: "ims-na1".into(),
            authorities: Authorities::default(),
            token_algorithm: Algorithm::Es256,
            access_token_lifetime: ACCESS_TOKEN_LIFETIME,
            assertion_algorithms: vec![Algorithm::Rs256],
            x5u: X5u::default(),
            key_rotation_age: Seconds(90 * Seconds::DAY.0),
            key_publication_lead: Seconds::DAY,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_knows_itself_by_its_issuer_without_a_slash() {
        let instance = Instance::new("https://ims.test/", "https://api.test/");
        assert_eq!(instance.issuer, "https://ims.test");
        assert_eq!(instance.base_urls, ["https://ims.test"]);
        assert_eq!(instance.audience, ["https://api.test"]);
    }
}
