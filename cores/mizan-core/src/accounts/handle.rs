//! The session of a request in the hands of a function: sign in, sign out, list, end.

use std::sync::{Arc, Mutex, PoisonError};

use super::{Accounts, now};
use crate::error::{Error, Result};
use crate::secret::{hex, random};
use crate::session::{Session, secret};

/// What a request knows of its session, and what the answer says of it.
pub(crate) struct Handle {
    accounts: Arc<Accounts>,
    /// The id of the session, as it is now.
    id: Mutex<Option<String>>,
    /// What the answer sets.
    cookies: Mutex<Vec<String>>,
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Handle")
    }
}

impl Handle {
    pub(crate) fn new(accounts: Arc<Accounts>, id: Option<String>) -> Self {
        Self { accounts, id: Mutex::new(id), cookies: Mutex::default() }
    }

    /// What the answer sets.
    pub(crate) fn cookies(&self) -> Vec<String> {
        std::mem::take(&mut *self.cookies.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn id(&self) -> Option<String> {
        self.id.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn changed(&self, id: Option<String>, cookie: String) {
        *self.id.lock().unwrap_or_else(PoisonError::into_inner) = id;
        let mut cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        cookies.push(cookie);
        cookies.push(self.accounts.fresh_csrf_cookie());
    }
}

/// The session of a request.
#[derive(Debug, Clone, Copy)]
pub struct SessionHandle<'a>(pub(crate) Option<&'a Handle>);

impl SessionHandle<'_> {
    /// Signs somebody in: a new session, whose cookie the answer sets. The session that was there is
    /// ended, so nobody can plant one and wait for it to become somebody's.
    ///
    /// The caller has proved who they are before this is called. `label` is what a list of sessions
    /// shows. Fails with `INTERNAL_ERROR` where the registry has no `.users(…)`.
    pub async fn sign_in(&self, subject: &str, label: &str) -> Result<()> {
        let handle = self.handle()?;
        let accounts = &handle.accounts;
        if let Some(last) = handle.id() {
            accounts.sessions.end(&last).await?;
        }
        let (secret, id) = secret();
        let mut session = Session::new(subject, now());
        session.label = label.chars().filter(|letter| !letter.is_control()).take(100).collect();
        accounts.sessions.keep(&id, session, accounts.session_ttl).await?;
        handle.changed(Some(id), accounts.session_cookie(&secret));
        Ok(())
    }

    /// Ends the session, and every token that was given for it.
    pub async fn sign_out(&self) -> Result<()> {
        let handle = self.handle()?;
        if let Some(id) = handle.id() {
            handle.accounts.sessions.end(&id).await?;
        }
        handle.changed(None, handle.accounts.clearing_cookie());
        Ok(())
    }

    /// The id of the session; `None` where nobody has signed in.
    pub fn id(&self) -> Option<String> {
        self.0.and_then(Handle::id)
    }

    /// The sessions of somebody, those of their tokens included, newest first.
    pub async fn list(&self, subject: &str) -> Result<Vec<(String, Session)>> {
        let mut all = self.handle()?.accounts.sessions.of(subject).await?;
        all.sort_by(|a, b| b.1.started.cmp(&a.1.started).then(a.0.cmp(&b.0)));
        Ok(all)
    }

    /// Ends one session of somebody. Fails with `NOT_FOUND` where they have no such session.
    pub async fn end(&self, subject: &str, id: &str) -> Result<()> {
        let sessions = &self.handle()?.accounts.sessions;
        let own = sessions.find(id).await?.is_some_and(|session| session.subject == subject);
        if !own {
            return Err(Error::not_found("no such session"));
        }
        sessions.end(id).await
    }

    fn handle(&self) -> Result<&Handle> {
        self.0.ok_or_else(|| Error::internal("sessions need `.users(…)` on the builder"))
    }
}

impl Accounts {
    pub(crate) fn session_cookie(&self, secret: &str) -> String {
        self.cookie(self.cookie_name(), secret, self.session_ttl.as_secs())
    }

    pub(crate) fn clearing_cookie(&self) -> String {
        self.cookie(self.cookie_name(), "", 0)
    }

    /// Another sign-in, another CSRF cookie: tokens of before are good no longer.
    fn fresh_csrf_cookie(&self) -> String {
        let name = if self.secure { "__Host-mizan_csrf" } else { "mizan_csrf" };
        let secure = if self.secure { "; Secure" } else { "" };
        format!("{name}={}; Path=/; HttpOnly; SameSite=Lax{secure}", hex(&random::<16>()))
    }

    fn cookie(&self, name: &str, value: &str, seconds: u64) -> String {
        let secure = if self.secure { "; Secure" } else { "" };
        format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
    }
}
