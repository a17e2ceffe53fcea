//! The sockets that a server listens on, kept so that they can be closed before the server ends.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener};

use socket2::{Domain, Protocol, SockRef, Socket, Type};

/// How many connections the system holds until the server takes them.
const BACKLOG: i32 = 1024;

/// Second handles of the sockets that a server accepts from.
pub(super) struct Listeners(Vec<TcpListener>);

impl Listeners {
    /// Listens on each address that can be had; fails where none can.
    pub(super) fn bind(addresses: &[SocketAddr]) -> io::Result<Self> {
        let (mut bound, mut failure) = (Vec::new(), None);
        for address in addresses {
            match listen(*address) {
                Ok(listener) => bound.push(listener),
                Err(error) => failure = Some(error),
            }
        }
        match failure {
            Some(error) if bound.is_empty() => Err(error),
            None if bound.is_empty() => Err(io::Error::other("the address names nothing")),
            _ => Ok(Self(bound)),
        }
    }

    /// The same sockets for the server.
    pub(super) fn handles(&self) -> io::Result<Vec<TcpListener>> {
        self.0.iter().map(TcpListener::try_clone).collect()
    }

    /// Refuses new connections from now on, while those that are open go on. A server that only
    /// takes none lets them wait in the system, and resets them when it ends.
    ///
    /// Linux ends a socket that listens by a shutdown. Elsewhere new connections wait.
    pub(super) fn refuse(self) {
        for listener in self.0 {
            // Where the system refuses, nothing has changed.
            let _ = SockRef::from(&listener).shutdown(Shutdown::Both);
        }
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // On Windows this would let two programs share an address.
    #[cfg(not(windows))]
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}
