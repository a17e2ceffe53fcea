//! The users, and who is calling.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use mizan_core::{
    Context, Identity, IdentityFuture, RawRequest, Result, State, UserRequest, UserStore, client,
};
use schemars::JsonSchema;
use serde::Serialize;

/// Subjects with their rights of now.
#[derive(Clone)]
pub(crate) struct Users(Arc<RwLock<HashMap<String, Identity>>>);

impl Default for Users {
    /// Plain users, `"12"` beside `"012"` among them, and one of staff.
    fn default() -> Self {
        let plain = ["0", "5", "7", "007", "12", "012"].map(Identity::new);
        let all = plain.into_iter().chain([Identity::new("9").staff(true)]);
        let known = all.map(|user| (user.subject().to_owned(), user)).collect();
        Self(Arc::new(RwLock::new(known)))
    }
}

impl UserStore for Users {
    fn identity<'a>(&'a self, subject: &'a str) -> IdentityFuture<'a> {
        let found = self.0.read().unwrap_or_else(PoisonError::into_inner).get(subject).cloned();
        Box::pin(std::future::ready(Ok(found)))
    }
}

/// Who is calling.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Who {
    user: Option<String>,
    staff: bool,
}

impl Who {
    fn of(request: &UserRequest) -> Self {
        let user = request.user();
        Self {
            user: user.map(|user| user.subject().to_owned()),
            staff: user.is_some_and(Identity::is_staff),
        }
    }
}

/// What the caller sees of themselves.
#[derive(Context)]
pub(crate) struct MeContext;

/// Signs in the user that is named.
#[client]
pub(crate) async fn sign_in(request: &RawRequest, name: String) -> Result<()> {
    request.session().sign_in(&name, "the suite").await
}

/// Signs out.
#[client]
pub(crate) async fn sign_out(request: &RawRequest) -> Result<()> {
    request.session().sign_out().await
}

/// Who is calling.
#[client]
pub(crate) async fn whoami(request: &UserRequest) -> Who {
    Who::of(request)
}

/// Who is reading.
#[client(context = MeContext)]
pub(crate) async fn me(request: &UserRequest) -> Who {
    Who::of(request)
}

/// Makes what the caller sees old.
#[client(auth, affects = MeContext)]
pub(crate) async fn touch() {}

/// Gives somebody these rights from now on.
#[client]
pub(crate) async fn set_rights(users: State<Users>, name: String, staff: bool) {
    let identity = Identity::new(name.as_str()).staff(staff);
    users.0.write().unwrap_or_else(PoisonError::into_inner).insert(name, identity);
}

/// Deletes somebody.
#[client]
pub(crate) async fn delete_user(users: State<Users>, name: String) {
    users.0.write().unwrap_or_else(PoisonError::into_inner).remove(&name);
}
