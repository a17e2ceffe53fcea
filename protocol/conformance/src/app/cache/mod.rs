//! A server with a cache, over a database of files that several processes share.
//!
//! `CACHE_DATA` is the folder of the database. The settings of the cache are `CACHE_CONSISTENCY`
//! (`strict`, `session`, `ttl`), `CACHE_ON_BEGIN_FAILURE` (`refuse`, `proceed`),
//! `CACHE_ON_END_FAILURE` (`hold`, `answer`), `CACHE_LEASE_MS`, `CACHE_SETTLE_MS`,
//! `CACHE_READ_TIMEOUT_MS`, `CACHE_WRITE_TIMEOUT_MS`, `CACHE_AWAIT_END`, `CACHE_REPLICAS_ACK` and
//! `CACHE_AUDIT` and `CACHE_ANONYMOUS_ENTRIES`. `CACHE_REV`, `CACHE_MORE_READS` and `CACHE_MORE_WRITES` make another build of it.

mod contexts;
mod policy;
mod reads;
mod writes;

use std::sync::{Arc, OnceLock};

use crate::data::Data;
use mizan_core::{
    Authenticator, Builder, Function, Identity, IdentityFuture, Mizan, RequestParts, Result,
    functions,
};

use self::policy::{policy, setting};
use super::Fault;

/// The registry, for functions that change something on its behalf.
type Registry = Arc<OnceLock<Mizan>>;

pub(super) fn build() -> std::result::Result<Mizan, Fault> {
    let builder = Builder::empty().functions(functions()?).handle_cli()?;
    let data = Data::of_environment()?;
    let policy = policy()?;
    let registry = Registry::default();
    let mizan = builder
        .authenticator(Callers(data.clone()))
        .state(data)
        .state(Arc::clone(&registry))
        .cache_policy(policy)
        .build()?;
    drop(registry.set(mizan.clone()));
    Ok(mizan)
}

/// The functions of this build.
fn functions() -> std::result::Result<Vec<Function>, Fault> {
    let mut functions = functions![
        reads::profile,
        reads::orders,
        reads::mine,
        reads::desk,
        reads::gated,
        reads::brief,
        reads::fresh,
        reads::raw,
        reads::failing,
        writes::rename,
        writes::staff_rename,
        writes::add_order,
        writes::change_mine,
        writes::write_behind,
        writes::hook,
        writes::touch,
        writes::refuse,
        writes::load,
        writes::tell,
        writes::counts,
    ];
    if setting::<u8>("CACHE_MORE_READS")?.is_some() {
        functions.extend(functions![reads::badge]);
    }
    if setting::<u8>("CACHE_MORE_WRITES")?.is_some() {
        functions.extend(functions![writes::change_page]);
    }
    let rev = setting("CACHE_REV")?.unwrap_or(0);
    let revised = |function: Function| match function.name() {
        "profile" => function.rev(rev),
        _ => function,
    };
    Ok(functions.into_iter().map(revised).collect())
}

/// Believes `X-User`, and looks up in the database whether that user is staff.
struct Callers(Data);

impl Authenticator for Callers {
    fn identify<'a>(&'a self, parts: &'a RequestParts) -> IdentityFuture<'a> {
        let known = |user: &str| -> Result<Identity> {
            let staff = self.0.number(&format!("staff-{user}"))? != 0;
            Ok(Identity::new(user).staff(staff))
        };
        let caller = parts.headers.get("x-user").map(known).transpose();
        Box::pin(std::future::ready(caller))
    }
}
