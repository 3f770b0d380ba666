//! What a token says, and what ends it before its time.

use serde::{Deserialize, Serialize};

use crate::{
    Seconds, Timestamp,
    id::{ClientId, GrantId, OrganizationId, SessionId, TokenId},
    scope::ScopeSet,
};

/// Longest access token that is issued, in bytes; more would not fit the headers and stores of common clients.
pub const TOKEN_BYTES_MAX: usize = 2_048;
/// Lifetime of an access token (contract section 2.5).
pub const ACCESS_TOKEN_LIFETIME: Seconds = Seconds::DAY;

/// The kinds of token, with the words that the `type` claim uses (contract section 2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenType {
    /// Opens an API.
    AccessToken,
    /// Gets new access tokens.
    RefreshToken,
    /// Gets the first tokens after a sign-in.
    AuthorizationCode,
    /// Stands for a device.
    DeviceToken,
    /// Stands for a person whom a worker acts for later (contract section 1.5).
    PromiseToken,
}

impl TokenType {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccessToken => "access_token",
            Self::RefreshToken => "refresh_token",
            Self::AuthorizationCode => "authorization_code",
            Self::DeviceToken => "device_token",
            Self::PromiseToken => "promise_token",
        }
    }
}

/// On whose behalf a token acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// A signed-in person.
    User,
    /// The technical account of a credential.
    TechnicalAccount,
}

/// The facts of a verified access token, all that any decision about it reads.
#[derive(Debug, Clone, PartialEq)]
pub struct AccessToken {
    /// Its own id.
    pub id: TokenId,
    /// The credential it was issued to.
    pub client_id: ClientId,
    /// The person or technical account, as in `user_id` and `sub`.
    pub subject: String,
    /// Whether that is a person.
    pub actor: Actor,
    /// The organization of the credential.
    pub organization_id: OrganizationId,
    /// What it may be used for.
    pub scope: ScopeSet,
    /// For whom it is meant (RFC 7519 `aud`).
    pub audience: Vec<String>,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// The sign-in that stands behind the token of a person.
    pub sign_in: Option<UserSignIn>,
    /// The key that whoever presents it must prove to hold (`cnf.jkt`, RFC 9449 section 6.1).
    pub key_thumbprint: Option<String>,
    /// The credential that acts for the subject after an exchange (`act`, RFC 8693 section 4.1).
    pub acting_client: Option<ClientId>,
}

/// What the token of a person comes from; ending any of it ends the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserSignIn {
    /// The act of authorization (`rtid`).
    pub grant_id: GrantId,
    /// The browser session (`sid`), if it came from one.
    pub session_id: Option<SessionId>,
    /// When the person last proved who they are (`auth_time`).
    pub authenticated_at: Timestamp,
}

/// What a revocation ends.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Revoked {
    /// One token.
    Token(TokenId),
    /// Every token of a credential issued up to the revocation.
    Client(ClientId),
    /// Every token of a person or technical account issued up to the revocation.
    Subject(String),
    /// Every token that came of an authorization, issued up to the revocation.
    Grant(GrantId),
    /// Every token that came of a session, issued up to the revocation.
    Session(SessionId),
}

impl Revoked {
    /// The kind as stored.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Token(_) => "token",
            Self::Client(_) => "client",
            Self::Subject(_) => "subject",
            Self::Grant(_) => "grant",
            Self::Session(_) => "session",
        }
    }

    /// What is named, as stored.
    pub fn name(&self) -> &str {
        match self {
            Self::Token(id) => id.as_str(),
            Self::Client(id) => id.as_str(),
            Self::Subject(subject) => subject,
            Self::Grant(id) => id.as_str(),
            Self::Session(id) => id.as_str(),
        }
    }
}

/// A token, or a set of tokens, ended before its time. Kept until the last token it ends would have expired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// What is ended.
    pub revoked: Revoked,
    /// Tokens issued up to this instant are ended.
    pub revoked_at: Timestamp,
    /// From here on the entry is of no use.
    pub expires_at: Timestamp,
}
