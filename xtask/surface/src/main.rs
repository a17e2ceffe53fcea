//! Lists the public items of a crate, one a line, from what rustdoc writes as JSON.
//!
//! A package of its own, so that xtask starts without dependencies. `cargo xtask surface` runs it.

use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1) else {
        eprintln!("usage: mizan-surface <file>.json");
        return ExitCode::from(2);
    };
    // What every type has, or has by its fields, says little about this crate.
    let read = public_api::Builder::from_rustdoc_json(path)
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .build();
    let written = match read {
        Ok(surface) => {
            let mut out = std::io::stdout().lock();
            surface.items().try_for_each(|item| writeln!(out, "{item}"))
        }
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    if written.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
