//! Percent-encoding (RFC 3986, section 2.1), read strictly.

use std::borrow::Cow;

/// Appends a byte as `%XX`.
pub(crate) fn push_encoded(text: &mut String, byte: u8) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    text.push('%');
    text.push(DIGITS[usize::from(byte >> 4)].into());
    text.push(DIGITS[usize::from(byte & 15)].into());
}

/// Whether a byte stays as it is: a letter, a digit, or one of `-._~`.
pub(crate) fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

/// Appends a text with every byte encoded that is not unreserved.
pub(crate) fn push_component(text: &mut String, part: &str) {
    if part.bytes().all(is_unreserved) {
        return text.push_str(part);
    }
    for byte in part.bytes() {
        if is_unreserved(byte) { text.push(byte.into()) } else { push_encoded(text, byte) }
    }
}

/// Decodes a text, with `+` for a space if `plus` is true. `None` for a broken escape or bytes that
/// are not UTF-8.
pub(crate) fn decode(text: &str, plus: bool) -> Option<Cow<'_, str>> {
    if !text.bytes().any(|byte| byte == b'%' || (plus && byte == b'+')) {
        return Some(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' if plus => b' ',
            b'%' => {
                let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
                let (high, low) = (digit(rest.next())?, digit(rest.next())?);
                u8::try_from(high * 16 + low).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}
