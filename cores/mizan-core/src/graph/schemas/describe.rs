//! All types of a set of functions as schemars describes them, and the names that the types have.
//!
//! schemars calls the second type of a name `Page2`, in the order of its visits, and does not show
//! the name that the type has. [`Described::bases`] finds it: some names are taken by a type of Mizan's
//! own, and everything is described again.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::Value;

use super::refs::target;
use crate::function::{Function, OutputKind};

/// A type that schemars numbers is distinguished from one with that name after a few rounds: in each,
/// the number is another one. The bound is for types that describe themselves by chance.
const MOST_ROUNDS: usize = 12;

/// What functions take, or what they give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Side {
    Input,
    Output,
}

/// One side of all functions.
#[derive(Debug)]
pub(super) struct Described {
    /// By position: the parameters of a function, or its result; none for a view.
    pub(super) roots: Vec<Vec<Value>>,
    pub(super) defs: BTreeMap<String, Value>,
}

impl Described {
    /// Describes all functions; definitions get none of the names in `taken`.
    pub(super) fn new(functions: &[Function], side: Side, taken: &BTreeSet<String>) -> Self {
        let settings = SchemaSettings::draft2020_12();
        let mut generator = match side {
            Side::Input => settings.for_deserialize().into_generator(),
            Side::Output => settings.for_serialize().into_generator(),
        };
        for name in taken {
            TAKEN.set(name.clone());
            generator.subschema_for::<Taken>();
        }
        let roots = functions.iter().map(|function| match side {
            Side::Input => {
                let arguments = function.arguments.iter();
                arguments.map(|param| (param.schema)(&mut generator).to_value()).collect()
            }
            Side::Output => match &function.output {
                OutputKind::Value(schema) => vec![schema(&mut generator).to_value()],
                OutputKind::View => Vec::new(),
            },
        });
        let roots = roots.collect();
        let mut defs: BTreeMap<_, _> = generator.take_definitions(true).into_iter().collect();
        defs.retain(|name, _| !taken.contains(name));
        Self { roots, defs }
    }

    /// The names of the types of definitions that have another name.
    pub(super) fn bases(&self, functions: &[Function], side: Side) -> BTreeMap<String, String> {
        let mut suspects: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for name in self.defs.keys() {
            let candidates = self.candidates(name);
            if candidates.len() > 1 {
                suspects.insert(name, candidates);
            }
        }
        let mut taken: BTreeSet<String> = self.defs.keys().cloned().collect();
        for _ in 0..MOST_ROUNDS {
            if suspects.values().all(|candidates| candidates.len() == 1) {
                break;
            }
            let again = Self::new(functions, side, &taken);
            taken.extend(again.defs.keys().cloned());
            let renamed = self.pairs(&again);
            for (name, candidates) in &mut suspects {
                let Some(renamed) = renamed.get(*name) else { continue };
                let is_possible = |base: &str| {
                    let number = renamed.strip_prefix(base).and_then(number);
                    // schemars takes the first number that is free.
                    number.is_some_and(|number| {
                        number == 2 || taken.contains(&format!("{base}{}", number - 1))
                    })
                };
                // One of them is true, unless a type describes itself by chance.
                if candidates.iter().any(|base| is_possible(base)) {
                    candidates.retain(|base| is_possible(base));
                }
            }
        }
        let known = suspects.into_iter().filter_map(|(name, candidates)| {
            // The longest.
            let base = candidates.last().filter(|base| **base != name)?;
            Some((name.to_owned(), (*base).to_owned()))
        });
        known.collect()
    }

    /// What a type may be called whose definition has this name, shortest first.
    fn candidates<'a>(&'a self, name: &'a str) -> Vec<&'a str> {
        let digits = name.len() - name.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        let shorter = (1..=digits).rev().filter_map(|length| {
            let (base, rest) = name.split_at(name.len() - length);
            number(rest).filter(|_| self.defs.contains_key(base)).map(|_| base)
        });
        shorter.chain([name]).collect()
    }

    /// Which definition of another description each of these is.
    fn pairs<'a>(&'a self, again: &'a Self) -> HashMap<Cow<'a, str>, Cow<'a, str>> {
        let roots = self.roots.iter().flatten().zip(again.roots.iter().flatten());
        let mut open: Vec<(&Value, &Value)> = roots.collect();
        let mut found = HashMap::new();
        while let Some((first, second)) = open.pop() {
            match (first, second) {
                (Value::Object(left), Value::Object(right)) => {
                    open.extend(
                        left.iter().filter_map(|(key, value)| Some((value, right.get(key)?))),
                    );
                }
                (Value::Array(left), Value::Array(right)) => open.extend(left.iter().zip(right)),
                _ => continue,
            }
            if let (Some(left), Some(right)) = (target(first), target(second))
                && !found.contains_key(&left)
            {
                let defs = self.defs.get(&*left).zip(again.defs.get(&*right));
                open.extend(defs);
                found.insert(left, right);
            }
        }
        found
    }
}

/// The number that schemars appends to a name.
fn number(digits: &str) -> Option<u32> {
    let is_plain = !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|number| is_plain && *number >= 2)
}

thread_local! {
    static TAKEN: RefCell<String> = const { RefCell::new(String::new()) };
}

/// A type whose name is whatever [`TAKEN`] holds.
struct Taken;

impl JsonSchema for Taken {
    fn schema_name() -> Cow<'static, str> {
        TAKEN.with_borrow(|name| name.clone().into())
    }

    fn schema_id() -> Cow<'static, str> {
        TAKEN.with_borrow(|name| format!("{}::{name}", module_path!()).into())
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        Schema::default()
    }
}
