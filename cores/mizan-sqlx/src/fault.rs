//! What a database may answer instead of a result, and what becomes of it.

use std::fmt;

use mizan_core::Error;

use crate::statements::Dialect;

/// Whether the same may succeed when it is run again: another transaction was in the way, or a connection broke.
pub(crate) fn is_passing(dialect: Dialect, error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) => true,
        sqlx::Error::Database(fault) => {
            let code = fault.code().unwrap_or_default();
            match dialect {
                // SQLITE_BUSY and SQLITE_LOCKED, whatever stands above the first byte.
                Dialect::Sqlite => {
                    code.parse::<u32>().is_ok_and(|code| matches!(code & 0xFF, 5 | 6))
                }
                // Serialisation, deadlock, connection; a server that stops, or is not there yet.
                Dialect::Postgres => {
                    code.starts_with("08")
                        || matches!(&*code, "40001" | "40P01" | "57P01" | "57P02" | "57P03")
                }
            }
        }
        _ => false,
    }
}

/// Whether the tables have not been made.
fn is_unmigrated(error: &sqlx::Error) -> bool {
    let fault = error.as_database_error();
    fault.is_some_and(|fault| {
        fault.code().as_deref() == Some("42P01") || fault.message().contains("no such table")
    })
}

/// A 503 whose cause is in the log only.
pub(crate) fn unavailable(error: &sqlx::Error) -> Error {
    if is_unmigrated(error) {
        refused("the table `mizan_sessions` is missing: call `SqlSessions::migrate` at the start")
    } else {
        refused(error)
    }
}

/// A 503 for this cause.
pub(crate) fn refused(cause: impl fmt::Display) -> Error {
    tracing::warn!(%cause, "the sessions in the database cannot be read or written");
    Error::unavailable("the sessions cannot be reached")
}
