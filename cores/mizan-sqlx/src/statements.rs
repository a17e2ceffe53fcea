//! The statements, for both databases.
//!
//! Where the two differ a statement has a word in braces. Times are milliseconds of the database's clock, so
//! that processes on several machines agree on what is over. `CROSS JOIN` keeps SQLite from reading the table first.

use crate::database::Sql;

/// Which database is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// Begins a transaction that writes. SQLite takes its lock here: one that reads first and asks for the lock later
    /// fails where another one has written in between. PostgreSQL takes locks by rows, and sees what was committed
    /// while it waited for one, whatever isolation the pool sets.
    pub(crate) fn begin(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN IMMEDIATE",
            Self::Postgres => "BEGIN ISOLATION LEVEL READ COMMITTED",
        }
    }

    pub(crate) fn sql(self, text: &str) -> Sql {
        let (now, lock, skip) = match self {
            Self::Sqlite => ("CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)", "", ""),
            Self::Postgres => (
                "CAST(EXTRACT(EPOCH FROM statement_timestamp()) * 1000 AS BIGINT)",
                "FOR NO KEY UPDATE",
                "FOR UPDATE SKIP LOCKED",
            ),
        };
        let text = text.replace("{now}", now).replace("{lock}", lock).replace("{skip}", skip);
        text.replace("{session}", SESSION).into()
    }
}

/// The columns of a session, as `sessions::session` reads them.
const SESSION: &str = "s.id, s.subject, s.parent, s.refresh, CAST(s.started AS TEXT), s.label";

/// The sessions that have one of so many ids.
pub(crate) fn find(dialect: Dialect, ids: usize) -> Sql {
    let places: Vec<String> = (1..=ids).map(|place| format!("${place}")).collect();
    let places = places.join(", ");
    dialect.sql(&format!(
        "SELECT {{session}} FROM mizan_sessions s WHERE s.id IN ({places}) AND s.ends > {{now}}"
    ))
}

/// Statements of one group of sessions: those of a parent, or those of a subject that depend on none.
pub(crate) struct Group {
    /// Nobody else adds to the group until the end of the transaction. Of a parent: a row if it is not over.
    pub(crate) lock: Option<Sql>,
    /// How many others it has.
    pub(crate) count: Sql,
    /// Ends those of the others that end first, and what depends on them.
    pub(crate) end_first: Sql,
}

impl Group {
    fn new(dialect: Dialect, lock: Option<&str>, which: &str) -> Self {
        let others = format!("{which} AND id <> $2 AND ends > {{now}}");
        Self {
            lock: lock.map(|lock| dialect.sql(lock)),
            count: dialect
                .sql(&format!("SELECT CAST(COUNT(*) AS TEXT) FROM mizan_sessions WHERE {others}")),
            end_first: dialect.sql(&format!(
                "DELETE FROM mizan_sessions WHERE id IN (
                    WITH first AS (
                        SELECT id FROM mizan_sessions WHERE {others} ORDER BY ends, id LIMIT $3
                    )
                    SELECT id FROM first
                    UNION ALL
                    SELECT s.id FROM first CROSS JOIN mizan_sessions s WHERE s.parent = first.id
                )"
            )),
        }
    }
}

/// What may happen to sessions.
pub(crate) struct Statements {
    pub(crate) dialect: Dialect,
    pub(crate) children: Group,
    pub(crate) roots: Group,
    pub(crate) keep: Sql,
    pub(crate) sweep: Sql,
    pub(crate) end: Sql,
    pub(crate) end_all: Sql,
    pub(crate) rotate: Sql,
    pub(crate) repeat: Sql,
    pub(crate) rotated_by: Sql,
    pub(crate) of: Sql,
    pub(crate) check: Sql,
}

impl Statements {
    pub(crate) fn new(dialect: Dialect) -> Self {
        // A subject has no row that could be locked.
        let subject = "SELECT CAST(pg_advisory_xact_lock(hashtextextended($1, 5071)) AS TEXT)";
        let subject = (dialect == Dialect::Postgres).then_some(subject);
        let sql = |text| dialect.sql(text);
        Self {
            dialect,
            children: Group::new(
                dialect,
                Some("SELECT id FROM mizan_sessions WHERE id = $1 AND ends > {now} {lock}"),
                "parent = $1",
            ),
            roots: Group::new(dialect, subject, "subject = $1 AND parent IS NULL"),
            keep: sql(
                "INSERT INTO mizan_sessions (id, subject, parent, refresh, started, label, ends)
                VALUES ($1, $2, $3, $4, $5, $6, {now} + $7)
                ON CONFLICT (id) DO UPDATE SET subject = excluded.subject, parent = excluded.parent,
                    refresh = excluded.refresh, started = excluded.started, label = excluded.label,
                    ends = excluded.ends, last_refresh = NULL, issued = NULL, grace_ends = NULL,
                    rotated_by = NULL, repeated_by = NULL",
            ),
            sweep: sql("DELETE FROM mizan_sessions WHERE id IN (
                    SELECT id FROM mizan_sessions WHERE ends <= {now} ORDER BY ends LIMIT $1 {skip}
                )"),
            end: sql("DELETE FROM mizan_sessions WHERE id = $1 OR parent = $1"),
            end_all: sql("DELETE FROM mizan_sessions WHERE id IN (
                    SELECT id FROM mizan_sessions WHERE subject = $1
                    UNION ALL
                    SELECT s.id FROM mizan_sessions p CROSS JOIN mizan_sessions s
                    WHERE p.subject = $1 AND s.parent = p.id
                )"),
            rotate: sql("UPDATE mizan_sessions SET refresh = $3, last_refresh = $2, issued = $4,
                    ends = {now} + $5, grace_ends = {now} + $6, rotated_by = $7, repeated_by = NULL
                WHERE id = $1 AND ends > {now} AND refresh = $2
                RETURNING id"),
            repeat: sql("UPDATE mizan_sessions SET repeated_by = $3
                WHERE id = $1 AND ends > {now} AND last_refresh = $2 AND rotated_by <> $3
                    AND (repeated_by = $3 OR repeated_by IS NULL AND grace_ends > {now})
                RETURNING refresh, CAST(issued AS TEXT)"),
            rotated_by: sql("SELECT rotated_by FROM mizan_sessions WHERE id = $1 AND ends > {now}"),
            of: sql("SELECT {session} FROM mizan_sessions s
                LEFT JOIN mizan_sessions p ON p.id = s.parent
                WHERE s.subject = $1 AND s.ends > {now} AND (s.parent IS NULL OR p.ends > {now})
                ORDER BY s.ends DESC, s.id DESC LIMIT $2 OFFSET $3"),
            check: sql("SELECT id FROM mizan_sessions LIMIT 1"),
        }
    }
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use sqlx::{AssertSqlSafe, Row as _};

    use super::{Dialect, Statements, find};
    use crate::migrate::migrate;

    /// With a million sessions each statement still touches few of them.
    #[tokio::test]
    async fn every_statement_finds_its_rows_by_an_index() {
        let pool = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1);
        let pool = pool.connect("sqlite::memory:").await.unwrap();
        migrate(&pool, Dialect::Sqlite).await.unwrap();
        let own = Statements::new(Dialect::Sqlite);
        let lock = own.children.lock.as_ref().unwrap();
        let statements = [
            &find(Dialect::Sqlite, 2),
            lock,
            &own.children.count,
            &own.children.end_first,
            &own.roots.count,
            &own.roots.end_first,
            &own.keep,
            &own.sweep,
            &own.end,
            &own.end_all,
            &own.rotate,
            &own.repeat,
            &own.rotated_by,
            &own.of,
        ];
        for sql in statements {
            let plan = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
            let rows = sqlx::query(plan).fetch_all(&pool).await.unwrap();
            let steps: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
            let scans = |step: &&String| step.starts_with("SCAN") && !step.contains("first");
            assert_eq!(steps.iter().find(scans), None, "{sql}: {steps:?}");
        }
    }
}
