//! The generator of Mizan.
//!
#![doc = include_str!("../README.md")]
//!
//! # As a library
//!
//! It knows the schema document ([`mizan_schema::Document`]) and nothing else: no registry, no
//! backend, no framework beyond the text it writes. Generation itself is a pure function:
//!
//! ```
//! use mizan_generate::{Options, Target, generate};
//!
//! let document = serde_json::from_str(r##"{
//!   "mizan": 1,
//!   "functions": {
//!     "rename": {
//!       "kind": "call",
//!       "params": [{"name": "name", "schema": {"type": "string"}, "required": true}],
//!       "result": {"$ref": "#/$defs/Profile"}
//!     }
//!   },
//!   "contexts": {},
//!   "$defs": {
//!     "Profile": {
//!       "type": "object",
//!       "properties": {"name": {"type": "string"}},
//!       "required": ["name"]
//!     }
//!   }
//! }"##)?;
//! let options = Options { targets: vec![Target::Vanilla], ..Options::default() };
//! let client = generate(&document, &options)?;
//! let types = client.files.iter().find(|file| file.path == "types.ts");
//! assert!(types.is_some_and(|file| file.text.ends_with(
//!     "export interface Profile {\n  name: string;\n}\n"
//! )));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Around it, [`run`] reads `mizan.toml`, has the document brought from a command, a file or a URL,
//! and makes the output directory hold the client. The command `mizan-generate` is [`main`]; with
//! `--watch` it stays and does so again after every change.
//!
//! To read on: `plan` holds every decision, `emit` writes them down, `schema` turns JSON Schema
//! into types, `names` guards what may become an identifier or a string.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(missing_docs)]

mod args;
mod check;
mod config;
mod emit;
mod generate;
mod names;
mod output;
mod plan;
mod problem;
mod run;
#[doc(hidden)]
pub mod sample;
mod schema;
mod source;
mod watch;
mod writer;

pub use args::Args;
pub use config::{Config, ConfigError, Source};
pub use generate::{Generated, GeneratedFile, Options, Target, generate};
pub use problem::{GenerateError, Problem};
pub use run::{Error, Run, main, run};
pub use source::{SourceError, read as read_source};
pub use writer::{Change, Difference, WriteError, compare, write};
