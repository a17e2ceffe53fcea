//! What a first start puts into the market, what a second one does not, and what is reported when there
//! is no database.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use souk::db::{Db, Settings};

use crate::support::{Market, on_both};

on_both!(the_first_start_fills_the_market, two_starts_at_once_fill_it_once);

async fn the_first_start_fills_the_market(market: &Market) {
    for (sql, expected) in [
        ("SELECT COUNT(*) FROM stalls", 12),
        ("SELECT COUNT(*) FROM goods", 80),
        ("SELECT COUNT(*) FROM users", 30),
        ("SELECT COUNT(*) FROM accounts", 30),
        ("SELECT COUNT(*) FROM accounts WHERE staff = 1", 2),
        ("SELECT COUNT(*) FROM photos", 36),
        ("SELECT COUNT(*) FROM orders", 10),
        ("SELECT COUNT(*) FROM order_lines", 26),
        ("SELECT COUNT(*) FROM basket_lines", 0),
        ("SELECT COUNT(*) FROM stalls WHERE id = user_id", 12),
        ("SELECT COUNT(*) FROM goods g JOIN stalls s ON s.id = g.stall_id", 80),
        ("SELECT last FROM order_counter", 1010),
    ] {
        assert_eq!(market.number(sql).await, expected, "{sql}");
    }
    assert!(souk::seed::once(&market.db).await.unwrap().is_none(), "it was filled twice");
    let later =
        "SELECT COUNT(*) FROM orders a JOIN orders b ON a.id < b.id AND a.placed_at >= b.placed_at";
    assert_eq!(market.number(later).await, 0, "ids do not follow time");
}

async fn two_starts_at_once_fill_it_once(market: &Market) {
    for table in ["order_lines", "orders", "photos", "goods", "stalls", "accounts", "users"] {
        let sql = sqlx::AssertSqlSafe(format!("DELETE FROM {table}"));
        sqlx::query(sql).execute(market.db.pool()).await.unwrap();
    }
    let fill = |db: Db| tokio::spawn(async move { souk::seed::once(&db).await.unwrap().is_some() });
    let (one, other) = (fill(market.db.clone()), fill(market.db.clone()));
    assert!(one.await.unwrap() ^ other.await.unwrap());
    assert_eq!(market.number("SELECT COUNT(*) FROM goods").await, 80);
}

/// Everything that a page shows, from two markets made apart.
#[tokio::test]
async fn two_markets_are_the_same_to_the_last_letter() {
    let (one, other) = (Market::sqlite().await, Market::sqlite().await);
    for user in 1..=30 {
        let (one, other) = (one.user(user).await, other.user(user).await);
        let (own, stall) = (format!("user_id={user}"), format!("stall_id={user}"));
        let mut pages = vec![("global", ""), ("profile", &*own), ("orders", "")];
        if user <= 12 {
            pages.push(("stall", &stall));
        }
        for (context, query) in pages {
            assert_eq!(one.read(context, query).await, other.read(context, query).await);
        }
    }
}

#[tokio::test]
async fn a_second_start_is_quick_and_keeps_what_was_changed() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::Sqlite(folder.path().join("souk.db"));
    let db = Db::open(&settings).await.unwrap();
    souk::seed::once(&db).await.unwrap();
    sqlx::query("UPDATE users SET city = 'Aqaba' WHERE id = 1").execute(db.pool()).await.unwrap();
    db.pool().close().await;

    let start = Instant::now();
    let db = Db::open(&settings).await.unwrap();
    assert!(souk::seed::once(&db).await.unwrap().is_none());
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    let city = sqlx::query_scalar("SELECT city FROM users WHERE id = 1");
    let city: String = city.fetch_one(db.pool()).await.unwrap();
    assert_eq!(city, "Aqaba");
}

#[tokio::test]
async fn a_path_may_hold_every_letter() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("50% #1?/ä b.db");
    Db::open(&Settings::Sqlite(file.clone())).await.unwrap();
    assert!(file.is_file());
}

/// Starts the server where it cannot start; what it says.
#[track_caller]
fn start(database_url: &str, file: &Path) -> String {
    let mut server = Command::new(env!("CARGO_BIN_EXE_souk"));
    server.env("DATABASE_URL", database_url).env("SOUK_DB", file).env("MIZAN_ADDR", "127.0.0.1:0");
    let output = server.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(output.stdout.is_empty(), "it said that it serves");
    assert_eq!(said.lines().count(), 1, "{said}");
    said
}

#[test]
fn a_database_that_cannot_be_opened_is_one_sentence_with_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let said = start("", folder.path());
    assert!(said.contains("name another file in SOUK_DB"), "{said}");

    let file: PathBuf = folder.path().join("letter.txt");
    std::fs::write(&file, "Dear Samira, ".repeat(100)).unwrap();
    let said = start("", &file);
    assert!(said.contains("not a database"), "{said}");
}

#[test]
fn a_password_is_never_shown() {
    let nowhere = Path::new("/nowhere/souk.db");
    for url in [
        "postgres://samira:pomegranate@127.0.0.1:1/souk",
        "postgres://samira:pomegranate%zz@127.0.0.1:99999/souk",
        "postgres://samira:pomegranate@@:/souk",
        "postgres://127.0.0.1:1/souk?user=samira&password=pomegranate",
        "mysql://samira:pomegranate@127.0.0.1:1/souk",
    ] {
        let said = start(url, nowhere);
        assert!(!said.contains("pomegranate"), "{said}");
        assert!(said.contains("DATABASE_URL"), "{said}");
    }
}
