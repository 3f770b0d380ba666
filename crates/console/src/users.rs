//! Users: the people of an organization, each with a password for the first sign-in.

use std::sync::Arc;

use tollgate_crypto::{SecretText, password};
use tollgate_model::{
    id::{OrganizationId, UserId},
    organization::check_display_name,
    user::{AccountType, EmailAddress, Role, User},
};
use tollgate_store::{organizations, users};

use crate::{Console, Error, Fault, Noun, Refusal};

/// A user to be made.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Where the person belongs.
    pub organization_id: OrganizationId,
    /// Sign-in name.
    pub email: EmailAddress,
    /// Full name.
    pub name: String,
    /// What the person may do.
    pub role: Role,
}

/// A user at the making of the account.
#[derive(Debug)]
pub struct CreatedUser {
    /// The user.
    pub user: User,
    /// The password for the first sign-in, after which it must be changed; shown this once.
    pub password: SecretText,
}

impl Console {
    /// Makes a user with a password of 144 random bits that has to be changed at the first sign-in.
    pub async fn create_user(&self, new: NewUser) -> Result<CreatedUser, Error> {
        check_display_name("name", &new.name)?;
        let random = tollgate_crypto::entropy::bytes::<18>(self.entropy());
        let password = SecretText::from(tollgate_crypto::base64url::encode(&random));
        let entropy = Arc::clone(&self.entropy);
        let text = password.clone();
        // Argon2 is slow on purpose, too slow for an async worker.
        let hashed = tokio::task::spawn_blocking(move || password::hash(&*entropy, text.reveal()));
        let password_hash = hashed.await.map_err(|_| Fault::Interrupted)?.map_err(Fault::Crypto)?;
        let user = User {
            id: UserId::generate(self.entropy(), &self.authorities.user),
            organization_id: new.organization_id,
            email: new.email,
            name: new.name,
            role: new.role,
            account_type: AccountType::Enterprise,
            email_verified: false,
            given_name: None,
            family_name: None,
            language: None,
            country_code: None,
            password_hash: Some(password_hash),
            password_expired: true,
            enabled: true,
            created_at: self.now(),
        };
        self.change(async |tx| {
            let owner = &user.organization_id;
            if !self.admits(owner) || organizations::find(&mut *tx, owner).await?.is_none() {
                return Err(Refusal::unknown(Noun::Organization, owner.as_str()).into());
            }
            if users::insert(tx, &user).await? {
                Ok(())
            } else {
                Err(Refusal::taken(Noun::User, user.email.as_str()).into())
            }
        })
        .await?;
        Ok(CreatedUser { user, password })
    }
}
