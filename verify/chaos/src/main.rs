//! Kills servers, restarts Redis and cuts the network while readers race writers, and checks every
//! single response: is anything old ever served?

mod checker;
mod clock;
mod counts;
mod database;
mod faults;
mod fleet;
mod http;
mod keys;
mod naive;
mod options;
mod race;
mod reader;
mod report;
mod server;
mod store;
mod writer;

use std::process::ExitCode;

use options::{Command, Options};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match options::parse(&arguments) {
        Ok(Command::Server(server)) => server::serve(server).map(|()| true),
        Ok(Command::Race(options)) => race(&options),
        Err(message) => {
            eprint!("{message}\n\n{}", options::USAGE);
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("chaos: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs one race for each cache that is asked for, one after the other; whether Mizan kept its word.
fn race(options: &Options) -> Result<bool, Box<dyn std::error::Error>> {
    let mut results = Vec::new();
    for cache in &options.caches {
        results.push((*cache, race::run(options, *cache)?));
    }
    Ok(report::table(&results))
}
