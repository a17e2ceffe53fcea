//! The command line.

use std::path::PathBuf;

use clap::Parser;

/// Writes a typed client from the schema document of a Mizan backend.
#[derive(Debug, Clone, Parser)]
#[command(version)]
pub struct Args {
    /// The configuration; its paths are relative to it
    #[arg(long, value_name = "FILE", default_value = "mizan.toml")]
    pub config: PathBuf,
    /// Write nothing; fail and list the files that are not as they would be generated
    #[arg(long)]
    pub check: bool,
    /// Stay, and generate again whenever a watched file has another text: the paths of
    /// `[source] watch`; else the Rust sources of the workspace for a `command`, the `file` itself, or
    /// what the `url` gives, asked every two seconds
    #[arg(long, conflicts_with = "check")]
    pub watch: bool,
    /// List where integers are that a JavaScript number may not hold exactly
    #[arg(short, long)]
    pub verbose: bool,
}
