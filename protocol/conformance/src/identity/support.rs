//! Programs, browsers and bearers of tokens, and what is judged on every response.

use std::collections::BTreeMap;

use crate::backend::{Application, Backend};
use crate::client::{Client, Request, Response};
use crate::server::Server;
use mizan_faults::redis::RedisServer;
use serde_json::{Value, json};

pub(crate) const MOUNT: &str = "/api/mizan";
pub(crate) const JWT_PRIVATE_KEY: &str = "identity jwt private key, 32 bytes and more";
pub(crate) const MWT_SECRET: &str = "identity mwt secret, 32 bytes and more";

pub(crate) const SETTINGS: &[(&str, &str)] = &[
    ("JWT_PRIVATE_KEY", JWT_PRIVATE_KEY),
    ("MIZAN_MWT_SECRET", MWT_SECRET),
    ("MIZAN_CACHE_SECRET", "identity cache secret, 32 bytes and more"),
];

/// Where sessions are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Store {
    Memory,
    Redis,
}

/// Two processes that share a Redis, or one that stands for both.
pub(crate) struct World {
    servers: Vec<Server>,
    /// Lives as long as they do.
    redis: Option<RedisServer>,
}

impl World {
    pub(crate) fn new(backend: &Backend, store: Store) -> Self {
        let redis = (store == Store::Redis).then(|| RedisServer::start().unwrap());
        let url = redis.as_ref().map(RedisServer::url);
        let shared: Vec<_> = url.iter().map(|url| ("MIZAN_SESSION_REDIS_URL", &**url)).collect();
        let count = if redis.is_some() { 2 } else { 1 };
        let servers = (0..count).map(|_| server(backend, &shared)).collect();
        Self { servers, redis }
    }

    /// How many keys the Redis has; 0 without one.
    pub(crate) fn keys(&self) -> usize {
        self.redis.as_ref().map_or(0, |redis| redis.keys().unwrap().len())
    }

    pub(crate) fn here(&self) -> &Server {
        &self.servers[0]
    }

    /// The other process.
    pub(crate) fn there(&self) -> &Server {
        self.servers.last().unwrap()
    }

    /// Changes users in every process.
    pub(crate) fn everywhere(&self, function: &str, args: Value) {
        for server in &self.servers {
            assert_eq!(call(&mut server.client(), function, &args, |call| call).status, 200);
        }
    }
}

/// The program with these settings over the usual ones.
pub(crate) fn server(backend: &Backend, settings: &[(&str, &str)]) -> Server {
    let all: Vec<_> = SETTINGS.iter().chain(settings).copied().collect();
    backend.start(Application::Identity, &all).unwrap()
}

/// Sends a request, and judges what holds for every response.
#[track_caller]
pub(crate) fn send(client: &mut Client, request: &Request) -> Response {
    let answer = client.send(request).unwrap();
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let body = answer.json().unwrap();
    assert_eq!(answer.status >= 400, body["error"]["code"].is_string(), "{}", answer.seen());
    for marker in ["marker-", "panicked", ".rs:", "Redis", "redis"] {
        assert!(!answer.seen().contains(marker), "{}", answer.seen());
    }
    answer
}

/// A call in whatever dress.
#[track_caller]
pub(crate) fn call(
    client: &mut Client,
    function: &str,
    args: &Value,
    dress: impl FnOnce(Request) -> Request,
) -> Response {
    let body = json!({ "fn": function, "args": args }).to_string();
    send(client, &dress(Request::call(body)))
}

/// What a call of a bearer is answered.
#[track_caller]
pub(crate) fn by_bearer(client: &mut Client, token: &str, function: &str) -> Response {
    call(client, function, &json!({}), |call| {
        call.header("Authorization", format!("Bearer {token}"))
    })
}

#[track_caller]
pub(crate) fn refresh(client: &mut Client, token: &str) -> Response {
    let body = json!({ "refresh": token }).to_string();
    let request = Request::new("POST", format!("{MOUNT}/session/refresh/"));
    send(client, &request.header("Content-Type", "application/json").body(body))
}

/// The members of a pair of tokens.
pub(crate) fn pair(answer: &Response) -> (String, String) {
    assert_eq!(answer.status, 200, "{}", answer.seen());
    let body = answer.json().unwrap();
    let text = |name: &str| body[name].as_str().unwrap().to_owned();
    (text("access"), text("refresh"))
}

/// Who is reading, with these headers; the status where it is refused.
#[track_caller]
pub(crate) fn reader(client: &mut Client, headers: &[(&str, &str)]) -> Result<Value, u16> {
    let request = Request::get(format!("{MOUNT}/ctx/me/"));
    let dressed = headers
        .iter()
        .fold(request, |request, (name, value)| request.header(*name, value.as_bytes()));
    let answer = send(client, &dressed);
    match answer.status {
        200 => Ok(answer.json().unwrap()["me"]["user"].clone()),
        status => Err(status),
    }
}

/// A browser: cookies, and the token that its pages send.
pub(crate) struct Browser {
    client: Client,
    pub(crate) cookies: BTreeMap<String, String>,
}

impl Browser {
    pub(crate) fn new(server: &Server) -> Self {
        Self { client: server.client(), cookies: BTreeMap::new() }
    }

    #[track_caller]
    pub(crate) fn signed_in(server: &Server, name: &str) -> Self {
        let mut browser = Self::new(server);
        browser.sign_in(name);
        browser
    }

    #[track_caller]
    pub(crate) fn sign_in(&mut self, name: &str) {
        let answer = self.call("sign_in", json!({ "name": name }));
        assert_eq!(answer.status, 200, "{}", answer.seen());
    }

    /// The same browser on the other process of its site.
    pub(crate) fn at(&self, server: &Server) -> Self {
        Self { client: server.client(), cookies: self.cookies.clone() }
    }

    pub(crate) fn cookie_header(&self) -> String {
        let pairs = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }

    #[track_caller]
    pub(crate) fn send(&mut self, request: Request) -> Response {
        let request = if self.cookies.is_empty() {
            request
        } else {
            request.header("Cookie", self.cookie_header())
        };
        let answer = send(&mut self.client, &request);
        for (_, cookie) in answer.headers.iter().filter(|(name, _)| name == "set-cookie") {
            let (name, rest) = cookie.split_once('=').unwrap();
            match rest.split(';').next().unwrap_or_default() {
                "" => self.cookies.remove(name),
                value => self.cookies.insert(name.into(), value.into()),
            };
        }
        answer
    }

    #[track_caller]
    pub(crate) fn csrf(&mut self) -> String {
        let answer = self.send(Request::get(format!("{MOUNT}/session/")));
        answer.json().unwrap()["csrfToken"].as_str().unwrap().to_owned()
    }

    /// A write as a page sends it: with a token of now.
    #[track_caller]
    pub(crate) fn write(&mut self, request: Request) -> Response {
        let token = self.csrf();
        self.send(request.header("X-CSRFToken", token))
    }

    #[track_caller]
    pub(crate) fn call(&mut self, function: &str, args: Value) -> Response {
        self.write(Request::call(json!({ "fn": function, "args": args }).to_string()))
    }

    #[track_caller]
    pub(crate) fn post(&mut self, path: &str) -> Response {
        self.write(Request::new("POST", format!("{MOUNT}/{path}")).body(""))
    }

    #[track_caller]
    pub(crate) fn sign_out(&mut self) -> Response {
        self.write(Request::new("DELETE", format!("{MOUNT}/session/")))
    }

    /// An access and a refresh token.
    #[track_caller]
    pub(crate) fn tokens(&mut self) -> (String, String) {
        pair(&self.post("session/jwt/"))
    }

    /// An edge token.
    #[track_caller]
    pub(crate) fn edge(&mut self) -> String {
        let answer = self.post("session/mwt/");
        assert_eq!(answer.status, 200, "{}", answer.seen());
        answer.json().unwrap()["token"].as_str().unwrap().to_owned()
    }

    #[track_caller]
    pub(crate) fn whoami(&mut self) -> Value {
        self.call("whoami", json!({})).json().unwrap()["result"]["user"].clone()
    }
}
