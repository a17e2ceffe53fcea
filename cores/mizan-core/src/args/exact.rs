//! Numbers in JSON, read by the type that asks for them.
//!
//! JavaScript writes whole floats below 1e21 as plain digits, so the text does not tell a float from an
//! integer; the type does. An integer type refuses what JavaScript could not have held. A float takes
//! every number. Where any type is taken, an integer that JavaScript may have changed is a float if the
//! float is what was meant, and an error otherwise.

use std::fmt;

use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};

use super::fault::UNSAFE_INTEGER;
use super::integers::{Changed, changed, unsafe_integers};
use crate::output::is_safe;

/// Reads a value, the fast way where the text holds no integer that JavaScript would change.
pub(super) fn from_json<T: DeserializeOwned>(json: &str) -> serde_json::Result<T> {
    let mut unsafe_integers = unsafe_integers(json).peekable();
    if unsafe_integers.peek().is_none() {
        return serde_json::from_str(json);
    }
    let changed = changed(unsafe_integers);
    T::deserialize(Exact::new(&mut serde_json::Deserializer::from_str(json), &changed))
}

/// The same, with the place of a fault.
pub(super) fn from_json_with_path<T: DeserializeOwned>(
    json: &str,
) -> Result<T, serde_path_to_error::Error<serde_json::Error>> {
    let changed = changed(unsafe_integers(json));
    let mut deserializer = serde_json::Deserializer::from_str(json);
    serde_path_to_error::deserialize(Exact::new(&mut deserializer, &changed))
}

/// What kind of value a type has asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wants {
    Integer,
    Any,
    Nothing,
}

/// A wrapper around a deserializer, a visitor or an access of serde.
struct Exact<'c, I> {
    inner: I,
    changed: &'c Changed,
}

impl<'c, I> Exact<'c, I> {
    fn new(inner: I, changed: &'c Changed) -> Self {
        Self { inner, changed }
    }

    fn around<J>(&self, inner: J) -> Exact<'c, J> {
        Exact { inner, changed: self.changed }
    }
}

/// A visitor that reads numbers before the type does.
struct Watch<'c, V> {
    inner: V,
    changed: &'c Changed,
    wants: Wants,
}

macro_rules! forward {
    ($($wants:ident: $($method:ident($($name:ident: $type:ty),*))*;)*) => {$($(
        fn $method<V: Visitor<'de>>(self, $($name: $type,)* visitor: V) -> Result<V::Value, D::Error> {
            let watch = Watch { inner: visitor, changed: self.changed, wants: Wants::$wants };
            self.inner.$method($($name,)* watch)
        }
    )*)*};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Exact<'_, D> {
    type Error = D::Error;

    forward! {
        Integer:
            deserialize_i8() deserialize_i16() deserialize_i32() deserialize_i64() deserialize_i128()
            deserialize_u8() deserialize_u16() deserialize_u32() deserialize_u64() deserialize_u128();
        Nothing: deserialize_f32() deserialize_f64() deserialize_ignored_any();
        Any:
            deserialize_any() deserialize_bool() deserialize_char() deserialize_str()
            deserialize_string() deserialize_bytes() deserialize_byte_buf() deserialize_option()
            deserialize_unit() deserialize_seq() deserialize_map() deserialize_identifier()
            deserialize_unit_struct(name: &'static str)
            deserialize_newtype_struct(name: &'static str)
            deserialize_tuple(length: usize)
            deserialize_tuple_struct(name: &'static str, length: usize)
            deserialize_struct(name: &'static str, fields: &'static [&'static str])
            deserialize_enum(name: &'static str, variants: &'static [&'static str]);
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

impl<V> Watch<'_, V> {
    /// What an integer stands for: itself (`None`), or the float that JavaScript held.
    fn integer<E: Error>(&self, is_safe: bool, float: f64) -> Result<Option<f64>, E> {
        match self.wants {
            Wants::Nothing => Ok(None),
            _ if is_safe => Ok(None),
            Wants::Any if !self.changed.contains(float) => Ok(Some(float)),
            Wants::Any | Wants::Integer => Err(E::custom(UNSAFE_INTEGER)),
        }
    }
}

macro_rules! integers {
    ($($method:ident $type:ty;)*) => {$(
        fn $method<E: Error>(self, value: $type) -> Result<V::Value, E> {
            let is_safe = i128::try_from(value).is_ok_and(is_safe);
            match self.integer(is_safe, value as f64)? {
                Some(float) => self.inner.visit_f64(float),
                None => self.inner.$method(value),
            }
        }
    )*};
}

macro_rules! plain {
    ($($method:ident($($name:ident: $type:ty)?))*) => {$(
        fn $method<E: Error>(self $(, $name: $type)?) -> Result<V::Value, E> {
            self.inner.$method($($name)?)
        }
    )*};
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Watch<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    integers! {
        visit_i64 i64;
        visit_i128 i128;
        visit_u64 u64;
        visit_u128 u128;
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<V::Value, E> {
        // Digits of more than 64 bits arrive as a float already.
        if self.wants != Wants::Nothing && self.changed.contains(value) {
            return Err(E::custom(UNSAFE_INTEGER));
        }
        self.inner.visit_f64(value)
    }

    plain! {
        visit_bool(value: bool) visit_char(value: char) visit_str(value: &str)
        visit_borrowed_str(value: &'de str) visit_string(value: String) visit_bytes(value: &[u8])
        visit_borrowed_bytes(value: &'de [u8]) visit_byte_buf(value: Vec<u8>) visit_none() visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.inner.visit_some(Exact::new(inner, self.changed))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.inner.visit_newtype_struct(Exact::new(inner, self.changed))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        self.inner.visit_seq(Exact::new(inner, self.changed))
    }

    fn visit_map<A: MapAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        self.inner.visit_map(Exact::new(inner, self.changed))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        self.inner.visit_enum(Exact::new(inner, self.changed))
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Exact<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<S::Value, D::Error> {
        self.inner.deserialize(Exact { inner, changed: self.changed })
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Exact<'_, A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        let seed = self.around(seed);
        self.inner.next_element_seed(seed)
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

/// Keys are texts in JSON, and no number of JavaScript.
impl<'de, A: MapAccess<'de>> MapAccess<'de> for Exact<'_, A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        self.inner.next_key_seed(seed)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        let seed = self.around(seed);
        self.inner.next_value_seed(seed)
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

impl<'de, 'c, A: EnumAccess<'de>> EnumAccess<'de> for Exact<'c, A> {
    type Error = A::Error;
    type Variant = Exact<'c, A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<(S::Value, Self::Variant), A::Error> {
        let changed = self.changed;
        let (value, variant) = self.inner.variant_seed(seed)?;
        Ok((value, Exact::new(variant, changed)))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Exact<'_, A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.inner.unit_variant()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        let seed = self.around(seed);
        self.inner.newtype_variant_seed(seed)
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, inner: V) -> Result<V::Value, A::Error> {
        let watch = Watch { inner, changed: self.changed, wants: Wants::Any };
        self.inner.tuple_variant(length, watch)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        inner: V,
    ) -> Result<V::Value, A::Error> {
        let watch = Watch { inner, changed: self.changed, wants: Wants::Any };
        self.inner.struct_variant(fields, watch)
    }
}
