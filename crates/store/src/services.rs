//! The services of the catalogue.

use tollgate_model::{
    id::ServiceCode,
    service::{GatewayPath, Service},
};

use crate::{
    Query, Row, StoreError, Transaction, Value,
    generations::{self, Generation},
    params, statements,
};

statements! {
    /// Inserts nothing when the code is taken, or the path on the host.
    INSERT = "
        insert into services (code, name, host, gateway_path, enabled, document, created_at)
        values ($1, $2, $3, $4, $5, $6, $7)
        on conflict do nothing";

    /// Changes one row when the service exists and no other one has the path on the host.
    UPDATE = "
        update services set name = $1, host = $2, gateway_path = $3, enabled = $4, document = $5
        where code = $6 and not exists (
            select 1 from services other
            where other.host = $2 and other.gateway_path = $3 and other.code <> $6
        )";

    /// The service of this code.
    FIND = "select code, enabled, document from services where code = $1";

    /// The service that has this path on this host.
    FIND_BY_PATH = "select code, enabled, document from services where host = $1 and gateway_path = $2";

    /// Every service, by code.
    LIST = "select code, enabled, document from services order by code";

    /// Changes one row when the service exists.
    SET_ENABLED = "update services set enabled = $1 where code = $2";

    /// Deletes the service; the schema deletes the subscriptions to it.
    DELETE = "delete from services where code = $1";
}

/// Adds a service; `false` when its code is taken, or its path on its host.
pub async fn insert(tx: &mut Transaction, service: &Service) -> Result<bool, StoreError> {
    generations::bump(tx, Generation::Directory).await?;
    let values = params![
        &service.code,
        &service.name,
        host(service.host.as_deref()),
        service.gateway_path.as_ref().map(GatewayPath::as_str),
        service.enabled,
        Value::json(service),
        service.created_at,
    ];
    Ok(tx.run(&INSERT, &values).await? == 1)
}

/// Puts a service in the place of the one with its code; `false` when there is none, or another one has its path on
/// its host.
pub async fn update(tx: &mut Transaction, service: &Service) -> Result<bool, StoreError> {
    generations::bump(tx, Generation::Directory).await?;
    let values = params![
        &service.name,
        host(service.host.as_deref()),
        service.gateway_path.as_ref().map(GatewayPath::as_str),
        service.enabled,
        Value::json(service),
        &service.code,
    ];
    Ok(tx.run(&UPDATE, &values).await? == 1)
}

/// The service of this code.
pub async fn find(query: impl Query, code: &ServiceCode) -> Result<Option<Service>, StoreError> {
    query.one(&FIND, &params![code], service).await
}

/// The service that has this path on this host (`None`: on any host).
pub async fn find_by_path(
    query: impl Query,
    on_host: Option<&str>,
    path: &GatewayPath,
) -> Result<Option<Service>, StoreError> {
    query.one(&FIND_BY_PATH, &params![host(on_host), path.as_str()], service).await
}

/// Every service, by code.
pub async fn list(query: impl Query) -> Result<Vec<Service>, StoreError> {
    query.all(&LIST, &params![], service).await
}

/// Lets calls through to a service, or none; `false` when there is no such service.
pub async fn set_enabled(tx: &mut Transaction, code: &ServiceCode, enabled: bool) -> Result<bool, StoreError> {
    generations::bump(tx, Generation::Directory).await?;
    Ok(tx.run(&SET_ENABLED, &params![enabled, code]).await? == 1)
}

/// Deletes a service with the subscriptions to it; `false` when there is none.
pub async fn delete(tx: &mut Transaction, code: &ServiceCode) -> Result<bool, StoreError> {
    generations::bump(tx, Generation::Directory).await?;
    Ok(tx.run(&DELETE, &params![code]).await? == 1)
}

/// A host as stored: lower case, and empty for any host, so that uniqueness holds for services on any host too.
fn host(name: Option<&str>) -> String {
    name.unwrap_or_default().to_ascii_lowercase()
}

/// The document, except that the column alone says whether the service is enabled.
pub(crate) fn service(row: &Row<'_>) -> Result<Service, StoreError> {
    let document: Service = row.json(2)?;
    Ok(Service { enabled: row.boolean(1)?, ..document })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixture::{self, Example, NOW, committed},
        subscriptions,
    };

    #[tokio::test]
    async fn a_service_is_found_as_it_was_stored_by_code_and_by_path() {
        let Example { db, service, .. } = Example::new().await;
        let path = service.gateway_path.clone().unwrap();
        assert_eq!(find(&db, &service.code).await.unwrap().as_ref(), Some(&service));
        assert_eq!(find_by_path(&db, None, &path).await.unwrap().as_ref(), Some(&service));
        assert_eq!(find_by_path(&db, Some("api.example.com"), &path).await.unwrap(), None);
        assert_eq!(list(&db).await.unwrap(), [service]);
    }

    #[tokio::test]
    async fn a_path_belongs_to_one_service_on_a_host_and_no_path_to_many() {
        let Example { db, service, .. } = Example::new().await;
        let same_path = Service { gateway_path: service.gateway_path.clone(), ..fixture::service("Rival") };
        assert!(!committed!(db, |tx| insert(tx, &same_path)));
        let on_a_host = Service { host: Some("API.example.com".to_owned()), ..same_path.clone() };
        assert!(committed!(db, |tx| insert(tx, &on_a_host)));
        let in_other_case =
            Service { code: "Third".parse().unwrap(), host: Some("api.example.com".to_owned()), ..same_path.clone() };
        assert!(!committed!(db, |tx| insert(tx, &in_other_case)));
        for code in ["Built", "In"] {
            assert!(committed!(db, |tx| insert(tx, &Service { gateway_path: None, ..fixture::service(code) })));
        }
        assert!(!committed!(db, |tx| update(tx, &Service { code: "Built".parse().unwrap(), ..same_path })));
    }

    #[tokio::test]
    async fn an_update_replaces_the_service_and_disabling_it_keeps_the_rest() {
        let Example { db, service, .. } = Example::new().await;
        let renamed = Service { name: "Sun".to_owned(), ..service.clone() };
        assert!(committed!(db, |tx| update(tx, &renamed)));
        assert!(committed!(db, |tx| set_enabled(tx, &service.code, false)));
        assert_eq!(find(&db, &service.code).await.unwrap(), Some(Service { enabled: false, ..renamed }));
        assert!(!committed!(db, |tx| update(tx, &fixture::service("Absent"))));
    }

    #[tokio::test]
    async fn a_deleted_service_takes_its_subscriptions_with_it() {
        let Example { db, client, service, .. } = Example::new().await;
        assert!(committed!(db, |tx| subscriptions::insert(tx, &client.id, &service.code, NOW)));
        assert!(committed!(db, |tx| delete(tx, &service.code)));
        assert_eq!(subscriptions::list_of_client(&db, &client.id).await.unwrap(), []);
        assert!(!committed!(db, |tx| delete(tx, &service.code)));
    }
}
