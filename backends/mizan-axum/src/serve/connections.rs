//! The connections of a server: a place for each, the timers of hyper, and how they end.

use std::convert::Infallible;
use std::io;
use std::net::{Shutdown, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use mizan_core::{ConnectionPlace, Connections};
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::Site;
use super::late_end::LateEnd;

/// How long a client has for the head of a request, and how long a connection may be idle.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);
/// The most bytes of a head, and of what is buffered of a response.
const BUFFER: usize = 128 << 10;
/// How long to wait where the system gives no connection: it has no files left.
const PAUSE: Duration = Duration::from_millis(500);

/// How far a server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Serving,
    /// A connection ends with the response that is under way.
    Ending,
    /// A connection ends at once.
    Over,
}

/// Takes connections until it is dropped.
pub(super) async fn accept(
    listener: TcpListener,
    connections: Arc<Connections>,
    site: Arc<Site>,
    stage: watch::Receiver<Stage>,
) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                if let Some(place) = connected(&connections, &stream, peer) {
                    let connection = serve(stream, peer, Arc::clone(&site), stage.clone());
                    tokio::spawn(kept(place, connection));
                }
            }
            // The other end was faster.
            Err(error) if is_of_connection(&error) => {}
            Err(error) => {
                tracing::error!(%error, "connections cannot be taken");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

fn is_of_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// Gives a new connection its place, or closes it before a byte of it is read.
fn connected(
    connections: &Arc<Connections>,
    stream: &TcpStream,
    peer: SocketAddr,
) -> Option<ConnectionPlace> {
    let socket = SockRef::from(stream);
    // Where the system refuses, the bounds stand alone.
    #[cfg(target_os = "linux")]
    let _ = socket.set_tcp_user_timeout(Some(connections.bounds().send_timeout));
    let place = connections.enter(Some(peer));
    if place.is_none() {
        // A connection that cannot be shut is gone already.
        drop(socket.shutdown(Shutdown::Both));
    }
    place
}

/// Keeps the place of a connection as long as it is served.
async fn kept(place: ConnectionPlace, connection: impl Future<Output = ()>) {
    connection.await;
    drop(place);
}

/// Serves one connection to its end.
async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    site: Arc<Site>,
    mut stage: watch::Receiver<Stage>,
) {
    // Without it small responses wait for an acknowledgement.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let site = Arc::clone(&site);
        async move { Ok::<_, Infallible>(site.answer(request, peer).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(LateEnd::new(stream)), service);
    let mut connection = pin!(connection);
    // Its error is that of the other end, which is gone, slow or does not speak HTTP.
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = stage.wait_for(|stage| *stage != Stage::Serving) => {}
    }
    connection.as_mut().graceful_shutdown();
    tokio::select! {
        _ = connection => {}
        _ = stage.wait_for(|stage| *stage == Stage::Over) => {}
    }
}
