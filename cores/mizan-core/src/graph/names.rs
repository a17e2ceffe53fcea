//! Which wire names are legal: `[a-z][a-z0-9_]{0,63}`, but for two that every object already has.
//!
//! Words of a language are legal: generated code escapes them where they cannot be.

/// Names that reach into every object of a JavaScript client, which keeps members and parameters by
/// name.
const INHERITED: &[&str] = &["constructor", "prototype"];

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
    INHERITED.contains(&name).then_some("choose a name that JavaScript objects do not have already")
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
            "constructor",
            "prototype",
            &long,
        ] {
            assert!(fault(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn words_of_languages_are_legal() {
        for word in ["delete", "new", "import", "type", "class", "arguments", "eval", "self", "fn"]
        {
            assert_eq!(fault(word), None, "{word}");
        }
    }
}
