//! The macros of Mizan.
//!
#![doc = include_str!("../README.md")]
//!
//! # Inside
//!
//! A function goes through a pipeline: `attr` reads the attribute and `signature` the `item`, each into what was
//! written; `check` joins them into a `model` without contradictions (`garde` finds out whether rules can be
//! checked); `expand` writes the descriptor next to the function, and `validate` the checks of its arguments. After a
//! mistake `fallback` still emits the function, so that no second wave of errors follows.

#![warn(missing_docs)]

mod attr;
mod check;
mod derive_context;
mod derive_each_key;
mod errors;
mod expand;
mod fallback;
mod functions;
mod garde;
mod item;
mod keyword;
mod model;
mod range;
mod rate;
mod signature;
mod time;
mod types;
mod validate;

use proc_macro::TokenStream;

/// Offers a function to clients.
///
/// ```ignore
/// #[client(context = UserContext)]
/// async fn user_profile(db: State<Db>, user_id: i64) -> Result<Profile> { /* … */ }
///
/// #[client(affects = UserContext)]
/// async fn rename(db: State<Db>, user_id: i64, name: String) -> Result<Profile> { /* … */ }
/// ```
///
/// The function may be `async` (it runs on the runtime) or not (it runs on the blocking pool), and
/// stays an ordinary function. Its parameters, in this order: one reference to a view of the request
/// (`&Request`, `&UserRequest`, `&RawRequest`), any number of `State<T>`, then at most 12 wire
/// arguments of owned types. `#[default = value]` on an argument gives it a default, `#[garde(…)]`
/// validates it, and an `Option<T>` may be left out.
///
/// # Cancellation
///
/// A call that declares a change (`affects`, `merge`) runs to its end once it has begun, whether or not a caller waits for it, and so does
/// one whose function has asked for `request.session()` or called `request.invalidate(…)`, one by a route that is not a
/// page, and one with the word `detach` or `idempotent`. Any other call stops at an `await` when its caller goes away or has waited for as long as
/// its `timeout` says, else `Limits::call_timeout`, as a read and a page do. A function that is not `async` cannot be stopped: it runs to its
/// end on the blocking pool, and keeps its place among the calls until then.
///
/// # Words
///
/// | word | value | default | example | meaning |
/// | --- | --- | --- | --- | --- |
/// | `context` | type or text | none: the function is a call | `context = UserContext` | a read of that context |
/// | `affects` | context, path of a function, text (`"context:user"` or `"function:user"` where two have one name), or a list | nothing becomes stale | `affects = [UserContext, order_list]` | what a call makes stale |
/// | `merge` | context, or a list | none | `merge = CartContext` | the result goes into the member with the same type of that context |
/// | `key` | text | none: the result replaces the member | `key = "id"` | the field by which a merge finds its element in a list |
/// | `scope` | list of names, or `none` | the arguments that identify | `scope = [user_id = id]` | which parameters of a context the arguments pin |
/// | `private` | word alone | clients may call it | `private` | not callable by clients |
/// | `webhook` | word alone, or the type of a state | none | `webhook = BankWebhook` | a machine calls it, and its signature is verified first, by the state `Webhook` or another |
/// | `route` | text | none | `route = "/profile/<user_id>/"` | where a view is mounted, or a private function, which may respond with data |
/// | `methods` | list of texts | `GET` for a read, `POST` for a call | `methods = ["GET"]` | the methods of the route |
/// | `pages` | path | none | `pages = listing` | a function that lists the arguments of the pages to render ahead |
/// | `auth` | word alone, `"staff"`, `"superuser"`, or the path of a predicate | everyone | `auth = "staff"` | who may run it |
/// | `websocket` | word alone | off | `websocket` | called over the WebSocket |
/// | `detach` | word alone | off | `detach` | a call runs to its end, whether or not a caller waits for it, though it declares no change |
/// | `idempotent` | word alone | off | `idempotent` | a call that is sent again with the same `Idempotency-Key` within 10 minutes has one effect and the same response |
/// | `at_once` | whole number | a quarter of `Limits::calls`; 128 at most for a function that is not `async` | `at_once = 8` | how many calls may be under way at one time |
/// | `rate` | text, or a list | none | `rate = ["5/min", "10/5min by name"]` | how often it may be run: by each caller, or for each value of an argument |
/// | `timeout` | text: a whole number with `ms`, `s`, `min` or `h`, at most `"1h"` | `Limits::call_timeout` for a call, none for a read | `timeout = "5s"` | how long a caller waits for it |
/// | `rev` | whole number | 0 | `rev = 2` | revision of what a read computes |
/// | `cache` | seconds, or `false` | `CachePolicy::ttl` | `cache = 60` | how long a cache may keep it, or not at all |
/// | `name` | text | the name of the function | `name = "profile"` | the wire name |
/// | `crate` | path | `::mizan_core` | `crate = my_crate::mizan_core` | where `mizan_core` is found |
///
/// # Arguments
///
/// A read may have one `Range<K>`, which stands for the three arguments `after`, `until` and `limit` of a list.
///
/// | on an argument | value | default | example | meaning |
/// | --- | --- | --- | --- | --- |
/// | `#[default]` | expression | the argument is required | `#[default = 1] page: u32` | its value where the client leaves it out |
/// | `#[garde]` | rules of garde | none | `#[garde(length(chars, max = 500))] text: String` | rules, checked before the function runs; a 422 names the field |
/// | `Option<T>` | type | the argument is required | `note: Option<String>` | the client may leave it out, or send `null` |
/// | `Each<T>` | type | one run for each entry | `stall_id: Each<i64>` | a read takes the keys of all entries that are read together, and returns `Found<T, V>`; clients see a `T` |
///
/// # Rates
///
/// `"5/min"` counts the runs of each caller: of a subject, else of a session, else of an address (of IPv6 the first 64
/// bits). `"10/5min by name"` counts the runs for each value of an argument, over all callers, and whether the value exists
/// or not. A number lets in as many runs at once, and one more for each part of the time: 5 at once and one every 12
/// seconds, so 9 in a minute at most. One more is a 429 with `Retry-After`, before guards, arguments and marks. The value
/// of an argument is what its type reads: let the type of a name normalise its case, or each spelling counts for itself.
#[proc_macro_attribute]
pub fn client(attribute: TokenStream, item: TokenStream) -> TokenStream {
    expand::client(attribute.into(), item.into()).into()
}

/// Makes a unit struct a context.
///
/// The wire name is the struct's name in snake case without `Context`, or the one given by
/// `#[context(name = "…")]`.
#[proc_macro_derive(Context, attributes(context))]
pub fn derive_context(item: TokenStream) -> TokenStream {
    derive_context::derive(item.into()).into()
}

/// Makes a struct a key of several parameters: `Each<CardKey>` as the argument of a read stands for one parameter for
/// each field, typed and scoped like any other.
///
/// ```ignore
/// #[derive(EachKey, Clone, PartialEq, Eq, Hash)]
/// struct CardKey {
///     stall_id: i64,
///     user_id: i64,
/// }
/// ```
#[proc_macro_derive(EachKey, attributes(each_key))]
pub fn derive_each_key(item: TokenStream) -> TokenStream {
    derive_each_key::derive(item.into()).into()
}

/// Lists descriptors of `#[client]` functions by path: `functions![users::user_profile, rename]`.
///
/// This needs no help from the linker. The path must be the one where the function is, not a
/// re-export of it.
#[proc_macro]
pub fn functions(paths: TokenStream) -> TokenStream {
    functions::functions(paths.into()).into()
}
