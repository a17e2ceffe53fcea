//! The market of `examples/souk`, served by `mizan-axum`.
//!
//! `SOUK_BIN=target/debug/souk-axum npm run e2e:core -w souk-client` runs browser tests against it.

use std::error::Error;

use mizan_core::Webhook;
use souk::db::{Db, Settings};
use souk::{bank, secrets, seed};

fn main() -> Result<(), Box<dyn Error>> {
    let settings = Settings::from_env()?;
    mizan_axum::block_on(async {
        let db = Db::open(&settings).await?;
        seed::once(&db).await?;
        let bank = Webhook::new(&bank::secret(&settings)?)?;
        let mizan = souk::build(db.clone(), bank, secrets::session_key(&settings)?)?;
        let served = mizan_axum::run(mizan, "127.0.0.1:8080").await;
        // SQLite writes its log into the file when the last connection closes.
        db.pool().close().await;
        Ok(served?)
    })
}
