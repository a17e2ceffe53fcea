//! Keys of lists as bytes that have the order of the keys.
//!
//! No form is the start of another one of its type, so that forms can follow each other and be inverted.

use std::cmp::Ordering;
use std::fmt;
use std::ops::Deref;

/// A text in a key has at most so many bytes, unless it is declared shorter.
const MAX_TEXT: usize = 64;

/// A type that may be the key of a list, or a part of one: integers, `bool`, texts, options, tuples of these and
/// [`Desc`], and with the features `chrono`, `time` and `uuid` the dates, times and UUIDs of these crates.
///
/// The order of the texts of two cursors is the order of their keys. A database must sort as Rust does: texts byte
/// by byte (`COLLATE "C"` in PostgreSQL), and null first.
///
/// A type of your own hands its parts on:
///
/// ```
/// use mizan_core::{CursorKey, KeyTooLong};
///
/// struct StallId(i64);
///
/// impl CursorKey for StallId {
///     const MAX_BYTES: usize = i64::MAX_BYTES;
///     fn write(&self, bytes: &mut Vec<u8>) -> Result<(), KeyTooLong> {
///         self.0.write(bytes)
///     }
///     fn read(bytes: &mut &[u8]) -> Option<Self> {
///         i64::read(bytes).map(Self)
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the key of a `Range`",
    label = "not a key",
    note = "a key is an integer, a `bool`, a text, a date, a UUID, an `Option`, a `Desc` or a tuple of these",
    note = "dates and UUIDs need the features `chrono`, `time` and `uuid` of `mizan-core`"
)]
pub trait CursorKey: Sized + Send + 'static {
    /// How many bytes a key has at most.
    const MAX_BYTES: usize;

    /// Appends the bytes of the key.
    ///
    /// # Errors
    /// Where a text is longer than declared.
    fn write(&self, bytes: &mut Vec<u8>) -> Result<(), KeyTooLong>;

    /// Takes a key off the front; `None` where the bytes are not those of a key.
    fn read(bytes: &mut &[u8]) -> Option<Self>;
}

/// A text in a key that is longer than declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyTooLong {
    /// How many bytes it has.
    pub bytes: usize,
    /// How many it may have.
    pub max: usize,
}

impl fmt::Display for KeyTooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { bytes, max } = self;
        write!(
            f,
            "a text in the key of a list has {bytes} bytes, and {max} is the most: sort by another column"
        )
    }
}

impl std::error::Error for KeyTooLong {}

/// A part of a key that sorts from the largest to the smallest.
///
/// ```
/// use mizan_core::Desc;
/// assert!(Desc(2) < Desc(1));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Desc<T>(pub T);

impl<T: Ord> Ord for Desc<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        other.0.cmp(&self.0)
    }
}

impl<T: PartialOrd> PartialOrd for Desc<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        other.0.partial_cmp(&self.0)
    }
}

impl<T: CursorKey> CursorKey for Desc<T> {
    const MAX_BYTES: usize = T::MAX_BYTES;

    fn write(&self, bytes: &mut Vec<u8>) -> Result<(), KeyTooLong> {
        let start = bytes.len();
        self.0.write(bytes)?;
        bytes.iter_mut().skip(start).for_each(|byte| *byte = !*byte);
        Ok(())
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        let inverted: Vec<u8> = bytes.iter().map(|byte| !byte).collect();
        let mut rest = &inverted[..];
        let key = T::read(&mut rest)?;
        *bytes = bytes.get(inverted.len() - rest.len()..)?;
        Some(Self(key))
    }
}

/// A text of at most `N` bytes in a key; `N` is 64 or less. A plain `String` may have 64.
///
/// ```
/// use mizan_core::{Range, Text};
/// let range: Range<(Text<20>, i64)> = Range::first();
/// assert_eq!(range.after(), None);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text<const N: usize>(pub String);

impl<const N: usize> Deref for Text<N> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<const N: usize, S: Into<String>> From<S> for Text<N> {
    fn from(text: S) -> Self {
        Self(text.into())
    }
}

/// The bytes of UTF-8 are below 0xF8: one more than each, and a zero at the end.
impl<const N: usize> CursorKey for Text<N> {
    const MAX_BYTES: usize = {
        assert!(N <= MAX_TEXT, "a text in the key of a `Range` has at most 64 bytes");
        N + 1
    };

    fn write(&self, bytes: &mut Vec<u8>) -> Result<(), KeyTooLong> {
        write_text(&self.0, N, bytes)
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        read_text(N, bytes).map(Self)
    }
}

impl CursorKey for String {
    const MAX_BYTES: usize = MAX_TEXT + 1;

    fn write(&self, bytes: &mut Vec<u8>) -> Result<(), KeyTooLong> {
        write_text(self, MAX_TEXT, bytes)
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        read_text(MAX_TEXT, bytes)
    }
}

fn write_text(text: &str, max: usize, bytes: &mut Vec<u8>) -> Result<(), KeyTooLong> {
    if text.len() > max {
        return Err(KeyTooLong { bytes: text.len(), max });
    }
    bytes.extend(text.bytes().map(|byte| byte.saturating_add(1)));
    bytes.push(0);
    Ok(())
}

fn read_text(max: usize, bytes: &mut &[u8]) -> Option<String> {
    let end = bytes.iter().position(|byte| *byte == 0).filter(|end| *end <= max)?;
    let (text, rest) = bytes.split_at_checked(end)?;
    *bytes = rest.get(1..)?;
    String::from_utf8(text.iter().map(|byte| byte.saturating_sub(1)).collect()).ok()
}

/// Takes `N` bytes off the front.
pub(super) fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (first, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*first)
}

macro_rules! integers {
    ($($type:ty: $lowest:expr;)*) => {$(
        /// Big-endian, with the smallest value as zero.
        impl CursorKey for $type {
            const MAX_BYTES: usize = size_of::<Self>();

            fn write(&self, bytes: &mut Vec<u8>) -> Result<(), KeyTooLong> {
                bytes.extend((self ^ $lowest).to_be_bytes());
                Ok(())
            }

            fn read(bytes: &mut &[u8]) -> Option<Self> {
                take(bytes).map(|bytes| Self::from_be_bytes(bytes) ^ $lowest)
            }
        }
    )*};
}

integers! {
    i8: Self::MIN; i16: Self::MIN; i32: Self::MIN; i64: Self::MIN; i128: Self::MIN;
    u8: 0; u16: 0; u32: 0; u64: 0; u128: 0;
}

impl CursorKey for bool {
    const MAX_BYTES: usize = 1;

    fn write(&self, bytes: &mut Vec<u8>) -> Result<(), KeyTooLong> {
        bytes.push(u8::from(*self));
        Ok(())
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        match take(bytes)? {
            [0] => Some(false),
            [1] => Some(true),
            _ => None,
        }
    }
}

/// `None` is before everything.
impl<T: CursorKey> CursorKey for Option<T> {
    const MAX_BYTES: usize = 1 + T::MAX_BYTES;

    fn write(&self, bytes: &mut Vec<u8>) -> Result<(), KeyTooLong> {
        self.is_some().write(bytes)?;
        self.as_ref().map_or(Ok(()), |key| key.write(bytes))
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        if bool::read(bytes)? { T::read(bytes).map(Some) } else { Some(None) }
    }
}

macro_rules! tuples {
    ($(($($name:ident $index:tt),*))*) => {$(
        impl<$($name: CursorKey),*> CursorKey for ($($name,)*) {
            const MAX_BYTES: usize = 0 $(+ $name::MAX_BYTES)*;

            fn write(&self, bytes: &mut Vec<u8>) -> Result<(), KeyTooLong> {
                $(self.$index.write(bytes)?;)*
                Ok(())
            }

            fn read(bytes: &mut &[u8]) -> Option<Self> {
                Some(($($name::read(bytes)?,)*))
            }
        }
    )*};
}

tuples! {
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
}
