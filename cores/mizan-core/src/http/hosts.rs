//! The names by which a server may be asked.

use super::{ProtocolHeader, RequestHead, header_text};

/// The hosts that are answered, in lower case; without any, every host is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hosts(Vec<String>);

impl Hosts {
    pub(crate) fn new(hosts: impl IntoIterator<Item = String>) -> Self {
        Self(hosts.into_iter().map(|host| host.to_ascii_lowercase()).collect())
    }

    /// What is not the name of a host, with or without a port.
    pub(crate) fn illegal(&self) -> impl Iterator<Item = &String> {
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-.:[]_".contains(&byte);
        self.0.iter().filter(move |host| host.is_empty() || !host.bytes().all(legal))
    }

    /// Whether a request is for one of them. One without a port stands for every port.
    pub(crate) fn allow(&self, head: &dyn RequestHead) -> bool {
        if self.0.is_empty() {
            return true;
        }
        let asked =
            header_text(head, ProtocolHeader::Host).unwrap_or_default().to_ascii_lowercase();
        let without_port = without_port(&asked);
        self.0.iter().any(|host| *host == asked || *host == without_port)
    }
}

/// A host without its port; the colons of an IPv6 address are in brackets.
fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_without_a_port_stands_for_every_port() {
        for (host, name) in [
            ("shop.example", "shop.example"),
            ("shop.example:8080", "shop.example"),
            ("[::1]:8080", "[::1]"),
            ("[::1]", "[::1]"),
            ("", ""),
        ] {
            assert_eq!(without_port(host), name);
        }
    }

    #[test]
    fn what_is_no_host_is_named() {
        let hosts =
            Hosts::new(["Shop.example", "https://shop.example", "", "a b"].map(String::from));
        assert_eq!(hosts.illegal().collect::<Vec<_>>(), ["https://shop.example", "", "a b"]);
    }
}
