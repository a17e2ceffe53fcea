//! The smallest whole application: a name that is read, changed, and read again automatically.

mod db;

use std::error::Error;

use db::Db;
use mizan_actix::{block_on, run};
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
    db.rename(user_id, name)
}

fn main() -> Result<(), Box<dyn Error>> {
    mizan_core::handle_cli()?;
    block_on(async {
        let mizan = Mizan::builder().state(Db::default()).build()?;
        Ok(run(mizan, "127.0.0.1:8080").await?)
    })
}
