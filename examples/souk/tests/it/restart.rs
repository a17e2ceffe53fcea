//! The server as a process that is killed and started again on the same database.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Market, on_both};

on_both!(a_restart_keeps_who_is_signed_in_and_who_has_signed_out);

async fn a_restart_keeps_who_is_signed_in_and_who_has_signed_out(market: &Market) {
    let mut caller = Caller { server: Server::start(market), cookies: BTreeMap::new() };
    let sign_in = json!({ "name": "lucia", "password": souk::seed::PASSWORD });
    assert_eq!(caller.call("sign_in", &sign_in).0, 200);
    let (status, tokens) = caller.post("session/jwt/", &json!({}));
    assert_eq!(status, 200, "{tokens}");

    caller.server = Server::start(market);
    assert_eq!(caller.name(), "Lucía Fernández", "the cookie is good no longer");
    let (status, next) = caller.post("session/refresh/", &json!({ "refresh": tokens["refresh"] }));
    assert_eq!(status, 200, "the refresh token is good no longer: {next}");

    let signed_in = caller.cookies.clone();
    assert_eq!(caller.call("sign_out", &json!({})).0, 200);
    caller.server = Server::start(market);
    let refresh = json!({ "refresh": next["refresh"] });
    let (status, refused) = caller.post("session/refresh/", &refresh);
    assert_eq!(status, 401, "{refused}");
    caller.cookies = signed_in;
    assert_eq!(caller.name(), Value::Null, "a copy of the cookie is good");
}

/// The key of the sessions is made once, and for its owner alone.
#[tokio::test]
#[cfg(unix)]
async fn the_key_of_sessions_is_made_once_and_is_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let market = Market::sqlite().await;
    let file = market.file().with_extension("session-key");
    drop(Server::start(&market));
    let key = std::fs::read(&file).unwrap();
    assert_eq!(key.len(), 64);
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    drop(Server::start(&market));
    assert!(std::fs::read(&file).unwrap() == key, "a second start made another key");
}

/// Servers of PostgreSQL may run on several machines: none makes a key that the others do not know.
#[tokio::test]
#[ignore = "needs postgresql: cargo xtask test"]
async fn on_postgresql_the_key_of_sessions_must_be_given() {
    let market = Market::postgres().await;
    let mut server = Server::command(&market);
    let output = server.env_remove("JWT_PRIVATE_KEY").output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("need `JWT_PRIVATE_KEY`, and it is not set"), "{said}");
    assert!(said.contains("openssl rand -hex 32"), "{said}");
    market.remove().await;
}

/// The server in a process of its own, killed when this is dropped.
struct Server {
    process: Child,
    address: SocketAddr,
}

impl Server {
    fn command(market: &Market) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_souk"));
        for name in ["DATABASE_URL", "SOUK_DB", "JWT_PRIVATE_KEY", "MIZAN_SESSION_REDIS_URL"] {
            command.env_remove(name);
        }
        command.envs(market.environment()).env("MIZAN_ADDR", "127.0.0.1:0");
        command
    }

    fn start(market: &Market) -> Self {
        let mut command = Self::command(market);
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
        let address =
            lines.find_map(|line| line.split_once("http://")?.1.trim_end_matches('/').parse().ok());
        std::thread::spawn(move || lines.for_each(drop));
        Self { process, address: address.unwrap() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A browser, as far as cookies go.
struct Caller {
    server: Server,
    cookies: BTreeMap<String, String>,
}

impl Caller {
    /// Sends a request and keeps the cookies of the response: its status and its JSON.
    fn send(&mut self, line: &str, headers: &str, body: &str) -> (u16, Value) {
        let cookies = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        let cookies = cookies.collect::<Vec<_>>().join("; ");
        let mut stream = TcpStream::connect(self.server.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let request = format!(
            "{line} HTTP/1.1\r\nhost: souk\r\nconnection: close\r\nsec-fetch-site: same-origin\r\n\
             content-type: application/json\r\ncontent-length: {}\r\ncookie: {cookies}\r\n{headers}\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        let (head, body) = response.split_once("\r\n\r\n").unwrap();
        for line in head.lines() {
            if let Some((name, value)) = line.split_once(": ")
                && name.eq_ignore_ascii_case("set-cookie")
            {
                let (name, value) = value.split(';').next().unwrap().split_once('=').unwrap();
                self.cookies.insert(name.into(), value.into());
            }
        }
        let body = serde_json::from_str(body).unwrap_or_else(|_| panic!("{response}"));
        (head[9..12].parse().unwrap(), body)
    }

    fn post(&mut self, path: &str, body: &Value) -> (u16, Value) {
        let (_, session) = self.send("GET /api/mizan/session/", "", "");
        let token = format!("x-csrftoken: {}\r\n", session["csrfToken"].as_str().unwrap());
        self.send(&format!("POST /api/mizan/{path}"), &token, &body.to_string())
    }

    fn call(&mut self, function: &str, args: &Value) -> (u16, Value) {
        self.post("call/", &json!({ "fn": function, "args": args }))
    }

    /// Who the server takes this caller for.
    fn name(&mut self) -> Value {
        let (status, body) = self.send("GET /api/mizan/ctx/global/", "", "");
        assert_eq!(status, 200, "{body}");
        body["current_user"]["name"].clone()
    }
}
