//! Passkeys.

use tollgate_model::{Timestamp, id::UserId};

use crate::{Query, Row, StoreError, Transaction, params, statements};

statements! {
    /// Inserts nothing when the id is taken.
    INSERT = "
        insert into passkeys (id, user_id, name, document, created_at, last_used_at)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (id) do nothing";

    /// The passkeys of a person, oldest first.
    LIST_OF_USER = "
        select id, user_id, name, document, created_at, last_used_at
        from passkeys where user_id = $1
        order by created_at, id";

    /// The passkey of this id.
    FIND = "
        select id, user_id, name, document, created_at, last_used_at
        from passkeys where id = $1";

    /// Changes one row when the passkey exists.
    UPDATE_DOCUMENT = "update passkeys set document = $2, last_used_at = $3 where id = $1";

    /// Changes one row when the person has the passkey.
    RENAME = "update passkeys set name = $3 where id = $2 and user_id = $1";

    /// Deletes one row when the person has the passkey.
    DELETE = "delete from passkeys where id = $2 and user_id = $1";
}

/// A passkey of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    /// The id that the authenticator gave it, as base64url.
    pub id: String,
    /// Whose it is.
    pub user_id: UserId,
    /// What the person calls it.
    pub name: String,
    /// Its public key and counter, as JSON.
    pub document: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
}

/// Adds a passkey; `false` when its id is taken.
pub async fn insert(tx: &mut Transaction, passkey: &Passkey) -> Result<bool, StoreError> {
    let Passkey { id, user_id, name, document, created_at, last_used_at } = passkey;
    Ok(tx.run(&INSERT, &params![id, user_id, name, document, *created_at, *last_used_at]).await? == 1)
}

/// The passkeys of a person, oldest first.
pub async fn list_of_user(query: impl Query, user: &UserId) -> Result<Vec<Passkey>, StoreError> {
    query.all(&LIST_OF_USER, &params![user], passkey).await
}

/// The passkey of this id.
pub async fn find(query: impl Query, id: &str) -> Result<Option<Passkey>, StoreError> {
    query.one(&FIND, &params![id], passkey).await
}

/// Notes a use of a passkey and what it changed, such as the counter; `false` when the passkey is gone.
pub async fn update_document(
    tx: &mut Transaction,
    id: &str,
    document: &str,
    last_used_at: Timestamp,
) -> Result<bool, StoreError> {
    Ok(tx.run(&UPDATE_DOCUMENT, &params![id, document, last_used_at]).await? == 1)
}

/// Gives a passkey another name; `false` when the person has no such passkey.
pub async fn rename(tx: &mut Transaction, user: &UserId, id: &str, name: &str) -> Result<bool, StoreError> {
    Ok(tx.run(&RENAME, &params![user, id, name]).await? == 1)
}

/// Deletes a passkey; `false` when the person has no such passkey.
pub async fn delete(tx: &mut Transaction, user: &UserId, id: &str) -> Result<bool, StoreError> {
    Ok(tx.run(&DELETE, &params![user, id]).await? == 1)
}

fn passkey(row: &Row<'_>) -> Result<Passkey, StoreError> {
    Ok(Passkey {
        id: row.text(0)?,
        user_id: row.parsed(1)?,
        name: row.text(2)?,
        document: row.text(3)?,
        created_at: row.timestamp(4)?,
        last_used_at: row.optional_timestamp(5)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixture::{
            NOW, committed,
            people::{LATER, SignedIn, person},
        },
        users,
    };

    #[tokio::test]
    async fn a_passkey_belongs_to_one_person_and_nobody_else_changes_it() {
        let SignedIn { db, organization, user, .. } = SignedIn::new().await;
        let grace = person(&organization, "grace@example.com");
        assert!(committed!(db, |tx| users::insert(tx, &grace)));
        let passkey = Passkey {
            id: "id".to_owned(),
            user_id: user.id.clone(),
            name: "Phone".to_owned(),
            document: "{}".to_owned(),
            created_at: NOW,
            last_used_at: None,
        };
        assert!(committed!(db, |tx| insert(tx, &passkey)));
        let copy = Passkey { user_id: grace.id.clone(), ..passkey.clone() };
        assert!(!committed!(db, |tx| insert(tx, &copy)), "the id is taken");
        assert!(!committed!(db, |tx| rename(tx, &grace.id, "id", "Mine")));
        assert!(!committed!(db, |tx| delete(tx, &grace.id, "id")));
        assert_eq!(find(&db, "id").await.unwrap().as_ref(), Some(&passkey));

        assert!(committed!(db, |tx| rename(tx, &user.id, "id", "Key")));
        assert!(committed!(db, |tx| update_document(tx, "id", "{\"counter\":1}", LATER)));
        let [changed] = list_of_user(&db, &user.id).await.unwrap().try_into().unwrap();
        assert_eq!((changed.name.as_str(), changed.last_used_at), ("Key", Some(LATER)));
        assert!(committed!(db, |tx| users::delete(tx, &user.id)));
        assert_eq!(find(&db, "id").await.unwrap(), None);
    }
}
