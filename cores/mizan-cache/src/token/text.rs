//! Tokens as texts, for stores that keep texts: `G<generation>` or `P;<last>;<id>@<until>…`, then
//! `|<build>@<joined>` for each build. Numbers are hexadecimal, times are decimal milliseconds.

use std::fmt::Write as _;

use super::{BuildId, Generation, State, Token};

impl Token {
    /// The text of a token.
    pub fn to_text(&self) -> String {
        let mut text = String::with_capacity(64);
        // Writing to a string does not fail.
        let _ = match &self.state {
            State::Open(generation) => write!(text, "G{generation:032x}"),
            State::Marked { last: Some(last), .. } => write!(text, "P;{last:032x}"),
            State::Marked { last: None, .. } => write!(text, "P;-"),
        };
        if let State::Marked { leases, .. } = &self.state {
            for (id, until) in leases {
                let _ = write!(text, ";{id:016x}@{until}");
            }
        }
        for (build, joined) in &self.builds {
            let _ = write!(text, "|{build:08x}@{joined}");
        }
        text
    }

    /// Reads a text; `None` for one of another form, which counts as absent.
    pub fn from_text(text: &str) -> Option<Self> {
        let mut parts = text.split('|');
        let head = parts.next()?;
        let state = match head.strip_prefix("P;") {
            None => State::Open(generation(head.strip_prefix('G')?)?),
            Some(rest) => {
                let mut rest = rest.split(';');
                let last = match rest.next()? {
                    "-" => None,
                    text => Some(generation(text)?),
                };
                let lease = |text: &str| {
                    let (id, until) = text.split_once('@')?;
                    Some((u64::from_str_radix(id, 16).ok()?, until.parse().ok()?))
                };
                State::Marked { last, leases: rest.map(lease).collect::<Option<_>>()? }
            }
        };
        let build = |text: &str| {
            let (build, joined) = text.split_once('@')?;
            Some((BuildId::from_str_radix(build, 16).ok()?, joined.parse().ok()?))
        };
        Some(Self { state, builds: parts.map(build).collect::<Option<_>>()? })
    }
}

fn generation(text: &str) -> Option<Generation> {
    (text.len() == 32).then(|| Generation::from_str_radix(text, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn token() -> impl Strategy<Value = Token> {
        let leases = prop::collection::vec(any::<(u64, u64)>(), 1..4);
        let marked = (any::<Option<u128>>(), leases)
            .prop_map(|(last, leases)| State::Marked { last, leases });
        let state = prop_oneof![any::<u128>().prop_map(State::Open), marked];
        let builds = prop::collection::vec(any::<(u32, u64)>(), 0..3);
        (state, builds).prop_map(|(state, builds)| Token { state, builds })
    }

    proptest! {
        #[test]
        fn a_token_reads_back_as_it_was_written(token in token()) {
            prop_assert_eq!(Token::from_text(&token.to_text()), Some(token));
        }

        #[test]
        fn what_is_not_a_token_is_absent(text in "[GP;|@0-9a-f-]{0,40}") {
            if let Some(token) = Token::from_text(&text) {
                let again = token.to_text();
                prop_assert_eq!(Token::from_text(&again), Some(token));
            }
        }
    }
}
