//! The directory compiled for the gateway, made anew when it changes and never during a call otherwise.

use std::sync::{Arc, Mutex};

use arc_swap::{ArcSwap, Guard};
use papaya::HashMap;
use tollgate_model::{Timestamp, id::ClientId, service::Service};
use tollgate_store::{directory::Directory, quotas::ScopeKind};
use tollgate_web::{Fault, House};

use crate::{
    caller::Caller,
    limit::{Gates, Holder, Ledger},
    metadata,
    route::{Route, Routes},
    upstream::{Balance, TlsSettings, Upstream},
    usage::Usage,
};

/// One state of the directory, with routes and callers ready made.
pub(crate) struct Snapshot {
    pub(crate) directory: Arc<Directory>,
    pub(crate) routes: Routes,
    /// Filled as credentials call; never more than the directory has.
    callers: HashMap<ClientId, Arc<Caller>>,
}

impl Snapshot {
    /// The credential of this client id.
    pub(crate) fn caller(
        &self,
        client_id: &str,
        ledger: &Ledger,
        usage: &Usage,
        now: Timestamp,
    ) -> Option<Arc<Caller>> {
        let callers = self.callers.pin();
        if let Some(known) = callers.get(client_id) {
            return Some(Arc::clone(known));
        }
        let entry = self.directory.client(client_id)?;
        let new = || Arc::new(Caller::new(Arc::clone(entry), &self.routes, ledger, usage, now));
        Some(Arc::clone(callers.get_or_insert_with(entry.client.id.clone(), new)))
    }
}

/// The current snapshot.
pub(crate) struct Snapshots {
    current: ArcSwap<Snapshot>,
    compiling: Mutex<()>,
    tls: TlsSettings,
    idle_connections_max: usize,
}

impl Snapshots {
    pub(crate) fn new(
        house: &House,
        ledger: &Ledger,
        tls: TlsSettings,
        idle_connections_max: usize,
        now: Timestamp,
    ) -> Self {
        let empty = Snapshot {
            directory: Arc::clone(&house.directory.current()),
            routes: Routes::default(),
            callers: HashMap::new(),
        };
        let first = compile(house, &empty, Arc::clone(&empty.directory), ledger, &tls, idle_connections_max, now);
        Self { current: ArcSwap::from_pointee(first), compiling: Mutex::new(()), tls, idle_connections_max }
    }

    /// The snapshot of the directory as it is at `now`. A call that comes right after a change waits for the new one, so
    /// that nobody is let in by what has just been taken away.
    pub(crate) fn at(&self, house: &House, ledger: &Ledger, now: Timestamp) -> Result<Guard<Arc<Snapshot>>, Fault> {
        let directory = house.directory_at(now)?;
        let current = self.current.load();
        if Arc::ptr_eq(&current.directory, &directory) {
            return Ok(current);
        }
        let _one_at_a_time = self.compiling.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // Asked again, since another change may have come while this waited.
        let directory = Guard::into_inner(house.directory_at(now)?);
        let current = self.current.load();
        if !Arc::ptr_eq(&current.directory, &directory) {
            let next = compile(house, &current, directory, ledger, &self.tls, self.idle_connections_max, now);
            self.current.store(Arc::new(next));
        }
        Ok(self.current.load())
    }

    /// The last one that was made.
    pub(crate) fn last(&self) -> Guard<Arc<Snapshot>> {
        self.current.load()
    }
}

/// Connections and breakers of upstreams that stay are taken over from `before`.
fn compile(
    house: &House,
    before: &Snapshot,
    directory: Arc<Directory>,
    ledger: &Ledger,
    tls: &TlsSettings,
    idle_connections_max: usize,
    now: Timestamp,
) -> Snapshot {
    let mut routes = Routes::default();
    for service in &directory.services {
        let Some(path) = &service.gateway_path else { continue };
        let earlier = before.routes.iter().find(|route| route.service.code == service.code);
        let limits = Holder { kind: ScopeKind::Service, id: service.code.as_str(), limits: &service.limits };
        routes.insert(Route {
            prefix: path.as_str().into(),
            balance: Balance::new(upstreams(service, earlier.map(|route| &route.balance), tls, idle_connections_max)),
            gates: Gates::new(ledger, &[limits], now),
            metadata_url: metadata::url(&house.instance.gateway_url, path.as_str()).into(),
            service: Arc::clone(service),
        });
    }
    Snapshot { directory, routes, callers: HashMap::new() }
}

fn upstreams(
    service: &Service,
    earlier: Option<&Balance>,
    tls: &TlsSettings,
    idle_connections_max: usize,
) -> Vec<Arc<Upstream>> {
    let mut upstreams = Vec::with_capacity(service.upstreams.len());
    for address in &service.upstreams {
        if let Some(known) = earlier.and_then(|balance| balance.iter().find(|upstream| upstream.address() == address)) {
            upstreams.push(Arc::clone(known));
            continue;
        }
        match Upstream::new(address.clone(), tls, idle_connections_max) {
            Ok(upstream) => upstreams.push(Arc::new(upstream)),
            Err(refused) => tracing::error!(service = %service.code, %refused, "this upstream is left out"),
        }
    }
    upstreams
}
