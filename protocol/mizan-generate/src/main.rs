//! The command `mizan-generate`; everything it does is in the library.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    mizan_generate::main(&mizan_generate::Args::parse())
}
