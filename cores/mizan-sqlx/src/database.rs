//! What the statements run on: a pool of SQLite, of PostgreSQL, or of either.
//!
//! The three pools of sqlx are three types. Behind this trait they are one, so that each statement and each
//! transaction is written once. Every column that a statement returns is text.

use std::borrow::Cow;
use std::pin::Pin;
use std::sync::Arc;

use sqlx::{AssertSqlSafe, Pool, Row as _, Transaction};

/// The text of a statement.
pub(crate) type Sql = Arc<str>;

/// One row of text.
pub(crate) type Row = Vec<Option<String>>;

pub(crate) type SqlFuture<'a, T> = Pin<Box<dyn Future<Output = sqlx::Result<T>> + Send + 'a>>;

/// A parameter of a statement.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Value<'a> {
    Text(&'a str),
    Option(Option<&'a str>),
    Number(i64),
}

/// Connections to a database.
pub(crate) trait Database: Send + Sync {
    /// Runs one statement on its own.
    fn fetch<'a>(&'a self, sql: &Sql, values: &'a [Value<'a>]) -> SqlFuture<'a, Vec<Row>>;
    /// Begins a transaction.
    fn begin(&self, sql: &'static str) -> SqlFuture<'_, Box<dyn Tx>>;
}

/// A transaction. Dropped without a commit it changes nothing.
pub(crate) trait Tx: Send {
    fn fetch<'a>(&'a mut self, sql: &Sql, values: &'a [Value<'a>]) -> SqlFuture<'a, Vec<Row>>;
    /// Runs several statements that have no parameters.
    fn run(&mut self, sql: &'static str) -> SqlFuture<'_, ()>;
    fn commit(self: Box<Self>) -> SqlFuture<'static, ()>;
}

/// Fetches all rows of a statement.
macro_rules! fetch {
    ($database:ty, $sql:ident, $values:ident, $on:expr) => {{
        let mut query = sqlx::query::<$database>(AssertSqlSafe(Arc::clone($sql)));
        Box::pin(async move {
            for value in $values {
                query = match *value {
                    Value::Text(text) => query.bind(escaped(text).into_owned()),
                    Value::Option(text) => query.bind(text.map(|text| escaped(text).into_owned())),
                    Value::Number(number) => query.bind(number),
                };
            }
            let rows = query.fetch_all($on).await?;
            let text = |row: &<$database as sqlx::Database>::Row, at| {
                Ok(row.try_get::<Option<String>, _>(at)?.map(unescaped))
            };
            rows.iter().map(|row| (0..row.len()).map(|at| text(row, at)).collect()).collect()
        })
    }};
}

macro_rules! database {
    ($database:ty) => {
        impl Database for Pool<$database> {
            fn fetch<'a>(&'a self, sql: &Sql, values: &'a [Value<'a>]) -> SqlFuture<'a, Vec<Row>> {
                fetch!($database, sql, values, self)
            }

            fn begin(&self, sql: &'static str) -> SqlFuture<'_, Box<dyn Tx>> {
                Box::pin(async move {
                    let tx: Box<dyn Tx> = Box::new(self.begin_with(sql).await?);
                    Ok(tx)
                })
            }
        }

        impl Tx for Transaction<'static, $database> {
            fn fetch<'a>(
                &'a mut self,
                sql: &Sql,
                values: &'a [Value<'a>],
            ) -> SqlFuture<'a, Vec<Row>> {
                fetch!($database, sql, values, &mut **self)
            }

            fn run(&mut self, sql: &'static str) -> SqlFuture<'_, ()> {
                Box::pin(async move { sqlx::raw_sql(sql).execute(&mut **self).await.map(drop) })
            }

            fn commit(self: Box<Self>) -> SqlFuture<'static, ()> {
                Box::pin((*self).commit())
            }
        }
    };
}

database!(sqlx::Any);
#[cfg(feature = "sqlite")]
database!(sqlx::Sqlite);
#[cfg(feature = "postgres")]
database!(sqlx::Postgres);

/// PostgreSQL takes no zero byte in a text, and an id may come from a caller: `\0` is in its place, and `\\` in the
/// place of a backslash.
fn escaped(text: &str) -> Cow<'_, str> {
    if text.contains(['\0', '\\']) {
        text.replace('\\', "\\\\").replace('\0', "\\0").into()
    } else {
        text.into()
    }
}

fn unescaped(text: String) -> String {
    if !text.contains('\\') {
        return text;
    }
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        plain.push(match character {
            '\\' => match characters.next() {
                Some('0') => '\0',
                other => other.unwrap_or('\\'),
            },
            other => other,
        });
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::{escaped, unescaped};

    #[test]
    fn every_text_is_stored_without_a_zero_byte_and_comes_back() {
        let parts = ["", "0", "\0", "\\", "a", "é"];
        let mut texts = vec![String::new()];
        for _ in 0..4 {
            texts =
                texts.iter().flat_map(|text| parts.map(|part| format!("{text}{part}"))).collect();
        }
        texts.sort();
        texts.dedup();
        let stored: std::collections::BTreeSet<_> =
            texts.iter().map(|text| escaped(text)).collect();
        assert_eq!(stored.len(), texts.len(), "two texts are stored alike");
        for text in texts {
            assert!(!escaped(&text).contains('\0'));
            assert_eq!(unescaped(escaped(&text).into_owned()), text);
        }
    }
}
