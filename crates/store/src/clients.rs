//! Credentials.

use tollgate_crypto::Algorithm;
use tollgate_model::{
    client::Client,
    id::{ClientId, CredentialId, OrganizationId, ProjectId},
};

use crate::{
    Query, Row, StoreError, Transaction, Value,
    generations::{self, Generation},
    params, statements,
};

statements! {
    /// Inserts nothing when the client id or the number is taken.
    INSERT = "
        insert into clients
            (id, credential_id, organization_id, workspace_id, name, type, kind, enabled, limits, token_algorithm,
             created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        on conflict do nothing";

    /// The credential of this client id.
    FIND = "
        select id, credential_id, organization_id, workspace_id, name, kind, enabled, limits, token_algorithm, created_at
        from clients where id = $1";

    /// The credential of this number.
    FIND_BY_CREDENTIAL_ID = "
        select id, credential_id, organization_id, workspace_id, name, kind, enabled, limits, token_algorithm, created_at
        from clients where credential_id = $1";

    /// The next credentials of an organization, perhaps of one project, after the client id `$3`, by client id.
    LIST = "
        select id, credential_id, organization_id, workspace_id, name, kind, enabled, limits, token_algorithm, created_at
        from clients
        where organization_id = $1
            and (workspace_id in (select id from workspaces where project_id = $2) or $2 is null)
            and id > $3
        order by id limit $4";

    /// Every credential.
    ALL = "
        select id, credential_id, organization_id, workspace_id, name, kind, enabled, limits, token_algorithm, created_at
        from clients";

    /// Changes one row when the credential exists and is of the same type.
    UPDATE = "
        update clients set name = $1, kind = $2, limits = $3, token_algorithm = $4
        where id = $5 and type = $6";

    /// Changes one row when the credential exists.
    SET_ENABLED = "update clients set enabled = $1 where id = $2";

    /// Deletes the credential; the schema deletes its secrets, certificates, subscriptions and assertions with it.
    DELETE = "delete from clients where id = $1";
}

/// Which credentials a list holds.
#[derive(Debug, Clone, Copy)]
pub struct ClientFilter<'a> {
    /// Whose they are.
    pub organization: &'a OrganizationId,
    /// In which project; `None` for all of the organization.
    pub project: Option<&'a ProjectId>,
    /// The last one of the page before; `None` for the first page.
    pub after: Option<&'a ClientId>,
}

/// Adds a credential; `false` when its client id or number is taken.
pub async fn insert(tx: &mut Transaction, client: &Client) -> Result<bool, StoreError> {
    generations::bump(tx, Generation::Directory).await?;
    let values = params![
        &client.id,
        &client.credential_id,
        &client.organization_id,
        &client.workspace_id,
        &client.name,
        client.credential_type().as_str(),
        Value::json(&client.kind),
        client.enabled,
        Value::json(&client.limits),
        client.token_algorithm.map(Algorithm::as_str),
        client.created_at,
    ];
    Ok(tx.run(&INSERT, &values).await? == 1)
}

/// The credential of this client id.
pub async fn find(query: impl Query, id: &ClientId) -> Result<Option<Client>, StoreError> {
    query.one(&FIND, &params![id], client).await
}

/// The credential of this number.
pub async fn find_by_credential_id(query: impl Query, id: &CredentialId) -> Result<Option<Client>, StoreError> {
    query.one(&FIND_BY_CREDENTIAL_ID, &params![id], client).await
}

/// The next credentials that `filter` asks for, by client id, at most `clients_max`.
pub async fn list(query: impl Query, filter: ClientFilter<'_>, clients_max: u32) -> Result<Vec<Client>, StoreError> {
    let values = params![filter.organization, filter.project, filter.after.map_or("", ClientId::as_str), clients_max,];
    query.all(&LIST, &values, client).await
}

/// Every credential of the instance, in no order.
pub(crate) async fn all(query: impl Query) -> Result<Vec<Client>, StoreError> {
    query.all(&ALL, &params![], client).await
}

/// Changes a credential's name, limits, token algorithm and what its type alone has; `false` when there is no such
/// credential of that type. The type, the owner and the numbers never change; for [`Client::enabled`] see
/// [`set_enabled`].
pub async fn update(tx: &mut Transaction, client: &Client) -> Result<bool, StoreError> {
    generations::bump(tx, Generation::Directory).await?;
    let values = params![
        &client.name,
        Value::json(&client.kind),
        Value::json(&client.limits),
        client.token_algorithm.map(Algorithm::as_str),
        &client.id,
        client.credential_type().as_str(),
    ];
    Ok(tx.run(&UPDATE, &values).await? == 1)
}

/// Lets a credential in, or locks it out; `false` when there is no such credential.
pub async fn set_enabled(tx: &mut Transaction, id: &ClientId, enabled: bool) -> Result<bool, StoreError> {
    generations::bump(tx, Generation::Directory).await?;
    Ok(tx.run(&SET_ENABLED, &params![enabled, id]).await? == 1)
}

/// Deletes a credential with all that proves it and all that it subscribed to; `false` when there is none.
pub async fn delete(tx: &mut Transaction, id: &ClientId) -> Result<bool, StoreError> {
    generations::bump(tx, Generation::Directory).await?;
    Ok(tx.run(&DELETE, &params![id]).await? == 1)
}

fn client(row: &Row<'_>) -> Result<Client, StoreError> {
    Ok(Client {
        id: row.parsed(0)?,
        credential_id: row.parsed(1)?,
        organization_id: row.parsed(2)?,
        workspace_id: row.parsed(3)?,
        name: row.text(4)?,
        kind: row.json(5)?,
        enabled: row.boolean(6)?,
        limits: row.json(7)?,
        token_algorithm: row.optional_parsed(8)?,
        created_at: row.timestamp(9)?,
    })
}

#[cfg(test)]
mod tests {
    use tollgate_model::client::ClientKind;

    use super::*;
    use crate::fixture::{self, Example, committed};

    #[tokio::test]
    async fn a_credential_is_found_as_it_was_stored() {
        let Example { db, client, .. } = Example::new().await;
        assert_eq!(find(&db, &client.id).await.unwrap().as_ref(), Some(&client));
        assert_eq!(find_by_credential_id(&db, &client.credential_id).await.unwrap().as_ref(), Some(&client));
        assert!(!committed!(db, |tx| insert(tx, &client)), "the client id is taken");
    }

    #[tokio::test]
    async fn lists_hold_one_organization_or_one_project_in_pages() {
        let Example { db, organization, project, workspace, client, .. } = Example::new().await;
        let (elsewhere, its_workspace) = fixture::project(&organization, "Climate");
        assert!(committed!(db, |tx| crate::projects::insert(tx, &elsewhere, std::slice::from_ref(&its_workspace))));
        for place in [&workspace, &workspace, &its_workspace] {
            assert!(committed!(db, |tx| insert(tx, &fixture::client(&organization, place))));
        }
        let whole = ClientFilter { organization: &organization.id, project: None, after: None };
        let all = list(&db, whole, 10).await.unwrap();
        assert_eq!(all.len(), 4);
        assert!(all.contains(&client));
        let first = list(&db, whole, 3).await.unwrap();
        let rest = list(&db, ClientFilter { after: Some(&first[2].id), ..whole }, 3).await.unwrap();
        assert_eq!([first, rest].concat(), all);

        let of_project = list(&db, ClientFilter { project: Some(&project.id), ..whole }, 10).await.unwrap();
        assert_eq!(of_project.len(), 3);
        assert!(of_project.iter().all(|own| own.workspace_id == workspace.id));

        let stranger = fixture::organization("Other");
        let of_stranger = ClientFilter { organization: &stranger.id, project: Some(&project.id), after: None };
        assert_eq!(list(&db, of_stranger, 10).await.unwrap(), [], "another organization sees nothing of it");
    }

    #[tokio::test]
    async fn an_update_changes_what_may_change_and_never_the_type() {
        let Example { db, client, .. } = Example::new().await;
        let renamed = Client { name: "Nowcast".to_owned(), token_algorithm: None, ..client.clone() };
        assert!(committed!(db, |tx| update(tx, &renamed)));
        assert_eq!(find(&db, &client.id).await.unwrap(), Some(renamed));
        let retyped = Client { kind: ClientKind::ApiKey { allowed_origins: Vec::new() }, ..client };
        assert!(!committed!(db, |tx| update(tx, &retyped)));
    }

    #[tokio::test]
    async fn a_credential_is_disabled_enabled_and_deleted() {
        let Example { db, client, .. } = Example::new().await;
        assert!(committed!(db, |tx| set_enabled(tx, &client.id, false)));
        assert!(!find(&db, &client.id).await.unwrap().unwrap().enabled);
        assert!(committed!(db, |tx| set_enabled(tx, &client.id, true)));
        assert!(committed!(db, |tx| delete(tx, &client.id)));
        assert_eq!(find(&db, &client.id).await.unwrap(), None);
        assert!(!committed!(db, |tx| set_enabled(tx, &client.id, true)));
    }

    #[tokio::test]
    async fn a_row_that_does_not_parse_is_a_fault_that_names_table_row_and_column() {
        let Example { db, client, .. } = Example::new().await;
        let spoil = crate::Statement { name: "test", sql: "update clients set kind = $2 where id = $1" };
        db.transact(async |tx| tx.run(&spoil, &params![&client.id, "{}"]).await).await.unwrap();
        let fault = find(&db, &client.id).await.unwrap_err().to_string();
        assert!(
            fault.contains("`clients`") && fault.contains(client.id.as_str()) && fault.contains("`kind`"),
            "{fault}"
        );
    }
}
