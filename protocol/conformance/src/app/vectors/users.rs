//! The users of the vectors, and the sessions that are open for them from the start.

use std::time::Duration;

use mizan_core::{
    Identity, IdentityFuture, MemorySessions, Result, Session, SessionStore, UserStore,
};

/// Subjects, whether they are staff, and whether they are superusers.
const USERS: &[(&str, bool, bool)] = &[
    ("1", false, false),
    ("2", true, false),
    ("3", true, true),
    ("4", false, true),
    ("9", false, false),
];

/// Longer than any run of a driver.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Knows the users of the vectors.
pub(super) struct Users;

impl UserStore for Users {
    fn identity<'a>(&'a self, subject: &'a str) -> IdentityFuture<'a> {
        let known = USERS.iter().find(|user| user.0 == subject);
        let identity = known.map(|(subject, staff, superuser)| {
            Identity::new(*subject).staff(*staff).superuser(*superuser)
        });
        Box::pin(std::future::ready(Ok(identity)))
    }
}

/// A session for each, `conformance-<subject>`, so that a driver can sign tokens for it.
pub(super) async fn sessions() -> Result<MemorySessions> {
    let sessions = MemorySessions::default();
    for (subject, ..) in USERS {
        let session = Session::new(*subject, 0);
        sessions.keep(&format!("conformance-{subject}"), session, DAY, 100).await?;
    }
    Ok(sessions)
}
