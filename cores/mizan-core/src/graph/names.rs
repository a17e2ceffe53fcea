//! Which wire names are legal: `[a-z][a-z0-9_]{0,63}`, and no word that a client language reserves.

/// Words that are a trap in Rust, TypeScript or JavaScript, or on the prototype of every object.
const RESERVED: &[&str] = &[
    "abstract",
    "any",
    "arguments",
    "as",
    "async",
    "await",
    "bigint",
    "boolean",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "constructor",
    "continue",
    "crate",
    "debugger",
    "declare",
    "default",
    "delete",
    "do",
    "dyn",
    "else",
    "enum",
    "eval",
    "export",
    "extends",
    "extern",
    "false",
    "finally",
    "fn",
    "for",
    "function",
    "if",
    "impl",
    "implements",
    "import",
    "in",
    "instanceof",
    "interface",
    "let",
    "loop",
    "match",
    "mod",
    "move",
    "mut",
    "namespace",
    "never",
    "new",
    "null",
    "number",
    "object",
    "package",
    "private",
    "protected",
    "prototype",
    "pub",
    "public",
    "ref",
    "return",
    "self",
    "static",
    "string",
    "struct",
    "super",
    "switch",
    "symbol",
    "this",
    "throw",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "undefined",
    "unknown",
    "unsafe",
    "use",
    "var",
    "void",
    "where",
    "while",
    "with",
    "yield",
];

/// Why a text may not be a wire name, or `None` where it may.
pub(crate) fn fault(name: &str) -> Option<&'static str> {
    let mut bytes = name.bytes();
    let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if !bytes.next().is_some_and(|first| first.is_ascii_lowercase()) || !bytes.all(legal) {
        return Some("use a lower-case letter, then lower-case letters, digits and `_`");
    }
    if name.len() > 64 {
        return Some("use at most 64 characters");
    }
    RESERVED.contains(&name).then_some("choose a word that no client language reserves")
}

/// The same for parameters, whose names become properties: there reserved words are legal, but for
/// the ones that every object already has.
pub(crate) fn param_fault(name: &str) -> Option<&'static str> {
    match fault(name) {
        Some(fault) if RESERVED.contains(&name) => {
            matches!(name, "constructor" | "prototype" | "arguments" | "eval").then_some(fault)
        }
        fault => fault,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grammar_is_exact() {
        for good in ["a", "user_profile", "a1_", "x2y", &"a".repeat(64)] {
            assert_eq!(fault(good), None, "{good}");
        }
        let long = "a".repeat(65);
        for bad in [
            "",
            "A",
            "1a",
            "_a",
            "a-b",
            "a.b",
            "a:b",
            "a*",
            "имя",
            "a b",
            "class",
            "constructor",
            &long,
        ] {
            assert!(fault(bad).is_some(), "{bad}");
        }
        assert_eq!(param_fault("type"), None);
        assert!(param_fault("constructor").is_some());
    }
}
