//! A row of the table: a type, and the functions that use it in each position.

use std::any::type_name;
use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use mizan_core::Function;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One type.
pub(crate) struct Row {
    /// The word that its functions and its context are named after.
    pub(crate) name: &'static str,
    /// The type, as Rust writes it.
    pub(crate) rust: &'static str,
    /// The type that TypeScript must have for it.
    pub(crate) typescript: &'static str,
    /// The same of a result, where it differs.
    pub(crate) written: Option<&'static str>,
    /// Values in TypeScript.
    pub(crate) values: &'static str,
    pub(crate) words: &'static [&'static str],
    pub(crate) is_param: bool,
    pub(crate) functions: Vec<Function>,
    pub(crate) schema: fn() -> Value,
}

impl Row {
    /// Whether the row has this word behind its values.
    pub(crate) fn has(&self, word: &str) -> bool {
        self.words.contains(&word)
    }

    /// The positions in which it is tried.
    pub(crate) fn positions(&self) -> Vec<&'static str> {
        let mut positions = vec!["argument", "result"];
        if self.is_param {
            positions.extend(["parameter", "key of a target", "field of a form"]);
        }
        if !self.has("alone") {
            positions.extend(["field", "element", "map value", "below `flatten`"]);
            positions.extend(["external enum", "internal enum", "adjacent enum", "untagged enum"]);
        }
        positions
    }

    /// The values as JSON; a `bigint` is text there.
    pub(crate) fn json(&self) -> Vec<Value> {
        let mut json = String::new();
        let mut chars = self.values.chars().peekable();
        let big = self.typescript.contains("bigint");
        while let Some(char) = chars.next() {
            if big && (char.is_ascii_digit() || char == '-') {
                json.push('"');
                json.push(char);
                while let Some(digit) = chars.next_if(char::is_ascii_digit) {
                    json.push(digit);
                }
                chars.next();
                json.push('"');
            } else {
                json.push(char);
            }
        }
        serde_json::from_str(&json).unwrap_or_else(|error| panic!("{}: {json}: {error}", self.name))
    }
}

/// Every position but those of an argument, a result and a parameter.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct More<T> {
    field: T,
    list: Vec<T>,
    map: BTreeMap<String, T>,
    flat: Flat<T>,
    external: Vec<External<T>>,
    internal: Internal<T>,
    adjacent: Adjacent<T>,
    untagged: Untagged<T>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct Flat<T> {
    id: u32,
    #[serde(flatten)]
    inner: Inner<T>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct Inner<T> {
    inner: T,
}

#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) enum External<T> {
    One(T),
    Two { two: T },
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind")]
pub(crate) enum Internal<T> {
    One { one: T },
    Two { two: bool },
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", content = "content")]
pub(crate) enum Adjacent<T> {
    One(T),
    Two { two: bool },
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Untagged<T> {
    One { one: T },
    Two { two: bool },
}

/// A parameter, and how often its entry was changed.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Kept<T> {
    pub(crate) value: T,
    pub(crate) version: u64,
}

/// How often the entry of a value was changed, by type and value.
#[derive(Default)]
pub(crate) struct Versions(Mutex<HashMap<(&'static str, String), u64>>);

impl Versions {
    pub(crate) fn of<T: Serialize>(&self, value: &T) -> u64 {
        let key = (type_name::<T>(), identity(value));
        self.0.lock().unwrap().get(&key).copied().unwrap_or_default()
    }

    pub(crate) fn bump<T: Serialize>(&self, value: &T) {
        let key = (type_name::<T>(), identity(value));
        *self.0.lock().unwrap().entry(key).or_default() += 1;
    }
}

/// One text for one value, whatever order a set is written in.
fn identity<T: Serialize>(value: &T) -> String {
    let mut json = serde_json::to_value(value).unwrap();
    if type_name::<T>().contains("Set<")
        && let Value::Array(elements) = &mut json
    {
        elements.sort_by_key(Value::to_string);
    }
    json.to_string()
}

/// The schema of a type as it is read, without references.
pub(crate) fn schema<T: JsonSchema>() -> Value {
    let mut settings = schemars::generate::SchemaSettings::draft2020_12();
    settings.inline_subschemas = true;
    settings.for_deserialize().into_generator().into_root_schema_for::<T>().to_value()
}

/// Writes a list of rows, and the functions of each. `param` is a type that may be a parameter of a read,
/// `call` another one.
macro_rules! table {
    ($table:ident; $($kind:ident $name:ident: $type:ty = $typescript:literal $(=> $written:literal)?, $values:literal $(, $word:ident)*;)*) => {
        $(table!(@$kind $name: $type $(, $word)*);)*

        pub(crate) fn $table() -> Vec<crate::row::Row> {
            vec![$(crate::row::Row {
                name: stringify!($name),
                rust: stringify!($type),
                typescript: $typescript,
                written: [$($written)?].into_iter().next(),
                values: $values,
                words: &[$(stringify!($word)),*],
                is_param: stringify!($kind) == "param",
                functions: $name::functions(),
                schema: crate::row::schema::<$type>,
            }),*]
        }
    };
    (@param $name:ident: $type:ty $(, $word:ident)*) => {
        pastey::paste! {
            mod $name {
                #[allow(unused_imports, reason = "the type of one row may need nothing")]
                use super::*;
                use crate::row::{Kept, Versions};
                use mizan_core::{Context, Function, State, View, client, functions};

                #[derive(Context)]
                pub(super) struct [<$name:camel Context>];

                #[client(context = [<$name:camel Context>])]
                async fn [<read_ $name>](versions: State<Versions>, value: $type) -> Kept<$type> {
                    Kept { version: versions.of(&value), value }
                }

                #[client(affects = [<$name:camel Context>], scope = [value])]
                async fn [<echo_ $name>](versions: State<Versions>, value: $type) -> $type {
                    versions.bump(&value);
                    value
                }

                #[client]
                async fn [<form_ $name>](value: $type) -> View {
                    View::html(serde_json::to_string(&value).unwrap())
                }

                table!(@more $name: $type $(, $word)*);

                pub(super) fn functions() -> Vec<Function> {
                    let route = concat!("/", stringify!($name), "/");
                    let forms = functions![[<form_ $name>]].into_iter();
                    let forms = forms.map(|form| form.private().route(route));
                    let others = functions![[<read_ $name>], [<echo_ $name>]];
                    others.into_iter().chain(more()).chain(forms).collect()
                }
            }
        }
    };
    (@call $name:ident: $type:ty $(, $word:ident)*) => {
        pastey::paste! {
            mod $name {
                #[allow(unused_imports, reason = "the type of one row may need nothing")]
                use super::*;
                use mizan_core::{Function, client, functions};

                #[client]
                async fn [<echo_ $name>](value: $type) -> $type {
                    value
                }

                table!(@more $name: $type $(, $word)*);

                pub(super) fn functions() -> Vec<Function> {
                    functions![[<echo_ $name>]].into_iter().chain(more()).collect()
                }
            }
        }
    };
    (@more $name:ident: $type:ty, alone $(, $word:ident)*) => {
        fn more() -> Option<Function> {
            None
        }
    };
    (@more $name:ident: $type:ty $(, $word:ident)*) => {
        pastey::paste! {
            #[client]
            async fn [<all_ $name>](more: crate::row::More<$type>) -> crate::row::More<$type> {
                more
            }

            fn more() -> Vec<Function> {
                functions![[<all_ $name>]].into()
            }
        }
    };
}

pub(crate) use table;
