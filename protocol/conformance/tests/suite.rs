//! The whole suite, for every backend of the repository. `CONTRACT.md` says how others run it.

use std::process::ExitCode;

use mizan_conformance::backend::Backend;
use mizan_conformance::{case, runner};

fn main() -> ExitCode {
    let programs = [
        ("actix", env!("CARGO_BIN_EXE_conformance-actix")),
        ("axum", env!("CARGO_BIN_EXE_conformance-axum")),
    ];
    let backends = programs.map(|(name, program)| {
        let folder = env!("CARGO_TARGET_TMPDIR");
        Backend::command(name, program).with_folder(folder).on_the_rust_core()
    });
    runner::test_main(&backends, &case::all())
}
