//! Which credential may call which service.

use tollgate_model::{
    Timestamp,
    id::{ClientId, ServiceCode},
    service::Service,
};

use crate::{
    Query, StoreError, Transaction,
    generations::{self, Generation},
    params,
    services::service,
    statements,
};

statements! {
    /// Inserts nothing when the credential is subscribed.
    INSERT = "
        insert into subscriptions (client_id, service_code, created_at)
        values ($1, $2, $3)
        on conflict do nothing";

    /// Deletes the subscription.
    DELETE = "delete from subscriptions where client_id = $1 and service_code = $2";

    /// Every service that the credential is subscribed to, by code.
    LIST_OF_CLIENT = "
        select services.code, services.enabled, services.document
        from subscriptions join services on services.code = subscriptions.service_code
        where subscriptions.client_id = $1
        order by services.code";

    /// The next credentials that are subscribed to the service after the client id `$2`, by client id.
    LIST_OF_SERVICE = "
        select client_id from subscriptions
        where service_code = $1 and client_id > $2
        order by client_id limit $3";

    /// Every subscription, each credential's oldest first.
    ALL = "
        select client_id, service_code from subscriptions
        order by client_id, created_at, service_code";
}

/// Subscribes a credential to a service; `false` when it is subscribed already.
pub async fn insert(
    tx: &mut Transaction,
    client: &ClientId,
    service: &ServiceCode,
    now: Timestamp,
) -> Result<bool, StoreError> {
    generations::bump(tx, Generation::Directory).await?;
    Ok(tx.run(&INSERT, &params![client, service, now]).await? == 1)
}

/// Ends a subscription; `false` when there is none.
pub async fn delete(tx: &mut Transaction, client: &ClientId, service: &ServiceCode) -> Result<bool, StoreError> {
    generations::bump(tx, Generation::Directory).await?;
    Ok(tx.run(&DELETE, &params![client, service]).await? == 1)
}

/// Every service that a credential is subscribed to, by code.
pub async fn list_of_client(query: impl Query, client: &ClientId) -> Result<Vec<Service>, StoreError> {
    query.all(&LIST_OF_CLIENT, &params![client], service).await
}

/// The next credentials that are subscribed to a service after `after`, by client id, at most `clients_max`.
pub async fn list_of_service(
    query: impl Query,
    service: &ServiceCode,
    after: Option<&ClientId>,
    clients_max: u32,
) -> Result<Vec<ClientId>, StoreError> {
    let values = params![service, after.map_or("", ClientId::as_str), clients_max];
    query.all(&LIST_OF_SERVICE, &values, |row| row.parsed(0)).await
}

/// Every subscription of the instance, each credential's oldest first.
pub(crate) async fn all(query: impl Query) -> Result<Vec<(ClientId, ServiceCode)>, StoreError> {
    query.all(&ALL, &params![], |row| Ok((row.parsed(0)?, row.parsed(1)?))).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{self, Example, NOW, committed};

    #[tokio::test]
    async fn a_credential_subscribes_once_and_is_listed_on_both_sides() {
        let Example { db, organization, workspace, client, service, .. } = Example::new().await;
        let second = fixture::client(&organization, &workspace);
        assert!(committed!(db, |tx| crate::clients::insert(tx, &second)));
        for id in [&client.id, &second.id] {
            assert!(committed!(db, |tx| insert(tx, id, &service.code, NOW)));
        }
        assert!(!committed!(db, |tx| insert(tx, &client.id, &service.code, NOW)));
        assert_eq!(list_of_client(&db, &client.id).await.unwrap(), std::slice::from_ref(&service));

        let first_page = list_of_service(&db, &service.code, None, 1).await.unwrap();
        let second_page = list_of_service(&db, &service.code, first_page.first(), 1).await.unwrap();
        let mut expected = [client.id.clone(), second.id];
        expected.sort();
        assert_eq!([first_page, second_page].concat(), expected);

        assert!(committed!(db, |tx| delete(tx, &client.id, &service.code)));
        assert!(!committed!(db, |tx| delete(tx, &client.id, &service.code)));
        assert_eq!(list_of_client(&db, &client.id).await.unwrap(), []);
    }

    #[tokio::test]
    async fn nothing_subscribes_to_a_service_that_is_not_there() {
        let Example { db, client, .. } = Example::new().await;
        let absent: ServiceCode = "Absent".parse().unwrap();
        let refused = db.transact(async |tx| insert(tx, &client.id, &absent, NOW).await).await;
        assert!(matches!(refused, Err(StoreError::MissingReference { .. })), "{refused:?}");
    }
}
