//! Sends an entry of the corpus to a backend.

use std::io;
use std::thread;
use std::time::Duration;

use super::Way;
use super::mask::masked;
use crate::backend::{Application, Backend};
use crate::client::{Client, Connection, Request, Response};
use crate::server::Server;
use crate::suite::support::SETTINGS;

/// Between the pieces of a slow request.
const PAUSE: Duration = Duration::from_millis(3);

/// A running application, and a connection to it.
pub(super) struct Player {
    server: Server,
    client: Client,
}

impl Player {
    pub(super) fn start(backend: &Backend, application: Application) -> Self {
        let trace = backend.folder().unwrap().join("corpus.log");
        let trace = trace.to_str().unwrap().to_owned();
        let mut settings = SETTINGS.to_vec();
        settings.push(("PROBE_LOG", &trace));
        let server = backend.start(application, &settings).unwrap();
        let client = server.client();
        Self { server, client }
    }

    /// What comes back, without what differs from run to run.
    pub(super) fn play(&mut self, way: &Way) -> String {
        let text = match way {
            Way::Whole(request) => shown(self.client.send(request)),
            Way::Slowly(request, pieces) => shown(self.slowly(request, pieces)),
            Way::Cut(request, length) => shown(self.cut(request, *length)),
            Way::Pipelined(requests) => self.pipelined(requests),
        };
        text.replace(&self.server.address().to_string(), "(address)")
    }

    fn slowly(&self, request: &Request, pieces: &[usize]) -> io::Result<Response> {
        let bytes = request.bytes(self.server.address());
        let mut connection = Connection::open(self.server.address())?;
        let mut rest = &bytes[..];
        for piece in pieces {
            let (now, later) = rest.split_at((*piece).min(rest.len()));
            connection.send(now)?;
            thread::sleep(PAUSE);
            rest = later;
        }
        connection.send(rest)?;
        connection.receive(request.is_head())
    }

    fn cut(&self, request: &Request, length: usize) -> io::Result<Response> {
        let bytes = request.bytes(self.server.address());
        let mut connection = Connection::open(self.server.address())?;
        connection.send(&bytes[..length.min(bytes.len())])?;
        connection.half_close()?;
        connection.receive(request.is_head())
    }

    fn pipelined(&self, requests: &[Request]) -> String {
        let address = self.server.address();
        let bytes: Vec<u8> = requests.iter().flat_map(|request| request.bytes(address)).collect();
        let mut texts = Vec::new();
        match Connection::open(address).and_then(|mut connection| {
            connection.send(&bytes)?;
            Ok(connection)
        }) {
            Ok(mut connection) => {
                for request in requests {
                    texts.push(shown(connection.receive(request.is_head())));
                }
            }
            Err(error) => texts.push(shown(Err(error))),
        }
        texts.join("\n")
    }
}

fn shown(result: io::Result<Response>) -> String {
    match result {
        Ok(response) => masked(&response),
        Err(error) => match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => "waits without end".into(),
            _ => "closed".into(),
        },
    }
}
