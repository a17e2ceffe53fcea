//! A market for one test, and a browser that sends what a browser would.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use mizan_core::testing::{TestRequest, TestResponse};
use mizan_core::{Mizan, Secret, Webhook};
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
    settings: Settings,
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
        let key = Secret::new("a key of the sessions, long enough for one").unwrap();
        let mizan = souk::build(db.clone(), bank.clone(), Some(key)).unwrap();
        Self { db, mizan, bank, settings, place }
    }

    /// The file of the database.
    pub(crate) fn file(&self) -> &Path {
        self.settings.file()
    }

    /// The variables of a server on this database.
    pub(crate) fn environment(&self) -> Vec<(&'static str, OsString)> {
        match &self.settings {
            Settings::Sqlite(file) => vec![("SOUK_DB", file.into())],
            Settings::Postgres(url) => vec![
                ("DATABASE_URL", url.into()),
                ("JWT_PRIVATE_KEY", "a key of the sessions, long enough for one".into()),
                ("SOUK_BANK_SECRET", "a secret of the bank, long enough for one".into()),
            ],
        }
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
        let name = sqlx::query_scalar("SELECT name FROM accounts WHERE user_id = $1").bind(id);
        let name: String = name.fetch_one(self.db.pool()).await.unwrap();
        let mut browser = self.visitor().await;
        browser.sign_in(&name, souk::seed::PASSWORD).await.result();
        browser
    }

    /// A browser in which nobody has signed in.
    pub(crate) async fn visitor(&self) -> Browser {
        Browser::new(self.mizan.clone()).await
    }

    /// Sends a request of no browser.
    pub(crate) async fn send(&self, request: &TestRequest) -> TestResponse {
        request.clone().send(&self.mizan).await
    }

    /// One number from the database.
    pub(crate) async fn number(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(self.db.pool()).await.unwrap()
    }

    pub(crate) async fn in_stock(&self, good_id: i64) -> i64 {
        let number = sqlx::query_scalar("SELECT in_stock FROM goods WHERE id = $1").bind(good_id);
        number.fetch_one(self.db.pool()).await.unwrap()
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
    fn of(response: TestResponse) -> Self {
        let made_old = response.header("x-mizan-invalidate").unwrap_or_default().to_owned();
        Self { status: response.status(), body: response.json(), made_old }
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
    /// Whether pages are asked for as htmx does.
    pub(crate) uses_htmx: bool,
}

impl Browser {
    /// Asks for a CSRF token and keeps its cookie.
    async fn new(mizan: Mizan) -> Self {
        let mut browser = Self {
            mizan,
            cookies: BTreeMap::new(),
            token: String::new(),
            user_agent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            uses_htmx: false,
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
        Answer::of(self.send(protocol("POST", "session/jwt/")).await).body
    }

    /// Makes a call that sets cookies.
    async fn change(&mut self, function: &str, args: Value) -> Answer {
        let reply = self.send(post_call(function, args)).await;
        self.keep(&reply);
        self.renew_token().await;
        Answer::of(reply)
    }

    async fn renew_token(&mut self) {
        let reply = self.send(protocol("GET", "session/")).await;
        self.keep(&reply);
        self.token = Answer::of(reply).body["csrfToken"].as_str().unwrap().into();
    }

    fn keep(&mut self, response: &TestResponse) {
        for cookie in response.cookies() {
            let pair = cookie.split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.into(), value.into());
        }
    }

    /// Reads a context: the status and the whole body.
    pub(crate) async fn get(&self, context: &str, query: &str) -> (u16, Value) {
        let answer =
            Answer::of(self.send(protocol("GET", &format!("ctx/{context}/")).query(query)).await);
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
        Answer::of(self.send(post_call(function, args)).await)
    }

    async fn send(&self, request: TestRequest) -> TestResponse {
        let request = self
            .with_cookies(request)
            .header("content-type", "application/json")
            .header("sec-fetch-site", "same-origin")
            .header("x-csrftoken", &self.token)
            .header("user-agent", self.user_agent);
        request.send(&self.mizan).await
    }

    /// Opens a page.
    pub(crate) async fn open(&mut self, address: &str) -> Page {
        self.page(TestRequest::new("GET", address)).await
    }

    /// The token in the form of a page.
    pub(crate) async fn form_token(&mut self, address: &str) -> String {
        let page = self.open(address).await;
        let (_, rest) = page.text.split_once(r#"name="csrf_token" value=""#).unwrap();
        rest.split('"').next().unwrap().to_owned()
    }

    /// Submits a form with the token of its page, which is at the same address.
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
        let fields = [fields, &[("csrf_token", token)]].concat();
        self.page(TestRequest::new("POST", address).form(&fields)).await
    }

    /// As a browser without JavaScript: no header holds the token.
    async fn page(&mut self, request: TestRequest) -> Page {
        let agent =
            request.header("sec-fetch-site", "same-origin").header("user-agent", self.user_agent);
        let agent = if self.uses_htmx { agent.header("hx-request", "true") } else { agent };
        let response = self.with_cookies(agent).send(&self.mizan).await;
        self.keep(&response);
        let header = |name| response.header(name).map(str::to_owned);
        Page {
            status: response.status(),
            text: String::from_utf8(response.body().to_vec()).unwrap(),
            location: header("location").or_else(|| header("hx-redirect")),
            made_old: header("x-mizan-invalidate").unwrap_or_default(),
        }
    }

    fn with_cookies(&self, request: TestRequest) -> TestRequest {
        let pairs = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        let pairs: Vec<_> = pairs.collect();
        if pairs.is_empty() { request } else { request.header("cookie", pairs.join("; ")) }
    }
}

/// A page as a browser gets it.
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) text: String,
    pub(crate) location: Option<String>,
    pub(crate) made_old: String,
}

/// A request to an endpoint of the protocol.
fn protocol(method: &str, path: &str) -> TestRequest {
    TestRequest::new(method, &format!("/api/mizan/{path}"))
}

/// A call of a function.
fn post_call(function: &str, args: Value) -> TestRequest {
    protocol("POST", "call/").body(json!({ "fn": function, "args": args }).to_string())
}

/// A request to a route.
pub(crate) fn post(path: &str, media: &str, body: String) -> TestRequest {
    TestRequest::new("POST", path).header("content-type", media).body(body)
}
