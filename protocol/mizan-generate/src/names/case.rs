//! The allow-list of wire names, and the spellings made from them.

/// The longest part of a `$defs` name that is kept.
const LONGEST: usize = 120;

/// True for `[a-z][a-z0-9_]{0,63}`, except the two names that reach into every JavaScript object.
pub(crate) fn is_wire_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    let starts = matches!(bytes.next(), Some(b'a'..=b'z'));
    starts
        && name.len() <= 64
        && bytes.all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
        && !matches!(name, "constructor" | "prototype")
}

/// `user_profile` and `contact.submit` as `UserProfile` and `ContactSubmit`.
pub(crate) fn pascal(wire: &str) -> String {
    let mut result = String::with_capacity(wire.len());
    for word in wire.split(['_', '.']) {
        let mut chars = word.chars();
        result.extend(chars.next().map(|first| first.to_ascii_uppercase()));
        result.push_str(chars.as_str());
    }
    result
}

/// `user_profile` as `userProfile`.
pub(crate) fn camel(wire: &str) -> String {
    let mut result = pascal(wire);
    if let Some(first) = result.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    result
}

/// The nearest legal type name of a `$defs` name, which may be any text.
///
/// Whatever is not an ASCII letter, digit or underscore ends a word, and the next word opens with
/// a capital.
pub(crate) fn type_name(definition: &str) -> String {
    let mut result = String::new();
    let mut capital = true;
    for char in definition.chars() {
        if result.len() >= LONGEST {
            break;
        }
        match char {
            'a'..='z' if capital => result.push(char.to_ascii_uppercase()),
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' => result.push(char),
            _ => {
                capital = true;
                continue;
            }
        }
        capital = false;
    }
    match result.bytes().next() {
        None => "Type".to_owned(),
        Some(b'0'..=b'9') => format!("Type{result}"),
        Some(_) => result,
    }
}
