//! The application that `vectors/http_calls.json` describes, as Mizan functions.
//!
//! Left out are the functions whose names this project refuses, and those of the form.

mod contexts;
mod failing;
mod guarded;
mod plain;
mod reads;
mod users;
mod writes;

use std::time::Duration;

use mizan_core::{Builder, Function, Mizan, TokenPolicy, functions};

use super::Fault;

/// Every function of the registry, with the users and sessions of the vectors.
pub(super) async fn build() -> Result<Mizan, Fault> {
    let builder = Builder::empty()
        .functions(functions())
        .check_effects(cfg!(debug_assertions))
        .handle_cli()?;
    let sessions = users::sessions().await.map_err(|error| error.to_string())?;
    // The vectors say that a token is good once, and nothing of a grace.
    let tokens = TokenPolicy { refresh_grace: Some(Duration::ZERO), ..TokenPolicy::default() };
    Ok(builder.users(users::Users).sessions(sessions).tokens(tokens).build()?)
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
