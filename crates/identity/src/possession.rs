//! Proof that whoever calls holds a key (RFC 9449): at the token endpoint, and wherever a bound token is shown to us.

use tollgate_model::{Timestamp, token::AccessToken};
use tollgate_oauth::{
    ErrorCode, OauthError,
    bearer::{Presented, TokenScheme, invalid_token},
    dpop::{DpopCall, DpopProof},
};
use tollgate_store::{StoreError, proofs};
use tollgate_web::{Received, Stop};

use crate::Identity;

impl Identity {
    /// The key that the request proves to hold, `None` when it brings no proof. A proof is good once, for one method and
    /// one address, and, when `access_token` is given, together with that token alone.
    pub(crate) async fn proven_key(
        &self,
        received: &Received,
        access_token: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<String>, Stop> {
        let Some(text) = received.proof() else { return Ok(None) };
        let proof = DpopProof::parse(text)?;
        self.check_call(&proof, received, access_token, now)?;
        let forgotten_at = proof.forgotten_at();
        let new = self
            .house()
            .db
            .transact::<_, StoreError>(async |tx| {
                proofs::consume(tx, &proof.thumbprint, &proof.jti, forgotten_at, now).await
            })
            .await?;
        if new {
            return Ok(Some(proof.thumbprint));
        }
        Err(not_proved("the DPoP proof was used before; sign a new one, with a new jti, for each request").into())
    }

    /// Checks that a token is presented as its kind has to be: one that is bound to a key with a proof by that key, and all
    /// others by themselves (RFC 9449 section 7.1).
    pub(crate) async fn check_presented(
        &self,
        received: &Received,
        presented: Presented<'_>,
        token: &AccessToken,
        now: Timestamp,
    ) -> Result<(), Stop> {
        match (presented.scheme, &token.key_thumbprint) {
            (TokenScheme::Bearer, None) => Ok(()),
            (TokenScheme::Bearer, Some(_)) | (TokenScheme::Dpop, None) => Err(invalid_token().into()),
            (TokenScheme::Dpop, Some(bound_to)) => {
                let proven = self.proven_key(received, Some(presented.token), now).await?;
                Ok(check_bound(Some(bound_to), proven.as_deref())?)
            }
        }
    }

    /// The address may be that of any of the base URLs that clients know us by.
    fn check_call(
        &self,
        proof: &DpopProof,
        received: &Received,
        access_token: Option<&str>,
        now: Timestamp,
    ) -> Result<(), OauthError> {
        let method = received.method().as_str();
        let mut refusal = not_proved("the DPoP proof is for another address");
        for base in &self.house().instance.base_urls {
            let url = format!("{base}{}", received.path());
            match proof.check(&DpopCall { method, url: &url, access_token, nonce: None, now }) {
                Ok(()) => return Ok(()),
                Err(own) => refusal = own,
            }
        }
        Err(refusal)
    }
}

/// `invalid_dpop_proof` with a text.
pub(crate) fn not_proved(text: &'static str) -> OauthError {
    OauthError::new(ErrorCode::InvalidDpopProof, text)
}

/// Whether the key that was proved is the one that something is bound to.
pub(crate) fn check_bound(bound_to: Option<&str>, proven: Option<&str>) -> Result<(), OauthError> {
    match (bound_to, proven) {
        (Some(own), Some(proven)) if own == proven => Ok(()),
        (Some(_), Some(_)) => {
            Err(not_proved("the DPoP proof is signed with another key than the one that this is bound to"))
        }
        (Some(_), None) => Err(not_proved("this is bound to a key; send a DPoP proof signed with it")),
        (None, _) => Ok(()),
    }
}
