//! Sessions in the memory of one process, gone when it ends.

use std::collections::{BTreeSet, HashMap};
use std::future::ready;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{Exchange, Refresh, Session, SessionStore, StoreFuture};

/// How many sessions that are over go with each one that is kept.
const SWEPT: usize = 64;

/// Keeps sessions in the memory of this process.
#[derive(Debug, Default)]
pub struct MemorySessions(Mutex<Sessions>);

/// Ids by the time at which they end.
type Index = BTreeSet<(Instant, String)>;

#[derive(Debug, Default)]
struct Sessions {
    by_id: HashMap<String, (Session, Instant)>,
    by_end: Index,
    /// Everything of a subject.
    of: HashMap<String, Index>,
    /// What depends on no other, by subject.
    roots: HashMap<String, Index>,
    /// What depends on a session.
    children: HashMap<String, Index>,
    /// The last exchange of each session that had one.
    rotations: HashMap<String, Rotation>,
}

/// What is known of the refresh token before the one that is good.
#[derive(Debug)]
struct Rotation {
    last: String,
    /// When its successor was made, in seconds since the epoch.
    issued: u64,
    /// Until when it may come once more.
    until: Instant,
    repeated: bool,
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

    /// The sessions among which one is counted: those of its parent, or of its subject.
    fn siblings(&mut self, session: &Session) -> (&mut HashMap<String, Index>, String) {
        match &session.parent {
            Some(parent) => (&mut self.children, parent.clone()),
            None => (&mut self.roots, session.subject.clone()),
        }
    }

    fn insert(&mut self, id: &str, session: Session, until: Instant) {
        let place = (until, id.to_owned());
        self.by_end.insert(place.clone());
        self.of.entry(session.subject.clone()).or_default().insert(place.clone());
        let (group, key) = self.siblings(&session);
        group.entry(key).or_default().insert(place);
        self.by_id.insert(id.to_owned(), (session, until));
    }

    fn remove(&mut self, id: &str) -> Option<Session> {
        let (session, until) = self.by_id.remove(id)?;
        self.rotations.remove(id);
        let place = (until, id.to_owned());
        self.by_end.remove(&place);
        take(&mut self.of, &session.subject, &place);
        let (group, key) = self.siblings(&session);
        take(group, &key, &place);
        Some(session)
    }

    /// Removes a session, and what depends on it.
    fn end(&mut self, id: &str) {
        let children = self.children.get(id).into_iter().flatten();
        let children: Vec<String> = children.map(|(_, id)| id.clone()).collect();
        children.iter().for_each(|id| drop(self.remove(id)));
        self.remove(id);
    }

    /// Makes room for one more where there are so many already: the ones that end first go.
    fn make_room(&mut self, session: &Session, most: usize) {
        let (group, key) = self.siblings(session);
        let index = group.get(&key);
        let many = index.map_or(0, BTreeSet::len);
        let first = index.into_iter().flatten().take((many + 1).saturating_sub(most));
        let first: Vec<String> = first.map(|(_, id)| id.clone()).collect();
        first.iter().for_each(|id| self.end(id));
    }

    /// Removes some of what is over.
    fn sweep(&mut self) {
        let now = Instant::now();
        for _ in 0..SWEPT {
            match self.by_end.first() {
                Some((until, id)) if *until <= now => drop(self.remove(&id.clone())),
                _ => return,
            }
        }
    }
}

impl Rotation {
    fn may_repeat(&self, last: &str, now: Instant) -> bool {
        self.last == last && !self.repeated && now < self.until
    }
}

fn take(group: &mut HashMap<String, Index>, key: &str, place: &(Instant, String)) {
    if let Some(index) = group.get_mut(key) {
        index.remove(place);
        if index.is_empty() {
            group.remove(key);
        }
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

    fn keep<'a>(
        &'a self,
        id: &'a str,
        session: Session,
        time: Duration,
        most: usize,
    ) -> StoreFuture<'a, ()> {
        let mut sessions = self.lock();
        sessions.sweep();
        if !sessions.is_orphan(&session) {
            sessions.remove(id);
            sessions.make_room(&session, most);
            sessions.insert(id, session, Instant::now() + time);
        }
        kept(())
    }

    fn end<'a>(&'a self, id: &'a str) -> StoreFuture<'a, ()> {
        self.lock().end(id);
        kept(())
    }

    fn end_all<'a>(&'a self, subject: &'a str) -> StoreFuture<'a, ()> {
        let mut sessions = self.lock();
        let own = sessions.of.get(subject).into_iter().flatten();
        let own: Vec<String> = own.map(|(_, id)| id.clone()).collect();
        own.iter().for_each(|id| sessions.end(id));
        kept(())
    }

    fn exchange<'a>(&'a self, id: &'a str, tokens: Exchange<'a>) -> StoreFuture<'a, Refresh> {
        let mut sessions = self.lock();
        let Some(session) = sessions.live(id) else { return kept(Refresh::NoSession) };
        let (good, now) = (session.refresh.clone(), Instant::now());
        if good.as_deref() != Some(tokens.last) {
            let rotation = sessions.rotations.get_mut(id);
            let rotation = rotation.filter(|rotation| rotation.may_repeat(tokens.last, now));
            let (Some(next), Some(rotation)) = (good, rotation) else {
                return kept(Refresh::Reused);
            };
            rotation.repeated = true;
            return kept(Refresh::Repeated { next, issued: rotation.issued });
        }
        let Some(session) = sessions.remove(id) else { return kept(Refresh::NoSession) };
        let next = Session { refresh: Some(tokens.next.to_owned()), ..session };
        sessions.insert(id, next, now + tokens.time);
        let rotation = Rotation {
            last: tokens.last.to_owned(),
            issued: tokens.issued,
            until: now + tokens.grace,
            repeated: false,
        };
        sessions.rotations.insert(id.to_owned(), rotation);
        kept(Refresh::Rotated)
    }

    fn of<'a>(
        &'a self,
        subject: &'a str,
        skip: usize,
        count: usize,
    ) -> StoreFuture<'a, Vec<(String, Session)>> {
        let sessions = self.lock();
        let page = sessions.of.get(subject).into_iter().flat_map(|index| index.iter().rev());
        let own = page.skip(skip).take(count).filter_map(|(_, id)| {
            let session = sessions.live(id).filter(|session| !sessions.is_orphan(session))?;
            Some((id.clone(), session.clone()))
        });
        let own = own.collect();
        drop(sessions);
        kept(own)
    }
}
