//! Who somebody is at an upstream identity provider.

use tollgate_model::{
    Timestamp,
    id::{ProviderId, UserId},
    user::User,
};

use crate::{Query, Row, StoreError, Transaction, params, statements, users};

statements! {
    /// Inserts nothing when the provider's subject is linked already.
    INSERT = "
        insert into federated_identities (provider_id, subject, user_id, created_at)
        values ($1, $2, $3, $4)
        on conflict (provider_id, subject) do nothing";

    /// The person whom a provider calls by this subject.
    FIND = "
        select u.id, u.organization_id, u.email, u.name, u.role, u.account_type, u.email_verified, u.given_name,
            u.family_name, u.language, u.country_code, u.password_hash, u.password_expired, u.enabled, u.created_at
        from federated_identities f join users u on u.id = f.user_id
        where f.provider_id = $1 and f.subject = $2";

    /// What providers call a person.
    LIST_OF_USER = "
        select provider_id, subject, user_id, created_at
        from federated_identities where user_id = $1
        order by created_at, provider_id, subject";
}

/// What a provider calls a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FederatedIdentity {
    /// The provider.
    pub provider_id: ProviderId,
    /// Its word for the person, which never changes.
    pub subject: String,
    /// The person.
    pub user_id: UserId,
    /// When the two were linked.
    pub created_at: Timestamp,
}

/// Links what a provider calls somebody to a person; `false` when it is linked already.
pub async fn insert(tx: &mut Transaction, identity: &FederatedIdentity) -> Result<bool, StoreError> {
    let FederatedIdentity { provider_id, subject, user_id, created_at } = identity;
    Ok(tx.run(&INSERT, &params![provider_id, subject, user_id, *created_at]).await? == 1)
}

/// The person whom a provider calls by this subject.
pub async fn find(query: impl Query, provider: &ProviderId, subject: &str) -> Result<Option<User>, StoreError> {
    query.one(&FIND, &params![provider, subject], |row| users::user(row, 0)).await
}

/// What providers call a person, first linked first.
pub async fn list_of_user(query: impl Query, user: &UserId) -> Result<Vec<FederatedIdentity>, StoreError> {
    query.all(&LIST_OF_USER, &params![user], identity).await
}

fn identity(row: &Row<'_>) -> Result<FederatedIdentity, StoreError> {
    Ok(FederatedIdentity {
        provider_id: row.parsed(0)?,
        subject: row.text(1)?,
        user_id: row.parsed(2)?,
        created_at: row.timestamp(3)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixture::{
            NOW, committed,
            people::{self, SignedIn, permitted_of_sixty_four, person},
        },
        identity_providers,
    };

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn a_providers_subject_is_linked_to_one_person_and_the_link_goes_with_the_account() {
        let SignedIn { db, organization, user, .. } = SignedIn::new().await;
        let provider = people::provider(&organization);
        assert!(committed!(db, |tx| identity_providers::insert(tx, &provider)));
        let identity = FederatedIdentity {
            provider_id: provider.id.clone(),
            subject: "subject".to_owned(),
            user_id: user.id.clone(),
            created_at: NOW,
        };
        let permitted = permitted_of_sixty_four(|| {
            let (db, identity) = (db.clone(), identity.clone());
            async move { committed!(db, |tx| insert(tx, &identity)) }
        });
        assert_eq!(permitted.await, 1);
        let grace = person(&organization, "grace@example.com");
        assert!(committed!(db, |tx| users::insert(tx, &grace)));
        let stolen = FederatedIdentity { user_id: grace.id, ..identity.clone() };
        assert!(!committed!(db, |tx| insert(tx, &stolen)));
        assert_eq!(find(&db, &provider.id, "subject").await.unwrap().as_ref(), Some(&user));
        assert_eq!(list_of_user(&db, &user.id).await.unwrap(), [identity]);
        assert!(committed!(db, |tx| users::delete(tx, &user.id)));
        assert_eq!(find(&db, &provider.id, "subject").await.unwrap(), None);
    }
}
