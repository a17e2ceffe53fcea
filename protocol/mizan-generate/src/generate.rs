//! The whole of generation, without a file or a process: check, plan, emit.

use mizan_schema::Document;

use crate::problem::GenerateError;
use crate::{check, emit, plan};

/// What to generate for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// Types, fetch functions and call functions: stage 1, which every other target includes.
    Vanilla,
    /// Hooks and a provider on top, in `react.tsx`.
    React,
    /// Composables and a provider on top, in `vue.ts`.
    Vue,
    /// Functions with runes and a provider on top, in `svelte.ts`.
    Svelte,
}

/// What the configuration says about the output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The targets; their order and doubles do not matter.
    pub targets: Vec<Target>,
    /// A second name for the error class, an identifier with a capital.
    pub error: Option<String>,
    /// The file name of the configuration, which the first line of each file mentions. A name of
    /// other characters than ASCII letters, digits and `._-` is not repeated there.
    pub config: String,
}

impl Default for Options {
    fn default() -> Self {
        Self { targets: vec![Target::React], error: None, config: "mizan.toml".to_owned() }
    }
}

/// One file of the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneratedFile {
    /// Where it goes below the output directory, with slashes.
    pub path: String,
    /// All of it.
    pub text: String,
}

/// A client, and what its author should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generated {
    /// The files, sorted by path.
    pub files: Vec<GeneratedFile>,
    /// One line each: names that had to change, schemas that were not understood.
    pub warnings: Vec<String>,
    /// Where integers are that a JavaScript number may not hold exactly, as `function(param)`
    /// or `Type.field`.
    pub wide_integers: Vec<String>,
}

/// Generates a client. The same document and options give the same bytes.
///
/// # Errors
///
/// Every mistake of the document at once: an unknown version, names outside the allow-list,
/// references that lead nowhere.
///
/// ```
/// let document = serde_json::from_str(r#"{
///   "mizan": 1,
///   "functions": {"ping": {"kind": "call", "params": [], "result": {"type": "boolean"}}},
///   "contexts": {}
/// }"#)?;
/// let client = mizan_generate::generate(&document, &mizan_generate::Options::default())?;
/// assert!(client.files.iter().any(|file| file.text.contains("export function usePing()")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn generate(document: &Document, options: &Options) -> Result<Generated, GenerateError> {
    let mut problems = check::check(document);
    problems.extend(options.error.as_deref().and_then(check::check_error_class));
    if !problems.is_empty() {
        return Err(GenerateError { problems });
    }
    let built = plan::build(document, options).map_err(|problems| GenerateError { problems })?;
    Ok(Generated {
        files: emit::emit(&built.plan),
        warnings: built.warnings,
        wide_integers: built.wide,
    })
}
