//! Who is calling, by a switcher for development. **This is not a login**: it believes the cookie
//! `souk_user`, which any visitor may set to any id, and there is no password anywhere. It stands in
//! for the sign-in that a market needs before it opens to the public.

use mizan_core::{Authenticator, Error, Identified, Identity, Result, UserRequest};

use crate::db::Db;

/// What a start says about it.
pub const NOTICE: &str = "visitors choose who they are by the cookie `souk_user`: for development only, this is not a login";

const COOKIE: &str = "souk_user";

/// Takes the user that the cookie names, if there is such a user.
pub struct Switcher {
    db: Db,
}

impl Switcher {
    /// A switcher among the users of this database.
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

impl Authenticator for Switcher {
    /// An id that names nobody is a visitor without a name: the database may have been made anew
    /// since the cookie was set.
    fn identify<'a>(&'a self, parts: &'a mizan_core::RequestParts) -> Identified<'a> {
        Box::pin(async move {
            let Some(id) = parts.cookie(COOKIE).and_then(|id| id.parse::<i64>().ok()) else {
                return Ok(None);
            };
            let known: Option<(i64,)> = sqlx::query_as("SELECT id FROM users WHERE id = $1")
                .bind(id)
                .fetch_optional(self.db.pool())
                .await?;
            Ok(known.map(|(id,)| Identity::new(id.to_string())))
        })
    }
}

/// The caller's id, as `Switcher` wrote it into the identity.
pub(crate) fn caller(request: &UserRequest) -> Option<i64> {
    request.user().and_then(|identity| identity.subject().parse().ok())
}

/// Refuses everybody but this user.
pub(crate) fn only(request: &UserRequest, user_id: i64) -> Result<()> {
    request.identity()?;
    match caller(request) == Some(user_id) {
        true => Ok(()),
        false => Err(Error::forbidden("this belongs to another user")),
    }
}
