//! Mail domains, whose people belong to an organization and perhaps sign in elsewhere.

use tollgate_model::{
    Timestamp,
    id::{OrganizationId, ProviderId},
};

use crate::{Query, Row, StoreError, Transaction, params, statements};

statements! {
    /// Inserts nothing when the domain is known.
    INSERT = "
        insert into domains (name, organization_id, provider_id, verified_at, created_at)
        values ($1, $2, $3, $4, $5)
        on conflict (name) do nothing";

    /// The domain of this name.
    FIND = "select name, organization_id, provider_id, verified_at, created_at from domains where name = $1";

    /// The domains of an organization, by name.
    LIST = "
        select name, organization_id, provider_id, verified_at, created_at
        from domains where organization_id = $1
        order by name";

    /// Changes one row when the domain is known and was not verified before.
    VERIFY = "update domains set verified_at = $2 where name = $1 and verified_at is null";

    /// Changes one row when the domain is known.
    SET_PROVIDER = "update domains set provider_id = $2 where name = $1";

    /// Deletes one row when the organization has the domain.
    DELETE = "delete from domains where name = $2 and organization_id = $1";
}

/// A mail domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain {
    /// Its name in lower case.
    pub name: String,
    /// Whose it is, once it is verified.
    pub organization_id: OrganizationId,
    /// Where its people sign in; `None` for here.
    pub provider_id: Option<ProviderId>,
    /// When the organization proved that it is theirs; before that it counts for nothing.
    pub verified_at: Option<Timestamp>,
    /// When it was added.
    pub created_at: Timestamp,
}

/// Adds a domain; `false` when it is known, perhaps to another organization.
pub async fn insert(tx: &mut Transaction, domain: &Domain) -> Result<bool, StoreError> {
    let Domain { name, organization_id, provider_id, verified_at, created_at } = domain;
    let values = params![name, organization_id, provider_id.as_ref(), *verified_at, *created_at];
    Ok(tx.run(&INSERT, &values).await? == 1)
}

/// The domain of this name, in lower case.
pub async fn find(query: impl Query, name: &str) -> Result<Option<Domain>, StoreError> {
    query.one(&FIND, &params![name], domain).await
}

/// The domains of an organization, by name.
pub async fn list(query: impl Query, organization: &OrganizationId) -> Result<Vec<Domain>, StoreError> {
    query.all(&LIST, &params![organization], domain).await
}

/// Notes that a domain is the organization's; `false` when it is not known or was verified before.
pub async fn verify(tx: &mut Transaction, name: &str, now: Timestamp) -> Result<bool, StoreError> {
    Ok(tx.run(&VERIFY, &params![name, now]).await? == 1)
}

/// Says where the people of a domain sign in; `false` when it is not known.
pub async fn set_provider(tx: &mut Transaction, name: &str, provider: Option<&ProviderId>) -> Result<bool, StoreError> {
    Ok(tx.run(&SET_PROVIDER, &params![name, provider]).await? == 1)
}

/// Deletes a domain; `false` when the organization has no such domain.
pub async fn delete(tx: &mut Transaction, organization: &OrganizationId, name: &str) -> Result<bool, StoreError> {
    Ok(tx.run(&DELETE, &params![organization, name]).await? == 1)
}

fn domain(row: &Row<'_>) -> Result<Domain, StoreError> {
    Ok(Domain {
        name: row.text(0)?,
        organization_id: row.parsed(1)?,
        provider_id: row.optional_parsed(2)?,
        verified_at: row.optional_timestamp(3)?,
        created_at: row.timestamp(4)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixture::{self, Example, NOW, committed, people},
        identity_providers, organizations,
    };

    #[tokio::test]
    async fn a_domain_belongs_to_one_organization_and_outlives_its_provider() {
        let Example { db, organization, .. } = Example::new().await;
        let (other, provider) = (fixture::organization("Other"), people::provider(&organization));
        assert!(committed!(db, |tx| organizations::insert(tx, &other)));
        assert!(committed!(db, |tx| identity_providers::insert(tx, &provider)));
        let stored = Domain {
            name: "example.com".to_owned(),
            organization_id: organization.id.clone(),
            provider_id: None,
            verified_at: None,
            created_at: NOW,
        };
        assert!(committed!(db, |tx| insert(tx, &stored)));
        let taken = Domain { organization_id: other.id.clone(), ..stored.clone() };
        assert!(!committed!(db, |tx| insert(tx, &taken)));
        assert!(committed!(db, |tx| verify(tx, "example.com", NOW)));
        assert!(!committed!(db, |tx| verify(tx, "example.com", NOW)));
        assert!(committed!(db, |tx| set_provider(tx, "example.com", Some(&provider.id))));

        let verified = Domain { provider_id: Some(provider.id.clone()), verified_at: Some(NOW), ..stored };
        assert_eq!(list(&db, &organization.id).await.unwrap(), [verified]);
        assert!(committed!(db, |tx| identity_providers::delete(tx, &provider.id)));
        assert_eq!(find(&db, "example.com").await.unwrap().unwrap().provider_id, None);
        assert!(!committed!(db, |tx| delete(tx, &other.id, "example.com")));
        assert!(committed!(db, |tx| delete(tx, &organization.id, "example.com")));
    }
}
