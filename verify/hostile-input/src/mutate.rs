//! Deterministic mutations: what a run without a fuzzer tries around the corpus.

/// A sequence of numbers that follows from its seed (SplitMix64).
#[derive(Debug, Clone)]
pub struct Rng(u64);

impl Rng {
    /// The sequence of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`; 0 where there is none.
    pub fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % end).unwrap_or(0)
    }
}

/// Texts on which readers stumble.
const WORDS: [&[u8]; 40] = [
    b"\0",
    b"\r\n",
    b"\n",
    b"\t",
    b"\"",
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b"%",
    b"%00",
    b"%ff",
    b"%2e",
    b"../",
    b"//",
    b"&",
    b"=",
    b";",
    b",",
    b".",
    b":",
    b"+",
    b"-0",
    b"1e999",
    b"1e-999",
    b"0x10",
    b"9007199254740993",
    b"-9223372036854775809",
    b"340282366920938463463374607431768211456",
    b"NaN",
    b"null",
    b"true",
    b"[[[[[[[[",
    b"{\"a\":{\"a\":{\"a\":",
    b"__proto__",
    b"\xff",
    b"\xc0\xaf",
    b"\xef\xbb\xbf",
    b"\xe2\x80\xa8",
    b"$A",
    b"$s",
];

/// An input that differs from one of the corpus in a few places.
pub fn mutated(rng: &mut Rng, corpus: &[Vec<u8>]) -> Vec<u8> {
    let pick = |rng: &mut Rng| corpus.get(rng.below(corpus.len())).cloned().unwrap_or_default();
    let mut input = pick(rng);
    for _ in 0..=rng.below(4) {
        let at = rng.below(input.len() + 1);
        let end = at + rng.below(input.len() - at + 1).min(32);
        let byte = rng.next().to_le_bytes()[0];
        match rng.below(8) {
            0 if at < input.len() => input[at] ^= 1 << rng.below(8),
            1 if at < input.len() => input[at] = byte,
            2 => input.insert(at, byte),
            3 => drop(input.drain(at..end)),
            4 => {
                let part = input[at..end].to_vec();
                input.splice(at..at, part);
            }
            5 => {
                let other = pick(rng);
                let from = rng.below(other.len() + 1);
                input.splice(at.., other[from..].iter().copied());
            }
            6 => input.truncate(at),
            _ => {
                let word = WORDS[rng.below(WORDS.len())];
                input.splice(at..at, word.iter().copied());
            }
        }
    }
    input
}
