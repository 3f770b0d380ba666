//! Codes, refresh tokens, device codes and promises. Clients read them as JWTs (contract section 0.3, line 4), but they
//! open nothing by themselves: what they stand for is a row, found by their digest.
//!
//! They are signed all the same, with a keyed digest and so for as long as the instance keeps its master key: a text that
//! we did not write costs no look-up, and one that was replaced long ago is still known to be ours, which is how its
//! second use is noticed.

use serde::Serialize;
use tollgate_crypto::{Digest, SecretText, base64url, entropy};
use tollgate_model::{
    Timestamp,
    id::{ClientId, GrantId, TokenId},
    token::TokenType,
};
use tollgate_oauth::reference_token::ReferenceToken;

use crate::Identity;

/// Longest text that is looked at, in bytes.
const REFERENCE_BYTES_MAX: usize = 2_048;

/// A new reference token: given away once, kept as a digest.
#[derive(Debug)]
pub(crate) struct Reference {
    /// What the client is given.
    pub text: SecretText,
    /// What is stored.
    pub digest: Digest,
    /// Until when it can be used.
    pub expires_at: Timestamp,
}

/// What a new reference token stands for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Referred<'a> {
    pub(crate) token_type: TokenType,
    pub(crate) client_id: &'a ClientId,
    /// The person; empty while nobody knows who it will be.
    pub(crate) user_id: &'a str,
    pub(crate) grant_id: Option<&'a GrantId>,
    pub(crate) expires_at: Timestamp,
}

impl Identity {
    /// Writes a new reference token. Its id is random enough to be a secret, and so is its signature.
    pub(crate) fn write_reference(&self, referred: Referred<'_>, now: Timestamp) -> Reference {
        let id = TokenId::generate(&*self.house().entropy, now);
        self.write(id, referred, now)
    }

    /// Like [`Identity::write_reference`], with an id that begins with `id` and a dot: the id of something whose text
    /// changes.
    pub(crate) fn write_reference_under(&self, id: &TokenId, referred: Referred<'_>, now: Timestamp) -> Reference {
        let random = base64url::encode(&entropy::bytes::<12>(&*self.house().entropy));
        let id = format!("{id}.{random}").parse().expect("an id with a few letters more is an id");
        self.write(id, referred, now)
    }

    fn write(&self, id: TokenId, referred: Referred<'_>, now: Timestamp) -> Reference {
        let house = self.house();
        let token = ReferenceToken {
            id,
            token_type: referred.token_type,
            client_id: referred.client_id.clone(),
            user_id: referred.user_id.to_owned(),
            grant_id: referred.grant_id.cloned(),
            issued_at: now,
            expires_at: referred.expires_at,
        };
        let payload = token.write(&house.instance.region);
        let mut text = format!("{}.{}", header(referred.token_type), base64url::encode(&payload));
        let signature = self.reference_signature(&text).to_string();
        text.push('.');
        text.push_str(&signature);
        let digest = self.reference_digest(referred.token_type, &text);
        Reference { text: SecretText::from(text), digest, expires_at: referred.expires_at }
    }

    /// Reads a text that we wrote as a reference token; `None` for all others.
    pub(crate) fn read_reference(&self, text: &str) -> Option<ReferenceToken> {
        if text.len() > REFERENCE_BYTES_MAX {
            return None;
        }
        let (signed, signature) = text.rsplit_once('.')?;
        if self.reference_signature(signed) != signature.parse::<Digest>().ok()? {
            return None;
        }
        let (_, payload) = signed.split_once('.')?;
        ReferenceToken::parse(&base64url::decode(payload).ok()?).ok()
    }

    /// Like [`Identity::read_reference`], for a text that must be of one type.
    pub(crate) fn read_reference_of(&self, token_type: TokenType, text: &str) -> Option<ReferenceToken> {
        self.read_reference(text).filter(|token| token.token_type == token_type)
    }

    /// What is stored of a reference token. Each type has digests of its own.
    pub(crate) fn reference_digest(&self, token_type: TokenType, text: &str) -> Digest {
        self.house().digest_key.digest(token_type.as_str(), text.as_bytes())
    }

    fn reference_signature(&self, signed: &str) -> Digest {
        self.house().digest_key.digest("reference token signature", signed.as_bytes())
    }
}

/// The JOSE header, in base64url; `itt` is IMS's own word for the kind of token (contract section 2.1).
fn header(token_type: TokenType) -> String {
    #[derive(Serialize)]
    struct Header {
        alg: &'static str,
        typ: &'static str,
        itt: &'static str,
    }
    let itt = match token_type {
        TokenType::AccessToken => "at",
        TokenType::RefreshToken => "rt",
        TokenType::AuthorizationCode => "ac",
        TokenType::DeviceToken => "dt",
        TokenType::PromiseToken => "pt",
    };
    let header = Header { alg: "HS256", typ: "JWT", itt };
    base64url::encode(&serde_json::to_vec(&header).expect("texts are always JSON"))
}
