//! A place for each connection, and how long a client may read nothing of what is sent.

use std::any::Any;
use std::net::Shutdown;
use std::sync::Arc;

use actix_web::dev::Extensions;
use actix_web::rt::net::TcpStream;
use mizan_core::Connections;
use socket2::SockRef;

/// Gives a new connection its place, or closes it before a byte of it is read.
pub(super) fn connected(
    connections: &Arc<Connections>,
    connection: &dyn Any,
    kept: &mut Extensions,
) {
    let Some(stream) = connection.downcast_ref::<TcpStream>() else { return };
    let socket = SockRef::from(stream);
    // Where the system refuses, the bounds stand alone.
    #[cfg(target_os = "linux")]
    let _ = socket.set_tcp_user_timeout(Some(connections.bounds().send_timeout));
    match connections.enter(stream.peer_addr().ok()) {
        Some(place) => drop(kept.insert(place)),
        // A connection that cannot be shut is gone already.
        None => drop(socket.shutdown(Shutdown::Both)),
    }
}
