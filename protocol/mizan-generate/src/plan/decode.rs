//! How a JSON answer becomes a value with `bigint`s in it.
//!
//! Only types that hold a `bigint` somewhere are decoded. Decoding copies what it changes, leaves
//! what it does not know as it is, and leaves a decoded value as it is.

/// One step of decoding.
#[derive(Debug)]
pub(crate) enum Decode<'a> {
    BigInt,
    /// Through the decoder of a definition.
    Named(usize),
    Array(Box<Decode<'a>>),
    Tuple(Vec<Option<Decode<'a>>>, Option<Option<Box<Decode<'a>>>>),
    Map(Box<Decode<'a>>),
    /// Fields that change, and whether each is always there.
    Object(Vec<(&'a str, bool, Decode<'a>)>),
    /// Null stays null.
    Nullable(Box<Decode<'a>>),
    /// The first member whose test passes; without a step it is left as it is.
    Union(Vec<(Test<'a>, Option<Decode<'a>>)>),
    /// One after the other.
    Chain(Vec<Decode<'a>>),
}

/// The kinds of JSON values, and text that is an integer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Is {
    Text,
    Digits,
    Number,
    Boolean,
    List,
    Object,
}

/// Whether a value looks like a type.
#[derive(Debug)]
pub(crate) enum Test<'a> {
    Always,
    Equals(String),
    Is(Is),
    /// A list of this length.
    Tuple(usize),
    /// A map or object with these fields.
    Object(Vec<(&'a str, Test<'a>)>),
    /// An object that one literal field identifies.
    Tagged(&'a str, String),
    All(Vec<Test<'a>>),
    Any(Vec<Test<'a>>),
}

impl Decode<'_> {
    /// True where a union is distinguished somewhere in it.
    pub(super) fn tests(&self) -> bool {
        match self {
            Self::BigInt | Self::Named(_) => false,
            Self::Array(inner) | Self::Map(inner) | Self::Nullable(inner) => inner.tests(),
            Self::Tuple(items, rest) => {
                items.iter().flatten().any(Self::tests)
                    || rest.iter().flatten().any(|rest| rest.tests())
            }
            Self::Object(fields) => fields.iter().any(|(_, _, step)| step.tests()),
            Self::Union(_) => true,
            Self::Chain(steps) => steps.iter().any(Self::tests),
        }
    }
}
