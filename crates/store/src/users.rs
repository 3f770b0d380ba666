//! People who sign in.

use tollgate_model::{
    id::{OrganizationId, UserId},
    user::{EmailAddress, Role, User},
};

use crate::{
    Query, Row, StoreError, Transaction,
    generations::{self, Generation},
    params, statements,
};

statements! {
    /// Inserts nothing when the id or the e-mail address is taken.
    INSERT = "
        insert into users (id, organization_id, email, name, role, account_type, email_verified, given_name, family_name,
            language, country_code, password_hash, password_expired, enabled, created_at)
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

    /// The people of an organization from an index on, by id.
    PAGE = "
        select id, organization_id, email, name, role, account_type, email_verified, given_name, family_name, language,
            country_code, password_hash, password_expired, enabled, created_at
        from users where organization_id = $1
        order by id limit $3 offset $2";

    /// How many people there are, in one organization or in all.
    COUNT = "select count(*) from users where organization_id = $1 or $1 is null";

    /// Changes one row when the person exists.
    UPDATE_PROFILE = "
        update users set name = $2, given_name = $3, family_name = $4, language = $5, country_code = $6
        where id = $1";

    /// Changes one row when the person exists.
    SET_PASSWORD = "update users set password_hash = $2, password_expired = $3 where id = $1";

    /// Changes one row when the person still has the password whose hash is `$2`.
    REHASH = "update users set password_hash = $3 where id = $1 and password_hash = $2";

    /// Changes one row when the person exists.
    SET_ENABLED = "update users set enabled = $2 where id = $1";

    /// Changes one row when the person exists.
    SET_ROLE = "update users set role = $2 where id = $1";

    /// Changes one row when the person exists.
    SET_EMAIL_VERIFIED = "update users set email_verified = $2 where id = $1";

    /// Changes one row when the person exists and nobody else has the address.
    SET_EMAIL = "
        update users set email = $2, email_verified = $3
        where id = $1 and not exists (select id from users other where other.email = $2 and other.id <> $1)";

    /// Deletes the account; the schema deletes sessions, grants, consents and all proofs of the person with it.
    DELETE = "delete from users where id = $1";
}

/// What people say of themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Full name.
    pub name: String,
    /// First name, if it is known by itself.
    pub given_name: Option<String>,
    /// Last name, if it is known by itself.
    pub family_name: Option<String>,
    /// The language of pages and mails, such as `de`.
    pub language: Option<String>,
    /// Two letters (ISO 3166-1), such as `CH`.
    pub country_code: Option<String>,
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
    query.one(&FIND, &params![id], first_user).await
}

/// The person who signs in with this address.
pub async fn find_by_email(query: impl Query, email: &EmailAddress) -> Result<Option<User>, StoreError> {
    query.one(&FIND_BY_EMAIL, &params![email.as_str()], first_user).await
}

/// The next people of an organization after `after`, by id, at most `users_max`.
pub async fn list(
    query: impl Query,
    organization: &OrganizationId,
    after: Option<&UserId>,
    users_max: u32,
) -> Result<Vec<User>, StoreError> {
    let values = params![organization, after.map_or("", UserId::as_str), users_max];
    query.all(&LIST, &values, first_user).await
}

/// The people of an organization from index `start` on, by id, at most `users_max`.
pub async fn page(
    query: impl Query,
    organization: &OrganizationId,
    start: u32,
    users_max: u32,
) -> Result<Vec<User>, StoreError> {
    query.all(&PAGE, &params![organization, start, users_max], first_user).await
}

/// How many people an organization has, or all of them together.
pub async fn count(query: impl Query, organization: Option<&OrganizationId>) -> Result<i64, StoreError> {
    let count = query.one(&COUNT, &params![organization], |row| row.integer(0)).await?;
    Ok(count.unwrap_or_default())
}

/// Changes what a person says of themselves; `false` when there is no such person.
pub async fn update_profile(tx: &mut Transaction, id: &UserId, profile: &Profile) -> Result<bool, StoreError> {
    let values = params![
        id,
        &profile.name,
        profile.given_name.as_deref(),
        profile.family_name.as_deref(),
        profile.language.as_deref(),
        profile.country_code.as_deref(),
    ];
    Ok(tx.run(&UPDATE_PROFILE, &values).await? == 1)
}

/// Sets a person's password, or (`None`) takes it away; `expired` when it must be changed at the next sign-in. `false`
/// when there is no such person.
pub async fn set_password(
    tx: &mut Transaction,
    id: &UserId,
    hash: Option<&str>,
    expired: bool,
) -> Result<bool, StoreError> {
    Ok(tx.run(&SET_PASSWORD, &params![id, hash, expired]).await? == 1)
}

/// Puts a better hash of the same password in the place of `old`; `false` when the password was changed meanwhile.
pub async fn rehash(tx: &mut Transaction, id: &UserId, old: &str, new: &str) -> Result<bool, StoreError> {
    Ok(tx.run(&REHASH, &params![id, old, new]).await? == 1)
}

/// Lets a person sign in, or locks them out; `false` when there is no such person. The tokens there are do not end by
/// this alone.
pub async fn set_enabled(tx: &mut Transaction, id: &UserId, enabled: bool) -> Result<bool, StoreError> {
    Ok(tx.run(&SET_ENABLED, &params![id, enabled]).await? == 1)
}

/// Changes what a person may do; `false` when there is no such person.
pub async fn set_role(tx: &mut Transaction, id: &UserId, role: Role) -> Result<bool, StoreError> {
    Ok(tx.run(&SET_ROLE, &params![id, role.as_str()]).await? == 1)
}

/// Notes whether mail to the address reaches the person; `false` when there is no such person.
pub async fn set_email_verified(tx: &mut Transaction, id: &UserId, verified: bool) -> Result<bool, StoreError> {
    Ok(tx.run(&SET_EMAIL_VERIFIED, &params![id, verified]).await? == 1)
}

/// Changes a person's address; `false` when it is somebody else's, or there is no such person.
pub async fn set_email(
    tx: &mut Transaction,
    id: &UserId,
    email: &EmailAddress,
    verified: bool,
) -> Result<bool, StoreError> {
    match tx.run(&SET_EMAIL, &params![id, email, verified]).await {
        Ok(changed) => Ok(changed == 1),
        // Somebody else took it at the same moment.
        Err(StoreError::Conflict { .. }) => Ok(false),
        Err(fault) => Err(fault),
    }
}

/// Deletes a person's account; `false` when there is none.
pub async fn delete(tx: &mut Transaction, id: &UserId) -> Result<bool, StoreError> {
    Ok(tx.run(&DELETE, &params![id]).await? == 1)
}

fn first_user(row: &Row<'_>) -> Result<User, StoreError> {
    user(row, 0)
}

/// The person whose columns begin at the column `first`, in the order of the statements above.
pub(crate) fn user(row: &Row<'_>, first: usize) -> Result<User, StoreError> {
    Ok(User {
        id: row.parsed(first)?,
        organization_id: row.parsed(first + 1)?,
        email: row.parsed(first + 2)?,
        name: row.text(first + 3)?,
        role: row.parsed(first + 4)?,
        account_type: row.parsed(first + 5)?,
        email_verified: row.boolean(first + 6)?,
        given_name: row.optional_text(first + 7)?,
        family_name: row.optional_text(first + 8)?,
        language: row.optional_text(first + 9)?,
        country_code: row.optional_text(first + 10)?,
        password_hash: row.optional_text(first + 11)?,
        password_expired: row.boolean(first + 12)?,
        enabled: row.boolean(first + 13)?,
        created_at: row.timestamp(first + 14)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{
        Example, committed,
        people::{SignedIn, person},
    };

    #[tokio::test]
    async fn a_person_is_found_by_address_and_an_address_belongs_to_one_person() {
        let Example { db, organization, .. } = Example::new().await;
        let ada = person(&organization, "Ada@example.com");
        assert!(committed!(db, |tx| insert(tx, &ada)));
        assert_eq!(find_by_email(&db, &ada.email).await.unwrap().as_ref(), Some(&ada));
        assert_eq!(find(&db, &ada.id).await.unwrap().as_ref(), Some(&ada));
        assert!(!committed!(db, |tx| insert(tx, &person(&organization, "ada@EXAMPLE.com"))));
        assert!(committed!(db, |tx| delete(tx, &ada.id)));
        assert_eq!(find(&db, &ada.id).await.unwrap(), None);
    }

    #[tokio::test]
    async fn pages_of_people_follow_each_other_without_gap_or_repeat() {
        let Example { db, organization, .. } = Example::new().await;
        for n in 0..5 {
            assert!(committed!(db, |tx| insert(tx, &person(&organization, &format!("p{n}@example.com")))));
        }
        let first = list(&db, &organization.id, None, 3).await.unwrap();
        let second = list(&db, &organization.id, Some(&first[2].id), 3).await.unwrap();
        assert_eq!((first.len(), second.len()), (3, 2));
        assert!(first.iter().chain(&second).is_sorted_by(|one, next| one.id < next.id));
    }

    #[tokio::test]
    async fn an_address_is_changed_unless_it_is_somebody_elses() {
        let SignedIn { db, organization, user, .. } = SignedIn::new().await;
        let grace = person(&organization, "grace@example.com");
        assert!(committed!(db, |tx| insert(tx, &grace)));
        assert!(!committed!(db, |tx| set_email(tx, &user.id, &grace.email, true)));
        let new: EmailAddress = "lovelace@example.com".parse().unwrap();
        assert!(committed!(db, |tx| set_email(tx, &user.id, &new, false)));
        assert!(committed!(db, |tx| set_email(tx, &user.id, &new, false)), "it is the person's own already");
        let changed = find(&db, &user.id).await.unwrap().unwrap();
        assert_eq!((changed.email, changed.email_verified), (new, false));
        assert_eq!(count(&db, Some(&organization.id)).await.unwrap(), 2);
        assert_eq!(count(&db, None).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn a_better_hash_never_replaces_a_password_that_was_changed_meanwhile() {
        let SignedIn { db, user, .. } = SignedIn::new().await;
        assert!(committed!(db, |tx| set_password(tx, &user.id, Some("first"), false)));
        assert!(committed!(db, |tx| rehash(tx, &user.id, "first", "first, better")));
        assert!(committed!(db, |tx| set_password(tx, &user.id, Some("second"), true)));
        assert!(!committed!(db, |tx| rehash(tx, &user.id, "first, better", "first, best")));
        let changed = find(&db, &user.id).await.unwrap().unwrap();
        assert_eq!((changed.password_hash.as_deref(), changed.password_expired), (Some("second"), true));
    }

    #[tokio::test]
    async fn what_a_person_is_and_may_do_is_changed_field_by_field() {
        let SignedIn { db, user, .. } = SignedIn::new().await;
        let profile = Profile {
            name: "Grace Hopper".to_owned(),
            given_name: Some("Grace".to_owned()),
            family_name: None,
            language: Some("fr".to_owned()),
            country_code: None,
        };
        assert!(committed!(db, |tx| update_profile(tx, &user.id, &profile)));
        assert!(committed!(db, |tx| set_role(tx, &user.id, Role::Member)));
        assert!(committed!(db, |tx| set_enabled(tx, &user.id, false)));
        assert!(committed!(db, |tx| set_email_verified(tx, &user.id, false)));
        let expected = User {
            name: profile.name,
            given_name: profile.given_name,
            family_name: profile.family_name,
            language: profile.language,
            country_code: profile.country_code,
            role: Role::Member,
            enabled: false,
            email_verified: false,
            ..user
        };
        assert_eq!(find(&db, &expected.id).await.unwrap(), Some(expected));
    }
}
