//! Random instances of nested generic types, described as schemars' derive describes them.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use super::refs::target;
use super::*;
use crate::function::{Argument, OutputKind};

/// A type: its name and its arguments.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Type(&'static str, Vec<Type>);

/// Names of types without arguments. Some look like names that schemars makes.
const LEAVES: &[&str] = &["u32", "String", "User", "Order", "Draft", "Page2", "Page22", "Node3"];

/// Names of types with arguments, and how many each has.
const GENERICS: &[(&str, usize)] =
    &[("Page", 1), ("Pair", 2), ("Node", 1), ("Either", 2), ("Deep", 1), ("PageOfUser", 1)];

thread_local! {
    static CURRENT: RefCell<Type> = const { RefCell::new(Type("", Vec::new())) };
}

/// Whatever type [`CURRENT`] holds.
struct Current;

impl JsonSchema for Current {
    fn inline_schema() -> bool {
        CURRENT.with_borrow(|ty| matches!(ty.0, "u32" | "String"))
    }

    fn schema_name() -> Cow<'static, str> {
        CURRENT.with_borrow(|ty| ty.0.into())
    }

    fn schema_id() -> Cow<'static, str> {
        CURRENT.with_borrow(|ty| format!("{ty:?}").into())
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let ty = CURRENT.with_borrow(Clone::clone);
        let is_read = generator.contract().is_deserialize();
        let inner: Vec<Schema> = ty.1.iter().map(|inner| describe(inner, generator)).collect();
        match ty.0 {
            "u32" => json_schema!({ "type": "integer", "format": "uint32", "minimum": 0 }),
            "String" => json_schema!({ "type": "string" }),
            "Draft" if is_read => {
                json_schema!({ "type": "object", "properties": { "text": true } })
            }
            "Page" => json_schema!({
                "type": "object",
                "properties": {
                    "items": { "type": "array", "items": inner[0] },
                    "total": { "type": "integer" },
                },
                "required": ["items", "total"],
            }),
            "Pair" => json_schema!({
                "type": "object",
                "properties": {
                    "left": inner[0],
                    "right": { "anyOf": [inner[1], { "type": "null" }] },
                },
                "required": if is_read { vec!["left"] } else { vec!["left", "right"] },
            }),
            "Node" => {
                let own = describe(&ty, generator);
                json_schema!({
                    "type": "object",
                    "properties": { "children": { "type": "array", "items": own }, "value": inner[0] },
                })
            }
            "Either" => json_schema!({ "oneOf": [
                { "type": "object", "properties": { "Left": inner[0] }, "required": ["Left"] },
                { "type": "object", "properties": { "Right": inner[1] }, "required": ["Right"] },
            ] }),
            "Deep" => json_schema!({
                "type": "object",
                "properties": { "a": { "type": "object", "additionalProperties": {
                    "type": "array", "prefixItems": [{ "type": "string" }, inner[0]],
                } } },
            }),
            "PageOfUser" => json_schema!({ "type": "array", "items": inner[0], "maxItems": 3 }),
            name => {
                json_schema!({ "type": "object", "properties": { name: { "type": "boolean" } } })
            }
        }
    }
}

/// What `subschema_for::<ty>()` would be.
fn describe(ty: &Type, generator: &mut SchemaGenerator) -> Schema {
    let outer = CURRENT.replace(ty.clone());
    let schema = generator.subschema_for::<Current>();
    CURRENT.set(outer);
    schema
}

struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % end as u64).unwrap_or(0)
    }

    fn ty(&mut self, depth: usize) -> Type {
        if depth == 0 || self.below(4) == 0 {
            return Type(LEAVES[self.below(LEAVES.len())], Vec::new());
        }
        let (name, arguments) = GENERICS[self.below(GENERICS.len())];
        Type(name, (0..arguments).map(|_| self.ty(depth - 1)).collect())
    }

    fn instance(&mut self) -> Type {
        loop {
            let ty = self.ty(4);
            if !ty.1.is_empty() {
                return ty;
            }
        }
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            items.swap(end, self.below(end + 1));
        }
    }
}

/// A function that takes and gives values of types.
fn function(name: usize, takes: &[Type], gives: &Type) -> Function {
    let body = |_, _| async { Ok(Value::Null) };
    let mut function = Function::dynamic(format!("f{name}"), Vec::new(), body);
    let schema_of = |ty: &Type| {
        let ty = ty.clone();
        Arc::new(move |generator: &mut SchemaGenerator| describe(&ty, generator))
    };
    function.arguments = takes
        .iter()
        .enumerate()
        .map(|(at, ty)| Argument {
            name: format!("a{at}").into(),
            schema: schema_of(ty),
            required: true,
            default: None,
            json: true,
            range: false,
        })
        .collect();
    function.output = OutputKind::Value(schema_of(gives));
    function
}

/// The schema of a type with the definitions in place of references, some levels deep.
fn expanded(schema: &Value, defs: &BTreeMap<String, Value>, depth: usize) -> Value {
    if let Some(name) = target(schema) {
        return match depth.checked_sub(1) {
            Some(depth) => expanded(&defs[&*name], defs, depth),
            None => Value::Null,
        };
    }
    match schema {
        Value::Object(map) => {
            map.iter().map(|(key, value)| (key.clone(), expanded(value, defs, depth))).collect()
        }
        Value::Array(items) => items.iter().map(|item| expanded(item, defs, depth)).collect(),
        other => other.clone(),
    }
}

#[test]
fn random_generics_have_distinct_stable_legal_names_in_any_order() {
    for seed in 0..2 {
        let random = &mut Random(seed);
        let mut types = BTreeSet::new();
        while types.len() < 200 {
            types.insert(random.instance());
        }
        let mut uses: Vec<(Type, Option<Type>)> = types
            .iter()
            .map(|ty| (ty.clone(), (random.below(3) == 0).then(|| ty.clone())))
            .collect();
        let mut expected = None;
        for _ in 0..4 {
            random.shuffle(&mut uses);
            let functions: Vec<Function> = uses
                .iter()
                .enumerate()
                .map(|(at, (gives, takes))| function(at, takes.as_slice(), gives))
                .collect();
            let book = SchemaBook::read(&functions);
            let mut names = BTreeMap::new();
            for (at, (ty, takes)) in uses.iter().enumerate() {
                let output = book.results[at].as_ref().expect("a result");
                let name = target(output).expect("a reference").into_owned();
                let alone = SchemaBook::read(&[function(0, &[], ty)]);
                let own = alone.results[0].as_ref().expect("a result");
                assert_eq!(
                    expanded(output, &book.defs, 5),
                    expanded(own, &alone.defs, 5),
                    "{ty:?}"
                );
                names.insert((ty.clone(), false), name);
                if takes.is_some() {
                    let input = target(&book.params[at][0]).expect("a reference").into_owned();
                    let alone =
                        SchemaBook::read(&[function(0, takes.as_slice(), &Type("u32", vec![]))]);
                    assert_eq!(
                        expanded(&book.params[at][0], &book.defs, 5),
                        expanded(&alone.params[0][0], &alone.defs, 5),
                    );
                    names.insert((ty.clone(), true), input);
                }
            }
            let outputs: BTreeSet<_> =
                names.iter().filter(|((_, input), _)| !input).map(|(_, name)| name).collect();
            assert_eq!(outputs.len(), 200);
            for name in book.defs.keys() {
                let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
                assert!(name.bytes().all(legal) && name.len() <= 96, "{name}");
            }
            // A type without arguments keeps its name, whatever schemars calls another one.
            for name in ["Page2", "Page22", "Node3", "User"] {
                assert!(book.defs[name]["properties"][name].is_object(), "{name}");
            }
            assert_eq!(*expected.get_or_insert_with(|| names.clone()), names);
        }
    }
}

#[test]
fn a_type_called_like_the_twentieth_of_a_name_keeps_its_name() {
    let page = |inner: Type| Type("Page", vec![inner]);
    let mut types: Vec<Type> = vec![Type("Page2", vec![]), Type("Page22", vec![])];
    let mut inner = Type("User", vec![]);
    for _ in 0..40 {
        inner = page(inner);
        types.push(inner.clone());
    }
    for turn in 0..types.len() {
        types.rotate_left(turn);
        let functions: Vec<Function> =
            types.iter().enumerate().map(|(at, ty)| function(at, &[], ty)).collect();
        let book = SchemaBook::read(&functions);
        assert_eq!(book.defs.len(), 43);
        for name in ["Page2", "Page22"] {
            assert!(book.defs[name]["properties"][name].is_object(), "{name}");
        }
    }
}
