//! The descriptor of one function: everything that `#[client]` says, in one value.

use std::any::TypeId;
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use schemars::{Schema, SchemaGenerator};
use serde_json::Value;

use crate::args::{Source, Tuple};
use crate::auth::Guard;
use crate::context::{AffectsTarget, ContextRef};
use crate::error::{Error, Faults, Result};
use crate::output::{Ready, ValueCodec};
use crate::request::{RawRequest, Visibility};
use crate::runtime::Runtime;
use crate::state::{State, StateNeed, States};
use crate::view::View;

/// Where something was declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    file: &'static str,
    line: u32,
}

impl Location {
    /// A place in a source file.
    pub const fn at(file: &'static str, line: u32) -> Self {
        Self { file, line }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// How long a bundle may be kept, by one of its members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CacheRule {
    /// As long as the cache keeps things.
    Default,
    /// Not at all.
    Never,
    /// So many seconds.
    Seconds(u32),
}

/// One wire argument, without its type.
#[derive(Clone)]
pub(crate) struct Param {
    pub(crate) name: Cow<'static, str>,
    pub(crate) schema: SchemaOf,
    pub(crate) required: bool,
    pub(crate) default: Option<Value>,
    /// Whether the value can be shown as JSON, which scoping needs.
    pub(crate) json: bool,
}

pub(crate) type SchemaOf = Arc<dyn Fn(&mut SchemaGenerator) -> Schema + Send + Sync>;

/// What a function answers with.
#[derive(Clone)]
pub(crate) enum OutputKind {
    Value(SchemaOf),
    View,
}

/// A function that the framework can offer: its wire name, its options and a way to run it.
///
/// `#[client]` writes one beside each function and links it into the binary; [`Function::dynamic`]
/// builds one with names that are known at run time only. Mistakes are reported by
/// [`Builder::build`](crate::Builder::build), all at once.
#[derive(Clone)]
pub struct Function {
    pub(crate) name: Cow<'static, str>,
    pub(crate) doc: Option<Cow<'static, str>>,
    pub(crate) place: Location,
    pub(crate) id: Option<TypeId>,
    pub(crate) context: Option<ContextRef>,
    pub(crate) affects: Vec<AffectsTarget>,
    pub(crate) merge: Vec<AffectsTarget>,
    pub(crate) key: Option<Cow<'static, str>>,
    pub(crate) scope: Option<Vec<ScopeRule>>,
    pub(crate) private: bool,
    pub(crate) route: Option<Cow<'static, str>>,
    pub(crate) methods: Option<Vec<Cow<'static, str>>>,
    pub(crate) pages: Option<&'static str>,
    pub(crate) auth: Option<Guard>,
    pub(crate) websocket: bool,
    pub(crate) rev: u64,
    pub(crate) cache: CacheRule,
    pub(crate) sees: Visibility,
    pub(crate) params: Vec<Param>,
    pub(crate) states: Vec<StateNeed>,
    pub(crate) output: OutputKind,
    pub(crate) body: Arc<dyn Body>,
}

/// One pair of an explicit `scope`: a context's parameter and the argument that pins it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ScopeRule {
    pub(crate) param: Cow<'static, str>,
    pub(crate) argument: Cow<'static, str>,
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Function")
            .field("name", &self.name)
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

/// How a function is run: arguments first, so that everything is checked before anything happens.
pub(crate) trait Body: Send + Sync {
    /// Reads the arguments. Faults of values are collected; an error is a fault of form.
    fn decode(&self, source: Source<'_>, faults: &mut Faults) -> Result<Option<Box<dyn Decoded>>>;
}

pub(crate) type Running = Pin<Box<dyn Future<Output = Result<Outcome>> + Send>>;

/// A function with its arguments read.
pub(crate) trait Decoded: Send {
    /// An argument as JSON, for scoping and keys.
    fn json(&self, index: usize) -> Option<Value>;
    /// Runs the function.
    fn run(self: Box<Self>, call: Invocation) -> Running;
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
}

impl Invocation {
    /// The whole request; narrow it with [`RequestView::view`](crate::RequestView::view).
    pub fn request(&self) -> Arc<RawRequest> {
        Arc::clone(&self.request)
    }

    /// The state at a position of the function's list.
    pub fn state<T: Send + Sync + 'static>(&self, position: usize) -> Result<State<T>> {
        self.states
            .get(position)
            .ok_or_else(|| Error::internal("a state was resolved to another type"))
    }

    /// Runs blocking code on the blocking pool. A panic there goes on here.
    pub async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        self.runtime.blocking(work).await
    }
}

/// The part of a descriptor that is plain data, as the macro writes it.
pub struct Head {
    /// The wire name.
    pub name: &'static str,
    /// The doc comment, or empty.
    pub doc: &'static str,
    /// Where the function stands.
    pub place: Location,
    /// The identity of the function item.
    pub id: TypeId,
}

impl Function {
    /// A descriptor around a function with typed arguments.
    #[doc(hidden)]
    pub fn typed<C, O, F, R>(
        head: Head,
        codecs: C,
        check: Check<C::Values>,
        output: O,
        body: F,
    ) -> Self
    where
        C: Tuple,
        O: OutputCodec,
        F: Fn(C::Values, Invocation) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Outcome>> + Send + 'static,
    {
        let described = codecs.describe();
        let names = described.iter().map(|param| param.name).collect();
        let params = described.into_iter().map(|param| Param {
            name: Cow::Borrowed(param.name),
            schema: Arc::new(param.schema),
            required: param.required,
            default: param.default,
            json: param.json,
        });
        let params: Vec<Param> = params.collect();
        let (codecs, body) = (Arc::new(codecs), Arc::new(body));
        let typed = Typed { codecs, names, check, body, result: PhantomData };
        Self {
            name: Cow::Borrowed(head.name),
            doc: (!head.doc.is_empty()).then_some(Cow::Borrowed(head.doc)),
            place: head.place,
            id: Some(head.id),
            params,
            output: output.kind(),
            ..Self::with_body(Arc::new(typed))
        }
    }

    pub(crate) fn with_body(body: Arc<dyn Body>) -> Self {
        Self {
            name: Cow::Borrowed(""),
            doc: None,
            place: Location::at("", 0),
            id: None,
            context: None,
            affects: Vec::new(),
            merge: Vec::new(),
            key: None,
            scope: None,
            private: false,
            route: None,
            methods: None,
            pages: None,
            auth: None,
            websocket: false,
            rev: 0,
            cache: CacheRule::Default,
            sees: Visibility::Public,
            params: Vec::new(),
            states: Vec::new(),
            output: OutputKind::View,
            body,
        }
    }

    /// The wire name.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn is_view(&self) -> bool {
        matches!(self.output, OutputKind::View)
    }

    /// How far the function and its guard look.
    pub(crate) fn scope_of_answer(&self) -> Visibility {
        self.auth.as_ref().map_or(self.sees, |guard| self.sees.max(guard.scope()))
    }

    pub(crate) fn param(&self, name: &str) -> Option<(usize, &Param)> {
        self.params.iter().enumerate().find(|(_, param)| param.name == name)
    }
}

/// Sets one field and gives the descriptor back; the words are those of the attribute.
macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $type:ty),*) $function:ident => $body:expr;)*) => {
        impl Function {
            $($(#[$doc])* pub fn $name(mut self, $($arg: $type),*) -> Self {
                let $function = &mut self;
                $body;
                self
            })*
        }
    };
}

setters! {
    /// The doc comment.
    doc(text: impl Into<Cow<'static, str>>) function => function.doc = Some(text.into());
    /// Makes the function a read of a context, by the context's wire name.
    context(name: impl Into<Cow<'static, str>>) function => function.context = Some(ContextRef::named(name));
    /// Adds a target that a call invalidates: a context's or a function's wire name.
    affects(target: impl Into<AffectsTarget>) function => function.affects.push(target.into());
    /// Adds a context into which the result is merged.
    merge(target: impl Into<AffectsTarget>) function => function.merge.push(target.into());
    /// The field by which a merge finds its element in a list.
    key(field: impl Into<Cow<'static, str>>) function => function.key = Some(field.into());
    /// Turns off scoping by argument names.
    scope_none() function => function.scope = Some(Vec::new());
    /// Adds a pair to an explicit scope: a context's parameter and the argument that pins it.
    scope(param: impl Into<Cow<'static, str>>, argument: impl Into<Cow<'static, str>>) function => {
        let rule = ScopeRule { param: param.into(), argument: argument.into() };
        function.scope.get_or_insert_default().push(rule)
    };
    /// Makes the function unreachable for clients.
    private() function => function.private = true;
    /// The route of a view, with parts `<name>`.
    route(pattern: impl Into<Cow<'static, str>>) function => function.route = Some(pattern.into());
    /// Adds a method of the route.
    method(name: impl Into<Cow<'static, str>>) function => function.methods.get_or_insert_default().push(name.into());
    /// Asks for a signed-in caller.
    auth_required() function => function.auth = Some(Guard::Required);
    /// Asks for staff.
    auth_staff() function => function.auth = Some(Guard::Staff);
    /// Asks for a superuser.
    auth_superuser() function => function.auth = Some(Guard::Superuser);
    /// How far the function looks at its request: what a run-time function is shown, and how what it
    /// reads may be cached.
    sees(scope: Visibility) function => function.sees = scope;
    /// The function is called over the WebSocket.
    websocket() function => function.websocket = true;
    /// The revision of what a read computes; another revision is another cache entry.
    rev(revision: u64) function => function.rev = revision;
    /// How many seconds a cache may keep what a read computes; 0 is never.
    cache(seconds: u32) function => function.cache = match seconds {
        0 => CacheRule::Never,
        seconds => CacheRule::Seconds(seconds),
    };
}

/// The part of a descriptor that only the macro can write, since it names types.
#[doc(hidden)]
impl Function {
    pub fn context_type<C: crate::context::Context>(mut self) -> Self {
        self.context = Some(ContextRef::of::<C>());
        self
    }

    pub fn state<T: Send + Sync + 'static>(mut self) -> Self {
        self.states.push(StateNeed::of::<T>());
        self
    }

    pub fn pages(mut self, path: &'static str) -> Self {
        self.pages = Some(path);
        self
    }

    pub fn auth_predicate<F>(mut self, scope: Visibility, check: F) -> Self
    where
        F: Fn(Arc<RawRequest>) -> crate::auth::GuardFuture + Send + Sync + 'static,
    {
        self.auth = Some(Guard::Predicate { scope, check: Arc::new(check) });
        self
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

/// Messages of validation, collected by generated code.
pub struct Violations<'a>(&'a mut Faults);

impl Violations<'_> {
    /// Adds a message at a path, as the validator writes it (`body.tags[1]`).
    pub fn add(&mut self, path: impl ToString, message: impl ToString) {
        let path = path.to_string().replace('[', ".").replace(']', "");
        self.0.add(path, message.to_string());
    }
}

struct Typed<C: Tuple, F, R> {
    codecs: Arc<C>,
    names: Vec<&'static str>,
    check: Check<C::Values>,
    body: Arc<F>,
    result: PhantomData<fn() -> R>,
}

impl<C, F, R> Body for Typed<C, F, R>
where
    C: Tuple,
    F: Fn(C::Values, Invocation) -> R + Send + Sync + 'static,
    R: Future<Output = Result<Outcome>> + Send + 'static,
{
    fn decode(&self, source: Source<'_>, faults: &mut Faults) -> Result<Option<Box<dyn Decoded>>> {
        let values = self.codecs.decode(&self.names, source, faults)?;
        Ok(values.map(|values| {
            let values = match self.check {
                Some(check) => check(values, &mut Violations(faults)),
                None => values,
            };
            let (codecs, body) = (Arc::clone(&self.codecs), Arc::clone(&self.body));
            Box::new(TypedCall { values, codecs, body }) as Box<dyn Decoded>
        }))
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
    fn json(&self, index: usize) -> Option<Value> {
        self.codecs.json(&self.values, index)
    }

    fn run(self: Box<Self>, call: Invocation) -> Running {
        Box::pin((self.body)(self.values, call))
    }
}
