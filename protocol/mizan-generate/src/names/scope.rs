//! Who owns which identifier. All files share one scope, since `index.ts` exports them together.

use std::collections::HashMap;
use std::fmt;

use super::is_reserved;

/// What an identifier was made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner<'a> {
    Context(&'a str),
    Function(&'a str),
    Type(&'a str),
    Decoder(&'a str),
}

impl fmt::Display for Owner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Context(name) => write!(f, "context `{name}`"),
            Self::Function(name) => write!(f, "function `{name}`"),
            Self::Type(name) => write!(f, "type {name:?}"),
            Self::Decoder(name) => write!(f, "the decoder of {name:?}"),
        }
    }
}

/// Identifiers that are taken.
#[derive(Debug, Default)]
pub(crate) struct Scope<'a> {
    taken: HashMap<String, Owner<'a>>,
}

impl<'a> Scope<'a> {
    /// The owner of an identifier, if it has one.
    pub(crate) fn owner(&self, name: &str) -> Option<Owner<'a>> {
        self.taken.get(name).copied()
    }

    /// Takes all names that `derive` makes of a stem, or else of the stem with the first number
    /// from 2 on that leaves all of them free.
    ///
    /// What it returns depends on earlier calls alone, so callers go in sorted order.
    pub(crate) fn take<const N: usize>(
        &mut self,
        owner: Owner<'a>,
        stem: &str,
        derive: impl Fn(&str) -> [String; N],
    ) -> [String; N] {
        let mut names = derive(stem);
        let mut number = 2;
        while names.iter().any(|name| self.is_taken(name)) {
            let bar = if stem.ends_with(|last: char| last.is_ascii_digit()) { "_" } else { "" };
            names = derive(&format!("{stem}{bar}{number}"));
            number += 1;
        }
        for name in &names {
            self.taken.insert(name.clone(), owner);
        }
        names
    }

    fn is_taken(&self, name: &str) -> bool {
        is_reserved(name) || self.taken.contains_key(name)
    }
}
