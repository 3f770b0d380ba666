//! Subscriptions: which credential may call which service.

use tollgate_model::{
    client::Client,
    id::{ClientId, ServiceCode},
    service::Service,
};
use tollgate_store::{Transaction, clients, services, subscriptions};

use crate::{Console, Error, Noun, PAGE_ROWS_MAX, Refusal};

impl Console {
    /// Subscribes a credential to services: to all of them, or to none when one is refused. Those it is subscribed to
    /// already are no hindrance, so that the request may be repeated. Returns all its services.
    pub async fn subscribe(&self, client_id: &ClientId, codes: &[ServiceCode]) -> Result<Vec<Service>, Error> {
        self.change(async |tx| {
            let client = self.client_in(&mut *tx, client_id).await?;
            self.insert_subscriptions(tx, &client, codes).await?;
            Ok(subscriptions::list_of_client(&mut *tx, client_id).await?)
        })
        .await
    }

    /// Makes `codes` the services that a credential is subscribed to, no more and no fewer. Returns them.
    pub async fn replace_subscriptions(
        &self,
        client_id: &ClientId,
        codes: &[ServiceCode],
    ) -> Result<Vec<Service>, Error> {
        self.change(async |tx| {
            let client = self.client_in(&mut *tx, client_id).await?;
            for old in subscriptions::list_of_client(&mut *tx, client_id).await? {
                if !codes.contains(&old.code) {
                    subscriptions::delete(tx, client_id, &old.code).await?;
                }
            }
            self.insert_subscriptions(tx, &client, codes).await?;
            Ok(subscriptions::list_of_client(&mut *tx, client_id).await?)
        })
        .await
    }

    /// Ends a subscription; calls of the credential to the service are refused from then on.
    pub async fn unsubscribe(&self, client_id: &ClientId, code: &ServiceCode) -> Result<(), Error> {
        self.change(async |tx| {
            self.client_in(&mut *tx, client_id).await?;
            if subscriptions::delete(tx, client_id, code).await? {
                Ok(())
            } else {
                Err(Refusal::NotSubscribed { client_id: client_id.clone(), service: code.clone() }.into())
            }
        })
        .await
    }

    /// The services that a credential is subscribed to, by code.
    pub async fn subscriptions(&self, client_id: &ClientId) -> Result<Vec<Service>, Error> {
        self.client_in(&self.db, client_id).await?;
        Ok(subscriptions::list_of_client(&self.db, client_id).await?)
    }

    /// The credentials that are subscribed to a service, by name.
    pub async fn subscribers(&self, code: &ServiceCode) -> Result<Vec<Client>, Error> {
        self.service(code).await?;
        let mut found = Vec::new();
        let mut last = None;
        loop {
            let page = subscriptions::list_of_service(&self.db, code, last.as_ref(), PAGE_ROWS_MAX).await?;
            for client_id in &page {
                found.extend(clients::find(&self.db, client_id).await?);
            }
            if page.len() < PAGE_ROWS_MAX as usize {
                break;
            }
            last = page.into_iter().last();
        }
        found.retain(|client| self.admits(&client.organization_id));
        found.sort_by(|a, b| a.name.cmp(&b.name).then_with(|| a.id.cmp(&b.id)));
        Ok(found)
    }

    /// Subscribes a credential to services of which each takes its type; returns them in the order given, each once.
    pub(crate) async fn insert_subscriptions(
        &self,
        tx: &mut Transaction,
        client: &Client,
        codes: &[ServiceCode],
    ) -> Result<Vec<Service>, Error> {
        let now = self.now();
        let mut subscribed: Vec<Service> = Vec::with_capacity(codes.len());
        for code in codes {
            let Some(service) = services::find(&mut *tx, code).await? else {
                return Err(Refusal::unknown(Noun::Service, code.as_str()).into());
            };
            let credential_type = client.credential_type();
            if !service.credential_types.contains(&credential_type) {
                let allowed = service.credential_types;
                return Err(Refusal::TypeNotTaken { service: code.clone(), credential_type, allowed }.into());
            }
            if subscribed.iter().all(|own| own.code != *code) {
                subscriptions::insert(tx, &client.id, code, now).await?;
                subscribed.push(service);
            }
        }
        Ok(subscribed)
    }
}
