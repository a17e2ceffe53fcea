//! How a function is run: its arguments read, its future, what it gives.

use std::any::Any;
use std::marker::PhantomData;
use std::sync::Arc;

use super::{OutputKind, Violations};
use crate::args::{Source, Tuple};
use crate::error::{Error, FieldErrors, Result};
use crate::output::{Ready, ValueCodec};
use crate::request::RawRequest;
use crate::state::{State, States};
use crate::task::{BoxFuture, Held, Runtime};
use crate::view::View;

/// How a function is run: arguments first, so that everything is checked before anything happens.
pub(crate) trait Body: Send + Sync {
    /// Reads the arguments. FieldErrors of values are collected; an error is a fault of form.
    fn decode(
        &self,
        source: Source<'_>,
        faults: &mut FieldErrors,
    ) -> Result<Option<Box<dyn Decoded>>>;
    /// One argument as JSON, without reading the others; `None` where it cannot be read.
    fn argument_json(&self, source: Source<'_>, index: usize) -> Option<Vec<u8>>;
}

pub(crate) type Running = BoxFuture<'static, Result<Outcome>>;

/// A run for several entries: each outcome with the positions of its entries.
pub(crate) type RunningEach = BoxFuture<'static, Result<Vec<(Vec<usize>, Result<Outcome>)>>>;

/// A function with its arguments read.
pub(crate) trait Decoded: Any + Send {
    /// Appends an argument as JSON, for scoping and keys; false where it cannot be written.
    fn write_json(&self, index: usize, buffer: &mut Vec<u8>) -> bool;
    /// Checks, in debug builds, that the text of an argument is a function of its value.
    ///
    /// # Errors
    /// `INTERNAL_ERROR` where it is not.
    fn check_text(&self, index: usize) -> Result<()>;
    /// Runs the function.
    fn run(self: Box<Self>, call: Invocation) -> Running;
    /// For a function with [`Each`](crate::Each): its other arguments as text. Entries with the same text are one run.
    fn group(&self) -> Option<Vec<u8>> {
        None
    }
    /// Runs it for this entry and for others of its group.
    fn run_with(self: Box<Self>, _: Vec<Box<dyn Decoded>>, call: Invocation) -> RunningEach {
        let running = self.run(call);
        Box::pin(async move { Ok(vec![(vec![0], running.await)]) })
    }
}

/// What a function answered.
pub enum Outcome {
    /// Data.
    #[doc(hidden)]
    #[expect(private_interfaces, reason = "made by codecs only")]
    Value(Box<dyn Ready>),
    /// A page or redirect.
    View(View),
}

/// What a body gets besides its arguments.
pub struct Invocation {
    pub(crate) request: Arc<RawRequest>,
    pub(crate) states: States,
    pub(crate) runtime: Runtime,
    /// The place of the call, which work on the blocking pool keeps until it ends.
    pub(crate) place: Option<Held>,
}

impl Invocation {
    /// The whole request; narrow it with [`RequestView::view`](crate::RequestView::view).
    pub fn request(&self) -> Arc<RawRequest> {
        Arc::clone(&self.request)
    }

    /// The state at a position of the function's list.
    ///
    /// # Errors
    /// `INTERNAL_ERROR` where there is none of this type.
    pub fn state<T: Send + Sync + 'static>(&self, position: usize) -> Result<State<T>> {
        self.states
            .get(position)
            .ok_or_else(|| Error::internal("a state was resolved to another type"))
    }

    /// Runs blocking code on the blocking pool. A panic there goes on here.
    ///
    /// # Errors
    /// `UNAVAILABLE` where the runtime has ended, `INTERNAL_ERROR` where it ends before the work.
    pub async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let place = self.place.clone();
        let held = move || {
            let result = work();
            drop(place);
            result
        };
        self.runtime.blocking(held).await
    }
}

/// How results of a function become outcomes; [`ValueCodec`] and [`ViewCodec`].
pub trait OutputCodec {
    #[doc(hidden)]
    #[expect(private_interfaces, reason = "the trait is reachable from generated code only")]
    fn kind(&self) -> OutputKind;
}

impl<T> OutputCodec for ValueCodec<T> {
    #[expect(private_interfaces, reason = "see the trait")]
    fn kind(&self) -> OutputKind {
        OutputKind::Value(Arc::new(self.schema))
    }
}

impl<T: Send + 'static> ValueCodec<T> {
    /// The outcome that holds this value.
    pub fn finish(self, value: T) -> Outcome {
        Outcome::Value(self.ready(value))
    }
}

/// How views become outcomes.
#[derive(Debug, Clone, Copy)]
pub struct ViewCodec;

impl OutputCodec for ViewCodec {
    #[expect(private_interfaces, reason = "see the trait")]
    fn kind(&self) -> OutputKind {
        OutputKind::View
    }
}

impl ViewCodec {
    /// The outcome that is this view.
    pub fn finish(self, view: View) -> Outcome {
        Outcome::View(view)
    }
}

/// Validation of argument values, where a function asks for it.
pub type Check<V> = Option<fn(V, &mut Violations<'_>) -> V>;

pub(super) struct Typed<C: Tuple, F, R> {
    codecs: Arc<C>,
    names: Vec<&'static str>,
    check: Check<C::Values>,
    body: Arc<F>,
    result: PhantomData<fn() -> R>,
}

impl<C: Tuple, F, R> Typed<C, F, R> {
    pub(super) fn new(
        codecs: C,
        names: Vec<&'static str>,
        check: Check<C::Values>,
        body: F,
    ) -> Self {
        let (codecs, body) = (Arc::new(codecs), Arc::new(body));
        Self { codecs, names, check, body, result: PhantomData }
    }
}

impl<C, F, R> Body for Typed<C, F, R>
where
    C: Tuple,
    F: Fn(C::Values, Invocation) -> R + Send + Sync + 'static,
    R: Future<Output = Result<Outcome>> + Send + 'static,
{
    fn decode(
        &self,
        source: Source<'_>,
        faults: &mut FieldErrors,
    ) -> Result<Option<Box<dyn Decoded>>> {
        let values = self.codecs.decode(&self.names, source, faults)?;
        Ok(values.map(|values| {
            let values = match self.check {
                Some(check) => check(values, &mut Violations::new(faults, source)),
                None => values,
            };
            let (codecs, body) = (Arc::clone(&self.codecs), Arc::clone(&self.body));
            Box::new(TypedCall { values, codecs, body }) as Box<dyn Decoded>
        }))
    }

    fn argument_json(&self, source: Source<'_>, index: usize) -> Option<Vec<u8>> {
        self.codecs.argument_json(&self.names, source, index)
    }
}

struct TypedCall<C: Tuple, F> {
    values: C::Values,
    codecs: Arc<C>,
    body: Arc<F>,
}

impl<C, F, R> Decoded for TypedCall<C, F>
where
    C: Tuple,
    F: Fn(C::Values, Invocation) -> R + Send + Sync + 'static,
    R: Future<Output = Result<Outcome>> + Send + 'static,
{
    fn write_json(&self, index: usize, buffer: &mut Vec<u8>) -> bool {
        self.codecs.write_json(&self.values, index, buffer)
    }

    fn check_text(&self, index: usize) -> Result<()> {
        self.codecs.check_text(&self.values, index)
    }

    fn run(self: Box<Self>, call: Invocation) -> Running {
        Box::pin((self.body)(self.values, call))
    }
}
