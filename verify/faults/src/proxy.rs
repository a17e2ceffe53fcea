//! A TCP proxy in front of a port, with the faults of a network.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::{lock, relay};

/// How long connecting may take.
const TIMEOUT: Duration = Duration::from_secs(1);

/// A proxy that passes every byte on until a test changes that. Its threads end when it is dropped.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// What the threads of a proxy share.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    pub(crate) state: Mutex<State>,
    /// Told on every change of the state.
    pub(crate) changed: Condvar,
}

/// What passes and what does not.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// The live connections. A thread whose connection is not here any more ends.
    pub(crate) links: BTreeMap<u64, Link>,
    pub(crate) latency: Duration,
    pub(crate) stalled: bool,
    /// Bytes per second and direction; 0 is no limit.
    pub(crate) rate: u64,
    refusing: bool,
    ended: bool,
    cuts: u64,
    next: u64,
}

/// Both ends of a connection.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) client: TcpStream,
    pub(crate) server: TcpStream,
    /// Whether the client knows that nothing more comes: what comes all the same is dropped.
    pub(crate) muted: bool,
    /// The directions that have reached their end.
    pub(crate) finished: u8,
}

impl Link {
    fn close(&self) {
        // An end that is closed already is as it should be.
        let _ = self.client.shutdown(Shutdown::Both);
        let _ = self.server.shutdown(Shutdown::Both);
    }
}

impl Proxy {
    /// Listens on a free port and passes each connection on to `target`. Where the target takes
    /// none, the client's is closed at once.
    pub fn start(target: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let thread = thread::spawn({
            let shared = Arc::clone(&shared);
            move || listen(&listener, target, &shared)
        });
        Ok(Self { address, shared, thread: Some(thread) })
    }

    /// Where clients connect.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Cuts every live connection and says how many there were. Bytes under way are lost. Both ends
    /// see the end of the stream, or a reset where they go on writing.
    pub fn cut_all(&self) -> usize {
        let mut state = lock(&self.shared.state);
        let links = std::mem::take(&mut state.links);
        links.values().for_each(Link::close);
        state.cuts += u64::try_from(links.len()).unwrap_or_default();
        self.shared.changed.notify_all();
        links.len()
    }

    /// Delays every byte by this long, in each direction. Bytes do not wait for one another: many
    /// may be under way at once.
    pub fn set_latency(&self, latency: Duration) {
        self.change(|state| state.latency = latency);
    }

    /// Passes nothing more; connections stay open and new ones are taken.
    pub fn stall(&self) {
        self.change(|state| state.stalled = true);
    }

    /// Ends [`Proxy::stall`]: what was sent meanwhile is passed on.
    pub fn flow(&self) {
        self.change(|state| state.stalled = false);
    }

    /// Closes new connections at once; live ones stay.
    pub fn refuse(&self) {
        self.change(|state| state.refusing = true);
    }

    /// Ends [`Proxy::refuse`].
    pub fn accept(&self) {
        self.change(|state| state.refusing = false);
    }

    /// Tells every live client that nothing more comes; what the client sends still arrives.
    pub fn half_close(&self) {
        self.change(|state| {
            for link in state.links.values_mut() {
                link.muted = true;
                // A client that is gone needs no telling.
                let _ = link.client.shutdown(Shutdown::Write);
            }
        });
    }

    /// Passes at most this many bytes per second, in each direction of each connection; 0 takes the
    /// limit away.
    pub fn throttle(&self, bytes_per_second: u64) {
        self.change(|state| state.rate = bytes_per_second);
    }

    /// How many connections are live.
    pub fn connections(&self) -> usize {
        lock(&self.shared.state).links.len()
    }

    /// How many connections [`Proxy::cut_all`] has cut so far.
    pub fn cuts(&self) -> u64 {
        lock(&self.shared.state).cuts
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut lock(&self.shared.state));
        self.shared.changed.notify_all();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.change(|state| {
            state.ended = true;
            std::mem::take(&mut state.links).values().for_each(Link::close);
        });
        // The thread waits for a connection, and only a connection wakes it.
        if TcpStream::connect_timeout(&self.address, TIMEOUT).is_ok() {
            let _ = self.thread.take().map(JoinHandle::join);
        }
    }
}

impl Shared {
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Closes both ends of a connection, where it is still live.
    pub(crate) fn close(&self, id: u64) {
        if let Some(link) = self.lock().links.remove(&id) {
            link.close();
        }
        self.changed.notify_all();
    }

    /// Makes a connection live and returns its number, unless connections are refused.
    fn open(&self, client: &TcpStream, server: &TcpStream) -> io::Result<Option<u64>> {
        let (client, server) = (client.try_clone()?, server.try_clone()?);
        let mut state = self.lock();
        if state.refusing || state.ended {
            return Ok(None);
        }
        let id = state.next;
        state.next += 1;
        state.links.insert(id, Link { client, server, muted: false, finished: 0 });
        Ok(Some(id))
    }
}

fn listen(listener: &TcpListener, target: SocketAddr, shared: &Shared) {
    thread::scope(|scope| {
        for client in listener.incoming() {
            if shared.lock().ended {
                return;
            }
            let Ok(client) = client else {
                // Too many open files, most likely: some will be closed.
                thread::sleep(Duration::from_millis(5));
                continue;
            };
            if shared.lock().refusing {
                continue;
            }
            // A client whose server cannot be reached is dropped, and sees its connection closed.
            let Ok(server) = TcpStream::connect_timeout(&target, TIMEOUT) else { continue };
            if let Ok(Some(id)) = shared.open(&client, &server) {
                scope.spawn(move || relay::both(shared, id, &client, &server));
            }
        }
    });
}
