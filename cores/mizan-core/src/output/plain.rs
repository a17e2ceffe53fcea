//! Texts that JSON holds as they are.

/// Whether a text is written as it is: no control character, quote or backslash. Eight bytes at a time;
/// the arithmetic is that of Bit Twiddling Hacks ("Determine if a word has a zero byte"), and takes
/// a byte beyond ASCII for one of them at worst, which costs a second pass.
pub(super) fn is_plain(text: &[u8]) -> bool {
    const ONES: u64 = u64::MAX / 255;
    const HIGH: u64 = ONES << 7;
    let below = |word: u64, limit: u64| word.wrapping_sub(ONES * limit) & !word & HIGH;
    let holds = |word: u64, byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
    let is_plain = |word| below(word, 0x20) | holds(word, b'"') | holds(word, b'\\') == 0;
    let (words, rest) = text.as_chunks::<8>();
    let rest = rest.iter().fold(ONES * u64::from(b' '), |word, byte| word << 8 | u64::from(*byte));
    words.iter().all(|word| is_plain(u64::from_ne_bytes(*word))) && is_plain(rest)
}

#[cfg(test)]
mod tests {
    use super::is_plain;

    #[test]
    fn a_text_that_needs_an_escape_is_found_at_every_place() {
        for length in 0..40 {
            for at in 0..length {
                for byte in 0..=255u8 {
                    let mut text = vec![b'a'; length];
                    text[at] = byte;
                    let escaped = byte < 0x20 || byte == b'"' || byte == b'\\';
                    assert!(!(escaped && is_plain(&text)), "{byte} at {at} of {length}");
                    assert!(escaped || !byte.is_ascii() || is_plain(&text), "{byte} at {at}");
                }
            }
        }
    }
}
