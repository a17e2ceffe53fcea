//! A corpus of requests that every backend answers alike, to the byte: generated from the vectors, from
//! tables of hostile requests and from seeded random mutations.

#![allow(clippy::unwrap_used, reason = "a case fails by a panic")]

mod mask;
mod play;
mod requests;

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use crate::backend::{Application, Backend};
use crate::client::Request;
use play::Player;

/// How bytes travel.
#[derive(Clone)]
pub(crate) enum Way {
    /// On a connection that is kept.
    Whole(Request),
    /// In pieces of these lengths, with pauses.
    Slowly(Request, Vec<usize>),
    /// So many bytes, and then the client sends nothing more.
    Cut(Request, usize),
    /// All at once on one connection.
    Pipelined(Vec<Request>),
}

impl fmt::Debug for Way {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |request: &Request| request.bytes(ANY).escape_ascii().to_string();
        match self {
            Self::Whole(request) => formatter.write_str(&shown(request)),
            Self::Slowly(request, pieces) => write!(formatter, "{} in {pieces:?}", shown(request)),
            Self::Cut(request, length) => write!(formatter, "{} to {length}", shown(request)),
            Self::Pipelined(all) => {
                all.iter().try_for_each(|request| writeln!(formatter, "{}", shown(request)))
            }
        }
    }
}

/// An address for requests that are shown or measured.
const ANY: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 80);

/// One entry of the corpus.
#[derive(Debug, Clone)]
pub struct Entry {
    application: Application,
    /// Where it comes from.
    title: String,
    way: Way,
}

impl Entry {
    /// How many requests it sends.
    fn requests(&self) -> usize {
        match &self.way {
            Way::Pipelined(requests) => requests.len(),
            _ => 1,
        }
    }
}

/// The whole corpus.
pub fn entries() -> Vec<Entry> {
    requests::entries()
}

/// How many requests it has.
pub fn count(entries: &[Entry]) -> usize {
    entries.iter().map(Entry::requests).sum()
}

/// Sends the corpus to both, and gives a text for each entry whose responses differ.
pub fn differences(one: &Backend, other: &Backend, entries: &[Entry]) -> Vec<String> {
    let mut players = BTreeMap::new();
    let mut differences = Vec::new();
    for entry in entries {
        let (left, right) = players.entry(entry.application.name()).or_insert_with(|| {
            (Player::start(one, entry.application), Player::start(other, entry.application))
        });
        let (left, right) = (left.play(&entry.way), right.play(&entry.way));
        if left != right {
            differences.push(format!(
                "{}\n{:?}\n--- {}\n{left}\n--- {}\n{right}\n",
                entry.title,
                entry.way,
                one.name(),
                other.name()
            ));
        }
    }
    differences
}
