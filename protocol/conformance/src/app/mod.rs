//! The application that `vectors/http_calls.json` describes, as Mizan functions.
//!
//! Left out are the functions whose names this project refuses, and those of the form.

mod contexts;
mod failing;
mod guarded;
mod plain;
mod reads;
mod writes;

use mizan_core::{
    Authenticator, Builder, Error, Function, Identified, Mizan, RequestParts, Result, functions,
};

/// A builder with every function of the registry, and with callers as they are known in this build.
pub fn builder() -> Builder {
    Mizan::builder().functions(functions()).authenticator(NoGoodToken)
}

/// The descriptors of the registry, in its order.
fn functions() -> Vec<Function> {
    functions![
        plain::echo,
        plain::add,
        plain::no_args,
        reads::current_user,
        reads::user_profile,
        reads::user_orders,
        reads::org_orders,
        guarded::prefs_get,
        guarded::staff_report,
        guarded::vault_get,
        guarded::gate_get,
        reads::rev_get,
        reads::mixed_data,
        reads::mixed_page,
        reads::bad_ok,
        reads::bad_boom,
        writes::update_profile,
        writes::touch_many,
        writes::broad,
        writes::dup,
        writes::opt_touch,
        guarded::need_user,
        guarded::need_staff,
        guarded::need_super,
        guarded::need_callable,
        guarded::need_raise,
        guarded::need_crash,
        writes::stripe_webhook,
        writes::update_profile_view,
        failing::boom,
        failing::todo,
        failing::denied,
        failing::gone,
        failing::invalid_body,
        plain::count_tags,
        plain::nested,
        plain::flag,
        plain::ratio,
        plain::opt,
        plain::many,
        writes::add_order,
    ]
}

/// Knows no good token: whoever brings one is refused, everybody else is anonymous.
///
/// It stands in until tokens are verified, and keeps the promise that a bad one is never ignored.
struct NoGoodToken;

impl Authenticator for NoGoodToken {
    fn identify<'a>(&'a self, parts: &'a RequestParts) -> Identified<'a> {
        let brings_one = bearer(parts) || filled(parts.headers.get("x-mizan-token"));
        let verdict: Result<_> = match brings_one {
            true => Err(Error::unauthorized("invalid or expired token")),
            false => Ok(None),
        };
        Box::pin(std::future::ready(verdict))
    }
}

/// Whether there is a bearer token. Another scheme is none, and so is an empty token.
fn bearer(parts: &RequestParts) -> bool {
    let value = parts.headers.get("authorization").unwrap_or_default();
    let (scheme, token) = value.trim().split_once(' ').unwrap_or_default();
    scheme.eq_ignore_ascii_case("bearer") && filled(Some(token))
}

fn filled(value: Option<&str>) -> bool {
    value.is_some_and(|value| !value.trim().is_empty())
}
