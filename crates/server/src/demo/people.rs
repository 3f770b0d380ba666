//! The people of the example: an administrator and an ordinary user, with passwords that the demo shows.

use tollgate_crypto::{CryptoError, SystemEntropy, base64url, entropy, password};
use tollgate_model::{
    id::{OrganizationId, UserId},
    user::{AccountType, Role, User},
};
use tollgate_store::{StoreError, users};
use tollgate_web::House;

use super::document::ExampleUser;
use crate::error::CommandError;

const PEOPLE: [(&str, &str, Role); 2] = [
    ("administrator@example.com", "Example Administrator", Role::Administrator),
    ("user@example.com", "Example User", Role::Member),
];

/// A password of 72 random bits and its hash.
pub(super) struct Password {
    text: String,
    hash: String,
}

/// Makes a password for each person. Argon2 is slow on purpose, so it works aside.
pub(super) async fn passwords() -> Result<Vec<Password>, CommandError> {
    let made = tokio::task::spawn_blocking(|| {
        let entropy = SystemEntropy;
        let make = |_| {
            let text = base64url::encode(&entropy::bytes::<9>(&entropy));
            password::hash(&entropy, &text).map(|hash| Password { text, hash })
        };
        PEOPLE.iter().map(make).collect::<Result<Vec<_>, CryptoError>>()
    });
    let made = made.await.map_err(|cause| CommandError::fault("making passwords was interrupted", &cause))?;
    made.map_err(|cause| CommandError::fault("cannot make passwords", &cause))
}

/// Adds the people. The passwords are the demo's own to show, so nobody is asked to change them at the first sign-in.
pub(super) async fn add(
    house: &House,
    organization_id: &OrganizationId,
    passwords: Vec<Password>,
) -> Result<Vec<ExampleUser>, CommandError> {
    let mut added = Vec::with_capacity(PEOPLE.len());
    for ((email, name, role), password) in PEOPLE.into_iter().zip(passwords) {
        let user = User {
            id: UserId::generate(&*house.entropy, &house.instance.authorities.user),
            organization_id: organization_id.clone(),
            email: email.parse()?,
            name: name.to_owned(),
            role,
            account_type: AccountType::Enterprise,
            email_verified: true,
            given_name: None,
            family_name: None,
            language: None,
            country_code: None,
            password_hash: Some(password.hash),
            password_expired: false,
            enabled: true,
            created_at: house.clock.now(),
        };
        house.db.transact::<_, StoreError>(async |tx| users::insert(tx, &user).await).await?;
        added.push(ExampleUser { email: email.to_owned(), password: password.text });
    }
    Ok(added)
}
