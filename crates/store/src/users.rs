//! People who sign in.

use tollgate_model::{
    id::{OrganizationId, UserId},
    user::{EmailAddress, User},
};

use crate::{
    Query, Row, StoreError, Transaction,
    generations::{self, Generation},
    params, statements,
};

statements! {
    /// Inserts nothing when the id or the e-mail address is taken.
    INSERT = "
        insert into users (id, organization_id, email, name, role, account_type, email_verified, given_name, family_name, language,
            country_code, password_hash, password_expired, enabled, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
        on conflict do nothing";

    /// The person of this id.
    FIND = "
        select id, organization_id, email, name, role, account_type, email_verified, given_name, family_name, language,
            country_code, password_hash, password_expired, enabled, created_at
        from users where id = $1";

    /// The person who signs in with this address.
    FIND_BY_EMAIL = "
        select id, organization_id, email, name, role, account_type, email_verified, given_name, family_name, language,
            country_code, password_hash, password_expired, enabled, created_at
        from users where email = $1";

    /// The next people of an organization after the id `$2`, by id.
    LIST = "
        select id, organization_id, email, name, role, account_type, email_verified, given_name, family_name, language,
            country_code, password_hash, password_expired, enabled, created_at
        from users where organization_id = $1 and id > $2
        order by id limit $3";

    /// Deletes the account.
    DELETE = "delete from users where id = $1";
}

/// Adds a person; `false` when the id or the e-mail address is taken.
pub async fn insert(tx: &mut Transaction, user: &User) -> Result<bool, StoreError> {
    generations::hold(tx, Generation::Directory).await?;
    let values = params![
        &user.id,
        &user.organization_id,
        user.email.as_str(),
        &user.name,
        user.role.as_str(),
        user.account_type.as_str(),
        user.email_verified,
        user.given_name.as_deref(),
        user.family_name.as_deref(),
        user.language.as_deref(),
        user.country_code.as_deref(),
        user.password_hash.as_deref(),
        user.password_expired,
        user.enabled,
        user.created_at,
    ];
    Ok(tx.run(&INSERT, &values).await? == 1)
}

/// The person of this id.
pub async fn find(query: impl Query, id: &UserId) -> Result<Option<User>, StoreError> {
    query.one(&FIND, &params![id], user).await
}

/// The person who signs in with this address.
pub async fn find_by_email(query: impl Query, email: &EmailAddress) -> Result<Option<User>, StoreError> {
    query.one(&FIND_BY_EMAIL, &params![email.as_str()], user).await
}

/// The next people of an organization after `after`, by id, at most `users_max`.
pub async fn list(
    query: impl Query,
    organization: &OrganizationId,
    after: Option<&UserId>,
    users_max: u32,
) -> Result<Vec<User>, StoreError> {
    let values = params![organization, after.map_or("", UserId::as_str), users_max];
    query.all(&LIST, &values, user).await
}

/// Deletes a person's account; `false` when there is none.
pub async fn delete(tx: &mut Transaction, id: &UserId) -> Result<bool, StoreError> {
    Ok(tx.run(&DELETE, &params![id]).await? == 1)
}

fn user(row: &Row<'_>) -> Result<User, StoreError> {
    Ok(User {
        id: row.parsed(0)?,
        organization_id: row.parsed(1)?,
        email: row.parsed(2)?,
        name: row.text(3)?,
        role: row.parsed(4)?,
        account_type: row.parsed(5)?,
        email_verified: row.boolean(6)?,
        given_name: row.optional_text(7)?,
        family_name: row.optional_text(8)?,
        language: row.optional_text(9)?,
        country_code: row.optional_text(10)?,
        password_hash: row.optional_text(11)?,
        password_expired: row.boolean(12)?,
        enabled: row.boolean(13)?,
        created_at: row.timestamp(14)?,
    })
}

#[cfg(test)]
mod tests {
    use tollgate_crypto::SystemEntropy;
    use tollgate_model::user::{AccountType, Role};

    use super::*;
    use crate::fixture::{Example, NOW, committed};

    fn person(organization: &OrganizationId, email: &str) -> User {
        User {
            id: UserId::generate(&SystemEntropy, "AdobeID"),
            organization_id: organization.clone(),
            email: email.parse().unwrap(),
            name: "Ada".to_owned(),
            role: Role::Administrator,
            account_type: AccountType::Individual,
            email_verified: true,
            given_name: Some("Ada".to_owned()),
            family_name: Some("Example".to_owned()),
            language: Some("de".to_owned()),
            country_code: Some("CH".to_owned()),
            password_hash: None,
            password_expired: true,
            enabled: true,
            created_at: NOW,
        }
    }

    #[tokio::test]
    async fn a_person_is_found_by_address_and_an_address_belongs_to_one_person() {
        let Example { db, organization, .. } = Example::new().await;
        let ada = person(&organization.id, "Ada@example.com");
        assert!(committed!(db, |tx| insert(tx, &ada)));
        assert_eq!(find_by_email(&db, &ada.email).await.unwrap().as_ref(), Some(&ada));
        assert_eq!(find(&db, &ada.id).await.unwrap().as_ref(), Some(&ada));
        assert!(!committed!(db, |tx| insert(tx, &person(&organization.id, "ada@EXAMPLE.com"))));
        assert!(committed!(db, |tx| delete(tx, &ada.id)));
        assert_eq!(find(&db, &ada.id).await.unwrap(), None);
    }

    #[tokio::test]
    async fn pages_of_people_follow_each_other_without_gap_or_repeat() {
        let Example { db, organization, .. } = Example::new().await;
        for n in 0..5 {
            assert!(committed!(db, |tx| insert(tx, &person(&organization.id, &format!("p{n}@example.com")))));
        }
        let first = list(&db, &organization.id, None, 3).await.unwrap();
        let second = list(&db, &organization.id, Some(&first[2].id), 3).await.unwrap();
        assert_eq!((first.len(), second.len()), (3, 2));
        assert!(first.iter().chain(&second).is_sorted_by(|one, next| one.id < next.id));
    }
}
