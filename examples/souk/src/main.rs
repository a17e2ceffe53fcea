//! Serves the market: settings from the environment, the database, and what a start says. And plays
//! the bank.

use std::error::Error;
use std::process::ExitCode;

use mizan_core::Webhook;
use souk::db::{Db, Settings};
use souk::site::Site;
use souk::{bank, hood, secrets, seed};

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
    mizan_core::handle_cli()?;
    let settings = Settings::from_env()?;
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] | ["mizan", "export", _] => serve(&settings),
        ["bank", "pay", order] => pay(&settings, order, ADDRESS),
        ["bank", "pay", order, address] => pay(&settings, order, address),
        _ => Err("say nothing to serve the market, or `bank pay <order> [address]`".into()),
    }
}

fn serve(settings: &Settings) -> Result<(), Box<dyn Error>> {
    mizan_actix::block_on(async {
        let db = Db::open(settings).await?;
        match seed::once(&db).await? {
            Some(counts) => println!("souk: {settings} (new, filled with {counts})"),
            None => println!("souk: {settings}"),
        }
        for (name, what) in seed::SIGN_INS {
            println!("souk: sign in as {name}, {what}; the password is: {}", seed::PASSWORD);
        }
        let bank = Webhook::new(&bank::secret(settings)?)?;
        let mizan = souk::build(db.clone(), bank, secrets::session_key(settings)?)?;
        let (functions, contexts) = (mizan.function_count(), mizan.context_count());
        println!("souk: {functions} functions, {contexts} contexts");
        if let (_, Err(missing)) = Site::from_env() {
            println!("souk: {missing}");
        }
        mizan.handle_cli().await;
        hood::watch(&mizan);
        let served = mizan_actix::run(mizan, ADDRESS).await;
        // SQLite writes its log into the file when the last connection closes.
        db.pool().close().await;
        Ok(served?)
    })
}

/// Plays the bank: `1010` and `S-1010` are one order.
fn pay(settings: &Settings, order: &str, address: &str) -> Result<(), Box<dyn Error>> {
    let id = order.strip_prefix("S-").unwrap_or(order).parse();
    let id = id.map_err(|_| format!("`{order}` is not the number of an order"))?;
    println!("bank: {}", bank::pay(&bank::secret(settings)?, id, address)?);
    Ok(())
}
