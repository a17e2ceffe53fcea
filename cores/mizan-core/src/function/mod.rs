//! The descriptor of one function: everything that `#[client]` says, in one value.

mod body;
mod context;
pub mod dynamic;
mod each;
mod guard;
mod linked;
mod page;
mod rate;
mod setters;
mod violations;

use std::any::TypeId;
use std::borrow::Cow;
use std::fmt;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use schemars::{Schema, SchemaGenerator};
use serde_json::Value;

use crate::args::{Described, Tuple};
use crate::error::Result;
use crate::location::Location;
use crate::state::StateNeed;
use crate::visibility::Visibility;
use crate::webhook::WebhookNeed;

pub(crate) use body::{Body, Decoded, Running};
pub use body::{Check, Invocation, Outcome, OutputCodec, ViewCodec};
pub use context::{AffectsTarget, Context, GlobalContext};
pub(crate) use context::{ContextRef, TargetKind};
pub(crate) use each::MAX_KEYS;
pub use each::{Each, EachKey, EachResult, Found, FoundCodec, Key, KeyCodec, KeyProbe, PlainKey};
pub(crate) use guard::Guard;
pub use guard::GuardFuture;
pub use linked::FUNCTIONS;
pub(crate) use rate::{FORM as RATE_FORM, Rate, RateRule};
pub use violations::Violations;

use body::Typed;
use each::{EachTyped, Shared};

/// How long a bundle may be kept, by one of its members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CacheRule {
    /// As long as the cache keeps things.
    Default,
    /// Not at all.
    Never,
    /// A number of seconds.
    Seconds(u32),
}

/// One wire argument, without its type.
#[derive(Clone)]
pub(crate) struct Argument {
    pub(crate) name: Cow<'static, str>,
    pub(crate) schema: SchemaOf,
    pub(crate) required: bool,
    pub(crate) default: Option<Value>,
    /// Whether the value can be shown as JSON, which scoping needs.
    pub(crate) json: bool,
    /// Whether it says which part of a list is read: it names an entry and no change.
    pub(crate) range: bool,
}

/// Gives the schema of a type, as the generator is set: as it is read, or as it is written.
pub(crate) type SchemaOf = Arc<dyn Fn(&mut SchemaGenerator) -> Schema + Send + Sync>;

/// What a function answers with.
#[derive(Clone)]
pub(crate) enum OutputKind {
    Value(SchemaOf),
    View,
}

/// A function that the framework can offer: its wire name, its options and a way to run it.
///
/// `#[client]` writes one next to each function and links it into the binary; [`Function::dynamic`]
/// builds one with names that are known at run time only. Mistakes are reported by
/// [`Builder::build`](crate::Builder::build), all at once.
#[derive(Clone)]
pub struct Function {
    pub(crate) name: Cow<'static, str>,
    pub(crate) doc: Option<Cow<'static, str>>,
    pub(crate) location: Location,
    pub(crate) id: Option<TypeId>,
    pub(crate) context: Option<ContextRef>,
    pub(crate) affects: Vec<AffectsTarget>,
    pub(crate) merge: Vec<AffectsTarget>,
    pub(crate) key: Option<Cow<'static, str>>,
    pub(crate) scope: Option<Vec<ScopeRule>>,
    pub(crate) private: bool,
    pub(crate) webhook: Option<WebhookNeed>,
    pub(crate) route: Option<Cow<'static, str>>,
    pub(crate) methods: Option<Vec<Cow<'static, str>>>,
    /// The function that lists its pages, and the path that was written.
    pub(crate) pages: Option<(TypeId, &'static str)>,
    pub(crate) auth: Option<Guard>,
    pub(crate) websocket: bool,
    /// Whether it runs on the blocking pool.
    pub(crate) is_blocking: bool,
    /// Whether a call runs to its end though it declares no change.
    pub(crate) detach: bool,
    /// Whether a call that is sent again with the same key has one effect.
    pub(crate) idempotent: bool,
    /// How many calls may be under way at one time.
    pub(crate) at_once: Option<u32>,
    /// How often it may be run; the text of an invalid rate.
    pub(crate) rates: Vec<Result<RateRule, String>>,
    /// How long a caller waits for it.
    pub(crate) timeout: Option<Duration>,
    pub(crate) rev: u64,
    pub(crate) cache: CacheRule,
    pub(crate) visibility: Visibility,
    pub(crate) arguments: Vec<Argument>,
    /// How many bytes the key of its list has at most, if it reads one.
    pub(crate) range: Option<usize>,
    pub(crate) states: Vec<StateNeed>,
    pub(crate) output: OutputKind,
    /// Whether it takes [`Each`].
    pub(crate) takes_each: bool,
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
            .field("location", &self.location)
            .finish_non_exhaustive()
    }
}

/// The part of a descriptor that is plain data, as the macro writes it.
pub struct Head {
    /// The wire name.
    pub name: &'static str,
    /// The doc comment, or empty.
    pub doc: &'static str,
    /// Where the function is declared.
    pub location: Location,
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
        let typed = Typed::new(codecs, names, check, body);
        Self::described(head, described, output.kind(), Arc::new(typed))
    }

    /// A descriptor around a function with [`Each`]; `at` is the position of its key among the other arguments.
    #[doc(hidden)]
    pub fn each<C, K, D, O, F, R>(
        head: Head,
        codecs: C,
        (at, key): (usize, KeyCodec<K, D>),
        check: Check<C::Values>,
        output: O,
        body: F,
    ) -> Self
    where
        C: Tuple,
        K: Clone + Eq + Hash + Send + 'static,
        D: Tuple,
        O: OutputCodec,
        F: Fn(C::Values, Each<K>, Invocation) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Found<K, Outcome>>> + Send + 'static,
    {
        let (mut described, of_key) = (codecs.describe(), key.codecs.describe());
        let names: Vec<&'static str> = described.iter().map(|param| param.name).collect();
        let keys: Vec<&'static str> = of_key.iter().map(|param| param.name).collect();
        described.splice(at..at, of_key);
        let (width, others) = (keys.len(), names.len());
        let shared = Arc::new(Shared { codecs, key, at, width, others, body });
        let typed = EachTyped { shared, names, keys, check };
        let described = Self::described(head, described, output.kind(), Arc::new(typed));
        Self { takes_each: true, ..described }
    }

    fn described(
        head: Head,
        described: Vec<Described>,
        output: OutputKind,
        body: Arc<dyn Body>,
    ) -> Self {
        let arguments = described.into_iter().map(|param| Argument {
            name: Cow::Borrowed(param.name),
            schema: Arc::new(param.schema),
            required: param.required,
            default: param.default,
            json: param.json,
            range: false,
        });
        Self {
            name: Cow::Borrowed(head.name),
            doc: (!head.doc.is_empty()).then_some(Cow::Borrowed(head.doc)),
            location: head.location,
            id: Some(head.id),
            arguments: arguments.collect(),
            output,
            ..Self::with_body(body)
        }
    }

    pub(crate) fn with_body(body: Arc<dyn Body>) -> Self {
        Self {
            name: Cow::Borrowed(""),
            doc: None,
            location: Location::at("", 0),
            id: None,
            context: None,
            affects: Vec::new(),
            merge: Vec::new(),
            key: None,
            scope: None,
            private: false,
            webhook: None,
            route: None,
            methods: None,
            pages: None,
            auth: None,
            websocket: false,
            is_blocking: false,
            detach: false,
            idempotent: false,
            at_once: None,
            rates: Vec::new(),
            timeout: None,
            rev: 0,
            cache: CacheRule::Default,
            visibility: Visibility::Public,
            arguments: Vec::new(),
            range: None,
            states: Vec::new(),
            output: OutputKind::View,
            takes_each: false,
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
    pub(crate) fn widest_visibility(&self) -> Visibility {
        let own = if self.webhook.is_some() { Visibility::Raw } else { self.visibility };
        self.auth.as_ref().map_or(own, |guard| own.max(guard.visibility()))
    }

    /// The types of state that it cannot do without.
    pub(crate) fn needs(&self) -> impl Iterator<Item = &StateNeed> {
        self.states.iter().chain(self.webhook.as_ref().map(|webhook| &webhook.state))
    }

    /// Whether a call runs to its end though it declares no change.
    pub(crate) fn runs_to_its_end(&self) -> bool {
        self.detach || self.idempotent
    }

    /// How often it may be run.
    pub(crate) fn rules(&self) -> impl Iterator<Item = &RateRule> {
        self.rates.iter().filter_map(|rate| rate.as_ref().ok())
    }

    pub(crate) fn argument(&self, name: &str) -> Option<(usize, &Argument)> {
        self.arguments.iter().enumerate().find(|(_, argument)| argument.name == name)
    }
}
