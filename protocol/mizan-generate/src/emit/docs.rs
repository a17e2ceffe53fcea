//! Doc comments. Text of the document can neither end the comment nor give an order to a tool.

use super::layout::{Piece, text};
use crate::names::visible;
use crate::schema::Note;

/// The lines of a comment, delimiters included; none where there is nothing to say.
pub(super) fn lines(note: &Note<'_>, more: Option<&str>) -> Vec<String> {
    let mut body: Vec<String> = note.doc.map(clean).unwrap_or_default();
    let mut tags = Vec::new();
    if let Some(default) = note.default {
        let value = clean(&default.to_string()).join(" ").replace('`', "'");
        tags.push(format!("@defaultValue `{value}`"));
    }
    if note.deprecated {
        tags.push("@deprecated".to_owned());
    }
    for part in [more.map(clean).unwrap_or_default(), tags] {
        if !body.is_empty() && !part.is_empty() {
            body.push(String::new());
        }
        body.extend(part);
    }
    match body.as_slice() {
        [] => body,
        [only] => vec![format!("/** {only} */")],
        _ => {
            let inner = body.iter().map(|line| format!(" * {line}").trim_end().to_owned());
            std::iter::once("/**".to_owned()).chain(inner).chain([" */".to_owned()]).collect()
        }
    }
}

/// Writes the comment of a top-level declaration.
pub(super) fn write(out: &mut String, note: &Note<'_>, more: Option<&str>) {
    for line in lines(note, more) {
        out.push_str(&line);
        out.push('\n');
    }
}

/// The comment of a field, each line followed by the end of the line.
pub(super) fn pieces<'a>(note: &Note<'_>) -> Vec<Piece<'a>> {
    lines(note, None).into_iter().flat_map(|line| [text(line), Piece::Hard]).collect()
}

/// Lines of text without what could end the comment, hide in it or steer a compiler or bundler.
fn clean(doc: &str) -> Vec<String> {
    let ends = ['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'];
    let mut lines: Vec<String> = doc.split(ends).map(|line| clean_line(line.trim_end())).collect();
    let first = lines.iter().position(|line| !line.is_empty());
    lines.drain(..first.unwrap_or(lines.len()));
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

fn clean_line(line: &str) -> String {
    // Most lines are plain, and this is the only look at them.
    let plain = |byte: u8| matches!(byte, b' '..=b'~') && !b"*/<@#=".contains(&byte);
    if line.bytes().all(plain) {
        return line.to_owned();
    }
    let seen: String = line
        .chars()
        .map(|char| if char == '\t' { ' ' } else { char })
        .filter(|char| visible(*char))
        .collect();
    disarm(seen.trim_end())
}

fn disarm(line: &str) -> String {
    let mut result = String::with_capacity(line.len());
    let mut rest = line;
    let mut previous = ' ';
    while let Some(char) = rest.chars().next() {
        let tail = rest.get(char.len_utf8()..).unwrap_or_default();
        let next = tail.chars().next().unwrap_or(' ');
        result.push(char);
        match char {
            '*' | '/' if next == '/' && !(char == '/' && previous == ':') => result.push('\\'),
            '<' if next == '/' || next == '!' => result.push('\\'),
            // A space keeps `@ts-nocheck`, `@jsx` and `#__PURE__` from being read as orders.
            '@' if !previous.is_alphanumeric() && (next.is_alphanumeric() || next == '_') => {
                result.push(' ');
            }
            '@' | '#' if is_order(tail) => result.push(' '),
            _ => {}
        }
        previous = char;
        rest = tail;
    }
    result.replace("sourceMappingURL=", "sourceMappingURL =").replace("sourceURL=", "sourceURL =")
}

fn is_order(tail: &str) -> bool {
    ["ts-", "jsx", "__", "vite-", "license", "preserve", "internal"]
        .iter()
        .any(|order| tail.get(..order.len()).is_some_and(|start| start.eq_ignore_ascii_case(order)))
}
