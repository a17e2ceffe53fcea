//! How one argument is read, described and shown as JSON: the only place with bounds on its type.

use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{self, DeserializeOwned, Deserializer, Visitor};
use serde::{Serialize, forward_to_deserialize_any};
use serde_json::Value;

use super::exact::{from_json, from_json_with_path};
use super::fault::{fault, words};
use super::form::{LazyForm, Shape};
use super::steady::{Steady, check};
use super::{Pairs, QueryValue, Raw, Source, read_members};
use crate::error::{Error, FieldErrors, Result};
use crate::output::write_json;

/// A type that can be a wire argument: owned, read by serde, described by schemars.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of a `#[client]` function",
    label = "not an argument type",
    note = "an argument is owned and derives `serde::Deserialize` and `schemars::JsonSchema`",
    note = "for a type of another crate, name its feature of `schemars` in `Cargo.toml` (`chrono04`, `uuid1`, …), or put it into a struct with `#[schemars(with = \"…\")]` on the field: see `docs/types.md`",
    note = "application data comes in as `State<T>`, the request as a reference in first place"
)]
pub trait Arg: DeserializeOwned + JsonSchema + Send + 'static {}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned + JsonSchema + Send + 'static> Arg for T {}

/// Appends a value as JSON; false where it cannot be written.
pub type WriteJson<T> = fn(&T, &mut Vec<u8>) -> bool;

pub(super) type Decode<T> = for<'a> fn(Raw<'a>) -> Result<T, Vec<(String, String)>>;

/// What the framework knows of one argument; its methods need no bounds.
pub struct Codec<T> {
    pub(crate) name: &'static str,
    decode: Decode<T>,
    absent: fn() -> Option<T>,
    pub(crate) schema: fn(&mut SchemaGenerator) -> Schema,
    pub(crate) fallback: Fallback<T>,
    pub(crate) json: Option<WriteJson<T>>,
    form: LazyForm,
}

/// The value of an argument that is left out.
pub(crate) enum Fallback<T> {
    /// Nothing, unless the type itself can be absent.
    Type,
    /// A declared default.
    Default(fn() -> T),
}

impl<T: Arg> Codec<T> {
    pub(crate) fn new(name: &'static str) -> Self {
        let schema = |generator: &mut SchemaGenerator| generator.subschema_for::<T>();
        Self {
            name,
            decode: decode::<T>,
            absent: || T::deserialize(Absent).ok(),
            schema,
            fallback: Fallback::Type,
            json: None,
            form: LazyForm::new(schema),
        }
    }
}

impl<T> Codec<T> {
    /// Gives the argument a default for where it is left out.
    pub fn default(mut self, default: fn() -> T) -> Self {
        self.fallback = Fallback::Default(default);
        self
    }

    /// Says how the argument is shown as JSON, if it can be.
    pub fn json(mut self, json: Option<WriteJson<T>>) -> Self {
        self.json = json;
        self
    }

    pub(crate) fn default_json(&self) -> Option<Value> {
        match (&self.fallback, self.json) {
            (Fallback::Default(default), Some(write)) => {
                let mut json = Vec::new();
                write(&default(), &mut json).then(|| serde_json::from_slice(&json).ok())?
            }
            _ => None,
        }
    }

    pub(crate) fn required(&self) -> bool {
        matches!(self.fallback, Fallback::Type) && (self.absent)().is_none()
    }

    /// Reads the values of a query. An empty list is written as `name[]=`; a list that must be there and
    /// is absent is empty as well, since forms and older clients have no other way to send it.
    fn query(&self, pairs: &Pairs<'_>, faults: &mut FieldErrors) -> Result<Option<T>> {
        let value = match pairs.value(self.name) {
            None if pairs.is_empty_list(self.name) && self.form.get().shape != Shape::Scalar => {
                Some(QueryValue::NONE)
            }
            value => value,
        };
        let empty = match value {
            None if self.required() => (self.decode)(Raw::Query(QueryValue::NONE)).ok(),
            _ => None,
        };
        let value = value.map(|value| Raw::Query(value.of(&self.form)));
        let Some(value) = empty.or_else(|| self.read(value, faults)) else { return Ok(None) };
        self.settled(value).map(Some)
    }

    /// The value that the text of a value stands for: a set in the order of its texts, so that whatever
    /// has one name in keys is one value.
    fn settled(&self, value: T) -> Result<T> {
        let Some(write) = self.json else { return Ok(value) };
        let steady = Steady { name: self.name, decode: self.decode, write, form: &self.form };
        let value = match self.form.get().shape {
            Shape::Set => steady.again(value)?,
            Shape::Scalar | Shape::List => value,
        };
        check(&steady, &value)?;
        Ok(value)
    }

    /// Checks, in debug builds, that the text of an argument is a function of its value.
    fn check(&self, value: &T) -> Result<()> {
        let Some(write) = self.json else { return Ok(()) };
        check(&Steady { name: self.name, decode: self.decode, write, form: &self.form }, value)
    }

    fn member(&self, text: Option<&str>, parts: &Pairs<'_>, faults: &mut FieldErrors) -> Option<T> {
        let part = parts.value(self.name).map(|part| Raw::Query(part.of(&self.form)));
        self.read(part.or_else(|| text.map(Raw::Json)), faults)
    }

    fn read(&self, raw: Option<Raw<'_>>, faults: &mut FieldErrors) -> Option<T> {
        let Some(raw) = raw else {
            let value = match self.fallback {
                Fallback::Default(default) => Some(default()),
                Fallback::Type => (self.absent)(),
            };
            if value.is_none() {
                faults.add(self.name, "this argument is required");
            }
            return value;
        };
        match (self.decode)(raw) {
            Ok(value) => Some(value),
            Err(found) => {
                for (path, message) in found {
                    let separator = if path.is_empty() { "" } else { "." };
                    faults.add(format!("{}{separator}{path}", self.name), message);
                }
                None
            }
        }
    }
}

/// Reads a value; the first time without looking where a fault is, and again with that where there
/// is one.
fn decode<T: Arg>(raw: Raw<'_>) -> Result<T, Vec<(String, String)>> {
    match raw {
        Raw::Json(text) => from_json(text).map_err(|_| match from_json_with_path::<T>(text) {
            Ok(_) => vec![(String::new(), "not valid".into())],
            Err(error) => vec![fault(error.path(), &error.inner().to_string())],
        }),
        Raw::Query(value) => T::deserialize(value).or_else(|error| {
            // An empty value of an optional argument that is not text is null.
            let null = value.is_empty_text().then(|| T::deserialize(Absent).ok()).flatten();
            null.ok_or_else(|| vec![(String::new(), words(&error.0))])
        }),
    }
}

/// Reads JSON, with a message for the client.
pub(crate) fn read_json<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    from_json(text).map_err(|error| words(&error.to_string()))
}

/// What is deserialized for an argument that is absent: an option takes it, nothing else does.
struct Absent;

impl<'de> Deserializer<'de> for Absent {
    type Error = de::value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        Err(de::Error::custom("this argument is required"))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_none()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// Finds out whether a type can be shown as JSON: the inherent method is for types that
/// serialize, [`NotJson`] for all others. The macro calls it where the type is concrete.
pub struct JsonProbe<T>(PhantomData<T>);

impl<T> JsonProbe<T> {
    #[expect(clippy::new_without_default, reason = "written by the macro only")]
    /// A probe of `T`.
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T: Serialize> JsonProbe<T> {
    /// Writes a value as JSON.
    pub fn to_json(&self) -> Option<WriteJson<T>> {
        // By the serializer of results, so that both sides write one text for one value.
        Some(|value, buffer| write_json(value, buffer).is_ok())
    }
}

/// The case of types that do not serialize.
pub trait NotJson<T> {
    /// There is no JSON form.
    fn to_json(&self) -> Option<WriteJson<T>> {
        None
    }
}

impl<T> NotJson<T> for &JsonProbe<T> {}

/// One parameter, without its type.
pub(crate) struct Described {
    pub(crate) name: &'static str,
    pub(crate) schema: fn(&mut SchemaGenerator) -> Schema,
    pub(crate) required: bool,
    pub(crate) default: Option<Value>,
    pub(crate) json: bool,
}

/// A tuple of codecs, and the tuple of values that they read.
pub trait Tuple: Send + Sync + 'static {
    /// The values.
    type Values: Send + 'static;
    #[doc(hidden)]
    #[expect(private_interfaces, reason = "the trait is reachable from generated code only")]
    fn describe(&self) -> Vec<Described>;
    #[doc(hidden)]
    #[expect(private_interfaces, reason = "the trait is reachable from generated code only")]
    fn decode(
        &self,
        names: &[&'static str],
        source: Source<'_>,
        faults: &mut FieldErrors,
    ) -> Result<Option<Self::Values>, Error>;
    #[doc(hidden)]
    fn write_json(&self, values: &Self::Values, index: usize, buffer: &mut Vec<u8>) -> bool;
    /// One argument as JSON, without reading the others; `None` where it cannot be read.
    #[doc(hidden)]
    #[expect(private_interfaces, reason = "the trait is reachable from generated code only")]
    fn argument_json(
        &self,
        names: &[&'static str],
        source: Source<'_>,
        index: usize,
    ) -> Option<Vec<u8>>;
    /// Checks, in debug builds, that the text of an argument is a function of its value.
    #[doc(hidden)]
    fn check_text(&self, values: &Self::Values, index: usize) -> Result<()>;
}

/// Counts in the macro below.
const fn one(_: &str) -> usize {
    1
}

macro_rules! tuples {
    ($(($($name:ident $index:tt),*))*) => {$(
        impl<$($name: Send + 'static),*> Tuple for ($(Codec<$name>,)*) {
            type Values = ($($name,)*);

            #[expect(private_interfaces, reason = "see the trait")]
            fn describe(&self) -> Vec<Described> {
                vec![$(Described {
                    name: self.$index.name,
                    schema: self.$index.schema,
                    required: self.$index.required(),
                    default: self.$index.default_json(),
                    json: self.$index.json.is_some(),
                }),*]
            }

            #[expect(private_interfaces, reason = "see the trait")]
            #[allow(unused_variables, unused_mut, clippy::unused_unit, reason = "the empty tuple")]
            fn decode(&self, names: &[&'static str], source: Source<'_>, faults: &mut FieldErrors) -> Result<Option<Self::Values>, Error> {
                let values = match source {
                    Source::Json(args, parts) => {
                        let mut raw = [None; 0 $(+ one(stringify!($name)))*];
                        read_members(args, names, &mut raw)?;
                        ($(self.$index.member(raw[$index], parts, faults),)*)
                    }
                    Source::Query(pairs) => {
                        ($(self.$index.query(pairs, faults)?,)*)
                    }
                };
                let complete = move || Some(($(values.$index?,)*));
                Ok(complete())
            }

            #[allow(unused_variables, reason = "the empty tuple")]
            fn write_json(&self, values: &Self::Values, index: usize, buffer: &mut Vec<u8>) -> bool {
                match index {
                    $($index => self.$index.json.is_some_and(|write| write(&values.$index, buffer)),)*
                    _ => false,
                }
            }

            #[expect(private_interfaces, reason = "see the trait")]
            #[allow(unused_variables, unused_mut, reason = "the empty tuple")]
            fn argument_json(&self, names: &[&'static str], source: Source<'_>, index: usize) -> Option<Vec<u8>> {
                let (mut json, mut faults) = (Vec::new(), FieldErrors::default());
                let mut raw: [Option<&str>; 0 $(+ one(stringify!($name)))*] = [None; 0 $(+ one(stringify!($name)))*];
                if let Source::Json(args, _) = source {
                    read_members(args, names, &mut raw).ok()?;
                }
                let is_written = match index {
                    $($index => {
                        let value = match source {
                            Source::Json(_, parts) => self.$index.member(raw[$index], parts, &mut faults)?,
                            Source::Query(pairs) => self.$index.query(pairs, &mut faults).ok()??,
                        };
                        (self.$index.json?)(&value, &mut json)
                    })*
                    _ => false,
                };
                is_written.then_some(json)
            }

            #[allow(unused_variables, reason = "the empty tuple")]
            fn check_text(&self, values: &Self::Values, index: usize) -> Result<()> {
                match index {
                    $($index => self.$index.check(&values.$index),)*
                    _ => Ok(()),
                }
            }
        }
    )*};
}

tuples! {
    ()
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11)
}
