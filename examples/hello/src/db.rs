//! A database as small as the example.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use mizan_core::{Error, Result};

use crate::Profile;

/// Names by user.
#[derive(Default)]
pub(crate) struct Db(Mutex<BTreeMap<i64, String>>);

impl Db {
    fn names(&self) -> MutexGuard<'_, BTreeMap<i64, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn find(&self, id: i64) -> Result<Profile> {
        let name = self.names().get(&id).cloned().unwrap_or_else(|| format!("User {id}"));
        Ok(Profile { id, name })
    }

    pub(crate) fn rename(&self, id: i64, name: String) -> Result<Profile> {
        if name.trim().is_empty() {
            return Err(Error::field("name", "a name is not empty"));
        }
        self.names().insert(id, name);
        self.find(id)
    }
}
