//! Serves the page of hello with a `rename` that fails after it has changed the name. The page shows
//! the new name all the same: an error response names what is stale, like any other.

use std::error::Error;
use std::sync::{Mutex, PoisonError};

use mizan_core::{Context, MemoryCache, Mizan, Result, State, client};
use schemars::JsonSchema;
use serde::Serialize;

#[derive(Context)]
struct UserContext;

#[derive(Serialize, JsonSchema)]
struct Profile {
    id: i64,
    name: String,
}

/// The last name that was given, and to whom.
#[derive(Default)]
struct Db(Mutex<Option<(i64, String)>>);

#[client(context = UserContext)]
async fn user_profile(db: State<Db>, user_id: i64) -> Profile {
    let last = db.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let name = last.filter(|(id, _)| *id == user_id).map(|(_, name)| name);
    Profile { id: user_id, name: name.unwrap_or_else(|| format!("User {user_id}")) }
}

#[client(affects = UserContext)]
async fn rename(db: State<Db>, user_id: i64, name: String) -> Result<Profile> {
    *db.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((user_id, name));
    Err(mizan_core::Error::internal("the letter that tells everybody could not be sent"))
}

fn main() -> Result<(), Box<dyn Error>> {
    mizan_actix::block_on(async {
        let mizan = Mizan::builder().state(Db::default()).cache(MemoryCache::default()).build()?;
        Ok(mizan_actix::run(mizan, "127.0.0.1:8080").await?)
    })
}
