//! Sessions in a file.

use std::path::Path;
use std::time::Duration;

use mizan_core::SessionStore as _;
use mizan_core::testing::sessions::{self, step};
use mizan_sqlx::SqlSessions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AnyPool, SqlitePool};
use tempfile::TempDir;

use crate::common::{self, stores};

async fn pool(folder: &Path) -> SqlitePool {
    let options = SqliteConnectOptions::new()
        .filename(folder.join("app.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal);
    SqlitePool::connect_with(options).await.unwrap()
}

/// Two processes with one new file.
async fn processes() -> (TempDir, [SqlSessions; 2]) {
    let folder = tempfile::tempdir().unwrap();
    let open = async || SqlSessions::sqlite(pool(folder.path()).await).migrate().await.unwrap();
    let sessions = [open().await, open().await];
    (folder, sessions)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_as_in_memory() {
    let (_folder, sessions) = processes().await;
    let stores = stores(&sessions);
    sessions::check(&stores).await;
    sessions::history(&*stores[0], 21, 5_000).await;
    sessions::flood(&stores, 2_000).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_by_a_pool_of_either() {
    sqlx::any::install_default_drivers();
    let (folder, [own, _]) = processes().await;
    let url = format!("sqlite://{}", folder.path().join("app.db").display());
    let any = SqlSessions::any(AnyPool::connect(&url).await.unwrap()).unwrap();
    let stores = stores(&[own, any.migrate().await.unwrap()]);
    sessions::check(&stores).await;
    sessions::history(&*stores[1], 22, 2_000).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_bound_holds_under_a_race() {
    let (_folder, sessions) = processes().await;
    common::the_bound_holds_under_a_race(&stores(&sessions)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_outlives_a_parent_that_ends_meanwhile() {
    let (_folder, sessions) = processes().await;
    common::nothing_outlives_a_parent_that_ends_meanwhile(&stores(&sessions)).await;
}

#[tokio::test]
async fn sessions_outlive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let one = pool(folder.path()).await;
    let store = SqlSessions::sqlite(one.clone()).migrate().await.unwrap();
    assert!(store.is_shared(), "the key of the ids must be given");
    step(&store, "keep a 5").await;
    step(&store, "keep b 5 parent=a refresh=r1").await;
    step(&store, "keep c 5").await;
    step(&store, "end c").await;
    step(&store, "exchange b r1 r2 grace=600000").await;
    one.close().await;
    let store = SqlSessions::sqlite(pool(folder.path()).await).migrate().await.unwrap();
    for (text, wanted) in [
        ("of 5", "a b"),
        ("find a", "5"),
        ("find c", "none"),
        ("exchange b r1 r3 grace=600000", "Repeated r2"),
        ("exchange b r2 r3", "Rotated"),
    ] {
        assert_eq!(step(&store, text).await, wanted, "{text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_starts_at_once_make_the_tables_once() {
    let folder = tempfile::tempdir().unwrap();
    let pools = [pool(folder.path()).await, pool(folder.path()).await];
    let starts: Vec<_> = (0..8)
        .map(|at| tokio::spawn(SqlSessions::sqlite(pools[at % 2].clone()).migrate()))
        .collect();
    for start in starts {
        assert_eq!(step(&start.await.unwrap().unwrap(), "of 5").await, "");
    }
    let tables = "SELECT group_concat(name, ' ') FROM (SELECT name FROM sqlite_schema WHERE \
                  type = 'table' ORDER BY name)";
    let tables: String = sqlx::query_scalar(tables).fetch_one(&pools[0]).await.unwrap();
    assert_eq!(tables, "mizan_sessions mizan_tables");
}

#[tokio::test]
async fn tables_of_a_newer_version_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let pool = pool(folder.path()).await;
    SqlSessions::sqlite(pool.clone()).migrate().await.unwrap();
    sqlx::query("UPDATE mizan_tables SET version = 99").execute(&pool).await.unwrap();
    let error = SqlSessions::sqlite(pool.clone()).migrate().await.unwrap_err();
    assert!(error.to_string().contains("newer mizan-sqlx: update this program"), "{error}");
    let version = sqlx::query_scalar("SELECT version FROM mizan_tables");
    let version: i64 = version.fetch_one(&pool).await.unwrap();
    assert_eq!(version, 99);
}

#[tokio::test]
async fn another_database_is_refused() {
    sqlx::any::install_default_drivers();
    let pool = AnyPool::connect_lazy("sqlite://x.db").unwrap();
    assert!(SqlSessions::any(pool).is_ok());
    let pool = AnyPool::connect_lazy("mysql://somebody:pomegranate@localhost/x").unwrap();
    let error = SqlSessions::any(pool).unwrap_err().to_string();
    assert!(error.contains("`mysql`") && !error.contains("pomegranate"), "{error}");
}

/// Rows that are over go with the sessions that are kept, 64 with each.
#[tokio::test]
async fn what_is_over_is_removed_in_batches() {
    let folder = tempfile::tempdir().unwrap();
    let pool = pool(folder.path()).await;
    let store = SqlSessions::sqlite(pool.clone()).migrate().await.unwrap();
    for at in 0..200 {
        step(&store, &format!("keep s{at} 5 ms=600000")).await;
    }
    sqlx::query("UPDATE mizan_sessions SET ends = 1000").execute(&pool).await.unwrap();
    for wanted in [200 - 64 + 1, 200 - 2 * 64 + 2, 200 - 3 * 64 + 3, 4] {
        step(&store, &format!("keep new{wanted} 5")).await;
        let rows = sqlx::query_scalar("SELECT COUNT(*) FROM mizan_sessions");
        let rows: i64 = rows.fetch_one(&pool).await.unwrap();
        assert_eq!(rows, wanted);
    }
}

#[tokio::test]
async fn a_database_without_tables_or_connections_signs_nobody_out() {
    let folder = tempfile::tempdir().unwrap();
    let pool = pool(folder.path()).await;
    let store = SqlSessions::sqlite(pool.clone());
    common::nothing_is_answered(&store).await;
    let store = store.migrate().await.unwrap();
    step(&store, "keep a 5").await;
    pool.close().await;
    common::nothing_is_answered(&store).await;
}

/// Another writer is waited for, as long as the time of an operation allows.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_that_is_held_is_waited_for_and_then_unavailable() {
    let folder = tempfile::tempdir().unwrap();
    let pool = pool(folder.path()).await;
    let store = SqlSessions::sqlite(pool.clone()).migrate().await.unwrap();
    let writer = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let hasty = store.clone().timeout(Duration::from_millis(50));
    assert_eq!(hasty.end("a").await.unwrap_err().code(), mizan_core::ErrorCode::Unavailable);
    assert_eq!(step(&hasty, "find a").await, "none", "readers go on");
    let keep = tokio::spawn(async move { step(&store, "keep a 5").await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!keep.is_finished());
    writer.commit().await.unwrap();
    keep.await.unwrap();
    // Once the connection that was given up is back.
    assert_eq!(step(&hasty, "until none").await, "none");
    assert_eq!(step(&SqlSessions::sqlite(pool), "find a").await, "5");
}

mod deep {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[ignore = "takes minutes: cargo xtask deep"]
    async fn a_flood_of_100_000_pairs() {
        let (_folder, sessions) = processes().await;
        let stores = stores(&sessions);
        sessions::flood(&stores, 100_000).await;
        sessions::history(&*stores[0], 23, 100_000).await;
    }
}
