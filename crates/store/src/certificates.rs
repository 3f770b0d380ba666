//! The certificates that credentials sign their assertions with.

use tollgate_model::{
    client::{CERTIFICATES_MAX, ClientCertificate},
    id::ClientId,
};

use crate::{
    Query, Row, StoreError, Transaction,
    generations::{self, Generation},
    params, statements,
};

statements! {
    /// Inserts nothing when the credential has this certificate, or `$8` of them.
    INSERT_IF_FEWER = "
        insert into certificates (client_id, fingerprint, pem, subject, not_before, not_after, created_at)
        select $1, $2, $3, $4, $5, $6, $7
        where (select count(*) from certificates where client_id = $1) < $8
        on conflict do nothing";

    /// Every certificate of a credential, oldest first.
    LIST = "
        select client_id, fingerprint, pem, subject, not_before, not_after, created_at
        from certificates where client_id = $1
        order by created_at, fingerprint";

    /// Every certificate, oldest first.
    ALL = "
        select client_id, fingerprint, pem, subject, not_before, not_after, created_at
        from certificates order by created_at, fingerprint";

    /// Deletes a certificate of the credential.
    DELETE = "delete from certificates where client_id = $1 and fingerprint = $2";
}

/// Adds a certificate; `false` when the credential has it already, or has [`CERTIFICATES_MAX`] of them. Also right
/// when two are added at once.
pub async fn insert(tx: &mut Transaction, certificate: &ClientCertificate) -> Result<bool, StoreError> {
    generations::bump(tx, Generation::Directory).await?;
    let values = params![
        &certificate.client_id,
        &certificate.fingerprint,
        &certificate.pem,
        &certificate.subject,
        certificate.not_before,
        certificate.not_after,
        certificate.created_at,
        i64::try_from(CERTIFICATES_MAX).unwrap_or(i64::MAX),
    ];
    Ok(tx.run(&INSERT_IF_FEWER, &values).await? == 1)
}

/// Every certificate of a credential, oldest first.
pub async fn list(query: impl Query, client: &ClientId) -> Result<Vec<ClientCertificate>, StoreError> {
    query.all(&LIST, &params![client], certificate).await
}

/// Every certificate of the instance, oldest first.
pub(crate) async fn all(query: impl Query) -> Result<Vec<ClientCertificate>, StoreError> {
    query.all(&ALL, &params![], certificate).await
}

/// Deletes a certificate of a credential by its fingerprint; `false` when it has no such certificate.
pub async fn delete(tx: &mut Transaction, client: &ClientId, fingerprint: &str) -> Result<bool, StoreError> {
    generations::bump(tx, Generation::Directory).await?;
    Ok(tx.run(&DELETE, &params![client, fingerprint]).await? == 1)
}

fn certificate(row: &Row<'_>) -> Result<ClientCertificate, StoreError> {
    Ok(ClientCertificate {
        client_id: row.parsed(0)?,
        fingerprint: row.text(1)?,
        pem: row.text(2)?,
        subject: row.text(3)?,
        not_before: row.timestamp(4)?,
        not_after: row.timestamp(5)?,
        created_at: row.timestamp(6)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{self, Example, committed};

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn of_sixty_four_certificates_added_at_once_no_more_than_allowed_are_kept() {
        let Example { db, client, .. } = Example::new().await;
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..64 {
            let (db, certificate) = (db.clone(), fixture::certificate(&client.id, &format!("{n:040x}")));
            tasks.spawn(async move { committed!(db, |tx| insert(tx, &certificate)) });
        }
        let added = tasks.join_all().await.into_iter().filter(|added| *added).count();
        assert_eq!(added, CERTIFICATES_MAX);
        assert_eq!(list(&db, &client.id).await.unwrap().len(), CERTIFICATES_MAX);
    }

    #[tokio::test]
    async fn a_certificate_is_added_once_and_deleted_by_its_fingerprint() {
        let Example { db, client, .. } = Example::new().await;
        let certificate = fixture::certificate(&client.id, "0a1b");
        assert!(committed!(db, |tx| insert(tx, &certificate)));
        assert!(!committed!(db, |tx| insert(tx, &certificate)));
        assert_eq!(list(&db, &client.id).await.unwrap(), [certificate]);
        assert!(committed!(db, |tx| delete(tx, &client.id, "0a1b")));
        assert!(!committed!(db, |tx| delete(tx, &client.id, "0a1b")));
    }
}
