//! The session of a request in the hands of a function: sign in, sign out, list, end.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Access, Accounts, Caller, now};
use crate::error::{Error, Result};
use crate::http::{Csrf, is_random};
use crate::request::Headers;
use crate::session::{Session, secret};

/// What a request knows of its session, and what the answer says of it.
pub(crate) struct Handle {
    accounts: Option<Arc<Accounts>>,
    csrf: Arc<Csrf>,
    door: Access,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The ids of the sessions, as they are now: that of the caller's proof first.
    ids: Vec<String>,
    /// The values of our cookies as the answer leaves them; as the request brought them until then.
    csrf_cookie: Option<String>,
    session_cookie: Option<String>,
    /// What the answer sets.
    set: Vec<String>,
    changed: bool,
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Handle")
    }
}

impl Handle {
    pub(crate) fn new(
        accounts: Option<Arc<Accounts>>,
        csrf: Arc<Csrf>,
        caller: &Caller,
        door: Access,
    ) -> Self {
        // The answer takes the cookie of a session that is over.
        let session_cookie = caller.expired.then(String::new);
        let state = State { ids: caller.sessions(), session_cookie, ..State::default() };
        Self { accounts, csrf, door, state: Mutex::new(state) }
    }

    /// What the answer sets.
    pub(crate) fn cookies(&self) -> Vec<String> {
        std::mem::take(&mut self.state().set)
    }

    /// Whether somebody was signed in or out.
    pub(crate) fn has_changed(&self) -> bool {
        self.state().changed
    }

    /// A CSRF token for a form of the answer; its cookie is set where the browser has none.
    pub(crate) fn csrf_token(&self, headers: &Headers) -> String {
        let (held, session) = self.csrf.cookies(headers);
        let mut state = self.state();
        let known = state.csrf_cookie.take().or_else(|| held.filter(|held| is_random(held)));
        let cookie = known.unwrap_or_else(|| {
            let (cookie, header) = self.csrf.fresh_cookie();
            state.set.push(header);
            cookie
        });
        let session = state.session_cookie.clone().unwrap_or(session);
        let token = self.csrf.token(&cookie, &session);
        state.csrf_cookie = Some(cookie);
        token
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ids(&self) -> Vec<String> {
        self.state().ids.clone()
    }

    /// Another session, another CSRF cookie: tokens of before are good no longer.
    fn changed(&self, id: Option<String>, session_cookie: String, header: String) {
        let (csrf_cookie, csrf_header) = self.csrf.fresh_cookie();
        *self.state() = State {
            ids: id.into_iter().collect(),
            csrf_cookie: Some(csrf_cookie),
            session_cookie: Some(session_cookie),
            set: vec![header, csrf_header],
            changed: true,
        };
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
    /// shows. Fails with `INTERNAL_ERROR` where the registry has no `.users(…)`, and in a read of a context,
    /// as `sign_out` and `end` do: a link may lead to a read.
    pub async fn sign_in(&self, subject: &str, label: &str) -> Result<()> {
        let (handle, accounts) = self.changing()?;
        for last in handle.ids() {
            accounts.sessions.end(&last).await?;
        }
        let (secret, id) = secret();
        let mut session = Session::new(subject, now());
        session.label = label.chars().filter(|letter| !letter.is_control()).take(100).collect();
        accounts.sessions.keep(&id, session, accounts.session_ttl).await?;
        let header = accounts.session_cookie(&secret);
        handle.changed(Some(id), secret, header);
        Ok(())
    }

    /// Ends the session, and every token that was given for it.
    pub async fn sign_out(&self) -> Result<()> {
        let (handle, accounts) = self.changing()?;
        for id in handle.ids() {
            accounts.sessions.end(&id).await?;
        }
        handle.changed(None, String::new(), accounts.clearing_cookie());
        Ok(())
    }

    /// The id of the session; `None` where nobody has signed in.
    pub fn id(&self) -> Option<String> {
        self.0.and_then(|handle| handle.ids().into_iter().next())
    }

    /// The sessions of somebody, those of their tokens included, newest first.
    pub async fn list(&self, subject: &str) -> Result<Vec<(String, Session)>> {
        let mut all = self.handle()?.1.sessions.of(subject).await?;
        all.sort_by(|a, b| b.1.started.cmp(&a.1.started).then(a.0.cmp(&b.0)));
        Ok(all)
    }

    /// Ends one session of somebody. Fails with `NOT_FOUND` where they have no such session.
    pub async fn end(&self, subject: &str, id: &str) -> Result<()> {
        let sessions = &self.changing()?.1.sessions;
        let own = sessions.find(id).await?.is_some_and(|session| session.subject == subject);
        if !own {
            return Err(Error::not_found("no such session"));
        }
        sessions.end(id).await
    }

    fn changing(&self) -> Result<(&Handle, &Accounts)> {
        let (handle, accounts) = self.handle()?;
        match handle.door {
            Access::Other => Ok((handle, accounts)),
            Access::Read => Err(Error::internal("a read of a context cannot change a session")),
        }
    }

    fn handle(&self) -> Result<(&Handle, &Accounts)> {
        let both = self.0.and_then(|handle| Some((handle, handle.accounts.as_deref()?)));
        both.ok_or_else(|| Error::internal("sessions need `.users(…)` on the builder"))
    }
}

impl Accounts {
    pub(crate) fn session_cookie(&self, secret: &str) -> String {
        self.cookie(self.cookie_name(), secret, self.session_ttl.as_secs())
    }

    pub(crate) fn clearing_cookie(&self) -> String {
        self.cookie(self.cookie_name(), "", 0)
    }

    fn cookie(&self, name: &str, value: &str, seconds: u64) -> String {
        let secure = if self.secure { "; Secure" } else { "" };
        format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
    }
}
