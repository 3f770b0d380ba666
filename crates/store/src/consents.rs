//! What people agreed to.

use tollgate_model::{
    grant::Consent,
    id::{ClientId, UserId},
    scope::ScopeSet,
};

use crate::{Query, Row, StoreError, Transaction, Value, params, statements};

statements! {
    /// What is agreed to, without the new scopes if there was a consent before. The row stays locked until the
    /// transaction ends.
    BEGIN = "
        insert into consents (user_id, client_id, scope, created_at, updated_at)
        values ($1, $2, $3, $4, $5)
        on conflict (user_id, client_id) do update set updated_at = excluded.updated_at
        returning user_id, scope";

    /// Changes one row, which the transaction has locked.
    EXTEND = "update consents set scope = $3 where user_id = $1 and client_id = $2";

    /// What a person agreed to for a credential.
    FIND = "
        select user_id, client_id, scope, created_at, updated_at
        from consents where user_id = $1 and client_id = $2";

    /// The next consents of a person after the credential `$2`, with the name of each credential.
    LIST_OF_USER = "
        select o.user_id, o.client_id, o.scope, o.created_at, o.updated_at, c.name
        from consents o join clients c on c.id = o.client_id
        where o.user_id = $1 and o.client_id > $2
        order by o.client_id limit $3";

    /// Deletes one row when there is a consent.
    REVOKE = "delete from consents where user_id = $1 and client_id = $2";

    /// How many people agreed to something for a credential.
    COUNT_OF_CLIENT = "select count(*) from consents where client_id = $1";
}

/// What a person agreed to for a credential; `None` when to nothing.
pub async fn find(query: impl Query, user: &UserId, client: &ClientId) -> Result<Option<Consent>, StoreError> {
    query.one(&FIND, &params![user, client], consent).await
}

/// Adds what a person agreed to now to what they agreed to before, and tells all of it. Of two at once, neither loses a
/// scope.
pub async fn grant(tx: &mut Transaction, consent: &Consent) -> Result<ScopeSet, StoreError> {
    let Consent { user_id, client_id, scope, created_at, updated_at } = consent;
    let values = params![user_id, client_id, Value::json(scope), *created_at, *updated_at];
    let before: Option<ScopeSet> = tx.one(&BEGIN, &values, |row| row.json(1)).await?;
    let mut all = before.unwrap_or_default();
    if !all.contains_all(scope) {
        all.extend(scope.iter().cloned());
        tx.run(&EXTEND, &params![user_id, client_id, Value::json(&all)]).await?;
    }
    Ok(all)
}

/// The next consents of a person after the credential `after`, each with the name of its credential, at most
/// `consents_max`.
pub async fn list_of_user(
    query: impl Query,
    user: &UserId,
    after: Option<&ClientId>,
    consents_max: u32,
) -> Result<Vec<(Consent, String)>, StoreError> {
    let values = params![user, after.map_or("", ClientId::as_str), consents_max];
    query.all(&LIST_OF_USER, &values, |row| Ok((consent(row)?, row.text(5)?))).await
}

/// Takes a consent back, so that the person is asked again; `false` when there was none. The grants there are do not end
/// by this alone.
pub async fn revoke(tx: &mut Transaction, user: &UserId, client: &ClientId) -> Result<bool, StoreError> {
    Ok(tx.run(&REVOKE, &params![user, client]).await? == 1)
}

/// How many people agreed to something for a credential.
pub async fn count_of_client(query: impl Query, client: &ClientId) -> Result<i64, StoreError> {
    let count = query.one(&COUNT_OF_CLIENT, &params![client], |row| row.integer(0)).await?;
    Ok(count.unwrap_or_default())
}

fn consent(row: &Row<'_>) -> Result<Consent, StoreError> {
    Ok(Consent {
        user_id: row.parsed(0)?,
        client_id: row.parsed(1)?,
        scope: row.json(2)?,
        created_at: row.timestamp(3)?,
        updated_at: row.timestamp(4)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clients,
        fixture::{
            NOW, committed,
            people::{LATER, SignedIn},
        },
    };

    fn agreed(example: &SignedIn, scope: &str) -> Consent {
        Consent {
            user_id: example.user.id.clone(),
            client_id: example.client.id.clone(),
            scope: scope.parse().unwrap(),
            created_at: NOW,
            updated_at: NOW,
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn of_sixty_four_consents_at_once_no_scope_is_lost() {
        let example = SignedIn::new().await;
        let mut tasks = tokio::task::JoinSet::new();
        for number in 0..64 {
            let (db, consent) = (example.db.clone(), agreed(&example, &format!("openid scope{number}")));
            tasks.spawn(async move { committed!(db, |tx| grant(tx, &consent)) });
        }
        tasks.join_all().await;
        let all = find(&example.db, &example.user.id, &example.client.id).await.unwrap().unwrap();
        assert_eq!(all.scope.len(), 65);
    }

    #[tokio::test]
    async fn agreeing_again_keeps_the_first_time_and_more_scopes_than_one_request_names() {
        let example = SignedIn::new().await;
        let many = |from: u32| (from..from + 90).map(|number| format!("s{number}")).collect::<Vec<_>>().join(" ");
        committed!(example.db, |tx| grant(tx, &agreed(&example, &many(0))));
        let more = Consent { created_at: LATER, updated_at: LATER, ..agreed(&example, &many(90)) };
        assert_eq!(committed!(example.db, |tx| grant(tx, &more)).len(), 180);
        let listed = list_of_user(&example.db, &example.user.id, None, 10).await.unwrap();
        let (consent, client_name) = &listed[0];
        assert_eq!((consent.created_at, consent.updated_at, consent.scope.len()), (NOW, LATER, 180));
        assert_eq!(*client_name, example.client.name);
        let after = list_of_user(&example.db, &example.user.id, Some(&example.client.id), 10).await.unwrap();
        assert_eq!(after, []);
    }

    #[tokio::test]
    async fn a_consent_is_taken_back_once_and_goes_with_its_credential() {
        let example = SignedIn::new().await;
        let SignedIn { db, user, client, .. } = &example;
        committed!(db, |tx| grant(tx, &agreed(&example, "openid")));
        assert_eq!(count_of_client(db, &client.id).await.unwrap(), 1);
        assert!(committed!(db, |tx| revoke(tx, &user.id, &client.id)));
        assert!(!committed!(db, |tx| revoke(tx, &user.id, &client.id)));
        committed!(db, |tx| grant(tx, &agreed(&example, "openid")));
        assert!(committed!(db, |tx| clients::delete(tx, &client.id)));
        assert_eq!(find(db, &user.id, &client.id).await.unwrap(), None);
    }
}
