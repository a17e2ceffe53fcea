//! What the server knows, in memory. Every row of the table has ids of its own, so no row sees another one.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mizan_core::{Desc, Error, Identity, IdentityFuture, Range, Result, UserStore};

use crate::{Order, Profile};

#[derive(Default)]
struct Tables {
    names: BTreeMap<i64, String>,
    posts: BTreeMap<i64, Vec<String>>,
    orders: Vec<Order>,
}

/// All tables; a clone shares them.
#[derive(Clone, Default)]
pub(crate) struct Db(Arc<Mutex<Tables>>);

impl Db {
    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A user without a name of their own has one by the id. A negative id is not a user.
    pub(crate) fn profile(&self, id: i64) -> Result<Profile> {
        if id < 0 {
            return Err(Error::not_found(format!("no user {id}")));
        }
        let name = self.tables().names.get(&id).cloned().unwrap_or_else(|| format!("User {id}"));
        Ok(Profile { id, name })
    }

    pub(crate) fn rename(&self, id: i64, name: String) -> Result<Profile> {
        match name.trim() {
            "" => return Err(Error::field("name", "a name is not empty")),
            "root" => return Err(Error::bad_request("this name is taken")),
            _ => self.tables().names.insert(id, name),
        };
        self.profile(id)
    }

    pub(crate) fn posts(&self, id: i64) -> Vec<String> {
        self.tables().posts.get(&id).cloned().unwrap_or_default()
    }

    pub(crate) fn post(&self, id: i64, text: String) {
        self.tables().posts.entry(id).or_default().push(text);
    }

    pub(crate) fn orders(&self, stall_id: i64, range: &Range<Desc<i64>>) -> Vec<Order> {
        let is_inside = |order: &&Order| {
            let key = Desc(order.id);
            order.stall_id == stall_id
                && range.after().is_none_or(|after| key > *after)
                && range.until().is_none_or(|until| key <= *until)
        };
        let wanted = range.limit() as usize + 1;
        self.tables().orders.iter().rev().filter(is_inside).take(wanted).copied().collect()
    }

    pub(crate) fn count(&self, stall_id: i64) -> usize {
        self.tables().orders.iter().filter(|order| order.stall_id == stall_id).count()
    }

    pub(crate) fn add_orders(&self, stall_id: i64, count: u32) {
        let orders = &mut self.tables().orders;
        for _ in 0..count {
            let id = orders.last().map_or(1, |order| order.id + 1);
            orders.push(Order { id, stall_id });
        }
    }
}

/// A user exists once they have signed in.
impl UserStore for Db {
    fn identity<'a>(&'a self, subject: &'a str) -> IdentityFuture<'a> {
        Box::pin(std::future::ready(Ok(Some(Identity::new(subject)))))
    }
}
