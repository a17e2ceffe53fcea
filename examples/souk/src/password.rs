//! Whether a password is the right one. Slow on purpose, and never many at once.

use argon2::Argon2;
use argon2::password_hash::PasswordVerifier;
use argon2::password_hash::phc::PasswordHash;
use mizan_core::{Error, Result};
use tokio::sync::Semaphore;

/// Each check fills 19 MiB for some hundredths of a second.
static AT_ONCE: Semaphore = Semaphore::const_new(4);

/// Of a password that nobody has, with the parameters of all the others.
pub const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5LWhhcy10aGlzIQ$MjjFWnSTT3zZunEgba4Tf7dprEcP1jhhLJjzK3rbs4Y";

/// Compares a password with a hash; without one it does the same work and is false.
pub async fn is_right(password: String, hash: Option<String>) -> Result<bool> {
    let permit = AT_ONCE.acquire().await?;
    let check = move || -> Result<bool> {
        let _permit = permit;
        let known =
            PasswordHash::new(hash.as_deref().unwrap_or(NOBODY)).map_err(Error::internal)?;
        let same = Argon2::default().verify_password(password.as_bytes(), &known).is_ok();
        Ok(same && hash.is_some())
    };
    tokio::task::spawn_blocking(check).await?
}
