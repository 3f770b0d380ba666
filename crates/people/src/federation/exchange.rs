//! The calls to a provider behind the browser's back: its code for tokens (RFC 6749 section 4.1.3), and the person's
//! claims when the identity token leaves them out (OpenID Connect Core section 5.3).

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{
    HeaderName, HeaderValue,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE},
};
use serde::Deserialize;
use tollgate_crypto::SecretText;
use tollgate_store::identity_providers::IdentityProvider;
use tollgate_web::Egress;
use url::form_urlencoded::{Serializer, byte_serialize};

use super::{
    FederationRefused, TokenFault,
    discovery::{Metadata, read, unreachable},
    id_token::PersonClaims,
};

type Headers = Vec<(HeaderName, HeaderValue)>;

const TOKENS_BYTES_MAX: usize = 128 * 1024;
const CLAIMS_BYTES_MAX: usize = 64 * 1024;
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A code and what goes with it.
pub(super) struct Exchange<'a> {
    pub(super) provider: &'a IdentityProvider,
    pub(super) secret: Option<SecretText>,
    pub(super) code: &'a SecretText,
    pub(super) redirect_uri: &'a str,
    pub(super) verifier: &'a str,
}

/// What comes of it. The tokens are read once and dropped.
#[derive(Deserialize)]
pub(super) struct Tokens {
    pub(super) id_token: Option<String>,
    pub(super) access_token: Option<String>,
}

#[derive(Deserialize)]
struct TokenError {
    error: String,
}

impl Exchange<'_> {
    /// Asks the token endpoint.
    pub(super) async fn run(&self, egress: &Egress, metadata: &Metadata) -> Result<Tokens, FederationRefused> {
        let (headers, body) = self.question(metadata)?;
        let reply = egress
            .post(&metadata.token_endpoint, &headers, body.into(), TOKENS_BYTES_MAX)
            .await
            .map_err(|error| unreachable(&error))?;
        if let (true, Ok(refused)) = (reply.status.is_client_error(), serde_json::from_slice::<TokenError>(&reply.body))
        {
            let plain = refused.error.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_');
            return Err(FederationRefused::Upstream(plain.take(64).collect()));
        }
        read(&reply, "its tokens")
    }

    /// What the token endpoint is asked: headers and form. A function of its own, since the serializer must not be held
    /// while the answer is awaited.
    fn question(&self, metadata: &Metadata) -> Result<(Headers, Vec<u8>), FederationRefused> {
        let mut headers = vec![(CONTENT_TYPE, FORM), (ACCEPT, JSON)];
        let mut form = Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", self.code.reveal())
            .append_pair("redirect_uri", self.redirect_uri)
            .append_pair("code_verifier", self.verifier);
        match &self.secret {
            Some(secret) if takes_basic(metadata) => headers.push(self.basic(secret)?),
            Some(secret) => {
                form.append_pair("client_id", &self.provider.client_id).append_pair("client_secret", secret.reveal());
            }
            None => {
                form.append_pair("client_id", &self.provider.client_id);
            }
        }
        Ok((headers, form.finish().into_bytes()))
    }

    /// RFC 6749 section 2.3.1: name and secret are form-encoded before they are joined.
    fn basic(&self, secret: &SecretText) -> Result<(HeaderName, HeaderValue), FederationRefused> {
        let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
        let pair = format!("{}:{}", encoded(&self.provider.client_id), encoded(secret.reveal()));
        Ok((AUTHORIZATION, sensitive(&format!("Basic {}", STANDARD.encode(pair)))?))
    }
}

/// Adds what the userinfo endpoint says, if it is about the same person.
pub(super) async fn with_userinfo(
    egress: &Egress,
    metadata: &Metadata,
    access_token: Option<&str>,
    person: PersonClaims,
) -> Result<PersonClaims, FederationRefused> {
    let (Some(endpoint), Some(token)) = (&metadata.userinfo_endpoint, access_token) else { return Ok(person) };
    let headers = [(AUTHORIZATION, sensitive(&format!("Bearer {token}"))?), (ACCEPT, JSON)];
    let reply = egress.get(endpoint, &headers, CLAIMS_BYTES_MAX).await.map_err(|error| unreachable(&error))?;
    let claims: PersonClaims = read(&reply, "its claims")?;
    // Core section 5.3.2: an access token may have been put in the place of another.
    if claims.sub == person.sub { Ok(claims) } else { Err(TokenFault::Subject.into()) }
}

/// The default of RFC 8414 when nothing is said.
fn takes_basic(metadata: &Metadata) -> bool {
    let methods = metadata.token_endpoint_auth_methods_supported.as_deref();
    methods.is_none_or(|methods| methods.iter().any(|method| method == "client_secret_basic"))
}

fn sensitive(text: &str) -> Result<HeaderValue, FederationRefused> {
    let mut value = HeaderValue::from_str(text).map_err(|_| TokenFault::Malformed)?;
    value.set_sensitive(true);
    Ok(value)
}
