//! The words of the attribute, and the nearest one to a mistyped word.

/// Every word, as the attribute takes it.
pub(crate) const WORDS: &[&str] = &[
    "context",
    "affects",
    "merge",
    "key",
    "scope",
    "private",
    "webhook",
    "route",
    "methods",
    "pages",
    "auth",
    "websocket",
    "detach",
    "idempotent",
    "at_once",
    "rate",
    "timeout",
    "rev",
    "cache",
    "name",
    "crate",
];

/// The word that was probably meant.
pub(crate) fn closest(word: &str) -> Option<&'static str> {
    let candidates = WORDS.iter().map(|known| (distance(known, word), *known));
    candidates.filter(|(distance, _)| *distance <= 2).min().map(|(_, known)| known)
}

/// Edit distance of two short words.
fn distance(left: &str, right: &str) -> usize {
    let right = right.as_bytes();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, byte) in left.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for column in 0..right.len() {
            let change = diagonal + usize::from(byte != right[column]);
            diagonal = row[column + 1];
            row[column + 1] = change.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[right.len()]
}

/// Why a text may not be a wire name, or `None` where it may. The two names that every object of a
/// client has are refused by `build()`.
pub(crate) fn name_fault(name: &str) -> Option<&'static str> {
    let mut bytes = name.bytes();
    let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if !bytes.next().is_some_and(|first| first.is_ascii_lowercase()) || !bytes.all(legal) {
        return Some("a wire name is a lower-case letter, then lower-case letters, digits and `_`");
    }
    (name.len() > 64).then_some("a wire name has at most 64 characters")
}
