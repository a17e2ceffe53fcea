//! Whether a password is the right one. The check is slow on purpose, so it has bounds: a fixed number of
//! memory areas, which are made once and used again, and a queue with an end.

use std::sync::{Mutex, PoisonError};

use argon2::password_hash::phc::{Output, PasswordHash};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use mizan_core::{Error, Result};
use tokio::sync::Semaphore;

/// Each check fills 19 MiB for some hundredths of a second.
pub const AT_ONCE: usize = 4;
/// The number of checks that wait for one of those. One more is a 503, which the client may send again.
pub const WAITING: usize = 32;

static PLACES: Semaphore = Semaphore::const_new(AT_ONCE);
static ROOM: Semaphore = Semaphore::const_new(AT_ONCE + WAITING);
/// The memory that no check uses. It goes from check to check and never back to the allocator, which would keep
/// an area for each thread that ever ran a check.
static MEMORY: Mutex<Vec<Vec<Block>>> = Mutex::new(Vec::new());

/// Of a password that nobody has, with the parameters of all the others.
pub const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5LWhhcy10aGlzIQ$MjjFWnSTT3zZunEgba4Tf7dprEcP1jhhLJjzK3rbs4Y";

/// Compares a password with a hash; without one it does the same work and is false.
///
/// # Errors
/// `UNAVAILABLE` where too many checks wait already, and `INTERNAL_ERROR` for an invalid hash.
pub async fn is_right(password: String, hash: Option<String>) -> Result<bool> {
    let Ok(room) = ROOM.try_acquire() else {
        return Err(
            Error::unavailable("too many people sign in: try again in a moment").unchanged()
        );
    };
    let place = PLACES.acquire().await?;
    let check = move || -> Result<bool> {
        let _held = (room, place);
        let mut memory = take_memory();
        let same = matches(&password, hash.as_deref().unwrap_or(NOBODY), &mut memory);
        // Before the place is free: the next to take it finds this memory.
        MEMORY.lock().unwrap_or_else(PoisonError::into_inner).push(memory);
        Ok(same? && hash.is_some())
    };
    tokio::task::spawn_blocking(check).await?
}

fn take_memory() -> Vec<Block> {
    let spare = MEMORY.lock().unwrap_or_else(PoisonError::into_inner).pop();
    spare.unwrap_or_else(|| vec![Block::new(); Params::DEFAULT.block_count()])
}

/// Compares with a hash of the parameters that every hash of this market has.
fn matches(password: &str, hash: &str, memory: &mut [Block]) -> Result<bool> {
    let known = PasswordHash::new(hash).map_err(Error::internal)?;
    let (Some(salt), Some(expected)) = (&known.salt, &known.hash) else {
        return Err(Error::internal("a hash of a password has no salt or no output"));
    };
    let algorithm = Algorithm::try_from(known.algorithm.as_str()).map_err(Error::internal)?;
    let version = known.version.map(Version::try_from).transpose().map_err(Error::internal)?;
    let params = Params::try_from(&known).map_err(Error::internal)?;
    let mut output = vec![0; expected.len()];
    Argon2::new(algorithm, version.unwrap_or_default(), params)
        .hash_password_into_with_memory(password.as_bytes(), salt, &mut output, memory)
        .map_err(Error::internal)?;
    // `Output` compares in constant time.
    Ok(Output::new(&output).map_err(Error::internal)? == *expected)
}
