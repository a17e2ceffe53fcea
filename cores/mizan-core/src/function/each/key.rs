//! How the key of an `Each` is read from parameters, and what its function must return.

use std::hash::Hash;
use std::marker::PhantomData;

use super::Found;
use crate::args::{Arg, Codec, Tuple, WriteJson};
use crate::function::{Outcome, OutputCodec, OutputKind};
use crate::output::{Output, ValueCodec};

/// A key that stands for several parameters, each typed and scoped like any other:
/// [`#[derive(EachKey)]`](macro@crate::EachKey) implements it.
pub trait EachKey: Clone + Eq + Hash + Send + 'static {
    #[doc(hidden)]
    type Codecs: Tuple;
    #[doc(hidden)]
    fn codecs() -> Self::Codecs;
    #[doc(hidden)]
    fn of(values: <Self::Codecs as Tuple>::Values) -> Self;
}

/// A wire argument that can be a key.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the key of an `Each`",
    label = "not a key",
    note = "a key is a wire argument that is `Clone`, `Eq` and `Hash`, as `i64`, `String` and `Uuid` are",
    note = "for several parameters write a struct with `#[derive(EachKey, Clone, PartialEq, Eq, Hash)]`"
)]
pub trait Key: Arg + Clone + Eq + Hash {}

#[diagnostic::do_not_recommend]
impl<T: Arg + Clone + Eq + Hash> Key for T {}

/// How a key is made of parameters.
pub struct KeyCodec<K, C: Tuple> {
    pub(crate) codecs: C,
    pub(crate) of: fn(C::Values) -> K,
}

/// Finds out what a key stands for: the inherent method answers for [`EachKey`].
pub struct KeyProbe<K>(PhantomData<fn() -> K>);

impl<K> KeyProbe<K> {
    /// A probe of `K`.
    #[expect(clippy::new_without_default, reason = "written by the macro only")]
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

impl<K: EachKey> KeyProbe<K> {
    /// The codec of a key of several parameters.
    pub fn key(self, _: &'static str, _: Option<WriteJson<K>>) -> KeyCodec<K, K::Codecs> {
        KeyCodec { codecs: K::codecs(), of: K::of }
    }
}

/// A key that is one parameter.
pub trait PlainKey<K> {
    /// The codec of the parameter with this name.
    fn key(self, name: &'static str, json: Option<WriteJson<K>>) -> KeyCodec<K, (Codec<K>,)>
    where
        K: Key;
}

impl<K> PlainKey<K> for KeyProbe<K> {
    fn key(self, name: &'static str, json: Option<WriteJson<K>>) -> KeyCodec<K, (Codec<K>,)>
    where
        K: Key,
    {
        KeyCodec { codecs: (Codec::new(name).json(json),), of: |(key,)| key }
    }
}

/// What a function with `Each` returns.
#[diagnostic::on_unimplemented(
    message = "a function with `Each<{K}>` cannot return `{Self}`",
    label = "not a `Found<{K}, …>`",
    note = "it returns a value for each key: `mizan_core::Found<{K}, V>`, or a `Result` of that"
)]
pub trait EachResult<K> {
    #[doc(hidden)]
    type Value;
    /// Projected, so that the result of another type is reported once.
    #[doc(hidden)]
    type Codec;
    #[doc(hidden)]
    fn codec() -> Self::Codec
    where
        Self::Value: Output;
}

impl<K, V> EachResult<K> for Found<K, V> {
    type Value = V;
    type Codec = FoundCodec<V>;

    fn codec() -> FoundCodec<V>
    where
        V: Output,
    {
        FoundCodec(ValueCodec::new())
    }
}

/// How the values of a [`Found`] become outcomes.
pub struct FoundCodec<V>(ValueCodec<V>);

impl<V> Clone for FoundCodec<V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V> Copy for FoundCodec<V> {}

impl<V> OutputCodec for FoundCodec<V> {
    #[expect(private_interfaces, reason = "see the trait")]
    fn kind(&self) -> OutputKind {
        self.0.kind()
    }
}

impl<V: Send + 'static> FoundCodec<V> {
    /// The outcome of each key.
    pub fn finish<K: Eq + Hash>(self, found: Found<K, V>) -> Found<K, Outcome> {
        found.map(|value| self.0.finish(value))
    }
}
