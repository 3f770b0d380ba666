//! How a call came: from which address, to which host, under which name.

use std::{
    cell::RefCell,
    net::{IpAddr, Ipv4Addr},
    sync::atomic::{AtomicU64, Ordering},
};

use http::{HeaderMap, HeaderValue, Request, header};
use tollgate_crypto::{Entropy, entropy};
use tollgate_model::id::RequestId;
use tollgate_web::{Arrival, PeerAddress, TrustedProxies};

use crate::rewrite::{X_FORWARDED_FOR, X_FORWARDED_HOST, X_FORWARDED_PROTO, X_REQUEST_ID};

const HTTP: HeaderValue = HeaderValue::from_static("http");
const HTTPS: HeaderValue = HeaderValue::from_static("https");

/// How a call came, as the upstream is told.
pub(crate) struct Passage {
    pub(crate) request_id: HeaderValue,
    /// The address of the client, behind proxies of our own.
    pub(crate) client: HeaderValue,
    /// That address and those of our proxies.
    pub(crate) way: HeaderValue,
    pub(crate) host: Option<HeaderValue>,
    pub(crate) scheme: HeaderValue,
    /// Whether the connection goes on with WebSocket.
    pub(crate) switches: bool,
}

impl Passage {
    /// Reads how a call came. What the client says about that counts only where a proxy of ours said it.
    pub(crate) fn read(
        request_id: HeaderValue,
        headers: &HeaderMap,
        named_host: Option<&str>,
        peer: PeerAddress,
        proxies: TrustedProxies,
    ) -> Self {
        let is_proxied = proxies.0 > 0;
        let client = address_value(proxies.client_address(peer, headers));
        let only = |name| {
            let mut values = headers.get_all(name).iter();
            values.next().filter(|_| values.next().is_none()).cloned()
        };
        let said = |name| if is_proxied { only(name) } else { None };
        let host = headers.get(header::HOST).cloned().or_else(|| named_host.map(text_value));
        Self {
            request_id,
            way: if is_proxied { way(headers, peer, proxies) } else { client.clone() },
            client,
            host: said(X_FORWARDED_HOST).or(host),
            scheme: said(X_FORWARDED_PROTO)
                .filter(|scheme| *scheme == HTTP || *scheme == HTTPS)
                .unwrap_or(if peer.is_tls { HTTPS } else { HTTP }),
            switches: false,
        }
    }
}

/// The entries that our own proxies appended, and the last proxy itself.
fn way(headers: &HeaderMap, peer: PeerAddress, proxies: TrustedProxies) -> HeaderValue {
    let lines: Vec<&str> = headers.get_all(X_FORWARDED_FOR).iter().filter_map(|line| line.to_str().ok()).collect();
    let mut entries: Vec<&str> = lines.iter().flat_map(|line| line.split(',')).map(str::trim).collect();
    entries.drain(..entries.len().saturating_sub(usize::from(proxies.0)));
    let last = peer.socket.ip().to_canonical().to_string();
    entries.push(&last);
    text_value(&entries.join(", "))
}

thread_local! {
    static LAST_ADDRESS: RefCell<(IpAddr, HeaderValue)> =
        const { RefCell::new((IpAddr::V4(Ipv4Addr::UNSPECIFIED), HeaderValue::from_static("0.0.0.0"))) };
}

/// An address as text. One client often makes many requests in a row, so the last text is kept.
fn address_value(address: IpAddr) -> HeaderValue {
    LAST_ADDRESS.with_borrow_mut(|(last, text)| {
        if *last != address {
            (*last, *text) = (address, text_value(&address.to_string()));
        }
        text.clone()
    })
}

/// Addresses and host names are always header characters; an empty value stands for what cannot be.
fn text_value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""))
}

/// Names for requests that come without one: 32 hexadecimal digits that do not repeat.
///
/// They need not be unguessable, so a counter is stirred instead of asking for randomness each time.
pub(crate) struct RequestIds {
    seed: u64,
    salt: u64,
    next: AtomicU64,
}

impl RequestIds {
    pub(crate) fn new(source: &dyn Entropy) -> Self {
        let draw = || u64::from_be_bytes(entropy::bytes::<8>(source));
        Self { seed: draw(), salt: draw(), next: AtomicU64::new(0) }
    }

    /// The name of a request: its own if it brings one that may stand in a log, else a new one.
    pub(crate) fn of<B>(&self, request: &Request<B>) -> HeaderValue {
        if let Some(arrival) = request.extensions().get::<Arrival>() {
            return text_value(arrival.request_id.as_str());
        }
        let given = request.headers().get(X_REQUEST_ID);
        let is_good = |value: &&HeaderValue| value.to_str().is_ok_and(|text| text.parse::<RequestId>().is_ok());
        given.filter(is_good).cloned().unwrap_or_else(|| self.mint())
    }

    fn mint(&self) -> HeaderValue {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        // The first half is a permutation of the counter under the seed, so no two are equal within one start.
        let halves =
            [stir(self.seed.wrapping_add(number.wrapping_mul(GOLDEN))), stir(self.salt ^ number.rotate_left(32))];
        let mut digits = [0; 32];
        let bytes = halves.iter().flat_map(|half| half.to_be_bytes());
        for (pair, byte) in digits.chunks_exact_mut(2).zip(bytes) {
            pair[0] = HEX[usize::from(byte >> 4)];
            pair[1] = HEX[usize::from(byte & 15)];
        }
        HeaderValue::from_bytes(&digits).expect("hexadecimal digits are header characters")
    }
}

const HEX: &[u8; 16] = b"0123456789abcdef";
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// The finalizer of `SplitMix64`: one to one.
const fn stir(mut value: u64) -> u64 {
    value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use tollgate_crypto::SystemEntropy;

    use super::*;

    fn passage(proxies: u8, headers: &[(&str, &str)]) -> [String; 4] {
        let mut request = Request::builder().uri("/");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let peer = PeerAddress { socket: "10.0.0.9:1".parse().unwrap(), is_tls: false };
        let request = request.body(()).unwrap();
        let passage = Passage::read(HTTP, request.headers(), Some("api.test"), peer, TrustedProxies(proxies));
        [passage.client, passage.way, passage.host.unwrap(), passage.scheme]
            .map(|value| value.to_str().unwrap().to_owned())
    }

    #[test]
    fn what_a_client_says_about_its_way_is_not_believed() {
        let forged = [
            ("host", "api.test:8090"),
            ("x-forwarded-for", "6.6.6.6"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "evil.test"),
        ];
        assert_eq!(passage(0, &forged), ["10.0.0.9", "10.0.0.9", "api.test:8090", "http"]);
    }

    #[test]
    fn what_our_own_proxies_say_is_passed_on_and_no_more() {
        let said = [
            ("host", "api.test"),
            ("x-forwarded-for", "6.6.6.6, 1.2.3.4"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "public.test"),
        ];
        assert_eq!(passage(1, &said), ["1.2.3.4", "1.2.3.4, 10.0.0.9", "public.test", "https"]);
        let twice = [("x-forwarded-proto", "https"), ("x-forwarded-proto", "http"), ("x-forwarded-for", "1.2.3.4")];
        assert_eq!(passage(1, &twice), ["1.2.3.4", "1.2.3.4, 10.0.0.9", "api.test", "http"]);
    }

    #[test]
    fn a_request_keeps_a_good_name_and_gets_one_otherwise() {
        let ids = RequestIds::new(&SystemEntropy);
        let named = |id: &str| Request::builder().header("x-request-id", id).body(()).unwrap();
        assert_eq!(ids.of(&named("abc-1")), "abc-1");
        for bad in ["", "a b", "<script>", &"x".repeat(65)] {
            let minted = ids.of(&named(bad));
            assert!(
                minted.len() == 32 && minted.to_str().unwrap().bytes().all(|byte| byte.is_ascii_hexdigit()),
                "{minted:?}"
            );
        }
        let many: std::collections::HashSet<_> = (0..1_000).map(|_| ids.mint().to_str().unwrap().to_owned()).collect();
        assert_eq!(many.len(), 1_000);
    }
}
