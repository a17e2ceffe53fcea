//! Whether the crate that is compiled depends on garde. Without it every name of garde in what the macro
//! writes would be an error of its own, and none would say what to do.

use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::Attribute;

use crate::errors::Errors;
use crate::signature::Argument;

/// Rules that need a feature of garde.
const FEATURES: [(&str, &str); 6] = [
    ("credit_card", "credit-card"),
    ("email", "email"),
    ("graphemes", "unicode"),
    ("pattern", "pattern"),
    ("phone_number", "phone-number"),
    ("url", "url"),
];

/// Reports rules in a crate that does not name garde: one mistake, on the first rule.
pub(crate) fn check(
    function: &str,
    arguments: &[Argument],
    manifest: impl FnOnce() -> Option<String>,
    errors: &mut Errors,
) {
    let rules: Vec<&Attribute> = arguments.iter().flat_map(|argument| &argument.validate).collect();
    let Some(first) = rules.first() else { return };
    if manifest().is_none_or(|manifest| names_garde(&manifest)) {
        return;
    }
    let features = features(&rules);
    errors.add(
        first,
        format!("`{function}` has a rule of garde, which this crate does not depend on"),
        format!(
            "add to Cargo.toml, below `[dependencies]`:\n          \
             garde = {{ version = \"0.23\", default-features = false, features = [{features}] }}"
        ),
    );
}

/// The manifest of the crate that is compiled. Other build systems than Cargo have none.
pub(crate) fn manifest() -> Option<String> {
    let folder = std::env::var_os("CARGO_MANIFEST_DIR")?;
    std::fs::read_to_string(Path::new(&folder).join("Cargo.toml")).ok()
}

/// Whether a manifest may name garde. A word anywhere but in a comment of its own counts: at worst
/// the compiler reports what is missing.
fn names_garde(manifest: &str) -> bool {
    let part_of_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-".contains(byte);
    let holds = |line: &str| {
        line.match_indices("garde").any(|(at, word)| {
            let (before, after) = (&line.as_bytes()[..at], &line.as_bytes()[at + word.len()..]);
            !before.last().is_some_and(part_of_word) && !after.first().is_some_and(part_of_word)
        })
    };
    manifest.lines().filter(|line| !line.trim_start().starts_with('#')).any(holds)
}

/// The features that these rules need, as a list in TOML.
fn features(rules: &[&Attribute]) -> String {
    let mut words = Vec::new();
    rules.iter().for_each(|rule| collect(rule.meta.to_token_stream(), &mut words));
    let needed = FEATURES.iter().filter(|(word, _)| words.iter().any(|own| own == word));
    let all = std::iter::once("derive").chain(needed.map(|(_, feature)| *feature));
    all.map(|feature| format!("\"{feature}\"")).collect::<Vec<_>>().join(", ")
}

fn collect(tokens: TokenStream, words: &mut Vec<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(word) => words.push(word.to_string()),
            TokenTree::Group(group) => collect(group.stream(), words),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;
    use crate::expand::client_in;

    #[test]
    fn a_manifest_names_garde_in_every_form_of_toml() {
        for manifest in [
            "[dependencies]\ngarde = \"0.23\"",
            "[dependencies.garde]\nversion = \"0.23\"",
            "[dependencies]\ngarde.workspace = true",
            "[target.'cfg(unix)'.dependencies]\n\"garde\" = \"0.23\"",
            "dependencies = { serde = \"1\", garde={ version = \"0.23\" } }",
        ] {
            assert!(names_garde(manifest), "{manifest}");
        }
        for manifest in [
            "",
            "[dependencies]\nserde = \"1\"",
            "[dependencies]\n# garde = \"0.23\"",
            "[dependencies]\ngarde_derive = \"0.23\"\nmy-garde = \"1\"\nregarde = \"1\"",
        ] {
            assert!(!names_garde(manifest), "{manifest}");
        }
    }

    #[test]
    fn rules_without_garde_are_one_mistake_with_the_line_to_add() {
        let function = quote! {
            async fn sign(
                #[garde(length(graphemes, min = 1))] name: String,
                #[garde(email, inner(pattern("x")))] emails: Vec<String>,
            ) -> bool { true }
        };
        let without = Some("[dependencies]\nserde = \"1\"".to_owned());
        let written = client_in(|| without, TokenStream::new(), function.clone()).to_string();
        assert_eq!(written.matches("compile_error").count(), 1, "{written}");
        assert!(written.contains("`sign` has a rule of garde"), "{written}");
        let line = r#"features = [\"derive\", \"email\", \"unicode\", \"pattern\"]"#;
        assert!(written.contains(line), "{written}");
        // The function stays, without its rules, and nothing else is written that could fail.
        assert!(
            written.contains("async fn sign (name : String , emails : Vec < String > ,)"),
            "{written}"
        );
        assert!(!written.contains(":: garde") && !written.contains("__mizan_"), "{written}");
        for with in [Some("[dependencies]\ngarde = \"0.23\"".to_owned()), None] {
            let written = client_in(|| with, TokenStream::new(), function.clone()).to_string();
            assert!(written.contains(":: garde :: Validate"), "{written}");
            assert!(!written.contains("compile_error"), "{written}");
        }
    }
}
