//! Types that are refused at start as parameters of a read, with the exact words.

use std::collections::{BTreeMap, HashMap, LinkedList};
use std::time::Duration;

use ::bytes::Bytes;
use ::either::Either;
use indexmap::IndexMap;
use mizan_core::{BigInt, Builder, Function};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A type that is refused.
pub(crate) struct Refused {
    pub(crate) rust: &'static str,
    functions: Vec<Function>,
    /// The words of the report.
    pub(crate) report: &'static str,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Plain {
    id: u32,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum IdOrName {
    Id(u32),
    Name(String),
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum RatioOrName {
    Ratio(f64),
    Name(String),
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum SwitchOrName {
    Switch(bool),
    Name(String),
}

#[derive(Serialize, Deserialize, JsonSchema)]
enum External {
    One(u32),
    Two { two: bool },
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind")]
enum Internal {
    One { one: u32 },
    Two { two: bool },
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", content = "content")]
enum Adjacent {
    One(u32),
    Two { two: bool },
}

macro_rules! refused {
    ($($name:ident: $type:ty = $report:literal;)*) => {
        $(mod $name {
            #[allow(unused_imports, reason = "the type of one row may need nothing")]
            use super::*;
            use mizan_core::{Context, client, functions};

            #[derive(Context)]
            pub(super) struct KeptContext;

            #[client(context = KeptContext)]
            async fn read(value: $type) -> bool {
                let _ = value;
                true
            }

            pub(super) fn functions() -> Vec<Function> {
                functions![read]
            }
        })*

        /// Every type that is refused.
        pub(crate) fn table() -> Vec<Refused> {
            vec![$(Refused { rust: stringify!($type), functions: $name::functions(), report: $report }),*]
        }
    };
}

refused! {
    list_of_lists: Vec<Vec<u32>> = r#"parameter `value` of context `kept` is nested: a context's parameter is a scalar or a list of scalars"#;
    list_of_options: Vec<Option<u32>> = r#"parameter `value` of context `kept` is a list whose elements may be null: a query cannot write null in a list; leave such elements out, or use a value that stands for them"#;
    list_of_texts_or_null: Vec<Option<String>> = r#"parameter `value` of context `kept` is a list whose elements may be null: a query cannot write null in a list; leave such elements out, or use a value that stands for them"#;
    map: BTreeMap<String, u32> = r#"parameter `value` of context `kept` is nested: a context's parameter is a scalar or a list of scalars"#;
    hash_map: HashMap<u32, String> = r#"parameter `value` of context `kept` is nested: a context's parameter is a scalar or a list of scalars"#;
    index_map: IndexMap<String, u32> = r#"parameter `value` of context `kept` is nested: a context's parameter is a scalar or a list of scalars"#;
    map_of_big: BTreeMap<String, BigInt> = r#"parameter `value` of context `kept` is nested: a context's parameter is a scalar or a list of scalars"#;
    object: Plain = r#"parameter `value` of context `kept` is nested: a context's parameter is a scalar or a list of scalars"#;
    objects: Vec<Plain> = r#"parameter `value` of context `kept` is nested: a context's parameter is a scalar or a list of scalars"#;
    optional_object: Option<Plain> = r#"parameter `value` of context `kept` is nested: a context's parameter is a scalar or a list of scalars"#;
    linked_objects: LinkedList<Plain> = r#"parameter `value` of context `kept` is nested: a context's parameter is a scalar or a list of scalars"#;
    json: Value = r#"parameter `value` of context `kept` is nested: a context's parameter is a scalar or a list of scalars"#;
    json_object: Map<String, Value> = r#"parameter `value` of context `kept` is nested: a context's parameter is a scalar or a list of scalars"#;
    pair_of_kinds: (u32, String) = r#"parameter `value` of context `kept` is nested: a context's parameter is a scalar or a list of scalars"#;
    pair: (i32, i32) = r#"parameter `value` of context `kept` is nested: a context's parameter is a scalar or a list of scalars"#;
    pairs: Vec<(u32, u32)> = r#"parameter `value` of context `kept` is nested: a context's parameter is a scalar or a list of scalars"#;
    bytes: Bytes = r#"parameter `value` of context `kept` is nested: a context's parameter is a scalar or a list of scalars"#;
    unit: () = r#"parameter `value` of context `kept` is nested: a context's parameter is a scalar or a list of scalars"#;
    duration: Duration = r#"parameter `value` of context `kept` is nested: a context's parameter is a scalar or a list of scalars"#;
    range: std::ops::Range<u32> = r#"parameter `value` of context `kept` is nested: a context's parameter is a scalar or a list of scalars"#;
    either: Either<u32, String> = r#"parameter `value` of context `kept` is nested: a context's parameter is a scalar or a list of scalars"#;
    result: Result<u32, String> = r#"parameter `value` of context `kept` is nested: a context's parameter is a scalar or a list of scalars"#;
    external: External = r#"parameter `value` of context `kept` is nested: a context's parameter is a scalar or a list of scalars"#;
    internal: Internal = r#"parameter `value` of context `kept` is nested: a context's parameter is a scalar or a list of scalars"#;
    adjacent: Adjacent = r#"parameter `value` of context `kept` is nested: a context's parameter is a scalar or a list of scalars"#;
    id_or_name: IdOrName = r#"parameter `value` of context `kept` has two values with one text: the integer 5 and the text "5": make its type a tagged enum with texts of its own (`id:5`), or use two parameters"#;
    ratio_or_name: RatioOrName = r#"parameter `value` of context `kept` has two values with one text: the number 0.5 and the text "0.5": make its type a tagged enum with texts of its own (`id:5`), or use two parameters"#;
    switch_or_name: SwitchOrName = r#"parameter `value` of context `kept` has two values with one text: the boolean true and the text "true": make its type a tagged enum with texts of its own (`id:5`), or use two parameters"#;
    ids_or_names: Vec<IdOrName> = r#"parameter `value` of context `kept` has two values with one text: the integer 5 and the text "5": make its type a tagged enum with texts of its own (`id:5`), or use two parameters"#;
}

#[test]
fn what_cannot_be_a_parameter_is_refused_at_start_in_these_words() {
    let mut faults = Vec::new();
    for row in table() {
        let found = match Builder::empty().functions(row.functions).build() {
            Ok(_) => "accepted".to_owned(),
            Err(error) => {
                let all = error.problems().iter();
                let words = all.map(|problem| format!("{}: {}", problem.message(), problem.help()));
                words.collect::<Vec<_>>().join("\n")
            }
        };
        if found != row.report {
            faults.push(format!("{}: {found}", row.rust));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}
