//! The commands of this repository. `cargo xtask` lists them.
//!
//! Only the standard library is used, so that the first command on a fresh machine starts quickly.

mod archives;
mod bench;
mod chaos;
mod codegen;
mod conformance;
mod demo;
mod deny;
mod dev;
mod docs;
#[cfg(all(test, unix))]
mod fake;
mod guide;
mod json;
mod machine;
mod packages;
mod picture;
mod postgres;
mod programs;
mod reference;
mod step;
mod surface;
mod test;
mod tidy;
mod workflows;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask <command>

  demo [hello]       build Souk, or the smallest application, and serve it
  dev <example>      serve hello, souk or a folder, and follow every save
  test               run every test; what is missing is installed, or named and left out
  codegen [--check]  write schema documents and clients of the examples again, or compare them
  conformance [--check] run the suite over every backend and write docs/conformance.md, or compare it
  docs               build the site of the documents into target/docs
  picture            make the moving picture of the README again
  guide              copy the pages of docs/ that mizan_core::guide includes
  package            pack the published crates, and build from their archives alone
  reference [--check] write docs/reference.md from the sources, or compare it
  surface [--check]  write what each published crate offers (public-api.txt), or compare it
  deny               check licences, bans, sources and advisories of dependencies
  tidy               check the rules of the repository
  bench <what>       http, cache, instructions, generate, kernel or build: print figures
  chaos [options]    race readers against writers while servers and Redis are killed
  deep               the long checks
";

/// A failure, in words for the user who typed the command.
type Result<T = ()> = std::result::Result<T, String>;

fn main() -> ExitCode {
    if let Some(code) = surface::rustdoc() {
        return code;
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words[..] {
        ["demo"] | ["demo", "souk"] => demo::demo(&demo::SOUK),
        ["demo", "hello"] => demo::demo(&demo::HELLO),
        ["dev", what] => dev::dev(what),
        ["test"] => test::test(),
        ["codegen"] => codegen::codegen(false),
        ["codegen", "--check"] => codegen::codegen(true),
        ["conformance"] => conformance::conformance(false),
        ["conformance", "--check"] => conformance::conformance(true),
        ["docs"] => docs::docs(),
        ["picture"] => picture::picture(),
        ["guide"] => guide::guide(),
        ["package"] => archives::archives(),
        ["reference"] => reference::reference(false),
        ["reference", "--check"] => reference::reference(true),
        ["surface"] => surface::surface(false),
        ["surface", "--check"] => surface::surface(true),
        ["deny"] => deny::deny(),
        ["tidy"] => tidy::tidy(),
        ["bench", what] => bench::bench(what, &[]),
        ["bench", what @ "instructions", ref rows @ ..] => bench::bench(what, rows),
        ["chaos", ref options @ ..] => chaos::chaos(options),
        ["deep"] => test::deep(),
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("\n✗ {message}");
            ExitCode::FAILURE
        }
    }
}
