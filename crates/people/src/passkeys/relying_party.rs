//! This instance as the relying party of Web Authentication.

use serde_json::Value;
use tollgate_crypto::{DigestKey, base64url};
use tollgate_model::id::UserId;
use tollgate_store::passkeys::Passkey as StoredPasskey;
use tollgate_web::{Fault, Instance};
use url::Url;
use webauthn_rs::{
    Webauthn, WebauthnBuilder,
    prelude::{Passkey, Uuid},
};

use super::{CEREMONY_LIFETIME, PasskeyRefused};

/// The relying party: its id is the host of the issuer, its one origin the issuer's.
pub(super) struct RelyingParty(pub(super) Webauthn);

impl RelyingParty {
    pub(super) fn of(instance: &Instance) -> Result<Self, PasskeyRefused> {
        let issuer = Url::parse(&instance.issuer).map_err(|_| PasskeyRefused::NotAvailable)?;
        let host = issuer.domain().ok_or(PasskeyRefused::NotAvailable)?;
        // Browsers take this machine for a safe place also over plain HTTP.
        if issuer.scheme() != "https" && host != "localhost" {
            return Err(PasskeyRefused::NotAvailable);
        }
        let lifetime = u64::try_from(CEREMONY_LIFETIME.0).unwrap_or_default();
        WebauthnBuilder::new(host, &issuer)
            .map(|builder| builder.rp_name(host).timeout(std::time::Duration::from_secs(lifetime)))
            .and_then(WebauthnBuilder::build)
            .map(Self)
            .map_err(|cause| Fault::caused("the issuer cannot be a relying party of passkeys", cause).into())
    }
}

/// What authenticators know a person by. It says nothing about the person, and cannot be told from a random value.
pub(super) fn user_handle(key: &DigestKey, user: &UserId) -> Uuid {
    let digest = key.digest("passkey user handle", user.as_str().as_bytes()).to_string();
    let bytes = base64url::decode(&digest).unwrap_or_else(|_| digest.into_bytes());
    Uuid::from_slice(&bytes[..16]).expect("a digest is longer than 16 bytes")
}

pub(super) fn passkey_id(raw: &[u8]) -> String {
    base64url::encode(raw)
}

/// Reads a stored passkey.
pub(super) fn read(stored: &StoredPasskey) -> Result<Passkey, Fault> {
    serde_json::from_str(&stored.document).map_err(|cause| Fault::caused("a stored passkey cannot be read", cause))
}

/// Writes a passkey as it is stored.
pub(super) fn write(passkey: &Passkey) -> Result<String, Fault> {
    serde_json::to_string(passkey).map_err(|cause| Fault::caused("a passkey cannot be written", cause))
}

/// Whether the device said that it keeps the passkey on several devices.
pub(super) fn is_synced(document: &str) -> Result<bool, Fault> {
    let document: Value =
        serde_json::from_str(document).map_err(|cause| Fault::caused("a stored passkey cannot be read", cause))?;
    Ok(document.pointer("/cred/backup_state").and_then(Value::as_bool).unwrap_or_default())
}

/// Options in JSON, with one more member somewhere inside.
pub(super) fn options(public_key: &impl serde::Serialize, changed: &[(&str, Value)]) -> Result<String, Fault> {
    let unwritten = |cause| Fault::caused("the options of a passkey ceremony cannot be written", cause);
    let mut options = serde_json::json!({ "publicKey": serde_json::to_value(public_key).map_err(unwritten)? });
    for (pointer, value) in changed {
        let (parent, member) = pointer.rsplit_once('/').unwrap_or_default();
        if let Some(Value::Object(members)) = options.pointer_mut(parent) {
            members.insert((*member).to_owned(), value.clone());
        }
    }
    serde_json::to_string(&options).map_err(unwritten)
}
