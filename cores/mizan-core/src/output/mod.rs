//! From a function's result to JSON: written once, straight into the buffer of the response.

mod bigint;
mod number;
mod plain;
mod serializer;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;

pub use bigint::{BIGINT_FORMAT, BigInt};
pub(crate) use number::is_safe;
pub(crate) use serializer::write_json;

/// A type that a function can answer with: serialized by serde, described by schemars.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the result of a `#[client]` function",
    label = "not a result type",
    note = "a result derives `serde::Serialize` and `schemars::JsonSchema`, or is a `View`",
    note = "for a type of another crate, name its feature of `schemars` in `Cargo.toml` (`chrono04`, `uuid1`, …), or put it into a struct with `#[schemars(with = \"…\")]` on the field: see `docs/types.md`",
    note = "for a fallible function return `mizan_core::Result<T>` or `Result<T, E>`"
)]
pub trait Output: Serialize + JsonSchema + Send + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + JsonSchema + Send + 'static> Output for T {}

/// A result waiting to be written; the type is known to its writer only.
pub(crate) trait Ready: Send {
    /// Appends the JSON text, or gives the reason why it cannot be written.
    fn write(&self, buffer: &mut Vec<u8>) -> Result<(), String>;
}

struct Value<T> {
    value: T,
    write: fn(&T, &mut Vec<u8>) -> Result<(), String>,
}

impl<T: Send> Ready for Value<T> {
    fn write(&self, buffer: &mut Vec<u8>) -> Result<(), String> {
        (self.write)(&self.value, buffer)
    }
}

/// How results of one type are described and written.
pub struct ValueCodec<T> {
    pub(crate) schema: fn(&mut SchemaGenerator) -> Schema,
    write: fn(&T, &mut Vec<u8>) -> Result<(), String>,
}

impl<T> Clone for ValueCodec<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for ValueCodec<T> {}

impl<T: Output> ValueCodec<T> {
    pub(crate) fn new() -> Self {
        Self {
            schema: |generator| generator.subschema_for::<T>(),
            write: |value, buffer| write_json(value, buffer),
        }
    }
}

impl<T: Send + 'static> ValueCodec<T> {
    pub(crate) fn ready(self, value: T) -> Box<dyn Ready> {
        Box::new(Value { value, write: self.write })
    }
}
