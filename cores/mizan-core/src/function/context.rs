//! Contexts: what reads belong to and mutations affect.

use std::any::TypeId;
use std::borrow::Cow;

use mizan_schema::Target;

use crate::location::Location;

/// A named group of reads that are fetched, cached and invalidated together.
///
/// Derive it on a unit struct:
///
/// ```
/// use mizan_core::Context;
/// #[derive(Context)]
/// struct UserContext; // wire name "user"
/// assert_eq!(UserContext::NAME, "user");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a context",
    label = "not a context",
    note = "put `#[derive(mizan_core::Context)]` on a unit struct and name that struct here"
)]
pub trait Context: 'static {
    /// The wire name.
    const NAME: &'static str;
    /// The doc comment of the type, or empty.
    const DOC: &'static str;
    #[doc(hidden)]
    const LOCATION: Location;

    /// Every entry of the context, to be narrowed by [`Target::with`].
    fn target() -> Target
    where
        Self: Sized,
    {
        Target::context(Self::NAME)
    }
}

/// The context of the whole application, read once at its root: wire name `global`.
#[derive(Debug, Clone, Copy)]
pub struct GlobalContext;

impl Context for GlobalContext {
    const NAME: &'static str = "global";
    const DOC: &'static str = "";
    const LOCATION: Location = Location::at(file!(), line!());
}

/// A context as a function names it: by type, or by text.
#[derive(Debug, Clone)]
pub(crate) struct ContextRef {
    pub(crate) name: Cow<'static, str>,
    pub(crate) doc: &'static str,
    /// The type and its place, where it was named by type.
    pub(crate) declared: Option<(TypeId, Location)>,
}

impl ContextRef {
    pub(crate) fn of<C: Context>() -> Self {
        Self {
            name: Cow::Borrowed(C::NAME),
            doc: C::DOC,
            declared: Some((TypeId::of::<C>(), C::LOCATION)),
        }
    }

    pub(crate) fn named(name: impl Into<Cow<'static, str>>) -> Self {
        Self { name: name.into(), doc: "", declared: None }
    }
}

/// What a mutation names as its target.
#[derive(Debug, Clone)]
pub struct AffectsTarget(pub(crate) TargetKind);

#[derive(Debug, Clone)]
pub(crate) enum TargetKind {
    /// A context type.
    Context(ContextRef),
    /// A function, by the identity of its item and the path that was written.
    Function { id: TypeId, path: &'static str },
    /// A text: the wire name of a context or a function. `context:` or `function:` before it says which.
    Text(Cow<'static, str>),
}

impl From<&'static str> for AffectsTarget {
    fn from(name: &'static str) -> Self {
        Self(TargetKind::Text(Cow::Borrowed(name)))
    }
}

impl From<String> for AffectsTarget {
    fn from(name: String) -> Self {
        Self(TargetKind::Text(Cow::Owned(name)))
    }
}
