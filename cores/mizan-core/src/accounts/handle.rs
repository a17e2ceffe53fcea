//! The session of a request: sign in, sign out, list, end, and the cookies that follow.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Access, Accounts, Caller};
use crate::clock::seconds_now;
use crate::error::{Error, Result};
use crate::head::Headers;
use crate::http::{Csrf, is_random};
use crate::request::{SessionActions, no_accounts};
use crate::session::{Session, StoreFuture, secret};

/// What a request knows of its session, and what the response sets.
pub(crate) struct Handle {
    accounts: Option<Arc<Accounts>>,
    csrf: Arc<Csrf>,
    access: Access,
    /// Whether the browser holds a cookie of a session that is over.
    expired: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The ids of the sessions, as they are now: that of the caller's proof first.
    ids: Vec<String>,
    /// The values of Mizan's cookies as the response leaves them; as the request brought them until then.
    csrf_cookie: Option<String>,
    session_cookie: Option<String>,
    /// What the response sets.
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
        access: Access,
    ) -> Self {
        // The response takes the cookie of a session that is over.
        let session_cookie = caller.expired.then(String::new);
        let state = State { ids: caller.sessions(), session_cookie, ..State::default() };
        Self { accounts, csrf, access, expired: caller.expired, state: Mutex::new(state) }
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

    fn changing(&self) -> Result<&Accounts> {
        let accounts = self.accounts()?;
        match self.access {
            Access::Other => Ok(accounts),
            Access::Read => Err(Error::internal("a read of a context cannot change a session")),
        }
    }

    fn accounts(&self) -> Result<&Accounts> {
        self.accounts.as_deref().ok_or_else(no_accounts)
    }
}

impl SessionActions for Handle {
    fn csrf_token(&self, headers: &Headers) -> String {
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

    fn clearing_cookie(&self) -> Option<String> {
        let accounts = self.accounts.as_ref().filter(|_| self.expired)?;
        Some(accounts.clearing_cookie())
    }

    fn cookies(&self) -> Vec<String> {
        self.state().set.clone()
    }

    fn has_changed(&self) -> bool {
        self.state().changed
    }

    fn has_token(&self) -> bool {
        self.state().csrf_cookie.is_some()
    }

    fn id(&self) -> Option<String> {
        self.ids().into_iter().next()
    }

    fn sign_in<'a>(&'a self, subject: &'a str, label: &'a str) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let accounts = self.changing()?;
            for last in self.ids() {
                accounts.sessions.end(&last).await?;
            }
            let secret = secret();
            let id = accounts.session_keys.id(&secret);
            let mut session = Session::new(subject, seconds_now());
            let shown = label.chars().filter(|character| !character.is_control());
            session.label = shown.take(100).collect();
            let most = accounts.sessions_per_subject;
            accounts.sessions.keep(&id, session, accounts.session_ttl, most).await?;
            let header = accounts.session_cookie(&secret);
            self.changed(Some(id), secret, header);
            Ok(())
        })
    }

    fn sign_out(&self) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            let accounts = self.changing()?;
            for id in self.ids() {
                accounts.sessions.end(&id).await?;
            }
            self.changed(None, String::new(), accounts.clearing_cookie());
            Ok(())
        })
    }

    fn list<'a>(
        &'a self,
        subject: &'a str,
        skip: usize,
        count: usize,
    ) -> StoreFuture<'a, Vec<(String, Session)>> {
        Box::pin(async move {
            let mut page = self.accounts()?.sessions.of(subject, skip, count).await?;
            page.sort_by(|a, b| b.1.started.cmp(&a.1.started).then(a.0.cmp(&b.0)));
            Ok(page)
        })
    }

    fn end_all<'a>(&'a self, subject: &'a str) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let accounts = self.changing()?;
            accounts.sessions.end_all(subject).await?;
            // Next to a bearer token there may be the cookie of another session.
            for own in self.ids() {
                if accounts.sessions.find(&own).await?.is_none() {
                    self.changed(None, String::new(), accounts.clearing_cookie());
                    break;
                }
            }
            Ok(())
        })
    }

    fn end<'a>(&'a self, subject: &'a str, id: &'a str) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let sessions = &self.changing()?.sessions;
            let own = sessions.find(id).await?.is_some_and(|session| session.subject == subject);
            if !own {
                return Err(Error::not_found("no such session"));
            }
            sessions.end(id).await
        })
    }
}

impl Accounts {
    fn session_cookie(&self, secret: &str) -> String {
        self.cookies.set(self.cookies.session(), secret, Some(self.session_ttl.as_secs()))
    }

    fn clearing_cookie(&self) -> String {
        self.cookies.set(self.cookies.session(), "", Some(0))
    }
}
