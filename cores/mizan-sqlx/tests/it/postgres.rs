//! Sessions in PostgreSQL, also where connections break.

use std::net::{SocketAddr, ToSocketAddrs as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use mizan_core::testing::sessions::{self, step};
use mizan_core::{ErrorCode, Exchange, Refresh, SessionStore as _};
use mizan_faults::proxy::Proxy;
use mizan_sqlx::SqlSessions;
use sqlx::any::AnyPoolOptions;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgPool};

use crate::common::{self, stores};

/// A schema that no other test sees.
struct Schema {
    server: String,
    name: String,
}

impl Schema {
    async fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let server = std::env::var("SOUK_TEST_POSTGRES").expect("SOUK_TEST_POSTGRES holds a URL");
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("mizan_sqlx_{}_{count}", std::process::id());
        let schema = Self { server, name };
        schema.on_server(format!("CREATE SCHEMA {}", schema.name)).await;
        schema
    }

    async fn on_server(&self, sql: String) {
        let mut connection = PgConnection::connect(&self.server).await.unwrap();
        connection.execute(AssertSqlSafe(sql)).await.unwrap();
        connection.close().await.unwrap();
    }

    fn options(&self) -> PgConnectOptions {
        let options: PgConnectOptions = self.server.parse().unwrap();
        options.options([("search_path", &self.name)])
    }

    async fn pool(&self) -> PgPool {
        PgPoolOptions::new().max_connections(4).connect_with(self.options()).await.unwrap()
    }

    async fn process(&self) -> SqlSessions {
        SqlSessions::postgres(self.pool().await).migrate().await.unwrap()
    }

    async fn processes(&self) -> [SqlSessions; 2] {
        [self.process().await, self.process().await]
    }

    /// A proxy in front of the server, and a process that knows the server by it.
    async fn behind_a_proxy(&self) -> (Proxy, SqlSessions) {
        let options = self.options();
        let address = (options.get_host(), options.get_port()).to_socket_addrs().unwrap();
        let address: SocketAddr = address.into_iter().next().unwrap();
        let proxy = Proxy::start(address).unwrap();
        let near = proxy.address();
        let options = options.host(&near.ip().to_string()).port(near.port());
        let pool = PgPoolOptions::new().max_connections(4).connect_with(options).await.unwrap();
        (proxy, SqlSessions::postgres(pool).timeout(Duration::from_secs(1)))
    }

    async fn remove(self) {
        self.on_server(format!("DROP SCHEMA {} CASCADE", self.name)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs postgresql: cargo xtask test"]
async fn the_same_as_in_memory() {
    let schema = Schema::new().await;
    let stores = stores(&schema.processes().await);
    sessions::check(&stores).await;
    sessions::history(&*stores[0], 21, 3_000).await;
    sessions::flood(&stores, 1_000).await;
    schema.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs postgresql: cargo xtask test"]
async fn the_same_by_a_pool_of_either() {
    sqlx::any::install_default_drivers();
    let schema = Schema::new().await;
    let start = if schema.server.contains('?') { '&' } else { '?' };
    let url = format!("{}{start}options[search_path]={}", schema.server, schema.name);
    let pool = AnyPoolOptions::new().max_connections(4).connect(&url).await.unwrap();
    let any = SqlSessions::any(pool).unwrap();
    let stores = stores(&[any.migrate().await.unwrap(), schema.process().await]);
    sessions::check(&stores).await;
    sessions::history(&*stores[0], 22, 1_000).await;
    schema.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs postgresql: cargo xtask test"]
async fn races_of_processes_end_well() {
    let schema = Schema::new().await;
    let stores = stores(&schema.processes().await);
    common::the_bound_holds_under_a_race(&stores).await;
    common::nothing_outlives_a_parent_that_ends_meanwhile(&stores).await;
    schema.remove().await;
}

/// The pool asks for the strictest isolation, where the database refuses what it cannot put into an order.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs postgresql: cargo xtask test"]
async fn transactions_that_the_database_refuses_are_tried_again() {
    let schema = Schema::new().await;
    let strict = async || {
        let isolation = [("default_transaction_isolation", "serializable")];
        let options = schema.options().options(isolation);
        let pool = PgPoolOptions::new().max_connections(4).connect_with(options).await.unwrap();
        SqlSessions::postgres(pool).migrate().await.unwrap()
    };
    let stores = stores(&[strict().await, strict().await]);
    sessions::check(&stores).await;
    common::the_bound_holds_under_a_race(&stores).await;
    schema.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs postgresql: cargo xtask test"]
async fn eight_starts_at_once_make_the_tables_once() {
    let schema = Schema::new().await;
    let pools = [schema.pool().await, schema.pool().await];
    common::nothing_is_answered(&SqlSessions::postgres(pools[0].clone())).await;
    let starts: Vec<_> = (0..8)
        .map(|at| tokio::spawn(SqlSessions::postgres(pools[at % 2].clone()).migrate()))
        .collect();
    for start in starts {
        assert_eq!(step(&start.await.unwrap().unwrap(), "of 5").await, "");
    }
    schema.remove().await;
}

/// An outage is an error, never the end of a session, and is over when the outage is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs postgresql: cargo xtask test"]
async fn an_outage_signs_nobody_out() {
    let schema = Schema::new().await;
    step(&schema.process().await, "keep a 5 refresh=r1").await;
    let (proxy, store) = schema.behind_a_proxy().await;
    type Fault<'a> = (&'a str, &'a dyn Fn(), &'a dyn Fn());
    let faults: [Fault<'_>; 2] = [
        ("connections are refused", &|| proxy.refuse(), &|| proxy.accept()),
        ("nothing is passed on", &|| proxy.stall(), &|| proxy.flow()),
    ];
    for (title, begin, end) in faults {
        assert_eq!(step(&store, "find a").await, "5 refresh=r1");
        begin();
        if title == "connections are refused" {
            proxy.cut_all();
        }
        let find = store.find("a").await.map(drop).map_err(|error| error.code());
        assert_eq!(find, Err(ErrorCode::Unavailable), "{title}");
        let ended = store.end("other").await.map_err(|error| error.code());
        assert_eq!(ended, Err(ErrorCode::Unavailable), "{title}");
        end();
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            match store.find("a").await {
                Ok(session) => break assert!(session.is_some(), "{title}"),
                Err(_) => assert!(Instant::now() < deadline, "{title}: it stays away"),
            }
        }
    }
    schema.remove().await;
}

/// A cut between an exchange and its response is not a second use of the token.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs postgresql: cargo xtask test"]
async fn a_cut_during_an_exchange_is_no_reuse() {
    let schema = Schema::new().await;
    let direct = schema.process().await;
    let (proxy, store) = schema.behind_a_proxy().await;
    let store = Arc::new(store.timeout(Duration::from_secs(5)));
    let mut cut_after = 0;
    for round in 0..30 {
        let id = format!("s{round}");
        step(&direct, &format!("keep {id} 5 refresh=r1")).await;
        step(&*store, &format!("find {id}")).await;
        proxy.set_latency(Duration::from_millis(15));
        let exchange = {
            let (store, id) = (Arc::clone(&store), id.clone());
            let (time, grace) = (Duration::from_secs(600), Duration::ZERO);
            tokio::spawn(async move {
                let issued = 1_700_000_007;
                let tokens = Exchange { last: "r1", next: "r2", issued, time, grace };
                store.exchange(&id, tokens).await
            })
        };
        // The server has it, and the response is under way.
        let deadline = Instant::now() + Duration::from_secs(5);
        while direct.find(&id).await.unwrap().unwrap().refresh.as_deref() == Some("r1") {
            assert!(Instant::now() < deadline, "round {round}: it does not arrive");
        }
        cut_after += usize::from(!exchange.is_finished() && proxy.cut_all() > 0);
        proxy.set_latency(Duration::ZERO);
        assert_eq!(exchange.await.unwrap().unwrap(), Refresh::Rotated, "round {round}");
    }
    println!("{cut_after} of 30 responses were cut off");
    assert!(cut_after > 15);
    schema.remove().await;
}

mod deep {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[ignore = "takes minutes: cargo xtask deep"]
    async fn a_flood_of_100_000_pairs() {
        let schema = Schema::new().await;
        let stores = stores(&schema.processes().await);
        sessions::flood(&stores, 100_000).await;
        sessions::history(&*stores[0], 23, 20_000).await;
        schema.remove().await;
    }
}
