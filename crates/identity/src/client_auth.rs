//! Who asks: a client secret, a signed assertion (RFC 7523), or, for public clients, a name alone.
//!
//! An unknown client costs the same digest as a known one, and nothing about a credential is told before it has proved
//! itself.

use std::sync::Arc;

use tollgate_crypto::Compact;
use tollgate_model::{
    Timestamp,
    id::ClientId,
    secret::{StoredSecret, client_secret_digest},
};
use tollgate_oauth::{
    ErrorCode, OauthError, assertion::ASSERTION_BYTES_MAX, client_assertion::ClientAssertion,
    client_authentication::ClientAuthentication,
};
use tollgate_store::{Directory, DirectoryClient, StoreError, assertions};

use tollgate_web::Stop;

use crate::{
    Identity,
    signer::{self, NoSigner},
};

/// A credential that may act, and how it proved itself.
#[derive(Debug)]
pub(crate) struct Authenticated {
    /// The credential; it and its organization are enabled.
    pub client: Arc<DirectoryClient>,
    /// What it showed.
    pub proof: Proof,
}

/// What a client showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proof {
    /// Its name alone, because it is a public client.
    Name,
    /// A live client secret.
    Secret,
    /// An assertion signed with one of its certificates.
    Assertion,
}

impl Identity {
    /// Verifies what a client offers as proof.
    pub(crate) async fn authenticate(
        &self,
        directory: &Directory,
        offered: &ClientAuthentication,
        now: Timestamp,
    ) -> Result<Authenticated, Stop> {
        let known = directory.client(offered.client_id().as_str());
        let (client, proof) = match offered {
            ClientAuthentication::None { .. } => (public(known)?, Proof::Name),
            ClientAuthentication::Secret { secret, .. } => {
                (self.check_secret(known, secret.reveal(), now)?, Proof::Secret)
            }
            ClientAuthentication::Assertion { jwt, .. } => {
                let client = known.ok_or_else(OauthError::unknown_client)?;
                self.check_assertion(client, jwt.reveal(), now).await?;
                (client, Proof::Assertion)
            }
        };
        check_enabled(client)?;
        Ok(Authenticated { client: Arc::clone(client), proof })
    }

    /// Like [`Identity::authenticate`], for endpoints that public clients have no business with.
    pub(crate) async fn authenticate_confidential(
        &self,
        directory: &Directory,
        offered: &ClientAuthentication,
        now: Timestamp,
    ) -> Result<Authenticated, Stop> {
        let authenticated = self.authenticate(directory, offered, now).await?;
        if authenticated.proof == Proof::Name {
            return Err(OauthError::missing_client_authentication().into());
        }
        Ok(authenticated)
    }

    fn check_secret<'a>(
        &self,
        known: Option<&'a Arc<DirectoryClient>>,
        given: &str,
        now: Timestamp,
    ) -> Result<&'a Arc<DirectoryClient>, OauthError> {
        // Before anything is decided, so that the time taken does not tell whether the client exists.
        let digest = client_secret_digest(&self.house().digest_key, given);
        let client = known.ok_or_else(OauthError::unknown_client)?;
        if !client.client.credential_type().has_client_secret() {
            return Err(OauthError::unexpected_secret());
        }
        let is_given = |secret: &&StoredSecret| secret.is_live(now) && secret.digest == digest;
        let secret = client.secrets.iter().find(is_given).ok_or_else(OauthError::wrong_secret)?;
        self.0.last_used.note(&secret.id, now);
        Ok(client)
    }

    /// Checks a client assertion: signature, claims, and that its id is new.
    async fn check_assertion(&self, client: &DirectoryClient, jwt: &str, now: Timestamp) -> Result<(), Stop> {
        let jws = Compact::parse(jwt, ASSERTION_BYTES_MAX)
            .map_err(|error| refused(format!("the client_assertion cannot be read: {error}")))?;
        let accepted = &self.house().instance.assertion_algorithms;
        signer::find(&jws, &client.certificates, accepted, now).map_err(|no_signer| match no_signer {
            // Nobody has shown a secret here, so nothing is said about certificates.
            NoSigner::Algorithm { .. } => refused(format!("the client_assertion is not accepted. {no_signer}")),
            _ => refused("the client_assertion is not signed with a valid certificate of this credential"),
        })?;
        let assertion = ClientAssertion::parse(&jws.payload)?;
        if assertion.client_id != client.client.id {
            return Err(refused("the client_assertion must have client_id as iss and sub").into());
        }
        assertion.check(&self.0.assertion_audiences, now)?;
        let Some(jti) = assertion.jti else { return Ok(()) };
        // Apart from the ids of JWTs that are exchanged: the same number may be used for one of each.
        let jti = format!("client_assertion {}", jti.as_str());
        if self.consume(&client.client.id, &jti, assertion.validity.forgotten_at(), now).await? {
            return Ok(());
        }
        Err(refused("the client_assertion has a jti that was used before; sign a new one for each request").into())
    }

    /// Uses up the id of an assertion, durably; `false` when it was used before.
    pub(crate) async fn consume(
        &self,
        client: &ClientId,
        jti: &str,
        forgotten_at: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.house().db.transact(async |tx| assertions::consume(tx, client, jti, forgotten_at, now).await).await
    }
}

fn public(known: Option<&Arc<DirectoryClient>>) -> Result<&Arc<DirectoryClient>, OauthError> {
    let client = known.ok_or_else(OauthError::unknown_client)?;
    if client.client.credential_type().has_client_secret() {
        return Err(OauthError::missing_client_authentication());
    }
    Ok(client)
}

fn check_enabled(client: &DirectoryClient) -> Result<(), OauthError> {
    if client.is_enabled() {
        return Ok(());
    }
    let what = if client.client.enabled { "the organization of this credential" } else { "this credential" };
    Err(refused(format!("{what} is disabled; ask an administrator of the organization to enable it")))
}

fn refused(text: impl Into<std::borrow::Cow<'static, str>>) -> OauthError {
    OauthError::new(ErrorCode::InvalidClient, text).with_credentials_refused()
}
