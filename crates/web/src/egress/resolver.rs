//! Names to addresses, and only to addresses where a call may go. The client connects to what comes out of here, so a name
//! that points somewhere else a moment later is no use to anybody (DNS rebinding).

use std::{error::Error, net::SocketAddr, sync::Arc};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use thiserror::Error;

use super::{
    Allowance, EgressError,
    place::{Place, is_localhost},
};

pub(super) struct CheckedResolver {
    pub(super) allowance: Arc<Allowance>,
}

/// A refusal on its way through the client's errors.
#[derive(Debug, Error)]
#[error("{0}")]
struct RefusedName(&'static str);

/// The refusal among the causes of an error of the client.
pub(super) fn refusal_in(error: &reqwest::Error) -> Option<&'static str> {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(RefusedName(refused)) = error.downcast_ref() {
            return Some(refused);
        }
        cause = error.source();
    }
    None
}

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allowance = Arc::clone(&self.allowance);
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let addresses = allowed(name.as_str(), found, &allowance)?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// The addresses among `found` that may be called.
fn allowed(
    name: &str,
    found: impl Iterator<Item = SocketAddr>,
    allowance: &Allowance,
) -> Result<Vec<SocketAddr>, Box<dyn Error + Send + Sync>> {
    let own = is_localhost(name);
    let mut refusal = "its name leads nowhere";
    let mut addresses = Vec::new();
    for address in found {
        let place = Place::of(address.ip());
        match place.check(allowance) {
            // Plain http is allowed to this machine alone, so its name must not lead elsewhere.
            Ok(()) if own && place != Place::Loopback => refusal = "localhost is not this machine",
            Ok(()) => addresses.push(address),
            Err(EgressError::Refused(reason)) => refusal = reason,
            Err(_) => {}
        }
    }
    if addresses.is_empty() { Err(RefusedName(refusal).into()) } else { Ok(addresses) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(name: &str, found: &[&str], allowance: &Allowance) -> Option<usize> {
        let found = found.iter().map(|address| SocketAddr::new(address.parse().unwrap(), 0));
        allowed(name, found, allowance).ok().map(|addresses| addresses.len())
    }

    #[test]
    fn a_name_that_leads_inside_is_refused_and_of_a_mixed_answer_only_the_public_part_is_called() {
        let strict = Allowance::default();
        assert_eq!(addresses("a.example.com", &["127.0.0.1"], &strict), None);
        assert_eq!(addresses("a.example.com", &["169.254.169.254", "::ffff:10.0.0.1"], &strict), None);
        assert_eq!(addresses("a.example.com", &["10.0.0.1", "93.184.216.34"], &strict), Some(1));
        assert_eq!(addresses("a.example.com", &[], &strict), None);
    }

    #[test]
    fn localhost_is_this_machine_or_nothing() {
        let open = Allowance { loopback: true, private: true, extra_roots_pem: None };
        assert_eq!(addresses("localhost", &["127.0.0.1", "::1"], &open), Some(2));
        assert_eq!(addresses("localhost", &["93.184.216.34", "10.0.0.1"], &open), None);
    }
}
