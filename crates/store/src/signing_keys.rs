//! The keys that tokens are signed with: private parts sealed, public parts published.

use tollgate_crypto::{Algorithm, PublicJwk};
use tollgate_model::{Timestamp, id::KeyId};

use crate::{
    Query, Row, StoreError, Transaction, Value,
    generations::{self, Generation},
    params, statements,
};

statements! {
    /// Inserts nothing when the id is taken, or a key of the same algorithm was made after `$10`.
    INSERT_UNLESS_NEWER = "
        insert into signing_keys
            (id, algorithm, sealed_private, public_jwk, certificate_pem, created_at, active_from, retired_at, expires_at)
        select $1, $2, $3, $4, $5, $6, $7, $8, $9
        where not exists (select 1 from signing_keys where algorithm = $2 and created_at > $10)
        on conflict do nothing";

    /// Every key, newest first.
    LIST = "
        select id, algorithm, sealed_private, public_jwk, certificate_pem, created_at, active_from, retired_at, expires_at
        from signing_keys order by active_from desc, id";

    /// Changes one row when the key exists and is not retired.
    RETIRE = "update signing_keys set retired_at = $1, expires_at = $2 where id = $3 and retired_at is null";

    /// Deletes every key whose last token is dead at `$1`.
    DELETE_EXPIRED = "delete from signing_keys where expires_at <= $1";
}

/// A signing key as stored.
#[derive(Debug, Clone)]
pub struct SigningKeyRow {
    /// The `kid` of the tokens that it signs.
    pub key_id: KeyId,
    /// What it signs with.
    pub algorithm: Algorithm,
    /// The private key (PKCS#8), sealed with the master key under [`seal_purpose`].
    pub sealed_private: String,
    /// The public key as published.
    pub public_jwk: PublicJwk,
    /// A certificate for the public key, as published for `x5u`.
    pub certificate_pem: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when it signs; it is published earlier, so that verifiers know it by then.
    pub active_from: Timestamp,
    /// From when it signs no more.
    pub retired_at: Option<Timestamp>,
    /// From when it is published no more, because the last token that it signed is dead.
    pub expires_at: Option<Timestamp>,
}

/// The purpose that a private key is sealed for. It names the key, so that one row's key does not open in another row.
pub fn seal_purpose(id: &KeyId) -> String {
    format!("signing key {id}")
}

/// Adds a key; `false` when its id is taken.
pub async fn insert(tx: &mut Transaction, key: &SigningKeyRow) -> Result<bool, StoreError> {
    insert_unless_newer(tx, key, Timestamp::from_micros(i64::MAX)).await
}

/// Adds a key unless one of the same algorithm was made after `made_after`; `false` when there is one, or the id is
/// taken. When several nodes find a rotation due at once, one of them makes the key.
pub async fn insert_unless_newer(
    tx: &mut Transaction,
    key: &SigningKeyRow,
    made_after: Timestamp,
) -> Result<bool, StoreError> {
    generations::bump(tx, Generation::Directory).await?;
    let values = params![
        &key.key_id,
        key.algorithm.as_str(),
        &key.sealed_private,
        Value::json(&key.public_jwk),
        &key.certificate_pem,
        key.created_at,
        key.active_from,
        key.retired_at,
        key.expires_at,
        made_after,
    ];
    Ok(tx.run(&INSERT_UNLESS_NEWER, &values).await? == 1)
}

/// Every key, newest first.
pub async fn list(query: impl Query) -> Result<Vec<SigningKeyRow>, StoreError> {
    query.all(&LIST, &params![], signing_key).await
}

/// Ends a key's signing at `retired_at` and its publication at `expires_at`; `false` when there is no such key, or it
/// is retired already.
pub async fn retire(
    tx: &mut Transaction,
    id: &KeyId,
    retired_at: Timestamp,
    expires_at: Timestamp,
) -> Result<bool, StoreError> {
    generations::bump(tx, Generation::Directory).await?;
    Ok(tx.run(&RETIRE, &params![retired_at, expires_at, id]).await? == 1)
}

/// Deletes every key whose last token is dead; tells how many.
pub async fn delete_expired(tx: &mut Transaction, now: Timestamp) -> Result<u64, StoreError> {
    generations::bump(tx, Generation::Directory).await?;
    tx.run(&DELETE_EXPIRED, &params![now]).await
}

fn signing_key(row: &Row<'_>) -> Result<SigningKeyRow, StoreError> {
    Ok(SigningKeyRow {
        key_id: row.parsed(0)?,
        algorithm: row.parsed(1)?,
        sealed_private: row.text(2)?,
        public_jwk: row.json(3)?,
        certificate_pem: row.text(4)?,
        created_at: row.timestamp(5)?,
        active_from: row.timestamp(6)?,
        retired_at: row.optional_timestamp(7)?,
        expires_at: row.optional_timestamp(8)?,
    })
}

#[cfg(test)]
mod tests {
    use tollgate_crypto::{MasterKey, SystemEntropy};
    use tollgate_model::Seconds;

    use super::*;
    use crate::{
        Db,
        fixture::{self, NOW, committed},
    };

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn a_rotation_that_many_nodes_find_due_at_once_makes_one_key() {
        let db = Db::temporary().await.unwrap();
        let master_key = MasterKey::generate(&SystemEntropy);
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..64 {
            let (db, key) = (db.clone(), fixture::signing_key(&master_key, &format!("key-{n}")));
            tasks.spawn(async move { committed!(db, |tx| insert_unless_newer(tx, &key, NOW - Seconds(60))) });
        }
        assert_eq!(tasks.join_all().await.into_iter().filter(|made| *made).count(), 1);
        assert_eq!(list(&db).await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn a_key_is_retired_once_and_deleted_when_its_last_token_is_dead() {
        let db = Db::temporary().await.unwrap();
        let master_key = MasterKey::generate(&SystemEntropy);
        let first = fixture::signing_key(&master_key, "key-1");
        let second = SigningKeyRow { active_from: NOW + Seconds(60), ..fixture::signing_key(&master_key, "key-2") };
        for key in [&first, &second] {
            assert!(committed!(db, |tx| insert(tx, key)));
            assert!(!committed!(db, |tx| insert(tx, key)));
        }
        let ends = NOW + Seconds::DAY;
        assert!(committed!(db, |tx| retire(tx, &first.key_id, NOW, ends)));
        assert!(!committed!(db, |tx| retire(tx, &first.key_id, NOW, ends + Seconds::DAY)));
        let stored = list(&db).await.unwrap();
        assert_eq!(stored.iter().map(|key| key.key_id.as_str()).collect::<Vec<_>>(), ["key-2", "key-1"]);
        assert_eq!((stored[1].retired_at, stored[1].expires_at), (Some(NOW), Some(ends)));
        assert_eq!(stored[1].public_jwk, first.public_jwk);

        assert_eq!(committed!(db, |tx| delete_expired(tx, ends - Seconds(1))), 0);
        assert_eq!(committed!(db, |tx| delete_expired(tx, ends)), 1);
        assert_eq!(list(&db).await.unwrap().len(), 1);
    }
}
