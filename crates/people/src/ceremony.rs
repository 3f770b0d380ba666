//! What is remembered between the two halves of a ceremony: from the options of a passkey to its answer, from the way to
//! an upstream provider to the way back. Sealed, good for one use, and forgotten after minutes.

use serde::{Serialize, de::DeserializeOwned};
use tollgate_crypto::{base64url, entropy};
use tollgate_model::{Seconds, Timestamp, id::UserId};
use tollgate_store::ceremonies::{self, Ceremony};
use tollgate_web::Fault;

use crate::People;

/// What a ceremony is for; one of another purpose cannot be put in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    PasskeyRegistration,
    PasskeySignIn,
    PasskeySecondFactor,
    FederatedSignIn,
}

impl Purpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::PasskeyRegistration => "passkey_registration",
            Self::PasskeySignIn => "passkey_sign_in",
            Self::PasskeySecondFactor => "passkey_second_factor",
            Self::FederatedSignIn => "federated_sign_in",
        }
    }

    fn seal(self, row: &str) -> String {
        format!("ceremony {} {row}", self.as_str())
    }
}

impl People {
    /// Remembers `state` and answers the ceremony's name, which nobody can guess. With `user`, it ends with that account.
    pub(crate) async fn begin_ceremony(
        &self,
        purpose: Purpose,
        user: Option<&UserId>,
        state: &(impl Serialize + Sync),
        lifetime: Seconds,
        now: Timestamp,
    ) -> Result<String, Fault> {
        let house = self.house();
        let name = base64url::encode(&entropy::bytes::<32>(&*house.entropy));
        let row = self.ceremony_row(&name);
        let state =
            serde_json::to_vec(state).map_err(|cause| Fault::caused("a ceremony could not be written", cause))?;
        let ceremony = Ceremony {
            state: house.master_key.seal(&*house.entropy, &purpose.seal(&row), &state),
            id: row,
            purpose: purpose.as_str().to_owned(),
            user_id: user.cloned(),
            expires_at: now + lifetime,
        };
        house.db.transact(async |tx| ceremonies::insert(tx, &ceremony).await).await?;
        Ok(name)
    }

    /// What was remembered under `name`, for the first who asks in time: one statement uses it up.
    pub(crate) async fn take_ceremony<T: DeserializeOwned>(
        &self,
        purpose: Purpose,
        name: &str,
        now: Timestamp,
    ) -> Result<Option<T>, Fault> {
        let house = self.house();
        let row = self.ceremony_row(name);
        let taken = house.db.transact(async |tx| ceremonies::consume(tx, &row, purpose.as_str(), now).await).await?;
        let Some(ceremony) = taken else { return Ok(None) };
        let state = house.master_key.open(&purpose.seal(&row), &ceremony.state)?;
        let state = serde_json::from_slice(state.reveal());
        state.map(Some).map_err(|cause| Fault::caused("a ceremony could not be read", cause))
    }

    /// Only a digest is stored, so that the database alone lets nobody finish what another began.
    fn ceremony_row(&self, name: &str) -> String {
        self.house().digest_key.digest("ceremony", name.as_bytes()).to_string()
    }
}
