//! The tables, made and brought up to date.
//!
//! Which version the tables have is in `mizan_tables`, not in a table of sqlx's: the application's own migrations
//! go on as if these did not exist.

use crate::database::{Database, Row, Value};
use crate::statements::Dialect;

/// One text of statements for each version. Further ones are added at the end; none is ever changed.
fn migrations(dialect: Dialect) -> [&'static str; 1] {
    match dialect {
        Dialect::Sqlite => [include_str!("../migrations/sqlite/1_sessions.sql")],
        Dialect::Postgres => [include_str!("../migrations/postgres/1_sessions.sql")],
    }
}

const TABLES: &str = "CREATE TABLE IF NOT EXISTS mizan_tables (
    name TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL
)";

/// Brings the tables up to date, in one transaction. Where they are, it only reads: a user of PostgreSQL who may
/// not make tables needs them made by another one.
pub(crate) async fn migrate(database: &dyn Database, dialect: Dialect) -> sqlx::Result<()> {
    let migrations = migrations(dialect);
    let sql = |text| dialect.sql(text);
    let read = sql("SELECT CAST(version AS TEXT) FROM mizan_tables WHERE name = 'sessions'");
    let lock = sql("SELECT CAST(pg_advisory_xact_lock(5071) AS TEXT)");
    let write = sql("INSERT INTO mizan_tables (name, version) VALUES ('sessions', $1)
        ON CONFLICT (name) DO UPDATE SET version = excluded.version");
    // The table may be missing; any other fault comes again below.
    if let Ok(rows) = database.fetch(&read, &[]).await
        && known(&rows, migrations.len())? == migrations.len()
    {
        return Ok(());
    }
    let mut tx = database.begin(dialect.begin()).await?;
    if dialect == Dialect::Postgres {
        tx.fetch(&lock, &[]).await?;
    }
    tx.run(TABLES).await?;
    let known = known(&tx.fetch(&read, &[]).await?, migrations.len())?;
    for migration in migrations.into_iter().skip(known) {
        tx.run(migration).await?;
    }
    let version = i64::try_from(migrations.len()).unwrap_or(i64::MAX);
    tx.fetch(&write, &[Value::Number(version)]).await?;
    tx.commit().await
}

/// The version of the tables; 0 before they exist.
fn known(rows: &[Row], newest: usize) -> sqlx::Result<usize> {
    let text = rows.first().and_then(|row| row.first()).and_then(Option::as_deref);
    let version = text.map_or(Ok(0), str::parse);
    match version {
        Ok(version) if version <= newest => Ok(version),
        _ => Err(sqlx::Error::Configuration(
            "the table `mizan_sessions` was made by a newer mizan-sqlx: update this program".into(),
        )),
    }
}
