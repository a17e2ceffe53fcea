//! The smallest whole application: a name that is read, changed, and read again by itself.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::{Mutex, MutexGuard, PoisonError};

use mizan_core::{Context, Mizan, Result, State, client};
use schemars::JsonSchema;
use serde::Serialize;

#[derive(Context)]
pub struct UserContext;

/// What everybody may see of a user.
#[derive(Serialize, JsonSchema)]
pub struct Profile {
    id: i64,
    name: String,
}

/// The profile of one user.
#[client(context = UserContext)]
async fn user_profile(db: State<Db>, user_id: i64) -> Result<Profile> {
    db.find(user_id)
}

/// Gives a user another name.
#[client(affects = UserContext)]
async fn rename(db: State<Db>, user_id: i64, name: String) -> Result<Profile> {
    if name.trim().is_empty() {
        return Err(mizan_core::Error::field("name", "a name is not empty"));
    }
    db.names().insert(user_id, name);
    db.find(user_id)
}

fn main() -> Result<(), Box<dyn Error>> {
    mizan_core::handle_cli()?;
    mizan_actix::block_on(async {
        let mizan = Mizan::builder().state(Db::default()).build()?;
        Ok(mizan_actix::run(mizan, "127.0.0.1:8080").await?)
    })
}

/// A database as small as the example.
#[derive(Default)]
struct Db(Mutex<BTreeMap<i64, String>>);

impl Db {
    fn names(&self) -> MutexGuard<'_, BTreeMap<i64, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, id: i64) -> Result<Profile> {
        let name = self.names().get(&id).cloned().unwrap_or_else(|| format!("User {id}"));
        Ok(Profile { id, name })
    }
}
