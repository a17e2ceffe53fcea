//! Import lines, and which types a file has to import.

use std::collections::BTreeSet;

use super::layout::{Piece, braces, text, write};
use crate::plan::Plan;
use crate::schema::Type;

/// Names of `types.ts` that a file uses, sorted.
#[derive(Debug, Default)]
pub(super) struct Used<'p>(BTreeSet<&'p str>);

impl<'p> Used<'p> {
    pub(super) fn add(&mut self, plan: &'p Plan<'_>, ty: &Type<'_>) {
        ty.each_named(&mut |index| {
            if let Some(named) = plan.types.get(index) {
                self.0.insert(&named.ident);
            }
        });
    }

    pub(super) fn insert(&mut self, ident: &'p str) {
        self.0.insert(ident);
    }

    /// Writes `import type { … }`, or nothing where no name is used.
    pub(super) fn write(self, out: &mut String, from: &str) {
        if !self.0.is_empty() {
            line(out, "import type ", self.0.into_iter().map(text), from);
        }
    }

    /// Writes `import { … }`, or nothing where no name is used.
    pub(super) fn write_values(self, out: &mut String, from: &str) {
        if !self.0.is_empty() {
            line(out, "import ", self.0.into_iter().map(text), from);
        }
    }
}

/// One import line; `from` is a literal of the generator or a checked file name.
pub(super) fn line<'a>(
    out: &mut String,
    start: &'static str,
    names: impl IntoIterator<Item = Piece<'a>>,
    from: &str,
) {
    let piece = [text(start), braces(names), text(format!(" from \"{from}\";\n"))];
    write(out, Piece::All(piece.into()));
}
