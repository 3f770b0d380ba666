//! A credential as the gateway sees it: made once for each state of the directory, so that a call only looks it up.

use std::sync::Arc;

use http::HeaderValue;
use tollgate_model::{Timestamp, limit::Limits};
use tollgate_store::{directory::DirectoryClient, quotas::ScopeKind};

use crate::{
    identity::SignedIdentity,
    limit::{Gates, Holder, Ledger},
    route::{Route, Routes},
    usage::{Usage, UsageCell},
};

/// A credential with what every call of it needs, ready made.
pub(crate) struct Caller {
    pub(crate) entry: Arc<DirectoryClient>,
    pub(crate) client_id: HeaderValue,
    pub(crate) organization_id: HeaderValue,
    subscriptions: Box<[Arc<Subscription>]>,
}

/// What one credential has at one service.
pub(crate) struct Subscription {
    service_code: Box<str>,
    pub(crate) gates: Gates,
    pub(crate) usage: Arc<UsageCell>,
    /// Who calls, signed, for calls without a token.
    pub(crate) identity: SignedIdentity,
}

impl Caller {
    pub(crate) fn new(
        entry: Arc<DirectoryClient>,
        routes: &Routes,
        ledger: &Ledger,
        usage: &Usage,
        now: Timestamp,
    ) -> Self {
        let subscriptions = routes
            .iter()
            .filter(|route| entry.is_subscribed(&route.service.code))
            .map(|route| Arc::new(Subscription::new(&entry, route, ledger, usage, now)))
            .collect();
        // Ids are letters, digits and `@ . _ -` (contract section 3).
        let header = |id: &str| HeaderValue::from_str(id).expect("ids are header characters");
        Self {
            client_id: header(entry.client.id.as_str()),
            organization_id: header(entry.organization.id.as_str()),
            subscriptions,
            entry,
        }
    }

    pub(crate) fn subscription(&self, route: &Route) -> Option<&Arc<Subscription>> {
        self.subscriptions.iter().find(|own| *own.service_code == *route.service.code.as_str())
    }
}

impl Subscription {
    fn new(entry: &DirectoryClient, route: &Route, ledger: &Ledger, usage: &Usage, now: Timestamp) -> Self {
        let (client, code) = (entry.client.id.as_str(), route.service.code.as_str());
        let both = format!("{client} {code}");
        let holder = |kind, id, limits| Holder { kind, id, limits };
        let holders: [Holder<'_>; 4] = [
            holder(ScopeKind::ClientService, &both, &route.service.credential_limits),
            holder(ScopeKind::Client, client, &entry.client.limits),
            holder(ScopeKind::Organization, entry.organization.id.as_str(), &entry.organization.limits),
            holder(ScopeKind::Service, code, &route.service.limits),
        ];
        let is_limited = |limits: &Limits| !limits.is_unlimited();
        let gates = if holders.iter().any(|holder| is_limited(holder.limits)) {
            Gates::new(ledger, &holders, now)
        } else {
            Gates::default()
        };
        Self {
            service_code: code.into(),
            gates,
            usage: usage.cell(&entry.client.id, &route.service.code),
            identity: SignedIdentity::default(),
        }
    }
}
