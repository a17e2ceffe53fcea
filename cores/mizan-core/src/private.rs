//! What generated code names, and no one else: no promise holds here between versions.

use std::any::TypeId;
use std::marker::PhantomData;
use std::ops::Deref;

pub use linkme;

pub use crate::args::{Arg, Codec, JsonProbe, NotJson, Tuple, WriteJson};
pub use crate::error::{Error, Result};
pub use crate::function::{
    AffectsTarget, Check, Context, Each, EachKey, EachResult, FUNCTIONS, FoundCodec, Function,
    Head, Invocation, Key, KeyCodec, KeyProbe, Outcome, OutputCodec, PlainKey, ViewCodec,
    Violations,
};
pub use crate::location::Location;
pub use crate::output::{Output, ValueCodec};
pub use crate::range::{Cursor, PageLimit};
pub use crate::request::{RawRequest, RequestView};
use crate::request::{Request, UserRequest};
pub use crate::view::View;
pub use crate::visibility::Visibility;

use crate::error::ClientError;
use crate::function::{ContextRef, TargetKind};
use crate::range::{CursorKey, Range};

/// The codec of one argument; the one place where its type is checked.
pub fn arg<T: Arg>(name: &'static str) -> Codec<T> {
    Codec::new(name)
}

/// The codec of a cursor.
pub fn cursor<K: CursorKey>(name: &'static str) -> Codec<Option<Cursor<K>>> {
    arg(name).json(JsonProbe::<Option<Cursor<K>>>::new().to_json())
}

/// The codec of the limit of a page.
pub fn page_limit(name: &'static str) -> Codec<PageLimit> {
    let limit = arg(name).default(|| PageLimit(PageLimit::DEFAULT));
    limit.json(JsonProbe::<PageLimit>::new().to_json())
}

/// The range that a client asks for.
pub fn range<K: CursorKey>(
    after: Option<Cursor<K>>,
    until: Option<Cursor<K>>,
    PageLimit(limit): PageLimit,
) -> Result<Range<K>> {
    Range::new(after.map(|Cursor(key)| key), until.map(|Cursor(key)| key), limit)
}

/// The identity of a function item.
pub fn id_of<F: 'static>(_: &F) -> TypeId {
    TypeId::of::<F>()
}

/// A view of the request; its methods need no bound.
pub struct ViewOf<R: ?Sized> {
    pub visibility: Visibility,
    pub get: fn(&RawRequest) -> &R,
}

impl<R: ?Sized> Clone for ViewOf<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R: ?Sized> Copy for ViewOf<R> {}

/// The view of a request parameter, of a function or a guard; the one place where its type is
/// checked.
pub fn view_of<R: RequestView + ?Sized>() -> ViewOf<R> {
    ViewOf { visibility: R::VISIBILITY, get: R::view }
}

/// A view of the request that a function may have whose response is kept.
#[diagnostic::on_unimplemented(
    message = "a function with `idempotent` cannot take `&{Self}`",
    label = "sees the whole request",
    note = "its response may set cookies, and is repeated without them: take `&Request` or `&UserRequest`"
)]
pub trait KeptView {}

impl KeptView for Request {}
impl KeptView for UserRequest {}

pub fn kept_view<R: KeptView + ?Sized>() {}

/// What a function may give whose response is kept.
#[diagnostic::on_unimplemented(
    message = "a function with `idempotent` cannot return a page",
    label = "not data",
    note = "the response of a page is not kept: return data, or remove `idempotent`"
)]
pub trait KeptOutput {}

impl<T> KeptOutput for ValueCodec<T> {}

pub fn kept_output<O: KeptOutput>(_: &O) {}

/// Links a descriptor into the binary.
#[doc(hidden)]
#[macro_export]
macro_rules! __mizan_link {
    ($descriptor:path) => {
        #[$crate::__private::linkme::distributed_slice($crate::__private::FUNCTIONS)]
        #[linkme(crate = $crate::__private::linkme)]
        static __MIZAN: fn() -> $crate::__private::Function = $descriptor;
    };
}

pub use crate::__mizan_link as link;

/// A type whose default may be written as a text.
#[diagnostic::on_unimplemented(
    message = "a text cannot be the default of `{Self}`",
    label = "not a value of this type",
    note = "write an expression of the argument's type, like `#[default = 1]` or `#[default = Some(1)]`"
)]
pub trait TextDefault {
    fn from_text(text: &'static str) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: From<&'static str>> TextDefault for T {
    fn from_text(text: &'static str) -> Self {
        text.into()
    }
}

/// Finds out what `affects = path` names: the inherent method answers for contexts.
pub struct TargetProbe<'a, T>(pub &'a T);

impl<C: Context> TargetProbe<'_, C> {
    pub fn target(self, _: &'static str) -> AffectsTarget {
        AffectsTarget(TargetKind::Context(ContextRef::of::<C>()))
    }
}

/// The case of everything that is not a context: `build()` looks for a function of that identity.
pub trait FunctionTarget {
    fn target(self, path: &'static str) -> AffectsTarget;
}

impl<F: 'static> FunctionTarget for TargetProbe<'_, F> {
    fn target(self, path: &'static str) -> AffectsTarget {
        AffectsTarget(TargetKind::Function { id: TypeId::of::<F>(), path })
    }
}

/// Finds the leaf of a return type: the inherent method answers for `Result`, by any alias.
pub struct ReturnProbe<R>(PhantomData<fn() -> R>);

impl<R> ReturnProbe<R> {
    #[expect(clippy::new_without_default, reason = "written by the macro only")]
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T, E> ReturnProbe<Result<T, E>> {
    pub fn leaf(self) -> LeafProbe<T> {
        LeafProbe(PhantomData)
    }
}

/// The leaf of every other type is the type.
pub trait PlainReturn<R> {
    fn leaf(self) -> LeafProbe<R>;
}

impl<R> PlainReturn<R> for ReturnProbe<R> {
    fn leaf(self) -> LeafProbe<R> {
        LeafProbe(PhantomData)
    }
}

/// Tells views from data: the inherent method answers for [`View`].
pub struct LeafProbe<T>(PhantomData<fn() -> T>);

impl LeafProbe<View> {
    pub fn tag(self) -> ViewTag {
        ViewTag
    }
}

pub trait ValueLeaf<T> {
    fn tag(self) -> ValueTag<T>;
}

impl<T> ValueLeaf<T> for LeafProbe<T> {
    fn tag(self) -> ValueTag<T> {
        ValueTag(PhantomData)
    }
}

pub struct ViewTag;
pub struct ValueTag<T>(PhantomData<fn() -> T>);

impl ViewTag {
    pub fn codec(self) -> ViewCodec {
        ViewCodec
    }
}

impl<T> ValueTag<T> {
    /// The bound is on the method, so that a type without it is reported in Mizan's words.
    pub fn codec(self) -> ValueCodec<T>
    where
        T: Output,
    {
        ValueCodec::new()
    }
}

/// The codec of what a function with `Each<K>` returns; the one place where its type is checked.
pub fn found<K, R: EachResult<K>>(_: LeafProbe<R>) -> R::Codec
where
    R::Value: Output,
{
    R::codec()
}

/// A returned value, split into value and error: the inherent method answers for `Result`.
pub struct Returned<R>(pub R);

impl<T, E> Returned<Result<T, E>> {
    pub fn split(self) -> Result<T, E> {
        self.0
    }
}

pub trait PlainValue<R> {
    fn split(self) -> Result<R, std::convert::Infallible>;
}

impl<R> PlainValue<R> for Returned<R> {
    fn split(self) -> Result<R, std::convert::Infallible> {
        Ok(self.0)
    }
}

/// Turns what a function failed with into an [`Error`]: first Mizan's own, then what converts into a
/// [`ClientError`], then any standard error.
pub struct Fault<E>(Option<E>);

impl<E> Fault<E> {
    pub fn new(error: E) -> Self {
        Self(Some(error))
    }
}

impl Fault<Error> {
    pub fn into_error(&mut self) -> Error {
        self.0.take().unwrap_or_else(|| Error::internal("an error was taken twice"))
    }
}

pub trait ClientFault {
    fn into_error(self) -> Error;
}

impl<E: Into<ClientError>> ClientFault for Fault<E> {
    fn into_error(self) -> Error {
        match self.0 {
            Some(error) => error.into().into(),
            None => Error::internal("an error was taken twice"),
        }
    }
}

pub trait ForeignFault<E> {
    #[expect(clippy::wrong_self_convention, reason = "a reference is tried after a value")]
    fn into_error(&mut self) -> Error
    where
        E: ErrorSource;
}

impl<E> ForeignFault<E> for Fault<E> {
    fn into_error(&mut self) -> Error
    where
        E: ErrorSource,
    {
        match self.0.take() {
            Some(error) => error.into_error(),
            None => Error::internal("an error was taken twice"),
        }
    }
}

/// A type with which a function may fail.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a `#[client]` function",
    label = "not an error type",
    note = "return `mizan_core::Result<T>`, or an error that implements `std::error::Error`",
    note = "for a text that the client may see: `mizan_core::Error::bad_request(\"…\")`"
)]
pub trait ErrorSource {
    fn into_error(self) -> Error;
}

#[diagnostic::do_not_recommend]
impl<E: std::error::Error + Send + Sync + 'static> ErrorSource for E {
    fn into_error(self) -> Error {
        self.into()
    }
}

/// What a guard may answer: yes or no, or a refusal in its own words.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not what a guard returns",
    label = "not what a guard returns",
    note = "a guard returns `bool` or `mizan_core::Result<bool>`"
)]
pub trait Verdict {
    fn verdict(self) -> Result<bool>;
}

impl Verdict for bool {
    fn verdict(self) -> Result<bool> {
        Ok(self)
    }
}

impl Verdict for Result<bool> {
    fn verdict(self) -> Result<bool> {
        self
    }
}

/// What a guard that may be sync or async: first [`SyncAnswer`], then [`AsyncAnswer`], then
/// [`NoAnswer`].
pub struct Answer<A>(Option<A>, NoAnswer<A>);

impl<A> Answer<A> {
    pub fn new(answer: A) -> Self {
        Self(Some(answer), NoAnswer(PhantomData))
    }
}

/// Guards that answer at once.
pub trait SyncAnswer<A> {
    fn resolve(self) -> std::future::Ready<Option<A>>;
}

impl<A: Verdict> SyncAnswer<A> for Answer<A> {
    fn resolve(self) -> std::future::Ready<Option<A>> {
        std::future::ready(self.0)
    }
}

/// Guards that answer later.
pub trait AsyncAnswer<A: Future> {
    fn resolve(&mut self) -> impl Future<Output = Option<A::Output>> + Send
    where
        A: Send;
}

impl<A: Future> AsyncAnswer<A> for Answer<A> {
    fn resolve(&mut self) -> impl Future<Output = Option<A::Output>> + Send
    where
        A: Send,
    {
        let answer = self.0.take();
        async move {
            match answer {
                Some(answer) => Some(answer.await),
                None => None,
            }
        }
    }
}

/// A return type that is not a guard's; the bound reports it in Mizan's words.
pub struct NoAnswer<A>(PhantomData<fn() -> A>);

impl<A> Deref for Answer<A> {
    type Target = NoAnswer<A>;
    fn deref(&self) -> &NoAnswer<A> {
        &self.1
    }
}

impl<A> NoAnswer<A> {
    pub fn resolve(&self) -> std::future::Ready<Option<A>>
    where
        A: Verdict,
    {
        std::future::ready(None)
    }
}

/// What a guard said; a guard that said nothing denies.
pub fn verdict<V: Verdict>(answer: Option<V>) -> Result<bool> {
    answer.map_or(Ok(false), Verdict::verdict)
}
