//! The secrets of credentials, known by their keyed digests alone.

use tollgate_crypto::Digest;
use tollgate_model::{
    Timestamp,
    id::{ClientId, SecretId},
    secret::{SecretKind, StoredSecret},
};

use crate::{
    Query, Row, StoreError, Transaction,
    generations::{self, Generation},
    params, statements,
};

statements! {
    /// Inserts nothing when the credential has `$9` or more secrets of the kind that live at `$6`.
    INSERT_IF_FEWER = "
        insert into secrets
            (id, client_id, kind, digest, visible_prefix, created_at, expires_at, last_used_at)
        select $1, $2, $3, $4, $5, $6, $7, $8
        where (
            select count(*) from secrets
            where client_id = $2 and kind = $3 and (expires_at is null or expires_at > $6)
        ) < $9";

    /// Every secret of a credential, oldest first.
    LIST = "
        select id, client_id, kind, digest, visible_prefix, created_at, expires_at, last_used_at
        from secrets where client_id = $1
        order by created_at, id";

    /// Every secret, oldest first.
    ALL = "
        select id, client_id, kind, digest, visible_prefix, created_at, expires_at, last_used_at
        from secrets order by created_at, id";

    /// Deletes a secret of the credential.
    DELETE = "delete from secrets where client_id = $1 and id = $2";

    /// The secret that was deleted: whoever knows it may end it.
    DELETE_BY_DIGEST = "delete from secrets where digest = $1 returning id, client_id";

    /// Changes one row when the secret exists and was not used later.
    TOUCH = "
        update secrets set last_used_at = $1
        where id = $2 and (last_used_at is null or last_used_at < $1)";
}

/// Adds a secret unless the credential has `live_max` of its kind already; `false` when it has. Also right when two
/// are added at once. Expired secrets do not count.
pub async fn insert_if_fewer(tx: &mut Transaction, secret: &StoredSecret, live_max: usize) -> Result<bool, StoreError> {
    generations::bump(tx, Generation::Directory).await?;
    let values = params![
        &secret.id,
        &secret.client_id,
        secret.kind.as_str(),
        &secret.digest,
        &secret.visible_prefix,
        secret.created_at,
        secret.expires_at,
        secret.last_used_at,
        i64::try_from(live_max).unwrap_or(i64::MAX),
    ];
    Ok(tx.run(&INSERT_IF_FEWER, &values).await? == 1)
}

/// Every secret of a credential, of both kinds, oldest first.
pub async fn list(query: impl Query, client: &ClientId) -> Result<Vec<StoredSecret>, StoreError> {
    query.all(&LIST, &params![client], secret).await
}

/// Every secret of the instance, oldest first.
pub(crate) async fn all(query: impl Query) -> Result<Vec<StoredSecret>, StoreError> {
    query.all(&ALL, &params![], secret).await
}

/// Deletes one secret of a credential; `false` when it has no such secret.
pub async fn delete(tx: &mut Transaction, client: &ClientId, id: &SecretId) -> Result<bool, StoreError> {
    generations::bump(tx, Generation::Directory).await?;
    Ok(tx.run(&DELETE, &params![client, id]).await? == 1)
}

/// Deletes the secret of this digest and tells which it was; `None` when there is none.
pub async fn delete_by_digest(
    tx: &mut Transaction,
    digest: &Digest,
) -> Result<Option<(ClientId, SecretId)>, StoreError> {
    generations::bump(tx, Generation::Directory).await?;
    tx.one(&DELETE_BY_DIGEST, &params![digest], |row| Ok((row.parsed(1)?, row.parsed(0)?))).await
}

/// Notes when secrets were last accepted; a secret that is gone is passed over. Announces no change, because no
/// decision reads this.
pub async fn touch_last_used(tx: &mut Transaction, uses: &[(SecretId, Timestamp)]) -> Result<(), StoreError> {
    // Waiting its turn keeps this from locking rows in another order than a deletion does.
    generations::hold(tx, Generation::Directory).await?;
    for (id, used_at) in uses {
        tx.run(&TOUCH, &params![*used_at, id]).await?;
    }
    Ok(())
}

fn secret(row: &Row<'_>) -> Result<StoredSecret, StoreError> {
    Ok(StoredSecret {
        id: row.parsed(0)?,
        client_id: row.parsed(1)?,
        kind: row.parsed::<SecretKind>(2)?,
        digest: row.parsed(3)?,
        visible_prefix: row.text(4)?,
        created_at: row.timestamp(5)?,
        expires_at: row.optional_timestamp(6)?,
        last_used_at: row.optional_timestamp(7)?,
    })
}

#[cfg(test)]
mod tests {
    use tollgate_model::{Seconds, secret::LIVE_SECRETS_MAX};

    use super::*;
    use crate::fixture::{self, Example, NOW, committed};

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn of_sixty_four_secrets_added_at_once_two_are_kept() {
        let Example { db, client, .. } = Example::new().await;
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..64 {
            let (db, secret) = (db.clone(), fixture::secret(&client.id, SecretKind::ClientSecret));
            tasks.spawn(async move { committed!(db, |tx| insert_if_fewer(tx, &secret, LIVE_SECRETS_MAX)) });
        }
        let added = tasks.join_all().await.into_iter().filter(|added| *added).count();
        assert_eq!(added, LIVE_SECRETS_MAX);
        assert_eq!(list(&db, &client.id).await.unwrap().len(), LIVE_SECRETS_MAX);
    }

    #[tokio::test]
    async fn expired_secrets_and_secrets_of_the_other_kind_leave_room() {
        let Example { db, client, .. } = Example::new().await;
        let expired = StoredSecret { expires_at: Some(NOW), ..fixture::secret(&client.id, SecretKind::ClientSecret) };
        let key = fixture::secret(&client.id, SecretKind::SecretKey);
        let first = fixture::secret(&client.id, SecretKind::ClientSecret);
        let second = fixture::secret(&client.id, SecretKind::ClientSecret);
        for secret in [&expired, &key, &first] {
            assert!(committed!(db, |tx| insert_if_fewer(tx, secret, 1)));
        }
        assert!(!committed!(db, |tx| insert_if_fewer(tx, &second, 1)));
        let mut stored = list(&db, &client.id).await.unwrap();
        stored.sort_by(|one, next| one.id.cmp(&next.id));
        let mut expected = [expired, key, first];
        expected.sort_by(|one, next| one.id.cmp(&next.id));
        assert_eq!(stored, expected);
    }

    #[tokio::test]
    async fn a_secret_is_deleted_by_its_credential_or_by_whoever_knows_it_and_by_nobody_else() {
        let Example { db, client, .. } = Example::new().await;
        let first = fixture::secret(&client.id, SecretKind::SecretKey);
        let second = fixture::secret(&client.id, SecretKind::SecretKey);
        for secret in [&first, &second] {
            assert!(committed!(db, |tx| insert_if_fewer(tx, secret, 2)));
        }
        let stranger: ClientId = "stranger".parse().unwrap();
        assert!(!committed!(db, |tx| delete(tx, &stranger, &first.id)));
        assert!(committed!(db, |tx| delete(tx, &client.id, &first.id)));
        let ended = committed!(db, |tx| delete_by_digest(tx, &second.digest));
        assert_eq!(ended, Some((client.id.clone(), second.id.clone())));
        assert_eq!(committed!(db, |tx| delete_by_digest(tx, &second.digest)), None);
        assert_eq!(list(&db, &client.id).await.unwrap(), []);
    }

    #[tokio::test]
    async fn the_last_use_only_moves_forward_and_announces_no_change() {
        let Example { db, client, .. } = Example::new().await;
        let secret = fixture::secret(&client.id, SecretKind::ClientSecret);
        assert!(committed!(db, |tx| insert_if_fewer(tx, &secret, 2)));
        let before = generations::read(&db).await.unwrap();
        let later = NOW + Seconds(60);
        let uses = [
            (secret.id.clone(), later),
            (secret.id.clone(), NOW),
            (SecretId::generate(&tollgate_crypto::SystemEntropy, NOW), NOW),
        ];
        committed!(db, |tx| touch_last_used(tx, &uses));
        assert_eq!(list(&db, &client.id).await.unwrap()[0].last_used_at, Some(later));
        assert_eq!(generations::read(&db).await.unwrap(), before);
    }
}
