//! Where an IP address lies, by the registries of special-purpose addresses (RFC 6890).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Allowance, EgressError};

/// What kind of network an address belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The internet.
    Public,
    /// This machine.
    Loopback,
    /// A private network.
    Private,
    /// Anything else: link-local (where clouds keep their credentials), multicast, documentation, translation, unassigned.
    Reserved,
}

impl Place {
    /// Where `address` lies. An IPv4 address inside an IPv6 one counts as reserved, whatever it would mean by itself:
    /// nobody needs to write it that way.
    pub fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => of_v4(address),
            IpAddr::V6(address) => of_v6(address),
        }
    }

    /// Whether a call may go there.
    pub(super) const fn check(self, allowance: &Allowance) -> Result<(), EgressError> {
        match self {
            Self::Public => Ok(()),
            Self::Loopback if allowance.loopback => Ok(()),
            Self::Private if allowance.private => Ok(()),
            Self::Loopback => Err(EgressError::Refused("it is this machine")),
            Self::Private => Err(EgressError::Refused("it lies in a private network")),
            Self::Reserved => Err(EgressError::Refused("it lies in a reserved network")),
        }
    }
}

/// Whether `address` is on the internet.
pub fn is_public(address: IpAddr) -> bool {
    Place::of(address) == Place::Public
}

/// Whether `name` is this machine by its name (RFC 6761 section 6.3).
pub(super) fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name == "localhost" || name.ends_with(".localhost")
}

fn of_v4(address: Ipv4Addr) -> Place {
    match address.octets() {
        [127, ..] => Place::Loopback,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] | [100, 64..=127, ..] => Place::Private,
        // "This network", link-local, IETF assignments, documentation, the 6to4 relay, benchmarks; then multicast, what is
        // kept for the future, and broadcast.
        [0 | 224..=255, ..]
        | [169, 254, ..]
        | [192, 0, 0 | 2, _]
        | [198, 51, 100, _]
        | [203, 0, 113, _]
        | [192, 88, 99, _]
        | [198, 18 | 19, ..] => Place::Reserved,
        _ => Place::Public,
    }
}

fn of_v6(address: Ipv6Addr) -> Place {
    if address == Ipv6Addr::LOCALHOST {
        return Place::Loopback;
    }
    match address.segments() {
        [0xfc00..=0xfdff, ..] => Place::Private,
        // IETF assignments (with Teredo and ORCHID), documentation, 6to4.
        [0x2001, 0..=0x01ff | 0x0db8, ..] | [0x2002, ..] | [0x3fff, 0..=0x0fff, ..] => Place::Reserved,
        [0x2000..=0x3fff, ..] => Place::Public,
        // Of all the rest (IPv4 inside, NAT64, link-local, multicast) nothing is global unicast.
        _ => Place::Reserved,
    }
}
