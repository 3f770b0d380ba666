//! Who is at the other end of a connection, and who is behind the proxies in between.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The other end of a connection, as the listener saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerAddress {
    /// Address and port.
    pub socket: SocketAddr,
    /// Whether the connection is encrypted.
    pub is_tls: bool,
}

/// How many proxies of our own stand in front, each of which appends the address it saw to `X-Forwarded-For`. What
/// strangers wrote there before is not looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TrustedProxies(pub u8);

impl TrustedProxies {
    /// The address of the client. With no proxy it is the peer's; with `n`, it is the `n`-th entry from the right. When
    /// there are fewer entries, or one is not an address, the nearest address that is known stands for the client.
    pub fn client_address(self, peer: PeerAddress, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.socket.ip().to_canonical();
        if self.0 == 0 {
            return client;
        }
        let lines = headers.get_all(X_FORWARDED_FOR);
        let entries = lines.iter().rev().flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
        for entry in entries.take(usize::from(self.0)) {
            match std::str::from_utf8(entry).ok().and_then(|text| text.trim().parse::<IpAddr>().ok()) {
                Some(address) => client = address.to_canonical(),
                None => break,
            }
        }
        client
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(proxies: u8, lines: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(X_FORWARDED_FOR, line.parse().unwrap());
        }
        let peer = PeerAddress { socket: "10.0.0.1:4711".parse().unwrap(), is_tls: false };
        TrustedProxies(proxies).client_address(peer, &headers).to_string()
    }

    #[test]
    fn without_trusted_proxies_the_header_is_not_looked_at() {
        assert_eq!(client(0, &["1.2.3.4"]), "10.0.0.1");
    }

    #[test]
    fn each_trusted_proxy_is_one_entry_from_the_right_and_forged_entries_further_left_count_for_nothing() {
        assert_eq!(client(1, &["6.6.6.6, 1.2.3.4"]), "1.2.3.4");
        assert_eq!(client(2, &["6.6.6.6, 1.2.3.4", "5.5.5.5"]), "1.2.3.4");
        assert_eq!(client(1, &["6.6.6.6", "::ffff:1.2.3.4"]), "1.2.3.4");
    }

    #[test]
    fn too_few_or_unreadable_entries_leave_the_nearest_known_address() {
        assert_eq!(client(1, &[]), "10.0.0.1");
        assert_eq!(client(3, &["1.2.3.4"]), "1.2.3.4");
        assert_eq!(client(2, &["unknown, 5.5.5.5"]), "5.5.5.5");
        assert_eq!(client(1, &["5.5.5.5, "]), "10.0.0.1");
    }
}
