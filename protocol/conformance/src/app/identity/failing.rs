//! Functions whose failures hold texts that no client may see.

use std::io;

use mizan_core::{Context, Error, Result, client};

/// What cannot be read.
#[derive(Context)]
pub(crate) struct LeakContext;

fn secret_failure(id: i64) -> io::Error {
    io::Error::other(format!("marker-c3-{id} at postgres://app:marker-c3@db/{id}"))
}

/// Fails with an error of another crate.
#[client]
pub(crate) async fn fail_foreign(id: i64) -> Result<String> {
    Err(secret_failure(id))?;
    Ok(String::new())
}

/// Fails with an error of its own that has a cause.
#[client]
pub(crate) async fn fail_internal(id: i64) -> Result<String> {
    Err(Error::internal(secret_failure(id)))
}

/// Fails on the blocking pool.
#[client]
pub(crate) fn fail_blocking(id: i64) -> Result<String> {
    Err(secret_failure(id))?;
    Ok(String::new())
}

/// Panics.
#[client]
#[expect(clippy::panic, reason = "what is tested")]
pub(crate) async fn fail_panic(id: i64) -> Result<String> {
    match id {
        i64::MIN => Ok(String::new()),
        id => panic!("marker-d4 with {id}"),
    }
}

/// Fails in a bundle.
#[client(context = LeakContext)]
pub(crate) async fn leak(id: i64) -> Result<String> {
    Err(secret_failure(id))?;
    Ok(String::new())
}
