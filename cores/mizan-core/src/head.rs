//! The head of a request in terms of no HTTP library: headers and cookies.

use std::net::SocketAddr;

/// Names and values of the request's head, in the order they came. Names are lower case.
#[derive(Debug, Clone, Default)]
pub struct Headers(Vec<(String, Vec<u8>)>);

impl Headers {
    /// The first value of a header as text; `None` where it is absent or not UTF-8.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// Without those of the protocol that only responses have: no one may trust one that was sent.
    pub(crate) fn without_response_headers(mut self) -> Self {
        self.0.retain(|(name, _)| !name.starts_with("x-mizan-") || name == "x-mizan-token");
        self
    }

    /// Every value of a header, as it was sent.
    pub fn bytes<'h, 'n>(&'h self, name: &'n str) -> impl Iterator<Item = &'h [u8]> + use<'h, 'n> {
        let same = move |pair: &&(String, Vec<u8>)| pair.0.eq_ignore_ascii_case(name);
        self.0.iter().filter(same).map(|(_, value)| &**value)
    }

    /// Every value of a header that is UTF-8.
    pub fn all<'h, 'n>(&'h self, name: &'n str) -> impl Iterator<Item = &'h str> + use<'h, 'n> {
        self.bytes(name).filter_map(|value| std::str::from_utf8(value).ok())
    }
}

impl<N: Into<String>, V: Into<Vec<u8>>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let lower = |name: String| {
            if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
                name.to_ascii_lowercase()
            } else {
                name
            }
        };
        Self(pairs.into_iter().map(|(name, value)| (lower(name.into()), value.into())).collect())
    }
}

/// The head of a request in terms of no HTTP library.
#[derive(Debug, Clone, Default)]
pub struct RequestParts {
    /// The method, as sent.
    pub method: String,
    /// The path, as sent.
    pub path: String,
    /// The query, without the question mark.
    pub query: String,
    /// The headers.
    pub headers: Headers,
    /// The address of the other end of the connection.
    pub peer: Option<SocketAddr>,
}

impl RequestParts {
    /// The value of a cookie, as sent; `None` where it is absent or not UTF-8.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        cookies(self.headers.bytes("cookie"), name)
    }
}

/// The first cookie of a name in one header. One that is not UTF-8, set by another application, hides no other.
///
/// Only spaces and tabs are trimmed, as browsers do: to them any other whitespace before `__Host-` makes
/// another name, which every host may set.
fn cookie<'a>(header: &'a [u8], name: &str) -> Option<&'a str> {
    header
        .split(|byte| *byte == b';')
        .filter_map(|pair| {
            std::str::from_utf8(pair).ok()?.trim_matches([' ', '\t']).split_once('=')
        })
        .find(|pair| pair.0 == name)
        .map(|pair| pair.1)
}

/// The first cookie of a name in several headers.
pub(crate) fn cookies<'a>(
    mut headers: impl Iterator<Item = &'a [u8]>,
    name: &str,
) -> Option<&'a str> {
    headers.find_map(|header| cookie(header, name))
}
