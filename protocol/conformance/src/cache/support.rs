//! Programs with their database and their Redis, and what their responses say.

use std::fs;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::backend::{Application, Backend};
use crate::client::{Client, Request, Response};
use crate::data::Data;
use crate::server::Server;
use mizan_faults::redis::RedisServer;
use serde_json::{Value, json};

/// How long something may take that is to happen soon.
const SOON: Duration = Duration::from_secs(10);

/// Settings of every program. A read waits longer for the cache than by default, so that a busy
/// machine does not turn a hit into a bypass.
const SETTINGS: &[(&str, &str)] = &[
    ("JWT_PRIVATE_KEY", "conformance jwt private key, 32 bytes and more"),
    ("MIZAN_CACHE_SECRET", "conformance cache secret, 32 bytes and more"),
    ("CACHE_READ_TIMEOUT_MS", "500"),
    ("CACHE_WRITE_TIMEOUT_MS", "5000"),
];

/// Where the cache is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Store {
    Memory,
    Redis,
}

/// How a read was answered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum By {
    Hit,
    Miss,
    Bypass,
    /// There is no cache.
    Nothing,
}

/// A database, and a Redis where the cache is there.
pub(crate) struct World {
    backend: Backend,
    pub(crate) data: Data,
    redis: Option<RedisServer>,
}

impl World {
    pub(crate) fn new(backend: &Backend, store: Store) -> Self {
        Self::with_redis(backend, (store == Store::Redis).then(|| RedisServer::start().unwrap()))
    }

    pub(crate) fn with_redis(backend: &Backend, redis: Option<RedisServer>) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("cache-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = backend.folder().unwrap().join(name);
        drop(fs::remove_dir_all(&folder));
        fs::create_dir_all(&folder).unwrap();
        Self { backend: backend.clone(), data: Data::at(folder), redis }
    }

    pub(crate) fn redis(&self) -> &RedisServer {
        self.redis.as_ref().unwrap()
    }

    /// A program on this database and this cache.
    pub(crate) fn app(&self) -> App {
        self.app_with(&[])
    }

    /// The same with other settings.
    pub(crate) fn app_with(&self, settings: &[(&str, &str)]) -> App {
        let url = self.redis.as_ref().map(RedisServer::url);
        let url = url.as_deref().map(|url| ("MIZAN_CACHE_REDIS_URL", url));
        let all: Vec<_> = SETTINGS.iter().copied().chain(url).chain(settings.to_vec()).collect();
        App::new(self.start(&all).unwrap())
    }

    /// A program on this database with these settings alone.
    pub(crate) fn start(&self, settings: &[(&str, &str)]) -> std::io::Result<Server> {
        let folder = self.data.folder().to_str().unwrap();
        let all: Vec<_> =
            std::iter::once(("CACHE_DATA", folder)).chain(settings.to_vec()).collect();
        self.backend.start(Application::Cache, &all)
    }

    /// Sets a number from outside of Mizan.
    #[track_caller]
    pub(crate) fn set(&self, name: &str, number: i64) {
        self.data.set(name, number).unwrap();
    }
}

impl Drop for World {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(self.data.folder()));
    }
}

/// A running program, and one connection to it.
pub(crate) struct App {
    pub(crate) server: Server,
    pub(crate) client: Client,
}

impl App {
    pub(crate) fn new(server: Server) -> Self {
        let client = server.client();
        Self { server, client }
    }

    #[track_caller]
    pub(crate) fn send(&mut self, request: &Request) -> Response {
        self.client.send(request).unwrap()
    }

    /// Reads a context, whatever comes of it.
    #[track_caller]
    pub(crate) fn read(&mut self, context_and_query: &str) -> Response {
        self.send(&read(context_and_query))
    }

    /// Reads a context that answers.
    #[track_caller]
    pub(crate) fn bundle(&mut self, context_and_query: &str) -> (By, Value) {
        bundle(&self.read(context_and_query))
    }

    /// The same as a user.
    #[track_caller]
    pub(crate) fn bundle_as(&mut self, user: &str, context_and_query: &str) -> (By, Value) {
        bundle(&self.send(&read(context_and_query).header("X-User", user)))
    }

    /// Reads a user, and gives the value of the profile.
    #[track_caller]
    pub(crate) fn value(&mut self, query: &str) -> (By, i64) {
        let (by, bundle) = self.bundle(&format!("user/?{query}"));
        (by, bundle["profile"]["value"].as_i64().unwrap())
    }

    /// Reads a user until the cache answers. On the way there and by the cache, nothing else is
    /// answered than this value.
    #[track_caller]
    pub(crate) fn warm(&mut self, query: &str, value: i64) {
        self.warm_bundle(&format!("user/?{query}"), |bundle| {
            assert_eq!(bundle["profile"]["value"], value, "{query}");
        });
    }

    /// The same for any context; `check` judges every response.
    #[track_caller]
    pub(crate) fn warm_bundle(&mut self, context_and_query: &str, check: impl Fn(&Value)) {
        soon(context_and_query, || {
            let (by, bundle) = self.bundle(context_and_query);
            check(&bundle);
            by == By::Hit
        });
    }

    /// Calls a function, whatever comes of it.
    #[track_caller]
    pub(crate) fn try_call(&mut self, function: &str, args: Value) -> Response {
        self.send(&call(function, args))
    }

    /// Calls a function that succeeds.
    #[track_caller]
    pub(crate) fn call(&mut self, function: &str, args: Value) -> Response {
        let answer = self.try_call(function, args);
        assert_eq!(answer.status, 200, "{function}: {}", answer.text());
        answer
    }

    #[track_caller]
    pub(crate) fn rename(&mut self, user_id: i64, value: i64) {
        self.call("rename", json!({ "user_id": user_id, "value": value }));
    }

    /// A counter of the cache of this process.
    #[track_caller]
    pub(crate) fn count(&mut self, name: &str) -> u64 {
        let counts = self.call("counts", json!({})).json().unwrap();
        counts["result"][name].as_u64().unwrap()
    }
}

/// A read of a context, with a query.
pub(crate) fn read(context_and_query: &str) -> Request {
    Request::get(format!("/api/mizan/ctx/{context_and_query}"))
}

/// A call of a function.
pub(crate) fn call(function: &str, args: Value) -> Request {
    Request::call(json!({ "fn": function, "args": args }).to_string())
}

/// How a read was answered.
#[track_caller]
pub(crate) fn by(answer: &Response) -> By {
    match answer.header("x-mizan-cache") {
        Some("HIT") => By::Hit,
        Some("MISS") => By::Miss,
        Some("BYPASS") => By::Bypass,
        None => By::Nothing,
        Some(other) => panic!("the header is {other:?}"),
    }
}

#[track_caller]
pub(crate) fn bundle(answer: &Response) -> (By, Value) {
    assert_eq!(answer.status, 200, "{}", answer.text());
    (by(answer), answer.json().unwrap())
}

/// Asks until it is so.
#[track_caller]
pub(crate) fn soon(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + SOON;
    while !is_so() {
        assert!(Instant::now() < deadline, "{what}: it never came so far");
        thread::sleep(Duration::from_millis(3));
    }
}
