//! Definitions that are one type: they have one name, and all that can be seen of them is equal.
//!
//! A type has a definition for what is read and one for what is written, and a generic type one
//! for each instance. Those that do not differ, however deep, are one class.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::describe::{Described, Side};
use super::refs::{each, name_of};

/// One type, with the number of a class in place of each reference to a definition.
#[derive(Debug)]
pub(super) struct Class {
    /// The name that the type has in Rust, or by `#[schemars(rename)]`.
    pub(super) base: String,
    pub(super) schema: Value,
    pub(super) input: bool,
    pub(super) output: bool,
}

/// Definitions of both sides by their classes.
#[derive(Debug, Default)]
pub(super) struct Classes {
    pub(super) all: Vec<Class>,
    numbers: HashMap<Side, HashMap<String, usize>>,
}

impl Classes {
    pub(super) fn new(sides: [(Side, &Described, BTreeMap<String, String>); 2]) -> Self {
        let mut nodes = Vec::new();
        let mut positions: HashMap<Side, HashMap<String, usize>> = HashMap::new();
        for (side, described, bases) in &sides {
            let positions = positions.entry(*side).or_default();
            for (name, schema) in &described.defs {
                positions.insert(name.clone(), nodes.len());
                nodes.push((*side, bases.get(name).unwrap_or(name), schema));
            }
        }
        let position =
            |side, reference: &str| positions.get(&side)?.get(&*name_of(reference)?).copied();
        // The text of each schema without its references, and where they lead.
        let mut first = Interned::default();
        let mut edges = Vec::with_capacity(nodes.len());
        let mut classes = Vec::with_capacity(nodes.len());
        for (side, base, schema) in &nodes {
            let mut schema = (*schema).clone();
            let mut targets = Vec::new();
            each(&mut schema, &mut |reference| {
                if let Some(target) = reference.as_str().and_then(|text| position(*side, text)) {
                    targets.push(target);
                    *reference = Value::Null;
                }
            });
            classes.push(first.number((*base, schema.to_string())));
            edges.push(targets);
        }
        // Until no two of a class refer to different ones.
        let mut count = first.count();
        loop {
            let mut next = Interned::default();
            let refined = edges.iter().zip(&classes).map(|(targets, class)| {
                let targets: Vec<usize> = targets.iter().map(|target| classes[*target]).collect();
                next.number((*class, targets))
            });
            classes = refined.collect();
            if next.count() == count {
                break;
            }
            count = next.count();
        }
        for position in positions.values_mut().flat_map(HashMap::values_mut) {
            *position = classes[*position];
        }
        let mut result = Self { all: Vec::with_capacity(count), numbers: positions };
        for ((side, base, schema), class) in nodes.iter().zip(&classes) {
            if *class == result.all.len() {
                let mut schema = (*schema).clone();
                result.enter(*side, &mut schema);
                let (base, input, output) = ((*base).clone(), false, false);
                result.all.push(Class { base, schema, input, output });
            }
            match side {
                Side::Input => result.all[*class].input = true,
                Side::Output => result.all[*class].output = true,
            }
        }
        result
    }

    /// Puts numbers of classes in place of references.
    pub(super) fn enter(&self, side: Side, schema: &mut Value) {
        each(schema, &mut |reference| {
            let name = reference.as_str().and_then(name_of);
            let numbers = self.numbers.get(&side);
            let class = name.and_then(|name| numbers?.get(&*name).copied());
            if let Some(class) = class {
                *reference = class.into();
            }
        });
    }
}

/// The class that a schema refers to.
pub(super) fn referred(schema: &Value) -> Option<usize> {
    usize::try_from(schema.get("$ref")?.as_u64()?).ok()
}

/// Numbers for keys, counted up from 0.
struct Interned<K>(HashMap<K, usize>);

impl<K> Default for Interned<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: std::hash::Hash + Eq> Interned<K> {
    fn number(&mut self, key: K) -> usize {
        let next = self.0.len();
        *self.0.entry(key).or_insert(next)
    }

    fn count(&self) -> usize {
        self.0.len()
    }
}
