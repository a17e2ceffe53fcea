//! Phrases that are hard to read are refused: in documents, comments, doc comments and string literals.
//!
//! All of them have a space or are words that no code uses, so the whole text of a file is searched, across the ends of
//! lines. Code spans of documents are left out.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::File;

/// The list, a phrase a line: `phrase => instead`.
const PHRASES: &str = include_str!("phrases.txt");

/// The list itself, and what is recorded or generated.
const EXEMPT: &[&str] = &[
    "xtask/src/tidy/phrases",
    "protocol/conformance/vectors/",
    "verify/hostile-input/corpus/",
    "CHANGELOG.md",
    "LICENSE",
];

const ENDINGS: &[&str] =
    &[".md", ".rs", ".ts", ".tsx", ".js", ".mjs", ".css", ".html", ".stderr", ".toml"];

pub(super) fn faults(files: &[File]) -> Vec<String> {
    let searched = files.iter().filter(|(path, _)| {
        ENDINGS.iter().any(|ending| path.ends_with(ending))
            && !EXEMPT.iter().any(|start| path.starts_with(start))
    });
    searched.flat_map(|(path, text)| check(path, text)).collect()
}

fn check(path: &str, text: &str) -> Vec<String> {
    let text = text.to_lowercase();
    let words = words(&text, path.ends_with(".md"));
    let mut faults = Vec::new();
    for (at, word) in words.iter().enumerate() {
        // "There is no file" is plain English; "it is no file" is not.
        let is_there = at > 0 && words[at - 1].text == "there";
        for (phrase, instead) in LISTED.get(word.text).filter(|_| !is_there).into_iter().flatten() {
            let mut next = words[at..].iter().map(|word| word.text);
            if phrase.split(' ').all(|wanted| next.next() == Some(wanted)) {
                faults.push(format!("{path}:{}: \"{phrase}\": write {instead}", word.line));
            }
        }
    }
    faults
}

/// The phrases by their first words: each with what to write instead.
type Listed = HashMap<&'static str, Vec<(&'static str, &'static str)>>;

static LISTED: LazyLock<Listed> = LazyLock::new(|| {
    let mut listed = Listed::new();
    let lines = PHRASES.lines().filter(|line| !line.starts_with('#'));
    for (phrase, instead) in lines.filter_map(|line| line.split_once(" => ")) {
        let first = phrase.split(' ').next().unwrap_or_default();
        listed.entry(first).or_default().push((phrase, instead));
    }
    listed
});

/// A word, or a mark, and the line where it is.
struct Word<'a> {
    text: &'a str,
    line: usize,
}

/// The words of a text. The marks that begin a comment are left out.
fn words(text: &str, is_document: bool) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut is_code = false;
    for (line, number) in text.lines().zip(1..) {
        let mut line = line.trim();
        if is_document && line.starts_with("```") {
            is_code = !is_code;
        }
        for start in ["///", "//!", "//", "/**", "* ", "#"] {
            line = line.strip_prefix(start).unwrap_or(line);
        }
        for (span, at) in line.split('`').zip(0..) {
            if at > 0 {
                words.push(Word { text: "`", line: number });
            }
            if at % 2 == 0 || !is_document || is_code {
                read(span, number, &mut words);
            }
        }
    }
    words
}

fn read<'a>(span: &'a str, line: usize, words: &mut Vec<Word<'a>>) {
    let is_word = |char: char| char.is_alphanumeric() || matches!(char, '_' | '-' | '\'');
    for text in span.split_inclusive(|char| !is_word(char)) {
        let word = text.trim_end_matches(|char| !is_word(char));
        // `\` ends a line of a string that goes on.
        let mark =
            text[word.len()..].trim_matches(|char: char| char.is_whitespace() || char == '\\');
        words.extend(
            [word, mark]
                .into_iter()
                .filter(|text| !text.is_empty())
                .map(|text| Word { text, line }),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::{check, faults};

    #[test]
    fn a_planted_phrase_is_refused_with_its_line() {
        let planted = [
            ("docs/a.md", "# A\n\nThe call names what it made\nold.\n", 3),
            ("cores/a/src/b.rs", "//! A.\n\n/// The text is\n/// no number.\nfn a() {}\n", 3),
            (
                "cores/a/src/b.rs",
                "fn a() -> &'static str {\n    \"the header stands \\\n     twice\"\n}\n",
                2,
            ),
            ("frontends/a/src/b.ts", "/** Read Anew. */\n", 1),
        ];
        for (path, text, line) in planted {
            let faults = faults(&[(path.to_owned(), text.to_owned())]);
            assert!(
                faults.len() == 1 && faults[0].starts_with(&format!("{path}:{line}: ")),
                "{faults:?}"
            );
        }
    }

    #[test]
    fn other_words_and_marks_are_no_phrase() {
        for text in [
            "the answers_of",
            "is no numbers",
            "It is. No file is read.",
            "There is no file.",
            "made, old",
            "fn no_answer() {}",
        ] {
            assert!(check("a/src/b.rs", text).is_empty(), "{text}");
        }
        assert!(check("docs/a.md", "Write `is told` never.\n").is_empty());
        assert_eq!(check("docs/a.md", "```rust\n// it is told\n```\n").len(), 1);
    }

    #[test]
    fn what_is_recorded_is_left_as_it_is() {
        assert!(faults(&[("CHANGELOG.md".into(), "it says so".into())]).is_empty());
        assert!(faults(&[("a.json".into(), "it says so".into())]).is_empty());
    }
}
