//! The database as the application sees it, behind Mizan's cache or one that is written manually.

use std::io;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::naive::Naive;

/// What a function answers: versions, `number=version` each, and enough text to make a body of.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Seen {
    pub from: String,
    pub versions: Vec<String>,
    pub note: String,
}

/// Connections to the database, and the cache that is written manually, if that is asked for.
pub(crate) struct Store {
    server: usize,
    database: SocketAddr,
    idle: Mutex<Vec<BufReader<TcpStream>>>,
    naive: Option<Naive>,
}

impl Store {
    pub(crate) fn new(server: usize, database: SocketAddr, naive: Option<Naive>) -> Self {
        Self { server, database, idle: Mutex::default(), naive }
    }

    /// Reads the versions of these; `name` is the key under which a cache written manually keeps them.
    pub(crate) async fn read(&self, name: &str, numbers: &[usize]) -> io::Result<Seen> {
        let Some(naive) = &self.naive else { return self.get(numbers).await };
        if let Some(seen) = naive.get(name).await {
            return Ok(seen);
        }
        let seen = self.get(numbers).await?;
        naive.set(name, &seen).await;
        Ok(seen)
    }

    /// Commits the next version of each; `names` are the keys that a cache written manually deletes
    /// after that.
    pub(crate) async fn change(
        &self,
        mutation: usize,
        numbers: &[usize],
        names: &[String],
    ) -> io::Result<Seen> {
        let line = format!("INC {} {mutation} {}\n", self.server, words(numbers));
        let seen = self.ask(&line, numbers).await?;
        if let Some(naive) = &self.naive {
            naive.delete(names).await;
        }
        Ok(seen)
    }

    async fn get(&self, numbers: &[usize]) -> io::Result<Seen> {
        self.ask(&format!("GET {}\n", words(numbers)), numbers).await
    }

    async fn ask(&self, line: &str, numbers: &[usize]) -> io::Result<Seen> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => {
                let stream = TcpStream::connect(self.database).await?;
                stream.set_nodelay(true)?;
                BufReader::new(stream)
            }
        };
        connection.get_mut().write_all(line.as_bytes()).await?;
        let mut answer = String::new();
        connection.read_line(&mut answer).await?;
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        let versions: Vec<String> = numbers
            .iter()
            .zip(answer.split_whitespace())
            .map(|(number, version)| format!("{number}={version}"))
            .collect();
        if versions.len() == numbers.len() {
            Ok(Seen { from: "database".into(), versions, note: ".".repeat(100) })
        } else {
            Err(io::Error::other(format!("the database answered {answer:?}")))
        }
    }
}

fn words(numbers: &[usize]) -> String {
    numbers.iter().map(usize::to_string).collect::<Vec<_>>().join(" ")
}
