//! From the wire to typed arguments, and from typed arguments to the texts that scope and key.
//!
//! Every argument is read by its own type, from the JSON text of `args` or from the values of a
//! query. Nothing here knows functions or contexts.

mod client_text;
mod codec;
mod exact;
mod fault;
mod form;
mod integers;
mod json;
mod query;
mod steady;

pub(crate) use client_text::{is_plainly, list as list_text};
pub use codec::Tuple;
pub use codec::{Arg, Codec, JsonProbe, NotJson, WriteJson};
pub(crate) use codec::{Described, read_json};
pub(crate) use fault::UNSAFE_INTEGER;
pub(crate) use form::{Form, Shape, inlined};
pub(crate) use json::{Envelope, object, read_members};
pub(crate) use query::{Pairs, QueryError, QueryValue};

/// The wire form of one argument.
#[derive(Clone, Copy)]
pub(crate) enum Raw<'a> {
    /// The JSON text of the value.
    Json(&'a str),
    /// The values under its name in a query.
    Query(QueryValue<'a>),
}

/// Where the arguments of one request are.
#[derive(Clone, Copy)]
pub(crate) enum Source<'a> {
    /// The text of a JSON object, or empty; parts of a path are before its members.
    Json(&'a str, &'a Pairs<'a>),
    /// A query or a form, split into pairs.
    Query(&'a Pairs<'a>),
}
