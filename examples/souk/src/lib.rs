//! Souk, a market hall: stalls, goods, baskets and orders over one database of two kinds.
//!
//! [`build`] gives the whole application as one value; `main` serves it, and the tests speak to it
//! without a socket. Reads are grouped into the contexts below, one for each thing that a page shows
//! and that changes as one.

pub mod account;
pub mod bank;
pub mod basket;
pub mod classic;
pub mod db;
pub mod device;
pub mod hall;
pub mod hood;
mod identity;
pub mod orders;
pub mod password;
pub mod profile;
mod rules;
pub mod secrets;
pub mod seed;
pub mod site;
pub mod staff;
pub mod stall;
pub mod way_back;

use std::error::Error;

use mizan_core::{Context, MemoryCache, Mizan, Secret, Webhook};

use crate::classic::Pages;
use crate::db::Db;
use crate::site::Site;

/// The hall: which stalls there are.
#[derive(Context)]
pub struct HallContext;

/// The card of one stall in the hall. The keeper is a parameter, so that a keeper's new name makes
/// exactly this card stale.
#[derive(Context)]
pub struct StallCardContext;

/// One stall with everything on it.
#[derive(Context)]
pub struct StallContext;

/// What one user says about themselves.
#[derive(Context)]
pub struct ProfileContext;

/// What the caller is about to buy.
#[derive(Context)]
pub struct BasketContext;

/// What the caller has bought.
#[derive(Context)]
pub struct OrdersContext;

/// Where the caller is signed in.
#[derive(Context)]
pub struct DevicesContext;

/// What the staff works on.
#[derive(Context)]
pub struct StaffContext;

/// The market over an open database, with the bank that signs like this and the key of its sessions. On a file it is
/// cached in memory; on PostgreSQL, which several processes may share, where the environment names a Redis. Sessions
/// are in the database, or in a Redis that the environment names. Its pages are rendered where a client is built
/// ([`Site::from_env`]).
pub fn build(db: Db, bank: Webhook, session_key: Option<Secret>) -> Result<Mizan, Box<dyn Error>> {
    let is_named = |redis| std::env::var_os(redis).is_some_and(|url| !url.is_empty());
    let in_memory = db.is_file() && !is_named("MIZAN_CACHE_REDIS_URL");
    let sessions = db.sessions().clone();
    let (site, pages) = Site::from_env();
    let builder = Mizan::builder().users(db.clone()).state(db).state(bank).state(Pages::new()?);
    let builder = builder.state(site);
    let builder = match pages {
        Ok(pages) => builder.pages(pages),
        Err(_missing) => builder,
    };
    let builder = if in_memory { builder.cache(MemoryCache::default()) } else { builder };
    let builder = match session_key {
        Some(key) => builder.jwt_private_key(key),
        None => builder,
    };
    let in_redis = is_named("MIZAN_SESSION_REDIS_URL");
    let builder = if in_redis { builder } else { builder.sessions(sessions) };
    Ok(builder.build()?)
}
