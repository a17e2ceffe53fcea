//! Sessions in the memory of one process, gone when it ends.

use std::collections::HashMap;
use std::future::ready;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{Refresh, Session, SessionStore, StoreFuture};

/// Above so many sessions, those that are over are looked for.
const SWEEP: usize = 1_024;

/// Keeps sessions in the memory of this process.
#[derive(Debug, Default)]
pub struct MemorySessions(Mutex<Sessions>);

#[derive(Debug, Default)]
struct Sessions {
    by_id: HashMap<String, (Session, Instant)>,
    /// How many there may be before the next sweep.
    sweep_at: usize,
}

impl MemorySessions {
    fn lock(&self) -> MutexGuard<'_, Sessions> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sessions {
    fn live(&self, id: &str) -> Option<&Session> {
        let (session, until) = self.by_id.get(id)?;
        (*until > Instant::now()).then_some(session)
    }

    /// Whether a session depends on one that is over.
    fn is_orphan(&self, session: &Session) -> bool {
        session.parent.as_deref().is_some_and(|parent| self.live(parent).is_none())
    }

    fn sweep(&mut self) {
        if self.by_id.len() < self.sweep_at.max(SWEEP) {
            return;
        }
        let now = Instant::now();
        self.by_id.retain(|_, (_, until)| *until > now);
        self.sweep_at = self.by_id.len() * 2;
    }
}

fn kept<'a, T: Send + 'a>(value: T) -> StoreFuture<'a, T> {
    Box::pin(ready(Ok(value)))
}

impl SessionStore for MemorySessions {
    fn find<'a>(&'a self, id: &'a str) -> StoreFuture<'a, Option<Session>> {
        let session = self.lock().live(id).cloned();
        kept(session)
    }

    fn keep<'a>(&'a self, id: &'a str, session: Session, time: Duration) -> StoreFuture<'a, ()> {
        let mut sessions = self.lock();
        sessions.sweep();
        if !sessions.is_orphan(&session) {
            sessions.by_id.insert(id.to_owned(), (session, Instant::now() + time));
        }
        kept(())
    }

    fn end<'a>(&'a self, id: &'a str) -> StoreFuture<'a, ()> {
        let depends = |session: &Session| session.parent.as_deref() == Some(id);
        self.lock().by_id.retain(|known, (session, _)| known != id && !depends(session));
        kept(())
    }

    fn exchange<'a>(
        &'a self,
        id: &'a str,
        last: &'a str,
        next: &'a str,
        time: Duration,
    ) -> StoreFuture<'a, Refresh> {
        let mut sessions = self.lock();
        if sessions.live(id).is_none() {
            return kept(Refresh::NoSession);
        }
        let Some((session, until)) = sessions.by_id.get_mut(id) else {
            return kept(Refresh::NoSession);
        };
        if session.refresh.as_deref() != Some(last) {
            return kept(Refresh::Reused);
        }
        session.refresh = Some(next.to_owned());
        *until = Instant::now() + time;
        kept(Refresh::Rotated)
    }

    fn of<'a>(&'a self, subject: &'a str) -> StoreFuture<'a, Vec<(String, Session)>> {
        let now = Instant::now();
        let sessions = self.lock();
        let live = sessions.by_id.iter().filter(|(_, (_, until))| *until > now);
        let own = live
            .filter(|(_, (session, _))| session.subject == subject && !sessions.is_orphan(session));
        let own = own.map(|(id, (session, _))| (id.clone(), session.clone())).collect();
        drop(sessions);
        kept(own)
    }
}
