//! How many connections there may be, and how long a client may read nothing of what is sent.

use std::any::Any;
use std::collections::HashMap;
use std::net::{IpAddr, Shutdown, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix_web::dev::Extensions;
use actix_web::rt::net::TcpStream;
use mizan_core::Mizan;
use socket2::SockRef;

/// The bounds on connections.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Of all together.
    pub(super) all: usize,
    /// Of one address that is neither this machine nor a trusted proxy.
    pub(super) per_address: usize,
    /// How long the other end of a connection may read nothing of what is sent to it.
    pub(super) send_timeout: Duration,
}

/// The connections that are open.
pub(super) struct Connections {
    mizan: Mizan,
    bounds: Bounds,
    open: Mutex<Open>,
    /// Whether the log knows that connections are refused.
    warned: AtomicBool,
}

#[derive(Default)]
struct Open {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// The place of a connection, until it is closed.
struct Place {
    connections: Arc<Connections>,
    counted: Option<IpAddr>,
}

impl Connections {
    pub(super) fn new(mizan: Mizan, bounds: Bounds) -> Arc<Self> {
        let (open, warned) = (Mutex::default(), AtomicBool::new(false));
        Arc::new(Self { mizan, bounds, open, warned })
    }

    /// Gives a new connection its place, or closes it before a byte of it is read.
    pub(super) fn connected(self: &Arc<Self>, connection: &dyn Any, kept: &mut Extensions) {
        let Some(stream) = connection.downcast_ref::<TcpStream>() else { return };
        let socket = SockRef::from(stream);
        // Where the system refuses, the bounds stand alone.
        #[cfg(target_os = "linux")]
        let _ = socket.set_tcp_user_timeout(Some(self.bounds.send_timeout));
        match self.enter(stream.peer_addr().ok()) {
            Some(place) => drop(kept.insert(place)),
            // A connection that cannot be shut is gone already.
            None => drop(socket.shutdown(Shutdown::Both)),
        }
    }

    /// A place for a connection; `None` where there are too many, of all or of its address.
    fn enter(self: &Arc<Self>, peer: Option<SocketAddr>) -> Option<Place> {
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
        Some(Place { connections: Arc::clone(self), counted })
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
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
