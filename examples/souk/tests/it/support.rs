//! A market for one test, and a browser that sends what a browser would.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};

use mizan_core::{Headers, Mizan, Next, ProtocolHeader, RequestHead, Response, Webhook};
use serde_json::{Value, json};
use souk::db::{Db, Settings};
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Executor};
use tempfile::TempDir;

/// Runs tests that take a market, on both databases.
macro_rules! on_both {
    ($($test:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $test() {
                let market = $crate::support::Market::sqlite().await;
                super::$test(&market).await;
            })*
        }

        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            #[ignore = "needs postgresql: cargo xtask test"]
            async fn $test() {
                let market = $crate::support::Market::postgres().await;
                super::$test(&market).await;
                market.remove().await;
            })*
        }
    };
}
pub(crate) use on_both;

/// A filled market on a database that nobody else sees.
pub(crate) struct Market {
    pub(crate) db: Db,
    pub(crate) mizan: Mizan,
    pub(crate) bank: Webhook,
    place: Place,
}

enum Place {
    /// Removed when it is dropped.
    Folder { _folder: TempDir },
    /// A schema of a server.
    Schema { server: String, name: String },
}

impl Market {
    pub(crate) async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings::Sqlite(folder.path().join("a folder/souk.db"));
        Self::open(settings, Place::Folder { _folder: folder }).await
    }

    pub(crate) async fn postgres() -> Self {
        static SCHEMAS: AtomicU32 = AtomicU32::new(0);
        let server = std::env::var("SOUK_TEST_POSTGRES").expect("SOUK_TEST_POSTGRES holds a URL");
        let count = SCHEMAS.fetch_add(1, Ordering::Relaxed);
        let name = format!("souk_{}_{count}", std::process::id());
        on_server(&server, format!("CREATE SCHEMA {name}")).await;
        let start = if server.contains('?') { '&' } else { '?' };
        let settings = Settings::Postgres(format!("{server}{start}options[search_path]={name}"));
        Self::open(settings, Place::Schema { server, name }).await
    }

    async fn open(settings: Settings, place: Place) -> Self {
        let db = Db::open(&settings).await.unwrap();
        souk::seed::once(&db).await.unwrap();
        let bank = Webhook::new("a secret of the bank, long enough for one").unwrap();
        let mizan = souk::build(db.clone(), bank.clone()).unwrap();
        Self { db, mizan, bank, place }
    }

    /// Leaves nothing behind on the server.
    pub(crate) async fn remove(self) {
        self.db.pool().close().await;
        if let Place::Schema { server, name } = self.place {
            on_server(&server, format!("DROP SCHEMA {name} CASCADE")).await;
        }
    }

    /// A browser in which this user has signed in.
    pub(crate) async fn user(&self, id: i64) -> Browser {
        let name = sqlx::query_as("SELECT name FROM accounts WHERE user_id = $1").bind(id);
        let (name,): (String,) = name.fetch_one(self.db.pool()).await.unwrap();
        let mut browser = self.visitor().await;
        browser.sign_in(&name, souk::seed::PASSWORD).await.result();
        browser
    }

    /// A browser in which nobody has signed in.
    pub(crate) async fn visitor(&self) -> Browser {
        Browser::new(self.mizan.clone()).await
    }

    /// Sends a request of no browser.
    pub(crate) async fn send(&self, request: &Fake) -> Response {
        accept(&self.mizan, request).await
    }

    /// One number from the database.
    pub(crate) async fn number(&self, sql: &'static str) -> i64 {
        let (number,): (i64,) = sqlx::query_as(sql).fetch_one(self.db.pool()).await.unwrap();
        number
    }

    pub(crate) async fn in_stock(&self, good_id: i64) -> i64 {
        let row = sqlx::query_as("SELECT in_stock FROM goods WHERE id = $1").bind(good_id);
        let (number,): (i64,) = row.fetch_one(self.db.pool()).await.unwrap();
        number
    }
}

async fn on_server(server: &str, sql: String) {
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(server).await.unwrap();
    connection.execute(AssertSqlSafe(sql)).await.unwrap();
    connection.close().await.unwrap();
}

/// What came back of a call.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
    /// The header `X-Mizan-Invalidate`, or nothing.
    pub(crate) made_old: String,
}

impl Answer {
    fn of(reply: Response) -> Self {
        let body = serde_json::from_slice(&reply.body).unwrap();
        Self { status: reply.status, body, made_old: reply.invalidate.unwrap_or_default() }
    }

    /// The result of a call that has to succeed.
    #[track_caller]
    pub(crate) fn result(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        self.body["result"].clone()
    }

    /// Code and message of a call that has to fail.
    #[track_caller]
    pub(crate) fn error(&self) -> (&str, &str) {
        let error = &self.body["error"];
        (error["code"].as_str().unwrap(), error["message"].as_str().unwrap())
    }

    /// The faulty fields of a call that has to fail, with their messages.
    #[track_caller]
    pub(crate) fn fields(&self) -> &Value {
        assert_eq!((self.status, self.error().0), (422, "VALIDATION_ERROR"), "{}", self.body);
        &self.body["error"]["details"]["fields"]
    }
}

/// Somebody with cookies and a CSRF token.
#[derive(Clone)]
pub(crate) struct Browser {
    mizan: Mizan,
    cookies: BTreeMap<String, String>,
    token: String,
    pub(crate) user_agent: &'static str,
}

impl Browser {
    /// Asks for a CSRF token and keeps its cookie.
    async fn new(mizan: Mizan) -> Self {
        let mut browser = Self {
            mizan,
            cookies: BTreeMap::new(),
            token: String::new(),
            user_agent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        };
        browser.renew_token().await;
        browser
    }

    /// Signs in, and asks for the token of the new session.
    pub(crate) async fn sign_in(&mut self, name: &str, password: &str) -> Answer {
        self.change("sign_in", json!({ "name": name, "password": password })).await
    }

    /// Signs out, by a function of the application.
    pub(crate) async fn sign_out(&mut self) -> Answer {
        self.change("sign_out", json!({})).await
    }

    /// Asks for an access and a refresh token.
    pub(crate) async fn tokens(&self) -> Value {
        Answer::of(self.send(Fake { method: "POST", ..Fake::get("session/jwt/", "") }).await).body
    }

    /// Makes a call that sets cookies.
    async fn change(&mut self, function: &str, args: Value) -> Answer {
        let reply = self.send(Fake::call(function, args)).await;
        self.keep(&reply);
        self.renew_token().await;
        Answer::of(reply)
    }

    async fn renew_token(&mut self) {
        let reply = self.send(Fake::get("session/", "")).await;
        self.keep(&reply);
        self.token = Answer::of(reply).body["csrfToken"].as_str().unwrap().into();
    }

    fn keep(&mut self, reply: &Response) {
        for cookie in &reply.set_cookie {
            let pair = cookie.split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.into(), value.into());
        }
    }

    /// Reads a context: the status and the whole body.
    pub(crate) async fn get(&self, context: &str, query: &str) -> (u16, Value) {
        let answer = Answer::of(self.send(Fake::get(&format!("ctx/{context}/"), query)).await);
        (answer.status, answer.body)
    }

    /// Reads a context that has to be there.
    pub(crate) async fn read(&self, context: &str, query: &str) -> Value {
        let (status, body) = self.get(context, query).await;
        assert_eq!(status, 200, "{context}?{query}: {body}");
        body
    }

    /// Calls a function.
    pub(crate) async fn call(&self, function: &str, args: Value) -> Answer {
        Answer::of(self.send(Fake::call(function, args)).await)
    }

    async fn send(&self, request: Fake) -> Response {
        let request = self
            .with_cookies(request)
            .with("content-type", "application/json")
            .with("sec-fetch-site", "same-origin")
            .with("x-csrftoken", &self.token)
            .with("user-agent", self.user_agent);
        accept(&self.mizan, &request).await
    }

    /// Opens a page.
    pub(crate) async fn open(&mut self, address: &str) -> Page {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let request = Fake { path: path.into(), query: query.into(), ..Fake::get("", "") };
        self.page(request).await
    }

    /// The token in the form of a page.
    pub(crate) async fn form_token(&mut self, address: &str) -> String {
        let page = self.open(address).await;
        let (_, rest) = page.text.split_once(r#"name="csrf_token" value=""#).unwrap();
        rest.split('"').next().unwrap().to_owned()
    }

    /// Submits a form with the token of its page, which stands at the same address.
    pub(crate) async fn submit(&mut self, address: &str, fields: &[(&str, &str)]) -> Page {
        let page = if address == "/classic/sign-out/" { "/classic/sign-in/" } else { address };
        let token = self.form_token(page).await;
        self.submit_with(&token, address, fields).await
    }

    pub(crate) async fn submit_with(
        &mut self,
        token: &str,
        address: &str,
        fields: &[(&str, &str)],
    ) -> Page {
        let encode =
            |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02X}")).collect() };
        let fields = [fields, &[("csrf_token", token)]].concat();
        let pairs = fields.iter().map(|(name, value)| format!("{name}={}", encode(value)));
        let pairs: Vec<_> = pairs.collect();
        let form = "application/x-www-form-urlencoded";
        self.page(Fake::post(address, form, pairs.join("&"))).await
    }

    /// As a browser without JavaScript: no header holds the token.
    async fn page(&mut self, request: Fake) -> Page {
        let agent =
            request.with("sec-fetch-site", "same-origin").with("user-agent", self.user_agent);
        let reply = accept(&self.mizan, &self.with_cookies(agent)).await;
        self.keep(&reply);
        Page {
            status: reply.status,
            text: String::from_utf8(reply.body.to_vec()).unwrap(),
            location: reply.location,
            made_old: reply.invalidate.unwrap_or_default(),
        }
    }

    fn with_cookies(&self, request: Fake) -> Fake {
        let pairs = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        let pairs: Vec<_> = pairs.collect();
        if pairs.is_empty() { request } else { request.with("cookie", &pairs.join("; ")) }
    }
}

/// A page as a browser gets it.
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) text: String,
    pub(crate) location: Option<String>,
    pub(crate) made_old: String,
}

pub(crate) async fn accept(mizan: &Mizan, request: &Fake) -> Response {
    match mizan.accept(request) {
        Next::Done(reply) => reply,
        Next::Run(read) => read.await,
        Next::NeedsBody(call) => call.run(request.body.clone()).await,
    }
}

/// A request as an adapter would hold it.
pub(crate) struct Fake {
    method: &'static str,
    path: String,
    query: String,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Fake {
    fn get(path: &str, query: &str) -> Self {
        let (path, query) = (format!("/api/mizan/{path}"), query.into());
        Self { method: "GET", path, query, headers: Vec::new(), body: String::new() }
    }

    fn call(function: &str, args: Value) -> Self {
        let body = json!({ "fn": function, "args": args }).to_string();
        Self { method: "POST", body, ..Self::get("call/", "") }
    }

    /// A request to a route.
    pub(crate) fn post(path: &str, media: &str, body: String) -> Self {
        let request = Self { method: "POST", path: path.into(), body, ..Self::get("", "") };
        request.with("content-type", media)
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

impl RequestHead for Fake {
    fn method(&self) -> &str {
        self.method
    }
    fn path(&self) -> &str {
        &self.path
    }
    fn query(&self) -> &str {
        &self.query
    }
    fn header(&self, header: ProtocolHeader) -> Option<&[u8]> {
        let mut headers = self.headers.iter();
        headers.find(|(name, _)| *name == header.as_str()).map(|(_, value)| value.as_bytes())
    }
    fn headers(&self) -> Headers {
        self.headers.iter().map(|(name, value)| (*name, value.as_bytes())).collect()
    }
    fn peer(&self) -> Option<SocketAddr> {
        None
    }
    fn is_secure(&self) -> bool {
        false
    }
}
