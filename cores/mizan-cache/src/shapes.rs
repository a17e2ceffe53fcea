//! Which sets of parameters the mutations of a context narrow by, and which tokens follow.
//!
//! A mutation that shares `user_id` with a context marks the token of that user; an entry with
//! `user_id` and `page` is covered by it all the same, since every entry reads one token for each
//! *shape*: each set of parameters by which some mutation narrows. The empty shape is always there,
//! and is first: its token covers every entry.

use std::collections::BTreeMap;
use std::sync::Arc;

/// The largest number of shapes of a context: each is a token that every read reads.
const MAX_SHAPES: usize = 6;
/// A mutation marks two buckets for each optional parameter of its shape: its own value's, and that
/// of entries in which the parameter is null. So the optional parameters in a shape are bounded.
const MAX_OPTIONAL: usize = 2;
/// More arguments of one mutation that may be null are not distinguished.
const MAX_REDUCTIONS: usize = 8;

/// The shapes of one context, and the parameters that they are made of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shapes {
    /// Names of the parameters, sorted, and whether an entry may hold null there.
    pub params: Vec<(Arc<str>, bool)>,
    /// Each shape as sorted positions of parameters; the empty one first, then by size.
    pub shapes: Vec<Vec<usize>>,
    /// Whether there were too many, so that some mutations touch more entries than they name.
    pub merged: bool,
}

/// What one mutation narrows by: positions of parameters, and whether the argument may be null.
pub type Narrowing = Vec<(usize, bool)>;

/// A token by what it is made of: for each parameter of a shape the text, or `None` for null.
pub type Pins<'a> = Vec<(&'a str, Option<&'a str>)>;

impl Shapes {
    /// Computes the shapes. Where there are too many, the rarest are merged into what they share,
    /// which is broader and so always safe.
    pub fn new(params: Vec<(Arc<str>, bool)>, mutations: &[Narrowing]) -> Self {
        let mut counts: BTreeMap<Vec<usize>, usize> = BTreeMap::new();
        for narrowing in mutations {
            for pinned in reductions(narrowing) {
                *counts.entry(bounded(&params, pinned)).or_default() += 1;
            }
        }
        counts.remove(&Vec::new());
        let merged = counts.len() + 1 > MAX_SHAPES;
        while counts.len() + 1 > MAX_SHAPES {
            let mut rarest: Vec<Vec<usize>> = counts.keys().cloned().collect();
            rarest.sort_by_key(|shape| (counts[shape], shape.len()));
            let (first, second) = (&rarest[0], &rarest[1]);
            let shared: Vec<usize> =
                first.iter().filter(|at| second.contains(at)).copied().collect();
            let sum = counts.remove(first).unwrap_or(0) + counts.remove(second).unwrap_or(0);
            if !shared.is_empty() {
                *counts.entry(shared).or_default() += sum;
            }
        }
        let mut shapes: Vec<Vec<usize>> =
            std::iter::once(Vec::new()).chain(counts.into_keys()).collect();
        shapes.sort_by(|a, b| a.len().cmp(&b.len()).then(a.cmp(b)));
        Self { params, shapes, merged }
    }

    /// The tokens that cover an entry: one for each shape, the broad one first. `values` holds a
    /// text or null for each parameter.
    pub fn cover<'a>(
        &'a self,
        values: &'a [Option<impl AsRef<str>>],
    ) -> impl Iterator<Item = Pins<'a>> {
        let pin = |at: &usize| {
            let value = values.get(*at).and_then(|value| value.as_ref().map(AsRef::as_ref));
            (&*self.params[*at].0, value)
        };
        self.shapes.iter().map(move |shape| shape.iter().map(pin).collect())
    }

    /// The tokens that a mutation marks, which has a value for some parameters: those of the largest
    /// shape that it can fill. One that is empty is the broad one.
    pub fn touched<'a>(&'a self, values: &'a [Option<impl AsRef<str>>]) -> Vec<Pins<'a>> {
        let value = |at: usize| values.get(at).and_then(|value| value.as_ref().map(AsRef::as_ref));
        let filled = |shape: &&Vec<usize>| shape.iter().all(|at| value(*at).is_some());
        let mut tokens: Vec<Pins<'a>> = vec![Vec::new()];
        for at in self.shapes.iter().rev().find(filled).into_iter().flatten() {
            let (name, optional) = &self.params[*at];
            let null = tokens.iter().filter(|_| *optional).cloned();
            let null: Vec<Pins<'a>> = null
                .map(|mut pins| {
                    pins.push((name, None));
                    pins
                })
                .collect();
            for pins in &mut tokens {
                pins.push((name, value(*at)));
            }
            tokens.extend(null);
        }
        tokens
    }

    /// The shapes, by the names of their parameters.
    pub fn names(&self) -> Vec<Vec<String>> {
        let name = |at: &usize| self.params[*at].0.to_string();
        self.shapes.iter().map(|shape| shape.iter().map(name).collect()).collect()
    }

    /// The shapes as text, by which builds tell whether they agree: `user_id;page?,user_id`.
    pub fn text(&self) -> String {
        let name = |at: &usize| {
            let (name, optional) = &self.params[*at];
            format!("{name}{}", if *optional { "?" } else { "" })
        };
        let shape = |shape: &Vec<usize>| shape.iter().map(name).collect::<Vec<_>>().join(",");
        self.shapes.iter().map(shape).collect::<Vec<_>>().join(";")
    }
}

/// What a mutation can pin: all of its parameters, and each rest where some are null.
fn reductions(narrowing: &Narrowing) -> impl Iterator<Item = Vec<usize>> {
    let nullable = narrowing.iter().filter(|(_, null)| *null).map(|(at, _)| *at);
    let nullable: Vec<usize> = nullable.take(MAX_REDUCTIONS).collect();
    (0..1usize << nullable.len()).map(move |absent| {
        let is_absent = |at: usize| {
            nullable.iter().position(|own| *own == at).is_some_and(|bit| absent >> bit & 1 == 1)
        };
        narrowing.iter().map(|(at, _)| *at).filter(|at| !is_absent(*at)).collect()
    })
}

/// A shape without the optional parameters that are too many.
fn bounded(params: &[(Arc<str>, bool)], pinned: Vec<usize>) -> Vec<usize> {
    let mut optional = 0;
    let fits = |at: &usize| {
        optional += usize::from(params[*at].1);
        !params[*at].1 || optional <= MAX_OPTIONAL
    };
    let mut shape: Vec<usize> = pinned.into_iter().filter(fits).collect();
    shape.sort_unstable();
    shape
}
