//! Secrets of credentials: client secrets for the token endpoint, and secret keys for the gateway.

use tollgate_model::{
    Timestamp,
    client::Client,
    id::{ClientId, SecretId},
    secret::{LIVE_SECRETS_MAX, PlainSecret, SecretKind, StoredSecret},
};
use tollgate_store::{Transaction, secrets};

use crate::{Console, Error, Noun, Refusal};

/// A secret at its making, the only time it is in clear.
#[derive(Debug)]
pub struct NewSecret {
    /// What is kept of it.
    pub stored: StoredSecret,
    /// The secret itself, to be shown once.
    pub plain: PlainSecret,
}

impl Console {
    /// Makes a secret for a credential that has fewer than two of its kind; `expires_at` is `None` for one without end.
    pub async fn create_secret(
        &self,
        client_id: &ClientId,
        kind: SecretKind,
        expires_at: Option<Timestamp>,
    ) -> Result<NewSecret, Error> {
        let now = self.now();
        if let Some(end) = expires_at.filter(|end| *end <= now) {
            return Err(Refusal::ExpiryPassed(end).into());
        }
        self.change(async |tx| {
            let client = self.client_in(&mut *tx, client_id).await?;
            self.insert_secret(tx, &client, kind, expires_at).await
        })
        .await
    }

    /// The secrets of a credential, oldest first; without their texts, which nobody keeps.
    pub async fn secrets(&self, client_id: &ClientId) -> Result<Vec<StoredSecret>, Error> {
        self.client_in(&self.db, client_id).await?;
        Ok(secrets::list(&self.db, client_id).await?)
    }

    /// Ends a secret for good; tokens it obtained live on until they expire.
    pub async fn delete_secret(&self, client_id: &ClientId, id: &SecretId) -> Result<(), Error> {
        self.change(async |tx| {
            self.client_in(&mut *tx, client_id).await?;
            let found = secrets::delete(tx, client_id, id).await?;
            if found { Ok(()) } else { Err(Refusal::unknown(Noun::Secret, id.as_str()).into()) }
        })
        .await
    }

    pub(crate) async fn insert_secret(
        &self,
        tx: &mut Transaction,
        client: &Client,
        kind: SecretKind,
        expires_at: Option<Timestamp>,
    ) -> Result<NewSecret, Error> {
        let credential_type = client.credential_type();
        if kind == SecretKind::ClientSecret && !credential_type.has_client_secret() {
            return Err(Refusal::NoClientSecret(credential_type).into());
        }
        let now = self.now();
        let plain = PlainSecret::generate(self.entropy(), kind);
        let stored = StoredSecret {
            id: SecretId::generate(self.entropy(), now),
            client_id: client.id.clone(),
            kind,
            digest: plain.digest(&self.digest_key),
            visible_prefix: plain.visible_prefix(),
            created_at: now,
            expires_at,
            last_used_at: None,
        };
        if secrets::insert_if_fewer(tx, &stored, LIVE_SECRETS_MAX).await? {
            Ok(NewSecret { stored, plain })
        } else {
            Err(Refusal::SecretsFull { client_id: client.id.clone(), kind }.into())
        }
    }
}
