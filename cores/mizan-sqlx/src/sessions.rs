//! Sessions in a database: what a store does, as transactions.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use mizan_core::{Exchange, Refresh, Result, Session, SessionStore, StoreFuture};
use sqlx::AnyPool;

use crate::database::{Database, Row, Value};
use crate::fault::{is_passing, refused, unavailable};
use crate::migrate;
use crate::statements::{Dialect, Statements, find};

/// How often one operation is tried, where others are in its way or a connection breaks.
const TRIES: u32 = 8;

/// How long one operation may take, with all its tries.
const TIMEOUT: Duration = Duration::from_secs(5);

/// How many sessions that are over go with each one that is kept.
const SWEPT: i64 = 64;

/// How many make room for one at most. A bound that was lowered is reached by and by.
const ROOM: i64 = 1_000;

/// How many ids are looked for by one statement.
const IDS: usize = 100;

/// The longest lifetime in milliseconds, about 10,000 years: a sum with the time of now is a number still.
const LONGEST: i64 = 316_000_000_000_000;

/// Keeps sessions in SQLite or PostgreSQL, shared by every process that uses the same database.
///
/// Cheap to clone: every clone uses the same pool. Two applications in one database would share the bounds of their
/// subjects, so give each one a database or a schema of its own.
///
/// While the database cannot be asked, a request with a session or a token gets `UNAVAILABLE`, and nobody is signed
/// out. One operation takes 5 seconds at most.
#[derive(Clone)]
pub struct SqlSessions {
    database: Arc<dyn Database>,
    statements: Arc<Statements>,
    timeout: Duration,
}

impl fmt::Debug for SqlSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The options of a pool may hold a password.
        let dialect = &self.statements.dialect;
        f.debug_struct("SqlSessions").field("dialect", dialect).finish_non_exhaustive()
    }
}

impl SqlSessions {
    /// Sessions in this database of SQLite.
    #[cfg(feature = "sqlite")]
    pub fn sqlite(pool: sqlx::SqlitePool) -> Self {
        Self::new(Arc::new(pool), Dialect::Sqlite)
    }

    /// Sessions in this database of PostgreSQL, in the first schema of its `search_path`.
    #[cfg(feature = "postgres")]
    pub fn postgres(pool: sqlx::PgPool) -> Self {
        Self::new(Arc::new(pool), Dialect::Postgres)
    }

    /// Sessions in the database of this pool, whichever of the two its URL names.
    ///
    /// # Errors
    /// Where it is another database.
    pub fn any(pool: AnyPool) -> sqlx::Result<Self> {
        let options = pool.connect_options();
        let dialect = match options.database_url.scheme() {
            "sqlite" => Dialect::Sqlite,
            "postgres" | "postgresql" => Dialect::Postgres,
            other => {
                let text =
                    format!("sessions are kept in SQLite or PostgreSQL, and this is `{other}`");
                return Err(sqlx::Error::Configuration(text.into()));
            }
        };
        Ok(Self::new(Arc::new(pool), dialect))
    }

    fn new(database: Arc<dyn Database>, dialect: Dialect) -> Self {
        Self { database, statements: Arc::new(Statements::new(dialect)), timeout: TIMEOUT }
    }

    /// Makes the tables, or brings them up to date: `mizan_sessions`, and `mizan_tables` with their version. Several
    /// processes may do it at once, and next to migrations of your own.
    ///
    /// # Errors
    /// Where the database cannot be reached, its user may not make tables, or a newer version of this crate
    /// has made them.
    pub async fn migrate(self) -> sqlx::Result<Self> {
        let dialect = self.statements.dialect;
        self.tries(|| migrate::migrate(&*self.database, dialect)).await?;
        Ok(self)
    }

    /// Sets how long one operation may take, in place of 5 seconds.
    pub fn timeout(mut self, time: Duration) -> Self {
        self.timeout = time;
        self
    }

    /// Runs this until it succeeds, or fails for good.
    async fn tries<T, F: Future<Output = sqlx::Result<T>>>(
        &self,
        work: impl Fn() -> F,
    ) -> sqlx::Result<T> {
        let mut tried = 1;
        loop {
            match work().await {
                Err(error) if tried < TRIES && is_passing(self.statements.dialect, &error) => {
                    tokio::time::sleep(pause(tried)).await;
                    tried += 1;
                }
                done => return done,
            }
        }
    }

    /// The same within the time of an operation.
    async fn run<T, F: Future<Output = sqlx::Result<T>>>(&self, work: impl Fn() -> F) -> Result<T> {
        match tokio::time::timeout(self.timeout, self.tries(work)).await {
            Ok(done) => done.map_err(|error| unavailable(&error)),
            Err(_) => Err(refused("it took too long")),
        }
    }

    async fn find_some(&self, ids: &[String]) -> sqlx::Result<Vec<Row>> {
        let values: Vec<_> = ids.iter().map(|id| Value::Text(id)).collect();
        self.database.fetch(&find(self.statements.dialect, ids.len()), &values).await
    }

    async fn keep_once(
        &self,
        id: &str,
        session: &Session,
        time: Duration,
        most: usize,
    ) -> sqlx::Result<()> {
        let statements = &*self.statements;
        let parent = session.parent.as_deref();
        let (group, key) = match parent {
            Some(parent) => (&statements.children, parent),
            None => (&statements.roots, &*session.subject),
        };
        let mut tx = self.database.begin(statements.dialect.begin()).await?;
        if let Some(lock) = &group.lock {
            let rows = tx.fetch(lock, &[Value::Text(key)]).await?;
            if parent.is_some() && rows.is_empty() {
                return Ok(());
            }
        }
        let others = [Value::Text(key), Value::Text(id)];
        let count = number(tx.fetch(&group.count, &others).await?.first(), 0)?;
        let excess = count.saturating_add(1).saturating_sub(number_of(most));
        if excess > 0 {
            let [key, id] = others;
            tx.fetch(&group.end_first, &[key, id, Value::Number(excess.min(ROOM))]).await?;
        }
        let values = [
            Value::Text(id),
            Value::Text(&session.subject),
            Value::Option(parent),
            Value::Option(session.refresh.as_deref()),
            Value::Number(number_of(session.started)),
            Value::Text(&session.label),
            Value::Number(millis(time)),
        ];
        tx.fetch(&statements.keep, &values).await?;
        tx.fetch(&statements.sweep, &[Value::Number(SWEPT)]).await?;
        tx.commit().await
    }

    /// Each statement is one transaction, and of any number at one time one finds the token that is good.
    async fn exchange_once(
        &self,
        id: &str,
        tokens: Exchange<'_>,
        attempt: &str,
    ) -> sqlx::Result<Refresh> {
        let (database, statements) = (&*self.database, &*self.statements);
        let rotation = [
            Value::Text(id),
            Value::Text(tokens.last),
            Value::Text(tokens.next),
            Value::Number(number_of(tokens.issued)),
            Value::Number(millis(tokens.time)),
            Value::Number(millis(tokens.grace)),
            Value::Text(attempt),
        ];
        if !database.fetch(&statements.rotate, &rotation).await?.is_empty() {
            return Ok(Refresh::Rotated);
        }
        let repetition = [Value::Text(id), Value::Text(tokens.last), Value::Text(attempt)];
        let repeated = database.fetch(&statements.repeat, &repetition).await?;
        if let Some(Some(next)) = repeated.first().and_then(|row| row.first()).cloned() {
            let issued = number(repeated.first(), 1)?;
            return Ok(Refresh::Repeated { next, issued: u64::try_from(issued).unwrap_or(0) });
        }
        let rows = database.fetch(&statements.rotated_by, &[Value::Text(id)]).await?;
        Ok(match rows.first().and_then(|row| row.first()) {
            None => Refresh::NoSession,
            // The response to an earlier try of this exchange was lost.
            Some(by) if by.as_deref() == Some(attempt) => Refresh::Rotated,
            Some(_) => Refresh::Reused,
        })
    }

    /// Runs one statement whose only parameter is a text.
    async fn change(&self, sql: &crate::database::Sql, text: &str) -> Result<()> {
        let values = [Value::Text(text)];
        self.run(|| self.database.fetch(sql, &values)).await.map(drop)
    }
}

/// How long to wait before another try: longer each time, and not the same for two that met.
fn pause(tried: u32) -> Duration {
    let mut byte = [0];
    let chance = getrandom::fill(&mut byte).map_or(0, |()| u32::from(byte[0]));
    Duration::from_millis(2 << tried.min(7)).mul_f64(0.5 + f64::from(chance) / 255.0)
}

/// A number as the database holds it; the largest where it is larger.
fn number_of(number: impl TryInto<i64>) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}

fn millis(time: Duration) -> i64 {
    number_of(time.as_millis()).min(LONGEST)
}

/// The number in a column of a row; 0 without a row.
fn number(row: Option<&Row>, at: usize) -> sqlx::Result<i64> {
    let Some(row) = row else { return Ok(0) };
    let text = row.get(at).and_then(Option::as_deref).unwrap_or_default();
    text.parse().map_err(|_| unreadable(&format!("`{text}` is not a number")))
}

/// A session of its row, with its id.
fn session(row: Row) -> sqlx::Result<(String, Session)> {
    let started = number(Some(&row), 4)?;
    let Ok([id, subject, parent, refresh, _, label]) = <[Option<String>; 6]>::try_from(row) else {
        return Err(unreadable("a row has another number of columns"));
    };
    let (Some(id), Some(subject), Some(label)) = (id, subject, label) else {
        return Err(unreadable("a column is empty"));
    };
    let mut session = Session::new(subject, u64::try_from(started).unwrap_or(0));
    (session.parent, session.refresh, session.label) = (parent, refresh, label);
    Ok((id, session))
}

fn unreadable(what: &str) -> sqlx::Error {
    sqlx::Error::Decode(format!("a session is not as it was kept: {what}").into())
}

impl SessionStore for SqlSessions {
    fn find<'a>(&'a self, id: &'a str) -> StoreFuture<'a, Option<Session>> {
        Box::pin(async move {
            let ids = [id.to_owned()];
            Ok(self.find_first(&ids).await?.map(|(_, session)| session))
        })
    }

    fn find_first<'a>(&'a self, ids: &'a [String]) -> StoreFuture<'a, Option<(usize, Session)>> {
        Box::pin(async move {
            for (chunk, some) in ids.chunks(IDS).enumerate() {
                let rows = self.run(|| self.find_some(some)).await?;
                let found: sqlx::Result<Vec<_>> = rows.into_iter().map(session).collect();
                let found = found.map_err(|error| unavailable(&error))?.into_iter();
                let places = found.filter_map(|(id, session)| {
                    let place = some.iter().position(|known| *known == id)?;
                    Some((chunk * IDS + place, session))
                });
                if let Some(first) = places.min_by_key(|(place, _)| *place) {
                    return Ok(Some(first));
                }
            }
            Ok(None)
        })
    }

    /// Processes share PostgreSQL, and a file of SQLite outlives its process.
    fn is_shared(&self) -> bool {
        true
    }

    fn keep<'a>(
        &'a self,
        id: &'a str,
        session: Session,
        time: Duration,
        most: usize,
    ) -> StoreFuture<'a, ()> {
        Box::pin(async move { self.run(|| self.keep_once(id, &session, time, most)).await })
    }

    fn end<'a>(&'a self, id: &'a str) -> StoreFuture<'a, ()> {
        Box::pin(self.change(&self.statements.end, id))
    }

    fn end_all<'a>(&'a self, subject: &'a str) -> StoreFuture<'a, ()> {
        Box::pin(self.change(&self.statements.end_all, subject))
    }

    fn exchange<'a>(&'a self, id: &'a str, tokens: Exchange<'a>) -> StoreFuture<'a, Refresh> {
        Box::pin(async move {
            // The same on every try of this exchange, and on those of no other.
            let mut attempt = [0; 16];
            getrandom::fill(&mut attempt).map_err(refused)?;
            let attempt: String = attempt.iter().map(|byte| format!("{byte:02x}")).collect();
            self.run(|| self.exchange_once(id, tokens, &attempt)).await
        })
    }

    fn check(&self) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            self.run(|| self.database.fetch(&self.statements.check, &[])).await.map(drop)
        })
    }

    fn of<'a>(
        &'a self,
        subject: &'a str,
        skip: usize,
        count: usize,
    ) -> StoreFuture<'a, Vec<(String, Session)>> {
        Box::pin(async move {
            let values = [
                Value::Text(subject),
                Value::Number(number_of(count)),
                Value::Number(number_of(skip)),
            ];
            let rows = self.run(|| self.database.fetch(&self.statements.of, &values)).await?;
            let page: sqlx::Result<_> = rows.into_iter().map(session).collect();
            page.map_err(|error| unavailable(&error))
        })
    }
}
