//! Which address a request comes from: that of the connection, or the one that a trusted proxy names.

use std::net::{IpAddr, Ipv6Addr};

use super::head::RequestHead;

/// The networks of proxies whose word on the caller's address counts.
#[derive(Debug, Default)]
pub(crate) struct Proxies(Vec<Network>);

/// An address, and how many of its first bits count.
#[derive(Debug, Clone, Copy)]
struct Network {
    address: IpAddr,
    bits: u32,
}

impl Network {
    /// `10.0.0.0/8`, `::1` or `fd00::/8`.
    fn parse(text: &str) -> Option<Self> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(a, b)| (a, Some(b)));
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            Some(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok()?,
            Some(_) => return None,
            None => most,
        };
        (bits <= most).then_some(Self { address, bits })
    }

    fn holds(self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let differ = own.to_bits() ^ other.to_bits();
                differ.checked_shr(32 - self.bits).unwrap_or(0) == 0
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let differ = own.to_bits() ^ other.to_bits();
                differ.checked_shr(128 - self.bits).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

impl Proxies {
    /// The networks that texts name.
    ///
    /// # Errors
    /// The first text that names none.
    pub(crate) fn parse(texts: &[String]) -> Result<Self, String> {
        let network = |text: &String| Network::parse(text.trim()).ok_or_else(|| text.clone());
        texts.iter().map(network).collect::<Result<_, _>>().map(Self)
    }

    /// Whether an address is that of a trusted proxy.
    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.holds(address))
    }

    /// The address that a request comes from; `None` where the adapter knows none.
    ///
    /// Where the connection is a trusted proxy's, the headers are read from the right: each proxy adds the address
    /// that it was asked from at the end, and the first that is not a trusted proxy is the caller. Whatever is
    /// to the left of it may be made up. Where both headers are there and disagree, a proxy has passed on one that it
    /// does not write, and neither counts.
    pub(crate) fn caller(&self, head: &dyn RequestHead) -> Option<IpAddr> {
        let peer = head.peer()?.ip().to_canonical();
        if !self.trusts(peer) {
            return Some(peer);
        }
        let headers = head.headers();
        let read = |name: &str, address: fn(&str) -> Option<IpAddr>| {
            let lines: Vec<&str> = headers.all(name).collect();
            (!lines.is_empty()).then(|| self.last_untrusted(peer, &lines.join(","), address))
        };
        let listed = read("x-forwarded-for", plain);
        Some(match (listed, read("forwarded", tagged)) {
            (Some(one), Some(other)) if one != other => peer,
            (one, other) => one.or(other).unwrap_or(peer),
        })
    }

    /// The first address from the right that is not a trusted proxy's, and else the last that was read.
    fn last_untrusted(
        &self,
        peer: IpAddr,
        list: &str,
        address: fn(&str) -> Option<IpAddr>,
    ) -> IpAddr {
        let mut last = peer;
        for element in list.rsplit(',') {
            // What is not an address hides everything before it.
            let Some(found) = address(element.trim()) else { return last };
            last = found.to_canonical();
            if !self.trusts(last) {
                return last;
            }
        }
        last
    }
}

/// `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1` or `[2001:db8::1]:80`.
fn plain(text: &str) -> Option<IpAddr> {
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    match text.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0.parse().map(IpAddr::V6).ok(),
        None => text.split_once(':')?.0.parse().map(IpAddr::V4).ok(),
    }
}

/// The address of `for=…;by=…`.
fn tagged(element: &str) -> Option<IpAddr> {
    let mut pairs = element.split(';').filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))?;
    plain(value.trim().trim_matches('"'))
}

/// An address as it is counted: of IPv6 the first 64 bits, since one line has all of them.
pub(crate) fn counted(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::*;
    use crate::head::Headers;
    use crate::http::ProtocolHeader;

    struct Head(&'static str, &'static [(&'static str, &'static str)]);

    impl RequestHead for Head {
        fn method(&self) -> &str {
            "GET"
        }
        fn path(&self) -> &str {
            "/"
        }
        fn query(&self) -> &str {
            ""
        }
        fn header(&self, _: ProtocolHeader) -> Option<&[u8]> {
            None
        }
        fn headers(&self) -> Headers {
            self.1.iter().copied().collect()
        }
        fn peer(&self) -> Option<SocketAddr> {
            Some(SocketAddr::new(self.0.parse().unwrap(), 5))
        }
        fn is_secure(&self) -> bool {
            false
        }
    }

    #[test]
    fn the_first_address_from_the_right_that_is_no_proxy_is_the_caller() {
        let trusted = ["10.0.0.0/8".into(), "fd00::/8".into(), "192.0.2.7".into()];
        let proxies = Proxies::parse(&trusted).unwrap();
        const LIST: &str = "X-Forwarded-For";
        for (peer, headers, expected) in [
            // A sender that is not a proxy names no one.
            ("203.0.113.1", &[(LIST, "198.51.100.1")][..], "203.0.113.1"),
            ("::ffff:203.0.113.1", &[], "203.0.113.1"),
            ("10.1.2.3", &[], "10.1.2.3"),
            ("10.1.2.3", &[(LIST, "198.51.100.1")], "198.51.100.1"),
            ("::ffff:10.1.2.3", &[(LIST, "198.51.100.1")], "198.51.100.1"),
            // What the caller has sent is to the left.
            ("10.1.2.3", &[(LIST, "1.1.1.1, 198.51.100.1")], "198.51.100.1"),
            ("10.1.2.3", &[(LIST, "1.1.1.1"), (LIST, "198.51.100.1, 10.9.9.9")], "198.51.100.1"),
            ("fd00::1", &[(LIST, "1.1.1.1,[2001:db8::5]:443")], "2001:db8::5"),
            ("192.0.2.7", &[(LIST, "198.51.100.1:8080")], "198.51.100.1"),
            ("10.1.2.3", &[(LIST, "198.51.100.1, unknown")], "10.1.2.3"),
            ("10.1.2.3", &[(LIST, "198.51.100.1, x, 10.0.0.9")], "10.0.0.9"),
            (
                "10.1.2.3",
                &[("Forwarded", "for=1.1.1.1, FOR=\"[2001:db8::5]:4\";by=10.0.0.1")],
                "2001:db8::5",
            ),
            ("10.1.2.3", &[("Forwarded", "proto=https;for=198.51.100.1")], "198.51.100.1"),
            ("10.1.2.3", &[("Forwarded", "by=198.51.100.1")], "10.1.2.3"),
            // A proxy writes one of the two and passes the other on.
            ("10.1.2.3", &[(LIST, "198.51.100.1"), ("Forwarded", "for=1.1.1.1")], "10.1.2.3"),
            (
                "10.1.2.3",
                &[(LIST, "198.51.100.1"), ("Forwarded", "for=198.51.100.1")],
                "198.51.100.1",
            ),
        ] {
            let found = proxies.caller(&Head(peer, headers));
            assert_eq!(found, Some(expected.parse().unwrap()), "{peer} {headers:?}");
        }
    }

    #[test]
    fn a_network_is_an_address_and_a_number_of_bits() {
        for text in
            ["", "x", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/+8", "::/129", "example.org", "10.0.0"]
        {
            assert_eq!(Proxies::parse(&[text.into()]).unwrap_err(), text);
        }
        let everyone = Proxies::parse(&["0.0.0.0/0".into()]).unwrap();
        assert!(everyone.trusts("203.0.113.1".parse().unwrap()));
        assert!(!everyone.trusts("::1".parse().unwrap()));
    }

    #[test]
    fn ipv6_is_counted_by_its_first_half() {
        for (address, expected) in [
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
            ("203.0.113.1", "203.0.113.1"),
            ("::ffff:203.0.113.1", "203.0.113.1"),
        ] {
            assert_eq!(counted(address.parse().unwrap()), expected.parse::<IpAddr>().unwrap());
        }
    }
}
