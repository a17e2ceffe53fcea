//! A server with a sign-in that believes everybody, over users whose rights a test may change.
//!
//! `IDENTITY_JWT_RING` and `IDENTITY_MWT_RING` are keys by name, the newest first:
//! `v2=secret,v1=secret`. Everything else is a setting of Mizan itself.

mod failing;
mod guarded;
mod users;

use std::time::Duration;

use mizan_core::{Builder, KeyRing, Mizan, Secret, TokenPolicy, functions};

use self::users::Users;
use super::Fault;

pub(super) fn build() -> Result<Mizan, Fault> {
    let users = Users::default();
    let mut builder = Builder::empty()
        .functions(functions![
            users::sign_in,
            users::sign_out,
            users::whoami,
            users::me,
            users::touch,
            users::set_rights,
            users::delete_user,
            guarded::guarded,
            guarded::staff_only,
            guarded::report,
            guarded::allowed,
            guarded::denied,
            guarded::refused,
            guarded::failed,
            guarded::panicked,
            guarded::gated,
            failing::fail_foreign,
            failing::fail_internal,
            failing::fail_blocking,
            failing::fail_panic,
            failing::leak,
        ])
        .handle_cli()?
        .users(users.clone())
        .state(users);
    // A token is good once where a test asks for nothing else.
    if std::env::var_os("JWT_REFRESH_TOKEN_GRACE").is_none() {
        let refresh_grace = Some(Duration::ZERO);
        builder = builder.tokens(TokenPolicy { refresh_grace, ..TokenPolicy::default() });
    }
    if let Some(keys) = ring("IDENTITY_JWT_RING")? {
        builder = builder.jwt_keys(keys);
    }
    if let Some(keys) = ring("IDENTITY_MWT_RING")? {
        builder = builder.edge_keys(keys);
    }
    Ok(builder.build()?)
}

/// The ring that a variable holds.
fn ring(name: &str) -> Result<Option<KeyRing>, Fault> {
    let Ok(text) = std::env::var(name) else { return Ok(None) };
    let pairs = text.rsplit(',').map(|pair| pair.split_once('=').ok_or("no pair"));
    let mut ring: Option<KeyRing> = None;
    for pair in pairs {
        let (kid, secret) = pair?;
        let secret = Secret::new(secret)?;
        ring = Some(match ring {
            None => KeyRing::from_key(kid, secret)?,
            Some(ring) => ring.rotate_in(kid, secret)?,
        });
    }
    Ok(ring)
}
