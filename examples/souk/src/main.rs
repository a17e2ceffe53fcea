//! Serves the market: settings from the environment, the database, and what a start says.

use std::error::Error;
use std::process::ExitCode;

use souk::db::{Db, Settings};
use souk::seed;

const ADDRESS: &str = "127.0.0.1:8080";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("souk: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    mizan_core::cli()?;
    mizan_actix::block_on(async {
        let settings = Settings::from_env()?;
        let db = Db::open(&settings).await?;
        match seed::once(&db).await? {
            Some(counts) => println!("souk: {settings} (new, filled with {counts})"),
            None => println!("souk: {settings}"),
        }
        let names = seed::SIGN_INS.map(|(name, what)| format!("{name} ({what})")).join(", ");
        println!("souk: sign in as {names}; the password of all is \"{}\"", seed::PASSWORD);
        let mizan = souk::build(db.clone())?;
        let (functions, contexts) = mizan.counts();
        println!("souk: {functions} functions, {contexts} contexts");
        let served = mizan_actix::run(mizan, ADDRESS).await;
        // SQLite writes its log into the file when the last connection closes.
        db.pool().close().await;
        Ok(served?)
    })
}
