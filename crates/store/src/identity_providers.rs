//! Upstream identity providers, which sign in the people of an organization.

use tollgate_model::{
    Timestamp,
    id::{OrganizationId, ProviderId},
};

use crate::{Query, Row, StoreError, Transaction, params, statements};

statements! {
    /// Inserts nothing when the id is taken, or the organization has the issuer already.
    INSERT = "
        insert into identity_providers
            (id, organization_id, name, issuer, client_id, sealed_secret, enabled, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict do nothing";

    /// The providers of an organization, by name.
    LIST = "
        select id, organization_id, name, issuer, client_id, sealed_secret, enabled, created_at
        from identity_providers where organization_id = $1
        order by name, id";

    /// The provider of this id.
    FIND = "
        select id, organization_id, name, issuer, client_id, sealed_secret, enabled, created_at
        from identity_providers where id = $1";

    /// Changes one row when the provider exists.
    SET_ENABLED = "update identity_providers set enabled = $2 where id = $1";

    /// Deletes the provider; the schema deletes its identities with it, and its domains are without provider.
    DELETE = "delete from identity_providers where id = $1";
}

/// An upstream identity provider, reached by OpenID Connect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityProvider {
    /// Its id.
    pub id: ProviderId,
    /// Whose people it signs in.
    pub organization_id: OrganizationId,
    /// The name people know it by.
    pub name: String,
    /// Its issuer, an `https` address.
    pub issuer: String,
    /// What we are called there.
    pub client_id: String,
    /// How we prove that there, sealed.
    pub sealed_secret: Option<String>,
    /// While `false`, nobody signs in with it.
    pub enabled: bool,
    /// When it was added.
    pub created_at: Timestamp,
}

/// Adds a provider; `false` when its id is taken, or the organization has its issuer already.
pub async fn insert(tx: &mut Transaction, provider: &IdentityProvider) -> Result<bool, StoreError> {
    let values = params![
        &provider.id,
        &provider.organization_id,
        &provider.name,
        &provider.issuer,
        &provider.client_id,
        provider.sealed_secret.as_deref(),
        provider.enabled,
        provider.created_at,
    ];
    Ok(tx.run(&INSERT, &values).await? == 1)
}

/// The providers of an organization, by name.
pub async fn list(query: impl Query, organization: &OrganizationId) -> Result<Vec<IdentityProvider>, StoreError> {
    query.all(&LIST, &params![organization], provider).await
}

/// The provider of this id.
pub async fn find(query: impl Query, id: &ProviderId) -> Result<Option<IdentityProvider>, StoreError> {
    query.one(&FIND, &params![id], provider).await
}

/// Lets people sign in with a provider, or no longer; `false` when there is no such provider.
pub async fn set_enabled(tx: &mut Transaction, id: &ProviderId, enabled: bool) -> Result<bool, StoreError> {
    Ok(tx.run(&SET_ENABLED, &params![id, enabled]).await? == 1)
}

/// Deletes a provider and what it said of whom; the accounts stay. `false` when there is no such provider.
pub async fn delete(tx: &mut Transaction, id: &ProviderId) -> Result<bool, StoreError> {
    Ok(tx.run(&DELETE, &params![id]).await? == 1)
}

fn provider(row: &Row<'_>) -> Result<IdentityProvider, StoreError> {
    Ok(IdentityProvider {
        id: row.parsed(0)?,
        organization_id: row.parsed(1)?,
        name: row.text(2)?,
        issuer: row.text(3)?,
        client_id: row.text(4)?,
        sealed_secret: row.optional_text(5)?,
        enabled: row.boolean(6)?,
        created_at: row.timestamp(7)?,
    })
}

#[cfg(test)]
mod tests {
    use tollgate_crypto::SystemEntropy;

    use super::*;
    use crate::fixture::{Example, committed, people};

    #[tokio::test]
    async fn an_organization_has_an_issuer_once_and_can_switch_it_off() {
        let Example { db, organization, .. } = Example::new().await;
        let stored = people::provider(&organization);
        assert!(committed!(db, |tx| insert(tx, &stored)));
        let twice = IdentityProvider { id: ProviderId::generate(&SystemEntropy), ..stored.clone() };
        assert!(!committed!(db, |tx| insert(tx, &twice)));
        assert_eq!(list(&db, &organization.id).await.unwrap(), std::slice::from_ref(&stored));
        assert!(committed!(db, |tx| set_enabled(tx, &stored.id, false)));
        assert!(!find(&db, &stored.id).await.unwrap().unwrap().enabled);
        assert!(committed!(db, |tx| delete(tx, &stored.id)));
        assert_eq!(find(&db, &stored.id).await.unwrap(), None);
        assert!(!committed!(db, |tx| delete(tx, &stored.id)));
    }
}
