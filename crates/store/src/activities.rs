//! What happened to an account, for its owner to see.

use tollgate_model::{
    Timestamp,
    id::{ClientId, UserId},
};

use crate::{Query, Row, StoreError, Transaction, params, statements};

statements! {
    /// Inserts the activity.
    INSERT = "
        insert into activities (id, user_id, action, client_id, address, user_agent, at)
        values ($1, $2, $3, $4, $5, $6, $7)";

    /// The next activities of a person before the id `$2`, newest first.
    LIST_OF_USER = "
        select id, user_id, action, client_id, address, user_agent, at
        from activities where user_id = $1 and (id < $2 or $2 is null)
        order by id desc limit $3";

    /// Deletes the activities before `$1`.
    DELETE_BEFORE = "delete from activities where at < $1";
}

/// Something that happened to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    /// Its id, which sorts by time.
    pub id: String,
    /// Whose account it is.
    pub user_id: UserId,
    /// What happened, one word.
    pub action: String,
    /// The credential that it has to do with.
    pub client_id: Option<ClientId>,
    /// The address it came from.
    pub address: String,
    /// What the browser called itself.
    pub user_agent: String,
    /// When.
    pub at: Timestamp,
}

/// Adds an activity.
pub async fn insert(tx: &mut Transaction, activity: &Activity) -> Result<(), StoreError> {
    let Activity { id, user_id, action, client_id, address, user_agent, at } = activity;
    let values = params![id, user_id, action, client_id.as_ref(), address, user_agent, *at];
    tx.run(&INSERT, &values).await.map(drop)
}

/// The activities of a person before the one of the id `before`, newest first, at most `activities_max`.
pub async fn list_of_user(
    query: impl Query,
    user: &UserId,
    before: Option<&str>,
    activities_max: u32,
) -> Result<Vec<Activity>, StoreError> {
    query.all(&LIST_OF_USER, &params![user, before, activities_max], activity).await
}

/// Deletes the activities before `at`; tells how many.
pub async fn delete_before(tx: &mut Transaction, at: Timestamp) -> Result<u64, StoreError> {
    tx.run(&DELETE_BEFORE, &params![at]).await
}

fn activity(row: &Row<'_>) -> Result<Activity, StoreError> {
    Ok(Activity {
        id: row.text(0)?,
        user_id: row.parsed(1)?,
        action: row.text(2)?,
        client_id: row.optional_parsed(3)?,
        address: row.text(4)?,
        user_agent: row.text(5)?,
        at: row.timestamp(6)?,
    })
}

#[cfg(test)]
mod tests {
    use tollgate_model::Seconds;

    use super::*;
    use crate::fixture::{
        NOW, committed,
        people::{SignedIn, person},
    };

    #[tokio::test]
    async fn a_person_sees_their_own_activities_newest_first_in_pages() {
        let SignedIn { db, organization, user, client, .. } = SignedIn::new().await;
        let grace = person(&organization, "grace@example.com");
        assert!(committed!(db, |tx| crate::users::insert(tx, &grace)));
        for number in 0..5_u8 {
            let activity = Activity {
                id: format!("{number}"),
                user_id: if number == 2 { grace.id.clone() } else { user.id.clone() },
                action: "sign_in".to_owned(),
                client_id: Some(client.id.clone()),
                address: "127.0.0.1".to_owned(),
                user_agent: "Browser".to_owned(),
                at: NOW + Seconds(number.into()),
            };
            committed!(db, |tx| insert(tx, &activity));
        }
        let first = list_of_user(&db, &user.id, None, 3).await.unwrap();
        let rest = list_of_user(&db, &user.id, Some(&first[2].id), 3).await.unwrap();
        let ids: Vec<_> = first.iter().chain(&rest).map(|activity| activity.id.as_str()).collect();
        assert_eq!(ids, ["4", "3", "1", "0"]);
        assert_eq!(committed!(db, |tx| delete_before(tx, NOW + Seconds(2))), 2);
    }
}
