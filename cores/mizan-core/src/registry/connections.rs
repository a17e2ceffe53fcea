//! How many connections a server has, of all together and of one address.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::Mizan;
use crate::environment;

/// The bounds on the connections of a server, for an adapter that serves a whole one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConnectionBounds {
    /// Of all together: 20,000.
    pub all: usize,
    /// Of one address that is neither this machine nor a trusted proxy: 256.
    pub per_address: usize,
    /// How long the other end of a connection may read nothing of what is sent to it: 30 s.
    pub send_timeout: Duration,
}

impl Default for ConnectionBounds {
    fn default() -> Self {
        Self { all: 20_000, per_address: 256, send_timeout: Duration::from_secs(30) }
    }
}

impl ConnectionBounds {
    /// The same with what `MIZAN_CONNECTIONS`, `MIZAN_CONNECTIONS_PER_ADDRESS` and `MIZAN_SEND_TIMEOUT` in the
    /// environment replace.
    ///
    /// # Errors
    /// Where one of them is not a number of 1 or more.
    pub fn with_environment(self) -> io::Result<Self> {
        Ok(Self {
            all: number("MIZAN_CONNECTIONS")?.unwrap_or(self.all),
            per_address: number("MIZAN_CONNECTIONS_PER_ADDRESS")?.unwrap_or(self.per_address),
            send_timeout: match number("MIZAN_SEND_TIMEOUT")? {
                Some(seconds) => Duration::from_secs(seconds as u64),
                None => self.send_timeout,
            },
        })
    }
}

/// A number of the environment, at least 1.
fn number(name: &str) -> io::Result<Option<usize>> {
    environment::number(name).map_err(|text| {
        let fault = format!("{name} is `{text}`, write a number of 1 or more");
        io::Error::new(io::ErrorKind::InvalidInput, fault)
    })
}

/// The connections that a server has open, for an adapter that serves a whole one.
#[derive(Debug)]
pub struct Connections {
    mizan: Mizan,
    bounds: ConnectionBounds,
    open: Mutex<Open>,
    /// Whether the log knows that connections are refused.
    warned: AtomicBool,
}

#[derive(Debug, Default)]
struct Open {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// The place of a connection. Drop it where the connection is closed.
#[derive(Debug)]
#[must_use = "the connection counts as closed when this is dropped"]
pub struct ConnectionPlace {
    connections: Arc<Connections>,
    counted: Option<IpAddr>,
}

impl Connections {
    /// No connection so far.
    pub fn new(mizan: Mizan, bounds: ConnectionBounds) -> Arc<Self> {
        let (open, warned) = (Mutex::default(), AtomicBool::new(false));
        Arc::new(Self { mizan, bounds, open, warned })
    }

    /// The bounds.
    pub fn bounds(&self) -> ConnectionBounds {
        self.bounds
    }

    /// A place for a new connection. `None` where there are too many, of all or of its address: close it before a byte
    /// of it is read.
    pub fn enter(self: &Arc<Self>, peer: Option<SocketAddr>) -> Option<ConnectionPlace> {
        let counted = peer.and_then(|peer| self.mizan.counted_address(peer.ip()));
        let mut open = self.open();
        let of_address = counted.map(|address| open.by_address.get(&address).copied().unwrap_or(0));
        if open.all >= self.bounds.all
            || of_address.is_some_and(|own| own >= self.bounds.per_address)
        {
            drop(open);
            if !self.warned.swap(true, Ordering::Relaxed) {
                tracing::warn!(?peer, bounds = ?self.bounds, "connections are refused: there are too many");
            }
            return None;
        }
        open.all += 1;
        if let Some(address) = counted {
            *open.by_address.entry(address).or_default() += 1;
        }
        Some(ConnectionPlace { connections: Arc::clone(self), counted })
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for ConnectionPlace {
    fn drop(&mut self) {
        let mut open = self.connections.open();
        open.all = open.all.saturating_sub(1);
        if let Some(address) = self.counted
            && let Some(own) = open.by_address.get_mut(&address)
        {
            *own = own.saturating_sub(1);
            if *own == 0 {
                open.by_address.remove(&address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builder::Builder;

    fn connections(all: usize, per_address: usize) -> Arc<Connections> {
        let bounds = ConnectionBounds { all, per_address, ..ConnectionBounds::default() };
        Connections::new(Builder::empty().allow_empty().no_cache().build().unwrap(), bounds)
    }

    fn peer(address: &str) -> Option<SocketAddr> {
        Some(SocketAddr::new(address.parse().unwrap(), 1))
    }

    #[test]
    fn an_address_has_its_bound_and_gets_a_place_back() {
        let connections = connections(10, 2);
        let stranger = peer("192.0.2.1");
        let held = [connections.enter(stranger), connections.enter(stranger)];
        assert!(held.iter().all(Option::is_some));
        assert!(connections.enter(stranger).is_none());
        assert!(connections.enter(peer("192.0.2.2")).is_some());
        // This machine itself has no bound of its own.
        let own: Vec<_> = (0..5).map(|_| connections.enter(peer("127.0.0.1"))).collect();
        assert!(own.iter().all(Option::is_some));
        drop(held);
        assert!(connections.enter(stranger).is_some());
        drop(own);
        let open = connections.open();
        assert_eq!((open.all, open.by_address.len()), (0, 0));
    }

    #[test]
    fn all_together_have_a_bound() {
        let connections = connections(2, 2);
        let first = connections.enter(None);
        let second = connections.enter(peer("127.0.0.1"));
        assert!(first.is_some() && second.is_some() && connections.enter(None).is_none());
        drop(second);
        assert!(connections.enter(None).is_some());
    }
}
