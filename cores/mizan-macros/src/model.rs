//! One function without contradictions: what [`check`](crate::check) gives and
//! [`expand`](crate::expand) takes.

use syn::{Ident, Path, Type};

use crate::attr::{Attributes, Scope, Target};
use crate::range::Parts;
use crate::signature::Argument;

/// What the function is for.
pub(crate) enum Role {
    /// A read of a context.
    Read(Target),
    /// A call, which may change contexts.
    Call { affects: Vec<Target>, merge: Vec<Target>, scope: Option<Scope> },
}

/// One function.
pub(crate) struct Model {
    pub(crate) ident: Ident,
    pub(crate) name: String,
    pub(crate) doc: String,
    pub(crate) is_async: bool,
    pub(crate) role: Role,
    pub(crate) attributes: Attributes,
    pub(crate) request: Option<Type>,
    pub(crate) states: Vec<Type>,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) range: Option<Parts>,
    pub(crate) result: Type,
    pub(crate) krate: Option<Path>,
}
