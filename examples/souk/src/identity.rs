//! Who is calling: users of the database, who prove it by a session of the framework.

use mizan_core::{Error, Identity, IdentityFuture, Result, UserRequest, UserStore};

use crate::db::{Db, Flag};

/// The permission of those who keep a stall.
const KEEPER: &str = "keeper";

/// What decides the rights of an account.
#[derive(sqlx::FromRow)]
struct Account {
    #[sqlx(try_from = "Flag")]
    staff: bool,
    stall_id: Option<i64>,
}

/// Asked on every request of somebody who has signed in: who is no longer staff is not from then on.
impl UserStore for Db {
    fn identity<'a>(&'a self, subject: &'a str) -> IdentityFuture<'a> {
        Box::pin(async move {
            let Ok(user_id) = subject.parse::<i64>() else { return Ok(None) };
            let account: Option<Account> = sqlx::query_as(
                "SELECT a.staff, s.id AS stall_id FROM accounts a \
                 LEFT JOIN stalls s ON s.user_id = a.user_id WHERE a.user_id = $1",
            )
            .bind(user_id)
            .fetch_optional(self.pool())
            .await?;
            Ok(account.map(|account| {
                let identity = Identity::new(subject).staff(account.staff);
                if account.stall_id.is_some() { identity.permission(KEEPER) } else { identity }
            }))
        })
    }
}

/// The caller's id.
pub(crate) fn caller(request: &UserRequest) -> Result<i64> {
    let subject = request.identity()?.subject();
    subject.parse().map_err(|_| Error::internal(format!("`{subject}` is not the id of a user")))
}

/// Refuses everybody but this user.
pub(crate) fn only(request: &UserRequest, user_id: i64) -> Result<()> {
    if caller(request)? == user_id {
        Ok(())
    } else {
        Err(Error::forbidden("this belongs to another user"))
    }
}

/// A guard: the caller keeps a stall. Which one it is, only the arguments say.
pub(crate) async fn keeps_a_stall(request: &UserRequest) -> Result<bool> {
    Ok(request.identity()?.has_permission(KEEPER))
}
