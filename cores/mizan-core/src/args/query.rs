//! Arguments from a query: `a=1&tags=x&tags=y`, percent-encoded, `+` for a space.

use std::borrow::Cow;

use serde::de::{self, DeserializeSeed, Deserializer, EnumAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::UNSAFE_INTEGER;
use super::form::{LazyForm, Scalars, Shape, Texts};
use crate::output::is_safe;
use crate::percent;

/// A query, split once. Values stay encoded until an argument reads them.
#[derive(Debug, Default)]
pub(crate) struct Pairs<'a>(Vec<(Cow<'a, str>, &'a str)>);

impl<'a> Pairs<'a> {
    /// No pair at all.
    pub(crate) const NONE: Pairs<'static> = Pairs(Vec::new());

    /// Pairs of names that are known and values still encoded, which stand for those of the same name.
    pub(crate) fn with(mut self, parts: &[(&'a str, &'a str)]) -> Self {
        self.0.retain(|(name, _)| parts.iter().all(|part| part.0 != *name));
        self.0.extend(parts.iter().map(|(name, value)| (Cow::Borrowed(*name), *value)));
        self
    }

    /// Splits a query of at most `limit` pairs. A name that does not decode names nothing we know.
    pub(crate) fn split(query: &'a str, limit: usize) -> Option<Self> {
        let mut pairs = Vec::with_capacity(4);
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            if pairs.len() == limit {
                return None;
            }
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            if let Some(name) = decode(name) {
                pairs.push((name, value));
            }
        }
        Some(Self(pairs))
    }

    /// The first value under a name, decoded; `None` where it is absent or does not decode.
    pub(crate) fn first(&self, name: &str) -> Option<Cow<'a, str>> {
        self.0.iter().find(|pair| pair.0 == name).and_then(|pair| decode(pair.1))
    }

    /// The values under a name, if there is one.
    pub(crate) fn value<'p>(&'p self, name: &'p str) -> Option<QueryValue<'p>> {
        let is_there = self.0.iter().any(|pair| pair.0 == name);
        is_there.then(|| QueryValue::new(Values::Encoded(&self.0, name)))
    }

    /// Whether the query has `name[]` without a value: the list is empty.
    pub(crate) fn is_empty_list(&self, name: &str) -> bool {
        self.0
            .iter()
            .any(|(known, value)| known.strip_suffix("[]") == Some(name) && value.is_empty())
    }
}

/// Percent-decoding with `+` for a space.
fn decode(text: &str) -> Option<Cow<'_, str>> {
    percent::decode(text, true)
}

/// The values of one name.
#[derive(Clone, Copy)]
pub(crate) struct QueryValue<'a> {
    values: Values<'a>,
    /// What the type of the value shows; without it, everything is text.
    form: Option<&'a LazyForm>,
}

/// Where values are.
#[derive(Clone, Copy)]
enum Values<'a> {
    /// In the pairs of this name.
    Encoded(&'a [(Cow<'a, str>, &'a str)], &'a str),
    Plain(&'a [String]),
}

impl<'a> QueryValue<'a> {
    /// No value at all, which only a list can be read from.
    pub(crate) const NONE: Self = Self::plain(&[]);

    const fn new(values: Values<'a>) -> Self {
        Self { values, form: None }
    }

    /// Texts as they are.
    pub(crate) const fn plain(texts: &'a [String]) -> Self {
        Self::new(Values::Plain(texts))
    }

    /// The same, directed by a type.
    pub(crate) fn of(self, form: &'a LazyForm) -> Self {
        Self { form: Some(form), ..self }
    }

    /// The texts of every value.
    pub(crate) fn texts(self) -> impl Iterator<Item = Result<Cow<'a, str>, QueryError>> {
        let (pairs, name, plain) = match self.values {
            Values::Encoded(pairs, name) => (pairs, name, [].as_slice()),
            Values::Plain(texts) => ([].as_slice(), "", texts),
        };
        let encoded = pairs.iter().filter(move |pair| pair.0 == name).map(|pair| text(pair.1));
        encoded.chain(plain.iter().map(|text| Ok(Cow::Borrowed(text.as_str()))))
    }

    pub(crate) fn is_empty_text(self) -> bool {
        self.text().is_ok_and(|text| text.is_empty())
    }

    /// The text of the only value.
    pub(crate) fn text(self) -> Result<Cow<'a, str>, QueryError> {
        let several = || de::Error::custom("expected one value, found several");
        match self.values {
            Values::Encoded(pairs, name) => {
                let mut named = pairs.iter().filter(|pair| pair.0 == name);
                let only = named.next().filter(|_| named.next().is_none());
                text(only.ok_or_else(several)?.1)
            }
            Values::Plain([only]) => Ok(Cow::Borrowed(only)),
            Values::Plain(_) => Err(several()),
        }
    }

    fn scalar(self) -> Result<Scalar<'a>, QueryError> {
        Ok(Scalar { text: self.text()?, form: self.form })
    }
}

fn text(encoded: &str) -> Result<Cow<'_, str>, QueryError> {
    decode(encoded).ok_or_else(|| de::Error::custom("broken percent-encoding or not UTF-8"))
}

/// Why a query value is not of the wanted type.
#[derive(Debug)]
pub(crate) struct QueryError(pub(crate) String);

impl std::fmt::Display for QueryError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for QueryError {}

impl de::Error for QueryError {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

/// One text as a scalar, an element of a list or a unit variant.
struct Scalar<'a> {
    text: Cow<'a, str>,
    form: Option<&'a LazyForm>,
}

impl Scalar<'_> {
    /// An integer in the form that `str::parse` takes: spaces and the plus sign dropped.
    fn integer(&self) -> Result<&str, QueryError> {
        let trimmed = self.text.trim_matches([' ', '\t', '\r', '\n']);
        let unsigned = trimmed.strip_prefix(['+', '-']).unwrap_or(trimmed);
        if !unsigned.is_empty() && unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(trimmed.strip_prefix('+').unwrap_or(trimmed))
        } else {
            Err(de::Error::custom("expected an integer"))
        }
    }

    fn visit_text<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, QueryError> {
        match self.text {
            Cow::Borrowed(text) => visitor.visit_str(text),
            Cow::Owned(text) => visitor.visit_string(text),
        }
    }

    fn float(&self) -> Result<f64, QueryError> {
        let trimmed = self.text.trim_matches([' ', '\t', '\r', '\n']);
        let numeric =
            |byte: u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E');
        let value = trimmed.bytes().all(numeric).then(|| trimmed.parse::<f64>().ok()).flatten();
        value
            .filter(|value| value.is_finite())
            .ok_or_else(|| de::Error::custom("expected a finite number"))
    }
}

macro_rules! scalar_integers {
    ($($method:ident $visit:ident $type:ty;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, QueryError> {
            let text = self.integer()?;
            // What does not fit is not safe either.
            if !text.parse::<i64>().is_ok_and(|value| is_safe(value.into())) {
                return Err(QueryError(UNSAFE_INTEGER.into()));
            }
            let value = text.parse::<$type>();
            visitor.$visit(value.map_err(|_| QueryError("the number is out of range".into()))?)
        }
    )*};
}

macro_rules! texts {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, QueryError> {
            self.visit_text(visitor)
        }
    )*};
}

impl<'de> Deserializer<'de> for Scalar<'_> {
    type Error = QueryError;

    scalar_integers! {
        deserialize_i8 visit_i8 i8;
        deserialize_i16 visit_i16 i16;
        deserialize_i32 visit_i32 i32;
        deserialize_i64 visit_i64 i64;
        deserialize_i128 visit_i128 i128;
        deserialize_u8 visit_u8 u8;
        deserialize_u16 visit_u16 u16;
        deserialize_u32 visit_u32 u32;
        deserialize_u64 visit_u64 u64;
        deserialize_u128 visit_u128 u128;
    }

    /// The schema says what the text stands for: an integer, a number, a boolean, then text.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, QueryError> {
        const TEXT: Scalars =
            Scalars { boolean: false, integer: false, number: false, text: Texts::All };
        let scalars = self.form.map_or(&TEXT, |form| &form.get().scalars);
        if scalars.integer && self.integer().is_ok() {
            return match self.float() {
                // What JavaScript would change as an integer may be a float.
                Ok(float) if scalars.number && !is_safe(float as i128) => visitor.visit_f64(float),
                _ if self.text.contains('-') => self.deserialize_i64(visitor),
                _ => self.deserialize_u64(visitor),
            };
        }
        if scalars.number
            && let Ok(float) = self.float()
        {
            return visitor.visit_f64(float);
        }
        if scalars.boolean && matches!(&*self.text, "true" | "false") {
            return self.deserialize_bool(visitor);
        }
        if scalars.text == Texts::None {
            return Err(QueryError(scalars.words()));
        }
        self.visit_text(visitor)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, QueryError> {
        match &*self.text {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            _ => Err(de::Error::custom("expected `true` or `false`")),
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, QueryError> {
        let value = self.float()? as f32;
        if value.is_finite() {
            visitor.visit_f32(value)
        } else {
            Err(QueryError("the number is out of range".into()))
        }
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, QueryError> {
        let value = self.float()?;
        visitor.visit_f64(value)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, QueryError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, QueryError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, QueryError> {
        visitor.visit_enum(self)
    }

    texts! {
        deserialize_char deserialize_str deserialize_string deserialize_bytes deserialize_byte_buf
        deserialize_identifier
    }

    forward_to_deserialize_any! {
        unit unit_struct seq tuple tuple_struct map struct ignored_any
    }
}

impl<'de> EnumAccess<'de> for Scalar<'_> {
    type Error = QueryError;
    type Variant = UnitOnly;

    fn variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<(S::Value, UnitOnly), QueryError> {
        Ok((seed.deserialize(self)?, UnitOnly))
    }
}

/// A text can name a variant, and cannot bring data for it.
struct UnitOnly;

impl<'de> de::VariantAccess<'de> for UnitOnly {
    type Error = QueryError;

    fn unit_variant(self) -> Result<(), QueryError> {
        Ok(())
    }
    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, _: S) -> Result<S::Value, QueryError> {
        Err(de::Error::custom("expected a plain variant"))
    }
    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, QueryError> {
        Err(de::Error::custom("expected a plain variant"))
    }
    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, QueryError> {
        Err(de::Error::custom("expected a plain variant"))
    }
}

struct Elements<'a, I> {
    texts: I,
    form: Option<&'a LazyForm>,
}

impl<'de, 'a, I> SeqAccess<'de> for Elements<'a, I>
where
    I: Iterator<Item = Result<Cow<'a, str>, QueryError>>,
{
    type Error = QueryError;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, QueryError> {
        let Some(text) = self.texts.next() else { return Ok(None) };
        seed.deserialize(Scalar { text: text?, form: self.form }).map(Some)
    }
}

macro_rules! single_value {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, QueryError> {
            self.scalar()?.$method(visitor)
        }
    )*};
}

impl<'de> Deserializer<'de> for QueryValue<'_> {
    type Error = QueryError;

    single_value! {
        deserialize_bool deserialize_char deserialize_str deserialize_string
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_f32 deserialize_f64
        deserialize_bytes deserialize_byte_buf deserialize_unit deserialize_map
        deserialize_identifier deserialize_ignored_any
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, QueryError> {
        visitor.visit_some(self)
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, QueryError> {
        match self.form.map(|form| form.get().shape) {
            None | Some(Shape::Scalar) => self.scalar()?.deserialize_any(visitor),
            Some(Shape::List | Shape::Set) => self.deserialize_seq(visitor),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, QueryError> {
        visitor.visit_seq(Elements { texts: self.texts(), form: self.form })
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, QueryError> {
        if self.texts().count() == length {
            self.deserialize_seq(visitor)
        } else {
            Err(QueryError(format!("expected {length} values")))
        }
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, QueryError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, QueryError> {
        self.scalar()?.deserialize_unit_struct(name, visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, QueryError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, QueryError> {
        self.scalar()?.deserialize_struct(name, fields, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, QueryError> {
        self.scalar()?.deserialize_enum(name, variants, visitor)
    }
}
