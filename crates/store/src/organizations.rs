//! Organizations.

use tollgate_model::{
    id::{OrganizationId, OrganizationNumber},
    organization::Organization,
};

use crate::{
    Query, Row, StoreError, Transaction, Value,
    generations::{self, Generation},
    params, statements,
};

statements! {
    /// Inserts nothing when the id or the number is taken.
    INSERT = "
        insert into organizations (id, console_id, name, enabled, limits, branding, sign_in_rules, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict do nothing";

    /// The organization of this id.
    FIND = "
        select id, console_id, name, enabled, limits, branding, sign_in_rules, created_at
        from organizations where id = $1";

    /// The organization of this number.
    FIND_BY_NUMBER = "
        select id, console_id, name, enabled, limits, branding, sign_in_rules, created_at
        from organizations where console_id = $1";

    /// Every organization, by name.
    LIST = "
        select id, console_id, name, enabled, limits, branding, sign_in_rules, created_at
        from organizations order by name, id";

    /// Changes one row when the organization exists.
    UPDATE = "
        update organizations set name = $1, limits = $2, branding = $3, sign_in_rules = $4
        where id = $5";

    /// Changes one row when the organization exists.
    SET_ENABLED = "update organizations set enabled = $1 where id = $2";

    /// Deletes the organization; the schema deletes its users, projects, workspaces and credentials with it.
    DELETE = "delete from organizations where id = $1";
}

/// Adds an organization; `false` when its id or number is taken.
pub async fn insert(tx: &mut Transaction, organization: &Organization) -> Result<bool, StoreError> {
    generations::bump(tx, Generation::Directory).await?;
    let values = params![
        &organization.id,
        &organization.console_id,
        &organization.name,
        organization.enabled,
        Value::json(&organization.limits),
        Value::json(&organization.branding),
        Value::json(&organization.sign_in_rules),
        organization.created_at,
    ];
    Ok(tx.run(&INSERT, &values).await? == 1)
}

/// The organization of this id.
pub async fn find(query: impl Query, id: &OrganizationId) -> Result<Option<Organization>, StoreError> {
    query.one(&FIND, &params![id], organization).await
}

/// The organization of this number.
pub async fn find_by_number(
    query: impl Query,
    number: &OrganizationNumber,
) -> Result<Option<Organization>, StoreError> {
    query.one(&FIND_BY_NUMBER, &params![number], organization).await
}

/// Every organization, by name.
pub async fn list(query: impl Query) -> Result<Vec<Organization>, StoreError> {
    query.all(&LIST, &params![], organization).await
}

/// Changes an organization's name, limits, look and sign-in rules; `false` when there is no such organization. Its id and number never change;
/// for [`Organization::enabled`] see [`set_enabled`].
pub async fn update(tx: &mut Transaction, organization: &Organization) -> Result<bool, StoreError> {
    generations::bump(tx, Generation::Directory).await?;
    let values = params![
        &organization.name,
        Value::json(&organization.limits),
        Value::json(&organization.branding),
        Value::json(&organization.sign_in_rules),
        &organization.id,
    ];
    Ok(tx.run(&UPDATE, &values).await? == 1)
}

/// Lets an organization's credentials in, or locks all of them out; `false` when there is no such organization.
pub async fn set_enabled(tx: &mut Transaction, id: &OrganizationId, enabled: bool) -> Result<bool, StoreError> {
    generations::bump(tx, Generation::Directory).await?;
    Ok(tx.run(&SET_ENABLED, &params![enabled, id]).await? == 1)
}

/// Deletes an organization with its users, projects, workspaces and credentials; `false` when there is none.
pub async fn delete(tx: &mut Transaction, id: &OrganizationId) -> Result<bool, StoreError> {
    generations::bump(tx, Generation::Directory).await?;
    Ok(tx.run(&DELETE, &params![id]).await? == 1)
}

fn organization(row: &Row<'_>) -> Result<Organization, StoreError> {
    Ok(Organization {
        id: row.parsed(0)?,
        console_id: row.parsed(1)?,
        name: row.text(2)?,
        enabled: row.boolean(3)?,
        limits: row.json(4)?,
        branding: row.json(5)?,
        sign_in_rules: row.json(6)?,
        created_at: row.timestamp(7)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Db, clients,
        fixture::{self, Example, committed},
        projects, secrets,
    };

    #[tokio::test]
    async fn an_organization_is_found_as_it_was_stored() {
        let db = Db::temporary().await.unwrap();
        let stored = fixture::organization("Wetterdienst");
        assert!(committed!(db, |tx| insert(tx, &stored)));
        assert_eq!(find(&db, &stored.id).await.unwrap().as_ref(), Some(&stored));
        assert_eq!(find_by_number(&db, &stored.console_id).await.unwrap().as_ref(), Some(&stored));
        assert_eq!(list(&db).await.unwrap(), [stored]);
    }

    #[tokio::test]
    async fn a_number_is_given_to_one_organization_only() {
        let Example { db, organization, .. } = Example::new().await;
        let second = Organization { console_id: organization.console_id, ..fixture::organization("Second") };
        assert!(!committed!(db, |tx| insert(tx, &second)));
        assert_eq!(find(&db, &second.id).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_deleted_organization_takes_everything_it_owns_with_it_and_nothing_else() {
        let Example { db, organization, project, client, .. } = Example::new().await;
        let secret = fixture::secret(&client.id, tollgate_model::secret::SecretKind::ClientSecret);
        assert!(committed!(db, |tx| secrets::insert_if_fewer(tx, &secret, 2)));
        let other = fixture::organization("Other");
        assert!(committed!(db, |tx| insert(tx, &other)));

        assert!(committed!(db, |tx| delete(tx, &organization.id)));
        assert_eq!(projects::find(&db, &project.id).await.unwrap(), None);
        assert_eq!(clients::find(&db, &client.id).await.unwrap(), None);
        assert_eq!(secrets::list(&db, &client.id).await.unwrap(), []);
        assert_eq!(list(&db).await.unwrap(), [other]);
        assert!(!committed!(db, |tx| delete(tx, &organization.id)));
    }

    #[tokio::test]
    async fn every_change_of_an_organization_announces_a_new_directory() {
        let Example { db, organization, .. } = Example::new().await;
        let before = generations::read(&db).await.unwrap();
        assert!(committed!(db, |tx| set_enabled(tx, &organization.id, false)));
        assert!(!find(&db, &organization.id).await.unwrap().unwrap().enabled);
        assert_eq!(generations::read(&db).await.unwrap().directory, before.directory + 1);
    }
}
