//! The example application as a client: authorization code with PKCE, and every check that OpenID Connect asks of it.

use axum::http::StatusCode;
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderValue, header};
use serde::{Deserialize, de::DeserializeOwned};
use tokio::sync::OnceCell;
use tollgate_crypto::{Algorithm, Compact, Entropy, PublicJwk, VerifyingKey, base64url, digest, entropy};
use tollgate_model::{Clock, Seconds, SystemClock, Timestamp};
use tollgate_web::egress::{Egress, EgressError, Reply};
use url::{Url, form_urlencoded};

/// What the application asks for.
const SCOPE: &str = "openid profile email offline_access creative_sdk";
/// Longest answer that is read.
const ANSWER_BYTES_MAX: usize = 256 * 1_024;
/// Longest token that is read.
const TOKEN_BYTES_MAX: usize = 8 * 1_024;
/// How far clocks may differ.
const SKEW: Seconds = Seconds(60);
/// The event that a logout token tells of (Back-Channel Logout 1.0 section 2.4).
const LOGOUT_EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// What the application is set up with.
pub(in crate::demo) struct Settings {
    /// The identity system.
    pub(in crate::demo) issuer: String,
    /// Whose people sign in.
    pub(in crate::demo) organization: String,
    pub(in crate::demo) client_id: String,
    pub(in crate::demo) client_secret: String,
    pub(in crate::demo) redirect_uri: String,
    pub(in crate::demo) signed_out_uri: String,
    /// The API that it calls.
    pub(in crate::demo) api_url: String,
    pub(in crate::demo) egress: Egress,
}

/// Why the person sees a page with a problem.
#[derive(Debug, thiserror::Error)]
pub(super) enum Problem {
    #[error("this sign-in was not begun in this browser, or has been completed already")]
    Unasked,
    #[error("the identity system answered `{error}`: {description}")]
    Refused { error: String, description: String },
    #[error("the identity system said something that does not fit: {0}")]
    Unsound(&'static str),
    #[error("a server could not be asked: {0}")]
    Unreachable(#[from] EgressError),
}

impl Problem {
    pub(super) const fn status(&self) -> StatusCode {
        match self {
            Self::Unasked | Self::Refused { .. } => StatusCode::BAD_REQUEST,
            Self::Unsound(_) | Self::Unreachable(_) => StatusCode::BAD_GATEWAY,
        }
    }
}

/// What ties the answer of the identity system to one browser.
pub(super) struct Attempt {
    state: String,
    nonce: String,
    verifier: String,
}

impl Attempt {
    pub(super) fn new(entropy: &dyn Entropy) -> Self {
        let random = || base64url::encode(&entropy::bytes::<32>(entropy));
        Self { state: random(), nonce: random(), verifier: random() }
    }
}

/// A person signed in, and the tokens to act for them.
#[derive(Clone)]
pub(super) struct SignedIn {
    pub(super) access_token: String,
    refresh_token: Option<String>,
    id_token: String,
    pub(super) scope: String,
    pub(super) ends_at: Timestamp,
    /// `sid`.
    pub(super) session: Option<String>,
    pub(super) claims: Person,
}

/// What userinfo says.
#[derive(Clone, Deserialize)]
pub(super) struct Person {
    pub(super) sub: String,
    pub(super) name: Option<String>,
    pub(super) email: Option<String>,
    pub(super) account_type: Option<String>,
}

/// What the API answered.
#[derive(Clone)]
pub(super) struct ApiAnswer {
    pub(super) status: u16,
    pub(super) body: String,
}

#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: Url,
    token_endpoint: String,
    userinfo_endpoint: String,
    jwks_uri: String,
    end_session_endpoint: Url,
}

#[derive(Deserialize)]
struct Tokens {
    access_token: String,
    refresh_token: Option<String>,
    id_token: Option<String>,
    scope: Option<String>,
    expires_in: i64,
}

#[derive(Deserialize)]
struct IdToken {
    iss: String,
    aud: String,
    exp: i64,
    nonce: Option<String>,
    sid: Option<String>,
    sub: String,
}

#[derive(Deserialize)]
struct LogoutToken {
    iss: String,
    aud: String,
    iat: i64,
    sid: Option<String>,
    events: serde_json::Map<String, serde_json::Value>,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<PublicJwk>,
}

/// The application as the identity system knows it.
pub(super) struct RelyingParty {
    settings: Settings,
    metadata: OnceCell<Metadata>,
}

impl RelyingParty {
    pub(super) fn new(settings: Settings) -> Self {
        Self { settings, metadata: OnceCell::new() }
    }

    pub(super) const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Where to send a browser to sign in.
    pub(super) async fn authorization_url(&self, attempt: &Attempt) -> Result<String, Problem> {
        let mut url = self.metadata().await?.authorization_endpoint.clone();
        let challenge = base64url::encode(&digest::sha256(attempt.verifier.as_bytes()));
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("redirect_uri", &self.settings.redirect_uri)
            .append_pair("scope", SCOPE)
            .append_pair("state", &attempt.state)
            .append_pair("nonce", &attempt.nonce)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        Ok(url.into())
    }

    /// Whether the answer belongs to the attempt and comes from whom was asked (RFC 9207).
    pub(super) async fn check_callback(
        &self,
        attempt: &Attempt,
        state: Option<&str>,
        issuer: Option<&str>,
    ) -> Result<(), Problem> {
        let metadata = self.metadata().await?;
        if state != Some(&attempt.state) {
            return Err(Problem::Unsound("the state is not the one that was sent"));
        }
        if issuer != Some(&metadata.issuer) {
            return Err(Problem::Unsound("the answer names another issuer"));
        }
        Ok(())
    }

    /// Exchanges the code.
    pub(super) async fn redeem(&self, attempt: &Attempt, code: &str) -> Result<SignedIn, Problem> {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.settings.redirect_uri),
            ("code_verifier", &attempt.verifier),
        ];
        let tokens = self.tokens(&fields).await?;
        let id_token = tokens.id_token.clone().ok_or(Problem::Unsound("there is no id_token"))?;
        let claims: IdToken = self.verified(&id_token).await?;
        if claims.nonce.as_deref() != Some(&attempt.nonce) {
            return Err(Problem::Unsound("the nonce is not the one that was sent"));
        }
        let metadata = self.metadata().await?;
        let now = SystemClock.now();
        if claims.iss != metadata.issuer || claims.aud != self.settings.client_id || claims.exp < now.seconds() {
            return Err(Problem::Unsound("the id_token is not for this application, or has ended"));
        }
        let person = self.userinfo(&tokens.access_token).await?;
        if person.sub != claims.sub {
            return Err(Problem::Unsound("userinfo tells of another person"));
        }
        Ok(signed_in(tokens, id_token, claims.sid, person, now))
    }

    /// Gets the next pair of tokens.
    pub(super) async fn refresh(&self, before: &SignedIn) -> Result<SignedIn, Problem> {
        let refresh_token = before.refresh_token.as_deref().ok_or(Problem::Unsound("there is no refresh token"))?;
        let tokens = self.tokens(&[("grant_type", "refresh_token"), ("refresh_token", refresh_token)]).await?;
        let person = self.userinfo(&tokens.access_token).await?;
        let id_token = tokens.id_token.clone().unwrap_or_else(|| before.id_token.clone());
        Ok(signed_in(tokens, id_token, before.session.clone(), person, SystemClock.now()))
    }

    /// Calls the API through the gateway.
    pub(super) async fn call_api(&self, access_token: &str) -> Result<ApiAnswer, Problem> {
        let key = HeaderValue::try_from(&self.settings.client_id).map_err(|_| Problem::Unsound("client id"))?;
        let headers =
            [(header::AUTHORIZATION, bearer(access_token)?), (header::HeaderName::from_static("x-api-key"), key)];
        let reply = self.settings.egress.get(&self.settings.api_url, &headers, ANSWER_BYTES_MAX).await?;
        let body = serde_json::from_slice::<serde_json::Value>(&reply.body)
            .and_then(|value| serde_json::to_string_pretty(&value))
            .unwrap_or_else(|_| String::from_utf8_lossy(&reply.body).into_owned());
        Ok(ApiAnswer { status: reply.status.as_u16(), body })
    }

    /// Where to send a browser to sign out (RP-Initiated Logout 1.0).
    pub(super) async fn end_session_url(&self, signed_in: &SignedIn) -> Result<String, Problem> {
        let mut url = self.metadata().await?.end_session_endpoint.clone();
        url.query_pairs_mut()
            .append_pair("id_token_hint", &signed_in.id_token)
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("post_logout_redirect_uri", &self.settings.signed_out_uri);
        Ok(url.into())
    }

    /// The session that a logout token ends (Back-Channel Logout 1.0 section 2.6).
    pub(super) async fn check_logout_token(&self, token: &str, now: Timestamp) -> Result<String, Problem> {
        let claims: LogoutToken = self.verified(token).await?;
        let metadata = self.metadata().await?;
        let is_fresh = (now.seconds() - claims.iat).abs() <= SKEW.0 * 5;
        if claims.iss != metadata.issuer || claims.aud != self.settings.client_id || !is_fresh {
            return Err(Problem::Unsound("the logout token is not for this application, or is old"));
        }
        if !claims.events.contains_key(LOGOUT_EVENT) {
            return Err(Problem::Unsound("the logout token tells of something else"));
        }
        claims.sid.ok_or(Problem::Unsound("the logout token names no session"))
    }

    async fn metadata(&self) -> Result<&Metadata, Problem> {
        let read = async || {
            let url = format!("{}/.well-known/openid-configuration", self.settings.issuer);
            let metadata: Metadata = answered(&self.settings.egress.get(&url, &[], ANSWER_BYTES_MAX).await?)?;
            if metadata.issuer == self.settings.issuer {
                Ok(metadata)
            } else {
                Err(Problem::Unsound("the metadata is of another issuer"))
            }
        };
        self.metadata.get_or_try_init(read).await
    }

    async fn tokens(&self, fields: &[(&str, &str)]) -> Result<Tokens, Problem> {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let pair = format!("{}:{}", self.settings.client_id, self.settings.client_secret);
        let basic = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(pair)))
            .map_err(|_| Problem::Unsound("client secret"))?;
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        let headers = [(header::AUTHORIZATION, basic), (header::CONTENT_TYPE, form)];
        let endpoint = &self.metadata().await?.token_endpoint;
        answered(&self.settings.egress.post(endpoint, &headers, body.into(), ANSWER_BYTES_MAX).await?)
    }

    async fn userinfo(&self, access_token: &str) -> Result<Person, Problem> {
        let headers = [(header::AUTHORIZATION, bearer(access_token)?)];
        let endpoint = &self.metadata().await?.userinfo_endpoint;
        answered(&self.settings.egress.get(endpoint, &headers, ANSWER_BYTES_MAX).await?)
    }

    /// The claims of a token that one of the published keys signed.
    async fn verified<T: DeserializeOwned>(&self, token: &str) -> Result<T, Problem> {
        let unsound = || Problem::Unsound("a token's signature does not match");
        let compact = Compact::parse(token, TOKEN_BYTES_MAX).map_err(|_| unsound())?;
        let endpoint = &self.metadata().await?.jwks_uri;
        let set: KeySet = answered(&self.settings.egress.get(endpoint, &[], ANSWER_BYTES_MAX).await?)?;
        let named = set.keys.iter().find(|jwk| Some(&*jwk.kid) == compact.header.kid.as_deref()).ok_or_else(unsound)?;
        let key = VerifyingKey::from_jwk(named).map_err(|_| unsound())?;
        compact.verify(&key, &[Algorithm::Rs256, Algorithm::Es256]).map_err(|_| unsound())?;
        serde_json::from_slice(&compact.payload).map_err(|_| Problem::Unsound("a token lacks a claim"))
    }
}

fn signed_in(tokens: Tokens, id_token: String, session: Option<String>, claims: Person, now: Timestamp) -> SignedIn {
    SignedIn {
        access_token: tokens.access_token,
        refresh_token: tokens.refresh_token,
        id_token,
        scope: tokens.scope.unwrap_or_else(|| SCOPE.to_owned()),
        ends_at: now + Seconds(tokens.expires_in),
        session,
        claims,
    }
}

fn bearer(token: &str) -> Result<HeaderValue, Problem> {
    let mut value = HeaderValue::try_from(format!("Bearer {token}")).map_err(|_| Problem::Unsound("access token"))?;
    value.set_sensitive(true);
    Ok(value)
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
    #[serde(default)]
    error_description: String,
}

/// A JSON answer, or the OAuth error that it is.
fn answered<T: DeserializeOwned>(reply: &Reply) -> Result<T, Problem> {
    if reply.status == StatusCode::OK {
        return serde_json::from_slice(&reply.body).map_err(|_| Problem::Unsound("an answer lacks a member"));
    }
    match serde_json::from_slice::<Refusal>(&reply.body) {
        Ok(refusal) => Err(Problem::Refused { error: refusal.error, description: refusal.error_description }),
        Err(_) => Err(Problem::Unsound("an answer is neither a success nor an OAuth error")),
    }
}
