//! The plan: every decision about the output, taken before a character of it is written.
//!
//! Emitters read it and decide nothing. Text in it that comes from the document is borrowed.

mod build;
mod decode;
mod decoders;
mod list;
mod naming;

pub(crate) use build::build;
pub(crate) use decode::{Decode, Is, Test};
pub(crate) use naming::ReadNames;

use crate::Target;
use crate::schema::{Field, Note, Type};

/// Everything the emitters need.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    /// The file name of the configuration, for the header.
    pub(crate) config: String,
    pub(crate) types: Vec<TypePlan<'a>>,
    pub(crate) contexts: Vec<ContextPlan<'a>>,
    pub(crate) calls: Vec<CallPlan<'a>>,
    pub(crate) decoders: Vec<DecoderPlan<'a>>,
    /// True where decoding has to tell members of a union apart.
    pub(crate) tests: bool,
    /// Sorted, each once.
    pub(crate) targets: Vec<Target>,
    /// The position of the context that the provider reads itself.
    pub(crate) global: Option<usize>,
    /// The name under which the error class is exported a second time.
    pub(crate) error: Option<String>,
}

/// One type of `types.ts`.
#[derive(Debug)]
pub(crate) struct TypePlan<'a> {
    pub(crate) ident: String,
    pub(crate) ty: Type<'a>,
    pub(crate) note: Note<'a>,
    /// A list of what is documented about members of a union, a line each.
    pub(crate) variants: Option<String>,
}

/// One file below `contexts/`.
#[derive(Debug)]
pub(crate) struct ContextPlan<'a> {
    pub(crate) wire: &'a str,
    /// The file name without its ending.
    pub(crate) file: String,
    pub(crate) definition: String,
    pub(crate) fetch: String,
    pub(crate) read: ReadNames,
    pub(crate) params_type: String,
    pub(crate) data_type: String,
    /// Sorted by name.
    pub(crate) params: Vec<Field<'a>>,
    /// Those parameters that are sets, sorted.
    pub(crate) sets: Vec<&'a str>,
    /// Whether it may be read together with others.
    pub(crate) batch: bool,
    /// Sorted by name.
    pub(crate) members: Vec<MemberPlan<'a>>,
    pub(crate) decode: Option<Decode<'a>>,
    /// Present where its only member is a list that grows.
    pub(crate) list: Option<ListPlan<'a>>,
    pub(crate) note: Note<'a>,
}

/// A list that grows.
#[derive(Debug)]
pub(crate) struct ListPlan<'a> {
    /// The type of its items.
    pub(crate) item: Type<'a>,
    /// The field that identifies an item, if there is one.
    pub(crate) key: Option<&'a str>,
}

/// One member of a context: a field of its data and what reads it.
#[derive(Debug)]
pub(crate) struct MemberPlan<'a> {
    pub(crate) field: Field<'a>,
    pub(crate) read: ReadNames,
}

/// One function of `calls.ts`.
#[derive(Debug)]
pub(crate) struct CallPlan<'a> {
    pub(crate) wire: &'a str,
    pub(crate) definition: String,
    pub(crate) call: String,
    pub(crate) hook: String,
    pub(crate) args_type: String,
    /// In order of declaration.
    pub(crate) args: Vec<Field<'a>>,
    pub(crate) result: Type<'a>,
    /// The name of an alias for a result that is long to write.
    pub(crate) result_type: Option<String>,
    pub(crate) decode: Option<Decode<'a>>,
    /// True where the compiler may take the result for `never`, which nothing can be decoded to.
    pub(crate) may_be_never: bool,
    pub(crate) note: Note<'a>,
    /// What the call makes stale, in words.
    pub(crate) effects: Option<String>,
    /// The same as the kernel reads it: `context`, or `context.function` for one member.
    pub(crate) affects: Vec<String>,
    /// Whether the kernel may send it again with the same key.
    pub(crate) idempotent: bool,
}

/// One function of `decode.ts`.
#[derive(Debug)]
pub(crate) struct DecoderPlan<'a> {
    pub(crate) ident: String,
    /// The position in [`Plan::types`].
    pub(crate) of: usize,
    pub(crate) decode: Decode<'a>,
}

/// True where an empty object is a value of these parameters.
pub(crate) fn all_optional(fields: &[Field<'_>]) -> bool {
    fields.iter().all(|field| !field.required)
}
