//! Who is at the browser, as far as a request tells.

use std::net::{IpAddr, Ipv6Addr};

/// Longest name of a browser that is kept.
const USER_AGENT_CHARS_MAX: usize = 256;

/// From where and with what somebody came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor {
    /// Their address.
    pub address: IpAddr,
    /// What the browser calls itself, cut to 256 characters without control characters.
    pub user_agent: String,
}

impl Visitor {
    /// A visitor from `address` with this `User-Agent`.
    pub fn new(address: IpAddr, user_agent: Option<&str>) -> Self {
        let shown = user_agent.unwrap_or_default().chars().filter(|c| !c.is_control());
        Self { address: address.to_canonical(), user_agent: shown.take(USER_AGENT_CHARS_MAX).collect() }
    }

    /// What the visitor's address is counted as: an IPv6 address counts as its /64 network, which is what one subscriber
    /// gets.
    pub(crate) fn network(&self) -> String {
        match self.address {
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
            IpAddr::V4(address) => address.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_subscriber_is_one_network_and_a_browser_cannot_name_itself_at_length() {
        let visitor = |address: &str| Visitor::new(address.parse().unwrap(), Some(&"a\n".repeat(300)));
        assert_eq!(visitor("2001:db8:0:1::5").network(), visitor("2001:db8:0:1:ffff::1").network());
        assert_ne!(visitor("2001:db8:0:1::5").network(), visitor("2001:db8:0:2::5").network());
        assert_eq!(visitor("::ffff:192.0.2.1").network(), "192.0.2.1");
        assert_eq!(visitor("192.0.2.1").user_agent, "a".repeat(256));
    }
}
