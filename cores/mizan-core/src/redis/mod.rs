//! Redis, for whatever is kept there: connections, and the one loop that tries a broken one again.

mod connection;

use std::time::{Duration, Instant};

use mizan_cache::Fault;
use redis::{ErrorKind, RedisError, ServerErrorKind};
use tokio::time::timeout;

use connection::Missing;
pub(crate) use connection::{Connections, Live, Purpose, client};

/// Why an operation has no result.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The connection is being made, for longer than the caller waits.
    Connecting,
    /// The server cannot be reached, or did not respond in time.
    Away(Fault),
    /// The server has refused the operation.
    Refused(Fault),
}

impl Failure {
    pub(crate) fn into_fault(self) -> Fault {
        match self {
            Self::Connecting => Fault("the connection is being made".into()),
            Self::Away(fault) | Self::Refused(fault) => fault,
        }
    }
}

/// Runs an operation within a time. A connection that turns out to be broken is replaced once, so an
/// operation may be done twice. `together` is for many callers that wait for one connection, and
/// `away` is called for every fault of the way to the server.
pub(crate) async fn run<T, F: Future<Output = Result<T, RedisError>>>(
    connections: &Connections,
    time: Duration,
    together: bool,
    operation: impl Fn(Live) -> F,
    away: impl Fn(&Fault),
    demoted: impl Fn(),
) -> Result<T, Failure> {
    let (start, mut tried) = (Instant::now(), false);
    let left = || time.saturating_sub(start.elapsed());
    loop {
        let live = match connections.get(left(), together).await {
            Ok(live) => live,
            Err(Missing::Making) => return Err(Failure::Connecting),
            Err(Missing::Failed(fault)) => {
                away(&fault);
                return Err(Failure::Away(fault));
            }
        };
        let error = match timeout(left(), operation(live.clone())).await {
            Ok(Ok(result)) => return Ok(result),
            Ok(Err(error)) => error,
            Err(_) => {
                // A silent server may be gone without a word, and is asked again on another connection.
                connections.forget(&live);
                let fault = Fault("the store did not respond in time".into());
                away(&fault);
                return Err(Failure::Away(fault));
            }
        };
        let fault = Fault(error.to_string());
        match error.kind() {
            // A server that may not be written to is no longer the one that others write to.
            ErrorKind::Server(ServerErrorKind::ReadOnly) => demoted(),
            _ if error.is_unrecoverable_error() => {
                connections.forget(&live);
                away(&fault);
            }
            _ => return Err(Failure::Refused(fault)),
        }
        if tried {
            return Err(Failure::Away(fault));
        }
        tried = true;
    }
}
