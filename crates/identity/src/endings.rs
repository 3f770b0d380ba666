//! Whether codes, refresh tokens and promises can still be used, and how an authorization ends before its time, with every
//! token that came of it.

use tollgate_model::{
    Timestamp,
    id::{ClientId, GrantId},
    scope::ScopeSet,
    token::{Revocation, Revoked, TokenType},
};
use tollgate_oauth::{answers::InvalidReason, reference_token::ReferenceToken};
use tollgate_store::{Directory, StoreError, Transaction, device_requests, grants, promises, revocations, users};
use tollgate_web::{Fault, access_token::CLOCK_SKEW};

use crate::{
    Identity,
    grants::{check_person, promise::promise_id},
};

impl Identity {
    /// Ends a grant and all its tokens as a part of a transaction, its last one. Afterwards the directory is to be
    /// refreshed, so that this process knows of it.
    pub(crate) async fn end_grant(&self, tx: &mut Transaction, id: &GrantId, now: Timestamp) -> Result<(), StoreError> {
        grants::revoke(tx, id, now).await?;
        let revocation = Revocation {
            revoked: Revoked::Grant(id.clone()),
            revoked_at: now,
            expires_at: now + self.house().instance.access_token_lifetime + CLOCK_SKEW,
        };
        revocations::insert(tx, &revocation).await
    }

    /// Ends a grant and all its tokens. When this returns, they are refused by this process, and by the others once they
    /// are woken.
    pub(crate) async fn revoke_grant(&self, id: &GrantId, now: Timestamp) -> Result<(), Fault> {
        let house = self.house();
        house.db.transact::<_, StoreError>(async |tx| self.end_grant(tx, id, now).await).await?;
        house.directory.refresh().await?;
        Ok(())
    }

    /// Ends what a reference token of this client stands for. A code, a refresh token, even one that was replaced: the whole
    /// authorization. A promise: itself. A device code: that the device waits.
    pub(crate) async fn end_reference(
        &self,
        read: &ReferenceToken,
        text: &str,
        client_id: &ClientId,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let db = &self.house().db;
        if read.client_id != *client_id {
            return Ok(());
        }
        match (read.token_type, &read.grant_id) {
            (TokenType::RefreshToken | TokenType::AuthorizationCode, Some(grant_id)) => {
                let state = grants::refresh_state(db, grant_id).await?;
                if state.is_some_and(|state| state.revoked_at.is_none() && state.grant.client_id == *client_id) {
                    self.revoke_grant(grant_id, now).await?;
                }
            }
            (TokenType::PromiseToken, _) => {
                if let Some(id) = promise_id(read) {
                    db.transact::<_, StoreError>(async |tx| promises::delete(tx, id.as_str()).await).await?;
                }
            }
            (TokenType::DeviceToken, _) => {
                let digest = self.reference_digest(TokenType::DeviceToken, text);
                db.transact::<_, StoreError>(async |tx| device_requests::withdraw(tx, &digest).await).await?;
            }
            (TokenType::RefreshToken | TokenType::AuthorizationCode | TokenType::AccessToken, _) => {}
        }
        Ok(())
    }

    /// What a reference token may still be used for, or why for nothing.
    pub(crate) async fn check_reference(
        &self,
        directory: &Directory,
        read: &ReferenceToken,
        text: &str,
        now: Timestamp,
    ) -> Result<Result<ScopeSet, InvalidReason>, Fault> {
        if now >= read.expires_at {
            return Ok(Err(InvalidReason::ExpiredToken));
        }
        let enabled = directory.client(read.client_id.as_str()).is_some_and(|client| client.is_enabled());
        let scope = if enabled { self.live_scope(read, text, now).await? } else { None };
        let (Some(scope), Ok(user_id)) = (scope, read.user_id.parse()) else {
            return Ok(Err(InvalidReason::RevokedToken));
        };
        let user = users::find(&self.house().db, &user_id).await?;
        Ok(check_person(directory, user).map(|_| scope).map_err(|_| InvalidReason::RevokedToken))
    }

    /// The scopes of what a reference token stands for, if it is the live one.
    async fn live_scope(&self, read: &ReferenceToken, text: &str, now: Timestamp) -> Result<Option<ScopeSet>, Fault> {
        let db = &self.house().db;
        let digest = self.reference_digest(read.token_type, text);
        if read.token_type == TokenType::PromiseToken {
            let Some(id) = promise_id(read) else { return Ok(None) };
            let promise = promises::find(db, id.as_str()).await?;
            return Ok(promise.filter(|promise| promise.digest == digest).map(|promise| promise.scope));
        }
        let Some(grant_id) = &read.grant_id else { return Ok(None) };
        let Some(state) = grants::refresh_state(db, grant_id).await? else { return Ok(None) };
        let is_live = state.revoked_at.is_none()
            && match read.token_type {
                TokenType::RefreshToken => state.current.as_ref() == Some(&digest) && now < state.idle_expires_at,
                TokenType::AuthorizationCode => {
                    state.grant.code_digest.as_ref() == Some(&digest) && state.code_consumed_at.is_none()
                }
                TokenType::AccessToken | TokenType::DeviceToken | TokenType::PromiseToken => false,
            };
        Ok(is_live.then_some(state.grant.scope))
    }
}
