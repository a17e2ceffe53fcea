//! The tokens of a Rust file, as far as paths need them: words and single marks, without comments,
//! strings and characters.

use std::iter::Peekable;
use std::str::CharIndices;

/// A word, `::`, or one other mark, and the line where it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Token<'a> {
    pub(super) text: &'a str,
    pub(super) line: usize,
}

pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut reader = Reader { text, chars: text.char_indices().peekable(), line: 1 };
    let mut tokens = Vec::new();
    while let Some((start, first)) = reader.next() {
        let line = reader.line;
        let length = match first {
            _ if first.is_whitespace() => continue,
            '/' if reader.peek() == Some('/') => {
                reader.skip_while(|char| char != '\n');
                continue;
            }
            '/' if reader.peek() == Some('*') => {
                reader.comment();
                continue;
            }
            '"' => {
                reader.string();
                continue;
            }
            '\'' => {
                reader.quote();
                continue;
            }
            ':' if reader.peek() == Some(':') => {
                reader.next();
                2
            }
            _ if is_word(first) => {
                reader.skip_while(is_word);
                let word = &text[start..reader.at()];
                if reader.literal(word) {
                    continue;
                }
                word.len()
            }
            other => other.len_utf8(),
        };
        tokens.push(Token { text: &text[start..start + length], line });
    }
    tokens
}

fn is_word(char: char) -> bool {
    char == '_' || char.is_alphanumeric()
}

struct Reader<'a> {
    text: &'a str,
    chars: Peekable<CharIndices<'a>>,
    line: usize,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<(usize, char)> {
        let next = self.chars.next();
        if let Some((_, '\n')) = next {
            self.line += 1;
        }
        next
    }

    fn peek(&mut self) -> Option<char> {
        self.chars.peek().map(|&(_, char)| char)
    }

    /// Where the next character is.
    fn at(&mut self) -> usize {
        self.chars.peek().map_or(self.text.len(), |&(at, _)| at)
    }

    fn skip_while(&mut self, goes_on: impl Fn(char) -> bool) {
        while self.peek().is_some_and(&goes_on) {
            self.next();
        }
    }

    /// The rest of a comment in `/* */`, with those in it.
    fn comment(&mut self) {
        let mut depth = 1;
        self.next();
        while let Some((_, char)) = self.next() {
            match (char, self.peek()) {
                ('*', Some('/')) => depth -= 1,
                ('/', Some('*')) => depth += 1,
                _ => continue,
            }
            self.next();
            if depth == 0 {
                return;
            }
        }
    }

    /// The rest of a string, after its first quote.
    fn string(&mut self) {
        while let Some((_, char)) = self.next() {
            match char {
                '\\' => drop(self.next()),
                '"' => return,
                _ => {}
            }
        }
    }

    /// A character after its first quote, or nothing where the quote begins a lifetime.
    fn quote(&mut self) {
        let mut ahead = self.chars.clone().map(|(_, char)| char);
        let (first, second) = (ahead.next(), ahead.next());
        if first == Some('\\') {
            self.next();
            self.next();
            self.skip_while(|char| char != '\'');
            self.next();
        } else if second == Some('\'') {
            self.next();
            self.next();
        }
    }

    /// The literal that a word such as `b` or `r` is the prefix of, where it is one.
    fn literal(&mut self, word: &str) -> bool {
        let raw = matches!(word, "r" | "br" | "cr");
        match self.peek() {
            Some('"') if raw => self.raw(),
            Some('#') if raw => {
                let hashes = self.text[self.at()..].trim_start_matches('#');
                // `r#type` is a word.
                if !hashes.starts_with('"') {
                    return false;
                }
                self.raw();
            }
            Some('"') if matches!(word, "b" | "c") => {
                self.next();
                self.string();
            }
            Some('\'') if word == "b" => {
                self.next();
                self.quote();
            }
            _ => return false,
        }
        true
    }

    /// A raw string, from its hashes on.
    fn raw(&mut self) {
        let start = self.at();
        self.skip_while(|char| char == '#');
        let end = format!("\"{}", &self.text[start..self.at()]);
        self.next();
        let from = self.at();
        let to = self.text[from..].find(&end).map_or(self.text.len(), |at| from + at + end.len());
        while self.at() < to {
            self.next();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::tokens;

    fn words(text: &str) -> Vec<&str> {
        tokens(text).into_iter().map(|token| token.text).collect()
    }

    #[test]
    fn words_and_marks_are_kept_with_their_lines() {
        assert_eq!(
            words("use crate::{a, b::c};"),
            ["use", "crate", "::", "{", "a", ",", "b", "::", "c", "}", ";"]
        );
        let lines: Vec<usize> =
            tokens("a\n\nb /* \n */ c").iter().map(|token| token.line).collect();
        assert_eq!(lines, [1, 3, 4]);
    }

    #[test]
    fn what_is_not_code_is_left_out() {
        assert_eq!(words("a // crate::x\nb /* crate::y /* z */ w */ c"), ["a", "b", "c"]);
        assert_eq!(words(r##"a "crate::x \" y" b r#"crate::"z"# c b"w" d"##), ["a", "b", "c", "d"]);
        assert_eq!(words(r"a '\'' b '{' c b'}' d '\u{7d}' e"), ["a", "b", "c", "d", "e"]);
    }

    #[test]
    fn a_lifetime_is_not_a_character() {
        assert_eq!(words("&'a str, 'static { 'x' }"), ["&", "a", "str", ",", "static", "{", "}"]);
        assert_eq!(words("r#type r"), ["r", "#", "type", "r"]);
    }
}
