//! A name for every class, which depends on the classes alone and not on the order of visits.
//!
//! A type that is the only one of its name keeps it; where reading and writing differ, what is read
//! is `Input`. Types of one name are distinguished by words; where there are none, or the name is
//! taken, by a digest of what can be seen of them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::circles::circles;
use super::classes::{Class, referred};
use super::words::{At, Part, Word, Words};

/// The longest name that is made of words.
const LONGEST: usize = 80;

/// How a class is called before anyone looks whether another one is called so.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
struct Plan {
    words: Vec<Word>,
    /// Whether the words do not distinguish it.
    digest: bool,
    input: bool,
}

/// The names of all classes, by number.
pub(super) fn names(classes: &[Class]) -> Vec<String> {
    let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (number, class) in classes.iter().enumerate() {
        groups.entry(&class.base).or_default().push(number);
    }
    if groups.len() == classes.len() {
        return classes.iter().map(|class| class.base.clone()).collect();
    }
    let circles = circles(classes);
    let mut naming = Naming { classes, circles, plans: vec![Plan::default(); classes.len()] };
    for group in groups.values() {
        naming.plan(group);
    }
    naming.finish()
}

struct Naming<'a> {
    classes: &'a [Class],
    circles: Vec<usize>,
    plans: Vec<Plan>,
}

impl Naming<'_> {
    fn plan(&mut self, group: &[usize]) {
        let on = |side: fn(&Class) -> bool| -> Vec<usize> {
            group.iter().copied().filter(|class| side(&self.classes[*class])).collect()
        };
        let (outputs, inputs) = (on(|class| class.output), on(|class| class.input));
        self.split(&inputs);
        // A class on both sides has its name by the side where it has company.
        if outputs.len() > 1 {
            for class in &outputs {
                self.plans[*class] = Plan::default();
            }
            self.split(&outputs);
        }
        let taken: HashSet<Plan> = outputs.iter().map(|class| self.plans[*class].clone()).collect();
        for class in inputs.iter().filter(|class| !self.classes[**class].output) {
            let plan = &mut self.plans[*class];
            plan.input = taken.contains(plan) || (inputs.len() == 1 && !outputs.is_empty());
        }
    }

    /// Gives words to the classes of a set until each has its own.
    fn split(&mut self, set: &[usize]) {
        if set.len() < 2 {
            return;
        }
        let at = |class: &usize| At { schema: &self.classes[*class].schema, of: *class };
        let at: Vec<At<'_>> = set.iter().map(at).collect();
        let Some(words) = (Words { circles: &self.circles }).difference(&at) else {
            return set.iter().for_each(|class| self.plans[*class].digest = true);
        };
        let mut subsets: BTreeMap<Option<Word>, Vec<usize>> = BTreeMap::new();
        for (class, word) in set.iter().zip(words) {
            subsets.entry(word).or_default().push(*class);
        }
        for (word, subset) in subsets {
            for class in &subset {
                self.plans[*class].words.extend(word.clone());
            }
            self.split(&subset);
        }
    }

    fn finish(&self) -> Vec<String> {
        let mut names = vec![None; self.classes.len()];
        for class in 0..self.classes.len() {
            self.name(class, &mut names);
        }
        let mut names: Vec<String> = names.into_iter().flatten().collect();
        for is_whole in [false, true] {
            let mut counts: HashMap<&str, usize> = HashMap::new();
            for name in &names {
                *counts.entry(name).or_default() += 1;
            }
            let doubles: Vec<usize> = (0..names.len())
                .filter(|class| counts[names[*class].as_str()] > 1)
                .filter(|class| self.plans[*class] != Plan::default())
                .collect();
            for class in doubles {
                let digest = self.digest(class, is_whole);
                names[class] = format!("{}_{digest}", self.classes[class].base);
            }
        }
        names
    }

    /// The name of a class by its plan. The names in it are those of classes that do not need this
    /// one's.
    fn name(&self, class: usize, names: &mut [Option<String>]) -> String {
        if let Some(name) = &names[class] {
            return name.clone();
        }
        let Plan { words, digest, input } = &self.plans[class];
        let base = &self.classes[class].base;
        let mut name = base.clone();
        let mut has_of = false;
        for word in words {
            match word {
                Word::With(member) => name += &format!("With{member}"),
                Word::Of(parts) => {
                    name += if has_of { "And" } else { "Of" };
                    has_of = true;
                    for part in parts {
                        match part {
                            Part::Text(text) => name += text,
                            Part::Class(class) => name += &self.name(*class, names),
                        }
                    }
                }
            }
        }
        if *digest || (name.len() > LONGEST && !words.is_empty()) {
            let start = if name.len() > LONGEST { base } else { &name };
            name = format!("{start}_{}", self.digest(class, false));
        }
        if *input {
            name += "Input";
        }
        names[class] = Some(name.clone());
        name
    }

    /// Eight digits of the structure; or all of them, with what is documented.
    fn digest(&self, class: usize, is_whole: bool) -> String {
        let mut order = vec![class];
        let mut positions = HashMap::from([(class, 0)]);
        let mut hash = Sha256::new();
        let mut at = 0;
        while let Some(class) = order.get(at).copied() {
            let Class { base, schema, .. } = &self.classes[class];
            let mut schema = if is_whole { schema.clone() } else { undocumented(schema) };
            renumber(&mut schema, &mut |class| {
                let next = order.len();
                *positions.entry(class).or_insert_with(|| {
                    order.push(class);
                    next
                })
            });
            hash.update(format!("{base}\n{schema}\n"));
            at += 1;
        }
        let mut text = String::new();
        for byte in hash.finalize().iter().take(if is_whole { 32 } else { 4 }) {
            // Writing to a string does not fail.
            let _ = write!(text, "{byte:02x}");
        }
        text
    }
}

/// Numbers references by the order of their first appearance.
fn renumber(schema: &mut Value, position: &mut impl FnMut(usize) -> usize) {
    if let Some(class) = referred(schema) {
        schema["$ref"] = position(class).into();
    }
    match schema {
        Value::Object(map) => map.values_mut().for_each(|value| renumber(value, position)),
        Value::Array(items) => items.iter_mut().for_each(|item| renumber(item, position)),
        _ => {}
    }
}

/// A schema without texts for readers, so that a better text changes no name.
fn undocumented(schema: &Value) -> Value {
    let members = |map: &Map<String, Value>| -> Value {
        map.iter().map(|(name, schema)| (name.clone(), undocumented(schema))).collect()
    };
    match schema {
        Value::Object(map) => {
            let kept = map.iter().filter(|(key, _)| {
                !matches!(key.as_str(), "title" | "description" | "examples" | "deprecated")
            });
            kept.map(|(key, value)| match (key.as_str(), value) {
                ("properties" | "patternProperties", Value::Object(map)) => {
                    (key.clone(), members(map))
                }
                ("const" | "enum" | "default", value) => (key.clone(), value.clone()),
                (_, value) => (key.clone(), undocumented(value)),
            })
            .collect()
        }
        Value::Array(items) => items.iter().map(undocumented).collect(),
        other => other.clone(),
    }
}
