//! A thin JSON serializer that refuses what JavaScript would change: integers beyond 2^53 − 1, NaN
//! and the infinities. It knows the path to the value it refuses, which a serde_json `Formatter`
//! does not; so the structure is written here, and the leaves by itoa and serde_json.

use std::fmt::{self, Display};

use serde::ser::{self, Serialize, Serializer};

use super::number::is_safe;
use super::plain::is_plain;

/// Appends the compact JSON text of a value. Fails, with a text for the log, where the value cannot
/// travel; the buffer then holds a part of it.
pub(crate) fn write_json<T: Serialize + ?Sized>(
    value: &T,
    buffer: &mut Vec<u8>,
) -> Result<(), String> {
    value.serialize(Writer { buffer, path: &Path::Root }).map_err(|refused| refused.0)
}

/// Where the serializer is, linked through the stack: it costs nothing until it is shown.
enum Path<'p> {
    Root,
    Name(&'p Path<'p>, &'p str),
    Index(&'p Path<'p>, usize),
}

impl Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => f.write_str("result"),
            Self::Name(parent, name) => write!(f, "{parent}.{name}"),
            Self::Index(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

#[derive(Debug)]
struct Refused(String);

impl Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

impl ser::Error for Refused {
    fn custom<T: Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

/// The private name under which serde_json passes JSON text through a serializer.
const RAW_VALUE: &str = "$serde_json::private::RawValue";

/// The same for a number, where another crate has turned on `serde_json/arbitrary_precision`.
const NUMBER: &str = "$serde_json::private::Number";

struct Writer<'a> {
    buffer: &'a mut Vec<u8>,
    path: &'a Path<'a>,
}

impl<'a> Writer<'a> {
    fn integer(self, value: i128) -> Result<(), Refused> {
        if !is_safe(value) {
            return Err(Refused(format!(
                "`{}` is {value}, beyond ±(2^53 − 1), which JavaScript would change; use mizan_core::BigInt",
                self.path
            )));
        }
        // Safe integers are 54 bits wide, so the narrower and quicker form is exact.
        let narrow = value as i64;
        self.buffer.extend_from_slice(itoa::Buffer::new().format(narrow).as_bytes());
        Ok(())
    }

    fn float<F: Serialize + Into<f64> + Copy>(self, value: F) -> Result<(), Refused> {
        let wide: f64 = value.into();
        if !wide.is_finite() {
            return Err(Refused(format!("`{}` is {wide}, which JSON cannot hold", self.path)));
        }
        serde_json::to_writer(self.buffer, &value).map_err(|error| Refused(error.to_string()))
    }

    fn text(self, value: &str) -> Result<(), Refused> {
        // Most texts need no escape; serde_json's escaping goes through `io::Write`, byte runs at a
        // time, and costs more than this check.
        if is_plain(value.as_bytes()) {
            self.buffer.reserve(value.len() + 2);
            self.buffer.push(b'"');
            self.buffer.extend_from_slice(value.as_bytes());
            self.buffer.push(b'"');
            return Ok(());
        }
        serde_json::to_writer(self.buffer, value).map_err(|error| Refused(error.to_string()))
    }

    fn variant(&mut self, variant: &str) -> Result<(), Refused> {
        self.buffer.push(b'{');
        Writer { buffer: self.buffer, path: self.path }.text(variant)?;
        self.buffer.push(b':');
        Ok(())
    }

    fn open(self, bracket: u8, close: &'static [u8]) -> Compound<'a> {
        self.buffer.push(bracket);
        Compound { writer: self, items: 0, close, raw: false, number: false, name: String::new() }
    }
}

macro_rules! integers {
    ($($method:ident $type:ty;)*) => {$(
        fn $method(self, value: $type) -> Result<(), Refused> {
            self.integer(value.into())
        }
    )*};
}

impl<'a> Serializer for Writer<'a> {
    type Ok = ();
    type Error = Refused;
    type SerializeSeq = Compound<'a>;
    type SerializeTuple = Compound<'a>;
    type SerializeTupleStruct = Compound<'a>;
    type SerializeTupleVariant = Compound<'a>;
    type SerializeMap = Compound<'a>;
    type SerializeStruct = Compound<'a>;
    type SerializeStructVariant = Compound<'a>;

    integers! {
        serialize_i8 i8; serialize_i16 i16; serialize_i32 i32; serialize_i64 i64;
        serialize_i128 i128; serialize_u8 u8; serialize_u16 u16; serialize_u32 u32;
        serialize_u64 u64;
    }

    fn serialize_u128(self, value: u128) -> Result<(), Refused> {
        self.integer(i128::try_from(value).unwrap_or(i128::MAX))
    }

    fn serialize_f32(self, value: f32) -> Result<(), Refused> {
        self.float(value)
    }

    fn serialize_f64(self, value: f64) -> Result<(), Refused> {
        self.float(value)
    }

    fn serialize_bool(self, value: bool) -> Result<(), Refused> {
        self.buffer.extend_from_slice(if value { b"true" } else { b"false" });
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<(), Refused> {
        self.text(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), Refused> {
        self.text(value)
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Refused> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Refused> {
        self.buffer.extend_from_slice(b"null");
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Refused> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Refused> {
        value.serialize(self)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Refused> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), Refused> {
        self.text(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Refused> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        mut self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Refused> {
        self.variant(variant)?;
        let path = Path::Name(self.path, variant);
        value.serialize(Writer { buffer: self.buffer, path: &path })?;
        self.buffer.push(b'}');
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Compound<'a>, Refused> {
        Ok(self.open(b'[', b"]"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Compound<'a>, Refused> {
        Ok(self.open(b'[', b"]"))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Compound<'a>, Refused> {
        Ok(self.open(b'[', b"]"))
    }

    fn serialize_tuple_variant(
        mut self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Compound<'a>, Refused> {
        self.variant(variant)?;
        Ok(self.open(b'[', b"]}"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Compound<'a>, Refused> {
        Ok(self.open(b'{', b"}"))
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Compound<'a>, Refused> {
        if name == RAW_VALUE || name == NUMBER {
            return Ok(Compound {
                writer: self,
                items: 0,
                close: b"",
                raw: true,
                number: name == NUMBER,
                name: String::new(),
            });
        }
        Ok(self.open(b'{', b"}"))
    }

    fn serialize_struct_variant(
        mut self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Compound<'a>, Refused> {
        self.variant(variant)?;
        Ok(self.open(b'{', b"}}"))
    }
}

/// A list or an object being written.
struct Compound<'a> {
    writer: Writer<'a>,
    items: usize,
    close: &'static [u8],
    /// Set for JSON text that passes through as it is.
    raw: bool,
    /// Set where that text is a number.
    number: bool,
    /// The key of a map's current value, kept for the path.
    name: String,
}

impl Compound<'_> {
    fn comma(&mut self) {
        if self.items > 0 {
            self.writer.buffer.push(b',');
        }
        self.items += 1;
    }

    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refused> {
        self.comma();
        let path = Path::Index(self.writer.path, self.items - 1);
        value.serialize(Writer { buffer: self.writer.buffer, path: &path })
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Refused> {
        if self.raw {
            return self.raw(value);
        }
        self.comma();
        Writer { buffer: self.writer.buffer, path: self.writer.path }.text(name)?;
        self.writer.buffer.push(b':');
        let path = Path::Name(self.writer.path, name);
        value.serialize(Writer { buffer: self.writer.buffer, path: &path })
    }

    fn raw<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refused> {
        match value.serialize(serde_json::value::Serializer) {
            Ok(serde_json::Value::String(text)) if self.number => match text.parse::<i128>() {
                Ok(integer) => {
                    Writer { buffer: self.writer.buffer, path: self.writer.path }.integer(integer)
                }
                Err(_) => {
                    self.writer.buffer.extend_from_slice(text.as_bytes());
                    Ok(())
                }
            },
            Ok(serde_json::Value::String(text)) => {
                self.writer.buffer.extend_from_slice(text.as_bytes());
                Ok(())
            }
            _ => Err(Refused("raw JSON that is not text".into())),
        }
    }

    fn finish(self) -> Result<(), Refused> {
        self.writer.buffer.extend_from_slice(self.close);
        Ok(())
    }
}

macro_rules! compounds {
    ($($trait:ident $method:ident;)*) => {$(
        impl ser::$trait for Compound<'_> {
            type Ok = ();
            type Error = Refused;
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refused> {
                self.element(value)
            }
            fn end(self) -> Result<(), Refused> {
                self.finish()
            }
        }
    )*};
}

compounds! {
    SerializeSeq serialize_element;
    SerializeTuple serialize_element;
    SerializeTupleStruct serialize_field;
    SerializeTupleVariant serialize_field;
}

macro_rules! structs {
    ($($trait:ident)*) => {$(
        impl ser::$trait for Compound<'_> {
            type Ok = ();
            type Error = Refused;
            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), Refused> {
                self.field(name, value)
            }
            fn end(self) -> Result<(), Refused> {
                self.finish()
            }
        }
    )*};
}

structs! { SerializeStruct SerializeStructVariant }

impl ser::SerializeMap for Compound<'_> {
    type Ok = ();
    type Error = Refused;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Refused> {
        // Keys are texts in JSON, so every integer may be one; serde_json knows which types can be.
        let mut pair = Vec::new();
        let map = ser::Serializer::collect_map(
            &mut serde_json::Serializer::new(&mut pair),
            std::iter::once((key, ())),
        );
        map.map_err(|error| Refused(format!("`{}`: {error}", self.writer.path)))?;
        let key = pair.strip_prefix(b"{").and_then(|rest| rest.strip_suffix(b":null}"));
        let key = key.ok_or_else(|| Refused("a map key that is not text".into()))?;
        self.comma();
        self.name = String::from_utf8_lossy(key).trim_matches('"').to_owned();
        self.writer.buffer.extend_from_slice(key);
        self.writer.buffer.push(b':');
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refused> {
        let path = Path::Name(self.writer.path, &self.name);
        value.serialize(Writer { buffer: self.writer.buffer, path: &path })
    }

    fn end(self) -> Result<(), Refused> {
        self.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::collections::BTreeMap;

    #[track_caller]
    fn check<T: Serialize>(value: T, expected: Result<&str, &str>) {
        let mut buffer = Vec::new();
        let written = write_json(&value, &mut buffer);
        match expected {
            Ok(text) => {
                written.unwrap();
                assert_eq!(String::from_utf8(buffer).unwrap(), text);
                assert_eq!(serde_json::to_string(&value).unwrap(), text);
            }
            Err(part) => {
                let error = written.unwrap_err();
                assert!(error.contains(part), "{error}");
            }
        }
    }

    #[derive(serde::Serialize)]
    enum Shape {
        Unit,
        One(u8),
        Two(u8, char),
        Named { a: Option<bool>, text: &'static str },
    }

    #[test]
    fn every_form_is_written_as_serde_json_writes_it() {
        check(
            (Shape::Unit, Shape::One(1), Shape::Two(2, '"')),
            Ok(r#"["Unit",{"One":1},{"Two":[2,"\""]}]"#),
        );
        check(
            Shape::Named { a: None, text: "\u{1}é" },
            Ok("{\"Named\":{\"a\":null,\"text\":\"\\u0001é\"}}"),
        );
        check(
            json!({"a": [1.5, -0.0, 1e300, {}], "b": []}),
            Ok(r#"{"a":[1.5,-0.0,1e+300,{}],"b":[]}"#),
        );
        check(BTreeMap::from([(u64::MAX, ())]), Ok(r#"{"18446744073709551615":null}"#));
        check(BTreeMap::from([(true, "x")]), Ok(r#"{"true":"x"}"#));
        let raw = serde_json::value::RawValue::from_string("{ \"x\": 9007199254740993 }".into());
        check(raw.unwrap(), Ok("{ \"x\": 9007199254740993 }"));
    }

    /// A number as serde_json passes it on with `arbitrary_precision`.
    struct Precise(&'static str);

    impl Serialize for Precise {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut number = serializer.serialize_struct(NUMBER, 1)?;
            ser::SerializeStruct::serialize_field(&mut number, NUMBER, self.0)?;
            ser::SerializeStruct::end(number)
        }
    }

    #[test]
    fn numbers_of_any_precision_are_numbers() {
        for (number, written) in
            [("5", Some("5")), ("1.50", Some("1.50")), ("9007199254740992", None)]
        {
            let mut buffer = Vec::new();
            let result = write_json(&[Precise(number)], &mut buffer);
            let expected = written.map(|text| format!("[{text}]"));
            assert_eq!(result.ok().map(|()| String::from_utf8(buffer).unwrap()), expected);
        }
    }

    #[test]
    fn what_javascript_would_change_is_refused_with_its_path() {
        check((1i64 << 53) - 1, Ok("9007199254740991"));
        check(1i64 << 53, Err("`result` is 9007199254740992, beyond"));
        check(
            json!({"rows": [{"id": -(1i64 << 53)}]}),
            Err("`result.rows[0].id` is -9007199254740992"),
        );
        check(u128::MAX, Err("beyond"));
        check(Shape::Two(0, 'x'), Ok(r#"{"Two":[0,"x"]}"#));
        check([f64::NAN], Err("`result[0]` is NaN"));
        check(BTreeMap::from([("x", f32::INFINITY)]), Err("`result.x` is inf"));
    }
}
