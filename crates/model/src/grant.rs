//! Authorizations: what a person let an application do, from the code to the last refresh token.

use serde::{Deserialize, Serialize};
use tollgate_crypto::Digest;

use crate::{
    Seconds, Timestamp,
    id::{ClientId, GrantId, SessionId, UserId},
    scope::ScopeSet,
    session::Methods,
};

/// Lifetime of an authorization code (contract section 11, row 24).
pub const CODE_LIFETIME: Seconds = Seconds(300);
/// How long a refresh token lasts without use (contract section 2.5).
pub const REFRESH_IDLE_MAX: Seconds = Seconds(14 * Seconds::DAY.0);
/// How long refreshing goes on in all before the person signs in again.
pub const REFRESH_LIFETIME: Seconds = Seconds(90 * Seconds::DAY.0);
/// How long a refresh token that was just used answers the same pair again, for a client that lost the answer.
pub const REFRESH_GRACE: Seconds = Seconds(10);

/// How the person of a grant had signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInFacts {
    /// The session, `None` for a grant that outlives none (a device).
    pub session_id: Option<SessionId>,
    /// When the person last proved who they are.
    pub authenticated_at: Timestamp,
    /// How.
    pub methods: Methods,
}

/// What the redemption of a code has to match.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeBinding {
    /// Where the code was sent.
    pub redirect_uri: String,
    /// Whether the request had named it, so that the redemption must name it too.
    pub redirect_uri_named: bool,
    /// `code_challenge`, with its method in front: `S256:...` or `plain:...`.
    pub code_challenge: Option<String>,
    /// `nonce`, for the `id_token`.
    pub nonce: Option<String>,
    /// `claims`: names asked for in the `id_token` and at userinfo.
    #[serde(default)]
    pub id_token_claims: Vec<String>,
    /// See `id_token_claims`.
    #[serde(default)]
    pub userinfo_claims: Vec<String>,
}

/// One act of authorization. All tokens that come of it, however often refreshed, carry its id and end with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Grant {
    /// Its id, the claim `rtid`.
    pub id: GrantId,
    /// The credential it was given to.
    pub client_id: ClientId,
    /// The person who gave it.
    pub user_id: UserId,
    /// How they had signed in.
    pub sign_in: SignInFacts,
    /// What was allowed.
    pub scope: ScopeSet,
    /// For whom tokens shall be meant (RFC 8707); empty for the gateway.
    pub resources: Vec<String>,
    /// What redeeming the code has to match.
    pub binding: CodeBinding,
    /// The key that tokens are bound to (RFC 7638 thumbprint, RFC 9449).
    pub key_thumbprint: Option<String>,
    /// The digest of its code; `None` for a grant without one (a device).
    pub code_digest: Option<Digest>,
    /// Until when the code can be redeemed.
    pub code_expires_at: Timestamp,
    /// When the grant was given.
    pub created_at: Timestamp,
    /// When refreshing ends, whatever happens.
    pub expires_at: Timestamp,
}

/// That a person agreed to what an application asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Consent {
    /// Who agreed.
    pub user_id: UserId,
    /// To which credential.
    pub client_id: ClientId,
    /// To what; grows when more is agreed to.
    pub scope: ScopeSet,
    /// First agreed.
    pub created_at: Timestamp,
    /// Last agreed.
    pub updated_at: Timestamp,
}
