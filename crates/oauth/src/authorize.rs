//! Authorization requests (RFC 6749 section 4.1.1, OpenID Connect Core section 3.1.2.1, contract section 1.3).
//!
//! They are read in two steps. [`AuthorizeTarget`] says whom an answer goes to, and on which way; without it there is
//! nobody to tell of an error but the person in front of the browser. [`AuthorizeRequest`] is the rest; what is wrong
//! with that, the application hears.

use serde::{Deserialize, Serialize};
use tollgate_crypto::{SecretText, base64url};
use tollgate_model::{
    Seconds,
    id::ClientId,
    pkce::{ChallengeMethod, CodeChallenge},
    redirect_uri::REDIRECT_URI_BYTES_MAX,
    scope::ScopeSet,
};

use crate::{
    ErrorCode, OauthError, Params,
    assertion::ASSERTION_BYTES_MAX,
    pushed::parse_request_uri,
    requested_claims::RequestedClaims,
    response_type::{Prompts, ResponseMode, ResponseType},
    token,
};

/// Longest `state`, in characters (contract section 11, line 11).
pub const STATE_CHARS_MAX: usize = 4_096;
/// Longest `nonce`, in bytes; it travels inside of the `id_token`.
pub const NONCE_BYTES_MAX: usize = 512;
/// Longest `login_hint`, in bytes.
pub const LOGIN_HINT_BYTES_MAX: usize = 320;
/// Most entries of `acr_values` and `ui_locales`.
pub const WISHES_MAX: usize = 8;
/// Longest such entry, in bytes.
const WISH_BYTES_MAX: usize = 64;

/// To whom an answer goes, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizeTarget {
    /// The application.
    pub client_id: ClientId,
    /// Where the browser shall be sent, if the request says so. Nothing is sent there before it was compared with what
    /// the application has registered.
    pub redirect_uri: Option<String>,
    /// What the application wants to hear again, byte for byte.
    pub state: Option<String>,
    /// On which way the answer comes back.
    pub response_mode: ResponseMode,
    /// The pushed request (RFC 9126) in which all the rest is; what stands beside it counts for nothing.
    pub request_uri: Option<String>,
}

impl AuthorizeTarget {
    /// Reads the parameters. A refusal is shown to the person; there is nowhere to send it.
    pub fn parse(params: &Params) -> Result<Self, OauthError> {
        let client_id = params.required("client_id")?.parse().map_err(|_| OauthError::unknown_client())?;
        let redirect_uri = params.get("redirect_uri");
        if redirect_uri.is_some_and(|uri| uri.len() > REDIRECT_URI_BYTES_MAX) {
            return Err(too_long("redirect_uri", REDIRECT_URI_BYTES_MAX));
        }
        let state = params.get("state");
        if state.is_some_and(|state| state.chars().count() > STATE_CHARS_MAX) {
            let text = format!("parameter state is longer than {STATE_CHARS_MAX} characters");
            return Err(OauthError::invalid_request(text));
        }
        // What cannot be read here is refused when the rest is read, and told on the way that is usual.
        let response_type = params
            .get("response_type")
            .map_or(Ok(ResponseType::Code), ResponseType::parse)
            .unwrap_or(ResponseType::Code);
        let response_mode = ResponseMode::parse(params.get("response_mode"), response_type)
            .unwrap_or(ResponseMode::usual(response_type));
        Ok(Self {
            client_id,
            redirect_uri: redirect_uri.map(str::to_owned),
            state: state.map(str::to_owned),
            response_mode,
            request_uri: params.get("request_uri").filter(|uri| parse_request_uri(uri).is_some()).map(str::to_owned),
        })
    }
}

/// What an application asks a person's browser to bring here. Kept as JSON while the person signs in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AuthorizeRequest {
    /// To whom the answer goes.
    pub target: AuthorizeTarget,
    /// What shall come back.
    pub response_type: ResponseType,
    /// What the application wants to do; `None` when it names nothing.
    pub scope: Option<ScopeSet>,
    /// What the `id_token` shall repeat.
    pub nonce: Option<String>,
    /// What the person shall be asked, or not.
    pub prompts: Prompts,
    /// How long ago the person may have signed in.
    pub max_age: Option<Seconds>,
    /// Who the application believes it is: an e-mail address, usually.
    pub login_hint: Option<String>,
    /// An earlier `id_token` of the person, unverified.
    #[serde(skip)]
    pub id_token_hint: Option<SecretText>,
    /// Whom the verified hint names; nobody else's sign-in answers this request. Filled in by whoever verified it.
    #[serde(default)]
    pub hinted_subject: Option<String>,
    /// How sure the application wants to be, the most wanted first.
    pub acr_values: Vec<String>,
    /// Claims asked for by name.
    pub claims: RequestedClaims,
    /// For whom the tokens shall be meant (RFC 8707).
    pub resources: Vec<String>,
    /// The languages of the person, the most wanted first, such as `de-CH`.
    pub locales: Vec<String>,
    /// What the redemption of the code has to prove.
    pub code_challenge: Option<CodeChallenge>,
    /// The key that tokens will be bound to (RFC 9449 section 10).
    pub key_thumbprint: Option<String>,
}

impl AuthorizeRequest {
    /// Reads the parameters of a request that the browser brought.
    pub fn parse(params: &Params) -> Result<Self, OauthError> {
        if params.get("request_uri").is_some_and(|uri| parse_request_uri(uri).is_none()) {
            let text = "request_uri is not one that this server gave out; push the request first (RFC 9126)";
            return Err(OauthError::new(ErrorCode::RequestUriNotSupported, text));
        }
        Self::read(params)
    }

    /// Reads the parameters of a request that the application pushed (RFC 9126 section 2.1).
    pub fn parse_pushed(params: &Params) -> Result<Self, OauthError> {
        if params.get("request_uri").is_some() {
            return Err(OauthError::invalid_request("a pushed request cannot contain request_uri"));
        }
        Self::read(params)
    }

    fn read(params: &Params) -> Result<Self, OauthError> {
        if params.get("request").is_some() {
            let text = "parameters inside of a signed request object are not read; send them as they are";
            return Err(OauthError::new(ErrorCode::RequestNotSupported, text));
        }
        let response_type = params.get("response_type").map_or(Ok(ResponseType::Code), ResponseType::parse)?;
        let response_mode = ResponseMode::parse(params.get("response_mode"), response_type)?;
        let claims = params.get("claims").map(RequestedClaims::parse).transpose()?.unwrap_or_default();
        Ok(Self {
            target: AuthorizeTarget { response_mode, ..AuthorizeTarget::parse(params)? },
            response_type,
            scope: token::scope(params)?,
            nonce: bounded(params, "nonce", NONCE_BYTES_MAX)?,
            prompts: prompts(params)?,
            max_age: max_age(params)?,
            login_hint: bounded(params, "login_hint", LOGIN_HINT_BYTES_MAX)?.filter(|hint| is_one_line(hint)),
            id_token_hint: bounded(params, "id_token_hint", ASSERTION_BYTES_MAX)?.map(SecretText::from),
            hinted_subject: None,
            acr_values: acr_values(params, &claims),
            claims,
            resources: token::resources(params)?,
            locales: locales(params),
            code_challenge: code_challenge(params)?,
            key_thumbprint: key_thumbprint(params)?,
        })
    }

    /// Checks what depends on the application: whether it keeps a secret, and whether it is marked as legacy.
    pub fn check_for(&self, public: bool, legacy: bool) -> Result<(), OauthError> {
        if self.response_type.is_legacy() && !legacy {
            let text = format!("response_type {} is not offered to this client; use code", self.response_type.as_str());
            return Err(OauthError::new(ErrorCode::UnsupportedResponseType, text));
        }
        if self.response_type.has_id_token() {
            if self.nonce.is_none() {
                return Err(OauthError::missing_parameter("nonce"));
            }
            if !self.scope.as_ref().is_some_and(|scope| scope.contains("openid")) {
                return Err(OauthError::new(ErrorCode::InvalidScope, "an id_token needs scope openid"));
            }
        }
        match &self.code_challenge {
            Some(challenge) if challenge.method() == ChallengeMethod::Plain && !legacy => {
                Err(OauthError::invalid_request("code_challenge_method plain is not offered; use S256"))
            }
            None if public && self.response_type.has_code() => Err(OauthError::invalid_request(
                "missing parameter code_challenge; a client without secret uses PKCE with code_challenge_method S256",
            )),
            _ => Ok(()),
        }
    }
}

fn too_long(name: &str, bytes_max: usize) -> OauthError {
    OauthError::invalid_request(format!("parameter {name} is longer than {bytes_max} bytes"))
}

fn bounded(params: &Params, name: &str, bytes_max: usize) -> Result<Option<String>, OauthError> {
    match params.get(name) {
        Some(value) if value.len() > bytes_max => Err(too_long(name, bytes_max)),
        value => Ok(value.map(str::to_owned)),
    }
}

fn is_one_line(text: &str) -> bool {
    !text.chars().any(char::is_control)
}

/// `prompt`, and the words of IMS that mean the same (contract section 1.3).
fn prompts(params: &Params) -> Result<Prompts, OauthError> {
    let mut prompts = params.get("prompt").map(Prompts::parse).transpose()?.unwrap_or_default();
    prompts.login |= matches!(params.get("reauth"), Some("check" | "force" | "true"));
    prompts.create |= params.get("idp_flow") == Some("create_account");
    prompts.checked()
}

fn max_age(params: &Params) -> Result<Option<Seconds>, OauthError> {
    let Some(text) = params.get("max_age") else { return Ok(None) };
    let seconds = text.parse::<u32>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
    let seconds = seconds.ok_or_else(|| OauthError::invalid_request("max_age is not a whole number of seconds"))?;
    Ok(Some(Seconds(seconds.into())))
}

/// The classes of `acr_values`, and after them those wished for in `claims`. A wish that cannot be read is none.
fn acr_values(params: &Params, claims: &RequestedClaims) -> Vec<String> {
    let named = params.get("acr_values").unwrap_or_default().split(' ');
    let mut values: Vec<String> = Vec::new();
    for value in named.chain(claims.acr_values.iter().map(String::as_str)) {
        let readable = (1..=WISH_BYTES_MAX).contains(&value.len()) && is_one_line(value);
        if readable && values.len() < WISHES_MAX && !values.iter().any(|own| own == value) {
            values.push(value.to_owned());
        }
    }
    values
}

/// The languages of `ui_locales`, or that of IMS's own `locale`, which writes `de_CH` for `de-CH`.
pub(crate) fn locales(params: &Params) -> Vec<String> {
    let words = params.get("ui_locales").or_else(|| params.get("locale")).unwrap_or_default().split(' ');
    let readable = |word: &&str| {
        (2..=WISH_BYTES_MAX).contains(&word.len())
            && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    words.filter(readable).take(WISHES_MAX).map(|word| word.replace('_', "-")).collect()
}

fn code_challenge(params: &Params) -> Result<Option<CodeChallenge>, OauthError> {
    let method = params.get("code_challenge_method");
    match (params.get("code_challenge"), method) {
        (Some(value), method) => CodeChallenge::parse(value, method)
            .map(Some)
            .map_err(|refused| OauthError::invalid_request(format!("{}: {}", refused.what, refused.remedy))),
        (None, Some(_)) => Err(OauthError::missing_parameter("code_challenge")),
        (None, None) => Ok(None),
    }
}

fn key_thumbprint(params: &Params) -> Result<Option<String>, OauthError> {
    let Some(text) = params.get("dpop_jkt") else { return Ok(None) };
    if base64url::decode(text).is_ok_and(|digest| digest.len() == 32) {
        Ok(Some(text.to_owned()))
    } else {
        Err(OauthError::invalid_request("dpop_jkt is not the SHA-256 thumbprint of a key in base64url"))
    }
}

#[cfg(test)]
mod tests;
