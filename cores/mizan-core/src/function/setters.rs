//! The options of a descriptor, one setter each.

use std::any::TypeId;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use super::{
    AffectsTarget, CacheRule, Context, ContextRef, Function, Guard, GuardFuture, RateRule,
    ScopeRule,
};
use crate::range::CursorKey;
use crate::request::RawRequest;
use crate::state::StateNeed;
use crate::visibility::Visibility;
use crate::webhook::{Webhook, WebhookNeed};

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
    /// Adds a target that a call invalidates: a context's or a function's wire name. Where both have that name,
    /// `"context:user"` and `"function:user"` say which.
    affects(target: impl Into<AffectsTarget>) function => function.affects.push(target.into());
    /// Adds a context into which the result is merged.
    merge(target: impl Into<AffectsTarget>) function => function.merge.push(target.into());
    /// The field by which a merge finds its element in a list.
    key(field: impl Into<Cow<'static, str>>) function => function.key = Some(field.into());
    /// Turns off scoping by argument names: the call touches every entry of what it affects.
    scope_none() function => function.scope = Some(Vec::new());
    /// Adds a pair to an explicit scope: a context's parameter and the argument that pins it. Without one, arguments
    /// pin the required parameters of the same name that identify (integers, UUIDs, ids, slugs and keys), and
    /// [`build`](crate::Builder::build) asks about the others.
    scope(param: impl Into<Cow<'static, str>>, argument: impl Into<Cow<'static, str>>) function => {
        let rule = ScopeRule { param: param.into(), argument: argument.into() };
        function.scope.get_or_insert_default().push(rule)
    };
    /// Makes the function unreachable for clients.
    private() function => function.private = true;
    /// Lets a machine call the function whose signature the state `Webhook` verifies.
    webhook() function => function.webhook = Some(WebhookNeed::of::<Webhook>());
    /// The path of a view, with parts `<name>`, or of a private function.
    route(pattern: impl Into<Cow<'static, str>>) function => function.route = Some(pattern.into());
    /// Adds a method of the route.
    method(name: impl Into<Cow<'static, str>>) function => function.methods.get_or_insert_default().push(name.into());
    /// Asks for a signed-in caller.
    auth_required() function => function.auth = Some(Guard::Required);
    /// Asks for staff.
    auth_staff() function => function.auth = Some(Guard::Staff);
    /// Asks for a superuser.
    auth_superuser() function => function.auth = Some(Guard::Superuser);
    /// How far the function reads its request: what a run-time function is shown, and how what it
    /// reads may be cached.
    visibility(visibility: Visibility) function => function.visibility = visibility;
    /// The function is called over the WebSocket.
    websocket() function => function.websocket = true;
    /// A call runs to its end, whether or not a caller waits for it, though it declares no change.
    detach() function => function.detach = true;
    /// A call that is sent again with the same `Idempotency-Key` within 10 minutes has one effect and the same response. It
    /// runs to its end, whether or not a caller waits for it. For a call of clients that returns data and does not see
    /// the whole request: for a run-time function set [`Function::visibility`].
    idempotent() function => function.idempotent = true;
    /// How many calls may be under way at one time: 1 or more. One more is a 503. Without it a quarter of
    /// [`Limits::calls`](crate::Limits::calls), and for a function that is not `async` 128 at most.
    at_once(calls: u32) function => function.at_once = Some(calls);
    /// Adds a rate: `"5/min"` for each caller, `"10/5min by name"` for each value of an argument, over all callers.
    rate(text: impl Into<Cow<'static, str>>) function => {
        let text = text.into();
        function.rates.push(RateRule::parse(&text).ok_or_else(|| text.into_owned()))
    };
    /// How long a caller waits for it, from a millisecond to an hour. For a call it replaces
    /// [`Limits::call_timeout`](crate::Limits::call_timeout), longer or shorter; a read has no other limit. A caller who has
    /// waited for so long gets a 503.
    timeout(time: Duration) function => function.timeout = Some(time);
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
    pub fn context_type<C: Context>(mut self) -> Self {
        self.context = Some(ContextRef::of::<C>());
        self
    }

    pub fn state<T: Send + Sync + 'static>(mut self) -> Self {
        self.states.push(StateNeed::of::<T>());
        self
    }

    pub fn webhook_state<T: AsRef<Webhook> + Send + Sync + 'static>(mut self) -> Self {
        self.webhook = Some(WebhookNeed::of::<T>());
        self
    }

    /// The three arguments from this position on stand for a range of such keys.
    pub fn range<K: CursorKey>(mut self, at: usize) -> Self {
        self.range = Some(K::MAX_BYTES);
        self.arguments.iter_mut().skip(at).take(3).for_each(|argument| argument.range = true);
        self
    }

    pub fn blocking(mut self) -> Self {
        self.is_blocking = true;
        self
    }

    /// The function that lists the arguments of the pages to have from the start, and the path that was written.
    pub fn pages<F: 'static>(mut self, _: &F, path: &'static str) -> Self {
        self.pages = Some((TypeId::of::<F>(), path));
        self
    }

    pub fn auth_predicate<F>(mut self, visibility: Visibility, check: F) -> Self
    where
        F: Fn(Arc<RawRequest>) -> GuardFuture + Send + Sync + 'static,
    {
        self.auth = Some(Guard::Predicate { visibility, check: Arc::new(check) });
        self
    }
}
