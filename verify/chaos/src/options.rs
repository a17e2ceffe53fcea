//! What the command line says.

use std::net::SocketAddr;

pub(crate) const USAGE: &str = "\
usage: chaos [options]

  --cache mizan|delete|both  which cache: Mizan's, one that deletes after the commit, or first one
                             and then the other (both)
  --reads N --mutations N    how many of each, at least
  --kills N --cuts N --restarts N --evictions N
                             how many faults of each kind
  --servers N                how many server processes (3)
  --seed N                   the seed of everything random
  --quick                    a sixth of everything
  --logs                     show what the servers log
";

/// Which cache is before the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cache {
    /// That of Mizan.
    Mizan,
    /// One written manually that deletes keys after the commit.
    Delete,
}

/// What is to be done.
pub(crate) enum Command {
    Server(ServerOptions),
    Race(Options),
}

/// What a server process is started with. Mizan's cache is found by the environment.
pub(crate) struct ServerOptions {
    pub(crate) number: usize,
    pub(crate) database: SocketAddr,
    /// Where the cache lies that is written manually.
    pub(crate) naive: Option<String>,
}

/// What a race is made of.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub(crate) caches: Vec<Cache>,
    pub(crate) reads: u64,
    pub(crate) mutations: u64,
    pub(crate) kills: u64,
    pub(crate) cuts: u64,
    pub(crate) restarts: u64,
    pub(crate) evictions: u64,
    pub(crate) servers: usize,
    pub(crate) seed: u64,
    pub(crate) logs: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            caches: vec![Cache::Mizan, Cache::Delete],
            reads: 600_000,
            mutations: 12_000,
            kills: 30,
            cuts: 30,
            restarts: 6,
            evictions: 120,
            servers: 3,
            seed: 1,
            logs: false,
        }
    }
}

/// Reads the command line; the error is for the user who typed it.
pub(crate) fn parse(arguments: &[String]) -> Result<Command, String> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["server", number, database] => server(number, database, None),
        ["server", number, database, naive] => server(number, database, Some(naive)),
        _ => race(&words).map(Command::Race),
    }
}

fn server(number: &str, database: &str, naive: Option<&str>) -> Result<Command, String> {
    Ok(Command::Server(ServerOptions {
        number: value("server", Some(number))?,
        database: value("server", Some(database))?,
        naive: naive.map(str::to_owned),
    }))
}

fn race(words: &[&str]) -> Result<Options, String> {
    let mut options = Options::default();
    if words.contains(&"--quick") {
        let all = [&mut options.reads, &mut options.mutations, &mut options.kills];
        let more = [&mut options.cuts, &mut options.restarts, &mut options.evictions];
        all.into_iter().chain(more).for_each(|count| *count /= 6);
    }
    let mut words = words.iter().copied();
    while let Some(name) = words.next() {
        match name {
            "--reads" => options.reads = value(name, words.next())?,
            "--mutations" => options.mutations = value(name, words.next())?,
            "--kills" => options.kills = value(name, words.next())?,
            "--cuts" => options.cuts = value(name, words.next())?,
            "--restarts" => options.restarts = value(name, words.next())?,
            "--evictions" => options.evictions = value(name, words.next())?,
            "--servers" => options.servers = value(name, words.next())?,
            "--seed" => options.seed = value(name, words.next())?,
            "--cache" => options.caches = caches(words.next())?,
            "--logs" => options.logs = true,
            "--quick" => {}
            other => return Err(format!("there is no option `{other}`")),
        }
    }
    match options.servers {
        0 => Err("`--servers` is 1 or more".into()),
        _ => Ok(options),
    }
}

fn caches(word: Option<&str>) -> Result<Vec<Cache>, String> {
    match word {
        Some("mizan") => Ok(vec![Cache::Mizan]),
        Some("delete") => Ok(vec![Cache::Delete]),
        Some("both") => Ok(vec![Cache::Mizan, Cache::Delete]),
        _ => Err("`--cache` is `mizan`, `delete` or `both`".into()),
    }
}

fn value<T: std::str::FromStr>(name: &str, word: Option<&str>) -> Result<T, String> {
    let word = word.ok_or_else(|| format!("`{name}` needs a value"))?;
    word.parse().map_err(|_| format!("`{word}` is not a value for `{name}`"))
}
